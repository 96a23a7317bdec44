// The command line as a tree of nouns and verbs, and the running of the verb that was chosen.
#ifndef ALMANAC_CLIENT_PROGRAM_H_
#define ALMANAC_CLIENT_PROGRAM_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "client/connection.h"
#include "client/interrupt.h"
#include "client/output.h"

namespace almanac::client {

// What a verb works with.
struct Session {
  Connection& connection;
  const Printer& printer;
  std::ostream& notes;  // Standard error: what is no result.
  Interrupt& interrupt;
};

// Does what a verb says. Its status decides the exit code and, if not OK, the message.
using Action = std::function<absl::Status(Session&)>;

// What `--help` says of a verb, and how it may print.
struct Verb {
  std::string name;
  std::string summary;
  // One or more commands, each on its own line, that show it in use.
  std::string example;
  // None for a verb whose output has a form of its own.
  std::vector<Format> formats = {Format::kTable, Format::kJson, Format::kYaml, Format::kCsv, Format::kName};
  // Whether it works without a server.
  bool offline = false;
};

// Builds the command line, parses it, and runs one verb. One object serves one run.
class Program {
 public:
  // Results go to `out`, everything else to `err`; `width` is the terminal's, 0 for unlimited.
  Program(std::ostream& out, std::ostream& err, int width);

  // Adds `almanac NAME`, which needs a verb. `example` is as in Verb.
  CLI::App& AddNoun(const std::string& name, const std::string& summary, const std::string& example);

  // Adds a verb to a noun, or a command without verbs to root(). `action` runs after the command line was understood.
  CLI::App& AddVerb(CLI::App& noun, const Verb& verb, Action action);

  CLI::App& root() { return root_; }

  // Runs the verb that the arguments name and returns the exit code.
  int Run(int argc, const char* const* argv);

 private:
  // What the user gave; empty means not given.
  struct Settings {
    std::string format, language, server, actor, timeout, consistency;
  };

  void AddSharedOptions(CLI::App& command, const Verb& verb);
  int ExplainUsage(const CLI::ParseError& error);
  absl::Status RunChosen();

  std::ostream& out_;
  std::ostream& err_;
  int width_;
  CLI::App root_;
  Settings settings_;
  std::vector<std::pair<CLI::App*, Verb>> verbs_;
  Verb verb_;
  Action action_;
};

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_PROGRAM_H_
