#include "tests/fault/spawner.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"

namespace almanac::testing {
namespace {

constexpr int kFailed = 127;

// Only what POSIX allows between fork and exec while other threads run.
[[noreturn]] void ExecuteInChild(const Spawner::Command& command, char* const* argv, char* const* environment,
                                 const std::vector<int>& namespaces, pid_t parent) {
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int space : namespaces) {
    if (setns(space, 0) != 0) _exit(kFailed);
  }
  const int streams[] = {command.input, command.output, command.error};
  int copies[3];
  for (int i = 0; i < 3; ++i) copies[i] = streams[i] < 0 ? open("/dev/null", O_RDWR) : fcntl(streams[i], F_DUPFD, 3);
  for (int i = 0; i < 3; ++i) {
    if (dup2(copies[i], i) < 0) _exit(kFailed);
  }
  close_range(3, ~0U, 0);
  // What most systems give, whatever this process was given.
  rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(1024, files.rlim_max);
  setrlimit(RLIMIT_NOFILE, &files);
  // A Ctrl-C is for the parent, which ends its children in order.
  setsid();
  const service::Account& account = command.account;
  if (geteuid() == 0 && account.uid != 0 &&
      (setgroups(account.groups.size(), account.groups.data()) != 0 || setgid(account.gid) != 0 ||
       setuid(account.uid) != 0)) {
    _exit(kFailed);
  }
  // Only now: becoming another user takes it back.
  if (command.death_signal != 0 && (prctl(PR_SET_PDEATHSIG, command.death_signal) != 0 || getppid() != parent)) {
    _exit(kFailed);
  }
  if (chdir("/") != 0) _exit(kFailed);
  execve(argv[0], argv, environment);
  _exit(kFailed);
}

absl::StatusOr<pid_t> Fork(const Spawner::Command& command) {
  std::vector<char*> argv;
  for (const std::string& argument : command.argv) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // A clean environment: what the caller's says of PostgreSQL or of almanacd is not meant here.
  std::string path = "PATH=/usr/bin:/bin:/usr/sbin:/sbin";
  std::string locale = "LC_ALL=C.UTF-8";
  char* const environment[] = {path.data(), locale.data(), nullptr};
  std::vector<int> namespaces;
  const absl::Cleanup close_all = [&] {
    for (const int space : namespaces) close(space);
  };
  if (command.inside != 0) {
    // A user's right to enter the one comes from the other; root has it.
    for (const char* name : {"user", "mnt"}) {
      if (geteuid() == 0 && name[0] == 'u') continue;
      namespaces.push_back(open(absl::StrCat("/proc/", command.inside, "/ns/", name).c_str(), O_RDONLY | O_CLOEXEC));
    }
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) ExecuteInChild(command, argv.data(), environment, namespaces, parent);
  if (pid < 0) return absl::InternalError(absl::StrCat("cannot start ", command.argv.front(), ": ", strerror(errno)));
  return pid;
}

}  // namespace

int AwaitExit(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Spawner::Spawner() : thread_([this] { Work(); }) {}

Spawner::~Spawner() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

absl::StatusOr<pid_t> Spawner::Spawn(const Command& command) {
  absl::StatusOr<pid_t> pid;
  absl::Notification done;
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](std::function<void()>* task) { return *task == nullptr; }, &task_));
    task_ = [&] {
      pid = Fork(command);
      done.Notify();
    };
  }
  done.WaitForNotification();
  return pid;
}

absl::StatusOr<int> Spawner::Run(const Command& command) {
  const absl::StatusOr<pid_t> pid = Spawn(command);
  if (!pid.ok()) return pid.status();
  return AwaitExit(*pid);
}

void Spawner::Work() {
  while (true) {
    std::function<void()> task;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](Spawner* self)
               ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) { return self->stopping_ || self->task_ != nullptr; },
          this));
      if (task_ == nullptr) return;
      task = std::exchange(task_, nullptr);
    }
    task();
  }
}

}  // namespace almanac::testing
