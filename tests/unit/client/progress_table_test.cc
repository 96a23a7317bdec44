#include "client/progress_table.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/text_width.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using v1::Progress;
using v1::SectionProgress;

Progress Parsed(const std::string& text) {
  Progress progress;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &progress)) << text;
  return progress;
}

std::vector<std::string> Printed(const Progress& progress, Format format, int width = 0) {
  std::ostringstream out;
  PrintProgress(progress, Printer(out, format, Language(), width));
  std::vector<std::string> lines = absl::StrSplit(out.str(), '\n');
  EXPECT_EQ(lines.back(), "");
  lines.pop_back();
  return lines;
}

constexpr char kFigures[] =
    "commitment_count: 12 planned_count: 4 confirmed_count: 1 released_count: 5 early_count: 1 on_time_count: 2"
    " late_count: 1 cancelled_count: 2 overdue_count: 3 moved_count: 3 max_overdue_days: 61 median_overdue_days: 51"
    " dropped_count: 1 first_early_count: 1 first_on_time_count: 1 first_late_count: 2 first_overdue_count: 3"
    " first_on_time_rate: 0.2857142857142857 last_on_time_rate: 0.42857142857142855 median_slip_months: 0.5"
    " move_count: 4 reasoned_move_count: 3 reasoned_move_rate: 0.75";

Progress OfPlan() {
  return Parsed(
      absl::StrCat("name: 'publishers/swd/plans/2022-2024' release_plan: 'publishers/swd/plans/2022-2024'"
                   " as_of: '2022-07-31' sections { section: 'A' ",
                   kFigures, " } sections { section: 'C' } total { ", kFigures, " }"));
}

TEST(ProgressTable, OfAPlanHasItsSectionsAndTheTotal) {
  EXPECT_THAT(
      Printed(OfPlan(), Format::kTable),
      ElementsAre("publishers/swd/plans/2022-2024 as of 2022-07-31", "",
                  "SECTION  LINES     OVERDUE  DROPPED  CANCELLED  RELEASED  ON TIME  BY FIRST     SLIP  MOVES  "
                  "REASON  RELEASED OF ALL",
                  "A           12  3, 61 days        1          2         5      42%       28%  +0.5 mo      4     "
                  "75%   41% ████░░░░░░",
                  "C            0           0        0          0         0                                  0",
                  "total       12  3, 61 days        1          2         5      42%       28%  +0.5 mo      4     "
                  "75%   41% ████░░░░░░"));
}

TEST(ProgressTable, FitsATerminalOf120Columns) {
  Progress progress = OfPlan();
  progress.mutable_total()->set_commitment_count(10000);
  progress.mutable_total()->set_overdue_count(999);
  progress.mutable_total()->set_max_overdue_days(9999);
  for (const std::string& line : Printed(progress, Format::kTable)) EXPECT_LE(DisplayWidth(line), 120) << line;
}

TEST(ProgressTable, TheTotalStandsBelowWhatItSumsUpHoweverWideItIs) {
  const Progress progress = Parsed(
      "name: 'publishers/swd' as_of: '2025-01-31' plans { release_plan: 'publishers/swd/plans/2022-2024' total {"
      " commitment_count: 9 overdue_count: 1 max_overdue_days: 1 } } total { commitment_count: 123456 overdue_count:"
      " 1234 max_overdue_days: 365 }");
  const std::vector<std::string> lines = Printed(progress, Format::kTable);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_THAT(lines[2], StartsWith("EDITION         LINES         OVERDUE  DROPPED"));
  EXPECT_THAT(lines[3], StartsWith("swd/2022-2024       9        1, 1 day        0"));
  EXPECT_THAT(lines[4], StartsWith("total          123456  1234, 365 days        0"));
}

TEST(ProgressTable, OnANarrowTerminalLeavesFiguresOutRatherThanCuttingThem) {
  const std::vector<std::string> lines = Printed(OfPlan(), Format::kTable, 80);
  // With the next, SLIP, it would be 84: 7 + 5 + 10 + 7 + 9 + 8 + 7 + 8 + 7 and 8 gaps of 2.
  EXPECT_EQ(lines[2], "SECTION  LINES     OVERDUE  DROPPED  CANCELLED  RELEASED  ON TIME  BY FIRST");
  EXPECT_EQ(lines[5], "total       12  3, 61 days        1          2         5      42%       28%");
  EXPECT_EQ(Printed(OfPlan(), Format::kTable, 45)[2], "SECTION  LINES     OVERDUE  RELEASED  ON TIME");
  EXPECT_THAT(Printed(OfPlan(), Format::kTable, 120)[2], EndsWith("RELEASED OF ALL"));
}

TEST(ProgressTable, CutsNamesBeforeFigures) {
  const Progress progress = Parsed(
      "name: 'publishers/-' as_of: '2025-01-31' publishers { publisher:"
      " 'publishers/department-number-1-of-the-government' titles { key: 'en' value: 'Department number 1 of the"
      " Government' } total { commitment_count: 100 overdue_count: 64 max_overdue_days: 1760 released_count: 21 } }"
      " total { commitment_count: 100 }");
  const std::vector<std::string> lines = Printed(progress, Format::kTable, 80);
  EXPECT_THAT(lines[2], EndsWith("LINES        OVERDUE  RELEASED  ON TIME  BY FIRST"));
  EXPECT_THAT(lines[3], HasSubstr("  100  64, 1760 days        21"));
  for (const std::string& line : lines) EXPECT_LE(DisplayWidth(line), 80) << line;
}

TEST(ProgressTable, SaysOneDayAndWhatWasEarly) {
  const Progress progress = Parsed(
      "name: 'publishers/swd/plans/2022' release_plan: 'publishers/swd/plans/2022' as_of: '2022-07-01'"
      " total { commitment_count: 3 overdue_count: 1 max_overdue_days: 1 median_slip_months: -2 released_count: 2"
      " last_on_time_rate: 0.58 }");
  const std::string total = Printed(progress, Format::kTable).back();
  EXPECT_THAT(total, HasSubstr("  1, 1 day  "));
  EXPECT_THAT(total, HasSubstr("  -2 mo  "));
  EXPECT_THAT(total, HasSubstr("  58%  ")) << "which is 57.999... in binary";
}

TEST(ProgressTable, OfAPublisherHasItsEditionsAndTheTotal) {
  const Progress progress = Parsed(
      "name: 'publishers/swd' as_of: '2025-01-31' plans { release_plan: 'publishers/swd/plans/2025-2027' total {"
      " commitment_count: 4 } } plans { release_plan: 'publishers/swd/plans/2022-2024' total { commitment_count: 6 } }"
      " total { commitment_count: 7 }");
  const std::vector<std::string> lines = Printed(progress, Format::kTable);
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[0], "publishers/swd as of 2025-01-31");
  EXPECT_THAT(lines[2], StartsWith("EDITION        LINES  OVERDUE"));
  EXPECT_THAT(lines[3], StartsWith("swd/2025-2027      4        0"));
  EXPECT_THAT(lines[4], StartsWith("swd/2022-2024      6        0"));
  EXPECT_THAT(lines[5], StartsWith("total              7        0"));
}

Progress OfAll() {
  return Parsed(
      "name: 'publishers/-' as_of: '2024-07-01' publishers { publisher: 'publishers/swd' as_of: '2024-06-30' titles {"
      " key: 'en' value: 'Social Welfare' } total { commitment_count: 7 last_on_time_rate: 0.25 } }"
      " total { commitment_count: 7 last_on_time_rate: 0.25 }");
}

TEST(ProgressTable, OfAllHasTheirTitles) {
  const std::vector<std::string> lines = Printed(OfAll(), Format::kTable);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0], "All publishers as of 2024-07-01");
  EXPECT_THAT(lines[2], StartsWith("PUBLISHER  TITLE           LINES  OVERDUE"));
  EXPECT_THAT(lines[3], StartsWith("swd        Social Welfare      7        0"));
  EXPECT_THAT(lines[4], StartsWith("total                          7        0"));
}

TEST(ProgressCsv, HasEveryFigure) {
  const std::vector<std::string> lines = Printed(OfPlan(), Format::kCsv);
  EXPECT_THAT(lines,
              ElementsAre("section,lines,planned,confirmed,released,early,on_time,late,cancelled,overdue,moved,"
                          "max_overdue_days,median_overdue_days,carried,dropped,first_early,first_on_time,first_late,"
                          "first_overdue,first_on_time_rate,last_on_time_rate,median_slip_months,moves,reasoned_moves,"
                          "reasoned_move_rate,dropped_rate",
                          "A,12,4,1,5,1,2,1,2,3,3,61,51,0,1,1,1,2,3,0.285714,0.428571,0.5,4,3,0.75,",
                          "C,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,,,,0,0,,",
                          "total,12,4,1,5,1,2,1,2,3,3,61,51,0,1,1,1,2,3,0.285714,0.428571,0.5,4,3,0.75,"));
  // A field that is added to the contract needs a column.
  const std::vector<std::string> columns = absl::StrSplit(lines[0], ',');
  EXPECT_EQ(static_cast<int>(columns.size()), SectionProgress::descriptor()->field_count());
}

TEST(ProgressCsv, NamesPublishersWhole) {
  const std::vector<std::string> lines = Printed(OfAll(), Format::kCsv);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0], StartsWith("publisher,title,as_of,lines,planned,"));
  EXPECT_THAT(lines[1], StartsWith("publishers/swd,Social Welfare,2024-06-30,7,"));
  EXPECT_THAT(lines[2], StartsWith("total,,2024-07-01,7,"));
}

TEST(ProgressJson, IsTheMessage) {
  const auto json = nlohmann::json::parse(absl::StrJoin(Printed(OfPlan(), Format::kJson), "\n"));
  EXPECT_EQ(json["sections"][0]["overdueCount"], 3);
  EXPECT_EQ(json["total"]["medianSlipMonths"], 0.5);
  EXPECT_FALSE(json["sections"][1].contains("firstOnTimeRate"));
  EXPECT_THAT(Printed(OfPlan(), Format::kYaml), ::testing::Contains("  medianSlipMonths: 0.5"));
}

}  // namespace
}  // namespace almanac::client
