#include "client/change_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "absl/strings/str_split.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::Change Move() {
  v1::Change change;
  change.set_revision(7);
  change.set_type(v1::Change::RESCHEDULED);
  change.set_kind(v1::COMMITMENT);
  change.set_actor("siu");
  change.set_resource("publishers/swd/plans/2022-2024/commitments/a-1");
  change.add_changed_fields("reschedules");
  change.add_changed_fields("target_date");
  change.mutable_before()->mutable_commitment()->set_target_date("2022-06");
  change.mutable_after()->mutable_commitment()->set_target_date("2022-09");
  return change;
}

TEST(ChangeSummary, ShowsShortFieldsBeforeAndAfter) {
  EXPECT_EQ(ChangeSummary(Move(), Language()), "reschedules, target_date 2022-06 -> 2022-09");
}

TEST(ChangeSummary, NamesLongFieldsOnlyAndShowsAbsentOnes) {
  v1::Change change;
  change.set_type(v1::Change::UPDATED);
  change.add_changed_fields("homepage");
  change.add_changed_fields("time_zone");
  change.mutable_before()->mutable_publisher()->set_time_zone("Asia/Hong_Kong");
  change.mutable_after()->mutable_publisher()->set_homepage("https://www.swd.gov.hk/a/long/one");
  EXPECT_EQ(ChangeSummary(change, Language()), "homepage, time_zone Asia/Hong_Kong -> (none)");
}

TEST(ChangeSummary, ShowsTheTitleOfWhatCame) {
  v1::Change change;
  change.set_type(v1::Change::CREATED);
  change.add_changed_fields("titles");
  (*change.mutable_after()->mutable_dataset()->mutable_titles())["en"] = "Shelters";
  EXPECT_EQ(ChangeSummary(change, Language()), "Shelters");
}

TEST(ChangeSummary, SaysSinceWhenACommitmentIsOverdue) {
  v1::Change change;
  change.set_type(v1::Change::BECAME_OVERDUE);
  change.add_changed_fields("overdue_date");
  change.mutable_before()->mutable_commitment()->set_target_date("2022-06");
  change.mutable_after()->mutable_commitment()->set_overdue_date("2022-07-01");
  EXPECT_EQ(ChangeSummary(change, Language()), "since 2022-07-01");
  EXPECT_THAT(ChangeLine(change, Style()), HasSubstr("  became-overdue     "));
}

TEST(ChangeSummary, ShowsTheStateOfFreshness) {
  v1::Change change;
  change.set_type(v1::Change::FRESHNESS_CHANGED);
  change.add_changed_fields("freshness");
  v1::Freshness& after = *change.mutable_after()->mutable_dataset()->mutable_freshness();
  after.set_state(v1::Freshness::DUE);
  change.mutable_before()->mutable_dataset();
  EXPECT_EQ(ChangeSummary(change, Language()), "freshness (none) -> due");
  change.mutable_before()->mutable_dataset()->mutable_freshness()->set_state(v1::Freshness::FRESH);
  EXPECT_EQ(ChangeSummary(change, Language()), "freshness fresh -> due");
  // A report that only moves the due date.
  change.set_type(v1::Change::UPDATE_REPORTED);
  change.add_changed_fields("update_count");
  after.set_state(v1::Freshness::FRESH);
  change.mutable_before()->mutable_dataset()->set_update_count(3);
  change.mutable_after()->mutable_dataset()->set_update_count(4);
  EXPECT_EQ(ChangeSummary(change, Language()), "freshness, update_count 3 -> 4");
}

TEST(ChangeSummary, OfALinkSaysWhatItLeadsTo) {
  v1::Change change;
  change.set_type(v1::Change::LINKED);
  for (const char* field : {"candidate_datasets", "continued_by", "continues", "dataset", "original_target_date"}) {
    change.add_changed_fields(field);
  }
  v1::Commitment& before = *change.mutable_before()->mutable_commitment();
  v1::Commitment& after = *change.mutable_after()->mutable_commitment();
  before.set_dataset("publishers/swd/datasets/teams-2");
  after.set_dataset("publishers/swd/datasets/outreach-teams");
  before.set_original_target_date("2023-06");
  after.set_original_target_date("2022-12");
  before.set_continued_by("publishers/swd/plans/2024-2026/commitments/a-1");
  after.set_continues("publishers/swd/plans/2022-2024/commitments/b-2");
  EXPECT_EQ(ChangeSummary(change, Language()),
            "candidate_datasets, continued by nothing, continues swd/2022-2024/b-2, "
            "dataset swd/teams-2 -> swd/outreach-teams, original_target_date 2023-06 -> 2022-12");
  std::swap(before, after);
  EXPECT_EQ(ChangeSummary(change, Language()),
            "candidate_datasets, continued by swd/2024-2026/a-1, continues nothing, "
            "dataset swd/outreach-teams -> swd/teams-2, original_target_date 2022-12 -> 2023-06");
}

TEST(ChangeSummary, OfASupersededPlanIsItsState) {
  v1::Change change;
  change.set_type(v1::Change::SUPERSEDED);
  change.add_changed_fields("state");
  change.mutable_before()->mutable_release_plan()->set_state(v1::ReleasePlan::PUBLISHED);
  change.mutable_after()->mutable_release_plan()->set_state(v1::ReleasePlan::SUPERSEDED);
  EXPECT_EQ(ChangeSummary(change, Language()), "state published -> superseded");
}

TEST(ChangeLine, IsOneLine) {
  v1::Change change = Move();
  change.set_actor("a\nb");
  const std::string line = ChangeLine(change, Style());
  EXPECT_THAT(line, HasSubstr("      7  "));
  EXPECT_THAT(line, HasSubstr("rescheduled"));
  EXPECT_THAT(line, HasSubstr("publishers/swd/plans/2022-2024/commitments/a-1"));
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

// The lines of a block but the first, without their margin.
std::vector<std::string> LinesOf(const v1::Change& change) {
  const std::string block = ChangeBlock(change, Style());
  EXPECT_EQ(block.back(), '\n');
  std::vector<std::string> lines = absl::StrSplit(block.substr(0, block.size() - 1), '\n');
  for (std::string& line : lines) line.erase(0, line.find_first_not_of(' '));
  lines.erase(lines.begin());
  return lines;
}

TEST(ChangeBlock, BeginsWithWhoAndWhen) {
  v1::Change change = Move();
  change.mutable_change_time()->set_seconds(1'656'637'200);
  const std::string block = ChangeBlock(change, Style());
  EXPECT_EQ(block.substr(0, block.find('\n')), "      7  " + LocalTime(change.change_time()) + "  rescheduled by siu");
}

TEST(ChangeBlock, OfANewResourceHasWhatItBeganWith) {
  v1::Change change;
  change.set_type(v1::Change::CREATED);
  for (const char* field : {"create_time", "formats", "frequency", "name", "titles"}) change.add_changed_fields(field);
  v1::Dataset& dataset = *change.mutable_after()->mutable_dataset();
  dataset.set_name("publishers/swd/datasets/shelters");
  dataset.mutable_create_time()->set_seconds(1);
  (*dataset.mutable_titles())["en"] = "Shelters";
  (*dataset.mutable_titles())["zh-Hans-HK"] = "庇护中心";
  dataset.add_formats("CSV");
  dataset.add_formats("XML");
  dataset.set_frequency(v1::HALF_YEARLY);
  EXPECT_THAT(LinesOf(change), ElementsAre("formats: CSV", "formats: XML", "frequency: half-yearly",
                                           "titles.en: Shelters", "titles.zh-Hans-HK: 庇护中心"));
}

TEST(ChangeBlock, ComparesTextsByLanguage) {
  v1::Change change;
  change.set_type(v1::Change::UPDATED);
  change.add_changed_fields("titles");
  v1::Dataset& before = *change.mutable_before()->mutable_dataset();
  v1::Dataset& after = *change.mutable_after()->mutable_dataset();
  (*before.mutable_titles())["en"] = "Shelters";
  (*before.mutable_titles())["fr"] = "Refuges";
  (*before.mutable_titles())["de"] = "Heime";
  (*after.mutable_titles())["en"] = "Night shelters";
  (*after.mutable_titles())["fr"] = "Refuges";
  (*after.mutable_titles())["zh-Hans-HK"] = "庇护中心";
  EXPECT_THAT(LinesOf(change), ElementsAre("titles.de: Heime -> (none)", "titles.en: Shelters -> Night shelters",
                                           "titles.zh-Hans-HK: (none) -> 庇护中心"));
}

TEST(ChangeBlock, SaysWhatListsGotAndLost) {
  v1::Change change;
  change.set_type(v1::Change::UPDATED);
  change.add_changed_fields("formats");
  change.add_changed_fields("former_titles");
  v1::Dataset& before = *change.mutable_before()->mutable_dataset();
  v1::Dataset& after = *change.mutable_after()->mutable_dataset();
  for (const char* format : {"CSV", "XML", "JSON"}) before.add_formats(format);
  for (const char* format : {"JSON", "XLSX", "XML"}) after.add_formats(format);
  v1::FormerTitle& title = *after.add_former_titles();
  title.set_language("en");
  title.set_text("Hostels");
  EXPECT_THAT(LinesOf(change),
              ElementsAre("formats: removed CSV", "formats: added XLSX", "former_titles: added en: Hostels"));
  change.mutable_changed_fields()->RemoveLast();
  after.clear_formats();
  for (const char* format : {"XML", "CSV", "JSON"}) after.add_formats(format);
  EXPECT_THAT(LinesOf(change), ElementsAre("formats: CSV, XML, JSON -> XML, CSV, JSON"));
}

TEST(ChangeBlock, OfAMoveHasTheReason) {
  v1::Change change = Move();
  v1::Reschedule& move = *change.mutable_after()->mutable_commitment()->add_reschedules();
  move.set_from_target_date("2022-06");
  move.set_to_target_date("2022-09");
  move.set_reason(v1::Commitment::DATA_QUALITY);
  move.set_note("Two posts are vacant");
  EXPECT_THAT(LinesOf(change), ElementsAre("reschedules: added 2022-06 -> 2022-09, data-quality: Two posts are vacant",
                                           "target_date: 2022-06 -> 2022-09"));
}

TEST(ChangeBlock, ComparesPartsOfMessagesAndPlainValues) {
  v1::Change change;
  change.set_type(v1::Change::UPDATE_REPORTED);
  for (const char* field : {"discontinued", "freshness", "update_count", "unheard_of"})
    change.add_changed_fields(field);
  v1::Dataset& before = *change.mutable_before()->mutable_dataset();
  v1::Dataset& after = *change.mutable_after()->mutable_dataset();
  before.mutable_freshness()->set_state(v1::Freshness::UNKNOWN);
  before.mutable_freshness()->set_observed_frequency(v1::DAILY);
  after.mutable_freshness()->set_state(v1::Freshness::FRESH);
  after.mutable_freshness()->set_observed_frequency(v1::DAILY);
  after.set_update_count(1);
  after.set_discontinued(true);
  EXPECT_THAT(LinesOf(change), ElementsAre("discontinued: false -> true", "freshness.state: unknown -> fresh",
                                           "update_count: 0 -> 1", "unheard_of"));
}

TEST(ChangeBlock, CutsLongTextsAndKeepsLinesWhole) {
  v1::Change change;
  change.set_type(v1::Change::UPDATED);
  change.set_actor("a\nb");
  change.add_changed_fields("remarks");
  (*change.mutable_before()->mutable_dataset()->mutable_remarks())["en"] = std::string(5000, 'x');
  (*change.mutable_after()->mutable_dataset()->mutable_remarks())["en"] = "one\ntwo";
  EXPECT_THAT(LinesOf(change), ElementsAre("remarks.en: " + std::string(59, 'x') + "… -> one two"));
}

TEST(ChangeBlock, OfADeletionIsItsHeading) {
  v1::Change change;
  change.set_type(v1::Change::DELETED);
  change.add_changed_fields("delete_time");
  change.mutable_before()->mutable_publisher()->set_name("publishers/swd");
  change.mutable_after()->mutable_publisher()->mutable_delete_time()->set_seconds(1);
  EXPECT_THAT(LinesOf(change), IsEmpty());
}

TEST(ChangeBlock, OfASummaryNamesTheFields) {
  v1::Change change;
  change.set_summary_only(true);
  change.set_type(v1::Change::UPDATED);
  change.add_changed_fields("formats");
  change.add_changed_fields("titles");
  EXPECT_THAT(LinesOf(change), ElementsAre("changed formats, titles; the values are no longer kept"));
  EXPECT_EQ(ChangeSummary(change, Language()), "formats, titles");
  change.set_type(v1::Change::DELETED);
  change.clear_changed_fields();
  change.add_changed_fields("delete_time");
  EXPECT_THAT(LinesOf(change), IsEmpty());
}

}  // namespace
}  // namespace almanac::client
