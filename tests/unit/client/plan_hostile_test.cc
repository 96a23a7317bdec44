#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/documents/text_lines.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/plan_testing.h"

// Files that are made to take long. None may: a test here that seems to hang has failed.
namespace almanac::client {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Property;
using ::testing::SizeIs;
using ::testing::StartsWith;

// What a plan has around its rows takes less than this.
constexpr std::size_t kRoom = kMaxTextBytes - 1000;

std::string Repeat(std::string_view text, std::size_t count) {
  std::string result;
  while (count-- > 0) result.append(text);
  return result;
}

// A row whose title cell is `title`.
std::string Row(int number, std::string_view title) {
  return absl::StrCat(number, "\t", std::string(title), "\t06/2022\t每年\t丙 (CSV)");
}

// As many rows as a file of the largest size holds, their title cells made by `title` of the row's number.
template <typename Title>
std::vector<std::string> RowsOfAFullFile(const Title& title) {
  std::vector<std::string> rows;
  std::size_t bytes = 0;
  for (int number = 1; number <= 5000; ++number) {
    std::string row = Row(number, title(number));
    bytes += row.size() + 1;
    if (bytes > kRoom) break;
    rows.push_back(std::move(row));
  }
  return rows;
}

// `count` Chinese characters with a space between each two, hardly two pairs of them the same.
std::string Spaced(int seed, int count) {
  std::string text;
  auto random = static_cast<unsigned>(seed);
  for (int i = 0; i < count; ++i) {
    random = random * 1664525U + 1013904223U;
    const unsigned character = 0x4E00 + (random >> 8) % 0x5000;
    text.push_back(static_cast<char>(0xE0 | (character >> 12)));
    text.push_back(static_cast<char>(0x80 | ((character >> 6) & 0x3F)));
    text.push_back(static_cast<char>(0x80 | (character & 0x3F)));
    text.push_back(' ');
  }
  return text;
}

auto Says(const testing::Matcher<std::string>& message) {
  return Property("message", &v1::DocumentWarning::message, message);
}

TEST(PlanHostile, LeavesOutATitleCellThatIsTooLongToBeOne) {
  const auto row = [](std::size_t characters) { return Row(1, "甲 / " + Repeat("乙", characters - 4)); };
  const v1::PlanDocument longest = ParseOrFail(PlanOf({row(8000)}));
  EXPECT_THAT(longest.warnings(), Each(Says(StartsWith("left out: the title has 7996 characters"))));
  const v1::PlanDocument longer = ParseOrFail(PlanOf({row(8001), Row(2, "甲 / 乙")}));
  ASSERT_THAT(longer.warnings(), SizeIs(1));
  EXPECT_EQ(longer.warnings(0).line(), kFirstRow);
  EXPECT_THAT(
      longer.warnings(0).message(),
      StartsWith("left out: category, title and former titles have 8001 characters, but may have at most 8000"));
  ASSERT_THAT(longer.commitments(), SizeIs(1));
  EXPECT_EQ(longer.commitments(0).number(), 2);
}

TEST(PlanHostile, HasRoomForFormerTitlesOfFullLength) {
  std::string title = absl::StrCat(Repeat("甲", 1000), " / ", Repeat("乙", 1000));
  for (int i = 0; i < 5; ++i) absl::StrAppend(&title, " (前称", Repeat("丙", 1000), ")");
  const v1::PlanDocument document = ParseOrFail(PlanOf({Row(1, title)}));
  EXPECT_THAT(document.warnings(), IsEmpty());
  ASSERT_THAT(document.commitments(), SizeIs(1));
  EXPECT_THAT(document.commitments(0).former_titles(), AllOf(SizeIs(5), Each(Repeat("丙", 1000))));
}

TEST(PlanHostile, LeavesSpacesWhereThereAreMoreThanInAnyPlan) {
  // 5,000 rows of four spaces within a word each are 20,000.
  const std::string wrapped = "甲 / 时 间、时 间、时 间、时 间";
  std::vector<std::string> rows;
  for (int i = 1; i <= 5000; ++i) rows.push_back(Row(i, wrapped));
  const v1::PlanDocument most = ParseOrFail(PlanOf(rows));
  EXPECT_THAT(most.warnings(), IsEmpty());
  EXPECT_EQ(Find(most, "A", 5000).title(), "时间、时间、时间、时间");

  rows[4998] = Row(4999, wrapped + "、时 间");
  const v1::PlanDocument more = ParseOrFail(PlanOf(rows));
  ASSERT_THAT(more.warnings(), SizeIs(1));
  EXPECT_EQ(more.warnings(0).line(), kFirstRow + 4999);
  EXPECT_THAT(more.warnings(0).message(), HasSubstr("more than 20000 spaces"));
  EXPECT_EQ(Find(more, "A", 4999).title(), "时间、时间、时间、时间、时间");
  EXPECT_EQ(Find(more, "A", 5000).title(), "时 间、时 间、时 间、时 间");
}

TEST(PlanHostile, ReadsOneTitleCellThatFillsTheFile) {
  for (const std::string_view words : {"字 ", "甲 乙 ", "(前称甲)", "(", "2022至2024年"}) {
    const v1::PlanDocument document = ParseOrFail(PlanOf({Row(1, Repeat(words, kRoom / words.size()))}));
    EXPECT_THAT(document.warnings(), AllOf(SizeIs(1), Each(Says(StartsWith("left out: category, title and former")))));
  }
}

TEST(PlanHostile, ReadsLongTitleCellsThatAreAllSpaces) {
  const std::vector<std::string> rows = RowsOfAFullFile([](int number) { return Spaced(number, 3999); });
  EXPECT_GT(rows.size(), 500u);
  const v1::PlanDocument document = ParseOrFail(PlanOf(rows));
  EXPECT_THAT(document.commitments(), IsEmpty());
}

TEST(PlanHostile, ReadsAsManySpacesAsThereMayBeInAFullFile) {
  // Five characters with four spaces between them, in a row that is filled up with others.
  const std::vector<std::string> rows =
      RowsOfAFullFile([](int number) { return absl::StrCat("甲 / ", Spaced(number, 5), "、", Repeat("长", 500)); });
  EXPECT_THAT(rows, SizeIs(5000));
  const v1::PlanDocument document = ParseOrFail(PlanOf(rows));
  EXPECT_THAT(document.commitments(), SizeIs(5000));
}

TEST(PlanHostile, ReadsManyFormerTitles) {
  const std::vector<std::string> rows =
      RowsOfAFullFile([](int) { return absl::StrCat("甲 / 乙", Repeat("(前称)", 1500)); });
  const v1::PlanDocument document = ParseOrFail(PlanOf(rows));
  ASSERT_THAT(document.commitments(), SizeIs(rows.size()));
  EXPECT_EQ(document.commitments(0).title(), "乙");
  EXPECT_THAT(document.warnings(),
              Each(Says(AllOf(StartsWith("the parenthesis for a former title names none: "), EndsWith("…")))));
}

TEST(PlanHostile, ReadsLinesThatAlmostAreTheHeadingOfThePlan) {
  for (const std::string& line : {Repeat("2022至2024年", 200) + Repeat("开放数据", 300), "2022" + Repeat(" ", 7900),
                                  "2022至2024年" + Repeat("开放数据", 300) + Repeat("计划", 500) + "\u2028完"}) {
    const std::string text = "署\n" + Repeat(line + "\n", kRoom / (line.size() + 1)) + PlanOf({Row(1, "甲 / 乙")});
    EXPECT_THAT(ParseOrFail(text).commitments(), SizeIs(1));
  }
}

TEST(PlanHostile, TakesTheFirstYearsOfTheHeading) {
  for (const char* years :
       {"2022至2024年", "2022 年 至 2024 年", "12022-2024年", "2021年、2022～2024年及2025至2027年"}) {
    const std::string text = absl::StrCat("社会福利署\n", years, "的开放数据及其他开放数据计划\nA. 甲\n不适用\n");
    const v1::PlanDocument document = ParseOrFail(text);
    EXPECT_EQ(document.period().start_year(), 2022) << years;
    EXPECT_EQ(document.period().end_year(), 2024) << years;
  }
}

}  // namespace
}  // namespace almanac::client
