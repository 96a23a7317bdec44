#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/fault/postgres.h"
#include "tests/fault/proxy.h"
#include "tests/fault/spawner.h"

namespace almanac::testing {

// One PostgreSQL and several almanacd, each behind two proxies: clients -> proxy -> almanacd -> proxy -> PostgreSQL.
// All of it, processes and directories, is gone with this object, and with this process however it ends. Faults are
// injected by one thread; what is const may be called by any.
class Cluster {
 public:
  struct Options {
    int replicas = 3;
    // Where CMake built: almanacd is BINARY_DIR/service/almanacd.
    std::string binary_dir = {};
    // What `almanacd serve` is told besides.
    std::vector<std::string> server_flags = {};
    // How many revisions a partition of the change log has; small, so that compaction has some to drop.
    int change_partition_size = 500;
    // Where the logs of the processes are kept; empty: with everything else, so that they go with it.
    std::string log_dir = {};
  };

  // A database of the current schema, and every server up and serving.
  static absl::StatusOr<std::unique_ptr<Cluster>> Start(const Options& options);
  ~Cluster();

  int size() const { return static_cast<int>(servers_.size()); }
  // What clients dial: the proxy before this server.
  std::string address(int replica) const { return servers_.at(replica).client_proxy->address(); }
  // The database itself, as a superuser; no proxy is between.
  std::string database_url() const { return postgres_->url(); }

  Proxy& client_proxy(int replica) { return *servers_.at(replica).client_proxy; }
  Proxy& database_proxy(int replica) { return *servers_.at(replica).database_proxy; }

  // SIGKILL; returns once the process is gone. No effect on one that does not run.
  void KillServer(int replica);
  // Starts it again, and returns once it serves, for which PostgreSQL must run.
  absl::Status StartServer(int replica);
  // SIGSTOP and SIGCONT.
  void Freeze(int replica);
  void Thaw(int replica);
  // Runs `almanacd migrate` on the database itself; an error if its exit code is not 0.
  absl::Status Migrate();

  Postgres& postgres() { return *postgres_; }
  // Runs SQL on the database itself; the first column of its rows.
  absl::StatusOr<std::vector<std::string>> Sql(const std::string& sql) const { return postgres_->Sql(sql); }

  // Undoes what faults do: heals proxies, thaws, makes room on disks, starts what does not run, and waits until every
  // server answers. Each fault ends with it, so that one that failed half-way leaves nothing behind.
  absl::Status Heal();

  // An error that names the servers that ended though nothing here ended them, since this was last asked.
  absl::Status Crashes();

 private:
  struct Server {
    std::unique_ptr<Proxy> client_proxy;
    std::unique_ptr<Proxy> database_proxy;
    pid_t pid = 0;
    bool frozen = false;
  };

  explicit Cluster(Options options) : options_(std::move(options)) {}

  absl::Status Prepare();
  // Waits until the server answers a call through its proxies.
  absl::Status AwaitServing(int replica) const;
  std::string UrlFor(const Server& server) const;
  // The log of a process, to be appended to.
  int OpenLog(const std::string& name) const;
  // Whether the server runs; notes one that ended by itself.
  bool Runs(int replica);

  const Options options_;
  // Before what it started.
  std::unique_ptr<Spawner> spawner_;
  std::unique_ptr<Postgres> postgres_;
  std::vector<Server> servers_;
  std::vector<std::string> crashes_;
};

}  // namespace almanac::testing
