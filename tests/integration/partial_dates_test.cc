#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "service/rules/dates.h"
#include "tests/integration/harness.h"

// Dates with a precision mean the same to the database as to the rules.
namespace almanac::testing {
namespace {

std::vector<std::string> EveryDateOfManyYears() {
  std::vector<std::string> dates;
  for (int year = 1900; year <= 2100; ++year) {
    dates.push_back(absl::StrCat(year));
    for (int quarter = 1; quarter <= 4; ++quarter) dates.push_back(absl::StrCat(year, "-Q", quarter));
    for (int month = 1; month <= 12; ++month) dates.push_back(absl::StrFormat("%d-%02d", year, month));
  }
  // Leap years, and those that look like one.
  for (const int year : {1900, 2000, 2023, 2024, 2100}) {
    for (absl::CivilDay day(year, 1, 1); day.year() == year; ++day) dates.push_back(service::rules::FormatDay(day));
  }
  for (const char* date : {"9999", "9999-Q4", "9999-12", "9999-12-31"}) dates.emplace_back(date);
  return dates;
}

TEST(PartialDatesTest, BeginAndEndOnTheSameDaysInTheDatabaseAsInTheRules) {
  const TestDatabase database;
  const std::vector<std::string> dates = EveryDateOfManyYears();
  const std::vector<std::string> spans = database.Sql(
      absl::StrCat("select concat(d, ' ', to_char(first_day(d), 'YYYY-MM-DD'), ' ', to_char(last_day(d), 'YYYY-MM-DD'))"
                   " from unnest('{",
                   absl::StrJoin(dates, ","), "}'::text[]) with ordinality as t(d, n) order by n"));
  ASSERT_EQ(spans.size(), dates.size());
  for (size_t i = 0; i < dates.size(); ++i) {
    const auto span = service::rules::ParseDate(dates[i]);
    ASSERT_TRUE(span) << dates[i];
    EXPECT_EQ(spans[i], absl::StrCat(dates[i], " ", service::rules::FormatDay(span->first), " ",
                                     service::rules::FormatDay(span->last)));
  }
}

}  // namespace
}  // namespace almanac::testing
