#include "client/event_command.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/backoff.h"
#include "client/change_text.h"
#include "client/json.h"

namespace almanac::client {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Minutes(1);

constexpr std::string_view kOurs[] = {"ALMANAC_EVENT", "ALMANAC_REVISION",     "ALMANAC_RESOURCE", "ALMANAC_KIND",
                                      "ALMANAC_TYPE",  "ALMANAC_CHANGE_ACTOR", "ALMANAC_SERVER"};

using Variables = std::vector<std::pair<std::string, std::string>>;

// What a command is told.
struct Told {
  std::string input;
  Variables variables;
  std::string about;  // For notes.
};

std::string_view KindOf(const v1::Resource& resource) {
  switch (resource.resource_case()) {
    case v1::Resource::kPublisher:
      return "PUBLISHER";
    case v1::Resource::kDataset:
      return "DATASET";
    case v1::Resource::kReleasePlan:
      return "RELEASE_PLAN";
    case v1::Resource::kCommitment:
      return "COMMITMENT";
    case v1::Resource::RESOURCE_NOT_SET:
      return "";
  }
  return "";
}

Told TellOf(const Follower::Event& event) {
  switch (event.type) {
    case Follower::Event::kChange: {
      const v1::Change& change = event.response.change();
      return {ToJson(change, -1),
              {{"ALMANAC_EVENT", "CHANGE"},
               {"ALMANAC_REVISION", absl::StrCat(change.revision())},
               {"ALMANAC_RESOURCE", change.resource()},
               {"ALMANAC_KIND", v1::ResourceKind_Name(change.kind())},
               {"ALMANAC_TYPE", v1::Change::Type_Name(change.type())},
               {"ALMANAC_CHANGE_ACTOR", change.actor()}},
              absl::StrCat("revision ", change.revision())};
    }
    case Follower::Event::kSnapshotResource: {
      const v1::Resource& resource = event.response.snapshot_resource();
      const std::string name = NameOf(resource);
      return {ToJson(resource, -1),
              {{"ALMANAC_EVENT", "SNAPSHOT_RESOURCE"},
               {"ALMANAC_RESOURCE", name},
               {"ALMANAC_KIND", std::string(KindOf(resource))}},
              absl::StrCat(name, " of the snapshot")};
    }
    case Follower::Event::kSnapshotEnd: {
      const v1::SnapshotEnd& end = event.response.snapshot_end();
      return {ToJson(end, -1),
              {{"ALMANAC_EVENT", "SNAPSHOT_END"}, {"ALMANAC_REVISION", absl::StrCat(end.revision())}},
              "the end of the snapshot"};
    }
    default:
      return {"{}", {{"ALMANAC_EVENT", "SNAPSHOT_BEGIN"}}, "the beginning of the snapshot"};
  }
}

// Our environment, with `variables` in place of all that are ours to set.
std::vector<std::string> EnvironmentWith(const Variables& variables) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view name(*entry, std::strcspn(*entry, "="));
    bool ours = false;
    for (const std::string_view other : kOurs) ours = ours || name == other;
    if (!ours) environment.emplace_back(*entry);
  }
  for (const auto& [name, value] : variables) environment.push_back(absl::StrCat(name, "=", value));
  return environment;
}

// A file without a name that holds `text`, open at its beginning. A pipe would have to be written while the command
// reads, or does not. Returns -1 and sets errno if there is no room.
int OpenInput(const std::string& text) {
  const int file = memfd_create("almanac-event", MFD_CLOEXEC);
  for (size_t written = 0; file >= 0 && written < text.size();) {
    const ssize_t count = write(file, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      close(file);
      errno = error;
      return -1;
    }
    written += static_cast<size_t>(count);
  }
  if (file >= 0) lseek(file, 0, SEEK_SET);
  return file;
}

// Starts `command` in a process group of its own, so that Ctrl-C in the terminal is for us alone, and with the signals
// of a fresh process. Returns an error number.
int Spawn(const std::string& command, int input, const std::vector<std::string>& environment, pid_t& pid) {
  std::string shell = "/bin/sh";
  std::string option = "-c";
  std::string script = command;
  char* arguments[] = {shell.data(), option.data(), script.data(), nullptr};
  std::vector<std::string> texts = environment;
  std::vector<char*> variables;
  for (std::string& text : texts) variables.push_back(text.data());
  variables.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t usual = none;
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM}) sigaddset(&usual, signal);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error = posix_spawn(&pid, shell.c_str(), &files, &attributes, arguments, variables.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

}  // namespace

EventCommand::EventCommand(Options options, std::ostream& notes) : options_(std::move(options)), notes_(notes) {}

void EventCommand::Stop() {
  absl::MutexLock lock(&mutex_);
  if (!stopped_.HasBeenNotified()) stopped_.Notify();
}

void EventCommand::Signal(int signal) {
  absl::MutexLock lock(&mutex_);
  if (running_ != 0) kill(-running_, signal);
}

std::string EventCommand::RunOnce(const std::string& input, const std::vector<std::string>& environment) {
  const int file = OpenInput(input);
  if (file < 0) return absl::StrCat("its input could not be made: ", std::strerror(errno));
  pid_t pid = 0;
  {
    absl::MutexLock lock(&mutex_);
    const int error = Spawn(options_.command, file, environment, pid);
    close(file);
    if (error != 0) return absl::StrCat("/bin/sh could not be started: ", std::strerror(error));
    running_ = pid;
  }
  siginfo_t info;
  while (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  // Only now is the number of the process given back, so that Signal never means another one.
  absl::MutexLock lock(&mutex_);
  running_ = 0;
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  if (WIFEXITED(status)) return absl::StrCat("exit code ", WEXITSTATUS(status));
  return absl::StrCat("ended by signal ", WTERMSIG(status));
}

absl::Status EventCommand::Run(const Follower::Event& event) {
  Told told = TellOf(event);
  told.variables.emplace_back("ALMANAC_SERVER", options_.server);
  const std::vector<std::string> environment = EnvironmentWith(told.variables);
  const std::string input = told.input + "\n";
  Backoff backoff(kFirstPause, kLongestPause);
  for (int64_t tries = 1;; ++tries) {
    if (stopped_.HasBeenNotified()) return absl::CancelledError();
    const std::string fault = RunOnce(input, environment);
    if (fault.empty()) return absl::OkStatus();
    const std::string failed = absl::StrCat("the command failed on ", told.about, " (", fault, ")");
    if (tries > options_.max_retries) {
      return absl::FailedPreconditionError(
          absl::StrCat(failed, tries == 1 ? "" : absl::StrCat(", ", tries, " times"),
                       "\n  nothing was skipped: the same command line goes on with that one"));
    }
    if (stopped_.HasBeenNotified()) return absl::CancelledError();
    const absl::Duration pause = backoff.Next();
    notes_ << "almanac: " << failed << "; trying again in " << absl::StrFormat("%.1f", absl::ToDoubleSeconds(pause))
           << " s\n";
    if (stopped_.WaitForNotificationWithTimeout(pause)) return absl::CancelledError();
  }
}

}  // namespace almanac::client
