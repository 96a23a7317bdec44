#include <gmock/gmock.h>
#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <pqxx/pqxx>
#include <thread>

#include "tests/integration/partition_size.h"
#include "tests/integration/processes.h"
#include "tests/integration/retention_fixture.h"

// What leaves the log and what stays: the policy, one partition at a time as a whole, and who else is at work
// meanwhile.
namespace almanac::testing {
namespace {

using almanac::v1::ChangeService;
using almanac::v1::RetentionPolicy;

constexpr absl::Duration kInterval = absl::Milliseconds(100);

service::Server::Options With(const RetentionPolicy& policy) {
  service::Server::Options options;
  options.retention = policy;
  options.retention_interval = kInterval;
  return options;
}

class RetentionTest : public RetentionFixture {
 protected:
  // The catalogue's time, in microseconds after the change with this revision.
  void SetClockAfter(int64_t revision, absl::Duration later) {
    const std::string micros = Sql(absl::StrCat("select micros(change_time) from changes where revision = ", revision));
    database_.SetClock(absl::FromUnixMicros(std::stoll(micros)) + later);
  }

  // Waits until a statement of a compaction is `state`, by pg_stat_activity.
  void AwaitCompaction(const std::string& state) {
    EXPECT_TRUE(Eventually([&] { return Compactions(state) != "0"; })) << "nobody compacts";
  }
  std::string Compactions(const std::string& state) {
    return Sql(
        absl::StrCat("select count(*) from pg_stat_activity where datname = current_database()"
                     " and query ~ '^select (summarize|compact)_changes' and ",
                     state));
  }
};

// A session that holds on to something.
class Holder {
 public:
  Holder(const TestDatabase& database, const std::string& sql) : connection_(database.url()), work_(connection_) {
    work_.exec(sql);
  }
  void LetGo() { work_.commit(); }

 private:
  pqxx::connection connection_;
  pqxx::work work_;
};

TEST_F(RetentionTest, APartitionGoesOnceAllOfItIsBeyondTheNewest) {
  WriteUpTo(24);
  EXPECT_EQ(Compact(Newest(15)), 0);
  WriteUpTo(25);
  EXPECT_EQ(Compact(Newest(16)), 0);
  EXPECT_EQ(Compact(Newest(15)), 10);
  EXPECT_EQ(Compact(Newest(15)), 0);
  EXPECT_EQ(Sql("select min(revision) || '-' || max(revision) from changes"), "11-25");
  EXPECT_EQ(Sql("select compacted_revision from head"), "10");
  CheckWhole(database_.url());
}

TEST_F(RetentionTest, SummariesAreWrittenAPieceAtATimeAndCountForNothingBeforeTheirPartitionGoes) {
  WriteUpTo(25);
  EXPECT_EQ(Sql("select summarize_changes(10, 4)"), "f");
  EXPECT_EQ(Sql("select count(*) from change_summaries"), "4");
  EXPECT_EQ(Sql("select summarize_changes(10, 4)"), "f");
  CheckWhole(database_.url());
  EXPECT_THROW(Sql("select compact_changes(10)"), pqxx::sql_error) << "two have none yet";
  almanac::v1::ListChangesRequest list;
  list.set_resource_prefix("publishers/swd");
  list.set_show_compacted(true);
  const auto changes = Call(client_->changes.get(), &ChangeService::Stub::ListChanges, list).changes();
  EXPECT_EQ(changes.size(), 25);
  for (const auto& change : changes) EXPECT_FALSE(change.summary_only()) << change.name();
  EXPECT_EQ(Sql("select summarize_changes(10, 4)"), "t");
  EXPECT_EQ(Sql("select summarize_changes(10, 4)"), "t");
  EXPECT_EQ(Sql("select max(revision) from change_summaries"), "10");
  EXPECT_EQ(Compact(Newest(15)), 10);
  CheckWhole(database_.url());
}

TEST_F(RetentionTest, APartitionGoesOnceAllOfItIsOldEnough) {
  database_.SetClock(absl::FromUnixSeconds(1'700'000'000));
  WriteUpTo(9);
  database_.SetClock(absl::FromUnixSeconds(1'700'000'000) + absl::Hours(30));
  WriteUpTo(15);
  SetClockAfter(10, absl::Hours(48) - absl::Microseconds(1));
  EXPECT_EQ(Compact(Younger(absl::Hours(48))), 0) << "its last change is younger";
  SetClockAfter(10, absl::Hours(48));
  EXPECT_EQ(Compact(Younger(absl::Hours(49))), 0);
  EXPECT_EQ(Compact(Younger(absl::Hours(48))), 10);
  CheckWhole(database_.url());
}

TEST_F(RetentionTest, EitherLimitLetsAPartitionGoAndNoneKeepsAll) {
  database_.SetClock(absl::FromUnixSeconds(1'700'000'000));
  WriteUpTo(35);
  SetClockAfter(35, absl::Hours(2));
  EXPECT_EQ(Compact({}), 0);
  RetentionPolicy both = Younger(absl::Hours(3));
  both.set_max_changes(25);
  EXPECT_EQ(Compact(both), 10) << "though it is young";
  EXPECT_EQ(Compact(both), 0);
  both = Younger(absl::Hours(1));
  both.set_max_changes(1000);
  EXPECT_EQ(Compact(both), 20) << "though it is among the newest";
  CheckWhole(database_.url());
}

TEST_F(RetentionTest, TheNewestPartitionStays) {
  database_.SetClock(absl::FromUnixSeconds(1'700'000'000));
  RetentionPolicy least = Younger(absl::Hours(1));
  least.set_max_changes(1);
  EXPECT_EQ(Compact(least), 0) << "an empty log";
  WriteUpTo(20);
  SetClockAfter(20, absl::Hours(24 * 365));
  EXPECT_EQ(Compact(least), 10);
  EXPECT_EQ(Compact(least), 0) << "though all of it is old and it is full";
  EXPECT_EQ(Sql("select count(*) from changes"), "10");
  WriteUpTo(21);
  EXPECT_EQ(Compact(least), 20);
  EXPECT_EQ(Compact(least), 0);
  WriteUpTo(22);
  CheckWhole(database_.url());
}

TEST_F(RetentionTest, WhatIsLeftOfAChangeIsAllButWhatChanged) {
  WriteUpTo(11);
  almanac::v1::UpdateDatasetRequest update;
  update.mutable_dataset()->set_name("publishers/swd/datasets/d3");
  (*update.mutable_dataset()->mutable_titles())["en"] = "Another";
  (*update.mutable_dataset()->mutable_remarks())["en"] = "New";
  Call(client_->datasets.get(), &almanac::v1::DatasetService::Stub::UpdateDataset, update);
  head_ = 12;
  WriteUpTo(35);
  database_.Sql("create table before as select * from changes");
  EXPECT_EQ(Compact(Newest(10)), 10);
  EXPECT_EQ(Compact(Newest(10)), 20);
  const std::string columns =
      "resource, revision, change_time, actor, request_id, kind, type, changed_fields, last_of_write";
  EXPECT_EQ(
      Sql(absl::StrCat("select count(*) from (select ", columns, " from before where revision <= 20 intersect select ",
                       columns, " from change_summaries) both_have")),
      "20");
  EXPECT_EQ(Sql("select changed_fields::text from change_summaries where resource = 'publishers/swd/datasets/d3'"
                " order by revision desc limit 1"),
            "{remarks,titles}");
  CheckWhole(database_.url());
}

TEST_F(RetentionTest, OfServersThatComeTogetherOneDoesIt) {
  WriteUpTo(25);
  std::vector<std::unique_ptr<TestServer>> servers;
  for (int i = 0; i < 4; ++i) servers.push_back(std::make_unique<TestServer>(database_.url()));
  std::vector<int64_t> compacted(servers.size(), -1);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < servers.size(); ++i) {
    threads.emplace_back([&, i] { compacted[i] = Compact(servers[i]->database(), Newest(15)).value_or(-1); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(compacted, ::testing::UnorderedElementsAre(10, 0, 0, 0));
  CheckWhole(database_.url());
}

// Such as a backup, which holds the whole log while it lasts.
TEST_F(RetentionTest, WhoHoldsTheLogForLongIsNotWaitedForAndHoldsUpNobody) {
  WriteUpTo(25);
  Holder backup(database_, "select count(*) from changes");
  absl::StatusOr<int64_t> compacted = -1;
  std::thread compaction([&] { compacted = Compact(server_.database(), Newest(15)); });
  AwaitCompaction("state = 'active'");
  WriteUpTo(40);
  EXPECT_EQ(RevisionsOf(WatchStream(*client_, After(0)).NextChanges(40)), Range(1, 40));
  compaction.join();
  EXPECT_EQ(compacted.status().code(), absl::StatusCode::kAborted) << compacted.status();
  CheckWhole(database_.url());
  EXPECT_EQ(Sql("select compacted_revision from head"), "0");
  backup.LetGo();
  EXPECT_EQ(Compact(Newest(15)), 10);
}

TEST_F(RetentionTest, AWriterWhoHoldsTheHeadForLongIsNotWaitedFor) {
  WriteUpTo(25);
  Holder writer(database_, "select from head for update");
  EXPECT_EQ(Compact(server_.database(), Newest(15)).status().code(), absl::StatusCode::kAborted);
  writer.LetGo();
  EXPECT_EQ(Compact(Newest(15)), 10);
  CheckWhole(database_.url());
}

TEST_F(RetentionTest, ServersLookByThemselvesAndSayWhereTheLogStands) {
  WriteUpTo(45);
  const TestServer one(database_.url(), With(Newest(15)));
  const TestServer two(database_.url(), With(Newest(15)));
  EXPECT_TRUE(Eventually([&] { return GetStatus(*client_).oldest_revision() == 31; }));
  WriteUpTo(65);
  EXPECT_TRUE(Eventually([&] { return GetStatus(*client_).oldest_revision() == 51; }));
  CheckWhole(database_.url());

  RetentionPolicy policy = Younger(absl::Hours(24));
  policy.set_max_changes(500);
  const TestServer late(database_.url(), With(policy));
  const auto status = GetStatus(*late.NewClient());
  EXPECT_EQ(status.retention().max_age().seconds(), 86'400);
  EXPECT_EQ(status.retention().max_changes(), 500);
  EXPECT_FALSE(GetStatus(*client_).retention().has_max_age());
  almanac::v1::GetChangeRequest oldest;
  oldest.set_name("changes/51");
  EXPECT_EQ(status.oldest_change_time().DebugString(),
            Call(client_->changes.get(), &ChangeService::Stub::GetChange, oldest).change_time().DebugString());
  EXPECT_EQ(absl::StrCat(status.log_bytes()),
            Sql("select sum(pg_total_relation_size(oid)) from pg_class where relname ~ '^changes_[0-9]+$'"));
}

TEST_F(RetentionTest, AnEmptyLogHasNoOldestChange) {
  const auto status = GetStatus(*client_);
  EXPECT_EQ(status.oldest_revision(), 1);
  EXPECT_FALSE(status.has_oldest_change_time());
  EXPECT_EQ(absl::StrCat(status.log_bytes()),
            Sql("select sum(pg_total_relation_size(oid)) from pg_class where relkind = 'r' and relname ~ '^changes_'"));
}

TEST_F(RetentionTest, AServerStopsWhileItCompacts) {
  WriteUpTo(25);
  Holder holder(database_, "lock table change_summaries in access exclusive mode");
  TestServer server(database_.url(), With(Newest(15)));
  AwaitCompaction("wait_event_type = 'Lock'");
  server.server().Drain();
  EXPECT_EQ(Compactions("wait_event_type = 'Lock'"), "1") << "it waited for the database";
  holder.LetGo();
}

TEST_F(RetentionTest, ACompactionThatIsKilledLeavesAllOrNothing) {
  WriteUpTo(24);  // One more, and there is something to take out: not before somebody holds it up.
  setenv("ALMANACD_RETENTION_MAX_CHANGES", "15", 1);
  setenv("ALMANACD_RETENTION_INTERVAL", "100ms", 1);
  ServerProcess server(database_.url());
  for (int64_t head = 25; head <= 75; head += 10) {
    // So that it goes on for long: first it waits to write summaries, later for the log.
    Holder holder(database_,
                  head % 20 == 5 ? "lock table change_summaries" : "lock table changes in access share mode");
    WriteUpTo(head);
    AwaitCompaction("state = 'active'");
    if (head % 20 == 5) {
      server.Signal(SIGKILL);
    } else {
      database_.Sql(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
          " and query ~ '^select (summarize|compact)_changes'");
    }
    holder.LetGo();
    CheckWhole(database_.url());
    // A session whose server is gone may still finish what it was told.
    EXPECT_TRUE(Eventually([&] { return Compactions("state = 'active'") == "0"; }));
    CheckWhole(database_.url());
    if (head % 20 == 5) server.Start();
  }
  EXPECT_TRUE(Eventually([&] { return GetStatus(*client_).oldest_revision() == 61; }));
  CheckWhole(database_.url());
}

TEST(RetentionOutageTest, ADatabaseThatWentAwayIsLookedAtAgain) {
  TestCluster cluster;
  ASSERT_TRUE(db::Migrate(cluster.url()).ok());
  const TestServer server(cluster.url(), With(Newest(1)));
  const auto client = server.NewClient();
  almanac::v1::CreatePublisherRequest create;
  (*create.mutable_publisher()->mutable_titles())["en"] = "SWD";
  const auto add = [&](const std::string& id) {
    create.set_publisher_id(id);
    return Call(client->publishers.get(), &almanac::v1::PublisherService::Stub::CreatePublisher, create).revision();
  };
  RunSql(cluster.url(), SetPartitionSizeSql(2));
  EXPECT_EQ(add("one"), 1);
  EXPECT_EQ(add("two"), 2);
  cluster.Kill();
  absl::SleepFor(10 * kInterval);
  cluster.Start();
  EXPECT_TRUE(Eventually([&] {
    create.set_publisher_id("three");
    return StatusOf(client->publishers.get(), &almanac::v1::PublisherService::Stub::CreatePublisher, create)
               .error_code() != grpc::StatusCode::UNAVAILABLE;
  }));
  EXPECT_TRUE(Eventually([&] { return RunSql(cluster.url(), "select compacted_revision from head").front() == "2"; }));
}

}  // namespace
}  // namespace almanac::testing
