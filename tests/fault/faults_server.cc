#include <string>

#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/fault/faults.h"

// Servers that are killed or frozen, at a random moment or at a chosen one of a commit.
namespace almanac::testing {
namespace {

using Trap = Proxy::Trap;

// How long to wait for somebody to write.
constexpr absl::Duration kCommitLimit = absl::Seconds(30);
// How long the others may take to go on: a frozen session is ended after 5 seconds; the rest is for slow machines.
constexpr absl::Duration kOthersLimit = absl::Seconds(30);

// Chooses a server, waits until it commits, and holds its COMMIT or the answer to it.
absl::Status TrapCommit(Cluster& cluster, absl::BitGenRef random, Trap trap, Injection& injection) {
  injection.replica = AnyReplica(cluster, random);
  Proxy& proxy = cluster.database_proxy(injection.replica);
  proxy.SetTrap(kCommitMessage, trap);
  if (proxy.AwaitTrapped(kCommitLimit)) return absl::OkStatus();
  return absl::DeadlineExceededError(absl::StrCat("server ", injection.replica, " was given nothing to commit"));
}

absl::StatusOr<int64_t> Head(const Cluster& cluster) {
  const absl::StatusOr<std::vector<std::string>> rows = cluster.Sql("select revision from head");
  if (!rows.ok()) return rows.status();
  int64_t revision = 0;
  if (!absl::SimpleAtoi(rows->front(), &revision)) return absl::InternalError("head has no revision");
  return revision;
}

// Waits until somebody writes.
absl::Status AwaitProgress(const Cluster& cluster) {
  const absl::StatusOr<int64_t> before = Head(cluster);
  if (!before.ok()) return before.status();
  for (const absl::Time deadline = absl::Now() + kOthersLimit; absl::Now() < deadline;) {
    const absl::StatusOr<int64_t> now = Head(cluster);
    if (!now.ok()) return now.status();
    if (*now > *before) return absl::OkStatus();
    absl::SleepFor(absl::Milliseconds(100));
  }
  return absl::DeadlineExceededError("one server was frozen in a batch, and the others did not go on");
}

absl::Status KillAnywhere(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  injection.replica = AnyReplica(cluster, random);
  const absl::Duration down = Between(random, absl::ZeroDuration(), absl::Seconds(2));
  cluster.KillServer(injection.replica);
  absl::SleepFor(down);
  injection.what = absl::StrCat("SIGKILL, started again after ", absl::FormatDuration(down));
  return absl::OkStatus();
}

absl::Status KillBeforeCommit(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  if (absl::Status status = TrapCommit(cluster, random, Trap::kHoldRequest, injection); !status.ok()) return status;
  cluster.KillServer(injection.replica);
  cluster.database_proxy(injection.replica).Cut(Proxy::Ending::kReset);
  injection.what = "SIGKILL with all of a batch written; its COMMIT never arrived";
  return absl::OkStatus();
}

absl::Status KillDuringCommit(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  if (absl::Status status = TrapCommit(cluster, random, Trap::kHoldRequest, injection); !status.ok()) return status;
  // PostgreSQL ends the session after 5 seconds: sometimes the COMMIT comes before that, sometimes after.
  const absl::Duration late = Between(random, absl::ZeroDuration(), absl::Seconds(7));
  cluster.KillServer(injection.replica);
  absl::SleepFor(late);
  cluster.database_proxy(injection.replica).Heal();
  injection.what =
      absl::StrCat("SIGKILL while its COMMIT was under way, which arrived ", absl::FormatDuration(late), " later");
  return absl::OkStatus();
}

absl::Status KillAfterCommit(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  if (absl::Status status = TrapCommit(cluster, random, Trap::kHoldAnswer, injection); !status.ok()) return status;
  const absl::Duration after = Between(random, absl::ZeroDuration(), absl::Milliseconds(200));
  absl::SleepFor(after);
  cluster.KillServer(injection.replica);
  injection.what =
      absl::StrCat("SIGKILL ", absl::FormatDuration(after), " after its COMMIT arrived, whose answer it never got");
  return absl::OkStatus();
}

absl::Status FreezeAnywhere(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  injection.replica = AnyReplica(cluster, random);
  const absl::Duration frozen = Between(random, absl::Milliseconds(100), absl::Seconds(12));
  cluster.Freeze(injection.replica);
  absl::SleepFor(frozen);
  injection.what = absl::StrCat("SIGSTOP for ", absl::FormatDuration(frozen));
  return absl::OkStatus();
}

absl::Status FreezeInBatch(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  if (absl::Status status = TrapCommit(cluster, random, Trap::kHoldRequest, injection); !status.ok()) return status;
  cluster.Freeze(injection.replica);
  const absl::Time frozen = absl::Now();
  if (cluster.size() > 1) {
    if (absl::Status status = AwaitProgress(cluster); !status.ok()) return status;
  }
  const absl::Duration others = absl::Now() - frozen;
  absl::SleepFor(Between(random, absl::ZeroDuration(), absl::Seconds(3)));
  injection.what = absl::StrCat("SIGSTOP inside a batch; the others went on after ", absl::FormatDuration(others));
  return absl::OkStatus();
}

}  // namespace

std::vector<Fault> ServerFaults() {
  return {
      MakeFault("kill-server", KillAnywhere),
      MakeFault("kill-before-commit", KillBeforeCommit),
      MakeFault("kill-during-commit", KillDuringCommit),
      MakeFault("kill-after-commit", KillAfterCommit),
      MakeFault("freeze-server", FreezeAnywhere),
      MakeFault("freeze-in-batch", FreezeInBatch),
  };
}

}  // namespace almanac::testing
