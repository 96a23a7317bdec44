#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/plan_testing.h"

namespace almanac::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const char kGoodRow[] = "1\t社会福利 / 甲名单\t06/2022\t每年\t乙 (CSV)";

std::string Refusal(std::string_view text) {
  const absl::StatusOr<v1::PlanDocument> document = ParsePlan(text);
  EXPECT_EQ(document.status().code(), absl::StatusCode::kInvalidArgument) << document.status();
  return std::string(document.status().message());
}

// The only warning that `text` gives, as "line: message".
std::string OnlyWarning(const v1::PlanDocument& document) {
  EXPECT_EQ(document.warnings_size(), 1) << document.Utf8DebugString();
  if (document.warnings().empty()) return "";
  return absl::StrCat(document.warnings(0).line(), ": ", document.warnings(0).message());
}

TEST(PlanRefusal, NamesLineAndOffsetOfWhatIsNotUtf8) {
  EXPECT_THAT(Refusal("ab\nc\xFF\n"), StartsWith("line 2, byte offset 4 of the file: not UTF-8"));
  EXPECT_THAT(Refusal("\xE7\xA4"), StartsWith("line 1, byte offset 0 of the file: not UTF-8"));
  EXPECT_THAT(Refusal("a\n\n\xED\xA0\x80"), StartsWith("line 3, byte offset 3 of the file: not UTF-8"));
  EXPECT_THAT(Refusal("\xC0\xAF"), StartsWith("line 1, byte offset 0 of the file: not UTF-8"));
}

TEST(PlanRefusal, NamesLineAndOffsetOfANulByte) {
  std::string text = PlanOf({kGoodRow});
  const std::size_t offset = text.find("06/2022");
  text[offset] = '\0';
  EXPECT_THAT(Refusal(text),
              StartsWith(absl::StrCat("line ", kFirstRow, ", byte offset ", offset, " of the file: a NUL")));
}

TEST(PlanRefusal, NamesTheLimitOfSize) {
  constexpr std::size_t kLimit = 8 * 1024 * 1024;
  std::string text = PlanOf({kGoodRow});
  text.resize(kLimit, '\n');
  EXPECT_EQ(ParseOrFail(text).commitments_size(), 1);
  text.push_back('\n');
  EXPECT_THAT(Refusal(text), AllOf(HasSubstr("8388609 bytes"), HasSubstr("8388608")));
  text.append(1'000'000, 'x');
  EXPECT_THAT(Refusal(text), HasSubstr("8388608"));
}

TEST(PlanRefusal, SaysWhatAPlanLooksLike) {
  EXPECT_THAT(Refusal(""),
              AllOf(HasSubstr("no release plan"), HasSubstr("2022至2024年的开放数据计划"), HasSubstr("no text")));
  EXPECT_THAT(Refusal(" \n\n"), HasSubstr("no text"));
  EXPECT_THAT(Refusal("\nDear Sir,\nthank you\n"),
              AllOf(HasSubstr("2022至2024年的开放数据计划"), HasSubstr("3 lines"), HasSubstr("Dear Sir,")));
  EXPECT_THAT(Refusal("社会福利署\n2022至2024年的开放数据计划\n1\t甲 / 乙\t06/2022\t每年\t丙\n"),
              AllOf(HasSubstr("no release plan"), HasSubstr("no section"), HasSubstr("A. ")));
}

TEST(PlanRefusal, NamesTheLineOfYearsThatAreNone) {
  EXPECT_THAT(Refusal("甲\n0000至2024年的开放数据计划\n"),
              AllOf(StartsWith("line 2: "), HasSubstr("year 0000 is not 1900")));
  EXPECT_THAT(Refusal("甲\n2022至1024年的开放数据计划\n"),
              AllOf(StartsWith("line 2: "), HasSubstr("year 1024 is not 1900")));
  EXPECT_THAT(Refusal("甲\n\n2025至2024年的开放数据计划\n"),
              AllOf(StartsWith("line 3: "), HasSubstr("2025 is after 2024")));
}

TEST(PlanRefusal, HoldsTheLimitsOfHeadings) {
  const auto with = [](const char* words, const std::string& longer) {
    return absl::StrReplaceAll(PlanOf({kGoodRow}), {{words, longer}});
  };
  const auto repeat = [](std::size_t count) {
    std::string text;
    while (count-- > 0) text += "长";
    return text;
  };
  EXPECT_EQ(ParseOrFail(with("在 2022 年发放的数据集", repeat(1000))).sections(0).title(), repeat(1000));
  EXPECT_THAT(Refusal(with("在 2022 年发放的数据集", repeat(1001))),
              AllOf(StartsWith("line 5: the heading of the section"), HasSubstr("1001 characters")));
  // The heading of the plan has 17 characters.
  EXPECT_EQ(ParseOrFail(with("开放数据计划", "开放数据计划" + repeat(983))).commitments_size(), 1);
  EXPECT_THAT(Refusal(with("开放数据计划", "开放数据计划" + repeat(984))),
              AllOf(StartsWith("line 3: the heading of the plan"), HasSubstr("1001 characters")));
  EXPECT_EQ(ParseOrFail(with("社会福利署", repeat(1000))).publisher_title(), repeat(1000));
  EXPECT_THAT(Refusal(with("社会福利署", repeat(1001))),
              AllOf(StartsWith("line 1: the publisher's name"), HasSubstr("1001 characters")));
  EXPECT_EQ(ParseOrFail(with("#\t", repeat(1000) + "\n#\t")).sections(0).note(), repeat(1000));
  EXPECT_THAT(Refusal(with("#\t", repeat(1001) + "\n#\t")),
              AllOf(StartsWith("line 6: what stands below"), HasSubstr("1001 characters")));
}

TEST(PlanRefusal, HoldsTheLimitOfRows) {
  std::vector<std::string> rows;
  for (int i = 1; i <= 5000; ++i) rows.push_back(absl::StrCat(i, "\t甲 / 乙", i, "\t06/2022\t每年\t丙 (CSV)"));
  EXPECT_EQ(ParseOrFail(PlanOf(rows)).commitments_size(), 5000);
  rows.push_back("5001\t甲 / 丁\t06/2022\t每年\t丙 (CSV)");
  EXPECT_THAT(Refusal(PlanOf(rows)),
              AllOf(StartsWith(absl::StrCat("line ", kFirstRow + 5000, ": ")), HasSubstr("5001")));
}

struct BadRow {
  const char* row;
  const char* message;
};

// Each row stands on the second line of a table whose first row is good.
TEST(PlanWarning, NamesTheLineAndTextOfARowThatIsLeftOut) {
  const BadRow rows[] = {
      {"2\t社会福利 / 丙\t13/2022\t每年\t丁", "the month 13 is not 1 to 12"},
      {"2\t社会福利 / 丙\t00/2022\t每年\t丁", "the month 00 is not 1 to 12"},
      {"2\t社会福利 / 丙\t06/0\t每年\t丁", "the year 0 is not 1900 to 9999"},
      {"2\t社会福利 / 丙\t06/0000\t每年\t丁", "the year 0000 is not 1900 to 9999"},
      {"2\t社会福利 / 丙\t2022-06\t每年\t丁", "the date \"2022-06\" is not a month and a year such as 06/2022"},
      {"2\t社会福利 / 丙\t\t每年\t丁", "it has no date"},
      {"\t社会福利 / 丙\t06/2022\t每年\t丁", "it has no number"},
      {"二\t社会福利 / 丙\t06/2022\t每年\t丁", "\"二\" is not a number from 1 to 99999"},
      {"0\t社会福利 / 丙\t06/2022\t每年\t丁", "\"0\" is not a number from 1 to 99999"},
      {"100000\t社会福利 / 丙\t06/2022\t每年\t丁", "\"100000\" is not a number from 1 to 99999"},
      {"-2\t社会福利 / 丙\t06/2022\t每年\t丁", "\"-2\" is not a number from 1 to 99999"},
      {"1\t社会福利 / 丙\t06/2022\t每年\t丁", "section A has a row with the number 1 already"},
      {"2\t社会福利 / \t06/2022\t每年\t丁", "it has no title"},
      {"2\t\t06/2022\t每年\t丁", "it has no title"},
      {"2\t社会福利 / 丙\t06/2022\t每年", "the row has 4 columns, but the table has 5"},
      {"2\t社会福利 / 丙\t06/2022\t每年\t丁\t戊", "the row has 6 columns, but the table has 5"},
      {"x\t社会福利 / 丙\t06/99\t每年\t丁", "\"x\" is not a number from 1 to 99999; the year 99 is not 1900 to 9999"},
  };
  for (const auto& [row, message] : rows) {
    const v1::PlanDocument document = ParseOrFail(PlanOf({kGoodRow, row}));
    const std::string text = row[0] == '\t' ? row + 1 : row;
    EXPECT_EQ(OnlyWarning(document), absl::StrCat(kFirstRow + 1, ": left out: ", message, ": ", text));
    ASSERT_EQ(document.commitments_size(), 1) << row;
    EXPECT_EQ(document.commitments(0).title(), "甲名单");
  }
}

TEST(PlanWarning, KeepsARowOfWhichSomethingIsUnclear) {
  const BadRow rows[] = {
      {"2\t丙\t06/2022\t每年\t丁", "no \" / \" with a category before it and the title after it; read as a title"},
      {"2\t社会福利 / 丙\t06/2022\t\t丁", "it has no frequency"},
      {"2\t社会福利 / 丙\t06/2022\t每两年\t丁", "the frequency \"每两年\" is not known; read as OTHER"},
      {"2\t社会福利 / 丙 (前称戊\t06/2022\t每年\t丁",
       "the parenthesis with the former title is not closed; left in the title"},
      {"2\t社会福利 / 丙 (前称)\t06/2022\t每年\t丁", "the parenthesis for a former title names none"},
      {"2\t社会福利 / 丙\t06/2022\t每年\t最后更新至2021年13月", "the last update: the month 13 is not 1 to 12"},
  };
  for (const auto& [row, message] : rows) {
    const v1::PlanDocument document = ParseOrFail(PlanOf({kGoodRow, row}));
    EXPECT_EQ(OnlyWarning(document), absl::StrCat(kFirstRow + 1, ": ", message, ": ", row));
    EXPECT_EQ(Find(document, "A", 2).target_date(), "2022-06") << row;
  }
}

TEST(PlanWarning, KeepsTheWordsOfAFrequencyOutsideTheTable) {
  const v1::PlanDocument document = ParseOrFail(PlanOf({"1\t社会福利 / 丙\t06/2022\t每两 年 (6月)\t丁"}));
  EXPECT_EQ(Find(document, "A", 1).frequency(), v1::OTHER);
  EXPECT_EQ(Find(document, "A", 1).frequency_text(), "每两年 (6月)");
  EXPECT_EQ(document.warnings_size(), 1);
}

TEST(PlanWarning, HoldsTheLimitsOfCells) {
  const auto row = [](std::size_t title, std::size_t remark) {
    return absl::StrCat("1\t甲 / ", std::string(title, 'x'), "\t06/2022\t每年\t", std::string(remark, 'y'));
  };
  EXPECT_EQ(ParseOrFail(PlanOf({row(1000, 10'000)})).commitments_size(), 1);
  const v1::PlanDocument document = ParseOrFail(PlanOf({row(1001, 10'001)}));
  EXPECT_EQ(document.commitments_size(), 0);
  EXPECT_THAT(OnlyWarning(document), AllOf(StartsWith("7: left out: the title has 1001 characters"),
                                           HasSubstr("the remark has 10001 characters")));
  EXPECT_LT(OnlyWarning(document).size(), 1500u);
}

TEST(PlanWarning, NamesALineThatContinuesARow) {
  const v1::PlanDocument document =
      ParseOrFail(PlanOf({kGoodRow, "及丙 (XML)", "", "2\t社会福利 / 丁\t06/2022\t每年\t"}));
  EXPECT_THAT(OnlyWarning(document), AllOf(StartsWith("8: "), HasSubstr("append it"), HasSubstr(": 及丙 (XML)")));
  EXPECT_EQ(document.commitments_size(), 2);
}

TEST(PlanWarning, NamesALineThatOnlyLooksLikeTheEndOfThePlan) {
  const v1::PlanDocument document = ParseOrFail(PlanOf({"社会福利署", "2020年1月", kGoodRow}));
  ASSERT_EQ(document.warnings_size(), 2);
  EXPECT_EQ(document.warnings(0).line(), 7);
  EXPECT_EQ(document.warnings(1).line(), 8);
  EXPECT_EQ(document.published_on(), "2021-12");
}

TEST(PlanWarning, NamesALineThatContinuesTheLastRowWithThePublishersName) {
  EXPECT_THAT(OnlyWarning(ParseOrFail(PlanOf({kGoodRow, "社会福利署"}))), StartsWith("8: "));
}

TEST(PlanWarning, NamesADateOfPublicationThatIsNone) {
  const v1::PlanDocument document =
      ParseOrFail(absl::StrReplaceAll(PlanOf({kGoodRow}), {{"2021年12月", "2021年13月"}}));
  EXPECT_EQ(OnlyWarning(document), "10: the date of publication: the month 13 is not 1 to 12: 2021年13月");
  EXPECT_EQ(document.published_on(), "");
}

TEST(PlanWarning, NamesAHeadingOfATableThatIsNotUnderstood) {
  const std::string text = PlanOf({kGoodRow});
  for (const auto& [words, message] :
       std::vector<std::pair<std::string, std::string>>{{"更新频率", "unknown column \"频\""},
                                                        {"备注", "unknown column \"频\""},
                                                        {"目标发放日期 (月/年)", "unknown column \"频\""}}) {
    const v1::PlanDocument document = ParseOrFail(absl::StrReplaceAll(text, {{words, "频"}}));
    ASSERT_EQ(document.warnings_size(), 2) << words;
    EXPECT_EQ(document.warnings(0).line(), 6);
    EXPECT_THAT(document.warnings(0).message(), HasSubstr(message));
    EXPECT_EQ(document.warnings(1).line(), 7);
    EXPECT_EQ(document.commitments_size(), 0);
  }
  EXPECT_THAT(ParseOrFail(absl::StrReplaceAll(text, {{"\t备注", ""}})).warnings(0).message(),
              HasSubstr("lacks a column"));
  EXPECT_THAT(ParseOrFail(absl::StrReplaceAll(text, {{"备注", "更新频率"}})).warnings(0).message(),
              HasSubstr("second column"));
}

TEST(PlanWarning, NamesWhatStandsOutsideTheSections) {
  const std::string text =
      absl::StrReplaceAll(PlanOf({kGoodRow}), {{"署\n\n2022", "署\n香港\n2022"}, {"计划\n\nA", "计划\n甲\nA"}});
  const v1::PlanDocument document = ParseOrFail(text);
  ASSERT_EQ(document.warnings_size(), 2);
  EXPECT_EQ(document.warnings(0).line(), 2);
  EXPECT_THAT(document.warnings(0).message(), HasSubstr(": 香港"));
  EXPECT_EQ(document.warnings(1).line(), 4);
  EXPECT_THAT(document.warnings(1).message(), HasSubstr(": 甲"));
  EXPECT_EQ(document.publisher_title(), "社会福利署");
}

TEST(PlanWarning, NamesASectionWithoutRows) {
  EXPECT_THAT(OnlyWarning(ParseOrFail(PlanOf({}))), AllOf(StartsWith("5: "), HasSubstr("不适用")));
}

TEST(PlanSection, ThatDoesNotApplyHasNoCommitment) {
  for (const std::string row : {"1\t不适用\t\t\t", "1\t不适用"}) {
    const v1::PlanDocument document = ParseOrFail(PlanOf({row}));
    EXPECT_THAT(document.warnings(), IsEmpty()) << row;
    EXPECT_THAT(document.commitments(), IsEmpty()) << row;
    EXPECT_TRUE(document.sections(0).not_applicable()) << row;
  }
  for (const auto& rows :
       std::vector<std::vector<std::string>>{{kGoodRow, "2\t不适用\t\t\t"}, {"2\t不适用\t\t\t", kGoodRow}}) {
    const v1::PlanDocument document = ParseOrFail(PlanOf(rows));
    EXPECT_THAT(OnlyWarning(document), StartsWith("8: ")) << rows[0];
    EXPECT_FALSE(document.sections(0).not_applicable());
    EXPECT_EQ(document.commitments_size(), 1);
  }
}

TEST(PlanSection, MayRepeatItsHeadingsOnANewPage) {
  const v1::PlanDocument document = ParseOrFail(
      PlanOf({kGoodRow, "", "A. 在 2022 年发放的数据集",
              "#\t数据种类 / 数据集名称\t目标发放日期 (月/年)\t更新频率\t备注", "2\t社会福利 / 丁\t06/2022\t每年\t"}));
  EXPECT_THAT(document.warnings(), IsEmpty());
  EXPECT_EQ(document.sections_size(), 1);
  EXPECT_EQ(document.commitments_size(), 2);
}

TEST(PlanSection, IsGoneOnWithAWarningWhenItsLetterComesAgain) {
  const v1::PlanDocument document =
      ParseOrFail(PlanOf({kGoodRow, "A. 其他", "#\t数据种类 / 数据集名称\t发放日期 (月/年)\t更新频率\t备注",
                          "2\t社会福利 / 丁\t06/2021\t每年\t"}));
  EXPECT_THAT(OnlyWarning(document), StartsWith("8: section A begins a second time"));
  EXPECT_EQ(Find(document, "A", 2).release_date(), "2021-06");
}

TEST(PlanWarning, EndsAListThatWouldNotEnd) {
  const v1::PlanDocument document = ParseOrFail(PlanOf(std::vector<std::string>(20'000, "无")));
  ASSERT_EQ(document.warnings_size(), 10'000);
  EXPECT_THAT(document.warnings(9999).message(), HasSubstr("more warnings"));
}

}  // namespace
}  // namespace almanac::client
