#pragma once

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/child_process.h"
#include "tests/fault/spawner.h"

namespace almanac::testing {

// A PostgreSQL to be killed, whose disks can be full. It has the database `almanac`, is reached over a unix socket
// alone, and lies in a new directory in /tmp.
//
// Its write-ahead log and a tablespace named `small` are file systems of their own, in memory, which need the right to
// mount: root, or a kernel that lets users have namespaces. Where both are missing, all is in the directory, and
// FillDisk says so. Nobody cuts the power here, and what a killed process wrote is kept by the kernel: hence a log in
// memory is as good as one on a disk.
class Postgres {
 public:
  enum class Disk {
    kTablespace,  // that of the tablespace `small`
    kLog,         // that of the write-ahead log
  };

  // Makes the database and starts it. `spawner` must outlive it. `log_path` is where its log goes; empty: into the
  // directory.
  static absl::StatusOr<std::unique_ptr<Postgres>> Start(Spawner& spawner, const std::string& log_path);
  // Stops it and removes the directory.
  ~Postgres();

  // libpq keywords.
  std::string url() const;
  // Where it listens.
  std::string socket_path() const { return directory_ + "/.s.PGSQL.5432"; }
  const std::string& directory() const { return directory_; }
  // Runs SQL as the superuser; the first column of its rows, as text.
  absl::StatusOr<std::vector<std::string>> Sql(const std::string& sql) const;

  // SIGKILL to the postmaster and all its children at once; returns when they are gone.
  void Kill();
  // Starts it if it does not run, and returns once it accepts connections.
  absl::Status EnsureRunning();

  // Leaves no room on a disk; FAILED_PRECONDITION, with what to do, where this user may not mount.
  absl::Status FillDisk(Disk disk);
  absl::Status FreeDisk(Disk disk);

 private:
  Postgres(Spawner& spawner, service::Account account) : spawner_(spawner), account_(std::move(account)) {}

  absl::Status StartKeeper(bool with_disks);
  absl::Status Initialize();
  // Tells the keeper to do something, and waits for its answer.
  absl::Status Tell(const std::string& command);
  std::string ReadAnswer() const;
  void EndKeeper();
  // Starts one of PostgreSQL's programs, where the disks are seen.
  absl::StatusOr<pid_t> SpawnProgram(const std::string& program, const std::vector<std::string>& arguments) const;
  // Whether the postmaster runs; reaps it if it has ended.
  bool IsRunning();

  Spawner& spawner_;
  const service::Account account_;
  std::string directory_;
  int log_ = -1;
  // A shell that holds the disks, and removes all of this when its input ends: also when this process was killed.
  pid_t keeper_ = 0;
  FILE* keeper_input_ = nullptr;
  FILE* keeper_output_ = nullptr;
  absl::Status disks_;
  pid_t postmaster_ = 0;
};

}  // namespace almanac::testing
