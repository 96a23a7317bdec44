#include "absl/time/clock.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <signal.h>

#include <map>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "tests/integration/catalogue_fixture.h"
#include "tests/integration/dataset_rows.h"
#include "tests/integration/processes.h"

// What time alone does: each change once, at its second, by whichever of several servers comes first.
namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::Freshness;
using almanac::v1::PublishPlanRequest;
using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kPlan[] = "publishers/swd/plans/2022-2024";
constexpr absl::Duration kInterval = absl::Milliseconds(100);

absl::Time At(const std::string& text) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) << text;
  return time;
}

service::Server::Options WithClock() {
  service::Server::Options options;
  options.clock_interval = kInterval;
  return options;
}

// The fixture's own server has no clock; StartClocks adds two that have.
class ClockTest : public CatalogueTest {
 protected:
  ClockTest() {
    database_.SetClock(At("2022-01-01T00:00:00Z"));
    AddPublisher();
  }

  void StartClocks() {
    for (int i = 0; i < 2; ++i) clocks_.push_back(std::make_unique<TestServer>(database_.url(), WithClock()));
  }
  void StopClocks() { clocks_.clear(); }

  // Sets the catalogue's clock and waits until the servers have looked at it, which a dataset shows that becomes due
  // just then. Goes on by a day at least.
  void GoTo(const std::string& time) {
    const absl::Time now = At(time);
    const std::string id = absl::StrCat("witness-", ++witnesses_);
    AddDaily(id);
    database_.SetClock(now - absl::Hours(24));
    Report(id, now - absl::Hours(24));
    database_.SetClock(now);
    EXPECT_TRUE(Eventually([&] { return StateOf(id) == Freshness::DUE; })) << "nobody looked at " << time;
  }

  Dataset AddDaily(const std::string& id) {
    almanac::v1::CreateDatasetRequest request;
    request.set_parent("publishers/swd");
    request.set_dataset_id(id);
    (*request.mutable_dataset()->mutable_titles())["en"] = id;
    request.mutable_dataset()->set_frequency(almanac::v1::DAILY);
    return Do(request);
  }
  void Report(const std::string& id, absl::Time time) {
    auto request = Named<almanac::v1::ReportUpdateRequest>(NameOf(id));
    *request.mutable_data_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
    Do(request);
  }
  static std::string NameOf(const std::string& id) { return "publishers/swd/datasets/" + id; }
  Freshness::State StateOf(const std::string& id) { return GetDataset(NameOf(id)).freshness().state(); }

  void Publish(const std::string& plan = kPlan) { Do(Named<PublishPlanRequest>(plan)); }

  // Every change of a type after `revision`, by the clock's hand, but those of the witnesses.
  std::vector<Change> Announced(Change::Type type, int64_t revision = 0) {
    std::vector<Change> announced;
    for (Change& change : ChangesAfter(revision)) {
      if (change.type() != type || change.resource().find("/witness-") != std::string::npos) continue;
      EXPECT_EQ(change.actor(), "almanacd");
      announced.push_back(std::move(change));
    }
    return announced;
  }
  // The commitments that became overdue, each with its day.
  std::vector<std::string> Overdue(int64_t revision = 0) {
    std::vector<std::string> overdue;
    for (const Change& change : Announced(Change::BECAME_OVERDUE, revision)) {
      EXPECT_THAT(change.changed_fields(), ElementsAre("overdue_date"));
      overdue.push_back(absl::StrCat(change.resource().substr(change.resource().rfind('/') + 1), " ",
                                     change.after().commitment().overdue_date()));
    }
    return overdue;
  }

  std::vector<std::unique_ptr<TestServer>> clocks_;
  int witnesses_ = 0;
};

TEST_F(ClockTest, ACommitmentBecomesOverdueWhenItsDayEndsWhereItsPublisherIs) {
  AddPlan();
  AddLine("A", 1, "2022-06");
  AddLine("A", 2, "2022-06-30");
  AddLine("A", 3, "2022-Q2");
  AddLine("A", 4, "2022");
  Publish();
  almanac::v1::CreatePublisherRequest city;
  city.set_publisher_id("nyc");
  (*city.mutable_publisher()->mutable_titles())["en"] = "New York";
  city.mutable_publisher()->set_time_zone("America/New_York");
  Do(city);
  AddDataset("d1", "nyc");
  AddPlan("nyc");
  Do(NewLine("N", 1, "publishers/nyc/datasets/d1", "2022-06-30", "publishers/nyc/plans/2022-2024"));
  Publish("publishers/nyc/plans/2022-2024");

  StartClocks();
  // Midnight in Hong Kong is at 16:00 in Greenwich; in New York, in summer, at 4:00.
  GoTo("2022-06-30T15:59:59Z");
  EXPECT_THAT(Overdue(), IsEmpty());
  database_.SetClock(At("2022-06-30T16:00:00Z"));
  EXPECT_TRUE(Eventually([&] { return Overdue().size() == 3; }));
  EXPECT_THAT(Overdue(), UnorderedElementsAre("a-1 2022-07-01", "a-2 2022-07-01", "a-3 2022-07-01"));
  const Commitment first = GetCommitment("publishers/swd/plans/2022-2024/commitments/a-1");
  EXPECT_EQ(first.overdue_date(), "2022-07-01");
  EXPECT_EQ(first.state(), Commitment::PLANNED);
  GoTo("2022-07-02T04:00:00Z");
  EXPECT_THAT(Overdue(), UnorderedElementsAre("a-1 2022-07-01", "a-2 2022-07-01", "a-3 2022-07-01", "n-1 2022-07-01"));
  GoTo("2022-12-31T15:59:59Z");
  EXPECT_EQ(Overdue().size(), 4U);
  database_.SetClock(At("2022-12-31T16:00:00Z"));
  EXPECT_TRUE(Eventually([&] { return Overdue().size() == 5; }));
  EXPECT_EQ(Overdue().back(), "a-4 2023-01-01");
  // Nothing is said twice.
  GoTo("2023-06-01T00:00:00Z");
  EXPECT_EQ(Overdue().size(), 5U);
}

TEST_F(ClockTest, MidnightInNewYorkIsNotThatInHongKong) {
  almanac::v1::UpdatePublisherRequest move;
  move.mutable_publisher()->set_name("publishers/swd");
  move.mutable_publisher()->set_time_zone("America/New_York");
  AddPlan();
  AddLine("A", 1, "2022-06");
  Publish();
  Do(move);
  StartClocks();
  GoTo("2022-07-01T03:59:59Z");
  EXPECT_THAT(Overdue(), IsEmpty());
  database_.SetClock(At("2022-07-01T04:00:00Z"));
  EXPECT_TRUE(Eventually([&] { return Overdue().size() == 1; }));
  // A publisher that moves west does not take back what was said.
  move.mutable_publisher()->set_time_zone("Pacific/Honolulu");
  Do(move);
  GoTo("2022-07-02T04:00:01Z");
  EXPECT_THAT(Overdue(), ElementsAre("a-1 2022-07-01"));
}

TEST_F(ClockTest, OnlyPromisesThatStandAreBroken) {
  AddPlan();
  for (int i = 1; i <= 6; ++i) AddLine("A", i, "2022-06");
  const auto line = [](int i) { return absl::StrCat(kPlan, "/commitments/a-", i); };
  Do(Named<almanac::v1::DeleteCommitmentRequest>(line(5)));
  Publish();
  Do(ToRelease(line(1), "2022-01-01"));
  Do(ToCancel(line(2)));
  Do(ToMove(line(3), "2022-09"));
  Do(ToConfirm(line(4), "2022-06-15"));
  // An edition that was replaced: a later one keeps account of one of its lines, and dropped the other.
  AddPlan("swd", 2021, 2021);
  constexpr char kOld[] = "publishers/swd/plans/2021";
  Do(NewLine("B", 1, NameOf("a-3"), "2022-06", kOld));
  Do(NewLine("B", 2, AddDataset("dropped").name(), "2022-06", kOld));
  Publish(kOld);
  AddPlan("swd", 2025, 2025);  // and one that is a draft
  Do(NewLine("C", 1, NameOf("a-1"), "2022-06", "publishers/swd/plans/2025"));
  StartClocks();
  GoTo("2022-07-01T00:00:00Z");
  EXPECT_THAT(Overdue(), UnorderedElementsAre("a-4 2022-06-16", "a-6 2022-07-01", "b-2 2022-07-01"));
  // A draft that is published late is late at once.
  const int64_t head = HeadRevision();
  Publish("publishers/swd/plans/2025");
  EXPECT_TRUE(Eventually([&] { return Overdue(head).size() == 1; }));
  EXPECT_THAT(Overdue(head), ElementsAre("c-1 2022-07-01"));
}

TEST_F(ClockTest, APromiseThatIsMovedCanBeBrokenAgain) {
  AddPlan();
  const std::string name = AddLine("A", 1, "2022-06").name();
  Publish();
  StartClocks();
  GoTo("2022-07-05T00:00:00Z");
  EXPECT_EQ(GetCommitment(name).overdue_date(), "2022-07-01");
  const Commitment moved = Do(ToMove(name, "2022-09"));
  EXPECT_EQ(moved.overdue_date(), "");
  GoTo("2022-09-30T15:00:00Z");
  EXPECT_THAT(Overdue(), ElementsAre("a-1 2022-07-01"));
  GoTo("2022-10-01T16:00:00Z");
  EXPECT_THAT(Overdue(), ElementsAre("a-1 2022-07-01", "a-1 2022-10-01"));
  EXPECT_EQ(Do(ToRelease(name, "2022-10-01")).overdue_date(), "");
}

TEST_F(ClockTest, FreshnessChangesWhenItsTimeComes) {
  AddDaily("d1");
  Report("d1", At("2022-01-01T00:00:00Z"));
  StartClocks();
  const auto states = [&] {
    std::vector<Freshness::State> states;
    for (const Change& change : Announced(Change::FRESHNESS_CHANGED)) {
      EXPECT_THAT(change.changed_fields(), ElementsAre("freshness"));
      states.push_back(change.after().dataset().freshness().state());
    }
    return states;
  };
  GoTo("2022-01-01T23:59:59Z");
  EXPECT_THAT(states(), IsEmpty());
  database_.SetClock(At("2022-01-02T00:00:00Z"));
  EXPECT_TRUE(Eventually([&] { return states().size() == 1; }));
  GoTo("2022-01-03T00:00:01Z");
  GoTo("2022-01-04T00:00:02Z");
  EXPECT_THAT(states(), ElementsAre(Freshness::DUE, Freshness::OVERDUE, Freshness::DELINQUENT));
  const Change last = Announced(Change::FRESHNESS_CHANGED).back();
  EXPECT_EQ(last.before().dataset().freshness().state(), Freshness::OVERDUE);
  EXPECT_EQ(last.after().dataset().ShortDebugString(), GetDataset(NameOf("d1")).ShortDebugString());
  GoTo("2022-03-01T00:00:00Z");
  EXPECT_EQ(states().size(), 3U);
  // One that is deleted stays as it was.
  Report("d1", At("2022-03-01T00:00:00Z"));
  Do(Named<almanac::v1::DeleteDatasetRequest>(NameOf("d1")));
  GoTo("2022-03-03T00:00:00Z");
  EXPECT_EQ(states().size(), 3U);
}

TEST_F(ClockTest, FreshnessComesToWhatWasThereBefore) {
  for (const char* id : {"a", "b"}) AddDaily(id);
  for (int day = 1; day <= 3; ++day) {
    database_.SetClock(At(absl::StrCat("2022-01-0", day, "T00:00:00Z")));
    Report("a", At(absl::StrCat("2022-01-0", day, "T00:00:00Z")));
  }
  const Dataset before = GetDataset(NameOf("a"));
  database_.Sql(
      "update datasets set freshness_state = null, freshness_due_time = null, freshness_next_time = null,"
      " observed_frequency = 'FREQUENCY_UNSPECIFIED', observed_interval = null");
  EXPECT_FALSE(GetDataset(NameOf("a")).has_freshness());
  StartClocks();
  EXPECT_TRUE(Eventually([&] { return Announced(Change::FRESHNESS_CHANGED).size() == 2; }));
  EXPECT_EQ(StateOf("b"), Freshness::UNKNOWN);
  EXPECT_EQ(GetDataset(NameOf("a")).freshness().ShortDebugString(), before.freshness().ShortDebugString());
  EXPECT_EQ(before.freshness().observed_frequency(), almanac::v1::DAILY);
}

TEST_F(ClockTest, WhoWasAwayForAYearSaysEachThingOnce) {
  AddPlan();
  for (int i = 1; i <= 3; ++i) AddLine("A", i, absl::StrCat("2022-0", i));
  Publish();
  for (const char* id : {"d1", "d2"}) {
    AddDaily(id);
    Report(id, At("2022-01-01T00:00:00Z"));
  }
  const int64_t head = HeadRevision();
  database_.SetClock(At("2023-01-01T00:00:00Z"));
  StartClocks();
  EXPECT_TRUE(Eventually([&] { return HeadRevision() == head + 5; }));
  EXPECT_THAT(Overdue(), UnorderedElementsAre("a-1 2022-02-01", "a-2 2022-03-01", "a-3 2022-04-01"));
  const std::vector<Change> changed = Announced(Change::FRESHNESS_CHANGED);
  ASSERT_EQ(changed.size(), 2U);
  for (const Change& change : changed) {
    EXPECT_EQ(change.after().dataset().freshness().state(), Freshness::DELINQUENT);
    EXPECT_FALSE(change.after().dataset().freshness().has_next_state_time());
  }
  GoTo("2023-02-01T00:00:00Z");
  EXPECT_EQ(Overdue().size() + Announced(Change::FRESHNESS_CHANGED).size(), 5U);
}

TEST_F(ClockTest, AWriteOfLargeResourcesIsSmall) {
  const auto write_sizes = [&](int64_t head) {
    return database_.Sql(absl::StrCat("select count(*) from changes where revision > ", head,
                                      " group by request_id order by max(revision)"));
  };
  constexpr int kDatasets = 60;
  constexpr int kLines = 20;
  AddPlan();
  for (int i = 1; i <= kLines; ++i) AddLine("A", i, "2022-06");
  Publish();
  for (int i = 1; i <= kDatasets; ++i) {
    AddDaily(absl::StrCat("d", i));
    Report(absl::StrCat("d", i), At("2022-01-01T00:00:00Z"));
  }
  for (const char* table : {"datasets", "commitments"}) {
    database_.Sql(absl::StrCat("update ", table, " set remarks = jsonb_build_object('en', repeat('x', 250000))"));
  }
  // Of what is due, 25 datasets are read at once, which is more than 4 MiB; then others may write.
  int64_t head = HeadRevision();
  database_.SetClock(At("2022-01-05T00:00:00Z"));
  StartClocks();
  EXPECT_TRUE(Eventually([&] { return HeadRevision() == head + kDatasets; }));
  EXPECT_THAT(write_sizes(head), ElementsAre("25", "25", "10"));
  // 16 commitments are less than 4 MiB, and 17 more.
  head = HeadRevision();
  database_.SetClock(At("2022-07-02T00:00:00Z"));
  EXPECT_TRUE(Eventually([&] { return HeadRevision() == head + kLines; }));
  EXPECT_THAT(write_sizes(head), ElementsAre("17", "3"));
}

// Each index that a tick looks into, and how often it was.
constexpr char kLookups[] =
    "select min(idx_scan) from pg_stat_user_indexes where indexrelname in"
    " ('commitments_by_last_day', 'datasets_by_next_state', 'datasets_without_freshness')";
constexpr char kScans[] =
    "select coalesce(sum(seq_scan), 0) from pg_stat_user_tables where relname in ('commitments', 'datasets', 'plans')";

TEST_F(ClockTest, ATickReadsNoMoreThanWhatIsDue) {
  AddPlan();
  AddLine("A", 1, "2099");
  Publish();
  // Ten thousand promises that are not due, and as many datasets.
  database_.Sql(
      "insert into datasets (publisher_id, dataset_id, titles, categories, remarks, former_titles, frequency,"
      " frequency_texts, formats, landing_page, discontinued, update_count, last_update_time, create_time, update_time,"
      " revision, freshness_state, freshness_due_time, freshness_next_time)"
      " select publisher_id, 'x' || i, titles, categories, remarks, former_titles, 'DAILY', frequency_texts, formats,"
      " landing_page, discontinued, 1, now(), now(), now(), 1, 'FRESH', now() + interval '1 year',"
      " now() + interval '1 year' from datasets, generate_series(1, 10000) i");
  database_.Sql(
      "insert into commitments (publisher_id, plan_id, commitment_id, dataset_id, section, number, titles, categories,"
      " remarks, frequency, frequency_texts, formats, former_titles, discontinued, first_target_date, target_date,"
      " original_target_date, state, create_time, update_time, revision)"
      " select publisher_id, plan_id, 'x-' || i, 'x' || i, 'X', i, titles, categories, remarks, frequency,"
      " frequency_texts, formats, former_titles, discontinued, first_target_date, target_date, original_target_date,"
      " state, create_time, update_time, revision from commitments, generate_series(1, 10000) i");
  // And as many lines of drafts, past their days.
  AddPlan("swd", 2020, 2020);
  database_.Sql(
      "insert into commitments (publisher_id, plan_id, commitment_id, dataset_id, section, number, titles, categories,"
      " remarks, frequency, frequency_texts, formats, former_titles, discontinued, first_target_date, target_date,"
      " original_target_date, state, create_time, update_time, revision)"
      " select publisher_id, '2020', commitment_id, dataset_id, section, number, titles, categories, remarks, "
      "frequency,"
      " frequency_texts, formats, former_titles, discontinued, '2020-06', '2020-06', '2020-06', state, create_time,"
      " update_time, revision from commitments");
  StartClocks();
  const auto number = [&](const char* sql) { return std::stoll(database_.Sql(sql).front()); };
  EXPECT_TRUE(Eventually([&] { return number(kLookups) > 0; }));
  const int64_t lookups = number(kLookups);
  const int64_t scans = number(kScans);
  EXPECT_TRUE(Eventually([&] { return number(kLookups) >= lookups + 10; }, absl::Seconds(30)));
  EXPECT_EQ(number(kScans), scans);
  EXPECT_EQ(number("select sum(idx_tup_read) from pg_stat_user_indexes where indexrelname in"
                   " ('commitments_by_last_day', 'datasets_by_next_state')"),
            0);
}

TEST_F(ClockTest, AServerStopsAtOnceWhileTheClockWaits) {
  AddDaily("d1");
  Report("d1", At("2022-01-01T00:00:00Z"));
  pqxx::connection connection(database_.url());
  pqxx::work holder(connection);
  holder.exec("select * from head for update");
  TestServer server(database_.url(), WithClock());
  database_.SetClock(At("2022-01-02T00:00:00Z"));
  EXPECT_TRUE(Eventually([&] {
    return database_
               .Sql(
                   "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                   " and datname = current_database()")
               .front() != "0";
  }));
  const absl::Time before = absl::Now();
  server.server().Drain();
  EXPECT_LT(absl::Now() - before, absl::Seconds(2));
  // What it was about to write is made now, once, or by the next.
  holder.commit();
  StartClocks();
  EXPECT_TRUE(Eventually([&] { return StateOf("d1") == Freshness::DUE; }));
  GoTo("2022-01-02T00:00:01Z");
  EXPECT_EQ(Announced(Change::FRESHNESS_CHANGED).size(), 1U);
}

TEST(ClockOutageTest, ADatabaseThatWentAwayIsLookedAtAgain) {
  TestCluster cluster;
  ASSERT_TRUE(db::Migrate(cluster.url()).ok());
  TestServer server(cluster.url(), WithClock());
  cluster.Kill();
  absl::SleepFor(10 * kInterval);
  cluster.Start();
  RunSql(cluster.url(), "insert into publishers select 'swd', '{\"en\": \"x\"}', 'UTC', '', now(), now(), null, 1");
  RunSql(cluster.url(), AddDatasetsSql("swd", "select 'd1'"));
  EXPECT_TRUE(Eventually([&] {
    return RunSql(cluster.url(), "select coalesce(max(freshness_state), '') from datasets").front() == "UNKNOWN";
  }));
}

// The programs, by the real clock: what was promised for last year, and datasets that have no freshness yet.
TEST(ClockReplicaTest, AServerThatIsKilledInTheMiddleLosesAndRepeatsNothing) {
  constexpr int kEach = 6000;
  const TestDatabase database;
  database.Sql("insert into publishers select 'swd', '{\"en\": \"x\"}', 'Asia/Hong_Kong', '', now(), now(), null, 1");
  database.Sql(AddDatasetsSql("swd", absl::StrCat("select 'd' || i from generate_series(1, ", kEach, ") i")));
  database.Sql(
      "insert into plans select 'swd', '2022', '{}', 2022, 2022, null, 'PUBLISHED', '[]', now(), now(), now(), null, "
      "1");
  database.Sql(absl::StrCat(
      "insert into commitments (publisher_id, plan_id, commitment_id, dataset_id, section, number, titles, categories,"
      " remarks, frequency, frequency_texts, formats, former_titles, discontinued, first_target_date, target_date,"
      " original_target_date, state, create_time, update_time, revision)"
      " select 'swd', '2022', 'a-' || i, 'd' || i, 'A', i, '{\"en\": \"x\"}', '{}', '{}', 'DAILY', '{}', '[]', '[]',"
      " false, '2022-06', '2022-06', '2022-06', 'PLANNED', now(), now(), 1 from generate_series(1, ",
      kEach, ") i"));
  const auto announced = [&] { return std::stoi(database.Sql("select revision from head").front()); };

  ServerProcess killed(database.url());
  std::unique_ptr<ServerProcess> other;
  for (const int at : {500, 2500}) {
    EXPECT_TRUE(Eventually([&] { return announced() >= at; }, absl::Seconds(60)));
    EXPECT_LT(announced(), 2 * kEach) << "it was done before it could be killed";
    killed.Signal(SIGKILL);
    if (other == nullptr) other = std::make_unique<ServerProcess>(database.url());
    killed.Start();
  }
  EXPECT_TRUE(Eventually([&] { return announced() >= 2 * kEach; }, absl::Seconds(60)));
  absl::SleepFor(absl::Seconds(3));  // some ticks more, which must have nothing to say

  Client client(other->address());
  std::map<std::string, int> said;
  almanac::v1::ListChangesRequest request;
  request.set_page_size(1000);
  int64_t revision = 0;
  do {
    const auto page = Call(client.changes.get(), &almanac::v1::ChangeService::Stub::ListChanges, request);
    for (const Change& change : page.changes()) {
      ASSERT_EQ(change.revision(), ++revision);
      EXPECT_EQ(change.actor(), "almanacd");
      EXPECT_EQ(change.type(),
                change.kind() == almanac::v1::COMMITMENT ? Change::BECAME_OVERDUE : Change::FRESHNESS_CHANGED);
      ++said[change.resource()];
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(revision, 2 * kEach);
  EXPECT_EQ(said.size(), static_cast<size_t>(2 * kEach));
  EXPECT_EQ(database.Sql("select count(*) from commitments where overdue_date = '2022-07-01'").front(),
            std::to_string(kEach));
}

}  // namespace
}  // namespace almanac::testing
