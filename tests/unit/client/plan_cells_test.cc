#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/documents/plan_date.h"
#include "client/documents/plan_formats.h"
#include "client/documents/plan_title.h"
#include "client/documents/text_lines.h"
#include "client/documents/unicode_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/plan_testing.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::string_view kFormer[] = {"前称"};

TEST(PlanLines, AreCountedFromOneAndHaveNoLineEnds) {
  const auto lines = SplitTextLines("\xEF\xBB\xBF甲\r\n\n丙\r丁\n戊");
  ASSERT_TRUE(lines.ok()) << lines.status();
  std::vector<std::pair<int, std::string>> found;
  for (const TextLine& line : *lines) found.emplace_back(line.number, line.text);
  EXPECT_THAT(found, ElementsAre(Pair(1, "甲"), Pair(2, ""), Pair(3, "丙\r丁"), Pair(4, "戊")));
}

TEST(PlanFormats, AreFoundWhereverTheyStand) {
  const FormatFinder finder;
  EXPECT_THAT(finder.Find("名单及地址 (CSV)"), ElementsAre("CSV"));
  EXPECT_THAT(finder.Find("联络电话及传真(CSV)"), ElementsAre("CSV"));
  EXPECT_THAT(finder.Find("将提供CSV格式的数据资料"), ElementsAre("CSV"));
  EXPECT_THAT(finder.Find("登记义工数目 (CSV) 最后更新至2021年6月"), ElementsAre("CSV"));
  EXPECT_THAT(finder.Find("XML, csv及GeoJSON (XLS/XLSX、CSV)"), ElementsAre("XML", "CSV", "GEOJSON", "XLS", "XLSX"));
  EXPECT_THAT(finder.Find("\uFF08\uFF23\uFF33\uFF36\uFF09"), ElementsAre("CSV"));
}

TEST(PlanFormats, AreWordsOfTheirOwn) {
  const FormatFinder finder;
  for (const std::string text : {"", "CSVS", "XCSV", "xmlns", "CSV2", "2CSV", "CSV_A", "été", "cañonXML", "data.csv",
                                 "www.xml.com", "XMLé", "名单"}) {
    EXPECT_THAT(finder.Find(text), IsEmpty()) << text;
  }
  EXPECT_THAT(finder.Find("Provided as CSV."), ElementsAre("CSV"));
}

TEST(PlanTitleCell, IsSplitAtTheFirstSlashBetweenSpaces) {
  EXPECT_EQ(ReadPlanTitle("甲/乙 / 丙 / 丁/戊", kFormer).category, "甲/乙");
  EXPECT_EQ(ReadPlanTitle("甲/乙 / 丙 / 丁/戊", kFormer).title, "丙 / 丁/戊");
  EXPECT_EQ(ReadPlanTitle("甲/乙", kFormer).category, "");
  EXPECT_EQ(ReadPlanTitle("甲/乙", kFormer).title, "甲/乙");
  EXPECT_EQ(ReadPlanTitle("甲 /", kFormer).category, "甲");
  EXPECT_EQ(ReadPlanTitle("甲 /", kFormer).title, "");
  EXPECT_EQ(ReadPlanTitle("/ 乙", kFormer).category, "");
  EXPECT_EQ(ReadPlanTitle("/ 乙", kFormer).title, "乙");
}

TEST(PlanTitleCell, GivesUpItsFormerTitles) {
  const PlanTitle wide = ReadPlanTitle("甲 / 乙\uFF08前称\uFF1A丙\uFF08丁\uFF09戊\uFF09", kFormer);
  EXPECT_EQ(wide.title, "乙");
  EXPECT_THAT(wide.former_titles, ElementsAre("丙\uFF08丁\uFF09戊"));

  const PlanTitle two = ReadPlanTitle("甲 / 乙 (前称丙) 和 (前称 丁)己 (庚)", kFormer);
  EXPECT_EQ(two.title, "乙 和 己 (庚)");
  EXPECT_THAT(two.former_titles, ElementsAre("丙", "丁"));

  const PlanTitle side_by_side = ReadPlanTitle("甲 / 乙 (前称丙) (前称丁)(前称戊) 己", kFormer);
  EXPECT_EQ(side_by_side.title, "乙 己");
  EXPECT_THAT(side_by_side.former_titles, ElementsAre("丙", "丁", "戊"));

  const PlanTitle only = ReadPlanTitle("甲 / (前称丙) 乙 (前称丁)", kFormer);
  EXPECT_EQ(only.title, "乙");
  EXPECT_THAT(only.former_titles, ElementsAre("丙", "丁"));

  const PlanTitle half_open = ReadPlanTitle("甲 / 乙 (前称丙) (前称丁", kFormer);
  EXPECT_EQ(half_open.title, "乙 (前称丁");
  EXPECT_TRUE(half_open.has_open_parenthesis);
  EXPECT_THAT(half_open.former_titles, ElementsAre("丙"));

  const PlanTitle open = ReadPlanTitle("甲 / 乙 (前称丙", kFormer);
  EXPECT_EQ(open.title, "乙 (前称丙");
  EXPECT_TRUE(open.has_open_parenthesis);
  EXPECT_THAT(open.former_titles, IsEmpty());

  EXPECT_EQ(ReadPlanTitle("甲 / 乙前称丙 (丁)", kFormer).title, "乙前称丙 (丁)");
}

TEST(PlanDate, IsAMonthOrADay) {
  EXPECT_EQ(FormatDate("2022", "6").value(), "2022-06");
  EXPECT_EQ(FormatDate("2024", "02", "29").value(), "2024-02-29");
  EXPECT_EQ(FormatDate("1900", "1", "1").value(), "1900-01-01");
  EXPECT_EQ(FormatDate("9999", "12").value(), "9999-12");
  EXPECT_EQ(FormatDate("2022", "June").value(), "2022-06");
  EXPECT_EQ(FormatDate("2022", "SEP", "30").value(), "2022-09-30");
  EXPECT_EQ(FormatDate("2022", "sept").value(), "2022-09");
}

TEST(PlanDate, SaysWhatNoCalendarHas) {
  EXPECT_EQ(FormatDate("2022", "13").status().message(), "the month 13 is not 1 to 12");
  EXPECT_EQ(FormatDate("2022", "0").status().message(), "the month 0 is not 1 to 12");
  EXPECT_EQ(FormatDate("0", "6").status().message(), "the year 0 is not 1900 to 9999");
  EXPECT_EQ(FormatDate("1899", "6").status().message(), "the year 1899 is not 1900 to 9999");
  EXPECT_EQ(FormatDate("2023", "2", "29").status().message(), "there is no day 29 in 2023-02");
  EXPECT_EQ(FormatDate("2022", "Juno").status().message(), "there is no month Juno");
  EXPECT_EQ(FormatDate("2022", "Ju").status().message(), "there is no month Ju");
  EXPECT_EQ(FormatDate("2022", "Junes").status().message(), "there is no month Junes");
}

TEST(PlanWords, AreTheSameInAnyCaseAndSpacing) {
  EXPECT_EQ(MatchWords("half-YEARLY", "Half-yearly"), 11u);
  EXPECT_EQ(MatchWords("As and\u00A0when  updated, that is", "As and when updated"), 21u);
  EXPECT_EQ(MatchWords("在资料 更新时", "在资料更新时"), 19u);
  EXPECT_EQ(MatchWords("Dail", "Daily"), 0u);
  EXPECT_EQ(MatchWords(" Daily", "Daily"), 0u) << "whose beginning is sought begins with a character";
  EXPECT_EQ(MatchWords("", "Daily"), 0u);
}

TEST(PlanFrequency, IsOneOfTheTable) {
  const std::pair<const char*, v1::Frequency> table[] = {
      {"实时", v1::CONTINUOUS}, {"每天", v1::DAILY},         {"每星期", v1::WEEKLY}, {"每月", v1::MONTHLY},
      {"每季", v1::QUARTERLY},  {"每半年", v1::HALF_YEARLY}, {"每年", v1::YEARLY},   {"在资料 更新时", v1::AS_NEEDED},
  };
  for (const auto& [words, frequency] : table) {
    const v1::PlanDocument document = ParseOrFail(PlanOf({absl::StrCat("1\t甲 / 乙\t06/2022\t", words, "\t丙 (CSV)")}));
    EXPECT_EQ(Find(document, "A", 1).frequency(), frequency) << words;
    EXPECT_THAT(document.warnings(), IsEmpty()) << words;
  }
}

}  // namespace
}  // namespace almanac::client
