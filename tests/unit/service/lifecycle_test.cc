#include "service/rules/lifecycle.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include "db/errors.h"
#include "google/rpc/error_details.pb.h"

namespace almanac::service::rules {
namespace {

using absl::CivilDay;
using almanac::v1::Commitment;
using almanac::v1::Slip;
using ::testing::HasSubstr;

Commitment Planned(const std::string& target = "2022-06") {
  Commitment commitment;
  commitment.set_name("publishers/swd/plans/2022-2024/commitments/a-1");
  commitment.set_state(Commitment::PLANNED);
  commitment.set_first_target_date(target);
  commitment.set_target_date(target);
  return commitment;
}

Justification Why() {
  return {Commitment::FUNDING, "no money", "alice", absl::FromUnixSeconds(1'650'000'000), CivilDay(2022, 4, 15)};
}

std::string ReasonOf(const absl::Status& status) { return db::Detail<google::rpc::ErrorInfo>(status).reason(); }

void ExpectIllegal(const absl::StatusOr<Commitment>& move, const std::string& reason) {
  ASSERT_FALSE(move.ok());
  EXPECT_EQ(move.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(move.status()), "ILLEGAL_MOVE");
  EXPECT_THAT(std::string(move.status().message()), HasSubstr(reason));
  EXPECT_THAT(std::string(move.status().message()), HasSubstr("publishers/swd/plans/2022-2024/commitments/a-1"));
}

Commitment Confirmed() { return *Confirm(Planned(), CivilDay(2022, 6, 15), CivilDay(2022, 5, 2)); }
Commitment Released() { return *Release(Planned(), "2022-06-15"); }
Commitment Cancelled() { return *Cancel(Planned(), Why()); }

TEST(RescheduleTest, MovesTheTargetAndPutsTheMoveOnRecord) {
  const Commitment moved = *Reschedule(Planned(), "2022-09", Why());
  EXPECT_EQ(moved.state(), Commitment::PLANNED);
  EXPECT_EQ(moved.target_date(), "2022-09");
  EXPECT_EQ(moved.first_target_date(), "2022-06");
  ASSERT_EQ(moved.reschedules_size(), 1);
  EXPECT_EQ(moved.reschedules(0).from_target_date(), "2022-06");
  EXPECT_EQ(moved.reschedules(0).to_target_date(), "2022-09");
  EXPECT_EQ(moved.reschedules(0).reason(), Commitment::FUNDING);
  EXPECT_EQ(moved.reschedules(0).note(), "no money");
  EXPECT_EQ(moved.reschedules(0).actor(), "alice");
  EXPECT_EQ(moved.reschedules(0).reschedule_time().seconds(), 1'650'000'000);
}

TEST(RescheduleTest, KeepsTheFirstTargetAndEveryMove) {
  const Commitment once = *Reschedule(Planned(), "2022-09", Why());
  const Commitment twice = *Reschedule(
      once, "2023",
      {Commitment::PRIVACY, "names inside", "bob", absl::FromUnixSeconds(1'660'000'000), CivilDay(2022, 8, 9)});
  EXPECT_EQ(twice.first_target_date(), "2022-06");
  EXPECT_EQ(twice.target_date(), "2023");
  ASSERT_EQ(twice.reschedules_size(), 2);
  EXPECT_EQ(twice.reschedules(0).to_target_date(), "2022-09");
  EXPECT_EQ(twice.reschedules(1).from_target_date(), "2022-09");
  EXPECT_EQ(twice.reschedules(1).to_target_date(), "2023");
  EXPECT_EQ(twice.reschedules(1).reason(), Commitment::PRIVACY);
}

TEST(RescheduleTest, GoesBackToAnEarlierTargetToo) {
  const Commitment back = *Reschedule(*Reschedule(Planned(), "2022-09", Why()), "2022-06", Why());
  EXPECT_EQ(back.target_date(), "2022-06");
  EXPECT_EQ(back.reschedules_size(), 2);
}

TEST(RescheduleTest, KeepsTheDayAndNeverGoesBehindAnEarlierMove) {
  const Commitment once = *Reschedule(Planned(), "2022-09", Why());
  EXPECT_EQ(once.reschedules(0).reschedule_date(), "2022-04-15");
  Justification why = Why();
  EXPECT_TRUE(Reschedule(once, "2022-10", why).ok());
  why.day = CivilDay(2022, 4, 14);
  const absl::StatusOr<Commitment> earlier = Reschedule(once, "2022-10", why);
  EXPECT_EQ(earlier.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(earlier.status().message()), HasSubstr("2022-04-14 is before the last move"));
}

TEST(RescheduleTest, ItEndsBeingOverdue) {
  Commitment overdue = Planned();
  overdue.set_overdue_date("2022-07-01");
  EXPECT_EQ(Reschedule(overdue, "2022-09", Why())->overdue_date(), "");
  EXPECT_EQ(Release(overdue, "2022-07-15")->overdue_date(), "");
  EXPECT_EQ(Cancel(overdue, Why())->overdue_date(), "");
}

TEST(RescheduleTest, TheCurrentTargetIsNoMove) {
  const absl::StatusOr<Commitment> same = Reschedule(Planned(), "2022-06", Why());
  EXPECT_EQ(same.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(db::Detail<google::rpc::BadRequest>(same.status()).field_violations(0).field(), "target_date");
}

TEST(RescheduleTest, AConfirmedOneMovesToAnotherDayAndStaysConfirmed) {
  const Commitment moved = *Reschedule(Confirmed(), "2022-07-01", Why());
  EXPECT_EQ(moved.state(), Commitment::CONFIRMED);
  EXPECT_EQ(moved.target_date(), "2022-07-01");
  EXPECT_EQ(moved.first_target_date(), "2022-06");
}

TEST(RescheduleTest, AConfirmedOneNeverGoesBackToLessThanADay) {
  for (const char* target : {"2022-07", "2022-06", "2022-Q3", "2023"}) {
    ExpectIllegal(Reschedule(Confirmed(), target, Why()), "is confirmed for 2022-06-15");
  }
}

TEST(RescheduleTest, WhatHasEndedStays) {
  ExpectIllegal(Reschedule(Released(), "2022-09", Why()), "was released on 2022-06-15");
  ExpectIllegal(Reschedule(Cancelled(), "2022-09", Why()), "was cancelled");
}

TEST(ConfirmTest, TakesADayWithinTheTarget) {
  for (const CivilDay day : {CivilDay(2022, 6, 1), CivilDay(2022, 6, 30)}) {
    const Commitment confirmed = *Confirm(Planned(), day, CivilDay(2022, 5, 2));
    EXPECT_EQ(confirmed.state(), Commitment::CONFIRMED);
    EXPECT_EQ(confirmed.first_target_date(), "2022-06");
    EXPECT_EQ(confirmed.reschedules_size(), 0);
  }
  EXPECT_EQ(Confirmed().target_date(), "2022-06-15");
}

TEST(ConfirmTest, ForADayThatHasPassedItIsOverdueSinceThen) {
  const Commitment overdue = BecomeOverdue(Planned());
  EXPECT_EQ(overdue.overdue_date(), "2022-07-01");
  EXPECT_EQ(Confirm(overdue, CivilDay(2022, 6, 15), CivilDay(2022, 6, 2))->overdue_date(), "2022-06-16");
  EXPECT_EQ(Confirmed().overdue_date(), "");
}

TEST(ConfirmTest, ADayOutsideTheTargetIsRefused) {
  ExpectIllegal(Confirm(Planned(), CivilDay(2022, 5, 31), CivilDay(2022, 5, 2)),
                "2022-05-31 lies outside the target 2022-06");
  ExpectIllegal(Confirm(Planned(), CivilDay(2022, 7, 1), CivilDay(2022, 5, 2)),
                "2022-07-01 lies outside the target 2022-06");
}

TEST(ConfirmTest, TheCurrentTargetCountsNotTheFirst) {
  const Commitment moved = *Reschedule(Planned(), "2022-09", Why());
  EXPECT_TRUE(Confirm(moved, CivilDay(2022, 9, 1), CivilDay(2022, 5, 2)).ok());
  ExpectIllegal(Confirm(moved, CivilDay(2022, 6, 15), CivilDay(2022, 5, 2)), "lies outside the target 2022-09");
}

TEST(ConfirmTest, OnlyPlannedOnesAreConfirmed) {
  ExpectIllegal(Confirm(Confirmed(), CivilDay(2022, 6, 15), CivilDay(2022, 5, 2)),
                "is confirmed for 2022-06-15 already");
  ExpectIllegal(Confirm(Released(), CivilDay(2022, 6, 20), CivilDay(2022, 5, 2)), "was released on 2022-06-15");
  ExpectIllegal(Confirm(Cancelled(), CivilDay(2022, 6, 20), CivilDay(2022, 5, 2)), "was cancelled");
}

TEST(ReleaseTest, StampsTheOutcomeAgainstFirstAndLastTarget) {
  const Commitment moved = *Reschedule(Planned(), "2022-09", Why());
  const Commitment released = *Release(moved, "2022-08-31");
  EXPECT_EQ(released.state(), Commitment::RELEASED);
  EXPECT_EQ(released.release_date(), "2022-08-31");
  EXPECT_EQ(released.first_target_date(), "2022-06");
  EXPECT_EQ(released.target_date(), "2022-09");
  // 31 days of July and 31 of August after 30 June; one day before 1 September.
  EXPECT_EQ(released.outcome().against_first_target().verdict(), Slip::LATE);
  EXPECT_EQ(released.outcome().against_first_target().days(), 62);
  EXPECT_EQ(released.outcome().against_first_target().months(), 2);
  EXPECT_EQ(released.outcome().against_last_target().verdict(), Slip::EARLY);
  EXPECT_EQ(released.outcome().against_last_target().days(), -1);
  EXPECT_EQ(released.outcome().against_last_target().months(), -1);
}

TEST(ReleaseTest, AConfirmedOneIsReleasedAgainstItsDay) {
  const Commitment released = *Release(Confirmed(), "2022-06-16");
  EXPECT_EQ(released.outcome().against_first_target().verdict(), Slip::ON_TIME);
  EXPECT_EQ(released.outcome().against_last_target().verdict(), Slip::LATE);
  EXPECT_EQ(released.outcome().against_last_target().days(), 1);
  EXPECT_EQ(released.outcome().against_last_target().months(), 0);
}

TEST(ReleaseTest, HappensOnce) {
  ExpectIllegal(Release(Released(), "2022-06-20"), "was released on 2022-06-15");
  ExpectIllegal(Release(Cancelled(), "2022-06-20"), "was cancelled");
}

TEST(CancelTest, KeepsWhyAndByWhom) {
  const Commitment cancelled = *Cancel(Confirmed(), Why());
  EXPECT_EQ(cancelled.state(), Commitment::CANCELLED);
  EXPECT_EQ(cancelled.cancellation().reason(), Commitment::FUNDING);
  EXPECT_EQ(cancelled.cancellation().note(), "no money");
  EXPECT_EQ(cancelled.cancellation().actor(), "alice");
  EXPECT_EQ(cancelled.cancellation().cancel_time().seconds(), 1'650'000'000);
  EXPECT_EQ(cancelled.first_target_date(), "2022-06");
}

TEST(CancelTest, WhatHasEndedStays) {
  ExpectIllegal(Cancel(Released(), Why()), "was released on 2022-06-15");
  ExpectIllegal(Cancel(Cancelled(), Why()), "was cancelled");
}

TEST(ReleaseTest, WhatAnEarlierEditionPromisedIsTheFirstTarget) {
  Commitment line = Planned("2023-06");
  line.set_continues("publishers/swd/plans/2021-2023/commitments/b-1");
  line.set_original_target_date("2022-06");
  const Commitment released = *Release(line, "2023-06-30");
  EXPECT_EQ(released.outcome().against_first_target().months(), 12);
  EXPECT_EQ(released.outcome().against_last_target().verdict(), Slip::ON_TIME);
}

struct SlipCase {
  const char* target;
  const char* release_date;
  Slip::Verdict verdict;
  int days;
  int months;
};

class SlipTest : public ::testing::TestWithParam<SlipCase> {};

TEST_P(SlipTest, IsCountedFromTheNearerEndOfTheTarget) {
  const Slip slip = SlipOf(GetParam().target, GetParam().release_date);
  EXPECT_EQ(Slip::Verdict_Name(slip.verdict()), Slip::Verdict_Name(GetParam().verdict));
  EXPECT_EQ(slip.days(), GetParam().days);
  EXPECT_EQ(slip.months(), GetParam().months);
}

INSTANTIATE_TEST_SUITE_P(Month, SlipTest,
                         ::testing::Values(SlipCase{"2022-06", "2022-06-01", Slip::ON_TIME, 0, 0},
                                           SlipCase{"2022-06", "2022-06-30", Slip::ON_TIME, 0, 0},
                                           SlipCase{"2022-06", "2022-07-01", Slip::LATE, 1, 1},
                                           SlipCase{"2022-06", "2022-05-31", Slip::EARLY, -1, -1},
                                           SlipCase{"2022-06", "2023-06-30", Slip::LATE, 365, 12},
                                           SlipCase{"2022-06", "2021-06-01", Slip::EARLY, -365, -12}));
INSTANTIATE_TEST_SUITE_P(Day, SlipTest,
                         ::testing::Values(SlipCase{"2022-06-15", "2022-06-15", Slip::ON_TIME, 0, 0},
                                           SlipCase{"2022-06-15", "2022-06-16", Slip::LATE, 1, 0},
                                           SlipCase{"2022-06-15", "2022-06-14", Slip::EARLY, -1, 0},
                                           SlipCase{"2022-06-15", "2022-07-15", Slip::LATE, 30, 1}));
INSTANTIATE_TEST_SUITE_P(Quarter, SlipTest,
                         ::testing::Values(SlipCase{"2022-Q2", "2022-04-01", Slip::ON_TIME, 0, 0},
                                           SlipCase{"2022-Q2", "2022-06-30", Slip::ON_TIME, 0, 0},
                                           SlipCase{"2022-Q2", "2022-07-31", Slip::LATE, 31, 1},
                                           SlipCase{"2022-Q2", "2022-03-31", Slip::EARLY, -1, -1}));
INSTANTIATE_TEST_SUITE_P(Year, SlipTest,
                         ::testing::Values(SlipCase{"2022", "2022-01-01", Slip::ON_TIME, 0, 0},
                                           SlipCase{"2022", "2022-12-31", Slip::ON_TIME, 0, 0},
                                           SlipCase{"2022", "2023-01-31", Slip::LATE, 31, 1},
                                           SlipCase{"2022", "2021-12-31", Slip::EARLY, -1, -1},
                                           // 366 days of the leap year 2024 after 365 of 2023.
                                           SlipCase{"2022", "2024-12-31", Slip::LATE, 731, 24}));

// A release that is known by its month only is as near to the target as it can have been.
INSTANTIATE_TEST_SUITE_P(ReleasedInAMonth, SlipTest,
                         ::testing::Values(SlipCase{"2022-06", "2022-06", Slip::ON_TIME, 0, 0},
                                           SlipCase{"2022-06-15", "2022-06", Slip::ON_TIME, 0, 0},
                                           SlipCase{"2022-06", "2022-07", Slip::LATE, 1, 1},
                                           SlipCase{"2022-06", "2022-08", Slip::LATE, 32, 2},
                                           SlipCase{"2022-06", "2022-Q1", Slip::EARLY, -62, -3},
                                           SlipCase{"2022-06", "2022", Slip::ON_TIME, 0, 0}));

TEST(BecomeOverdueTest, ItIsTheDayAfterTheLastOneOfTheTarget) {
  const auto since = [](const std::string& target) { return BecomeOverdue(Planned(target)).overdue_date(); };
  EXPECT_EQ(since("2022-06-30"), "2022-07-01");
  EXPECT_EQ(since("2024-02"), "2024-03-01");
  EXPECT_EQ(since("2024-02-28"), "2024-02-29");
  EXPECT_EQ(since("2022-Q4"), "2023-01-01");
  EXPECT_EQ(since("2022"), "2023-01-01");
}

TEST(ContinuedTest, WhatALaterEditionContinuesIsEndedThere) {
  Commitment carried = Planned();
  carried.set_continued_by("publishers/swd/plans/2023-2025/commitments/a-7");
  const std::string there = "is continued by publishers/swd/plans/2023-2025/commitments/a-7";
  ExpectIllegal(Release(carried, "2022-06-15"), there);
  ExpectIllegal(Cancel(carried, Why()), there);
  // A reason that was recorded late for a move between the two is welcome.
  EXPECT_EQ(Reschedule(carried, "2022-09", Why())->target_date(), "2022-09");
}

}  // namespace
}  // namespace almanac::service::rules
