#include "service/rules/translation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace almanac::service::rules {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::DocumentCommitment;
using almanac::v1::PlanDocument;
using almanac::v1::ReleasePlan;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kFirst[] = "zh-Hans-HK";

// The line `a-{number}` of a plan in Chinese: 名单{number} by June 2022.
Commitment Line(int number) {
  Commitment commitment;
  commitment.set_name(absl::StrCat("publishers/swd/plans/2022-2024/commitments/a-", number));
  commitment.set_section("A");
  commitment.set_number(number);
  (*commitment.mutable_titles())[kFirst] = absl::StrCat("名单", number);
  (*commitment.mutable_categories())[kFirst] = "社会福利";
  (*commitment.mutable_frequency_texts())[kFirst] = "每年";
  commitment.set_state(Commitment::PLANNED);
  commitment.set_first_target_date("2022-06");
  commitment.set_target_date("2022-09");
  commitment.set_frequency(almanac::v1::YEARLY);
  commitment.add_formats("CSV");
  commitment.add_formats("XML");
  return commitment;
}

// The same line in English, on line 10 + number of its file.
DocumentCommitment EnglishLine(int number) {
  DocumentCommitment line;
  line.set_section("A");
  line.set_number(number);
  line.set_line(10 + number);
  line.set_title(absl::StrCat("List ", number));
  line.set_category("Social Welfare");
  line.set_target_date("2022-06");
  line.set_frequency(almanac::v1::YEARLY);
  line.set_frequency_text("Yearly");
  line.add_formats("XML");
  line.add_formats("CSV");
  line.set_remark("Names (CSV, XML)");
  return line;
}

PlanDocument English(const std::vector<DocumentCommitment>& lines) {
  PlanDocument document;
  document.set_language("en");
  for (const DocumentCommitment& line : lines) *document.add_commitments() = line;
  return document;
}

std::vector<std::string> Texts(const DocumentWarnings& warnings) {
  std::vector<std::string> texts;
  for (const auto& warning : warnings) texts.push_back(absl::StrCat(warning.line(), ": ", warning.message()));
  return texts;
}

// The places in `lines` of what the document's lines match, -1 for none, and the warnings.
std::vector<int> Match(const std::vector<Commitment>& lines, const PlanDocument& document,
                       std::vector<std::string>* warnings) {
  DocumentWarnings all;
  std::vector<int> places;
  for (const Commitment* match : MatchTranslation(lines, document, &all)) {
    places.push_back(match == nullptr ? -1 : static_cast<int>(match - lines.data()));
  }
  *warnings = Texts(all);
  return places;
}

TEST(IsTranslationTest, ADocumentInAnotherLanguageThanTheFirstIsOne) {
  ReleasePlan plan;
  plan.set_language(kFirst);
  EXPECT_FALSE(IsTranslation(plan, kFirst));
  EXPECT_TRUE(IsTranslation(plan, "en"));
  EXPECT_TRUE(IsTranslation(plan, "zh-Hans")) << "another tag is another language";
}

TEST(IsTranslationTest, ADraftWithoutALanguageTakesAnyAndAPublishedPlanIsInThoseOfItsHeading) {
  ReleasePlan plan;
  plan.set_state(ReleasePlan::DRAFT);
  (*plan.mutable_titles())[kFirst] = "计划";
  EXPECT_FALSE(IsTranslation(plan, kFirst));
  EXPECT_FALSE(IsTranslation(plan, "en"));
  plan.set_state(ReleasePlan::PUBLISHED);
  EXPECT_FALSE(IsTranslation(plan, kFirst));
  EXPECT_TRUE(IsTranslation(plan, "en"));
}

TEST(TranslatePlanTest, AddsTheHeadingsAndNotesOfSectionsThatThePlanHas) {
  ReleasePlan plan;
  (*plan.mutable_titles())[kFirst] = "开放数据计划";
  plan.set_published_on("2021-12");
  for (const char* code : {"A", "B"}) {
    auto* section = plan.add_sections();
    section->set_code(code);
    (*section->mutable_titles())[kFirst] = absl::StrCat("部分", code);
  }
  PlanDocument document = English({});
  document.set_title("Open data plan");
  document.set_published_on("2021-12");
  for (const char* code : {"B", "A"}) {
    auto* section = document.add_sections();
    section->set_code(code);
    section->set_title(absl::StrCat("Section ", code));
    section->set_note("(1) Organisation");
  }
  DocumentWarnings warnings;
  const ReleasePlan after = TranslatePlan(plan, document, &warnings);
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_THAT(after.titles(), UnorderedElementsAre(Pair(kFirst, "开放数据计划"), Pair("en", "Open data plan")));
  ASSERT_THAT(after.sections(), SizeIs(2));
  EXPECT_EQ(after.sections(0).code(), "A");
  EXPECT_THAT(after.sections(0).titles(), UnorderedElementsAre(Pair(kFirst, "部分A"), Pair("en", "Section A")));
  EXPECT_THAT(after.sections(1).notes(), UnorderedElementsAre(Pair("en", "(1) Organisation")));
  EXPECT_TRUE(OnlyAddsTexts(plan, after));

  document.mutable_sections(0)->set_title("Section B, corrected");
  EXPECT_FALSE(OnlyAddsTexts(after, TranslatePlan(after, document, &warnings)));
  document.mutable_sections(0)->set_title("Section B");
  document.set_title("Open data plan, corrected");
  EXPECT_FALSE(OnlyAddsTexts(after, TranslatePlan(after, document, &warnings)));
}

TEST(TranslatePlanTest, WarnsWhereThePlansDisagreeAndLeavesThePlan) {
  ReleasePlan plan;
  plan.set_published_on("2021-12");
  plan.add_sections()->set_code("A");
  plan.add_sections()->set_code("C");
  plan.mutable_sections(1)->set_not_applicable(true);
  PlanDocument document = English({});
  document.set_published_on("2022-01");
  document.add_sections()->set_code("C");
  document.add_sections()->set_code("D");
  DocumentWarnings warnings;
  const ReleasePlan after = TranslatePlan(plan, document, &warnings);
  EXPECT_THAT(Texts(warnings),
              ElementsAre("0: published_on is 2022-01 here, but 2021-12 in the plan",
                          "0: section C is applicable here, but not applicable in the plan",
                          "0: section D is not in the plan; left out", "0: section A of the plan is not here"));
  EXPECT_EQ(after.DebugString(), plan.DebugString());
}

TEST(MatchTranslationTest, ALineIsTheOneWithItsNumber) {
  std::vector<std::string> warnings;
  EXPECT_THAT(Match({Line(1), Line(2)}, English({EnglishLine(2), EnglishLine(1)}), &warnings), ElementsAre(1, 0));
  EXPECT_THAT(warnings, IsEmpty()) << "where a promise was moved to, and the order of formats, are no disagreement";
}

TEST(MatchTranslationTest, ALineWithATitleThatIsKnownKeepsItsMatch) {
  std::vector<Commitment> lines = {Line(1), Line(2), Line(3)};
  (*lines[0].mutable_titles())["en"] = "List of homes";
  DocumentCommitment moved = EnglishLine(2);
  moved.set_title("list  of Homes");
  moved.set_target_date("2023-06");
  moved.set_discontinued(true);
  moved.set_last_update_date("2021-06");
  std::vector<std::string> warnings;
  EXPECT_THAT(Match(lines, English({EnglishLine(1), moved, EnglishLine(3)}), &warnings), ElementsAre(-1, 0, 2));
  EXPECT_THAT(
      warnings,
      ElementsAre("11: A1 List 1: the title of the plan's line with this number is on another line here; left out",
                  "12: A2 list  of Homes: number is 2 here, but 1 in the plan; target_date is 2023-06 here, but "
                  "2022-06 in the plan; discontinued is true here, but false in the plan; last_update_date is "
                  "2021-06 here, but (none) in the plan, which stays as it is",
                  "0: A2 (publishers/swd/plans/2022-2024/commitments/a-2) of the plan is not here"));
}

TEST(MatchTranslationTest, ALineIsNotTakenIfItsDateAndTwoMoreColumnsDisagree) {
  std::vector<std::string> warnings;
  DocumentCommitment line = EnglishLine(1);
  line.set_target_date("2022-07");
  EXPECT_THAT(Match({Line(1)}, English({line}), &warnings), ElementsAre(0));
  EXPECT_THAT(warnings, ElementsAre("11: A1 List 1: target_date is 2022-07 here, but 2022-06 in the plan, which stays "
                                    "as it is"));

  line.set_frequency(almanac::v1::MONTHLY);
  EXPECT_THAT(Match({Line(1)}, English({line}), &warnings), ElementsAre(0));
  EXPECT_THAT(warnings, SizeIs(1));

  line.clear_formats();
  EXPECT_THAT(Match({Line(1)}, English({line}), &warnings), ElementsAre(-1));
  EXPECT_THAT(
      warnings,
      ElementsAre("11: A1 List 1: left out, since it may be about something else: target_date is 2022-07 here, "
                  "but 2022-06 in the plan; frequency is MONTHLY here, but YEARLY in the plan; formats is (none) "
                  "here, but CSV, XML in the plan"));

  line.set_target_date("2022-06");
  line.set_discontinued(true);
  EXPECT_THAT(Match({Line(1)}, English({line}), &warnings), ElementsAre(0)) << "the date says that it is the promise";
}

TEST(MatchTranslationTest, ATargetAndAReleaseAreTwoDates) {
  DocumentCommitment line = EnglishLine(1);
  line.clear_target_date();
  line.set_release_date("2022-06");
  std::vector<std::string> warnings;
  EXPECT_THAT(Match({Line(1)}, English({line}), &warnings), ElementsAre(0));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("release_date is 2022-06 here, but (none) in the plan")));
  line.set_discontinued(true);
  EXPECT_THAT(Match({Line(1)}, English({line}), &warnings), ElementsAre(0));
  line.set_frequency(almanac::v1::MONTHLY);
  EXPECT_THAT(Match({Line(1)}, English({line}), &warnings), ElementsAre(-1));
}

TEST(MatchTranslationTest, WarningsEndAtAThousand) {
  std::vector<DocumentCommitment> lines;
  for (int i = 1; i <= 1000; ++i) lines.push_back(EnglishLine(i));
  std::vector<std::string> warnings;
  Match({}, English(lines), &warnings);
  ASSERT_THAT(warnings, SizeIs(1000));
  lines.push_back(EnglishLine(1001));
  Match({}, English(lines), &warnings);
  ASSERT_THAT(warnings, SizeIs(1000));
  EXPECT_EQ(warnings[998], "1009: A999 List 999: the plan has no such line; left out");
  EXPECT_EQ(warnings[999],
            "1010: there may be more warnings than these 1000; the last one is: A1000 List 1000: the plan "
            "has no such line; left out");
}

TEST(TranslateCommitmentTest, ChangesTheTextsOfItsLanguageOnly) {
  Commitment before = Line(1);
  auto* former = before.add_former_titles();
  former->set_language(kFirst);
  former->set_text("旧名单");
  DocumentCommitment line = EnglishLine(1);
  line.add_former_titles("Old list");
  line.set_target_date("2030-01");
  line.set_discontinued(true);
  const Commitment after = TranslateCommitment(before, line, "en");
  EXPECT_TRUE(OnlyAddsTexts(before, after));
  EXPECT_EQ(after.titles().at("en"), "List 1");
  EXPECT_EQ(after.categories().at("en"), "Social Welfare");
  EXPECT_EQ(after.remarks().at("en"), "Names (CSV, XML)");
  EXPECT_EQ(after.frequency_texts().at("en"), "Yearly");
  ASSERT_THAT(after.former_titles(), SizeIs(2));
  EXPECT_EQ(after.former_titles(1).text(), "Old list");

  Commitment without = after;
  for (auto* texts : {without.mutable_titles(), without.mutable_categories(), without.mutable_remarks(),
                      without.mutable_frequency_texts()}) {
    texts->erase("en");
  }
  without.mutable_former_titles()->RemoveLast();
  EXPECT_EQ(without.DebugString(), before.DebugString());

  EXPECT_EQ(TranslateCommitment(after, line, "en").DebugString(), after.DebugString());
  line.clear_remark();
  const Commitment shorter = TranslateCommitment(after, line, "en");
  EXPECT_FALSE(shorter.remarks().contains("en"));
  EXPECT_FALSE(OnlyAddsTexts(after, shorter));
  line = EnglishLine(1);
  EXPECT_FALSE(OnlyAddsTexts(after, TranslateCommitment(after, line, "en"))) << "the former title is gone";
}

TEST(TranslateDatasetTest, FollowsTheLineUnlessItWasEdited) {
  Dataset dataset;
  (*dataset.mutable_titles())[kFirst] = "名单1";
  (*dataset.mutable_categories())["en"] = "Welfare, edited";
  DocumentCommitment line = EnglishLine(1);
  line.add_former_titles("Old list");
  dataset = TranslateDataset(dataset, Line(1), line, "en");
  EXPECT_THAT(dataset.titles(), UnorderedElementsAre(Pair(kFirst, "名单1"), Pair("en", "List 1")));
  EXPECT_EQ(dataset.categories().at("en"), "Welfare, edited");
  EXPECT_EQ(dataset.remarks().at("en"), "Names (CSV, XML)");
  EXPECT_EQ(dataset.frequency_texts().at("en"), "Yearly");
  ASSERT_THAT(dataset.former_titles(), SizeIs(1));

  const Commitment before = TranslateCommitment(Line(1), line, "en");
  line.set_title("List One");
  line.set_category("Welfare");
  line.clear_remark();
  dataset = TranslateDataset(dataset, before, line, "en");
  EXPECT_EQ(dataset.titles().at("en"), "List One");
  EXPECT_EQ(dataset.categories().at("en"), "Welfare, edited");
  EXPECT_FALSE(dataset.remarks().contains("en"));
  EXPECT_THAT(dataset.former_titles(), SizeIs(1)) << "a corrected translation is no former title";
}

TEST(TranslateDatasetTest, FollowsTheNextEditionWhereItSaysWhatTheLastOneSaid) {
  const Commitment last = TranslateCommitment(Line(1), EnglishLine(1), "en");
  Dataset dataset;
  *dataset.mutable_titles() = last.titles();
  *dataset.mutable_remarks() = last.remarks();
  (*dataset.mutable_categories())["en"] = "Welfare, edited";
  DocumentCommitment line = EnglishLine(1);
  line.set_title("List of day centres");
  line.set_category("Elderly");
  line.clear_remark();
  dataset = TranslateDataset(dataset, Line(1), line, "en", {last});
  EXPECT_EQ(dataset.titles().at("en"), "List of day centres");
  EXPECT_EQ(dataset.categories().at("en"), "Welfare, edited");
  EXPECT_FALSE(dataset.remarks().contains("en"));
  ASSERT_THAT(dataset.former_titles(), SizeIs(1));
  EXPECT_EQ(dataset.former_titles(0).text(), "List 1");
}

}  // namespace
}  // namespace almanac::service::rules
