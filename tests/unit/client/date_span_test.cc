#include "client/date_span.h"

#include <gtest/gtest.h>

namespace almanac::client {
namespace {

using absl::CivilDay;

TEST(ParseDateSpan, ReachesFromTheFirstToTheLastDay) {
  const struct {
    const char* date;
    CivilDay first;
    CivilDay last;
  } cases[] = {
      {"2022-06-30", CivilDay(2022, 6, 30), CivilDay(2022, 6, 30)},
      {"2024-02", CivilDay(2024, 2, 1), CivilDay(2024, 2, 29)},
      {"2023-02", CivilDay(2023, 2, 1), CivilDay(2023, 2, 28)},
      {"2022-Q1", CivilDay(2022, 1, 1), CivilDay(2022, 3, 31)},
      {"2022-Q4", CivilDay(2022, 10, 1), CivilDay(2022, 12, 31)},
      {"2022", CivilDay(2022, 1, 1), CivilDay(2022, 12, 31)},
  };
  for (const auto& expected : cases) {
    const auto span = ParseDateSpan(expected.date);
    ASSERT_TRUE(span.has_value()) << expected.date;
    EXPECT_EQ(span->first, expected.first) << expected.date;
    EXPECT_EQ(span->last, expected.last) << expected.date;
  }
}

TEST(ParseDateSpan, KnowsWhatIsNoDate) {
  for (const char* text : {"", "22", "2022-", "2022-13", "2022-02-30", "2022-6", "2022-Q0", "2022-Q5", "2022-q1",
                           "2022-06-3", "2022-06-30T", "June 2022"}) {
    EXPECT_FALSE(ParseDateSpan(text).has_value()) << text;
  }
}

TEST(DateWords, KeepThePrecision) {
  EXPECT_EQ(DateWords("2022-06-05"), "5 June 2022");
  EXPECT_EQ(DateWords("2022-06"), "June 2022");
  EXPECT_EQ(DateWords("2022-Q3"), "Q3 2022");
  EXPECT_EQ(DateWords("2022"), "2022");
  EXPECT_EQ(DateWords("soon"), "soon");
}

TEST(DateSpan, TextsOfDaysAndCounts) {
  EXPECT_EQ(DayText(CivilDay(2022, 6, 5)), "2022-06-05");
  EXPECT_EQ(MonthsBetween(CivilDay(2022, 6, 30), CivilDay(2022, 7, 1)), 1);
  EXPECT_EQ(MonthsBetween(CivilDay(2023, 1, 1), CivilDay(2022, 11, 30)), -2);
  EXPECT_EQ(CountText(1, "day"), "1 day");
  EXPECT_EQ(CountText(0, "day"), "0 days");
  EXPECT_EQ(CountText(2, "month"), "2 months");
}

}  // namespace
}  // namespace almanac::client
