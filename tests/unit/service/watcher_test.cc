#include "service/watcher.h"

#include <gmock/gmock.h>

#include <set>

#include "db/errors.h"
#include "google/rpc/error_details.pb.h"
#include "service/changed_fields.h"
#include "service/watch_errors.h"

namespace almanac::service {
namespace {

using almanac::v1::Change;
using almanac::v1::WatchRequest;
using ::testing::HasSubstr;

WatchRequest Filter(const std::vector<almanac::v1::ResourceKind>& kinds, const std::vector<Change::Type>& types,
                    const std::vector<std::string>& fields) {
  WatchRequest request;
  for (const auto kind : kinds) request.add_kinds(kind);
  for (const auto type : types) request.add_types(type);
  for (const std::string& field : fields) request.add_changed_fields(field);
  return request;
}

TEST(FilterBindingTest, IsOfTheWholeFilterInAnyOrder) {
  using almanac::v1::DATASET;
  using almanac::v1::PUBLISHER;
  const std::string binding =
      FilterBinding(Filter({DATASET, PUBLISHER}, {Change::CREATED, Change::UPDATED}, {"titles", "remarks"}));
  WatchRequest same = Filter({PUBLISHER, DATASET, PUBLISHER}, {Change::UPDATED, Change::CREATED, Change::UPDATED},
                             {"remarks", "titles", "remarks"});
  EXPECT_EQ(FilterBinding(same), binding);
  same.set_after_revision(7);
  EXPECT_EQ(FilterBinding(same), binding) << "where a stream starts is no part of its filter";

  const std::set<std::string> bindings = {
      binding,
      FilterBinding(Filter({DATASET}, {Change::CREATED, Change::UPDATED}, {"titles", "remarks"})),
      FilterBinding(Filter({DATASET, PUBLISHER}, {Change::CREATED}, {"titles", "remarks"})),
      FilterBinding(Filter({DATASET, PUBLISHER}, {Change::CREATED, Change::UPDATED}, {"titles"})),
      FilterBinding(Filter({DATASET, PUBLISHER}, {Change::CREATED, Change::UPDATED}, {})),
      FilterBinding({}),
  };
  EXPECT_EQ(bindings.size(), 6U);
}

TEST(StreamAgeTest, IsEachItsOwnBetweenFourFifthsAndTheWhole) {
  std::set<absl::Duration> ages;
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration age = StreamAge(absl::Minutes(30));
    EXPECT_GE(age, absl::Minutes(24));
    EXPECT_LE(age, absl::Minutes(30));
    ages.insert(age);
  }
  EXPECT_GT(ages.size(), 900U);
  EXPECT_LT(*ages.begin(), absl::Minutes(25)) << "of a thousand";
  EXPECT_GT(*ages.rbegin(), absl::Minutes(29));
  EXPECT_EQ(StreamAge(absl::InfiniteDuration()), absl::InfiniteDuration());
}

std::string NextStep(const absl::Status& status, const std::string& token, bool in_snapshot = false) {
  const auto info = db::Detail<google::rpc::ErrorInfo>(WithNextStep(status, token, in_snapshot));
  EXPECT_EQ(info.metadata().contains("resume_token"), info.metadata().at("next_step") == "RESUME");
  return info.metadata().at("next_step");
}

TEST(WithNextStepTest, TellsWhatToDoByTheErrorAndByWhereTheStreamIs) {
  EXPECT_EQ(NextStep(db::InvalidField("kinds", "is wrong"), ""), "FIX_REQUEST");
  EXPECT_EQ(NextStep(db::EpochChanged(), "token"), "RELIST");
  EXPECT_EQ(NextStep(db::RevisionCompacted(3, 7), "token"), "RELIST");
  EXPECT_EQ(NextStep(db::RevisionInFuture(7, 3), ""), "RELIST");
  EXPECT_EQ(NextStep(TooManyWatchers("a client", 3), ""), "WAIT");
  EXPECT_EQ(NextStep(StreamExpired(), "token"), "RESUME");
  for (const absl::Status& status : {ServerStopping(), WatcherTooSlow(absl::Seconds(60)), db::DatabaseUnavailable()}) {
    EXPECT_EQ(NextStep(status, "token"), "RESUME");
    EXPECT_EQ(NextStep(status, ""), "WAIT") << "the stream had not begun";
    EXPECT_EQ(NextStep(status, "", true), "RELIST") << "half a snapshot is none";
  }
}

TEST(WithNextStepTest, KeepsWhatElseTheErrorSays) {
  const absl::Status status = WithNextStep(db::RevisionCompacted(3, 7), "", false);
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  const auto info = db::Detail<google::rpc::ErrorInfo>(status);
  EXPECT_EQ(info.reason(), "REVISION_COMPACTED");
  EXPECT_EQ(info.metadata().at("oldest_revision"), "7");
}

absl::Status Check(const std::vector<std::string>& fields) {
  return CheckChangedFields(Filter({}, {}, fields).changed_fields());
}

TEST(ChangedFieldsTest, AreFieldsOfSomeKindThatAreNoBookkeeping) {
  EXPECT_TRUE(Check({}).ok());
  EXPECT_TRUE(Check({"titles", "time_zone", "freshness", "language", "target_date", "name"}).ok());
  for (const char* bookkeeping : {"etag", "revision", "update_time"}) {
    EXPECT_THAT(std::string(Check({bookkeeping}).message()), HasSubstr(bookkeeping));
  }
}

TEST(ChangedFieldsTest, AnErrorNamesTheFieldAndTheNearest) {
  const absl::Status status = Check({"titles", "titels"});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(db::Detail<google::rpc::BadRequest>(status).field_violations(0).field(), "changed_fields");
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"titels\""));
  EXPECT_THAT(std::string(status.message()), HasSubstr("nearest is \"titles\""));
  EXPECT_THAT(std::string(Check({"target_dates"}).message()), HasSubstr("nearest is \"target_date\""));
  EXPECT_FALSE(Check({""}).ok());
  EXPECT_FALSE(Check({std::string(60'000, 'x')}).ok());
}

TEST(ChangedFieldsTest, AreTwentyAtMost) {
  EXPECT_TRUE(Check(std::vector<std::string>(20, "titles")).ok());
  EXPECT_THAT(std::string(Check(std::vector<std::string>(21, "titles")).message()), HasSubstr("at most 20"));
}

}  // namespace
}  // namespace almanac::service
