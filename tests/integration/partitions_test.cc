#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>

#include <map>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/change_log.h"
#include "db/migrations.h"
#include "db/publishers.h"
#include "tests/integration/watch_stream.h"

// The change log in its partitions: how it grows, what is read of it, and how an older one gets them.
namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::Publisher;
using db::LogEntry;
using ::testing::ElementsAre;

absl::StatusOr<Publisher> Insert(db::WriteTransaction& transaction, const std::string& id) {
  Publisher publisher;
  publisher.set_name("publishers/" + id);
  (*publisher.mutable_titles())["en"] = id;
  publisher.set_time_zone("UTC");
  return db::InsertPublisher(transaction, publisher);
}

std::unique_ptr<db::Database> Open(const TestDatabase& database) {
  auto opened = db::Database::Open({.url = database.url(), .read_connections = 1});
  EXPECT_TRUE(opened.ok()) << opened.status();
  return *std::move(opened);
}

// Writes `count` publishers in one commit.
absl::Status WriteAtOnce(db::Database& database, int count, const std::string& prefix) {
  return database
      .WriteAndWait<Publisher>({.actor = "test"},
                               [&](db::WriteTransaction& transaction) {
                                 absl::StatusOr<Publisher> last;
                                 for (int i = 0; i < count; ++i) last = Insert(transaction, absl::StrCat(prefix, i));
                                 return last;
                               })
      .status();
}

class PartitionTest : public ServiceTest {
 protected:
  PartitionTest() { database_.SetPartitionSize(kSize); }

  // The partitions that there are, and of each its rows, as first-last:count.
  std::vector<std::string> Partitions() {
    std::vector<std::string> partitions;
    for (const std::string& first : database_.Sql("select first_revision from change_partitions order by 1")) {
      partitions.push_back(
          database_
              .Sql(absl::StrCat("select first_revision || '-' || last_revision || ':' || (select count(*)"
                                " from changes_",
                                first,
                                " where revision between first_revision and last_revision)"
                                " from change_partitions where first_revision = ",
                                first))
              .front());
    }
    return partitions;
  }
  std::string Sql(const std::string& sql) { return database_.Sql(sql).front(); }

  // Runs `read` over a connection of its own and returns which partitions were looked into, by their first revisions.
  std::vector<std::string> LookedInto(absl::AnyInvocable<absl::StatusOr<int>(db::Transaction&)> read) {
    // PostgreSQL accounts for what a session did at its end at the latest: first all that was before.
    const std::string others =
        Sql("select coalesce(string_agg(pid::text, ','), '0') from (select pid, pg_terminate_backend(pid)"
            " from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()) ended");
    EXPECT_TRUE(Eventually([&] { return CountSessions(absl::StrCat("pid in (", others, ")")) == "0"; }));
    database_.Sql("select pg_stat_reset()");
    {
      const auto own = db::Database::Open({.url = database_.url() + " application_name=reader", .read_connections = 1});
      EXPECT_TRUE(own.ok()) << own.status();
      const absl::StatusOr<int> done = (*own)->ReadAndWait<int>(std::move(read));
      EXPECT_TRUE(done.ok()) << done.status();
    }
    EXPECT_TRUE(Eventually([&] { return CountSessions("application_name = 'reader'") == "0"; }));
    return database_.Sql(
        "select substr(relname, 9) from pg_stat_user_tables where relname ~ '^changes_[0-9]+$'"
        " and coalesce(seq_scan, 0) + coalesce(idx_scan, 0) > 0 order by substr(relname, 9)::int");
  }
  std::string CountSessions(const std::string& which) {
    return Sql("select count(*) from pg_stat_activity where " + which);
  }

  static constexpr int kSize = 10;
};

TEST_F(PartitionTest, TheLogGoesOnFromOneToTheNext) {
  EXPECT_THAT(Partitions(), ElementsAre("1-10:0", "11-20:0"));
  AddPublisher();
  EXPECT_THAT(Partitions(), ElementsAre("1-10:1", "11-20:0"));
  for (int i = 0; i < 9; ++i) AddDataset(absl::StrCat("d", i));
  EXPECT_THAT(Partitions(), ElementsAre("1-10:10", "11-20:0"));
  WatchStream watch(*client_, After(0));
  for (int i = 9; i < 21; ++i) AddDataset(absl::StrCat("d", i));
  EXPECT_THAT(Partitions(), ElementsAre("1-10:10", "11-20:10", "21-30:2", "31-40:0"));
  EXPECT_EQ(RevisionsOf(watch.NextChanges(22)), Range(1, 22));
}

TEST_F(PartitionTest, ACommitMayReachOverSeveral) {
  const auto database = Open(database_);
  ASSERT_TRUE(WriteAtOnce(*database, 4, "before").ok());
  WatchStream watch(*client_, After(0));
  ASSERT_TRUE(WriteAtOnce(*database, 25, "together").ok());
  EXPECT_THAT(Partitions(), ElementsAre("1-10:10", "11-20:10", "21-30:9", "31-40:0"));
  EXPECT_EQ(Sql("select count(distinct xmin::text) from changes where revision > 4"), "1");
  EXPECT_EQ(Sql("select revision from head"), "29");
  EXPECT_EQ(RevisionsOf(watch.NextChanges(29)), Range(1, 29));
}

TEST_F(PartitionTest, ServersThatMeetAtABoundaryMakeOneTogether) {
  AddPublisher();
  const TestServer other(database_.url());
  std::vector<std::thread> threads;
  for (const std::string& address : {server_.address(), other.address()}) {
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([address, prefix = absl::StrCat("s", threads.size(), "-")] {
        const Client client(address);
        for (int i = 0; i < 50; ++i) {
          almanac::v1::CreateDatasetRequest request;
          request.set_parent("publishers/swd");
          request.set_dataset_id(absl::StrCat(prefix, i));
          (*request.mutable_dataset()->mutable_titles())["en"] = "Title";
          Call(client.datasets.get(), &almanac::v1::DatasetService::Stub::CreateDataset, request);
        }
      });
    }
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> expected;
  for (int first = 1; first < 201; first += kSize) expected.push_back(absl::StrCat(first, "-", first + 9, ":10"));
  expected.emplace_back("201-210:1");
  expected.emplace_back("211-220:0");
  EXPECT_EQ(Partitions(), expected);
}

TEST_F(PartitionTest, AWriteThatIsRolledBackLeavesNone) {
  database_.Sql(
      "create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;"
      "create constraint trigger at_commit after insert on publishers deferrable initially deferred for each row"
      " when (new.publisher_id like 'bad%') execute function refuse()");
  const auto database = Open(database_);
  EXPECT_EQ(WriteAtOnce(*database, 15, "bad").code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Partitions(), ElementsAre("1-10:0", "11-20:0"));
  // The same server must not believe that there are more partitions.
  ASSERT_TRUE(WriteAtOnce(*database, 8, "good").ok());
  EXPECT_EQ(WriteAtOnce(*database, 5, "bad").code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Partitions(), ElementsAre("1-10:8", "11-20:0"));
  ASSERT_TRUE(WriteAtOnce(*database, 5, "better").ok());
  EXPECT_THAT(Partitions(), ElementsAre("1-10:10", "11-20:3", "21-30:0"));
}

// The plans are made once and serve every range, so that which partitions they leave out shows only as they run.
TEST_F(PartitionTest, OnlyPartitionsThatCanHoldTheAnswerAreLookedInto) {
  AddPublisher();
  for (int i = 0; i < 64; ++i) AddDataset(absl::StrCat("d", i));  // d0 is at 2, d63 at 65
  almanac::v1::UpdateDatasetRequest update;
  update.mutable_dataset()->set_name("publishers/swd/datasets/d0");
  (*update.mutable_dataset()->mutable_titles())["en"] = "Another title";
  Call(client_->datasets.get(), &almanac::v1::DatasetService::Stub::UpdateDataset, update);  // 66
  for (int i = 64; i < 90; ++i) AddDataset(absl::StrCat("d", i));                            // up to 92

  const auto changes = [](db::ChangeFilter filter, db::LogRange range, int expected) {
    return [=](db::Transaction& transaction) -> absl::StatusOr<int> {
      const auto page = db::ReadChanges(transaction, db::ReadHead(transaction), filter, range);
      if (!page.ok()) return page.status();
      EXPECT_EQ(static_cast<int>(page->entries.size()), expected);
      return 0;
    };
  };
  // The partition of the last revision before the range is looked into as well: here it is the same.
  const db::LogRange tail = {.after = 91, .up_to = 92, .max_changes = 1000, .max_bytes = 1 << 20};
  const db::LogRange middle = {.after = 25, .up_to = 39, .max_changes = 1000, .max_bytes = 1 << 20};
  EXPECT_THAT(LookedInto(changes({}, tail, 1)), ElementsAre("91"));
  EXPECT_THAT(LookedInto(changes({}, middle, 14)), ElementsAre("21", "31"));
  // A page is full after 3, and one more is looked for.
  EXPECT_THAT(LookedInto(changes({}, {.after = 25, .up_to = 92, .max_changes = 3, .max_bytes = 1 << 20}, 3)),
              ElementsAre("21"));
  db::ChangeFilter by_actor;
  by_actor.actor = "tester";
  EXPECT_THAT(LookedInto(changes(by_actor, middle, 14)), ElementsAre("21", "31"));
  db::ChangeFilter below;
  below.resource_prefix = "publishers/swd";
  EXPECT_THAT(LookedInto(changes(below, middle, 14)), ElementsAre("21", "31"));
  db::ChangeFilter one;
  one.resource_prefix = "publishers/swd/datasets/d30";
  EXPECT_THAT(LookedInto(changes(one, middle, 1)), ElementsAre("21", "31"));

  const auto first_after = [](int64_t revision, int expected) {
    return [=](db::Transaction& transaction) -> absl::StatusOr<int> {
      const auto first = db::ReadFirstChangesAfter(transaction, {"publishers/swd/datasets/d0"}, revision);
      EXPECT_EQ(static_cast<int>(first.size()), expected);
      return 0;
    };
  };
  EXPECT_THAT(LookedInto(first_after(45, 1)), ElementsAre("41", "51", "61"));
  EXPECT_THAT(LookedInto(first_after(66, 0)), ElementsAre("61", "71", "81", "91", "101"));
  EXPECT_THAT(LookedInto([](db::Transaction& transaction) -> absl::StatusOr<int> {
                return db::ReadChange(transaction, 55).status().ok() ? absl::StatusOr<int>(0) : absl::NotFoundError("");
              }),
              ElementsAre("51"));
}

// A change as the log had it before it was in partitions.
Change OldChange(int64_t revision) {
  Publisher before;
  before.set_name("publishers/swd");
  (*before.mutable_titles())["zh-Hant-HK"] = "社會福利署";
  Publisher after = before;
  // The lengths of what the migration passes over, from one byte to three.
  (*after.mutable_titles())["en"] = std::string(revision % 3 == 0 ? 40'000 : revision % 3 == 1 ? 300 : 3, 'x');
  if (revision % 4 == 0) after.set_homepage("https://example.org/");
  Change change =
      db::MakeChange(static_cast<Change::Type>(1 + revision % 14), revision % 5 == 0 ? nullptr : &before, after);
  change.set_revision(revision);
  change.set_name(absl::StrCat("changes/", revision));
  change.mutable_change_time()->set_seconds(1'650'000'000 + revision);
  change.set_actor(revision % 2 == 0 ? "officer" : "王小明");
  change.set_request_id(absl::StrCat("r-", revision / 3));
  if (revision % 3 == 2) change.set_last_of_write(true);
  return change;
}

TEST(PartitionMigrationTest, EveryChangeOfAnOldLogIsThereWithAllThatFiltersLookAt) {
  constexpr int64_t kCompacted = 7;
  constexpr int64_t kHead = 200;
  const TestDatabase old(/*migrate=*/false);
  old.Sql(
      "create table schema_migrations (version int primary key, name text not null,"
      " apply_time timestamptz not null default now())");
  for (const int version : {1, 2}) {
    const db::Migration& migration = db::Migrations()[version - 1];
    ASSERT_EQ(migration.version, version);
    old.Sql(migration.sql);
    old.Sql(absl::StrCat("insert into schema_migrations values (", version, ", '", migration.name, "')"));
  }
  std::map<int64_t, std::string> entries;  // whose maps are in no order that a second time would be the same
  for (int64_t revision = kCompacted + 1; revision <= kHead; ++revision) {
    const Change change = OldChange(revision);
    const std::string& entry = entries[revision] = change.SerializeAsString();
    old.Sql(absl::StrCat("insert into changes values (", revision, ", to_timestamp(", change.change_time().seconds(),
                         "), '", change.actor(), "', '", change.request_id(), "', ", change.kind(), ", '",
                         change.resource(), "', '\\x",
                         absl::BytesToHexString(absl::string_view(entry.data(), entry.size())), "')"));
  }
  old.Sql(absl::StrCat("update head set revision = ", kHead, ", compacted_revision = ", kCompacted));

  const absl::StatusOr<int> version = db::Migrate(old.url());
  ASSERT_TRUE(version.ok()) << version.status();
  const auto database = Open(old);
  const auto page = database->ReadAndWait<db::LogPage>([](db::Transaction& transaction) {
    return db::ReadChanges(transaction, db::ReadHead(transaction), {},
                           {.after = kCompacted, .up_to = kHead, .max_changes = 1000, .max_bytes = 100 << 20});
  });
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->entries.size(), static_cast<size_t>(kHead - kCompacted));
  for (const LogEntry& entry : page->entries) {
    const int64_t revision = kCompacted + 1 + (&entry - page->entries.data());
    const Change change = OldChange(revision);
    EXPECT_TRUE(entry.change == entries[revision]) << revision;
    EXPECT_EQ(entry.key.revision, revision);
    EXPECT_EQ(entry.key.kind, change.kind());
    EXPECT_EQ(entry.key.type, change.type());
    EXPECT_EQ(entry.key.resource, change.resource());
    EXPECT_EQ(entry.key.actor, change.actor());
    EXPECT_EQ(entry.key.request_id, change.request_id());
    EXPECT_EQ(entry.key.last_of_write, change.last_of_write()) << revision;
    EXPECT_EQ(entry.key.changed_fields,
              std::vector<std::string>(change.changed_fields().begin(), change.changed_fields().end()));
  }
  EXPECT_EQ(old.Sql("select bool_and(change_time = to_timestamp(1650000000 + revision)) from changes").front(), "t");
  // And it goes on.
  ASSERT_TRUE(WriteAtOnce(*database, 1, "new").ok());
  EXPECT_EQ(old.Sql("select first_revision || ' ' || (select max(revision) from changes) from change_partitions"
                    " order by first_revision")
                .front(),
            absl::StrCat(kCompacted + 1, " ", kHead + 1));
}

}  // namespace
}  // namespace almanac::testing
