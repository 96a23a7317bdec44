#include "service/rules/dates.h"

#include <gtest/gtest.h>

#include <string>

namespace almanac::service::rules {
namespace {

using absl::CivilDay;

void ExpectSpan(const std::string& date, CivilDay first, CivilDay last) {
  const std::optional<Span> span = ParseDate(date);
  ASSERT_TRUE(span) << date;
  EXPECT_EQ(span->first, first) << date;
  EXPECT_EQ(span->last, last) << date;
}

TEST(ParseDateTest, AYearLastsFromJanuaryToDecember) {
  ExpectSpan("2022", CivilDay(2022, 1, 1), CivilDay(2022, 12, 31));
}

TEST(ParseDateTest, EachQuarterEndsWithItsThirdMonth) {
  ExpectSpan("2022-Q1", CivilDay(2022, 1, 1), CivilDay(2022, 3, 31));
  ExpectSpan("2022-Q2", CivilDay(2022, 4, 1), CivilDay(2022, 6, 30));
  ExpectSpan("2022-Q3", CivilDay(2022, 7, 1), CivilDay(2022, 9, 30));
  ExpectSpan("2022-Q4", CivilDay(2022, 10, 1), CivilDay(2022, 12, 31));
}

TEST(ParseDateTest, AMonthEndsWithItsLastDay) {
  ExpectSpan("2022-06", CivilDay(2022, 6, 1), CivilDay(2022, 6, 30));
  ExpectSpan("2022-12", CivilDay(2022, 12, 1), CivilDay(2022, 12, 31));
  ExpectSpan("2023-02", CivilDay(2023, 2, 1), CivilDay(2023, 2, 28));
  ExpectSpan("2024-02", CivilDay(2024, 2, 1), CivilDay(2024, 2, 29));
}

TEST(ParseDateTest, ADayIsItself) {
  ExpectSpan("2022-06-30", CivilDay(2022, 6, 30), CivilDay(2022, 6, 30));
  EXPECT_TRUE(ParseDate("2022-06-30")->is_day());
  EXPECT_FALSE(ParseDate("2022-06")->is_day());
}

TEST(ParseDateTest, TheFirstAndTheLastYearAreDates) {
  ExpectSpan("1900", CivilDay(1900, 1, 1), CivilDay(1900, 12, 31));
  ExpectSpan("9999", CivilDay(9999, 1, 1), CivilDay(9999, 12, 31));
}

TEST(ParseDateTest, LeapDaysExistInLeapYearsOnly) {
  ExpectSpan("2024-02-29", CivilDay(2024, 2, 29), CivilDay(2024, 2, 29));
  ExpectSpan("2000-02-29", CivilDay(2000, 2, 29), CivilDay(2000, 2, 29));
  EXPECT_FALSE(ParseDate("2023-02-29"));
  EXPECT_FALSE(ParseDate("1900-02-29"));
  EXPECT_FALSE(ParseDate("2024-02-30"));
}

class NoDateTest : public ::testing::TestWithParam<std::string> {};

TEST_P(NoDateTest, IsRefused) { EXPECT_FALSE(ParseDate(GetParam())) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(OutOfRange, NoDateTest,
                         ::testing::Values("2022-13", "2022-00", "2022-06-31", "2022-06-00", "2022-04-99", "2022-Q0",
                                           "2022-Q5", "0000", "0000-01", "0000-01-01", "1899-12-31", "1899"));
INSTANTIATE_TEST_SUITE_P(Junk, NoDateTest,
                         ::testing::Values("", "2", "202", "20222", "2022-", "2022-6", "2022-6-30", "2022-06-3",
                                           "2022-06-300", "2022-06-30T00:00:00Z", " 2022", "2022 ", "2022-06 ",
                                           "2022/06/30", "06/2022", "2022-Q", "2022-q2", "2022-Q22", "2022Q2", "-2022",
                                           "+2022", "-022-06", "2022--1", "2022-+1", "2022-06--1", "２０２２",
                                           "二〇二二", std::string("2022\0", 5), std::string("2022-0\0", 7)));

TEST(OverdueTest, BeginsTheDayAfterTheLastOneOfTheTarget) {
  const Span june = *ParseDate("2022-06");
  EXPECT_FALSE(IsOverdue(june, CivilDay(2022, 5, 31)));
  EXPECT_FALSE(IsOverdue(june, CivilDay(2022, 6, 1)));
  EXPECT_FALSE(IsOverdue(june, CivilDay(2022, 6, 30)));
  EXPECT_TRUE(IsOverdue(june, CivilDay(2022, 7, 1)));
  EXPECT_FALSE(IsOverdue(*ParseDate("2022"), CivilDay(2022, 12, 31)));
  EXPECT_TRUE(IsOverdue(*ParseDate("2022"), CivilDay(2023, 1, 1)));
  EXPECT_FALSE(IsOverdue(*ParseDate("2022-Q2"), CivilDay(2022, 6, 30)));
  EXPECT_TRUE(IsOverdue(*ParseDate("2022-Q2"), CivilDay(2022, 7, 1)));
  EXPECT_FALSE(IsOverdue(*ParseDate("2022-06-15"), CivilDay(2022, 6, 15)));
  EXPECT_TRUE(IsOverdue(*ParseDate("2022-06-15"), CivilDay(2022, 6, 16)));
}

absl::Time At(const std::string& rfc3339) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, rfc3339, &time, &error)) << error;
  return time;
}

// Hong Kong is eight hours ahead of UTC, the whole year.
TEST(DayInTest, ADayEndsInThePublishersZone) {
  EXPECT_EQ(DayIn("Asia/Hong_Kong", At("2022-06-30T15:59:59Z")), CivilDay(2022, 6, 30));
  EXPECT_EQ(DayIn("Asia/Hong_Kong", At("2022-06-30T16:00:00Z")), CivilDay(2022, 7, 1));
  EXPECT_EQ(DayIn("UTC", At("2022-06-30T16:00:00Z")), CivilDay(2022, 6, 30));
  EXPECT_EQ(DayIn("America/New_York", At("2022-07-01T03:59:59Z")), CivilDay(2022, 6, 30));
}

TEST(DayInTest, APromiseForJuneIsOverdueWithJulyInHongKong) {
  const Span june = *ParseDate("2022-06");
  EXPECT_FALSE(IsOverdue(june, DayIn("Asia/Hong_Kong", At("2022-06-30T15:59:59Z"))));
  EXPECT_TRUE(IsOverdue(june, DayIn("Asia/Hong_Kong", At("2022-06-30T16:00:00Z"))));
}

TEST(DayInTest, AZoneThatDoesNotExistCountsAsUtc) {
  EXPECT_EQ(DayIn("Nowhere/Land", At("2022-06-30T16:00:00Z")), CivilDay(2022, 6, 30));
}

TEST(FormatDayTest, HasFourTwoAndTwoDigits) { EXPECT_EQ(FormatDay(CivilDay(2022, 6, 3)), "2022-06-03"); }

}  // namespace
}  // namespace almanac::service::rules
