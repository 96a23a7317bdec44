#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <random>
#include <thread>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/catalogue_fixture.h"
#include "tests/integration/log_lock.h"

// ListChanges: its filters, its range, and what is left of compacted changes.
namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::ListChangesRequest;
using almanac::v1::ListChangesResponse;
using google::protobuf::util::MessageDifferencer;
using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kLine[] = "publishers/swd/plans/2022-2024/commitments/a-1";

std::vector<int64_t> RevisionsOf(const std::vector<Change>& changes) {
  std::vector<int64_t> revisions;
  for (const Change& change : changes) revisions.push_back(change.revision());
  return revisions;
}

class ListChangesTest : public CatalogueTest {
 protected:
  // Every page of a list. `between` is run after each page.
  template <typename Between>
  std::vector<Change> All(ListChangesRequest request, Between between) {
    std::vector<Change> changes;
    do {
      const ListChangesResponse page = Do(request);
      changes.insert(changes.end(), page.changes().begin(), page.changes().end());
      request.set_page_token(page.next_page_token());
      between();
    } while (!request.page_token().empty());
    return changes;
  }
  std::vector<Change> All(const ListChangesRequest& request) {
    return All(request, [] {});
  }

  // Runs a write in somebody's name.
  template <typename Request>
  void DoAs(const std::string& actor, const Request& request) {
    grpc::ClientContext context;
    context.AddMetadata("x-almanac-actor", actor);
    decltype(Do(request)) response;
    const grpc::Status status =
        (*Method<Request>::Stub(*client_).*Method<Request>::kCall)(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  // Two publishers with a plan, datasets and lines, changed by two people: some 60 changes of many types.
  void FillLog() {
    for (const std::string publisher : {"swd", "ha"}) {
      AddPublisher(publisher);
      AddPlan(publisher);
      const std::string plan = absl::StrCat("publishers/", publisher, "/plans/2022-2024");
      for (int i = 1; i <= 4; ++i) {
        const std::string dataset = AddDataset(absl::StrCat("d", i), publisher).name();
        Do(NewLine("A", i, dataset, "2022-06", plan));
        DoAs("siu", ToMove(absl::StrCat(plan, "/commitments/a-", i), "2022-09"));
        almanac::v1::UpdateDatasetRequest update;
        update.mutable_dataset()->set_name(dataset);
        update.mutable_dataset()->set_landing_page("https://example.org/");
        if (i % 2 == 0) (*update.mutable_dataset()->mutable_titles())["en"] = "Retitled";
        DoAs(i % 2 == 0 ? "ling" : "siu", update);
      }
      Do(Named<almanac::v1::DeleteCommitmentRequest>(plan + "/commitments/a-4"));
      DoAs("siu", ToRelease(plan + "/commitments/a-1", "2022-09-10"));
      Do(ToCancel(plan + "/commitments/a-2"));
    }
  }

  void Refuses(const ListChangesRequest& request, const std::string& field) {
    const grpc::Status status = Try(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << request.ShortDebugString();
    EXPECT_EQ(FieldOf(status), field) << status.error_message();
  }
};

// What of the log a request asks for, change by change.
bool IsAskedFor(const ListChangesRequest& request, const Change& change) {
  const std::string& prefix = request.resource_prefix();
  const bool lies_below = change.resource().starts_with(prefix + "/");
  if (!prefix.empty() && change.resource() != prefix && !lies_below) return false;
  if (!request.kinds().empty() && !absl::c_linear_search(request.kinds(), change.kind())) return false;
  if (!request.types().empty() && !absl::c_linear_search(request.types(), change.type())) return false;
  if (!request.actor().empty() && request.actor() != change.actor()) return false;
  const auto is_wanted = [&](const auto& field) { return absl::c_linear_search(request.changed_fields(), field); };
  if (!request.changed_fields().empty() && absl::c_none_of(change.changed_fields(), is_wanted)) return false;
  if (request.has_start_time() && change.change_time() < request.start_time()) return false;
  if (request.has_end_time() && change.change_time() >= request.end_time()) return false;
  if (change.revision() < request.start_revision()) return false;
  return request.end_revision() == 0 || change.revision() <= request.end_revision();
}

class RandomRequests {
 public:
  RandomRequests(std::vector<Change> log, unsigned seed) : log_(std::move(log)), random_(seed) {}

  ListChangesRequest Next() {
    ListChangesRequest request;
    const Change& some = Any();
    if (Coin()) request.set_resource_prefix(Coin() ? some.resource() : "publishers/swd");
    if (Coin()) request.add_kinds(Any().kind());
    if (Coin() && Coin()) request.add_kinds(some.kind());
    if (Coin()) request.add_types(Any().type());
    if (Coin()) request.add_types(some.type());
    if (Coin() && Coin()) request.set_actor(Any().actor());
    for (const std::string& field : some.changed_fields()) {
      if (Coin() && Coin() && request.changed_fields_size() < 20) request.add_changed_fields(field);
    }
    int64_t first = Any().revision();
    int64_t last = Any().revision();
    if (first > last) std::swap(first, last);
    if (Coin()) request.set_start_revision(first);
    if (Coin()) request.set_end_revision(last);
    auto from = Any().change_time();
    auto to = Any().change_time();
    if (to < from) std::swap(from, to);
    if (Coin()) *request.mutable_start_time() = Near(from, 0);
    if (Coin()) *request.mutable_end_time() = Near(to, 2);
    request.set_page_size(1 + static_cast<int32_t>(random_() % 5));
    return request;
  }

 private:
  const Change& Any() { return log_[random_() % log_.size()]; }
  bool Coin() { return random_() % 2 == 0; }
  // A time some nanoseconds from it, of which the server's microseconds know nothing.
  google::protobuf::Timestamp Near(const google::protobuf::Timestamp& time, int64_t micros) {
    const int64_t near = TimeUtil::TimestampToNanoseconds(time) + 1000 * micros;
    return TimeUtil::NanosecondsToTimestamp(near + (Coin() ? 0 : static_cast<int64_t>(random_() % 1999) - 999));
  }

  std::vector<Change> log_;
  std::mt19937 random_;
};

TEST_F(ListChangesTest, AnswersWhatGoingThroughTheLogGives) {
  FillLog();
  const std::vector<Change> log = ChangesAfter(0);
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  RandomRequests requests(log, seed);
  int found = 0;
  for (int i = 0; i < 300 && !HasFailure(); ++i) {
    const ListChangesRequest request = requests.Next();
    std::vector<int64_t> expected;
    for (const Change& change : log) {
      if (IsAskedFor(request, change)) expected.push_back(change.revision());
    }
    found += static_cast<int>(expected.size());
    EXPECT_EQ(RevisionsOf(All(request)), expected) << request.DebugString();
  }
  EXPECT_GT(found, 100);
}

TEST_F(ListChangesTest, ByActorTypeAndField) {
  AddPromise();
  DoAs("siu", ToMove(kLine, "2022-09"));
  DoAs("ling", ToMove(kLine, "2022-12"));
  DoAs("siu", ToCancel(kLine));
  ListChangesRequest request;
  request.set_actor("siu");
  EXPECT_THAT(RevisionsOf(All(request)), ElementsAre(5, 7));
  request.add_types(Change::RESCHEDULED);
  EXPECT_THAT(RevisionsOf(All(request)), ElementsAre(5));
  request.clear_actor();
  EXPECT_THAT(RevisionsOf(All(request)), ElementsAre(5, 6));
  request.clear_types();
  request.add_changed_fields("cancellation");
  request.add_changed_fields("homepage");
  EXPECT_THAT(RevisionsOf(All(request)), ElementsAre(7));
  request.set_resource_prefix("publishers/swd/datasets/d1");
  EXPECT_THAT(All(request), IsEmpty());
}

TEST_F(ListChangesTest, OfAPublisherOrPlanAloneLeavesOutWhatIsBelow) {
  FillLog();
  ListChangesRequest request;
  request.set_resource_prefix("publishers/swd");
  request.add_kinds(almanac::v1::PUBLISHER);
  EXPECT_THAT(RevisionsOf(All(request)), ElementsAre(1));
  request.set_resource_prefix("publishers/swd/plans/2022-2024");
  EXPECT_THAT(All(request), IsEmpty());
  request.set_kinds(0, almanac::v1::RELEASE_PLAN);
  EXPECT_THAT(RevisionsOf(All(request)), ElementsAre(2));
  request.set_kinds(0, almanac::v1::COMMITMENT);
  EXPECT_GT(All(request).size(), 8U);
}

TEST_F(ListChangesTest, WrongFiltersAreNamed) {
  AddPublisher();
  ListChangesRequest request;
  for (int type = 1; type < Change::Type_ARRAYSIZE; ++type) request.add_types(static_cast<Change::Type>(type));
  EXPECT_EQ(Do(request).changes_size(), 1);
  request.add_types(Change::CREATED);
  Refuses(request, "types");
  request.clear_types();
  request.add_types(Change::TYPE_UNSPECIFIED);
  Refuses(request, "types");
  request.set_types(0, static_cast<Change::Type>(99));
  Refuses(request, "types");
  request.Clear();
  for (int i = 0; i < 20; ++i) request.add_changed_fields("titles");
  EXPECT_EQ(Do(request).changes_size(), 1);
  request.add_changed_fields("titles");
  Refuses(request, "changed_fields");
  for (const char* unknown : {"", "title", "etag", "revision", "update_time", "titles.en"}) {
    request.Clear();
    request.add_changed_fields(unknown);
    Refuses(request, "changed_fields");
  }
  request.Clear();
  std::string actor;
  for (int i = 0; i < 256; ++i) absl::StrAppend(&actor, "数");
  request.set_actor(actor);
  EXPECT_EQ(Do(request).changes_size(), 0);
  request.set_actor(actor + "x");
  Refuses(request, "actor");
}

TEST_F(ListChangesTest, WrongRangesAreNamed) {
  AddPublisher();
  ListChangesRequest request;
  request.mutable_start_time()->set_seconds(TimeUtil::kTimestampMaxSeconds + 1);
  Refuses(request, "start_time");
  request.Clear();
  request.mutable_end_time()->set_nanos(-1);
  Refuses(request, "end_time");
  request.mutable_end_time()->set_nanos(5000);
  request.mutable_start_time()->set_nanos(6000);
  Refuses(request, "end_time");
  request.mutable_start_time()->set_nanos(5000);
  EXPECT_EQ(Do(request).changes_size(), 0) << "nothing lies between a time and itself";
  request.Clear();
  request.set_start_revision(3);
  request.set_end_revision(2);
  Refuses(request, "end_revision");
  // The whole span of times there is.
  request.Clear();
  request.mutable_start_time()->set_seconds(TimeUtil::kTimestampMinSeconds);
  request.mutable_end_time()->set_seconds(TimeUtil::kTimestampMaxSeconds);
  EXPECT_EQ(Do(request).changes_size(), 1);
  request.Clear();
  request.set_show_compacted(true);
  Refuses(request, "resource_prefix");
}

TEST_F(ListChangesTest, ATimeToWhichTheLogDoesNotReachBackIsSaid) {
  FillLog();
  const std::vector<Change> log = ChangesAfter(0);
  database_.Sql(CompactSql(10));
  ListChangesRequest request;
  *request.mutable_start_time() = log[9].change_time();
  const grpc::Status status = Try(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ReasonOf(status), "REVISION_COMPACTED");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("oldest_revision"), "11");
  // Together with a revision it is clear that nothing is missing.
  request.set_start_revision(11);
  EXPECT_EQ(All(request).front().revision(), 11);
  request.clear_start_revision();
  *request.mutable_start_time() = log[11].change_time();
  EXPECT_EQ(All(request).front().revision(), 12);
}

// A change without what its summary does not keep.
Change SummaryOf(Change change) {
  change.clear_before();
  change.clear_after();
  change.set_summary_only(true);
  return change;
}

TEST_F(ListChangesTest, SummariesComeFirstThenTheLog) {
  FillLog();
  const std::vector<Change> log = ChangesAfter(0);
  database_.Sql(CompactSql(15));
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  RandomRequests requests(log, seed);
  int summaries = 0;
  for (int i = 0; i < 300 && !HasFailure(); ++i) {
    ListChangesRequest request = requests.Next();
    if (request.resource_prefix().empty()) request.set_resource_prefix("publishers/swd");
    request.set_show_compacted(true);
    std::vector<Change> expected;
    for (const Change& change : log) {
      if (!IsAskedFor(request, change)) continue;
      expected.push_back(change.revision() <= 15 ? SummaryOf(change) : change);
      summaries += change.revision() <= 15 ? 1 : 0;
    }
    const std::vector<Change> changes = All(request);
    ASSERT_EQ(RevisionsOf(changes), RevisionsOf(expected)) << request.DebugString();
    for (size_t k = 0; k < changes.size(); ++k) {
      EXPECT_TRUE(MessageDifferencer::Equals(changes[k], expected[k])) << changes[k].DebugString();
    }
  }
  EXPECT_GT(summaries, 50);
}

// The mark moves on by more than the pages do.
TEST_F(ListChangesTest, CompactionBetweenPagesLosesAndRepeatsNothing) {
  FillLog();
  const std::vector<Change> log = ChangesAfter(0);
  ListChangesRequest request;
  request.set_resource_prefix("publishers/swd");
  request.set_show_compacted(true);
  request.set_page_size(2);
  std::vector<int64_t> expected;
  for (const Change& change : log) {
    if (IsAskedFor(request, change)) expected.push_back(change.revision());
  }
  int64_t mark = 0;
  const auto compact = [&] {
    mark = std::min<int64_t>(mark + 3, static_cast<int64_t>(log.size()));
    database_.Sql(CompactSql(mark));
  };
  const std::vector<Change> changes = All(request, compact);
  EXPECT_EQ(RevisionsOf(changes), expected);
  EXPECT_FALSE(changes.front().summary_only());
  EXPECT_TRUE(changes.back().summary_only());
}

TEST_F(ListChangesTest, CompactionDuringAPageIsReadAmongTheSummaries) {
  FillLog();
  const std::vector<Change> log = ChangesAfter(0);
  ListChangesRequest request;
  request.set_resource_prefix("publishers/swd/datasets/d1");
  request.set_show_compacted(true);
  std::vector<Change> changes;
  LogLock lock(database_.url());
  std::thread reader([&] { changes = All(request); });
  LogLock::AwaitReader(database_);
  lock.Commit(CompactSql(20));
  reader.join();
  std::vector<int64_t> expected;
  for (const Change& change : log) {
    if (IsAskedFor(request, change)) expected.push_back(change.revision());
  }
  ASSERT_GT(expected.size(), 1U);
  EXPECT_EQ(RevisionsOf(changes), expected);
  EXPECT_TRUE(changes.front().summary_only());
}

}  // namespace
}  // namespace almanac::testing
