#include "service/rules/progress.h"

#include <gtest/gtest.h>

#include <string>

#include "service/rules/lifecycle.h"

namespace almanac::service::rules {
namespace {

using absl::CivilDay;
using almanac::v1::Commitment;
using almanac::v1::Progress;
using almanac::v1::ReleasePlan;

Commitment Promised(const std::string& section, int number, const std::string& target) {
  Commitment commitment;
  commitment.set_section(section);
  commitment.set_number(number);
  commitment.set_state(Commitment::PLANNED);
  commitment.set_first_target_date(target);
  commitment.set_target_date(target);
  return commitment;
}

// What the plan for 2022 to 2024 promises: A1 to A3 by June 2022, A4 and A5 by September, B1 to B3 by June 2024; C is
// empty; D lists what is released already.
ReleasePlan Plan() {
  ReleasePlan plan;
  plan.set_name("publishers/swd/plans/2022-2024");
  for (const char* code : {"A", "B", "C", "D"}) plan.add_sections()->set_code(code);
  return plan;
}

std::vector<Commitment> Lines() {
  std::vector<Commitment> lines;
  for (int i = 1; i <= 5; ++i) lines.push_back(Promised("A", i, i <= 3 ? "2022-06" : "2022-09"));
  for (int i = 1; i <= 3; ++i) lines.push_back(Promised("B", i, "2024-06"));
  Commitment listed;
  listed.set_section("D");
  listed.set_number(1);
  listed.set_state(Commitment::RELEASED);
  listed.set_release_date("2021-06");
  lines.push_back(listed);
  return lines;
}

TEST(ProgressTest, WhatIsOverdueDependsOnTheDay) {
  const auto overdue = [](CivilDay day) { return CountProgress(Plan(), Lines(), day).total().overdue_count(); };
  EXPECT_EQ(overdue(CivilDay(2022, 6, 30)), 0);
  EXPECT_EQ(overdue(CivilDay(2022, 7, 1)), 3);
  EXPECT_EQ(overdue(CivilDay(2022, 9, 30)), 3);
  EXPECT_EQ(overdue(CivilDay(2022, 10, 1)), 5);
  EXPECT_EQ(overdue(CivilDay(2024, 6, 30)), 5);
  EXPECT_EQ(overdue(CivilDay(2024, 7, 1)), 8);
}

TEST(ProgressTest, EachSectionHasItsCountsEmptyOnesToo) {
  const Progress progress = CountProgress(Plan(), Lines(), CivilDay(2022, 7, 1));
  EXPECT_EQ(progress.release_plan(), "publishers/swd/plans/2022-2024");
  EXPECT_EQ(progress.as_of(), "2022-07-01");
  ASSERT_EQ(progress.sections_size(), 4);
  const int counts[] = {5, 3, 0, 1};
  const int overdue[] = {3, 0, 0, 0};
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(progress.sections(i).section(), std::string(1, static_cast<char>('A' + i)));
    EXPECT_EQ(progress.sections(i).commitment_count(), counts[i]);
    EXPECT_EQ(progress.sections(i).overdue_count(), overdue[i]);
  }
  EXPECT_EQ(progress.total().section(), "");
  EXPECT_EQ(progress.total().commitment_count(), 9);
  EXPECT_EQ(progress.total().planned_count(), 8);
  EXPECT_EQ(progress.total().released_count(), 1);
}

TEST(ProgressTest, ReleasesWithoutATargetAreNeitherEarlyNorLate) {
  const auto total = CountProgress(Plan(), Lines(), CivilDay(2022, 7, 1)).total();
  EXPECT_EQ(total.early_count() + total.on_time_count() + total.late_count(), 0);
}

TEST(ProgressTest, EveryFateIsCountedOnce) {
  const Justification why{Commitment::OTHER, "why", "alice", absl::UnixEpoch(), CivilDay(2022, 5, 3)};
  std::vector<Commitment> lines = Lines();
  lines[0] = *Release(lines[0], "2022-05-01");
  lines[1] = *Release(lines[1], "2022-06-30");
  lines[2] = *Release(*Reschedule(lines[2], "2022-07", why), "2022-08-01");
  lines[3] = *Confirm(lines[3], CivilDay(2022, 9, 15), CivilDay(2022, 5, 2));
  lines[4] = *Cancel(*Reschedule(lines[4], "2022-12", why), why);
  const auto a = CountProgress(Plan(), lines, CivilDay(2022, 9, 16)).sections(0);
  EXPECT_EQ(a.commitment_count(), 5);
  EXPECT_EQ(a.planned_count(), 0);
  EXPECT_EQ(a.confirmed_count(), 1);
  EXPECT_EQ(a.released_count(), 3);
  EXPECT_EQ(a.cancelled_count(), 1);
  EXPECT_EQ(a.early_count(), 1);
  EXPECT_EQ(a.on_time_count(), 1);
  EXPECT_EQ(a.late_count(), 1);
  EXPECT_EQ(a.moved_count(), 2);
  // The confirmed one has passed its day; what is released or cancelled is overdue no more.
  EXPECT_EQ(a.overdue_count(), 1);
}

TEST(ProgressTest, AMovedPromiseIsJudgedByItsCurrentTarget) {
  const Justification why{Commitment::OTHER, "why", "alice", absl::UnixEpoch(), CivilDay(2022, 5, 3)};
  const std::vector<Commitment> lines = {*Reschedule(Promised("A", 1, "2022-06"), "2022-09", why)};
  EXPECT_EQ(CountProgress(Plan(), lines, CivilDay(2022, 7, 1)).total().overdue_count(), 0);
  EXPECT_EQ(CountProgress(Plan(), lines, CivilDay(2022, 10, 1)).total().overdue_count(), 1);
}

TEST(ProgressTest, SectionsComeInThePlansOrder) {
  ReleasePlan plan;
  plan.add_sections()->set_code("D");
  plan.add_sections()->set_code("A");
  const Progress progress =
      CountProgress(plan, {Promised("B", 1, "2022-06"), Promised("A", 1, "2022-06")}, CivilDay(2022, 7, 1));
  ASSERT_EQ(progress.sections_size(), 3);
  EXPECT_EQ(progress.sections(0).section(), "D");
  EXPECT_EQ(progress.sections(1).section(), "A");
  EXPECT_EQ(progress.sections(2).section(), "B");
}

TEST(ProgressTest, APlanWithoutLinesHasZeros) {
  const Progress progress = CountProgress(Plan(), {}, CivilDay(2022, 7, 1));
  EXPECT_TRUE(progress.has_total());
  EXPECT_EQ(progress.total().commitment_count(), 0);
  EXPECT_EQ(progress.sections_size(), 4);
}

}  // namespace
}  // namespace almanac::service::rules
