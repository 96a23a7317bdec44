#include <gmock/gmock.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "client/documents/plan_text.h"
#include "tests/integration/progress_fixture.h"

// GetProgress of one plan: each figure, and on which day it changes.
namespace almanac::testing {
namespace {

using almanac::v1::CreateCommitmentRequest;
using almanac::v1::GetProgressRequest;
using almanac::v1::Progress;
using almanac::v1::SectionProgress;
using almanac::v1::UpdateReleasePlanRequest;
using ::testing::ElementsAre;

constexpr char kPlan[] = "publishers/swd/plans/2022-2024";

class PlanProgressTest : public ProgressTest {
 protected:
  PlanProgressTest() {
    SetClock(absl::CivilSecond(2024, 6, 30, 12, 0, 0));
    AddPublisher();
    AddPlan();
    UpdateReleasePlanRequest sections;
    sections.mutable_release_plan()->set_name(kPlan);
    for (const char* code : {"A", "B", "C"}) sections.mutable_release_plan()->add_sections()->set_code(code);
    Do(sections);
  }

  Progress At(const std::string& day) { return ProgressTest::At(kPlan, day); }

  std::string Add(const std::string& section, int number, const std::string& target_date) {
    return AddLine(section, number, target_date).name();
  }

  // Section A has what is still open.
  void AddOpenLines() {
    Add("A", 1, "2022-06");
    Add("A", 2, "2022-Q3");
    Add("A", 3, "2022");
    Confirm(Add("A", 4, "2022-06"), "2022-06-10", "2022-05-20");
    Move(Add("A", 5, "2022-03"), "2022-05", "2022-03-15");
    Do(Named<almanac::v1::DeleteCommitmentRequest>(Add("A", 6, "2022-01")));
  }

  // Section B has what is settled.
  void AddSettledLines() {
    Do(ToRelease(Add("B", 1, "2022-06"), "2022-05-31"));
    Do(ToRelease(Add("B", 2, "2022-06"), "2022-06-30"));
    Do(ToRelease(Add("B", 3, "2022-06"), "2022-07-04"));
    const std::string moved = Add("B", 4, "2022-03");
    Move(moved, "2022-06", "2022-03-10");
    Do(ToRelease(moved, "2022-06-01"));
    CreateCommitmentRequest listed = NewLine("B", 5, AddDataset("b-5").name(), "");
    listed.mutable_commitment()->set_release_date("2021");
    Do(listed);
    Cancel(Add("B", 6, "2022-01"), "2022-02-10");
    const std::string moved_twice = Add("B", 7, "2022-01");
    Move(moved_twice, "2022-02", "2022-01-20");
    Move(moved_twice, "2022-03", "2022-02-20");
    Cancel(moved_twice, "2022-03-20");
  }
};

TEST_F(PlanProgressTest, EachFigureCountsWhatItSays) {
  AddOpenLines();
  AddSettledLines();
  const Progress progress = At("2022-07-31");
  EXPECT_EQ(progress.name(), kPlan);
  EXPECT_EQ(progress.release_plan(), kPlan);
  EXPECT_EQ(progress.as_of(), "2022-07-31");
  EXPECT_EQ(progress.plans_size() + progress.publishers_size(), 0);
  ASSERT_EQ(progress.sections_size(), 3);
  // Overdue are A1 by 31 days, A4 by 51, A5 by 61.
  ExpectFigures(progress.sections(0),
                "section: 'A' commitment_count: 5 planned_count: 4 confirmed_count: 1 overdue_count: 3 moved_count: 1"
                " max_overdue_days: 61 median_overdue_days: 51 first_overdue_count: 3 first_on_time_rate: 0"
                " last_on_time_rate: 0 move_count: 1 reasoned_move_count: 1 reasoned_move_rate: 1");
  // On time are B2, and B4 by its last target. B5, which the plan lists as released, met or missed no target. The
  // months from the first target are -1, 0, 1 and 3.
  ExpectFigures(progress.sections(1),
                "section: 'B' commitment_count: 7 released_count: 5 early_count: 1 on_time_count: 2 late_count: 1"
                " cancelled_count: 2 moved_count: 2 first_early_count: 1 first_on_time_count: 1 first_late_count: 2"
                " first_on_time_rate: 0.5 last_on_time_rate: 0.75 median_slip_months: 0.5 move_count: 3"
                " reasoned_move_count: 3 reasoned_move_rate: 1");
  ExpectFigures(progress.sections(2), "section: 'C'");
  ExpectFigures(progress.total(),
                "commitment_count: 12 planned_count: 4 confirmed_count: 1 released_count: 5 early_count: 1"
                " on_time_count: 2 late_count: 1 cancelled_count: 2 overdue_count: 3 moved_count: 3"
                " max_overdue_days: 61 median_overdue_days: 51 first_early_count: 1 first_on_time_count: 1"
                " first_late_count: 2 first_overdue_count: 3 first_on_time_rate: 0.285714285714285"
                " last_on_time_rate: 0.428571428571428 median_slip_months: 0.5 move_count: 4 reasoned_move_count: 4"
                " reasoned_move_rate: 1");
}

TEST_F(PlanProgressTest, WhatHappenedLaterDoesNotCountYet) {
  AddOpenLines();
  AddSettledLines();
  const Progress progress = At("2022-02-15");
  ExpectFigures(progress.sections(0), "section: 'A' commitment_count: 5 planned_count: 5");
  // B7 was moved from January to February only, and B6 was cancelled.
  ExpectFigures(progress.sections(1),
                "section: 'B' commitment_count: 7 planned_count: 5 released_count: 1 cancelled_count: 1 moved_count: 1"
                " first_overdue_count: 1 first_on_time_rate: 0 move_count: 1 reasoned_move_count: 1"
                " reasoned_move_rate: 1");
}

TEST_F(PlanProgressTest, WhatIsOpenIsOverdueFromTheDayAfterItsTarget) {
  AddOpenLines();
  const std::pair<const char*, int> cases[] = {
      {"2022-05-31", 0}, {"2022-06-01", 1},  // A5, moved to May
      {"2022-06-10", 1}, {"2022-06-11", 2},  // A4, confirmed for 10 June
      {"2022-06-30", 2}, {"2022-07-01", 3},  // A1, June
      {"2022-09-30", 3}, {"2022-10-01", 4},  // A2, the third quarter
      {"2022-12-31", 4}, {"2023-01-01", 5},  // A3, the year
      {"9999-12-31", 5},
  };
  for (const auto& [day, overdue] : cases) {
    const Progress progress = At(day);
    EXPECT_EQ(progress.as_of(), day);
    EXPECT_EQ(progress.sections(0).overdue_count(), overdue) << day;
    EXPECT_EQ(progress.total().overdue_count(), overdue) << day;
  }
}

TEST_F(PlanProgressTest, WhatIsSettledIsOverdueUntilTheDayOfThat) {
  AddSettledLines();
  const std::pair<const char*, int> cases[] = {
      {"2022-01-31", 0}, {"2022-02-01", 1}, {"2022-02-09", 1},  // B6, January
      {"2022-02-10", 0},                                        // cancelled
      {"2022-02-28", 0}, {"2022-03-01", 0}, {"2022-03-20", 0},  // B7, moved in time, then cancelled
      {"2022-04-01", 0},                                        // B4, moved in time
      {"2022-06-30", 0}, {"2022-07-01", 1}, {"2022-07-03", 1},  // B3, June
      {"2022-07-04", 0},                                        // released
  };
  for (const auto& [day, overdue] : cases) EXPECT_EQ(At(day).total().overdue_count(), overdue) << day;
}

TEST_F(PlanProgressTest, APromiseIsJudgedByTheTargetThatItHadOnTheDay) {
  const std::string line = Add("A", 1, "2022-01");
  Move(line, "2022-03", "2022-01-10");
  Move(line, "2022-05", "2022-03-20");
  Confirm(line, "2022-05-20", "2022-05-02");
  Move(line, "2022-06-10", "2022-05-25");
  Do(ToRelease(line, "2022-06-20"));
  const auto fate = [this](const std::string& day) {
    const SectionProgress total = At(day).total();
    const char* state = total.planned_count() > 0 ? "planned" : total.confirmed_count() > 0 ? "confirmed" : "released";
    return absl::StrCat(state, ", ", total.max_overdue_days(), " days, ", total.move_count(), " moves, ",
                        total.first_overdue_count(), " by the first");
  };
  EXPECT_EQ(fate("2022-01-09"), "planned, 0 days, 0 moves, 0 by the first");
  EXPECT_EQ(fate("2022-01-10"), "planned, 0 days, 1 moves, 0 by the first");
  EXPECT_EQ(fate("2022-02-01"), "planned, 0 days, 1 moves, 1 by the first");
  EXPECT_EQ(fate("2022-04-01"), "planned, 0 days, 2 moves, 1 by the first");
  EXPECT_EQ(fate("2022-05-01"), "planned, 0 days, 2 moves, 1 by the first");
  EXPECT_EQ(fate("2022-05-02"), "confirmed, 0 days, 2 moves, 1 by the first");
  EXPECT_EQ(fate("2022-05-21"), "confirmed, 1 days, 2 moves, 1 by the first");
  EXPECT_EQ(fate("2022-05-24"), "confirmed, 4 days, 2 moves, 1 by the first");
  EXPECT_EQ(fate("2022-05-25"), "confirmed, 0 days, 3 moves, 1 by the first");
  EXPECT_EQ(fate("2022-06-11"), "confirmed, 1 days, 3 moves, 1 by the first");
  EXPECT_EQ(fate("2022-06-19"), "confirmed, 9 days, 3 moves, 1 by the first");
  EXPECT_EQ(fate("2022-06-20"), "released, 0 days, 3 moves, 0 by the first");
  // Ten days late by the last target, in the same month; by the first five months late.
  ExpectFigures(At("2022-06-20").total(),
                "commitment_count: 1 released_count: 1 late_count: 1 moved_count: 1 first_late_count: 1"
                " first_on_time_rate: 0 last_on_time_rate: 0 median_slip_months: 5 move_count: 3"
                " reasoned_move_count: 3 reasoned_move_rate: 1");
}

TEST_F(PlanProgressTest, AMedianOfHalfADayIsRoundedDown) {
  Add("A", 1, "2022-06-27");
  Add("A", 2, "2022-06-28");
  EXPECT_EQ(At("2022-06-28").total().median_overdue_days(), 1);
  EXPECT_EQ(At("2022-06-29").total().median_overdue_days(), 1);  // of 1 and 2
  EXPECT_EQ(At("2022-06-29").total().max_overdue_days(), 2);
}

TEST_F(PlanProgressTest, WhatIsListedAsReleasedIsSoFromTheFirstDayThatItNames) {
  for (int i = 1; const char* date : {"2021", "2021-Q2", "2021-05", "2021-05-31"}) {
    CreateCommitmentRequest listed = NewLine("A", i, AddDataset(absl::StrCat("a-", i)).name(), "");
    listed.mutable_commitment()->set_release_date(date);
    Do(listed);
    ++i;
  }
  // Before that it waits without a target, so that it is never overdue.
  const std::pair<const char*, int> cases[] = {{"2020-12-31", 0}, {"2021-01-01", 1}, {"2021-03-31", 1},
                                               {"2021-04-01", 2}, {"2021-04-30", 2}, {"2021-05-01", 3},
                                               {"2021-05-30", 3}, {"2021-05-31", 4}};
  for (const auto& [day, released] : cases) {
    ExpectFigures(At(day).total(),
                  absl::StrCat("commitment_count: 4 planned_count: ", 4 - released, " released_count: ", released));
  }
}

TEST_F(PlanProgressTest, TheSamplePlanWithNothingReported) {
  std::ifstream file(ALMANAC_TEST_DATA "/swd-2022-2024.zh-Hans.txt");
  const auto document = client::ParsePlan(std::string((std::istreambuf_iterator<char>(file)), {}));
  ASSERT_TRUE(document.ok()) << document.status();
  auto import = Named<almanac::v1::ImportPlanRequest>("publishers/swd");
  *import.mutable_document() = *document;
  Do(import);
  const Progress progress = At("2022-10-01");
  // Three targets of June 2022, overdue since 1 July, and two of September.
  ExpectFigures(progress.sections(0),
                "section: 'A' commitment_count: 5 planned_count: 5 overdue_count: 5 max_overdue_days: 93"
                " median_overdue_days: 93 first_overdue_count: 5 first_on_time_rate: 0 last_on_time_rate: 0");
  ExpectFigures(progress.sections(1), "section: 'B' commitment_count: 3 planned_count: 3");
  ExpectFigures(progress.sections(2), "section: 'C'");
  ExpectFigures(progress.sections(3), "section: 'D' commitment_count: 80 released_count: 80");
  EXPECT_EQ(At("2022-09-30").sections(0).overdue_count(), 3);
  EXPECT_EQ(At("2022-09-30").sections(0).max_overdue_days(), 92);
}

TEST_F(PlanProgressTest, APlanWithoutLinesHasItsSections) {
  const Progress progress = At("2022-06-01");
  EXPECT_TRUE(progress.has_total());
  EXPECT_EQ(progress.total().DebugString(), "");
  std::vector<std::string> sections;
  for (const auto& section : progress.sections()) sections.push_back(section.ShortDebugString());
  EXPECT_THAT(sections, ElementsAre("section: \"A\"", "section: \"B\"", "section: \"C\""));
}

TEST_F(PlanProgressTest, LinesOfASectionWithoutAHeadingAreCountedToo) {
  Add("D", 1, "2022-06");
  const Progress progress = At("2022-06-30");
  EXPECT_EQ(progress.total().commitment_count(), 1);
  ASSERT_EQ(progress.sections_size(), 4);
  ExpectFigures(progress.sections(3), "section: 'D' commitment_count: 1 planned_count: 1");
}

TEST_F(PlanProgressTest, WithoutADayItIsTodayInThePublishersTimeZone) {
  Add("A", 1, "2024-06");
  // At noon of 30 June in Greenwich it is 1 July on Kiritimati, 14 hours ahead, and not on Samoa, 11 hours behind.
  const std::pair<const char*, const char*> cases[] = {{"Pacific/Kiritimati", "2024-07-01"},
                                                       {"Pacific/Pago_Pago", "2024-06-30"}};
  for (const auto& [zone, today] : cases) {
    almanac::v1::UpdatePublisherRequest update;
    update.mutable_publisher()->set_name("publishers/swd");
    update.mutable_publisher()->set_time_zone(zone);
    Do(update);
    EXPECT_EQ(At("").as_of(), today);
    EXPECT_EQ(At("").total().overdue_count(), std::string(today) == "2024-07-01" ? 1 : 0);
  }
}

TEST_F(PlanProgressTest, TheDayIsExact) {
  for (const char* day : {"2022-06", "2022-Q2", "2022", "today", "2022-02-29", "2022-6-1", " 2022-06-01"}) {
    auto request = Named<GetProgressRequest>(kPlan);
    request.set_as_of(day);
    EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "as_of") << day;
  }
}

TEST_F(PlanProgressTest, TheNameIsThatOfAPlanAPublisherOrAll) {
  for (const char* name :
       {"", "swd", "publishers", "publishers/", "publishers/SWD", "publishers/swd/plans", "publishers/-/plans/-",
        "publishers/swd/plans/-", "publishers/swd/datasets/a-1", "plans/-"}) {
    const grpc::Status status = Refused(Named<GetProgressRequest>(name), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(FieldOf(status), "name") << name;
    EXPECT_THAT(status.error_message(), ::testing::HasSubstr("publishers/- for all")) << name;
  }
}

}  // namespace
}  // namespace almanac::testing
