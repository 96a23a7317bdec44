#include "service/rules/document_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "db/errors.h"
#include "google/rpc/error_details.pb.h"
#include "service/rules/lifecycle.h"

namespace almanac::service::rules {
namespace {

using absl::CivilDay;
using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::DocumentCommitment;
using ::testing::HasSubstr;

constexpr char kLanguage[] = "zh-Hans-HK";

DocumentCommitment Promise() {
  DocumentCommitment line;
  line.set_section("A");
  line.set_number(1);
  line.set_category("社会福利");
  line.set_title("少数族裔外展队名单");
  line.set_target_date("2022-06");
  line.set_frequency(almanac::v1::AS_NEEDED);
  line.set_frequency_text("在资料更新时");
  line.add_formats("CSV");
  line.set_remark("机构名称 (CSV)");
  line.set_line(10);
  return line;
}

Commitment Applied(const DocumentCommitment& line, const Commitment& before = {}) {
  const absl::StatusOr<Commitment> after = ApplyLine(before, line, kLanguage);
  EXPECT_TRUE(after.ok()) << after.status();
  return *after;
}

Justification Why() { return {Commitment::OTHER, "why", "alice", absl::UnixEpoch(), CivilDay(2022, 5, 3)}; }

TEST(ApplyLineTest, ANewLineIsPlannedAndSaysWhatTheDocumentSays) {
  const Commitment commitment = Applied(Promise());
  EXPECT_EQ(commitment.state(), Commitment::PLANNED);
  EXPECT_EQ(commitment.first_target_date(), "2022-06");
  EXPECT_EQ(commitment.target_date(), "2022-06");
  EXPECT_EQ(commitment.titles().at(kLanguage), "少数族裔外展队名单");
  EXPECT_EQ(commitment.categories().at(kLanguage), "社会福利");
  EXPECT_EQ(commitment.remarks().at(kLanguage), "机构名称 (CSV)");
  EXPECT_EQ(commitment.frequency(), almanac::v1::AS_NEEDED);
  EXPECT_EQ(commitment.frequency_texts().at(kLanguage), "在资料更新时");
  EXPECT_EQ(commitment.formats(0), "CSV");
}

TEST(ApplyLineTest, ALineListedAsReleasedHasNoTargetAndNoOutcome) {
  DocumentCommitment line = Promise();
  line.clear_target_date();
  line.set_release_date("2021-06");
  const Commitment commitment = Applied(line);
  EXPECT_EQ(commitment.state(), Commitment::RELEASED);
  EXPECT_EQ(commitment.release_date(), "2021-06");
  EXPECT_EQ(commitment.target_date(), "");
  EXPECT_FALSE(commitment.has_outcome());
}

TEST(ApplyLineTest, TheSameLineTwiceIsTheSame) {
  const Commitment once = Applied(Promise());
  EXPECT_EQ(Applied(Promise(), once).DebugString(), once.DebugString());
}

TEST(ApplyLineTest, TextsInOtherLanguagesStay) {
  Commitment before = Applied(Promise());
  (*before.mutable_titles())["en"] = "List of outreaching teams";
  auto* former = before.add_former_titles();
  former->set_language("en");
  former->set_text("Old list");
  DocumentCommitment line = Promise();
  line.set_title("新名单");
  line.clear_remark();
  line.add_former_titles("旧名单");
  const Commitment after = Applied(line, before);
  EXPECT_EQ(after.titles().at("en"), "List of outreaching teams");
  EXPECT_EQ(after.titles().at(kLanguage), "新名单");
  EXPECT_EQ(after.remarks().count(kLanguage), 0u);
  ASSERT_EQ(after.former_titles_size(), 2);
  EXPECT_EQ(after.former_titles(0).text(), "Old list");
  EXPECT_EQ(after.former_titles(1).text(), "旧名单");
}

TEST(ApplyLineTest, AnUntouchedPromiseMovesWithTheDocument) {
  DocumentCommitment line = Promise();
  line.set_target_date("2022-09");
  const Commitment after = Applied(line, Applied(Promise()));
  EXPECT_EQ(after.first_target_date(), "2022-09");
  EXPECT_EQ(after.target_date(), "2022-09");
}

TEST(ApplyLineTest, ARecordedMoveStays) {
  const Commitment moved = *Reschedule(Applied(Promise()), "2022-12", Why());
  EXPECT_EQ(Applied(Promise(), moved).DebugString(), moved.DebugString());
  DocumentCommitment line = Promise();
  line.set_target_date("2022-09");
  const Commitment after = Applied(line, moved);
  EXPECT_EQ(after.first_target_date(), "2022-09");
  EXPECT_EQ(after.target_date(), "2022-12");
  EXPECT_EQ(after.reschedules_size(), 1);
}

TEST(ApplyLineTest, ARecordedReleaseStays) {
  const Commitment released = *Release(Applied(Promise()), "2022-06-15");
  EXPECT_EQ(Applied(Promise(), released).DebugString(), released.DebugString());
}

TEST(ApplyLineTest, AReleaseThatTheDocumentConfirmsKeepsItsOutcome) {
  const Commitment released = *Release(Applied(Promise()), "2022-06-15");
  DocumentCommitment line = Promise();
  line.clear_target_date();
  line.set_release_date("2022-06");
  EXPECT_EQ(Applied(line, released).DebugString(), released.DebugString());
}

TEST(ApplyLineTest, ADocumentThatContradictsHistoryIsRefused) {
  const Commitment released = *Release(Applied(Promise()), "2022-06-15");
  const Commitment cancelled = *Cancel(Applied(Promise()), Why());
  DocumentCommitment other_release = Promise();
  other_release.clear_target_date();
  other_release.set_release_date("2022-07");
  DocumentCommitment other_target = Promise();
  other_target.set_target_date("2022-09");
  for (const Commitment& before : {released, cancelled}) {
    for (const DocumentCommitment& line : {other_release, other_target}) {
      const absl::Status status = ApplyLine(before, line, kLanguage).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
      EXPECT_EQ(db::Detail<google::rpc::ErrorInfo>(status).reason(), "LINE_CONTRADICTS_HISTORY");
      EXPECT_THAT(std::string(status.message()), HasSubstr("line 10"));
    }
  }
}

DocumentCommitment Kept(const std::string& release_date) {
  DocumentCommitment line = Promise();
  line.set_release_date(release_date);
  return line;
}

DocumentCommitment Withdrawn() {
  DocumentCommitment line = Promise();
  line.mutable_cancellation()->set_reason(Commitment::FUNDING);
  line.mutable_cancellation()->set_note("The vote was cut");
  return line;
}

// Of an import by bob on 1 May 2023.
absl::StatusOr<Commitment> Cancelled(const DocumentCommitment& line, const Commitment& before = {}) {
  return ApplyCancellation(Applied(line, before), line,
                           {Commitment::OTHER, "", "bob", absl::FromUnixSeconds(1), CivilDay(2023, 5, 1)});
}

void ExpectContradiction(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(db::Detail<google::rpc::ErrorInfo>(status).reason(), "LINE_CONTRADICTS_HISTORY") << status;
}

TEST(ApplyLineTest, ALineWithBothDatesIsAPromiseKept) {
  const Commitment late = Applied(Kept("2022-08-03"));
  EXPECT_EQ(late.state(), Commitment::RELEASED);
  EXPECT_EQ(late.first_target_date(), "2022-06");
  EXPECT_EQ(late.target_date(), "2022-06");
  EXPECT_EQ(late.release_date(), "2022-08-03");
  // The last day of the target is 30 June.
  EXPECT_EQ(late.outcome().against_first_target().verdict(), almanac::v1::Slip::LATE);
  EXPECT_EQ(late.outcome().against_first_target().days(), 34);
  EXPECT_EQ(late.outcome().against_first_target().months(), 2);
  EXPECT_EQ(Applied(Kept("2022-06")).outcome().against_last_target().verdict(), almanac::v1::Slip::ON_TIME);
  EXPECT_EQ(Applied(Kept("2022-05")).outcome().against_last_target().verdict(), almanac::v1::Slip::EARLY);
}

TEST(ApplyLineTest, APromiseKeptTwiceIsTheSame) {
  const Commitment once = Applied(Kept("2022-08"));
  EXPECT_EQ(Applied(Kept("2022-08"), once).DebugString(), once.DebugString());
  // A document that does not know of the release yet says nothing against it.
  EXPECT_EQ(Applied(Promise(), once).DebugString(), once.DebugString());
}

TEST(ApplyLineTest, ADocumentReleasesWhatWasMovedOrConfirmed) {
  const Commitment moved = Applied(Kept("2022-08"), *Reschedule(Applied(Promise()), "2022-09", Why()));
  EXPECT_EQ(moved.state(), Commitment::RELEASED);
  EXPECT_EQ(moved.outcome().against_first_target().months(), 2);
  EXPECT_EQ(moved.outcome().against_last_target().months(), -1);
  const Commitment confirmed =
      Applied(Kept("2022-06-15"), *Confirm(Applied(Promise()), CivilDay(2022, 6, 15), CivilDay(2022, 6, 1)));
  EXPECT_EQ(confirmed.state(), Commitment::RELEASED);
  EXPECT_EQ(confirmed.confirm_date(), "2022-06-01");
}

TEST(ApplyLineTest, APromiseKeptAtAnotherTimeContradictsTheRecord) {
  const Commitment released = *Release(Applied(Promise()), "2022-06-15");
  EXPECT_EQ(Applied(Kept("2022-06"), released).DebugString(), released.DebugString());
  ExpectContradiction(ApplyLine(released, Kept("2022-07"), kLanguage).status());
  ExpectContradiction(ApplyLine(*Cancel(Applied(Promise()), Why()), Kept("2022-07"), kLanguage).status());
  DocumentCommitment other_target = Kept("2022-06-15");
  other_target.set_target_date("2022-05");
  ExpectContradiction(ApplyLine(released, other_target, kLanguage).status());
}

TEST(ApplyLineTest, ADeletedLineComesBackAsItEndedUnlessTheDocumentContradicts) {
  Commitment deleted = *Release(Applied(Promise()), "2022-06-15");
  deleted.mutable_delete_time()->set_seconds(1);
  const Commitment back = Applied(Promise(), deleted);
  EXPECT_FALSE(back.has_delete_time());
  EXPECT_EQ(back.release_date(), "2022-06-15");
  const Commitment corrected = Applied(Kept("2022-07-20"), deleted);
  EXPECT_EQ(corrected.release_date(), "2022-07-20");
  EXPECT_EQ(corrected.outcome().against_first_target().days(), 20);
  EXPECT_EQ(Applied(Withdrawn(), deleted).state(), Commitment::PLANNED);
}

TEST(ApplyCancellationTest, WithdrawsAnOpenPromiseByTheImporter) {
  const Commitment cancelled = *Cancelled(Withdrawn());
  EXPECT_EQ(cancelled.state(), Commitment::CANCELLED);
  EXPECT_EQ(cancelled.first_target_date(), "2022-06");
  EXPECT_EQ(cancelled.cancellation().reason(), Commitment::FUNDING);
  EXPECT_EQ(cancelled.cancellation().note(), "The vote was cut");
  EXPECT_EQ(cancelled.cancellation().actor(), "bob");
  EXPECT_EQ(cancelled.cancellation().cancel_date(), "2023-05-01");
  EXPECT_EQ(cancelled.cancellation().cancel_time().seconds(), 1);
  DocumentCommitment line = Withdrawn();
  line.mutable_cancellation()->clear_reason();
  EXPECT_EQ(Cancelled(line)->cancellation().reason(), Commitment::OTHER);
}

TEST(ApplyCancellationTest, LeavesALineWithoutOneAsItIs) {
  EXPECT_EQ(Cancelled(Promise())->state(), Commitment::PLANNED);
}

TEST(ApplyCancellationTest, WhatIsCancelledStaysAsItWasCancelled) {
  const Commitment once = *Cancel(Applied(Promise()), Why());
  EXPECT_EQ(Cancelled(Withdrawn(), once)->DebugString(), once.DebugString());
  EXPECT_EQ(Applied(Promise(), once).DebugString(), once.DebugString());
}

TEST(ApplyCancellationTest, WhatWasReleasedWasNotWithdrawn) {
  ExpectContradiction(ApplyLine(*Release(Applied(Promise()), "2022-06-15"), Withdrawn(), kLanguage).status());
}

TEST(DiffCommitmentsTest, SaysHowAPromiseEnded) {
  const auto released = DiffCommitments(Applied(Promise()), Applied(Kept("2022-08")), kLanguage);
  ASSERT_EQ(released.size(), 1u);
  EXPECT_EQ(released[0].field(), "release_date");
  EXPECT_EQ(released[0].before(), "");
  EXPECT_EQ(released[0].after(), "2022-08");
  const auto cancelled = DiffCommitments(Applied(Promise()), *Cancelled(Withdrawn()), kLanguage);
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_EQ(cancelled[0].field(), "cancellation");
  EXPECT_EQ(cancelled[0].after(), "The vote was cut");
  EXPECT_TRUE(DiffCommitments(*Cancelled(Withdrawn()), *Cancelled(Withdrawn()), kLanguage).empty());
}

TEST(LineOfTest, UndoesApplyLine) {
  DocumentCommitment line = Promise();
  line.add_former_titles("旧名单");
  line.set_discontinued(true);
  line.set_last_update_date("2021-06");
  DocumentCommitment read = LineOf(Applied(line), kLanguage);
  EXPECT_TRUE(DiffLines(line, read).empty());
  DocumentCommitment listed = Promise();
  listed.clear_target_date();
  listed.set_release_date("2021-06");
  EXPECT_TRUE(DiffLines(listed, LineOf(Applied(listed), kLanguage)).empty());
}

TEST(DiffLinesTest, NamesTheFieldsThatDifferButNotThePlaceInTheFile) {
  DocumentCommitment after = Promise();
  after.set_number(7);
  after.set_target_date("2022-09");
  after.set_frequency(almanac::v1::MONTHLY);
  after.add_formats("XML");
  after.set_discontinued(true);
  after.set_line(999);
  const auto changes = DiffLines(Promise(), after);
  ASSERT_EQ(changes.size(), 5u);
  const char* expected[][3] = {{"number", "1", "7"},
                               {"target_date", "2022-06", "2022-09"},
                               {"frequency", "AS_NEEDED", "MONTHLY"},
                               {"formats", "CSV", "CSV, XML"},
                               {"discontinued", "false", "true"}};
  for (size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(changes[i].field(), expected[i][0]);
    EXPECT_EQ(changes[i].before(), expected[i][1]);
    EXPECT_EQ(changes[i].after(), expected[i][2]);
  }
}

TEST(ApplyToDatasetTest, AReplacedTitleBecomesAFormerOne) {
  const Dataset before = ApplyToDataset({}, Promise(), kLanguage);
  EXPECT_EQ(before.former_titles_size(), 0);
  DocumentCommitment line = Promise();
  line.set_title("新名单");
  const Dataset after = ApplyToDataset(before, line, kLanguage);
  EXPECT_EQ(after.titles().at(kLanguage), "新名单");
  ASSERT_EQ(after.former_titles_size(), 1);
  EXPECT_EQ(after.former_titles(0).text(), "少数族裔外展队名单");
  EXPECT_EQ(after.former_titles(0).language(), kLanguage);
  EXPECT_EQ(ApplyToDataset(after, line, kLanguage).former_titles_size(), 1);
}

TEST(ApplyToDatasetTest, ATitleThatDiffersInSpacesOnlyIsTheSame) {
  DocumentCommitment line = Promise();
  line.set_title("少数族裔 外展队名单");
  const Dataset after = ApplyToDataset(ApplyToDataset({}, Promise(), kLanguage), line, kLanguage);
  EXPECT_EQ(after.former_titles_size(), 0);
  EXPECT_EQ(after.titles().at(kLanguage), "少数族裔 外展队名单");
}

TEST(ApplyToDatasetTest, TakesALandingPageAndKeepsItWhereTheLineHasNone) {
  DocumentCommitment line = Promise();
  line.set_landing_page("https://example.org/new");
  Dataset dataset;
  dataset.set_landing_page("https://example.org/old");
  EXPECT_EQ(ApplyToDataset(dataset, line, kLanguage).landing_page(), "https://example.org/new");
  EXPECT_EQ(ApplyToDataset(dataset, Promise(), kLanguage).landing_page(), "https://example.org/old");
  EXPECT_EQ(ApplyEarlierLine(dataset, line, kLanguage).landing_page(), "https://example.org/old");
  EXPECT_EQ(ApplyEarlierLine({}, line, kLanguage).landing_page(), "https://example.org/new");
}

TEST(SetFormerTitlesTest, KeepTheirOrderUnlessTheyDiffer) {
  DocumentCommitment line = Promise();
  line.add_former_titles("旧名单");
  Commitment commitment = Applied(line);
  auto* english = commitment.add_former_titles();
  english->set_language("en");
  english->set_text("Old list");
  EXPECT_EQ(Applied(line, commitment).DebugString(), commitment.DebugString());
  line.set_former_titles(0, "更旧的名单");
  const Commitment after = Applied(line, commitment);
  ASSERT_EQ(after.former_titles_size(), 2);
  EXPECT_EQ(after.former_titles(0).text(), "Old list");
  EXPECT_EQ(after.former_titles(1).text(), "更旧的名单");
}

TEST(ApplyToDatasetTest, ARecordedReleaseDateStays) {
  Dataset released;
  released.set_release_date("2022-06-15");
  DocumentCommitment line = Promise();
  line.clear_target_date();
  line.set_release_date("2022-06");
  EXPECT_EQ(ApplyToDataset(released, line, kLanguage).release_date(), "2022-06-15");
  EXPECT_EQ(ApplyToDataset({}, line, kLanguage).release_date(), "2022-06");
}

}  // namespace
}  // namespace almanac::service::rules
