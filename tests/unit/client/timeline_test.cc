#include "client/timeline.h"

#include <gmock/gmock.h>

#include "absl/strings/str_split.h"
#include "client/text_width.h"
#include "client/values.h"
#include "tests/unit/client/promise_testing.h"

namespace almanac::client {
namespace {

using absl::CivilDay;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> LinesOf(const std::string& text) { return absl::StrSplit(text, '\n', absl::SkipEmpty()); }

std::vector<TimelineRow> RowsOn(const PublisherPlans& all, CivilDay day) {
  std::vector<TimelineRow> rows;
  for (Promise& promise : LinesOn(all, all.plans[0].name(), day)) {
    const v1::Commitment& line = promise.line();
    rows.push_back({line.name().substr(line.name().rfind('/') + 1), Language().Pick(line.titles()), promise});
  }
  return rows;
}

TEST(TimeAxis, TakesMonthsWhereTheyFitThenQuartersThenYears) {
  const CivilDay first(2022, 1, 15);
  const CivilDay last(2024, 12, 31);
  const TimeAxis months(first, last, 36);
  EXPECT_EQ(months.columns(), 36);
  EXPECT_EQ(months.ColumnOf(CivilDay(2022, 1, 31)), 0);
  EXPECT_EQ(months.ColumnOf(CivilDay(2022, 2, 1)), 1);
  EXPECT_EQ(months.ColumnOf(last), 35);
  EXPECT_THAT(months.YearColumns(), ElementsAre(0, 12, 24));
  EXPECT_THAT(months.Header(), ElementsAre("2022        2023        2024", "JFMAMJJASONDJFMAMJJASONDJFMAMJJASOND"));
  const TimeAxis quarters(first, last, 35);
  EXPECT_EQ(quarters.columns(), 24) << "twelve quarters, two columns each";
  EXPECT_EQ(quarters.ColumnOf(CivilDay(2022, 3, 31)), 1);
  EXPECT_EQ(quarters.ColumnOf(CivilDay(2022, 4, 1)), 2);
  EXPECT_THAT(quarters.Header(), ElementsAre("2022    2023    2024", "1 2 3 4 1 2 3 4 1 2 3 4"));
  const TimeAxis years(first, last, 11);
  EXPECT_EQ(years.columns(), 9);
  EXPECT_THAT(years.Header(), ElementsAre("2022  2024")) << "a year of three columns has no room for its name";
}

TEST(TimeAxis, WidensItsColumnsWhereThereIsRoom) {
  const TimeAxis axis(CivilDay(2022, 6, 30), CivilDay(2022, 7, 31), 80);
  EXPECT_EQ(axis.columns(), 6);
  EXPECT_EQ(axis.ColumnOf(CivilDay(2022, 6, 10)), 0);
  EXPECT_EQ(axis.ColumnOf(CivilDay(2022, 6, 11)), 1);
  EXPECT_EQ(axis.ColumnOf(CivilDay(2022, 6, 30)), 2);
}

TEST(TimeAxis, HoldsAnySpanAndAnyDay) {
  const TimeAxis axis(CivilDay(1900, 1, 1), CivilDay(9999, 12, 31), 10);
  EXPECT_LE(axis.columns(), 10);
  EXPECT_EQ(axis.ColumnOf(CivilDay(1800, 1, 1)), 0);
  EXPECT_EQ(axis.ColumnOf(CivilDay(20000, 1, 1)), axis.columns() - 1);
  EXPECT_EQ(TimeAxis(CivilDay(2022, 1, 1), CivilDay(2022, 1, 1), 1).columns(), 1);
}

// Of eight months with three columns each: the last day of June is in column 2, that of September in 11, the 15th and
// the 20th of September in 10, the last of the year in 20, and 15 January in 22.
TEST(DrawTimeline, MarksWhatHappenedAndAlignsChineseTitles) {
  const PublisherPlans all = TwoEditions();
  std::vector<TimelineRow> rows = RowsOn(all, CivilDay(2023, 1, 15));
  rows = {rows[0], rows[2]};
  EXPECT_THAT(LinesOf(DrawTimeline(rows, CivilDay(2023, 1, 15), 0)),
              ElementsAre("                         2022                 2023",
                          "                         J  J  A  S  O  N  D  J",
                          "a-1  少数族裔外展队名单    o-------R>         .|   late by 5 days",
                          "a-3  Case files                              o!!   overdue 15 days",
                          "o first target   > moved to   - put off   C confirmed day   R released   X cancelled",
                          "! past its target   | 2023-01-15"));
}

TEST(DrawTimeline, MarksConfirmationsAndCancellations) {
  const PublisherPlans all = TwoEditions();
  std::vector<TimelineRow> rows = RowsOn(all, CivilDay(2022, 9, 10));
  const std::string confirmed = DrawTimeline({rows[0]}, CivilDay(2022, 9, 10), 0);
  // June to September: 30 June in column 2, 10 September in 9, the 15th in 10, the 30th in 11.
  EXPECT_THAT(confirmed, HasSubstr("  o------|C>  confirmed\n"));
  rows = RowsOn(all, CivilDay(2023, 3, 1));
  // December to March: the last day of December in column 2, 10 February in 6, 1 March in 9.
  EXPECT_THAT(DrawTimeline({rows[2]}, CivilDay(2023, 3, 1), 0), HasSubstr("  o!!!X  |    cancelled\n"));
}

TEST(DrawTimeline, FitsTheTerminal) {
  PublisherPlans all = TwoEditions();
  (*all.commitments[1].mutable_titles())["en"] = std::string(200, 'x') + "\n\x1b[31m";
  for (const int width : {60, 80, 100, 120, 200}) {
    const std::string chart = DrawTimeline(RowsOn(all, CivilDay(2025, 7, 1)), CivilDay(2025, 7, 1), width);
    EXPECT_EQ(chart.find('\x1b'), std::string::npos);
    std::vector<std::string> lines = LinesOf(chart);
    lines.resize(lines.size() - 2);  // the legend
    for (const std::string& line : lines) EXPECT_LE(DisplayWidth(line), width) << line;
  }
}

TEST(DrawTimeline, GivesEachMonthOfThreeYearsAColumnOn80) {
  const PublisherPlans all = TwoEditions();
  std::vector<TimelineRow> rows = RowsOn(all, CivilDay(2022, 1, 1));
  rows.pop_back();
  for (TimelineRow& row : rows) row.name = "2022-2024/" + row.name;
  rows[1].title = std::string(50, 'x');
  rows[1].name = "2022-2024/a-10";
  rows[1].promise.target = "2024-12";
  EXPECT_THAT(DrawTimeline(rows, CivilDay(2022, 1, 1), 80), HasSubstr("JFMAMJJASONDJFMAMJJASONDJFMAMJJASOND\n"));
}

TEST(EventsOf, ComeInTheOrderOfTheirDays) {
  const PublisherPlans all = TwoEditions();
  const auto told = [](const std::vector<TimelineEvent>& events) {
    std::vector<std::string> lines;
    for (const TimelineEvent& e : events) {
      lines.push_back(e.event + " " + e.date + " " + e.from_target + ">" + e.target + " " + e.reason + " " + e.actor);
    }
    return lines;
  };
  const std::vector<Promise> promises = PromisesOn(all, CivilDay(2025, 7, 1));
  EXPECT_THAT(told(EventsOf(Find(promises, "2022-2024/commitments/a-1"))),
              ElementsAre("promised 2021-12-01 >2022-06  ", "moved 2022-05-20 2022-06>2022-09 resources ling",
                          "confirmed 2022-09-01 >2022-09-15  ", "released 2022-09-20 >2022-09-15  "));
  EXPECT_THAT(
      told(EventsOf(Find(promises, "2025-2027/commitments/a-1"))),
      ElementsAre("promised 2021-12-01 >2023  ", "moved 2024-12-30 2023>2025-06  ", "overdue 2025-07-01 >2025-06  "));
  EXPECT_THAT(told(EventsOf(Find(promises, "2022-2024/commitments/a-3"))),
              ElementsAre("promised 2021-12-01 >2022-Q4  ", "cancelled 2023-02-10 >2022-Q4 data-quality siu"));
  EXPECT_THAT(told(EventsOf(Find(promises, "2022-2024/commitments/d-1"))), ElementsAre("released 2021 >  "));
  const PublisherPlans again = CancelledAndTakenUpAgain();
  EXPECT_THAT(told(EventsOf(Find(PromisesOn(again, CivilDay(2025, 1, 1)), "2025-2027/commitments/a-1"))),
              ElementsAre("promised 2021-12-01 >2023  ", "cancelled 2023-05-02 >2023 funding mei",
                          "moved 2024-12-30 2023>2025-06  "));
}

}  // namespace
}  // namespace almanac::client
