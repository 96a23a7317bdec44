#include "service/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace almanac::service {
namespace {

constexpr size_t kKeptOutput = 16 * 1024;
constexpr int kCannotExecute = 127;
constexpr int kCannotBecomeAccount = 126;

// `find` is one of the thread-safe look-ups in the list of users.
template <typename Find>
absl::StatusOr<Account> FromPasswd(const std::string& not_found, const Find& find) {
  std::vector<char> buffer(16 * 1024);
  passwd entry;
  passwd* found = nullptr;
  if (find(&entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return absl::NotFoundError(not_found);
  }
  Account account{.name = entry.pw_name, .uid = entry.pw_uid, .gid = entry.pw_gid, .groups = {}};
  int count = 16;
  account.groups.resize(count);
  if (getgrouplist(entry.pw_name, entry.pw_gid, account.groups.data(), &count) < 0) {
    account.groups.resize(count);
    getgrouplist(entry.pw_name, entry.pw_gid, account.groups.data(), &count);
  }
  account.groups.resize(count);
  return account;
}

// Only what POSIX allows between fork and exec while other threads run, here and in all functions named InChild.
void ResetSignalsInChild() {
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool BecomeInChild(const Account& account) {
  if (geteuid() != 0) return geteuid() == account.uid;
  return setgroups(account.groups.size(), account.groups.data()) == 0 && setgid(account.gid) == 0 &&
         setuid(account.uid) == 0;
}

int WaitFor(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string ReadLast(int fd) {
  std::string output;
  char buffer[4096];
  while (true) {
    const ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return output;
    output.append(buffer, count);
    if (output.size() > kKeptOutput) output.erase(0, output.size() - kKeptOutput);
  }
}

[[noreturn]] void ExecuteInChild(const Account& account, char* const* argv, int output) {
  static char path[] = "PATH=/usr/bin:/bin";
  static char locale[] = "LC_ALL=C.UTF-8";
  char* const environment[] = {path, locale, nullptr};
  ResetSignalsInChild();
  const int input = open("/dev/null", O_RDONLY);
  if (input < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) _exit(kCannotExecute);
  close_range(3, ~0U, 0);
  // The working directory may be closed to the account, which PostgreSQL's programs complain about.
  if (!BecomeInChild(account) || chdir("/") != 0) _exit(kCannotBecomeAccount);
  execve(argv[0], argv, environment);
  _exit(kCannotExecute);
}

}  // namespace

Account Account::Current() {
  const absl::StatusOr<Account> account = ByUid(geteuid());
  if (account.ok()) return *account;
  return Account{.name = absl::StrCat(geteuid()), .uid = geteuid(), .gid = getegid(), .groups = {getegid()}};
}

absl::StatusOr<Account> Account::ByName(const std::string& name) {
  return FromPasswd(absl::StrCat("there is no user ", name),
                    [&](passwd* entry, char* buffer, size_t size, passwd** found) {
                      return getpwnam_r(name.c_str(), entry, buffer, size, found);
                    });
}

absl::StatusOr<Account> Account::ByUid(uid_t uid) {
  return FromPasswd(absl::StrCat("there is no user with the id ", uid),
                    [&](passwd* entry, char* buffer, size_t size, passwd** found) {
                      return getpwuid_r(uid, entry, buffer, size, found);
                    });
}

absl::StatusOr<ChildResult> RunChild(const Account& account, const std::vector<std::string>& argv) {
  std::vector<char*> pointers;
  pointers.reserve(argv.size() + 1);
  for (const std::string& argument : argv) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::InternalError(absl::StrCat("no pipe: ", strerror(errno)));
  const pid_t pid = fork();
  if (pid == 0) ExecuteInChild(account, pointers.data(), ends[1]);
  const int error = errno;
  close(ends[1]);
  ChildResult result;
  if (pid > 0) result.output = ReadLast(ends[0]);
  close(ends[0]);
  if (pid < 0) return absl::InternalError(absl::StrCat("cannot start ", argv[0], ": ", strerror(error)));
  result.code = WaitFor(pid);
  return result;
}

absl::StatusOr<std::string> FirstImpassable(const Account& account, const std::vector<std::string>& directories) {
  // The child's exit code says which one: 0 for none, else one more than its index.
  constexpr size_t kMaxChecked = 100;
  const size_t count = std::min(directories.size(), kMaxChecked);
  const pid_t pid = fork();
  if (pid == 0) {
    if (!BecomeInChild(account)) _exit(kCannotBecomeAccount);
    for (size_t i = 0; i < count; ++i) {
      if (access(directories[i].c_str(), X_OK) != 0 && errno == EACCES) _exit(static_cast<int>(i) + 1);
    }
    _exit(0);
  }
  if (pid < 0) return absl::InternalError(absl::StrCat("cannot start a process: ", strerror(errno)));
  const int code = WaitFor(pid);
  if (code == 0) return std::string();
  if (static_cast<size_t>(code) > count) {
    return absl::InternalError(absl::StrCat("cannot become the user ", account.name));
  }
  return directories[code - 1];
}

}  // namespace almanac::service
