#include "client/moment.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "almanac/v1/dataset_service.pb.h"
#include "client/date_span.h"

namespace almanac::client {
namespace {

using google::protobuf::util::TimeUtil;
using ::testing::HasSubstr;

// The request that `almanac` would send with these flags; a usage error for wrong ones.
template <typename Flags, typename Request>
auto FillFrom(const std::string& arguments, Request& request) {
  Flags flags;
  CLI::App app;
  flags.AddTo(app);
  app.parse(arguments);
  return flags.Fill(request);
}

// `%F` of a time where this computer is, and its time of day.
std::string Local(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%E*S", absl::FromUnixNanos(TimeUtil::TimestampToNanoseconds(time)),
                          absl::LocalTimeZone());
}

TEST(PointInTime, IsARevisionATimeOrADay) {
  EXPECT_EQ(ParsePointInTime("0")->revision, 0);
  EXPECT_EQ(ParsePointInTime("9223372036854775807")->revision, INT64_MAX);
  EXPECT_EQ(ParsePointInTime("2022")->revision, 2022) << "a number is never a year";
  const auto time = ParsePointInTime("2022-07-01T09:00:00.5+08:00");
  EXPECT_FALSE(time->revision.has_value());
  EXPECT_EQ(time->begin, absl::FromUnixMillis(1'656'637'200'500));
  EXPECT_EQ(time->end, time->begin + absl::Nanoseconds(1));
  const auto day = ParsePointInTime("2022-07-01");
  EXPECT_EQ(day->begin, absl::FromCivil(absl::CivilDay(2022, 7, 1), absl::LocalTimeZone()));
  EXPECT_EQ(day->end, absl::FromCivil(absl::CivilDay(2022, 7, 2), absl::LocalTimeZone()));
  for (const char* wrong : {"", "-1", "+1", "1.5", "9223372036854775808", "2022-07", "2022-Q3", "2022-02-30", "today",
                            "2022-07-01T09:00:00", "2022-07-01 "}) {
    EXPECT_FALSE(ParsePointInTime(wrong).ok()) << wrong;
  }
}

TEST(AtFlag, OfADayIsItsEndHere) {
  v1::GetDatasetRequest request;
  FillFrom<AtFlag>("--at 2022-07-01", request);
  EXPECT_EQ(Local(request.at().time()), "2022-07-01 23:59:59.999999999");
}

TEST(AtFlag, TakesRevisionsAndTimesAsTheyAre) {
  v1::GetDatasetRequest request;
  FillFrom<AtFlag>("--at 0", request);
  EXPECT_TRUE(request.at().has_revision());
  EXPECT_EQ(request.at().revision(), 0);
  FillFrom<AtFlag>("--at 2022-07-01T01:00:00.000001Z", request);
  EXPECT_EQ(TimeUtil::ToString(request.at().time()), "2022-07-01T01:00:00.000001Z");
}

TEST(AtFlag, OfTodayIsNowAndOfALaterDayIsRefused) {
  const absl::CivilDay today = absl::ToCivilDay(absl::Now(), absl::LocalTimeZone());
  v1::GetDatasetRequest request;
  FillFrom<AtFlag>("--at " + DayText(today), request);
  EXPECT_FALSE(request.has_at());
  try {
    FillFrom<AtFlag>("--at " + DayText(today + 2), request);
    ADD_FAILURE() << "not refused";
  } catch (const CLI::ValidationError& error) {
    EXPECT_THAT(error.what(), HasSubstr("--at: " + DayText(today + 2) + " is yet to come"));
  }
}

TEST(SpanFlags, OfDaysHasBothDaysWhole) {
  v1::ListChangesRequest request;
  EXPECT_TRUE(*FillFrom<SpanFlags>("--since 2022-07-01 --until 2022-07-31", request));
  EXPECT_EQ(Local(request.start_time()), "2022-07-01 00:00:00");
  EXPECT_EQ(Local(request.end_time()), "2022-08-01 00:00:00");
}

TEST(SpanFlags, OfTimesHasBothMoments) {
  v1::ListChangesRequest request;
  EXPECT_TRUE(*FillFrom<SpanFlags>("--since 2022-07-01T00:00:00Z --until 2022-07-01T00:00:00Z", request));
  EXPECT_EQ(TimeUtil::ToString(request.start_time()), "2022-07-01T00:00:00Z");
  EXPECT_EQ(TimeUtil::ToString(request.end_time()), "2022-07-01T00:00:00.000000001Z");
}

TEST(SpanFlags, OfRevisionsBeginsAfterTheFirst) {
  v1::ListChangesRequest request;
  EXPECT_TRUE(*FillFrom<SpanFlags>("--since 5 --until 7", request));
  EXPECT_EQ(request.start_revision(), 6);
  EXPECT_EQ(request.end_revision(), 7);
  EXPECT_FALSE(*FillFrom<SpanFlags>("--since 7 --until 7", request));
  EXPECT_FALSE(*FillFrom<SpanFlags>("--until 0", request));
  v1::ListChangesRequest mixed;
  EXPECT_TRUE(*FillFrom<SpanFlags>("--since 5 --until 2022-07-01", mixed));
  EXPECT_EQ(mixed.start_revision(), 6);
  EXPECT_TRUE(mixed.has_end_time());
  EXPECT_TRUE(FillFrom<SpanFlags>("--since 9223372036854775807", mixed).ok());
  EXPECT_EQ(mixed.start_revision(), INT64_MAX);
}

TEST(SpanFlags, UpsideDownAreRefusedByTheirNames) {
  v1::ListChangesRequest request;
  for (const auto& [since, until] : std::vector<std::pair<std::string, std::string>>{
           {"7", "6"}, {"2022-07-02", "2022-07-01"}, {"2022-07-02T00:00:01Z", "2022-07-02T00:00:00Z"}}) {
    const absl::Status status =
        FillFrom<SpanFlags>(absl::StrCat("--since ", since, " --until ", until), request).status();
    EXPECT_THAT(std::string(status.message()),
                HasSubstr(absl::StrCat("--until ", until, " is before --since ", since)));
  }
}

}  // namespace
}  // namespace almanac::client
