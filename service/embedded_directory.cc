#include "service/embedded_directory.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace almanac::service {
namespace {

namespace fs = std::filesystem;

constexpr char kSocketName[] = "/.s.PGSQL.5432";

// The absolute path without symbolic links: /proc shows it so.
absl::StatusOr<std::string> CheckedPath(const std::string& dir) {
  std::error_code error;
  if (dir.empty()) return absl::InvalidArgumentError("the directory of the embedded database is empty");
  std::string path = fs::weakly_canonical(fs::absolute(dir, error), error).string();
  if (error) return absl::InvalidArgumentError(absl::StrCat(dir, ": ", error.message()));
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  for (const char c : path) {
    // They mean something to libpq's keywords, to PostgreSQL's lists or to the shell that pg_ctl uses.
    if (static_cast<unsigned char>(c) < ' ' || strchr(",'\"`$\\", c) != nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          path,
          " cannot hold an embedded database: choose a path without commas, quotes, $, backslashes and control "
          "characters"));
    }
  }
  constexpr size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;
  const size_t length = path.size() + strlen(kSocketName);
  if (length > kMaxSocketPath) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is too long for an embedded database: its socket's path would take ", length,
                     " bytes, the system allows ", kMaxSocketPath, "; choose a shorter path"));
  }
  return path;
}

// Who owns the cluster, or is to own it.
absl::StatusOr<Account> AccountFor(const std::string& path) {
  struct stat info;
  const std::string data = path + "/data";
  const bool exists = stat(data.c_str(), &info) == 0;
  if (geteuid() != 0) {
    if (!exists || info.st_uid == geteuid()) return Account::Current();
    return absl::InvalidArgumentError(
        absl::StrCat(data, " belongs to the user with the id ", info.st_uid, ": run as that user, or as root"));
  }
  if (!exists) {
    const absl::StatusOr<Account> postgres = Account::ByName("postgres");
    return postgres.ok() ? postgres : Account::ByName("nobody");
  }
  if (info.st_uid == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(data, " belongs to root, as whom PostgreSQL refuses to run: give it to another user by chown -R"));
  }
  absl::StatusOr<Account> owner = Account::ByUid(info.st_uid);
  if (owner.ok()) return owner;
  return Account{.name = absl::StrCat(info.st_uid), .uid = info.st_uid, .gid = info.st_gid, .groups = {info.st_gid}};
}

absl::Status CheckPassable(const std::string& path, const Account& account) {
  std::vector<std::string> parents;
  for (fs::path parent = fs::path(path).parent_path(); parent != parent.root_path(); parent = parent.parent_path()) {
    parents.insert(parents.begin(), parent.string());
  }
  const absl::StatusOr<std::string> closed = FirstImpassable(account, parents);
  if (!closed.ok()) return closed.status();
  if (closed->empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("PostgreSQL runs as the user ", account.name, ", who may not pass through ", *closed, " to ", path,
                   ": choose a directory elsewhere, such as one below /var/lib, or allow it by chmod o+x ", *closed));
}

// Makes the directory and gives it to `account`, unless it holds something else.
absl::Status Prepare(const std::string& path, const Account& account) {
  if (absl::Status status = CheckPassable(path, account); !status.ok()) return status;
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("cannot make ", path, ": ", error.message()));
  const bool empty = fs::is_empty(path, error);
  if (error)
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", path, ": ", error.message(), "; run as its owner or as root"));
  if (!empty && !fs::exists(path + "/setup.lock") && !fs::exists(path + "/data/PG_VERSION")) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is not empty and holds no embedded database: choose a new or an empty directory"));
  }
  if (geteuid() == 0 && chown(path.c_str(), account.uid, account.gid) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot give ", path, " to ", account.name, ": ", strerror(errno)));
  }
  if (chmod(path.c_str(), 0700) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot close ", path, " to others: ", strerror(errno)));
  }
  return CheckPassable(path, account);
}

}  // namespace

absl::StatusOr<EmbeddedDirectory> PrepareEmbeddedDirectory(const std::string& dir) {
  const absl::StatusOr<std::string> path = CheckedPath(dir);
  if (!path.ok()) return path.status();
  const absl::StatusOr<Account> account = AccountFor(*path);
  if (!account.ok()) return account.status();
  if (absl::Status status = Prepare(*path, *account); !status.ok()) return status;
  return EmbeddedDirectory{.path = *path, .account = *account};
}

}  // namespace almanac::service
