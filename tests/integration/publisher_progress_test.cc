#include <gmock/gmock.h>

#include "tests/integration/progress_fixture.h"

// GetProgress of a publisher over its editions, and of all publishers.
namespace almanac::testing {
namespace {

using almanac::v1::Progress;
using almanac::v1::SectionProgress;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kSwd[] = "publishers/swd";
constexpr char kFirst[] = "publishers/swd/plans/2022-2024";
constexpr char kSecond[] = "publishers/swd/plans/2025-2027";

class PublisherProgressTest : public ProgressTest {
 protected:
  PublisherProgressTest() {
    SetClock(absl::CivilSecond(2026, 1, 31, 12, 0, 0));
    AddPublisher();
  }

  // Line A `number` of an edition: the dataset `d{dataset}`, which is created with its first line.
  std::string Add(const std::string& plan, int number, int dataset, const std::string& target_date) {
    const std::string name = absl::StrCat(kSwd, "/datasets/d", dataset);
    if (!Try(Named<almanac::v1::GetDatasetRequest>(name)).ok()) AddDataset(absl::StrCat("d", dataset));
    return Do(NewLine("A", number, name, target_date, plan)).name();
  }

  // Two editions. The second continues d1 as it was, d2 by three years later, and d3, for which the first has moved it
  // already, as it was then; it says nothing of d4 to d6, and d7 is new.
  void AddTwoEditions() {
    AddPlan("swd", 2022, 2024);
    AddPlan("swd", 2025, 2027);
    Add(kFirst, 1, 1, "2022-06");
    Add(kFirst, 2, 2, "2022-06");
    const std::string moved = Add(kFirst, 3, 3, "2022-09");
    Add(kFirst, 4, 4, "2022-06");
    const std::string released = Add(kFirst, 5, 5, "2022-06");
    const std::string cancelled = Add(kFirst, 6, 6, "2023-06");
    Publish(kFirst, "2021-12");
    Move(moved, "2025-03", "2024-06-01");
    Add(kSecond, 1, 1, "2022-06");
    Add(kSecond, 2, 2, "2025-06");
    Add(kSecond, 3, 3, "2025-03");
    Add(kSecond, 4, 7, "2025-12");
    Publish(kSecond, "2024-12-10");
    Do(ToRelease(released, "2022-06-15"));
    Cancel(cancelled, "2025-02-01");
  }

  // The ids of what is in `plans`.
  static std::vector<std::string> EditionsOf(const Progress& progress) {
    std::vector<std::string> ids;
    for (const auto& plan : progress.plans()) ids.push_back(plan.release_plan().substr(sizeof("publishers/swd/plans")));
    return ids;
  }
};

TEST_F(PublisherProgressTest, BeforeTheNextEditionTheFirstIsAll) {
  AddTwoEditions();
  const Progress progress = At(kSwd, "2024-12-09");
  EXPECT_EQ(progress.name(), kSwd);
  EXPECT_EQ(progress.release_plan(), "");
  EXPECT_EQ(progress.as_of(), "2024-12-09");
  EXPECT_EQ(progress.sections_size() + progress.publishers_size(), 0);
  EXPECT_THAT(EditionsOf(progress), ElementsAre("2022-2024"));
  // Overdue are d1, d2 and d4 by 893 days, d6 by 528.
  const std::string all =
      "commitment_count: 6 planned_count: 5 released_count: 1 on_time_count: 1 overdue_count: 4 moved_count: 1"
      " max_overdue_days: 893 median_overdue_days: 893 first_on_time_count: 1 first_overdue_count: 5"
      " first_on_time_rate: 0.166666666666666 last_on_time_rate: 0.2 median_slip_months: 0 move_count: 1"
      " reasoned_move_count: 1 reasoned_move_rate: 1";
  ExpectFigures(progress.plans(0).total(), all);
  ExpectFigures(progress.total(), all);
}

TEST_F(PublisherProgressTest, ASupersededEditionHasCarriedAndDroppedLines) {
  AddTwoEditions();
  // Of five that were open on 10 December 2024, d1 to d3 were carried on. Overdue are d4 by 946 days and d6 by 581.
  const std::string first =
      "commitment_count: 6 planned_count: 5 released_count: 1 on_time_count: 1 overdue_count: 2 moved_count: 1"
      " max_overdue_days: 946 median_overdue_days: 763 carried_count: 3 dropped_count: 2 first_on_time_count: 1"
      " first_overdue_count: 2 first_on_time_rate: 0.333333333333333 last_on_time_rate: 0.333333333333333"
      " median_slip_months: 0 move_count: 1 reasoned_move_count: 1 reasoned_move_rate: 1 dropped_rate: 0.4";
  // d2 was moved, without a reason. d1 is overdue; by their first targets d2 and d3 are too.
  const std::string second =
      "commitment_count: 4 planned_count: 4 overdue_count: 1 moved_count: 1 max_overdue_days: 946"
      " median_overdue_days: 946 first_overdue_count: 3 first_on_time_rate: 0 last_on_time_rate: 0 move_count: 1"
      " reasoned_move_rate: 0";
  const Progress progress = At(kSwd, "2025-01-31");
  EXPECT_THAT(EditionsOf(progress), ElementsAre("2025-2027", "2022-2024"));
  ExpectFigures(progress.plans(0).total(), second);
  ExpectFigures(progress.plans(1).total(), first);
  // An edition asked for alone says the same.
  ExpectFigures(At(kSecond, "2025-01-31").total(), second);
  ExpectFigures(At(kFirst, "2025-01-31").total(), first);
}

TEST_F(PublisherProgressTest, AMoveBetweenEditionsHasAReasonFromItsDayOn) {
  AddPlan("swd", 2022, 2024);
  AddPlan("swd", 2025, 2027);
  const std::string first = Add(kFirst, 1, 1, "2022-06");
  Add(kSecond, 1, 1, "2025-06");
  Publish(kFirst, "2021-12");
  Publish(kSecond, "2024-12-10");
  const auto moves = [&](const std::string& day) {
    const SectionProgress total = At(kSwd, day).total();
    return absl::StrCat(total.move_count(), " with ", total.reasoned_move_count());
  };
  EXPECT_EQ(moves("2025-02-28"), "1 with 0");
  // What is recorded for March says nothing of February.
  Move(first, "2025-06", "2025-03-01");
  EXPECT_EQ(moves("2024-12-09"), "0 with 0");
  EXPECT_EQ(moves("2025-02-28"), "1 with 0");
  EXPECT_EQ(moves("2025-03-01"), "1 with 1");
}

TEST_F(PublisherProgressTest, AnEditionForTheSameYearsCarriesNothingOn) {
  constexpr char kAgain[] = "publishers/swd/plans/again";
  AddPlan("swd", 2022, 2024);
  AddPlan("swd", 2025, 2027);
  almanac::v1::CreateReleasePlanRequest again;
  again.set_parent(kSwd);
  again.set_release_plan_id("again");
  again.mutable_release_plan()->mutable_period()->set_start_year(2025);
  again.mutable_release_plan()->mutable_period()->set_end_year(2027);
  Do(again);
  Add(kFirst, 1, 1, "2022-06");
  for (const char* plan : {kSecond, kAgain}) Add(plan, 1, 1, "2025-06");
  for (const char* plan : {kFirst, kSecond, kAgain}) Do(Named<almanac::v1::PublishPlanRequest>(plan));
  const Progress progress = At(kSwd, "2026-02-01");
  EXPECT_THAT(EditionsOf(progress), ElementsAre("2025-2027", "again", "2022-2024"));
  for (const int edition : {0, 1}) {
    EXPECT_EQ(progress.plans(edition).total().overdue_count(), 1);
    EXPECT_EQ(progress.plans(edition).total().carried_count(), 0);
  }
  EXPECT_EQ(progress.plans(2).total().overdue_count(), 0);
  EXPECT_EQ(progress.plans(2).total().carried_count(), 1);
  EXPECT_EQ(progress.total().commitment_count(), 1);
  EXPECT_EQ(progress.total().overdue_count(), 1);
}

TEST_F(PublisherProgressTest, InTotalEachPromiseCountsOnceWithAllItsMoves) {
  AddTwoEditions();
  // Seven promises: overdue are d1 and d4 by 946 days and d6 by 581; moved were d2, by the edition, and d3.
  ExpectFigures(
      At(kSwd, "2025-01-31").total(),
      "commitment_count: 7 planned_count: 6 released_count: 1 on_time_count: 1 overdue_count: 3 moved_count: 2"
      " max_overdue_days: 946 median_overdue_days: 946 dropped_count: 2 first_on_time_count: 1"
      " first_overdue_count: 5 first_on_time_rate: 0.166666666666666 last_on_time_rate: 0.25"
      " median_slip_months: 0 move_count: 2 reasoned_move_count: 1 reasoned_move_rate: 0.5 dropped_rate: 0.4");
}

TEST_F(PublisherProgressTest, WhatIsCancelledAfterwardsIsDroppedNoMore) {
  AddTwoEditions();
  const SectionProgress total = At(kSwd, "2025-02-01").total();
  EXPECT_EQ(total.dropped_count(), 1);
  EXPECT_EQ(total.cancelled_count(), 1);
  EXPECT_DOUBLE_EQ(total.dropped_rate(), 0.2);
}

TEST_F(PublisherProgressTest, ADroppedPromiseThatALaterEditionTakesUpIsOneAgain) {
  AddPlan("swd", 2019, 2021);
  AddPlan("swd", 2022, 2024);
  AddPlan("swd", 2025, 2027);
  Add("publishers/swd/plans/2019-2021", 1, 1, "2020");
  Add(kFirst, 1, 2, "2023");
  Add(kSecond, 1, 1, "2025");
  Publish("publishers/swd/plans/2019-2021", "2018-12");
  Publish(kFirst, "2021-12");
  Publish(kSecond, "2024-12");
  const SectionProgress dropped = At(kSwd, "2024-11-30").total();
  EXPECT_EQ(dropped.commitment_count(), 2);
  EXPECT_EQ(dropped.dropped_count(), 1);
  EXPECT_EQ(dropped.move_count(), 0);
  // d1 was taken up, so now it is d2 that was dropped: one of two that were open when an edition came.
  const SectionProgress taken_up = At(kSwd, "2024-12-01").total();
  EXPECT_EQ(taken_up.commitment_count(), 2);
  EXPECT_EQ(taken_up.dropped_count(), 1);
  EXPECT_DOUBLE_EQ(taken_up.dropped_rate(), 0.5);
  EXPECT_EQ(taken_up.move_count(), 1);
  EXPECT_EQ(taken_up.reasoned_move_count(), 0);
  EXPECT_EQ(At("publishers/swd/plans/2019-2021", "2024-12-01").total().carried_count(), 1);
}

TEST_F(PublisherProgressTest, AnEditionThatIsNotPublishedYetHidesNothing) {
  AddPlan("swd", 2019, 2021);
  AddPlan("swd", 2022, 2024);
  AddPlan("swd", 2025, 2027);
  const char* middle = kFirst;
  for (const char* plan : {"publishers/swd/plans/2019-2021", middle, kSecond}) Add(plan, 1, 1, "2020");
  Publish("publishers/swd/plans/2019-2021", "2018-12");
  Publish(middle, "2025-03-01");
  Publish(kSecond, "2024-12");
  // The chain of the three goes through the middle one, which came last.
  EXPECT_EQ(At(kSwd, "2024-11-30").total().commitment_count(), 1);
  const Progress before = At(kSwd, "2025-02-28");
  EXPECT_THAT(EditionsOf(before), ElementsAre("2025-2027", "2019-2021"));
  EXPECT_EQ(before.total().commitment_count(), 1);
  EXPECT_EQ(before.plans(1).total().carried_count(), 1);
  const Progress after = At(kSwd, "2025-03-01");
  EXPECT_THAT(EditionsOf(after), ElementsAre("2025-2027", "2022-2024", "2019-2021"));
  EXPECT_EQ(after.total().commitment_count(), 1);
  EXPECT_EQ(after.plans(1).total().carried_count(), 1);
  EXPECT_EQ(after.plans(2).total().carried_count(), 1);
}

TEST_F(PublisherProgressTest, DraftsCountOnlyIfAskedForByName) {
  AddPlan("swd", 2022, 2024);
  Add(kFirst, 1, 1, "2022-06");
  const Progress progress = At(kSwd, "2022-07-01");
  EXPECT_THAT(progress.plans(), IsEmpty());
  EXPECT_TRUE(progress.has_total());
  EXPECT_EQ(progress.total().DebugString(), "");
  EXPECT_EQ(At(kFirst, "2022-07-01").total().overdue_count(), 1);
  EXPECT_THAT(At("publishers/-", "2022-07-01").publishers(), IsEmpty());
}

TEST_F(PublisherProgressTest, WithoutADateInTheDocumentAnEditionCountsFromItsPublicationHere) {
  AddPlan("swd", 2025, 2027);
  Add(kSecond, 1, 1, "2025-06");
  // Half past midnight of 1 March where the publisher is.
  SetClock(absl::CivilSecond(2026, 2, 28, 16, 30, 0));
  Publish(kSecond, "");
  EXPECT_THAT(At(kSwd, "2026-02-28").plans(), IsEmpty());
  EXPECT_THAT(EditionsOf(At(kSwd, "2026-03-01")), ElementsAre("2025-2027"));
  EXPECT_THAT(At("publishers/-", "2026-02-28").publishers(), IsEmpty());
  EXPECT_EQ(At("publishers/-", "2026-03-01").publishers_size(), 1);
}

TEST_F(PublisherProgressTest, UnknownAndDeletedOnesAreNotFound) {
  auto request = Named<almanac::v1::GetProgressRequest>("publishers/nobody");
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(Refused(request, grpc::StatusCode::NOT_FOUND)).resource_name(),
            "publishers/nobody");
  Do(Named<almanac::v1::DeletePublisherRequest>(kSwd));
  request.set_name(kSwd);
  EXPECT_EQ(ReasonOf(Refused(request, grpc::StatusCode::NOT_FOUND)), "RESOURCE_NOT_FOUND");
}

class GovernmentProgressTest : public ProgressTest {
 protected:
  GovernmentProgressTest() { SetClock(absl::CivilSecond(2024, 6, 30, 12, 0, 0)); }

  // A publisher with a published edition, of which so many promises for June 2022 were released in time, so many in
  // August, and so many not at all.
  void Add(const std::string& id, int on_time, int late, int never, const std::string& zone = "Asia/Hong_Kong") {
    AddPublisher(id);
    almanac::v1::UpdatePublisherRequest update;
    update.mutable_publisher()->set_name("publishers/" + id);
    update.mutable_publisher()->set_time_zone(zone);
    Do(update);
    AddPlan(id);
    const std::string plan = absl::StrCat("publishers/", id, "/plans/2022-2024");
    std::vector<std::string> lines;
    for (int i = 1; i <= on_time + late + never; ++i) {
      const auto dataset = AddDataset(absl::StrCat("d", i), id);
      lines.push_back(Do(NewLine("A", i, dataset.name(), "2022-06", plan)).name());
    }
    Publish(plan, "2021-12");
    for (int i = 0; i < on_time; ++i) Do(ToRelease(lines[i], "2022-06-30"));
    for (int i = on_time; i < on_time + late; ++i) Do(ToRelease(lines[i], "2022-08-01"));
  }
};

TEST_F(GovernmentProgressTest, TheWorstComesFirst) {
  Add("all-kept", 2, 0, 0);
  Add("half-late", 1, 1, 0);
  Add("half-overdue", 1, 0, 1);
  Add("none-kept", 0, 1, 0);
  AddPublisher("silent");
  AddPlan("silent");
  const Progress progress = At("publishers/-", "2022-12-31");
  EXPECT_EQ(progress.name(), "publishers/-");
  EXPECT_EQ(progress.as_of(), "2022-12-31");
  EXPECT_EQ(progress.plans_size() + progress.sections_size(), 0);
  std::vector<std::string> publishers;
  for (const auto& publisher : progress.publishers()) {
    publishers.push_back(publisher.publisher());
    EXPECT_EQ(publisher.as_of(), "2022-12-31");
    EXPECT_EQ(publisher.titles().at("en"), "Publisher " + publisher.publisher().substr(sizeof("publishers")));
  }
  EXPECT_THAT(publishers, ElementsAre("publishers/none-kept", "publishers/half-overdue", "publishers/half-late",
                                      "publishers/all-kept"));
  // July to December: 184 days.
  ExpectFigures(progress.publishers(1).total(),
                "commitment_count: 2 planned_count: 1 released_count: 1 on_time_count: 1 overdue_count: 1"
                " max_overdue_days: 184 median_overdue_days: 184 first_on_time_count: 1 first_overdue_count: 1"
                " first_on_time_rate: 0.5 last_on_time_rate: 0.5 median_slip_months: 0");
  // The slips of six releases are 0, 0, 0, 0, 2 and 2 months.
  ExpectFigures(progress.total(),
                "commitment_count: 7 planned_count: 1 released_count: 6 on_time_count: 4 late_count: 2 overdue_count: 1"
                " max_overdue_days: 184 median_overdue_days: 184 first_on_time_count: 4 first_late_count: 2"
                " first_overdue_count: 1 first_on_time_rate: 0.571428571428571 last_on_time_rate: 0.571428571428571"
                " median_slip_months: 0");
}

TEST_F(GovernmentProgressTest, EachPublisherIsJudgedByItsOwnToday) {
  Add("kiribati", 0, 0, 1, "Pacific/Kiritimati");
  Add("samoa", 0, 0, 1, "Pacific/Pago_Pago");
  // Two years since 30 June 2022, one of them a leap year, are 731 days.
  const Progress progress = At("publishers/-", "");
  EXPECT_EQ(progress.as_of(), "2024-07-01");
  ASSERT_EQ(progress.publishers_size(), 2);
  EXPECT_EQ(progress.publishers(0).as_of(), "2024-07-01");
  EXPECT_EQ(progress.publishers(0).total().max_overdue_days(), 732);
  EXPECT_EQ(progress.publishers(1).as_of(), "2024-06-30");
  EXPECT_EQ(progress.publishers(1).total().max_overdue_days(), 731);
  EXPECT_EQ(progress.total().max_overdue_days(), 732);
}

TEST_F(GovernmentProgressTest, WithoutPublishersThereAreZeros) {
  const Progress progress = At("publishers/-", "");
  EXPECT_EQ(progress.as_of(), "2024-06-30");
  EXPECT_TRUE(progress.has_total());
  EXPECT_EQ(progress.total().DebugString(), "");
  EXPECT_THAT(progress.publishers(), IsEmpty());
}

}  // namespace
}  // namespace almanac::testing
