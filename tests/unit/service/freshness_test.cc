#include "service/rules/freshness.h"

#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

namespace almanac::service::rules {
namespace {

using almanac::v1::Dataset;
using almanac::v1::Frequency;
using almanac::v1::Freshness;
using google::protobuf::util::TimeUtil;

constexpr absl::Duration kMicrosecond = absl::Microseconds(1);

absl::Time At(const std::string& text) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) << text;
  return time;
}

google::protobuf::Timestamp Timestamp(absl::Time time) {
  return TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

std::string Text(const google::protobuf::Timestamp& time) { return TimeUtil::ToString(time); }

// A dataset promised this often, last updated at `last`.
Dataset Promised(Frequency frequency, const std::string& last) {
  Dataset dataset;
  dataset.set_frequency(frequency);
  *dataset.mutable_last_update_time() = Timestamp(At(last));
  return dataset;
}

Freshness Assessed(Dataset dataset, absl::Time now) {
  Assess(now, &dataset);
  return dataset.freshness();
}

// The last day of the 28 that a month may have, so that every sum passes a month's end.
constexpr char kLast[] = "2023-02-28T09:30:00.000007Z";

struct Row {
  Frequency frequency;
  int due, overdue, delinquent;
};

class ThresholdTest : public ::testing::TestWithParam<Row> {};

// The table of the Humanitarian Data Exchange, as freshness.proto gives it.
INSTANTIATE_TEST_SUITE_P(EveryFrequency, ThresholdTest,
                         ::testing::Values(Row{almanac::v1::DAILY, 1, 2, 3}, Row{almanac::v1::WEEKLY, 7, 14, 21},
                                           Row{almanac::v1::MONTHLY, 30, 44, 60},
                                           Row{almanac::v1::QUARTERLY, 90, 120, 150},
                                           Row{almanac::v1::HALF_YEARLY, 180, 210, 240},
                                           Row{almanac::v1::YEARLY, 365, 425, 455}));

TEST_P(ThresholdTest, AStateBeginsExactlySoManyDaysAfterTheLastUpdate) {
  const Row& row = GetParam();
  const Dataset dataset = Promised(row.frequency, kLast);
  const struct {
    int days;
    Freshness::State before, from;
    int next;
  } edges[] = {{row.due, Freshness::FRESH, Freshness::DUE, row.overdue},
               {row.overdue, Freshness::DUE, Freshness::OVERDUE, row.delinquent},
               {row.delinquent, Freshness::OVERDUE, Freshness::DELINQUENT, 0}};
  for (const auto& edge : edges) {
    const absl::Time at = At(kLast) + edge.days * absl::Hours(24);
    const Freshness before = Assessed(dataset, at - kMicrosecond);
    EXPECT_EQ(before.state(), edge.before);
    EXPECT_EQ(Text(before.next_state_time()), Text(Timestamp(at)));
    const Freshness from = Assessed(dataset, at);
    EXPECT_EQ(from.state(), edge.from);
    EXPECT_EQ(from.has_next_state_time(), edge.next != 0);
    if (edge.next != 0) {
      EXPECT_EQ(Text(from.next_state_time()), Text(Timestamp(At(kLast) + edge.next * absl::Hours(24))));
    }
    EXPECT_EQ(Text(from.due_time()), Text(Timestamp(At(kLast) + row.due * absl::Hours(24))));
  }
}

TEST(FreshnessTest, DaysAreElapsedOnesAlsoAcrossALeapDay) {
  // 2024-02-29 is among the 30 days after 15 February, and 2022 has none.
  EXPECT_EQ(
      Text(Assessed(Promised(almanac::v1::MONTHLY, "2024-02-15T00:00:00Z"), At("2024-02-16T00:00:00Z")).due_time()),
      "2024-03-16T00:00:00Z");
  EXPECT_EQ(
      Text(Assessed(Promised(almanac::v1::MONTHLY, "2022-02-15T00:00:00Z"), At("2022-02-16T00:00:00Z")).due_time()),
      "2022-03-17T00:00:00Z");
  EXPECT_EQ(
      Text(Assessed(Promised(almanac::v1::YEARLY, "2024-02-29T12:00:00Z"), At("2024-03-01T00:00:00Z")).due_time()),
      "2025-02-28T12:00:00Z");
}

TEST(FreshnessTest, AnUpdateThatIsALittleAheadOfTheClockIsFresh) {
  const Freshness ahead = Assessed(Promised(almanac::v1::DAILY, "2022-06-30T00:05:00Z"), At("2022-06-30T00:00:00Z"));
  EXPECT_EQ(ahead.state(), Freshness::FRESH);
  EXPECT_EQ(Text(ahead.next_state_time()), "2022-07-01T00:05:00Z");
}

TEST(FreshnessTest, WithoutAnyUpdateItIsUnknown) {
  Dataset dataset;
  dataset.set_frequency(almanac::v1::DAILY);
  dataset.set_last_update_date("2022-06-30");  // what a document speaks of was never reported
  const Freshness freshness = Assessed(dataset, At("2022-07-01T00:00:00Z"));
  EXPECT_EQ(freshness.state(), Freshness::UNKNOWN);
  EXPECT_FALSE(freshness.has_due_time());
  EXPECT_FALSE(freshness.has_next_state_time());
}

TEST(FreshnessTest, WithoutADueDateItIsUnscheduledWhateverWasReported) {
  for (const Frequency frequency :
       {almanac::v1::CONTINUOUS, almanac::v1::AS_NEEDED, almanac::v1::OTHER, almanac::v1::FREQUENCY_UNSPECIFIED}) {
    Dataset never;
    never.set_frequency(frequency);
    for (const Dataset& dataset : {never, Promised(frequency, kLast)}) {
      const Freshness freshness = Assessed(dataset, At("2030-01-01T00:00:00Z"));
      EXPECT_EQ(freshness.state(), Freshness::UNSCHEDULED) << frequency;
      EXPECT_FALSE(freshness.has_due_time());
      EXPECT_FALSE(freshness.has_next_state_time());
    }
  }
}

TEST(FreshnessTest, OneThatIsDiscontinuedIsNeverLate) {
  for (const Frequency frequency : {almanac::v1::DAILY, almanac::v1::CONTINUOUS}) {
    Dataset dataset = Promised(frequency, kLast);
    Assess(At("2023-03-01T00:00:00Z"), &dataset);
    dataset.set_discontinued(true);
    const Freshness freshness = Assessed(dataset, At("2030-01-01T00:00:00Z"));
    EXPECT_EQ(freshness.state(), Freshness::DISCONTINUED);
    EXPECT_FALSE(freshness.has_due_time());
    EXPECT_FALSE(freshness.has_next_state_time());
  }
}

TEST(FreshnessTest, AssessingKeepsWhatWasObserved) {
  Dataset dataset = Promised(almanac::v1::DAILY, kLast);
  dataset.mutable_freshness()->set_observed_frequency(almanac::v1::WEEKLY);
  dataset.mutable_freshness()->mutable_observed_interval()->set_seconds(7 * 86400);
  const Freshness freshness = Assessed(dataset, At(kLast));
  EXPECT_EQ(freshness.observed_frequency(), almanac::v1::WEEKLY);
  EXPECT_EQ(freshness.observed_interval().seconds(), 7 * 86400);
}

// What updates tell that were so many hours apart, the newest gap first.
Freshness Observed(const std::vector<double>& hours) {
  std::vector<absl::Time> updates = {At("2022-06-30T00:00:00Z")};
  for (const double gap : hours) updates.push_back(updates.back() - absl::Hours(gap));
  Freshness freshness;
  Observe(updates, &freshness);
  return freshness;
}

TEST(ObserveTest, FewerThanThreeUpdatesTellNothing) {
  for (const std::vector<absl::Time>& updates : {std::vector<absl::Time>{},
                                                 {At("2022-06-30T00:00:00Z")},
                                                 {At("2022-06-30T00:00:00Z"), At("2022-06-29T00:00:00Z")}}) {
    Freshness freshness;
    freshness.set_observed_frequency(almanac::v1::DAILY);
    freshness.mutable_observed_interval()->set_seconds(1);
    Observe(updates, &freshness);
    EXPECT_EQ(freshness.observed_frequency(), almanac::v1::FREQUENCY_UNSPECIFIED);
    EXPECT_FALSE(freshness.has_observed_interval());
  }
}

TEST(ObserveTest, TheIntervalIsTheMedianOfTheGaps) {
  // Of two gaps the mean; one long pause among many does not count.
  EXPECT_EQ(Observed({24, 48}).observed_interval().seconds(), 36 * 3600);
  EXPECT_EQ(Observed({24, 5000, 25}).observed_interval().seconds(), 25 * 3600);
  EXPECT_EQ(Observed({10, 40, 20, 30}).observed_interval().seconds(), 25 * 3600);
}

TEST(ObserveTest, TheFrequencyIsTheNearestByRatio) {
  const auto of_days = [](double days) { return Observed({24 * days, 24 * days}).observed_frequency(); };
  EXPECT_EQ(of_days(1.0 / 86400), almanac::v1::DAILY);
  EXPECT_EQ(of_days(1), almanac::v1::DAILY);
  // The square root of 1 x 7 is 2.6458.
  EXPECT_EQ(of_days(2.64), almanac::v1::DAILY);
  EXPECT_EQ(of_days(2.65), almanac::v1::WEEKLY);
  // Of 7 x 30: 14.4914.
  EXPECT_EQ(of_days(14.4), almanac::v1::WEEKLY);
  EXPECT_EQ(of_days(14.5), almanac::v1::MONTHLY);
  // Of 30 x 90: 51.9615.
  EXPECT_EQ(of_days(51.9), almanac::v1::MONTHLY);
  EXPECT_EQ(of_days(52), almanac::v1::QUARTERLY);
  // Of 90 x 180: 127.2792.
  EXPECT_EQ(of_days(127.2), almanac::v1::QUARTERLY);
  EXPECT_EQ(of_days(127.3), almanac::v1::HALF_YEARLY);
  // Of 180 x 365: 256.3201.
  EXPECT_EQ(of_days(256.3), almanac::v1::HALF_YEARLY);
  EXPECT_EQ(of_days(256.4), almanac::v1::YEARLY);
  EXPECT_EQ(of_days(5000), almanac::v1::YEARLY);
}

}  // namespace
}  // namespace almanac::service::rules
