#include "client/change_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace almanac::client {
namespace {

using ::testing::HasSubstr;

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

}  // namespace
}  // namespace almanac::client
