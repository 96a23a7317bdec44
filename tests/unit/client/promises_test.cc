#include "client/promises.h"

#include <gmock/gmock.h>

#include "tests/unit/client/promise_testing.h"

namespace almanac::client {
namespace {

using absl::CivilDay;
using ::testing::ElementsAre;
using ::testing::Pair;
using v1::Commitment;

constexpr char kFirstPlan[] = "publishers/swd/plans/2022-2024";

std::vector<std::string> NamesOf(const std::vector<Promise>& promises) {
  std::vector<std::string> names;
  for (const Promise& promise : promises)
    names.push_back(promise.line().name().substr(std::string("publishers/swd/plans/").size()));
  return names;
}

class PromisesTest : public ::testing::Test {
 protected:
  Promise On(int year, int month, int day, const std::string& name) {
    return Find(PromisesOn(all_, CivilDay(year, month, day)), name);
  }

  PublisherPlans all_ = TwoEditions();
};

TEST_F(PromisesTest, APlanIsPublishedOnTheDayThatItSaysOrElseThatOfItsPublication) {
  EXPECT_THAT(PublicationDays(all_), ElementsAre(Pair(kFirstPlan, CivilDay(2021, 12, 1)),
                                                 Pair("publishers/swd/plans/2025-2027", CivilDay(2024, 12, 30))));
  // 2024-12-29T16:00:00Z is midnight in Hong Kong.
  all_.plans[1].clear_published_on();
  all_.plans[1].mutable_publish_time()->set_seconds(1735488000);
  EXPECT_EQ(PublicationDays(all_).at("publishers/swd/plans/2025-2027"), CivilDay(2024, 12, 30));
  all_.plans[1].mutable_publish_time()->set_seconds(1735487999);
  EXPECT_EQ(PublicationDays(all_).at("publishers/swd/plans/2025-2027"), CivilDay(2024, 12, 29));
  all_.plans[0].set_state(v1::ReleasePlan::DRAFT);
  EXPECT_EQ(PublicationDays(all_).size(), 1U);
}

TEST_F(PromisesTest, EachIsThereOnceByItsLatestLineOnTheDay) {
  EXPECT_THAT(NamesOf(PromisesOn(all_, CivilDay(2021, 11, 30))), ElementsAre());
  EXPECT_THAT(NamesOf(PromisesOn(all_, CivilDay(2024, 12, 29))),
              ElementsAre("2022-2024/commitments/a-1", "2022-2024/commitments/a-2", "2022-2024/commitments/a-3",
                          "2022-2024/commitments/a-4", "2022-2024/commitments/d-1"));
  EXPECT_THAT(NamesOf(PromisesOn(all_, CivilDay(2024, 12, 30))),
              ElementsAre("2022-2024/commitments/a-1", "2022-2024/commitments/a-3", "2022-2024/commitments/a-4",
                          "2022-2024/commitments/d-1", "2025-2027/commitments/a-1"));
}

TEST_F(PromisesTest, WhatWasDecidedLaterIsNotThereYet) {
  const std::string name = "2022-2024/commitments/a-1";
  Promise promise = On(2022, 5, 19, name);
  EXPECT_EQ(promise.target, "2022-06");
  EXPECT_TRUE(promise.moves.empty());
  promise = On(2022, 5, 20, name);
  EXPECT_EQ(promise.target, "2022-09");
  EXPECT_EQ(promise.first_target, "2022-06");
  ASSERT_EQ(promise.moves.size(), 1U);
  EXPECT_EQ(promise.moves[0].note, "Two posts are vacant");
  EXPECT_EQ(promise.moves[0].reason, Commitment::RESOURCES);
  EXPECT_FALSE(promise.moves[0].by_edition);
  EXPECT_EQ(promise.state, Commitment::PLANNED);
  promise = On(2022, 9, 1, name);
  EXPECT_EQ(promise.state, Commitment::CONFIRMED);
  EXPECT_EQ(promise.target, "2022-09-15");
  EXPECT_EQ(On(2022, 9, 15, name).overdue_days, 0);
  promise = On(2022, 9, 19, name);
  EXPECT_EQ(promise.overdue_days, 4);
  EXPECT_EQ(promise.OverdueSince(), "2022-09-16");
  promise = On(2022, 9, 20, name);
  EXPECT_EQ(promise.state, Commitment::RELEASED);
  EXPECT_EQ(promise.overdue_days, 0);
  EXPECT_EQ(promise.OverdueSince(), "");
}

TEST_F(PromisesTest, AConfirmedDayThatIsMovedLaterIsStillTheOneThatWasConfirmed) {
  all_.commitments[0].set_state(Commitment::CONFIRMED);
  all_.commitments[0].clear_release_date();
  all_.commitments[0].set_target_date("2022-11-01");
  *all_.commitments[0].add_reschedules() = FromText<v1::Reschedule>(
      "from_target_date: '2022-09-15' to_target_date: '2022-11-01' reschedule_date: '2022-09-14' reason: APPROVALS");
  const std::string name = "2022-2024/commitments/a-1";
  EXPECT_EQ(On(2022, 8, 31, name).target, "2022-09");
  EXPECT_EQ(On(2022, 9, 13, name).target, "2022-09-15");
  EXPECT_EQ(On(2022, 9, 14, name).target, "2022-11-01");
}

TEST_F(PromisesTest, ACancelledOneIsOpenUntilThen) {
  EXPECT_EQ(On(2023, 2, 9, "2022-2024/commitments/a-3").overdue_days, 40);  // since the last day of 2022
  const Promise promise = On(2023, 2, 10, "2022-2024/commitments/a-3");
  EXPECT_EQ(promise.state, Commitment::CANCELLED);
  EXPECT_EQ(promise.overdue_days, 0);
}

TEST_F(PromisesTest, GoesOnThroughEditionsAndKeepsItsFirstTarget) {
  const Promise promise = On(2025, 7, 1, "2025-2027/commitments/a-1");
  ASSERT_EQ(promise.lines.size(), 2U);
  EXPECT_EQ(promise.promise_date, "2021-12-01");
  EXPECT_EQ(promise.first_target, "2023");
  EXPECT_EQ(promise.target, "2025-06");
  EXPECT_EQ(promise.overdue_days, 1);
  ASSERT_EQ(promise.moves.size(), 1U);
  EXPECT_EQ(promise.moves[0].from, "2023");
  EXPECT_EQ(promise.moves[0].to, "2025-06");
  EXPECT_EQ(promise.moves[0].day, "2024-12-30");
  EXPECT_TRUE(promise.moves[0].by_edition);
}

TEST_F(PromisesTest, WhatTheNextEditionLeftOutIsDroppedFromItsPublicationOn) {
  EXPECT_FALSE(On(2024, 12, 29, "2022-2024/commitments/a-4").dropped);
  const Promise dropped = On(2025, 7, 1, "2022-2024/commitments/a-4");
  EXPECT_TRUE(dropped.dropped);
  EXPECT_EQ(dropped.overdue_days, 823);  // 731 to 31 March 2025, 91 to 30 June, and one
  EXPECT_EQ(StandingText(dropped), "dropped");
  EXPECT_FALSE(On(2025, 7, 1, "2022-2024/commitments/a-3").dropped);
  EXPECT_FALSE(On(2025, 7, 1, "2025-2027/commitments/a-1").dropped);
}

TEST_F(PromisesTest, OfAPlanEveryLineIsThereAndACarriedOneIsNotOverdue) {
  const std::vector<Promise> lines = LinesOn(all_, kFirstPlan, CivilDay(2025, 7, 1));
  EXPECT_EQ(lines.size(), 5U);
  const Promise carried = Find(lines, "2022-2024/commitments/a-2");
  EXPECT_TRUE(carried.carried);
  EXPECT_EQ(carried.overdue_days, 0);
  EXPECT_EQ(StandingText(carried), "carried on");
  EXPECT_EQ(Find(LinesOn(all_, kFirstPlan, CivilDay(2024, 12, 29)), "2022-2024/commitments/a-2").overdue_days, 364);
}

TEST_F(PromisesTest, ADraftHasLinesAndMakesNoPromises) {
  all_.plans[0].set_state(v1::ReleasePlan::DRAFT);
  EXPECT_EQ(LinesOn(all_, kFirstPlan, CivilDay(2022, 7, 1)).size(), 5U);
  EXPECT_TRUE(PromisesOn(all_, CivilDay(2022, 7, 1)).empty());
}

TEST_F(PromisesTest, AnEditionThatIsPublishedAfterALaterOneCountsFromItsOwnDay) {
  all_.plans[1].set_published_on("2028-03-01");
  all_.plans.push_back(FromText<v1::ReleasePlan>(R"(name: 'publishers/swd/plans/2028-2030' state: PUBLISHED
    period { start_year: 2028 end_year: 2030 } published_on: '2028-01-10')"));
  all_.commitments[5].set_continued_by("publishers/swd/plans/2028-2030/commitments/a-1");
  all_.commitments.push_back(FromText<v1::Commitment>(R"(name: 'publishers/swd/plans/2028-2030/commitments/a-1'
    first_target_date: '2028-06' target_date: '2028-06' state: PLANNED original_target_date: '2023'
    continues: 'publishers/swd/plans/2025-2027/commitments/a-1')"));
  // What 2022-2024/a-2 promised stands there once, though the edition between is not published yet.
  EXPECT_THAT(NamesOf(PromisesOn(all_, CivilDay(2028, 2, 29))),
              ElementsAre("2022-2024/commitments/a-1", "2022-2024/commitments/a-3", "2022-2024/commitments/a-4",
                          "2022-2024/commitments/d-1", "2028-2030/commitments/a-1"));
  Promise promise = On(2028, 2, 29, "2028-2030/commitments/a-1");
  EXPECT_EQ(promise.promise_date, "2021-12-01");
  EXPECT_EQ(promise.first_target, "2023");
  ASSERT_EQ(promise.moves.size(), 1U);
  EXPECT_EQ(promise.moves[0].from, "2025-06");
  EXPECT_EQ(promise.moves[0].day, "2028-01-10");
  promise = On(2028, 3, 1, "2028-2030/commitments/a-1");
  ASSERT_EQ(promise.moves.size(), 2U);
  EXPECT_EQ(promise.moves[0].day, "2028-03-01");
  all_.plans[0].set_published_on("2028-04-01");
  EXPECT_EQ(On(2028, 3, 1, "2028-2030/commitments/a-1").promise_date, "2028-01-10");
}

TEST_F(PromisesTest, ACancellationStaysOnRecordWhenALaterEditionTakesThePromiseUpAgain) {
  all_ = CancelledAndTakenUpAgain();
  EXPECT_TRUE(On(2023, 5, 1, "2022-2024/commitments/a-2").cancellations.empty());
  EXPECT_EQ(On(2023, 5, 2, "2022-2024/commitments/a-2").state, Commitment::CANCELLED);
  const Promise promise = On(2025, 7, 1, "2025-2027/commitments/a-1");
  EXPECT_EQ(promise.state, Commitment::PLANNED);
  EXPECT_EQ(promise.cancel_date, "");
  ASSERT_EQ(promise.cancellations.size(), 1U);
  EXPECT_EQ(promise.cancellations[0].day, "2023-05-02");
  EXPECT_EQ(promise.cancellations[0].from, "2023");
  EXPECT_EQ(promise.cancellations[0].reason, Commitment::FUNDING);
  EXPECT_EQ(promise.cancellations[0].note, "No money");
}

TEST_F(PromisesTest, ALineOfAnEditionWasNotMovedByItBeforeItsPublication) {
  const std::string plan = "publishers/swd/plans/2025-2027";
  EXPECT_TRUE(LinesOn(all_, plan, CivilDay(2024, 12, 29))[0].moves.empty());
  EXPECT_EQ(LinesOn(all_, plan, CivilDay(2024, 12, 30))[0].moves.size(), 1U);
}

TEST_F(PromisesTest, LinksInACircleEnd) {
  all_.commitments[1].set_continues(all_.commitments[5].name());
  EXPECT_EQ(On(2025, 7, 1, "2025-2027/commitments/a-1").target, "2025-06");
  all_.commitments[1].set_continued_by(all_.commitments[1].name());
  EXPECT_EQ(LinesOn(all_, kFirstPlan, CivilDay(2021, 1, 1)).size(), 5U);
}

TEST_F(PromisesTest, StandingIsSaidInAFewWords) {
  EXPECT_EQ(StandingText(On(2022, 1, 1, "2022-2024/commitments/a-1")), "planned");
  EXPECT_EQ(StandingText(On(2022, 9, 1, "2022-2024/commitments/a-1")), "confirmed");
  EXPECT_EQ(StandingText(On(2022, 9, 16, "2022-2024/commitments/a-1")), "overdue 1 day");
  EXPECT_EQ(StandingText(On(2022, 9, 20, "2022-2024/commitments/a-1")), "late by 5 days");
  EXPECT_EQ(StandingText(On(2022, 9, 20, "2022-2024/commitments/d-1")), "released");
  EXPECT_EQ(StandingText(On(2023, 2, 10, "2022-2024/commitments/a-3")), "cancelled");
}

TEST(SlipText, CountsMonthsOrElseDays) {
  EXPECT_EQ(SlipText(FromText<v1::Slip>("verdict: ON_TIME")), "on time");
  EXPECT_EQ(SlipText(FromText<v1::Slip>("verdict: LATE days: 1")), "late by 1 day");
  EXPECT_EQ(SlipText(FromText<v1::Slip>("verdict: LATE days: 82 months: 3")), "late by 3 months");
  EXPECT_EQ(SlipText(FromText<v1::Slip>("verdict: EARLY days: -12")), "early by 12 days");
  EXPECT_EQ(SlipText(FromText<v1::Slip>("verdict: EARLY days: -31 months: -1")), "early by 1 month");
  EXPECT_EQ(SlipText(v1::Slip()), "");
}

}  // namespace
}  // namespace almanac::client
