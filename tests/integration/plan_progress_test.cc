#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/catalogue_fixture.h"

namespace almanac::testing {
namespace {

using almanac::v1::CreateCommitmentRequest;
using almanac::v1::GetProgressRequest;
using almanac::v1::Progress;
using almanac::v1::SectionProgress;
using almanac::v1::UpdateReleasePlanRequest;
using ::testing::ElementsAre;

constexpr char kPlan[] = "publishers/swd/plans/2022-2024";

class PlanProgressTest : public CatalogueTest {
 protected:
  PlanProgressTest() {
    AddPublisher();
    AddPlan();
    UpdateReleasePlanRequest sections;
    sections.mutable_release_plan()->set_name(kPlan);
    for (const char* code : {"A", "B", "C"}) sections.mutable_release_plan()->add_sections()->set_code(code);
    Do(sections);
  }

  Progress At(const std::string& day) {
    auto request = Named<GetProgressRequest>(kPlan);
    request.set_as_of(day);
    return Do(request);
  }

  std::string Add(const std::string& section, int number, const std::string& target_date) {
    return AddLine(section, number, target_date).name();
  }

  // Section A has what is still open.
  void AddOpenLines() {
    Add("A", 1, "2022-06");
    Add("A", 2, "2022-Q3");
    Add("A", 3, "2022");
    Do(ToConfirm(Add("A", 4, "2022-06"), "2022-06-10"));
    Do(ToMove(Add("A", 5, "2022-03"), "2022-05"));
    Do(Named<almanac::v1::DeleteCommitmentRequest>(Add("A", 6, "2022-01")));
  }

  // Section B has what is settled.
  void AddSettledLines() {
    Do(ToRelease(Add("B", 1, "2022-06"), "2022-05-31"));
    Do(ToRelease(Add("B", 2, "2022-06"), "2022-06-30"));
    Do(ToRelease(Add("B", 3, "2022-06"), "2022-07-01"));
    const std::string moved = Add("B", 4, "2022-03");
    Do(ToMove(moved, "2022-06"));
    Do(ToRelease(moved, "2022-06-01"));
    CreateCommitmentRequest listed = NewLine("B", 5, AddDataset("b-5").name(), "");
    listed.mutable_commitment()->set_release_date("2021");
    Do(listed);
    Do(ToCancel(Add("B", 6, "2022-01")));
    const std::string moved_twice = Add("B", 7, "2022-01");
    Do(ToMove(moved_twice, "2022-02"));
    Do(ToMove(moved_twice, "2022-03"));
    Do(ToCancel(moved_twice));
  }
};

SectionProgress Counts(const std::string& text) {
  SectionProgress counts;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &counts)) << text;
  return counts;
}

TEST_F(PlanProgressTest, EachFigureCountsWhatItSays) {
  AddOpenLines();
  AddSettledLines();
  const Progress progress = At("2022-05-31");
  EXPECT_EQ(progress.release_plan(), kPlan);
  EXPECT_EQ(progress.as_of(), "2022-05-31");
  ASSERT_EQ(progress.sections_size(), 3);
  EXPECT_EQ(
      progress.sections(0).DebugString(),
      Counts("section: 'A' commitment_count: 5 planned_count: 4 confirmed_count: 1 moved_count: 1").DebugString());
  // On time are B2, and B4 by its last target. B5, which the plan lists as released, met or missed no target.
  EXPECT_EQ(progress.sections(1).DebugString(),
            Counts("section: 'B' commitment_count: 7 released_count: 5 early_count: 1 on_time_count: 2 late_count: 1"
                   " cancelled_count: 2 moved_count: 2")
                .DebugString());
  EXPECT_EQ(progress.sections(2).DebugString(), Counts("section: 'C'").DebugString());
  EXPECT_EQ(progress.total().DebugString(),
            Counts("commitment_count: 12 planned_count: 4 confirmed_count: 1 released_count: 5 early_count: 1"
                   " on_time_count: 2 late_count: 1 cancelled_count: 2 moved_count: 3")
                .DebugString());
}

TEST_F(PlanProgressTest, WhatIsOpenIsOverdueFromTheDayAfterItsTarget) {
  AddOpenLines();
  AddSettledLines();
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
    EXPECT_EQ(progress.sections(1).overdue_count(), 0) << day;
    EXPECT_EQ(progress.total().overdue_count(), overdue) << day;
    EXPECT_EQ(progress.total().released_count(), 5) << "states are those of now, also on " << day;
  }
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
  const Progress progress = At("2022-07-01");
  EXPECT_EQ(progress.total().commitment_count(), 1);
  ASSERT_EQ(progress.sections_size(), 4);
  EXPECT_EQ(progress.sections(3).DebugString(),
            Counts("section: 'D' commitment_count: 1 planned_count: 1 overdue_count: 1").DebugString());
}

TEST_F(PlanProgressTest, WithoutADayItIsTodayInThePublishersTimeZone) {
  // These two zones are 25 hours apart: they never have the same day.
  for (const char* zone : {"Pacific/Kiritimati", "Pacific/Pago_Pago"}) {
    almanac::v1::UpdatePublisherRequest update;
    update.mutable_publisher()->set_name("publishers/swd");
    update.mutable_publisher()->set_time_zone(zone);
    Do(update);
    absl::TimeZone time_zone;
    ASSERT_TRUE(absl::LoadTimeZone(zone, &time_zone));
    const auto today = [&] { return absl::FormatTime("%Y-%m-%d", absl::Now(), time_zone); };
    const std::string before = today();
    const std::string as_of = At("").as_of();
    EXPECT_TRUE(as_of == before || as_of == today()) << zone << " " << as_of;
  }
}

TEST_F(PlanProgressTest, TheDayIsExact) {
  for (const char* day : {"2022-06", "2022-Q2", "2022", "today", "2022-02-29", "2022-6-1", " 2022-06-01"}) {
    auto request = Named<GetProgressRequest>(kPlan);
    request.set_as_of(day);
    EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "as_of") << day;
  }
}

}  // namespace
}  // namespace almanac::testing
