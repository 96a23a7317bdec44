#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/child_process.h"
#include "service/embedded_directory.h"

namespace almanac::service {

struct EmbeddedPostgresOptions {
  // Where initdb, postgres, pg_ctl and pg_isready are. Empty means Debian's place, else what `pg_config` says.
  std::string binary_directory;
  // How long the cluster may take to accept connections, crash recovery included.
  absl::Duration start_timeout = absl::Minutes(5);
};

// A private PostgreSQL 15 cluster in a directory of its own, reached only over a unix socket in that directory:
// `DIR/data` is the cluster, `DIR/postgresql.log` its log. Commits are durable.
//
// PostgreSQL refuses to run as root: as root its programs run as the owner of DIR/data, or for a new cluster as the
// user postgres, or nobody where there is none, and DIR is given to that user with mode 0700.
//
// The cluster outlives a process that is killed: the next Start on the directory adopts it as it runs, or starts it and
// PostgreSQL recovers. Several processes may use one directory; the last one to stop stops the cluster. Nothing here
// watches for a postmaster that dies meanwhile: call EnsureRunning from time to time.
class EmbeddedPostgres {
 public:
  // Makes the cluster in `dir` if there is none, starts it if it does not run, and waits until it accepts connections.
  // Returns INVALID_ARGUMENT if `dir` cannot serve (the message says why and what to do), FAILED_PRECONDITION if
  // PostgreSQL 15 is not installed or the cluster is of another version, and UNAVAILABLE, with the end of the log, if
  // it does not start in time.
  static absl::StatusOr<std::unique_ptr<EmbeddedPostgres>> Start(const std::string& dir,
                                                                 const EmbeddedPostgresOptions& options = {});

  EmbeddedPostgres(const EmbeddedPostgres&) = delete;
  EmbeddedPostgres& operator=(const EmbeddedPostgres&) = delete;
  // Stops as Stop does.
  ~EmbeddedPostgres();

  // libpq keywords of the database `almanac`, as a superuser.
  const std::string& url() const { return url_; }

  // Starts the cluster again if its postmaster is gone; costs next to nothing if it is there. Blocks for as long as
  // recovery takes. Errors as of Start; a later call may succeed. Safe from any thread.
  absl::Status EnsureRunning();

  // Shuts the cluster down (fast: open transactions are rolled back) and waits for its end, unless another process uses
  // the directory. Later calls do nothing. Safe from any thread.
  absl::Status Stop();

 private:
  class LockFile;

  EmbeddedPostgres(EmbeddedDirectory place, std::string binaries, absl::Duration start_timeout);

  // Runs `body` while no other process sets this cluster up, starts it or stops it.
  absl::Status Exclusively(const std::function<absl::Status()>& body);
  absl::Status CreateCluster();
  absl::Status StartCluster();
  absl::Status StopCluster();
  absl::Status WaitUntilAccepting();
  // The postmaster that runs on this cluster, or 0.
  pid_t RunningPid() const;
  absl::StatusOr<ChildResult> Run(const std::string& program, const std::vector<std::string>& arguments) const;
  absl::Status Failed(const std::string& what, const std::string& output) const;

  const std::string dir_;
  const std::string data_;
  const std::string log_;
  const std::string binaries_;
  const Account account_;
  const absl::Duration start_timeout_;
  const std::string url_;
  absl::Mutex mutex_;
  // Held exclusively while the cluster is made, started or stopped.
  std::unique_ptr<LockFile> setup_lock_;
  // Held shared by each process that uses the cluster: who gets it exclusively is the last.
  std::unique_ptr<LockFile> users_lock_;
  bool stopped_ = false;
};

}  // namespace almanac::service
