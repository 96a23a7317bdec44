#include "db/database.h"

#include <gmock/gmock.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/blocking_counter.h"
#include "db/publishers.h"
#include "tests/integration/harness.h"

namespace almanac::testing {
namespace {

using almanac::v1::Publisher;
using db::WriteTransaction;
using ::testing::HasSubstr;

Publisher NewPublisher(const std::string& id, const std::string& title = "A title") {
  Publisher publisher;
  publisher.set_name("publishers/" + id);
  (*publisher.mutable_titles())["en"] = title;
  publisher.set_time_zone("UTC");
  return publisher;
}

auto Insert(const std::string& id) {
  return [id](WriteTransaction& transaction) { return db::InsertPublisher(transaction, NewPublisher(id)); };
}

std::unique_ptr<db::Database> Open(const std::string& url, int max_queue = 10000) {
  auto database = db::Database::Open({.url = url, .read_connections = 2, .max_queue = max_queue});
  EXPECT_TRUE(database.ok()) << database.status();
  return *std::move(database);
}

TEST(MigrateTest, OfTwoAtOnceOneWorksAndTheOtherWaits) {
  TestDatabase fresh(/*migrate=*/false);
  std::vector<absl::StatusOr<int>> versions(4);
  std::vector<std::thread> threads;
  for (auto& version : versions) threads.emplace_back([&] { version = db::Migrate(fresh.url()); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& version : versions) {
    ASSERT_TRUE(version.ok()) << version.status();
    EXPECT_EQ(*version, *versions.front());
  }
  EXPECT_EQ(fresh.Sql("select count(*) from schema_migrations").front(), absl::StrCat(*versions.front()));
}

TEST(MigrateTest, AServerRefusesASchemaThatIsNotItsOwn) {
  TestDatabase fresh(/*migrate=*/false);
  auto opened = db::Database::Open({.url = fresh.url(), .read_connections = 1});
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(opened.status().message().find("almanacd migrate"), absl::string_view::npos) << opened.status();

  ASSERT_TRUE(db::Migrate(fresh.url()).ok());
  fresh.Sql("insert into schema_migrations (version, name) values (1000000, 'of the future')");
  opened = db::Database::Open({.url = fresh.url(), .read_connections = 1});
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(db::Migrate(fresh.url()).status().code(), absl::StatusCode::kFailedPrecondition);
}

// Without statistics all indexes of a table promise the same, and the wrong one makes an import take quadratic time.
TEST(MigrateTest, ANewCatalogueFindsRowsByTheirKeys) {
  const TestDatabase fresh;
  const auto plan_of = [&](const std::string& statement) {
    return absl::StrJoin(fresh.Sql("explain " + statement), "\n");
  };
  const std::string plan_key = " where publisher_id = 'p' and plan_id = 'l'";
  const std::string commitment_key = plan_key + " and commitment_id = 'c'";
  EXPECT_THAT(plan_of("update commitments set number = 2" + commitment_key), HasSubstr("using commitments_pkey"));
  // As the foreign keys of PostgreSQL look.
  EXPECT_THAT(plan_of("select from only commitments" + commitment_key + " for key share"),
              HasSubstr("using commitments_pkey"));
  EXPECT_THAT(plan_of("select from reschedules" + commitment_key), HasSubstr("reschedules_pkey"));
  EXPECT_THAT(plan_of("update plans set state = 'DRAFT'" + plan_key), HasSubstr("using plans_pkey"));
  EXPECT_THAT(plan_of("update datasets set revision = 2 where publisher_id = 'p' and dataset_id = 'd'"),
              HasSubstr("using datasets_pkey"));
}

TEST(DatabaseTest, NoDatabaseIsUnavailable) {
  const auto opened = db::Database::Open({.url = "host=/nonexistent dbname=almanac", .read_connections = 1});
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kUnavailable);
}

class DatabaseWriteTest : public ::testing::Test {
 protected:
  std::string Count(const std::string& table) { return fresh_.Sql("select count(*) from " + table).front(); }
  std::string Head() { return fresh_.Sql("select revision from head").front(); }

  TestDatabase fresh_;
  std::unique_ptr<db::Database> database_ = Open(fresh_.url());
};

TEST_F(DatabaseWriteTest, RevisionsAreDenseWhateverFails) {
  constexpr int kThreads = 8;
  constexpr int kWrites = 50;
  std::vector<std::thread> threads;
  std::atomic<int> added = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kWrites; ++i) {
        // Every fifth name is taken already, whoever comes second.
        const std::string id = i % 5 == 0 ? absl::StrCat("shared-", i) : absl::StrCat("p-", t, "-", i);
        const auto result = database_->WriteAndWait<Publisher>({.actor = "test"}, Insert(id));
        if (result.ok())
          ++added;
        else
          EXPECT_EQ(result.status().code(), absl::StatusCode::kAlreadyExists) << result.status();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const int distinct = kThreads * kWrites * 4 / 5 + kWrites / 5;
  EXPECT_EQ(added, distinct);
  EXPECT_EQ(Head(), absl::StrCat(distinct));
  EXPECT_EQ(Count("changes"), absl::StrCat(distinct));
  EXPECT_EQ(fresh_.Sql("select max(revision) - min(revision) + 1 from changes").front(), absl::StrCat(distinct));
  EXPECT_EQ(Count("publishers p join changes c on c.revision = p.revision"), absl::StrCat(distinct));
}

// Sessions learn a moment late of a partition that another attached: it must be there long before it has a row.
TEST_F(DatabaseWriteTest, APartitionOfTheLogIsThereBeforeItIsNeeded) {
  const auto last = [&] { return fresh_.Sql("select max(first_revision) from change_partitions").front(); };
  EXPECT_EQ(last(), "131073") << "the first one is there too before anything is written";
  fresh_.SetPartitionSize(3);
  for (int i = 1; i <= 10; ++i) {
    ASSERT_TRUE(database_->WriteAndWait<Publisher>({.actor = "test"}, Insert(absl::StrCat("p", i))).ok());
    EXPECT_EQ(last(), absl::StrCat((i + 2) / 3 * 3 + 1)) << "at revision " << i;
  }
}

TEST_F(DatabaseWriteTest, APartitionThatASessionDoesNotSeeYetIsNoFaultOfTheWrite) {
  ASSERT_TRUE(database_->WriteAndWait<Publisher>({.actor = "test"}, Insert("a")).ok());
  fresh_.Sql("alter table changes detach partition changes_1");
  const auto refused = database_->WriteAndWait<Publisher>({.actor = "test"}, Insert("b"));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable) << refused.status();
  fresh_.Sql("alter table changes attach partition changes_1 for values from (1) to (131073)");
  EXPECT_TRUE(database_->WriteAndWait<Publisher>({.actor = "test"}, Insert("b")).ok());
  EXPECT_EQ(Head(), "2");
}

// Queues `writes` so that they share a batch, and returns what each answered.
std::vector<absl::Status> Together(
    db::Database& database, std::vector<absl::AnyInvocable<absl::StatusOr<Publisher>(WriteTransaction&)>> writes) {
  std::vector<absl::Status> results(writes.size());
  // The first write holds the committer until all others are queued.
  absl::Notification queued;
  absl::BlockingCounter done(static_cast<int>(writes.size()) + 1);
  database.Write<Publisher>(
      {.actor = "holder"},
      [&](WriteTransaction& transaction) {
        queued.WaitForNotification();
        return db::InsertPublisher(transaction, NewPublisher("holder"));
      },
      [&](const absl::StatusOr<Publisher>&) { done.DecrementCount(); });
  for (size_t i = 0; i < writes.size(); ++i) {
    database.Write<Publisher>({.actor = "test"}, std::move(writes[i]), [&, i](const absl::StatusOr<Publisher>& result) {
      results[i] = result.status();
      done.DecrementCount();
    });
  }
  queued.Notify();
  done.Wait();
  return results;
}

TEST_F(DatabaseWriteTest, AWriteThatTheDatabaseRefusesTakesNobodyWithIt) {
  const auto results = Together(*database_, [] {
    std::vector<absl::AnyInvocable<absl::StatusOr<Publisher>(WriteTransaction&)>> writes;
    writes.emplace_back(Insert("before"));
    writes.emplace_back([](WriteTransaction& transaction) {
      return db::InsertPublisher(transaction, NewPublisher("NOT AN ID"));  // violates a check constraint
    });
    writes.emplace_back(Insert("after"));
    return writes;
  }());
  EXPECT_TRUE(results[0].ok()) << results[0];
  EXPECT_EQ(results[1].code(), absl::StatusCode::kInternal);
  EXPECT_EQ(results[1].message().find("constraint"), absl::string_view::npos) << "the driver's words reach a client";
  EXPECT_TRUE(results[2].ok()) << results[2];
  EXPECT_EQ(Count("publishers"), "3");
  EXPECT_EQ(Head(), "3");
}

TEST_F(DatabaseWriteTest, AWriteThatFailsAfterWritingLeavesNothing) {
  const auto results = Together(*database_, [] {
    std::vector<absl::AnyInvocable<absl::StatusOr<Publisher>(WriteTransaction&)>> writes;
    writes.emplace_back([](WriteTransaction& transaction) -> absl::StatusOr<Publisher> {
      EXPECT_TRUE(db::InsertPublisher(transaction, NewPublisher("half")).ok());
      return absl::AbortedError("changed its mind");
    });
    writes.emplace_back(Insert("whole"));
    return writes;
  }());
  EXPECT_EQ(results[0].code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(results[1].ok()) << results[1];
  EXPECT_EQ(Count("publishers where publisher_id = 'half'"), "0");
  EXPECT_EQ(Count("changes where resource = 'publishers/half'"), "0");
  EXPECT_EQ(Head(), "2");
}

TEST_F(DatabaseWriteTest, ACommitTakesNoMoreWritesOnceItsChangesAreLarge) {
  constexpr size_t kTitleBytes = 4'000'000;
  const auto results = Together(*database_, [] {
    std::vector<absl::AnyInvocable<absl::StatusOr<Publisher>(WriteTransaction&)>> writes;
    for (int i = 0; i < 12; ++i) {
      writes.emplace_back([i](WriteTransaction& transaction) {
        return db::InsertPublisher(transaction, NewPublisher(absl::StrCat("large-", i), std::string(kTitleBytes, 'x')));
      });
    }
    writes.emplace_back([](WriteTransaction&) -> absl::StatusOr<Publisher> { return absl::AbortedError("no"); });
    writes.emplace_back(Insert("small"));
    return writes;
  }());
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].code(), i == 12 ? absl::StatusCode::kAborted : absl::StatusCode::kOk) << results[i];
  }
  // 8 of them have less than 32 MiB, and 9 more. Some may have come in time for the commit of the one that holds it.
  const std::vector<std::string> counts =
      fresh_.Sql("select count(*) from publishers where publisher_id like 'large-%' group by xmin::text");
  EXPECT_GT(counts.size(), 1U);
  for (const std::string& count : counts) EXPECT_LE(std::stoi(count), 9);
  EXPECT_EQ(Count("changes"), "14");
  EXPECT_EQ(Head(), "14");
}

TEST_F(DatabaseWriteTest, AWriteThatHasTakenTooLongIsEndedAndItsNeighboursAreNot) {
  auto database = db::Database::Open({.url = fresh_.url(), .read_connections = 2, .write_timeout = absl::Seconds(1)});
  ASSERT_TRUE(database.ok()) << database.status();
  const auto results = Together(**database, [] {
    std::vector<absl::AnyInvocable<absl::StatusOr<Publisher>(WriteTransaction&)>> writes;
    writes.emplace_back(Insert("before"));
    writes.emplace_back([](WriteTransaction& transaction) -> absl::StatusOr<Publisher> {
      EXPECT_TRUE(db::InsertPublisher(transaction, NewPublisher("slow")).ok());
      absl::SleepFor(absl::Milliseconds(1200));
      return db::InsertPublisher(transaction, NewPublisher("slower"));
    });
    writes.emplace_back(Insert("after"));
    return writes;
  }());
  EXPECT_TRUE(results[0].ok()) << results[0];
  EXPECT_EQ(results[1].code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_NE(results[1].message().find("write less at once"), absl::string_view::npos) << results[1];
  EXPECT_TRUE(results[2].ok()) << results[2];
  EXPECT_EQ(Count("publishers"), "3");
  EXPECT_EQ(Count("publishers where publisher_id like 'slow%'"), "0");
}

TEST_F(DatabaseWriteTest, LongWorkWithoutAStatementIsNotTakenForAFrozenWriter) {
  fresh_.Sql(
      "create table rows (id text); create table statements (name text);"
      "create function note_statement() returns trigger language plpgsql as"
      " 'begin insert into statements values (tg_op); return null; end';"
      "create trigger note after insert on rows execute function note_statement()");
  static constexpr db::Statement kImpatience{"set local idle_in_transaction_session_timeout = '3s'"};
  static constexpr db::RowStatements kRows{.many = {"insert into rows select unnest($1::text[])"}, .rank = 0};
  const auto result = database_->WriteAndWait<Publisher>(
      {.actor = "test"}, [](WriteTransaction& transaction) -> absl::StatusOr<Publisher> {
        transaction.Exec(kImpatience);
        for (int i = 0; i < 40; ++i) {
          absl::SleepFor(absl::Milliseconds(100));
          transaction.Store(kRows, absl::StrCat(i), {absl::StrCat(i)});
        }
        return db::InsertPublisher(transaction, NewPublisher("slow"));
      });
  EXPECT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Count("rows"), "40");
  EXPECT_EQ(Count("statements"), "1") << "the signs of life wrote what was to be written together";
}

TEST_F(DatabaseWriteTest, ValidateOnlyLeavesNothing) {
  const auto result = database_->WriteAndWait<Publisher>({.actor = "test", .validate_only = true}, Insert("imagined"));
  EXPECT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Count("publishers"), "0");
  EXPECT_EQ(Head(), "0");
}

TEST_F(DatabaseWriteTest, TimesOfChangesNeverGoBack) {
  const absl::Time now = absl::FromUnixSeconds(2'000'000'000);
  fresh_.SetClock(now);
  ASSERT_TRUE(database_->WriteAndWait<Publisher>({.actor = "test"}, Insert("first")).ok());
  fresh_.SetClock(now - absl::Hours(1));
  ASSERT_TRUE(database_->WriteAndWait<Publisher>({.actor = "test"}, Insert("second")).ok());
  EXPECT_EQ(fresh_.Sql("select bool_and(change_time >= '2033-05-18 03:33:20+00') from changes").front(), "t");
}

TEST_F(DatabaseWriteTest, TooManyWaitingWritesAreRefused) {
  const std::unique_ptr<db::Database> small = Open(fresh_.url(), /*max_queue=*/2);
  absl::Notification running, release;
  absl::BlockingCounter done(3);
  small->Write<Publisher>(
      {.actor = "test"},
      [&](WriteTransaction& transaction) {
        running.Notify();
        release.WaitForNotification();
        return db::InsertPublisher(transaction, NewPublisher("running"));
      },
      [&](const absl::StatusOr<Publisher>&) { done.DecrementCount(); });
  running.WaitForNotification();
  for (const char* id : {"one", "two"}) {
    small->Write<Publisher>({.actor = "test"}, Insert(id), [&](const absl::StatusOr<Publisher>& result) {
      EXPECT_TRUE(result.ok()) << result.status();
      done.DecrementCount();
    });
  }
  const auto refused = small->WriteAndWait<Publisher>({.actor = "test"}, Insert("three"));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  release.Notify();
  done.Wait();
}

TEST_F(DatabaseWriteTest, AReadOverALostConnectionIsTriedAgain) {
  const auto read = [&] {
    return database_->ReadAndWait<std::vector<Publisher>>(
        [](db::Transaction& transaction) -> absl::StatusOr<std::vector<Publisher>> {
          return db::ListPublishers(transaction, {.after = "", .limit = 10, .show_deleted = false});
        });
  };
  ASSERT_TRUE(read().ok());
  ASSERT_TRUE(database_->WriteAndWait<Publisher>({.actor = "test"}, Insert("before")).ok());
  fresh_.Sql(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
      "pg_backend_pid()");
  const auto written = database_->WriteAndWait<Publisher>({.actor = "test"}, Insert("after"));
  EXPECT_TRUE(written.ok()) << written.status();
  for (int i = 0; i < 4; ++i) {  // more often than there are connections
    const auto found = read();
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->size(), 2U);
  }
}

}  // namespace
}  // namespace almanac::testing
