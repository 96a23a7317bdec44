#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/embedded_postgres.h"

namespace almanac::testing {

// What a command line did.
struct CommandResult {
  int code = -1;
  std::string output;  // of both streams

  std::vector<std::string> lines() const;
  bool Says(const std::string& words) const { return output.find(words) != std::string::npos; }
};

// Runs a command line by the shell.
CommandResult Shell(const std::string& command);

// A command line that runs beside the test, by the shell, in a process group of its own. Killed at the end.
class BackgroundProgram {
 public:
  // What it prints goes to the files `output`.out and `output`.err, after what they have.
  BackgroundProgram(const std::string& command, std::string output);
  ~BackgroundProgram();

  // Sends a signal to the whole group, as Ctrl-C in a terminal does.
  void Signal(int signal) const;
  // Waits for the end; returns the exit code, -1 after a signal.
  int Wait();
  std::string out() const;
  std::string err() const;

 private:
  const std::string output_;
  pid_t pid_;
};

// The text of a file; empty if there is none.
std::string TextOf(const std::string& file);

// A PostgreSQL cluster of a test's own, to be killed and started at will. Removed at the end.
class TestCluster {
 public:
  TestCluster();
  // A hot standby of `primary`, which streams from it.
  static TestCluster StandbyOf(const TestCluster& primary);
  ~TestCluster();

  const std::string& url() const { return postgres_->url(); }
  // What it has logged.
  std::string Log() const;
  // SIGKILL to the postmaster and all its children, as when the machine dies.
  void Kill();
  // Starts it again; returns once it accepts connections.
  void Start();

 private:
  explicit TestCluster(std::string directory);

  std::string directory_;
  std::unique_ptr<service::EmbeddedPostgres> postgres_;
};

// An almanacd as a process of its own.
class ServerProcess {
 public:
  // Starts it and waits until it serves. A port of 0 takes a free one; Start keeps it afterwards.
  explicit ServerProcess(std::string database_url);
  ~ServerProcess();

  void Start();
  // Sends a signal and waits for the end; returns the status of wait(2).
  int Signal(int signal);
  std::string address() const { return "127.0.0.1:" + port_; }

 private:
  const std::string database_url_;
  std::string port_ = "0";
  pid_t pid_ = 0;
};

}  // namespace almanac::testing
