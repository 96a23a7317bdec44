#include <grpcpp/grpcpp.h>

#include <exception>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <thread>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "tests/fault/faults.h"

// What happens to the database: it dies, its disks are full, others use it, it is migrated and compacted.
namespace almanac::testing {
namespace {

// How much longer than it was meant to a fault is held until it has hit something.
constexpr absl::Duration kEffectLimit = absl::Seconds(30);

absl::Status KillPostgres(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  const absl::Duration down = Between(random, absl::ZeroDuration(), absl::Seconds(3));
  cluster.postgres().Kill();
  absl::SleepFor(down);
  injection.what = absl::StrCat("SIGKILL, started again after ", absl::FormatDuration(down));
  return absl::OkStatus();
}

absl::Status TerminateBackends(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  const int times = absl::Uniform(absl::IntervalClosed, random, 1, 8);
  const double share = absl::Uniform(random, 0.1, 1.0);
  int64_t ended = 0;
  for (int i = 0; i < times; ++i) {
    const absl::StatusOr<std::vector<std::string>> rows =
        cluster.Sql(absl::StrCat("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                                 " where application_name = 'almanacd' and (random() < ",
                                 share,
                                 " or pid = (select min(pid) from pg_stat_activity"
                                 "                  where application_name = 'almanacd'))"));
    if (!rows.ok()) return rows.status();
    int64_t count = 0;
    if (absl::SimpleAtoi(rows->front(), &count)) ended += count;
    absl::SleepFor(Between(random, absl::ZeroDuration(), absl::Milliseconds(300)));
  }
  if (ended == 0) return absl::NotFoundError("no server had a session that could be ended");
  injection.what = absl::StrCat(ended, " sessions ended by pg_terminate_backend, in ", times, " blows");
  return absl::OkStatus();
}

absl::Status DiskFull(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  const absl::Duration held = Between(random, absl::Seconds(1), absl::Seconds(5));
  if (absl::Status status = FillTables(cluster); !status.ok()) return status;
  absl::SleepFor(held);
  injection.what = absl::StrCat("no room for rows for ", absl::FormatDuration(held));
  return FreeTables(cluster);
}

absl::Status LogDiskFull(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  const absl::Duration held = Between(random, absl::Seconds(3), absl::Seconds(8));
  if (absl::Status status = cluster.postgres().FillDisk(Postgres::Disk::kLog); !status.ok()) return status;
  bool is_full = false;
  const absl::Time end = absl::Now() + held;
  for (; absl::Now() < end || (!is_full && absl::Now() < end + kEffectLimit); absl::SleepFor(absl::Milliseconds(100))) {
    // Uses up the files that were made before; fails, once there is no room.
    if (!cluster.Sql("select pg_logical_emit_message(true, 'filler', repeat('x', 10000000))").ok()) is_full = true;
  }
  if (!is_full) return absl::DeadlineExceededError("the disk of the write-ahead log did not get full");
  injection.what = absl::StrCat("no room for the write-ahead log for ", absl::FormatDuration(held));
  return absl::OkStatus();
}

// Reads of one server that all wait, more than it has connections.
absl::Status ExhaustPool(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  constexpr int kReads = 100;
  injection.replica = AnyReplica(cluster, random);
  const absl::Duration held = Between(random, absl::Seconds(1), absl::Seconds(4));
  ForeignSession session(cluster, "lock table plans in access exclusive mode");
  if (!session.status().ok()) return session.status();
  const auto channel = grpc::CreateChannel(cluster.address(injection.replica), grpc::InsecureChannelCredentials());
  const auto stub = almanac::v1::ReleasePlanService::NewStub(channel);
  std::vector<std::thread> readers;
  for (int i = 0; i < kReads; ++i) {
    readers.emplace_back([&] {
      grpc::ClientContext context;
      context.set_deadline(absl::ToChronoTime(absl::Now() + held + absl::Seconds(5)));
      almanac::v1::ListReleasePlansRequest request;
      request.set_parent("publishers/-");
      almanac::v1::ListReleasePlansResponse answer;
      stub->ListReleasePlans(&context, request, &answer);
    });
  }
  absl::SleepFor(held);
  const absl::StatusOr<std::vector<std::string>> waiting = cluster.Sql(
      "select count(*) from pg_stat_activity where application_name = 'almanacd' and wait_event_type = 'Lock'");
  session.End();
  for (std::thread& reader : readers) reader.join();
  if (!waiting.ok()) return waiting.status();
  if (waiting->front() == "0") return absl::DeadlineExceededError("no read waited for the lock");
  injection.what =
      absl::StrCat(kReads, " reads on ", waiting->front(), " connections that waited ", absl::FormatDuration(held));
  return absl::OkStatus();
}

absl::Status ExhaustConnections(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  const absl::Duration held = Between(random, absl::Seconds(1), absl::Seconds(4));
  injection.replica = AnyReplica(cluster, random);
  std::vector<std::unique_ptr<ForeignSession>> sessions;
  for (const absl::Time end = absl::Now() + held; absl::Now() < end; absl::SleepFor(absl::Milliseconds(50))) {
    for (auto& session : TakeAllConnections(cluster)) sessions.push_back(std::move(session));
    // What the server loses now it may not get again.
    cluster.database_proxy(injection.replica).Cut(Proxy::Ending::kReset);
  }
  injection.what =
      absl::StrCat(sessions.size(), " foreign sessions took all connections for ", absl::FormatDuration(held));
  return absl::OkStatus();
}

// A transaction of somebody else, that did `sql` and goes on.
Inject ForeignTransaction(std::string sql, absl::Duration least, absl::Duration most) {
  return [=](Cluster& cluster, absl::BitGenRef random, Injection& injection) -> absl::Status {
    const absl::Duration held = Between(random, least, most);
    ForeignSession session(cluster, sql);
    if (!session.status().ok()) return session.status();
    absl::SleepFor(held);
    injection.what = absl::StrCat("for ", absl::FormatDuration(held), ": ", sql);
    return absl::OkStatus();
  };
}

absl::Status MigrateTwice(Cluster& cluster, absl::BitGenRef, Injection& injection) {
  absl::Status other;
  std::thread at_once([&] { other = cluster.Migrate(); });
  absl::Status status = cluster.Migrate();
  at_once.join();
  status.Update(other);
  injection.what = "two `almanacd migrate` at once";
  return status;
}

absl::Status Compact(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  int64_t dropped = 0;
  const absl::Duration held = Between(random, absl::Seconds(2), absl::Seconds(6));
  const absl::Time end = absl::Now() + held;
  // The first one may not be full yet.
  const auto goes_on = [&] { return absl::Now() < end || (dropped == 0 && absl::Now() < end + kEffectLimit); };
  for (; goes_on(); absl::SleepFor(absl::Milliseconds(100))) {
    // All that may be dropped, so that the edge is as near to the head as it can be.
    const absl::StatusOr<std::vector<std::string>> oldest = cluster.Sql(
        "select last_revision from change_partitions where last_revision < (select revision from head) order by 1");
    if (!oldest.ok()) return oldest.status();
    for (const std::string& through : *oldest) {
      if (!goes_on()) break;
      const absl::StatusOr<std::vector<std::string>> done =
          cluster.Sql(absl::StrCat("select summarize_changes(", through, ", ", through,
                                   ");"
                                   " select coalesce(compact_changes(",
                                   through, "), false)"));
      if (!done.ok()) return done.status();
      if (done->front() != "t") break;
      ++dropped;
    }
  }
  if (dropped == 0) return absl::DeadlineExceededError("nothing could be dropped from the log");
  injection.what = absl::StrCat(dropped, " partitions of the log dropped in ", absl::FormatDuration(held));
  return absl::OkStatus();
}

}  // namespace

ForeignSession::ForeignSession(const Cluster& cluster, const std::string& sql) {
  try {
    connection_ = std::make_unique<pqxx::connection>(cluster.database_url());
    if (sql.empty()) return;
    transaction_ = std::make_unique<pqxx::work>(*connection_);
    transaction_->exec(sql);
  } catch (const std::exception& error) {
    status_ = absl::UnavailableError(absl::StrCat("a foreign session: ", sql, ": ", error.what()));
  }
}

ForeignSession::~ForeignSession() { End(); }

void ForeignSession::End() {
  transaction_.reset();
  connection_.reset();
}

std::vector<std::unique_ptr<ForeignSession>> TakeAllConnections(const Cluster& cluster) {
  std::vector<std::unique_ptr<ForeignSession>> sessions;
  while (true) {
    auto session = std::make_unique<ForeignSession>(cluster, "");
    if (!session->status().ok()) return sessions;
    sessions.push_back(std::move(session));
  }
}

absl::Status FillTables(Cluster& cluster) {
  if (absl::Status status = FreeTables(cluster); !status.ok()) return status;
  // The index of the requests that are still to come: each that is kept needs room on the small disk.
  absl::Status status = cluster
                            .Sql(absl::StrCat("create index no_room on requests (request_id) tablespace small"
                                              " where create_time > '",
                                              absl::FormatTime(absl::Now(), absl::UTCTimeZone()), "'"))
                            .status();
  status.Update(cluster.postgres().FillDisk(Postgres::Disk::kTablespace));
  return status;
}

absl::Status FreeTables(Cluster& cluster) {
  absl::Status status = cluster.postgres().FreeDisk(Postgres::Disk::kTablespace);
  status.Update(cluster.Sql("drop index if exists no_room").status());
  return status;
}

std::vector<Fault> DatabaseFaults() {
  return {
      MakeFault("kill-postgres", KillPostgres),
      MakeFault("terminate-backends", TerminateBackends),
      MakeFault("disk-full", DiskFull),
      MakeFault("log-disk-full", LogDiskFull),
      MakeFault("pool-exhaustion", ExhaustPool),
      MakeFault("connections-exhausted", ExhaustConnections),
      MakeFault("foreign-snapshot",
                ForeignTransaction("set transaction isolation level repeatable read; select count(*) from datasets",
                                   absl::Seconds(3), absl::Seconds(12))),
      MakeFault("foreign-row-lock",
                ForeignTransaction("select count(*) from (select from datasets order by random() limit 3 for update)"
                                   " as locked",
                                   absl::Seconds(1), absl::Seconds(5))),
      MakeFault("foreign-head-lock",
                ForeignTransaction("select revision from head for update", absl::Seconds(4), absl::Seconds(4))),
      MakeFault("migrate-twice", MigrateTwice),
      MakeFault("compaction", Compact),
  };
}

}  // namespace almanac::testing
