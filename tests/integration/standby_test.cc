#include <atomic>
#include <pqxx/pqxx>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "db/errors.h"
#include "tests/integration/consistency_calls.h"
#include "tests/integration/processes.h"
#include "tests/integration/watch_stream.h"

// A server that reads from a copy of the database, which lags, is away, or is none.
namespace almanac::testing {
namespace {

using almanac::v1::Consistency;
using almanac::v1::Publisher;

// A primary with a standby, a server that writes and reads on the primary, and one that reads from the standby.
class StandbyTest : public ::testing::Test {
 protected:
  // A server that reads from the standby. Its feed looks at the log only when it is told to: what it asks of the
  // primary then is asked for its reads.
  static std::unique_ptr<TestServer> NewReader(const TestCluster& primary, const TestCluster& standby) {
    service::Server::Options options;
    options.feed.poll_interval = absl::Hours(1);
    return std::make_unique<TestServer>(primary.url() + " application_name=reader", options,
                                        ReadingFrom(standby.url()));
  }

  void Pause() {
    RunSql(standby_.url(), "select pg_wal_replay_pause()");
    ASSERT_TRUE(Eventually(
        [&] { return RunSql(standby_.url(), "select pg_get_wal_replay_pause_state()").front() == "paused"; }));
  }
  void Resume() const { RunSql(standby_.url(), "select pg_wal_replay_resume()"); }

  // From now on the standby is this much behind.
  void Delay(const std::string& time) {
    RunSql(standby_.url(), absl::StrCat("alter system set recovery_min_apply_delay = '", time, "'"));
    RunSql(standby_.url(), "select pg_reload_conf()");
    ASSERT_TRUE(Eventually([&] { return RunSql(standby_.url(), "show recovery_min_apply_delay").front() == time; }));
  }

  TestCluster primary_;
  const absl::StatusOr<int> version_ = db::Migrate(primary_.url());
  TestCluster standby_ = TestCluster::StandbyOf(primary_);
  TestServer writer_{primary_.url()};
  std::unique_ptr<TestServer> reader_ = NewReader(primary_, standby_);
  std::unique_ptr<Client> write_ = writer_.NewClient();
  std::unique_ptr<Client> read_ = reader_->NewClient();
};

TEST_F(StandbyTest, WhileItLagsAnyIsStaleAndTheOthersWaitInVain) {
  const int64_t before = CreateSwd(*write_).revision();
  ASSERT_EQ(TitleAt(*read_, AtLeast(before)), "first");
  Pause();
  const absl::Cleanup resume = [this] { Resume(); };
  const int64_t after = Retitle(*write_, "second").revision();

  EXPECT_EQ(TitleAt(*read_, Any()), "first");
  EXPECT_EQ(TitleAt(*read_, AtLeast(before)), "first");
  Publisher answer;
  ExpectNotReached(Read(*read_, AtLeast(after), &answer, absl::Seconds(1)), before);
  ExpectNotReached(Read(*read_, Strong(), &answer, absl::Seconds(1)), before);
  ExpectNotReached(Read(*read_, Consistency(), &answer, absl::Seconds(1)), before);
  EXPECT_EQ(TitleAt(*write_, Strong()), "second");

  const auto status = StatusOfServer(*read_);
  EXPECT_EQ(status.head_revision(), after);
  EXPECT_EQ(status.read_revision(), before);
  EXPECT_EQ(StatusOfServer(*write_).read_revision(), after);
}

TEST_F(StandbyTest, WhatWaitsIsAnsweredWhenTheStandbyGoesOn) {
  const int64_t before = CreateSwd(*write_).revision();
  ASSERT_EQ(TitleAt(*read_, AtLeast(before)), "first");
  Pause();
  const int64_t after = Retitle(*write_, "second").revision();
  std::vector<std::string> titles(20);
  std::vector<std::thread> readers;
  for (size_t i = 0; i < titles.size(); ++i) {
    readers.emplace_back([&, i] { titles[i] = TitleAt(*read_, i % 2 == 0 ? AtLeast(after) : Strong()); });
  }
  // None of them keeps a thread of the server or a connection to the standby busy: others are answered all the time.
  for (int i = 0; i < 100; ++i) EXPECT_EQ(TitleAt(*read_, Any()), "first");
  Resume();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(titles, std::vector<std::string>(titles.size(), "second"));
}

TEST_F(StandbyTest, AWriteIsReadBackFromEveryServer) {
  ASSERT_EQ(CreateSwd(*write_).revision(), 1);
  Delay("50ms");
  for (int i = 0; i < 20; ++i) {
    const std::string title = absl::StrCat("title ", i);
    const int64_t revision = Retitle(i % 2 == 0 ? *write_ : *read_, title).revision();
    for (const Client* client : {read_.get(), write_.get()}) {
      EXPECT_EQ(TitleAt(*client, i % 3 == 0 ? Strong() : AtLeast(revision)), title);
    }
  }
}

TEST_F(StandbyTest, StrongReadsThatComeTogetherShareOneCheck) {
  constexpr int kReads = 50;
  ASSERT_EQ(TitleAt(*read_, AtLeast(CreateSwd(*write_).revision())), "first");
  RunSql(primary_.url(), "alter system set log_line_prefix = '%a|'");
  RunSql(primary_.url(), "alter system set log_statement = 'all'");
  RunSql(primary_.url(), "select pg_reload_conf()");
  const auto checks = [&] {
    int count = 0;
    for (const absl::string_view line : absl::StrSplit(primary_.Log(), '\n')) {
      if (absl::StartsWith(line, "reader|") && absl::StrContains(line, "from head")) ++count;
    }
    return count;
  };
  ASSERT_TRUE(Eventually([&] { return checks() > 0; }));

  pqxx::connection connection(primary_.url());
  pqxx::work holder(connection);
  holder.exec("lock table head in access exclusive mode");
  const auto waiting = [&] {
    return RunSql(
               primary_.url(),
               "select count(*) from pg_stat_activity where application_name = 'reader' and wait_event_type = 'Lock'")
        .front();
  };
  ASSERT_TRUE(Eventually([&] { return waiting() == "1"; }));
  const int before = checks();
  std::atomic<int> begun = 0;
  std::atomic<int> answered = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < kReads; ++i) {
    readers.emplace_back([&] {
      ++begun;
      if (TitleAt(*read_, Strong()) == "first") ++answered;
    });
  }
  EXPECT_TRUE(Eventually([&] { return begun == kReads; }));
  // Whoever arrives from now on would make the next count larger, not smaller.
  absl::SleepFor(absl::Milliseconds(500));
  EXPECT_EQ(answered, 0);
  EXPECT_EQ(waiting(), "1");
  holder.commit();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(answered, kReads);
  // One for all that gathered; and those that look each second whether the catalogue is still the same.
  EXPECT_GE(checks() - before, 1);
  EXPECT_LT(checks() - before, kReads / 4);
}

TEST_F(StandbyTest, WatchersFollowThePrimary) {
  const int64_t before = CreateSwd(*write_).revision();
  ASSERT_EQ(TitleAt(*read_, AtLeast(before)), "first");
  Pause();
  const absl::Cleanup resume = [this] { Resume(); };
  const int64_t after = Retitle(*read_, "second").revision();
  WatchStream watch(*read_, After(before));
  const auto change = watch.NextChange();
  ASSERT_TRUE(change.has_value()) << watch.Finish().error_message();
  EXPECT_EQ(change->revision(), after);
}

TEST_F(StandbyTest, AStandbyThatIsAwayIsSaidAndHindersNoWrite) {
  ASSERT_EQ(TitleAt(*read_, AtLeast(CreateSwd(*write_).revision())), "first");
  standby_.Kill();
  Publisher answer;
  for (const Consistency& consistency : {Strong(), Any(), AtLeast(1)}) {
    const grpc::Status status = Read(*read_, consistency, &answer);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReasonOf(status), "DATABASE_UNAVAILABLE");
    EXPECT_TRUE(absl::StrContains(status.error_message(), "copy")) << status.error_message();
  }
  const int64_t revision = Retitle(*read_, "second").revision();
  EXPECT_EQ(StatusOfServer(*read_).head_revision(), revision);
  EXPECT_EQ(StatusOfServer(*read_).read_revision(), 0);
  // A server that starts now serves too.
  const std::unique_ptr<TestServer> another = NewReader(primary_, standby_);
  EXPECT_EQ(ReasonOf(Read(*another->NewClient(), Any(), &answer)), "DATABASE_UNAVAILABLE");

  standby_.Start();
  EXPECT_EQ(TitleAt(*read_, Strong()), "second");
  EXPECT_EQ(TitleAt(*another->NewClient(), AtLeast(revision)), "second");
}

// What the standby cannot replay because of a statement, it ends that statement for.
TEST_F(StandbyTest, AReadThatIsInTheWayOfReplayIsRunAgain) {
  RunSql(primary_.url(), "create table victim as select 1 as a");
  RunSql(standby_.url(), "alter system set max_standby_streaming_delay = 0");
  RunSql(standby_.url(), "select pg_reload_conf()");
  ASSERT_TRUE(Eventually([&] { return RunSql(standby_.url(), "show max_standby_streaming_delay").front() == "0"; }));
  ASSERT_TRUE(
      Eventually([&] { return RunSql(standby_.url(), "select to_regclass('victim') is not null").front() == "t"; }));
  static constexpr db::Statement kSlow{
      "select count(*), pg_sleep(case when pg_is_in_recovery() then 20 end) from victim"};
  static constexpr db::Statement kNone{"select to_regclass('victim') is null"};
  // One connection, which is there already: what it loses is run again on a new one.
  db::Database::Options options = ReadingFrom(standby_.url());
  options.url = primary_.url();
  options.read_connections = 1;
  const auto database = db::Database::Open(options);
  ASSERT_TRUE(database.ok()) << database.status();
  std::atomic<int> runs = 0;
  std::thread dropper([&] {
    ASSERT_TRUE(Eventually([&] {
      return RunSql(standby_.url(), "select count(*) from pg_stat_activity where wait_event = 'PgSleep'").front() ==
             "1";
    }));
    RunSql(primary_.url(), "drop table victim");
  });
  const auto gone = (*database)->ReadAndWait<bool>([&](db::Transaction& transaction) -> absl::StatusOr<bool> {
    if (++runs == 1) transaction.Exec(kSlow);
    // Replay goes on as soon as the statement has ended.
    return Eventually([&] { return transaction.Exec(kNone)[0].Bool(); });
  });
  dropper.join();
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_TRUE(*gone);
  EXPECT_EQ(runs, 2);
}

// A copy that follows no more: made once, by PostgreSQL's template.
class FrozenCopyTest : public ServiceTest {
 protected:
  FrozenCopyTest() {
    CreateSwd(*client_);
    name_ = database_.Sql("select current_database()").front() + "_copy";
    // PostgreSQL copies no database that is in use.
    const std::string original = database_.Sql("select current_database()").front();
    const std::string admin = database_.url() + " dbname=postgres";
    RunSql(admin, absl::StrCat("alter database ", original, " allow_connections false"));
    RunSql(admin,
           absl::StrCat("select pg_terminate_backend(pid) from pg_stat_activity where datname = '", original, "'"));
    RunSql(admin, absl::StrCat("create database ", name_, " template ", original));
    RunSql(admin, absl::StrCat("alter database ", original, " allow_connections true"));
  }
  ~FrozenCopyTest() override {
    reader_.reset();
    RunSql(database_.url() + " dbname=postgres", absl::StrCat("drop database ", name_, " with (force)"));
  }

  void StartReader() {
    reader_ = std::make_unique<TestServer>(database_.url(), service::Server::Options(),
                                           ReadingFrom(database_.url() + " dbname=" + name_));
    read_ = reader_->NewClient();
  }

  std::string name_;
  std::unique_ptr<TestServer> reader_;
  std::unique_ptr<Client> read_;
};

TEST_F(FrozenCopyTest, OfTheTimeBeforeARestoreIsReadByNobody) {
  StartReader();
  EXPECT_EQ(TitleAt(*read_, Strong()), "first");
  database_.Sql("update head set epoch = epoch + 1");
  Publisher answer;
  EXPECT_TRUE(Eventually([&] { return ReasonOf(Read(*read_, Any(), &answer)) == "READ_DATABASE_MISMATCH"; }));
  EXPECT_EQ(Read(*read_, Any(), &answer).error_code(), grpc::StatusCode::UNAVAILABLE);
  ExpectNotReached(Read(*read_, Strong(), &answer, absl::Seconds(1)), 1);
  ExpectNotReached(Read(*read_, AtLeast(1), &answer, absl::Seconds(1)), 1);
}

TEST_F(FrozenCopyTest, WhoWaitsForARevisionThatIsFarOffLeavesRoomForStrongReads) {
  db::Database::Options options = ReadingFrom(database_.url() + " dbname=" + name_);
  options.max_queue = 4;
  TestServer server(database_.url(), service::Server::Options(), options);
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::thread> waiting;
  std::vector<grpc::Status> statuses(3);
  for (grpc::Status& status : statuses) {
    clients.push_back(server.NewClient());
    waiting.emplace_back([&status, &client = *clients.back()] {
      Publisher answer;
      status = Read(client, AtLeast(1000), &answer, absl::Seconds(3));
    });
  }
  const auto client = server.NewClient();
  const absl::Time end = absl::Now() + absl::Seconds(2);
  while (absl::Now() < end) EXPECT_EQ(TitleAt(*client, Strong()), "first");
  for (std::thread& thread : waiting) thread.join();
  int refused = 0;
  for (const grpc::Status& status : statuses) {
    if (ReasonOf(status) == "TOO_BUSY") {
      ++refused;
    } else {
      ExpectNotReached(status, 1);
    }
  }
  EXPECT_EQ(refused, 1);
}

// Else a list whose first page came from a server that was further would end in silence.
TEST_F(FrozenCopyTest, APageThatGoesOnWhereTheCopyIsNotYetIsToBeTriedAgain) {
  StartReader();
  for (int i = 0; i < 4; ++i) AddDataset(absl::StrCat("d", i));
  almanac::v1::ListChangesRequest changes;
  changes.set_end_revision(100);
  changes.set_page_size(3);
  changes.set_page_token(
      Call(client_->changes.get(), &almanac::v1::ChangeService::Stub::ListChanges, changes).next_page_token());
  ASSERT_FALSE(changes.page_token().empty());
  *changes.mutable_consistency() = Any();
  ExpectNotReached(StatusOf(read_->changes.get(), &almanac::v1::ChangeService::Stub::ListChanges, changes), 1);

  almanac::v1::ListDatasetsRequest datasets;
  datasets.set_parent("publishers/swd");
  datasets.set_page_size(2);
  datasets.mutable_at()->set_revision(5);
  datasets.set_page_token(
      Call(client_->datasets.get(), &almanac::v1::DatasetService::Stub::ListDatasets, datasets).next_page_token());
  ASSERT_FALSE(datasets.page_token().empty());
  *datasets.mutable_consistency() = Any();
  ExpectNotReached(StatusOf(read_->datasets.get(), &almanac::v1::DatasetService::Stub::ListDatasets, datasets), 1);
}

TEST_F(FrozenCopyTest, OfAnotherCatalogueIsRefusedAtTheStart) {
  RunSql(database_.url() + " dbname=" + name_, "update head set catalogue_id = gen_random_uuid()");
  db::Database::Options options = ReadingFrom(database_.url() + " dbname=" + name_);
  options.url = database_.url();
  const auto opened = db::Database::Open(options);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(db::Detail<google::rpc::ErrorInfo>(opened.status()).reason(), "READ_DATABASE_MISMATCH");
}

}  // namespace
}  // namespace almanac::testing
