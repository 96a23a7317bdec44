#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace almanac::service {

// The user that a child process runs as.
struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;

  // The account of this process.
  static Account Current();
  // Returns NOT_FOUND if there is no such user.
  static absl::StatusOr<Account> ByName(const std::string& name);
  static absl::StatusOr<Account> ByUid(uid_t uid);
};

struct ChildResult {
  // The exit code, or 128 plus the number of the signal that ended it.
  int code = 0;
  // Standard output and standard error, at most the last 16 KiB.
  std::string output;
};

// Runs `argv` (argv[0] is a path) as `account` in a clean environment with no other open file, and waits for it. Only a
// process of root can run as another account. May be called while other threads run. Returns INTERNAL if no process
// could be made; a program that cannot be executed is the code 127.
absl::StatusOr<ChildResult> RunChild(const Account& account, const std::vector<std::string>& argv);

// The first of `directories` that `account` may not pass through, or empty. One that does not exist is not counted.
absl::StatusOr<std::string> FirstImpassable(const Account& account, const std::vector<std::string>& directories);

}  // namespace almanac::service
