#include "tests/integration/processes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "service/child_process.h"
#include "service/embedded_directory.h"
#include "tests/fault/postmaster.h"

namespace almanac::testing {

std::vector<std::string> CommandResult::lines() const { return absl::StrSplit(output, '\n', absl::SkipEmpty()); }

CommandResult Shell(const std::string& command) {
  CommandResult result;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  char buffer[4096];
  for (size_t n = 0; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) result.output.append(buffer, n);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) result.code = WEXITSTATUS(status);
  return result;
}

std::string TextOf(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

BackgroundProgram::BackgroundProgram(const std::string& command, std::string output) : output_(std::move(output)) {
  const std::string line = absl::StrCat("exec ", command, " >> '", output_, ".out' 2>> '", output_, ".err'");
  pid_ = fork();
  if (pid_ == 0) {
    setpgid(0, 0);
    execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    _exit(127);
  }
  setpgid(pid_, pid_);  // By whoever comes first.
}

BackgroundProgram::~BackgroundProgram() {
  if (pid_ == 0) return;
  Signal(SIGKILL);
  Wait();
}

void BackgroundProgram::Signal(int signal) const { kill(-pid_, signal); }

int BackgroundProgram::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string BackgroundProgram::out() const { return TextOf(output_ + ".out"); }

std::string BackgroundProgram::err() const { return TextOf(output_ + ".err"); }

namespace {

std::string NewDirectory() {
  char path[] = "/tmp/almanac-cluster.XXXXXX";
  return mkdtemp(path);
}

}  // namespace

TestCluster::TestCluster() : TestCluster(NewDirectory()) {}

TestCluster::TestCluster(std::string directory) : directory_(std::move(directory)) {
  auto started = service::EmbeddedPostgres::Start(directory_);
  EXPECT_TRUE(started.ok()) << started.status();
  postgres_ = *std::move(started);
}

TestCluster TestCluster::StandbyOf(const TestCluster& primary) {
  const std::string directory = NewDirectory();
  const auto place = service::PrepareEmbeddedDirectory(directory);
  EXPECT_TRUE(place.ok()) << place.status();
  const auto copied = service::RunChild(
      place->account, {"/usr/bin/env", "pg_basebackup", "-h", primary.directory_, "-p", "5432", "-U", "postgres", "-D",
                       directory + "/data", "-X", "stream", "-c", "fast", "-R", "--no-sync"});
  EXPECT_TRUE(copied.ok() && copied->code == 0) << copied.status() << (copied.ok() ? copied->output : "");
  return TestCluster(directory);
}

std::string TestCluster::Log() const {
  std::ostringstream text;
  text << std::ifstream(directory_ + "/postgresql.log").rdbuf();
  return text.str();
}

TestCluster::~TestCluster() {
  postgres_.reset();
  std::filesystem::remove_all(directory_);
}

void TestCluster::Kill() {
  pid_t postmaster = 0;
  std::ifstream(directory_ + "/data/postmaster.pid") >> postmaster;
  ASSERT_GT(postmaster, 0);
  KillPostmaster(postmaster);
}

void TestCluster::Start() {
  absl::Status running = postgres_->EnsureRunning();
  EXPECT_TRUE(running.ok()) << running;
}

ServerProcess::ServerProcess(std::string database_url) : database_url_(std::move(database_url)) { Start(); }

ServerProcess::~ServerProcess() {
  if (pid_ != 0) Signal(SIGKILL);
}

void ServerProcess::Start() {
  int output[2];
  ASSERT_EQ(pipe2(output, O_CLOEXEC), 0);
  const std::string binary = ALMANAC_BINARY_DIR "/service/almanacd";
  const std::string listen = "127.0.0.1:" + port_;
  pid_ = fork();
  if (pid_ == 0) {
    dup2(output[1], STDOUT_FILENO);
    execl(binary.c_str(), "almanacd", "serve", "--database-url", database_url_.c_str(), "--listen", listen.c_str(),
          "--migrate", "--log-level", "error", nullptr);
    _exit(127);
  }
  close(output[1]);
  FILE* lines = fdopen(output[0], "r");
  char line[200] = "";
  const char* read = fgets(line, sizeof(line), lines);
  fclose(lines);
  ASSERT_NE(read, nullptr) << binary << " did not start";
  std::string address(line);
  address.erase(address.find_last_not_of('\n') + 1);
  port_ = address.substr(address.rfind(':') + 1);
}

int ServerProcess::Signal(int signal) {
  kill(pid_, signal);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return status;
}

}  // namespace almanac::testing
