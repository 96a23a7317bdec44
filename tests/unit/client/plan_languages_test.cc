#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/documents/text_lines.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/plan_testing.h"

// Plans in Traditional Chinese and English; what is the same in all languages is tested with the others.
namespace almanac::client {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

// A plan whose only section, A, has these lines in its table, from line kFirstRow on.
std::string EnglishPlanOf(const std::vector<std::string>& rows) {
  std::string text =
      "Social Welfare Department\n"
      "\n"
      "Annual Open Data Plans for 2022 to 2024\n"
      "\n"
      "A. Department's datasets to be released in 2022\n"
      "#\tType of data / Name of dataset\tTarget Release Date (mm/yyyy)\tUpdate Frequency\tRemarks\n";
  for (const std::string& row : rows) text += row + "\n";
  return text + "\nSocial Welfare Department\nDecember 2021\n";
}

std::string HantPlanOf(const std::vector<std::string>& rows) {
  std::string text =
      "社會福利署\n"
      "\n"
      "2022至2024年的開放數據計劃\n"
      "\n"
      "A. 在 2022 年發放的數據集\n"
      "#\t資料種類 / 數據集名稱\t目標發放日期 (月/年)\t更新頻率\t備註\n";
  for (const std::string& row : rows) text += row + "\n";
  return text + "\n社會福利署\n2021年12月\n";
}

v1::DocumentCommitment OnlyRow(const std::string& text) {
  const v1::PlanDocument document = ParseOrFail(text);
  EXPECT_THAT(document.warnings(), IsEmpty()) << document.warnings(0).message();
  EXPECT_THAT(document.commitments(), SizeIs(1));
  return document.commitments().empty() ? v1::DocumentCommitment() : document.commitments(0);
}

class PlanTranslation : public ::testing::TestWithParam<const char*> {};

TEST_P(PlanTranslation, PromisesWhatTheOriginalPromises) {
  const v1::PlanDocument original = ParseOrFail(SamplePlan());
  const v1::PlanDocument document = ParseOrFail(SamplePlan(GetParam()));
  EXPECT_THAT(document.warnings(), IsEmpty());
  EXPECT_EQ(document.period().start_year(), 2022);
  EXPECT_EQ(document.period().end_year(), 2024);
  EXPECT_EQ(document.published_on(), "2021-12");
  ASSERT_THAT(document.sections(), SizeIs(4));
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(document.sections(i).code(), original.sections(i).code());
    EXPECT_EQ(document.sections(i).not_applicable(), i == 2);
    EXPECT_NE(document.sections(i).title(), original.sections(i).title());
  }
  ASSERT_THAT(document.commitments(), SizeIs(88));
  std::map<std::string, int> sections, formats;
  for (int i = 0; i < 88; ++i) {
    const v1::DocumentCommitment& line = document.commitments(i);
    const v1::DocumentCommitment& same = original.commitments(i);
    const std::string name = absl::StrCat(line.section(), line.number());
    EXPECT_EQ(name, absl::StrCat(same.section(), same.number()));
    EXPECT_EQ(line.target_date(), same.target_date()) << name;
    EXPECT_EQ(line.release_date(), same.release_date()) << name;
    EXPECT_EQ(line.frequency(), same.frequency()) << name;
    EXPECT_THAT(line.formats(), ::testing::ElementsAreArray(same.formats())) << name;
    EXPECT_EQ(line.discontinued(), same.discontinued()) << name;
    EXPECT_EQ(line.last_update_date(), same.last_update_date()) << name;
    EXPECT_EQ(line.former_titles_size(), same.former_titles_size()) << name;
    EXPECT_EQ(line.line(), same.line()) << name;
    ++sections[line.section()];
    ++formats[line.formats(0)];
  }
  EXPECT_THAT(sections, UnorderedElementsAre(Pair("A", 5), Pair("B", 3), Pair("D", 80)));
  EXPECT_THAT(formats, UnorderedElementsAre(Pair("CSV", 81), Pair("XML", 7)));
}

INSTANTIATE_TEST_SUITE_P(Sample, PlanTranslation, ::testing::Values("zh-Hant", "en"));

TEST(PlanHant, ReadsTheWordsOfTheSample) {
  const v1::PlanDocument document = ParseOrFail(SamplePlan("zh-Hant"));
  EXPECT_EQ(document.language(), "zh-Hant-HK");
  EXPECT_EQ(document.publisher_title(), "社會福利署");
  EXPECT_EQ(document.title(), "2022至2024年的開放數據計劃");
  EXPECT_EQ(document.sections(2).note(), "(1) 機構名稱");
  const v1::DocumentCommitment a1 = Find(document, "A", 1);
  EXPECT_EQ(a1.category(), "社會福利");
  EXPECT_EQ(a1.title(), "少數族裔外展隊名單");
  EXPECT_EQ(a1.frequency_text(), "在資料更新時");
  EXPECT_EQ(Find(document, "D", 63).title(),
            "特殊幼兒中心 康復服務中央轉介系統 - 弱能兒童學前服務子系統獲選配服務個案的輪候資料");
  EXPECT_EQ(Find(document, "D", 65).title(), "「整筆撥款獨立處理投訴委員會」處理投訴的數字");
  EXPECT_EQ(Find(document, "D", 72).title(), "輪候資助長者社區照顧服務人數及輪候時間的統計數字");
  const v1::DocumentCommitment d68 = Find(document, "D", 68);
  EXPECT_EQ(d68.title(), "新登記保護兒童個案、新呈報虐待配偶/同居情侶個案及性暴力個案統計數字");
  EXPECT_THAT(d68.former_titles(), ElementsAre("新呈報虐待兒童個案、虐待配偶/同居情侶個案及性暴力個案統計數字"));
}

TEST(PlanHant, KnowsEveryFrequency) {
  for (const auto& [words, frequency] : std::map<std::string, v1::Frequency>{{"實時", v1::CONTINUOUS},
                                                                             {"每天", v1::DAILY},
                                                                             {"每星期", v1::WEEKLY},
                                                                             {"每月", v1::MONTHLY},
                                                                             {"每季", v1::QUARTERLY},
                                                                             {"每半年", v1::HALF_YEARLY},
                                                                             {"每年", v1::YEARLY},
                                                                             {"在資料 更新時", v1::AS_NEEDED}}) {
    EXPECT_EQ(OnlyRow(HantPlanOf({"1\t甲 / 乙\t06/2022\t" + words + "\t丙"})).frequency(), frequency) << words;
  }
}

TEST(PlanEnglish, ReadsTheWordsOfTheSample) {
  const v1::PlanDocument document = ParseOrFail(SamplePlan("en"));
  EXPECT_EQ(document.language(), "en");
  EXPECT_EQ(document.publisher_title(), "Social Welfare Department");
  EXPECT_EQ(document.title(), "Annual Open Data Plans for 2022 to 2024");
  EXPECT_EQ(document.sections(0).title(), "Department's datasets to be released in 2022");
  EXPECT_EQ(document.sections(2).note(), "(1) Name of organisation");
  const v1::DocumentCommitment a1 = Find(document, "A", 1);
  EXPECT_EQ(a1.category(), "Social Welfare");
  EXPECT_EQ(a1.title(), "List of Ethnic Minority Outreach Teams");
  EXPECT_EQ(a1.frequency_text(), "As and when updated");
  EXPECT_EQ(a1.remark(), "Name of agency, name of service unit, address and telephone number (CSV)");
  EXPECT_EQ(Find(document, "A", 5).category(), "Finance");
  EXPECT_EQ(Find(document, "D", 31).title(), "List of Day Care Centres / Units for the Elderly");
  const v1::DocumentCommitment d68 = Find(document, "D", 68);
  EXPECT_EQ(
      d68.title(),
      "Statistics on Newly Registered Child Protection Cases, Newly Reported Spouse/Cohabitant Battering Cases and "
      "Sexual Violence Cases");
  EXPECT_THAT(
      d68.former_titles(),
      ElementsAre("Statistics on Newly Reported Child Abuse Cases, Spouse/Cohabitant Battering Cases and Sexual "
                  "Violence Cases"));
}

TEST(PlanEnglish, TakesTheHeadingInItsVariants) {
  for (const char* heading :
       {"Annual Open Data Plan for 2022-2024", "ANNUAL OPEN DATA PLANS FOR 2022 TO 2024",
        "Annual  Open Data Plans for 2022 \u2013 2024", "2022 to 2024 Annual Open Data Plans",
        "Open data plan, \uFF12\uFF10\uFF12\uFF12 to \uFF12\uFF10\uFF12\uFF14 (second version)"}) {
    const v1::PlanDocument document =
        ParseOrFail(absl::StrReplaceAll(EnglishPlanOf({}), {{"Annual Open Data Plans for 2022 to 2024", heading}}));
    EXPECT_EQ(document.period().start_year(), 2022) << heading;
    EXPECT_EQ(document.period().end_year(), 2024) << heading;
    EXPECT_EQ(document.title(), heading);
  }
  for (const char* heading :
       {"Annual Open Data Plans", "Open database plans for 2022 to 2024", "Reopen data plans for 2022 to 2024",
        "Annual Open Data Plans for 2022 tomorrow 2024", "Annual Open Data Plans for 12022 to 20245"}) {
    const auto document =
        ParsePlan(absl::StrReplaceAll(EnglishPlanOf({}), {{"Annual Open Data Plans for 2022 to 2024", heading}}));
    EXPECT_EQ(document.status().code(), absl::StatusCode::kInvalidArgument) << heading;
  }
}

TEST(PlanEnglish, KnowsEveryFrequencyInAnyCase) {
  for (const auto& [words, frequency] :
       std::map<std::string, v1::Frequency>{{"Real-time", v1::CONTINUOUS},
                                            {"real time", v1::CONTINUOUS},
                                            {"DAILY", v1::DAILY},
                                            {"Weekly", v1::WEEKLY},
                                            {"monthly", v1::MONTHLY},
                                            {"Quarterly", v1::QUARTERLY},
                                            {"Half- yearly", v1::HALF_YEARLY},
                                            {"half yearly", v1::HALF_YEARLY},
                                            {"Yearly", v1::YEARLY},
                                            {"Annually", v1::YEARLY},
                                            {"As and when updated", v1::AS_NEEDED},
                                            {"as and when necessary", v1::AS_NEEDED}}) {
    EXPECT_EQ(OnlyRow(EnglishPlanOf({"1\tWelfare / Homes\t06/2022\t" + words + "\tList"})).frequency(), frequency)
        << words;
  }
}

TEST(PlanEnglish, KeepsOneSpaceBetweenWordsThatWereWrapped) {
  const v1::DocumentCommitment row =
      OnlyRow(EnglishPlanOf({"1\tSocial  Welfare / List of\u00A0Homes  for the \u3000Elderly (Formerly known \u00A0as: "
                             "List of  Old Homes)\t06 / 2022\tAs and \u00A0when updated\tName,  address and\u00A0fax "
                             "(CSV)  No further  updates"}));
  EXPECT_EQ(row.category(), "Social Welfare");
  EXPECT_EQ(row.title(), "List of Homes for the Elderly");
  EXPECT_THAT(row.former_titles(), ElementsAre("List of Old Homes"));
  EXPECT_EQ(row.target_date(), "2022-06");
  EXPECT_EQ(row.frequency(), v1::AS_NEEDED);
  EXPECT_EQ(row.frequency_text(), "As and when updated");
  EXPECT_EQ(row.remark(), "Name, address and fax (CSV) No further updates");
  EXPECT_TRUE(row.discontinued());
}

TEST(PlanEnglish, FindsFormerTitles) {
  const v1::DocumentCommitment row = OnlyRow(EnglishPlanOf(
      {"1\tWelfare / Homes (for the elderly) (previously known as Old Homes (1990))\t06/2022\tYearly\tList"}));
  EXPECT_EQ(row.title(), "Homes (for the elderly)");
  EXPECT_THAT(row.former_titles(), ElementsAre("Old Homes (1990)"));
}

TEST(PlanEnglish, KnowsWhatIsNoLongerUpdated) {
  const auto read = [](const std::string& remark) {
    return OnlyRow(EnglishPlanOf({"1\tWelfare / Homes\t06/2022\tYearly\t" + remark}));
  };
  for (const char* remark : {"Last updated in June 2021", "Last updated: 30 June 2021", "LAST UPDATE JUN 2021",
                             "Data updated up to June 2021", "updated to June\u00A02021 (CSV)",
                             "updated until June 2021", "updated up to May 2020, last updated in June 2021"}) {
    EXPECT_THAT(read(remark).last_update_date(), StartsWith("2021-06")) << remark;
    EXPECT_FALSE(read(remark).discontinued()) << remark;
  }
  EXPECT_EQ(read("Last updated: 30 June 2021").last_update_date(), "2021-06-30");
  for (const char* remark : {"no further updates", "CSV; no further data update.", "No further update"}) {
    EXPECT_TRUE(read(remark).discontinued()) << remark;
    EXPECT_EQ(read(remark).last_update_date(), "") << remark;
  }
  for (const char* remark : {"Next update in June 2022", "Updated in June 2021", "Further updates"}) {
    EXPECT_EQ(read(remark).last_update_date(), "") << remark;
    EXPECT_FALSE(read(remark).discontinued()) << remark;
  }
}

TEST(PlanEnglish, SaysThatASectionDoesNotApply) {
  for (const char* words : {"Not applicable", "NOT  APPLICABLE", "N/A", "Nil"}) {
    const std::string row = absl::StrCat("1\t", words, "\t\t\t");
    const std::string note = absl::StrReplaceAll(EnglishPlanOf({}), {{"#\t", absl::StrCat(words, "\n#\t")}});
    for (const std::string& text : {EnglishPlanOf({row}), note}) {
      const v1::PlanDocument document = ParseOrFail(text);
      EXPECT_THAT(document.warnings(), IsEmpty()) << words;
      EXPECT_THAT(document.commitments(), IsEmpty()) << words;
      EXPECT_TRUE(document.sections(0).not_applicable()) << words;
    }
  }
}

TEST(PlanEnglish, TakesTheDateOfPublicationWithAndWithoutADay) {
  const auto published = [](const std::string& date) {
    return ParseOrFail(
        absl::StrReplaceAll(EnglishPlanOf({"1\tWelfare / Homes\t06/2022\tYearly\tList"}), {{"December 2021", date}}));
  };
  EXPECT_EQ(published("31 December 2021").published_on(), "2021-12-31");
  EXPECT_EQ(published("DEC 2021").published_on(), "2021-12");
  const v1::PlanDocument wrong = published("Decembre 2021");
  EXPECT_EQ(wrong.published_on(), "");
  ASSERT_THAT(wrong.warnings(), SizeIs(1));
  EXPECT_EQ(wrong.warnings(0).line(), 10);
  EXPECT_EQ(wrong.warnings(0).message(), "the date of publication: there is no month Decembre: Decembre 2021");
}

TEST(PlanEnglish, NamesTheLineOfWhatItDoesNotUnderstand) {
  const v1::PlanDocument document = ParseOrFail(EnglishPlanOf({
      "1\tWelfare / Homes\t13/2022\tYearly\tList",
      "2\tWelfare / Hostels\t06/2022\tEvery leap year\tList",
      "and their addresses",
      "3\tWelfare / Shelters (formerly known as Huts\t06/2022\tYearly\tLast updated in Juno 2021",
      "4\tWelfare / Centres\t06/2022\tYearly",
  }));
  std::vector<std::string> warnings;
  for (const auto& warning : document.warnings()) {
    warnings.push_back(absl::StrCat(warning.line(), ": ", warning.message()));
  }
  EXPECT_THAT(
      warnings,
      ElementsAre(
          StartsWith("7: left out: the month 13 is not 1 to 12"),
          StartsWith("8: the frequency \"Every leap year\" is not known; read as OTHER"),
          AllOf(StartsWith("9: a line that is no row"), HasSubstr("append it to that row: and their addresses")),
          StartsWith("10: the parenthesis with the former title is not closed; left in the title; the last "
                     "update: there is no month Juno"),
          StartsWith("11: left out: the row has 4 columns, but the table has 5")));
  EXPECT_THAT(document.commitments(), SizeIs(2));
}

TEST(PlanLanguages, TakeFullWidthDigitsAndSlashes) {
  constexpr char kDate[] = "\uFF10\uFF16\uFF0F\uFF12\uFF10\uFF12\uFF12";
  for (const std::string& text : {PlanOf({absl::StrCat("\uFF11\t甲 / 乙\t", kDate, "\t每年\t丙")}),
                                  HantPlanOf({absl::StrCat("\uFF11\t甲 / 乙\t", kDate, "\t每年\t丙")}),
                                  EnglishPlanOf({absl::StrCat("\uFF11\tA / B\t", kDate, "\t\uFF39early\tC")})}) {
    const v1::DocumentCommitment row = OnlyRow(text);
    EXPECT_EQ(row.number(), 1);
    EXPECT_EQ(row.target_date(), "2022-06");
    EXPECT_EQ(row.frequency(), v1::YEARLY);
  }
}

TEST(PlanLanguages, AreThoseOfTheFirstHeading) {
  const std::string bilingual =
      absl::StrReplaceAll(EnglishPlanOf({"1\tWelfare / Homes\t06/2022\tYearly\tList"}),
                          {{"Annual Open Data Plans for 2022 to 2024\n",
                            "Annual Open Data Plans for 2022 to 2024\n2022至2024年的開放數據計劃\n"}});
  const v1::PlanDocument document = ParseOrFail(bilingual);
  EXPECT_EQ(document.language(), "en");
  ASSERT_THAT(document.warnings(), SizeIs(1));
  EXPECT_EQ(document.warnings(0).line(), 4);
}

TEST(PlanLanguages, AreAllNamedWhereThereIsNoHeading) {
  EXPECT_THAT(
      std::string(ParsePlan("Dear Sir,").status().message()),
      HasSubstr(
          "such as \"2022至2024年的开放数据计划\" or \"2022至2024年的開放數據計劃\" or \"Annual Open Data Plans for "
          "2022 to 2024\""));
}

TEST(PlanLanguages, RefuseYearsThatAreNoneInTheirHeading) {
  EXPECT_THAT(std::string(ParsePlan("X\nAnnual Open Data Plans for 2025 to 2024\n").status().message()),
              StartsWith("line 2: the years of the plan: 2025 is after 2024"));
  EXPECT_THAT(std::string(ParsePlan("X\n2022至1024年的開放數據計劃\n").status().message()),
              StartsWith("line 2: the years of the plan: the year 1024 is not 1900"));
}

// Files that are made to take long. None may: a test here that seems to hang has failed.
TEST(PlanHostileEnglish, ReadsLinesThatAlmostAreTheHeadingOfThePlan) {
  const auto repeat = [](std::string_view text, std::size_t count) {
    std::string result;
    while (count-- > 0) result.append(text);
    return result;
  };
  const std::string spaces(7900, ' ');
  for (const std::string& line :
       {repeat("open data ", 700), "open" + spaces + "plan", "open data plan 2022" + spaces, repeat("2022 to ", 900),
        "open data plan" + repeat(" 2022", 1500), repeat("open data plan ", 500) + "\u2028 2022 to 2024"}) {
    const std::string text = "Department\n" + repeat(line + "\n", 7'000'000 / (line.size() + 1)) +
                             EnglishPlanOf({"1\tWelfare / Homes\t06/2022\tYearly\tList"});
    EXPECT_THAT(ParseOrFail(text).commitments(), SizeIs(1));
  }
}

TEST(PlanHostileEnglish, ReadsRemarksThatAlmostAreALastUpdate) {
  const std::string spaces(9800, ' ');
  const std::string all_n(9900, 'n');
  for (const std::string& remark : {"last" + spaces + "x", "last updated in" + spaces + "x",
                                    "updated up" + spaces + "x", "last updated: 3" + spaces + "x", all_n}) {
    std::vector<std::string> rows;
    for (int i = 1; i <= 700; ++i) rows.push_back(absl::StrCat(i, "\tA / B", i, "\t06/2022\tYearly\t", remark));
    EXPECT_THAT(ParseOrFail(EnglishPlanOf(rows)).commitments(), SizeIs(700));
  }
}

TEST(PlanHostileEnglish, ReadsManyFormerTitles) {
  std::string title = "A / B";
  for (int i = 0; i < 350; ++i) title += "(formerly known as)";
  std::vector<std::string> rows;
  for (int i = 1; i <= 1000; ++i) rows.push_back(absl::StrCat(i, "\t", title, "\t06/2022\tYearly\tC"));
  const v1::PlanDocument document = ParseOrFail(EnglishPlanOf(rows));
  ASSERT_THAT(document.commitments(), SizeIs(1000));
  EXPECT_EQ(document.commitments(0).title(), "B");
}

}  // namespace
}  // namespace almanac::client
