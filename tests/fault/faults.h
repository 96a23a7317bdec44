#pragma once

#include <functional>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/fault/cluster.h"

namespace almanac::testing {

// What a run of a fault did, for the account of the whole run.
struct Injection {
  int replica = -1;     // -1: none in particular
  std::string what;     // in words: what was done, with its measures
  absl::Status status;  // why it could not be injected, or not be healed; then the run has failed
};

// Something that goes wrong. `run` injects it, holds it for a while, heals it, and returns once all servers answer
// again. It chooses by `random` alone, so that the same seed does the same.
struct Fault {
  std::string name;
  std::function<Injection(Cluster&, absl::BitGenRef random)> run;
};

// All faults, in the order of docs/faults.md.
const std::vector<Fault>& Faults();

// Their kinds.
std::vector<Fault> ServerFaults();
std::vector<Fault> NetworkFaults();
std::vector<Fault> DatabaseFaults();

// A fault of `inject`, which does all but healing, and sets what is particular to it in `injection`.
using Inject = std::function<absl::Status(Cluster&, absl::BitGenRef random, Injection& injection)>;
Fault MakeFault(std::string name, Inject inject);

// The message by which a server commits, for a trap.
inline const std::string kCommitMessage(
    "Q\0\0\0\x0b"
    "COMMIT\0",
    12);

// A session of somebody else on the database, in a transaction that did `sql`; without one if that is empty.
class ForeignSession {
 public:
  ForeignSession(const Cluster& cluster, const std::string& sql);
  ~ForeignSession();

  // Why it is not there, or could not do it.
  const absl::Status& status() const { return status_; }
  // Rolls back and disconnects.
  void End();

 private:
  absl::Status status_;
  std::unique_ptr<pqxx::connection> connection_;
  std::unique_ptr<pqxx::work> transaction_;
};

// Sessions until PostgreSQL takes no more.
std::vector<std::unique_ptr<ForeignSession>> TakeAllConnections(const Cluster& cluster);

// Leaves no room for writes with a request id, and makes room again.
absl::Status FillTables(Cluster& cluster);
absl::Status FreeTables(Cluster& cluster);

// Opens connections to a port of this machine, holds them and closes them; how many there were.
int Storm(int port, int connections, absl::Duration held);

// A duration between these, whole milliseconds.
absl::Duration Between(absl::BitGenRef random, absl::Duration least, absl::Duration most);
// Chooses a server.
int AnyReplica(const Cluster& cluster, absl::BitGenRef random);

}  // namespace almanac::testing
