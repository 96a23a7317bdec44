#include "client/program.h"

#include <utf8proc.h>

#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/checks.h"
#include "client/errors.h"
#include "client/settings.h"

namespace almanac::client {
namespace {

constexpr char kAbout[] =
    "Works with a catalogue of open data and of the promises made about it: what is to be released, by when, and what "
    "became of it.";

constexpr char kCommands[] = "Commands";

constexpr char kFooter[] =
    R"(Names: a resource is named whole (publishers/swd/plans/2022-2024) or by its ids alone (swd/2022-2024), as tables show
it. Where a list is asked for, `-` in place of an id means every one: almanac commitment list --plan swd/-

Lists: on a terminal `list` of publishers, datasets, plans and commitments ends after 1,000 and says how many there are;
elsewhere it has all. --filter says which, and --order-by in which order; docs/filters.md says how they are written.

Languages: of a text in several languages, tables and CSV show the one that --language TAG or ALMANAC_LANGUAGE asks for:
that tag, else one that begins with it, else one of its language and script, else one of its language. Without a wish or
such a text it is the first there is of zh-Hans-HK, zh-Hant-HK, en, any other. JSON and YAML always have all.

Writes: --dry-run checks a write without doing it; --etag refuses it if the resource changed meanwhile; a write that is
repeated with the same --request-id happens once. `update` refuses by itself to overwrite what others changed since it
read the resource; with --request-id it does so only if --etag is given too.

Reads: an answer has everything that was written before the command began. Where servers read from copies of the database
that lag, --consistency any takes what there is at once, and --consistency 42 waits for revision 42, such as a write told.

Exit codes:
  0  done
  1  refused by the server, or an input that cannot be used
  2  the command line is wrong
  3  there is no such resource
  4  conflict: the resource was changed in the meantime
  5  no server, or no answer in time
  130 interrupted by Ctrl-C; `watch` says where to go on

Examples:
  almanac status
  almanac plan import plan.txt --publisher swd --dry-run
  almanac plan progress swd/2022-2024
  almanac commitment list --plan swd/2022-2024 -o csv
  almanac search 长者
  almanac report --publisher swd --html swd.html
  almanac watch --since 0
  almanac dataset get swd/daily-figures --consistency 42

almanac COMMAND --help says more of a command.)";

// The innermost command that the arguments named.
CLI::App& Innermost(CLI::App& root) {
  CLI::App* app = &root;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

std::string Example(const std::string& commands) {
  return absl::StrCat("Example:\n  ", absl::StrReplaceAll(commands, {{"\n", "\n  "}}));
}

std::string PathOf(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : absl::StrCat(PathOf(*app.get_parent()), " ", app.get_name());
}

bool IsUtf8(const char* text) {
  utf8proc_int32_t code = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text);
  while (*bytes != 0) {
    const utf8proc_ssize_t length = utf8proc_iterate(bytes, -1, &code);
    if (length <= 0) return false;
    bytes += length;
  }
  return true;
}

}  // namespace

Program::Program(std::ostream& out, std::ostream& err, int width)
    : out_(out), err_(err), width_(width), root_(kAbout, "almanac") {
  root_.require_subcommand(1);
  root_.fallthrough();
  root_.set_help_flag("-h,--help", "Print this help and exit");
  root_.set_version_flag("--version", absl::StrCat("almanac ", Version()), "Print the version and exit");
  root_.get_formatter()->column_width(32);
  root_.get_formatter()->label("SUBCOMMAND", "COMMAND");
  root_.footer(kFooter);
  AddSharedOptions(root_, Verb());
}

CLI::App& Program::AddNoun(const std::string& name, const std::string& summary, const std::string& example) {
  CLI::App& noun = *root_.add_subcommand(name, summary);
  noun.group(kCommands);
  noun.footer(absl::StrCat(Example(example), "\n\nalmanac ", name, " COMMAND --help says more of a command."));
  noun.require_subcommand(1);
  return noun;
}

CLI::App& Program::AddVerb(CLI::App& noun, const Verb& verb, Action action) {
  CLI::App& command = *noun.add_subcommand(verb.name, verb.summary);
  command.callback([this, verb, action = std::move(action)] {
    verb_ = verb;
    action_ = action;
  });
  command.group(kCommands);
  command.footer(Example(verb.example));
  verbs_.emplace_back(&command, verb);
  return command;
}

void Program::AddSharedOptions(CLI::App& command, const Verb& verb) {
  const std::string group = "Shared options";
  const auto add = [&](const char* flags, std::string& value, const std::string& help, const char* type) {
    command.add_option(flags, value, help)->type_name(type)->check(NotEmpty())->group(group);
  };
  if (!verb.formats.empty()) {
    add("-o,--output", settings_.format,
        absl::StrCat("How to print: ", FormatChoices(verb.formats), " (a table if not given)"), "FORMAT");
  }
  add("--language", settings_.language,
      "The language of texts in tables and CSV, such as zh-Hant-HK or en (else ALMANAC_LANGUAGE)", "TAG");
  if (verb.offline) return;
  add("--server", settings_.server, "The server (else ALMANAC_SERVER, else 127.0.0.1:7461)", "HOST:PORT");
  add("--actor", settings_.actor, "Who you are, for the change log (else ALMANAC_ACTOR, else your user name)", "NAME");
  add("--timeout", settings_.timeout, "How long to wait for an answer, such as 30 or 2m (30 seconds if not given)",
      "TIME");
  add("--consistency", settings_.consistency,
      "How fresh what is read must be: strong, any, or at least of a revision (strong if not given)", "strong|any|REV");
}

int Program::ExplainUsage(const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    root_.exit(error, out_, err_);
    out_.flush();
    return kDone;
  }
  CLI::App& app = Innermost(root_);
  std::vector<std::string> known;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(sub->get_name());
  }
  const std::vector<std::string> unknown = root_.remaining(true);
  std::string message = error.what();
  if (!known.empty() && !unknown.empty() && unknown.front().rfind('-', 0) != 0) {
    message = absl::StrCat("unknown command \"", unknown.front(), "\": choose one of ", absl::StrJoin(known, ", "));
  } else if (!known.empty()) {
    message = absl::StrCat(unknown.empty() ? "a command is missing" : message, ": choose one of ",
                           absl::StrJoin(known, ", "));
  }
  err_ << "almanac: " << message << "\n  see " << PathOf(app) << " --help\n";
  return kUsage;
}

absl::Status Program::RunChosen() {
  const absl::StatusOr<Format> format = ResolveFormat(settings_.format, verb_.formats);
  const absl::StatusOr<std::string> server = ResolveServer(settings_.server);
  const absl::StatusOr<std::string> actor = ResolveActor(settings_.actor);
  const absl::StatusOr<absl::Duration> timeout = ResolveTimeout(settings_.timeout);
  const absl::StatusOr<v1::Consistency> consistency = ResolveConsistency(settings_.consistency);
  const absl::StatusOr<Language> language = ResolveLanguage(settings_.language);
  if (!format.ok()) return format.status();
  if (!language.ok()) return language.status();
  for (const absl::Status& status : {server.status(), actor.status(), timeout.status(), consistency.status()}) {
    if (!status.ok() && !verb_.offline) return status;
  }
  const Printer printer(out_, *format, *language, width_);
  // Before the connection, whose threads must not be the ones to get signals.
  Interrupt interrupt;
  Connection connection({server.value_or(""), actor.value_or(""), timeout.value_or(absl::ZeroDuration()),
                         consistency.value_or(v1::Consistency())},
                        err_);
  Session session{connection, printer, err_, interrupt};
  return action_(session);
}

int Program::Run(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    if (IsUtf8(argv[i])) continue;
    err_ << "almanac: argument " << i << " is not UTF-8 text; a file of such a name can be read with: - < FILE\n";
    return kUsage;
  }
  // Last, so that help shows them below what is the verb's own.
  for (const auto& [command, verb] : verbs_) AddSharedOptions(*command, verb);
  try {
    root_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ExplainUsage(error);
  }
  absl::Status status = RunChosen();
  out_.flush();
  if (!out_.good() && !ReaderHasGone(out_) && status.ok())
    status = absl::DataLossError("the output could not be written");
  if (status.ok()) return kDone;
  err_ << "almanac: " << Explain(status) << "\n";
  return ExitCodeOf(status);
}

}  // namespace almanac::client
