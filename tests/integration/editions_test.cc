#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "tests/integration/editions_fixture.h"

// PublishPlan and DiffPlans, where a publisher has several editions of its plan.
namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::PlanDiff;
using almanac::v1::PlanDifference;
using almanac::v1::PublishPlanRequest;
using almanac::v1::ReleasePlan;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_F(EditionsTest, TheNextEditionSupersedesAndContinues) {
  Promise(2022, "A", 1, "d1", "2022-06");
  Promise(2022, "B", 1, "d2", "2023-06");
  Publish(2022);
  Promise(2023, "A", 4, "d2", "2023-09");
  const int64_t head = HeadRevision();
  const ReleasePlan published = Publish(2023);
  EXPECT_EQ(published.state(), ReleasePlan::PUBLISHED);
  EXPECT_EQ(GetPlan(Plan(2022)).state(), ReleasePlan::SUPERSEDED);
  EXPECT_TRUE(GetPlan(Plan(2022)).has_publish_time());
  EXPECT_THAT(ChangeTextsAfter(head),
              ElementsAre("PUBLISHED plans/2023-2025", "SUPERSEDED plans/2022-2024",
                          "LINKED plans/2022-2024/commitments/b-1", "LINKED plans/2023-2025/commitments/a-4"));
  const std::vector<Change> changes = ChangesAfter(head);
  EXPECT_THAT(changes[1].changed_fields(), ElementsAre("state"));
  EXPECT_THAT(changes[2].changed_fields(), ElementsAre("continued_by"));
  EXPECT_THAT(changes[3].changed_fields(), ElementsAre("continues", "original_target_date"));
  for (const Change& change : changes) EXPECT_EQ(change.request_id(), changes[0].request_id());
  EXPECT_TRUE(changes[3].last_of_write());

  const Commitment earlier = GetCommitment(Line(2022, "b-1"));
  const Commitment later = GetCommitment(Line(2023, "a-4"));
  EXPECT_EQ(earlier.continued_by(), later.name());
  EXPECT_EQ(later.continues(), earlier.name());
  EXPECT_EQ(later.original_target_date(), "2023-06");
  EXPECT_EQ(later.first_target_date(), "2023-09");
  EXPECT_EQ(changes[3].after().commitment().DebugString(), later.DebugString());
  // What the next edition is silent about goes on nowhere.
  EXPECT_EQ(GetCommitment(Line(2022, "a-1")).continued_by(), "");
}

TEST_F(EditionsTest, OthersEditionsAndDraftsStayAsTheyAre) {
  Promise(2021, "A", 1, "d1", "2022-06");
  Promise(2022, "A", 1, "d1", "2022-06");
  Publish(2022);
  AddPublisher("td");
  AddPlan("td", 2021, 2023);
  AddDataset("d1", "td");
  Do(NewLine("A", 1, "publishers/td/datasets/d1", "2022", "publishers/td/plans/2021-2023"));
  Do(Named<PublishPlanRequest>("publishers/td/plans/2021-2023"));
  Promise(2023, "A", 1, "d1", "2023");
  const ReleasePlan draft = GetPlan(Plan(2021));
  const Commitment draft_line = GetCommitment(Line(2021, "a-1"));
  Publish(2023);
  EXPECT_EQ(GetPlan(Plan(2021)).DebugString(), draft.DebugString());
  EXPECT_EQ(GetCommitment(Line(2021, "a-1")).DebugString(), draft_line.DebugString());
  EXPECT_EQ(GetPlan("publishers/td/plans/2021-2023").state(), ReleasePlan::PUBLISHED);
}

TEST_F(EditionsTest, AnEditionForTheSameYearsSupersedesNothing) {
  Promise(2022, "A", 1, "d1", "2022-06");
  Publish(2022);
  auto request = Named<almanac::v1::CreateReleasePlanRequest>("publishers/swd");
  *request.mutable_release_plan()->mutable_period() = GetPlan(Plan(2022)).period();
  request.set_release_plan_id("second");
  const std::string second = Do(request).name();
  Do(NewLine("A", 1, DatasetOf("d1"), "2022-09", second));
  EXPECT_EQ(Do(Named<PublishPlanRequest>(second)).state(), ReleasePlan::PUBLISHED);
  EXPECT_EQ(GetPlan(Plan(2022)).state(), ReleasePlan::PUBLISHED);
  EXPECT_EQ(GetCommitment(second + "/commitments/a-1").continues(), "");
}

TEST_F(EditionsTest, APromiseKeepsItsOriginalTargetThroughThreeEditionsAndItsMoves) {
  Promise(2021, "B", 2, "d1", "2022-06");
  Publish(2021);
  Do(ToMove(Line(2021, "b-2"), "2022-09"));
  Promise(2022, "A", 1, "d1", "2022-12");
  Publish(2022);
  Promise(2023, "A", 5, "d1", "2023-03");
  Publish(2023);
  const Commitment first = GetCommitment(Line(2021, "b-2"));
  const Commitment second = GetCommitment(Line(2022, "a-1"));
  const Commitment third = GetCommitment(Line(2023, "a-5"));
  EXPECT_EQ(first.continued_by(), second.name());
  EXPECT_EQ(first.target_date(), "2022-09");
  EXPECT_EQ(second.continues(), first.name());
  EXPECT_EQ(second.continued_by(), third.name());
  EXPECT_EQ(third.continues(), second.name());
  for (const Commitment& line : {first, second, third}) EXPECT_EQ(line.original_target_date(), "2022-06");

  // Its release is judged by what was promised first of all, and by what was promised last.
  const Commitment released = Do(ToRelease(third.name(), "2023-03-02"));
  // From 30 June 2022: a year of 365 days less the 30 - 2 days of March and those of April, May and June.
  EXPECT_EQ(Text(released.outcome().against_first_target()), "LATE 245 days 9 months");
  EXPECT_EQ(Text(released.outcome().against_last_target()), "ON_TIME 0 days 0 months");
}

TEST_F(EditionsTest, AnEditionPublishedLateIsSupersededAtOnceAndTakesItsPlaceBetween) {
  Promise(2021, "A", 1, "d1", "2022-06");
  Promise(2022, "A", 2, "d1", "2022-12");
  Promise(2023, "A", 3, "d1", "2023-03");
  Publish(2021);
  Publish(2023);
  EXPECT_EQ(GetCommitment(Line(2023, "a-3")).continues(), Line(2021, "a-1"));
  const int64_t head = HeadRevision();
  const ReleasePlan between = Publish(2022);
  EXPECT_EQ(between.state(), ReleasePlan::SUPERSEDED);
  EXPECT_EQ(GetPlan(Plan(2022)).DebugString(), between.DebugString());
  EXPECT_EQ(GetPlan(Plan(2023)).state(), ReleasePlan::PUBLISHED);
  EXPECT_THAT(
      ChangeTextsAfter(head),
      ElementsAre("PUBLISHED plans/2022-2024", "SUPERSEDED plans/2022-2024", "LINKED plans/2021-2023/commitments/a-1",
                  "LINKED plans/2022-2024/commitments/a-2", "LINKED plans/2023-2025/commitments/a-3"));
  EXPECT_EQ(GetCommitment(Line(2021, "a-1")).continued_by(), Line(2022, "a-2"));
  const Commitment middle = GetCommitment(Line(2022, "a-2"));
  EXPECT_EQ(middle.continues(), Line(2021, "a-1"));
  EXPECT_EQ(middle.continued_by(), Line(2023, "a-3"));
  EXPECT_EQ(middle.original_target_date(), "2022-06");
  const Commitment last = GetCommitment(Line(2023, "a-3"));
  EXPECT_EQ(last.continues(), Line(2022, "a-2"));
  EXPECT_EQ(last.original_target_date(), "2022-06");
}

TEST_F(EditionsTest, AListedReleaseReleasesThePromiseAndDatesItsDataset) {
  Promise(2022, "A", 1, "d1", "2022-06");
  Publish(2022);
  ListReleased(2023, "D", 9, "d1", "2022-08");
  // As if nobody had said it of the dataset.
  almanac::v1::UpdateDatasetRequest undate;
  undate.mutable_dataset()->set_name(DatasetOf("d1"));
  undate.mutable_update_mask()->add_paths("release_date");
  Do(undate);
  const int64_t head = HeadRevision();
  Publish(2023);
  EXPECT_THAT(ChangeTextsAfter(head),
              ElementsAre("PUBLISHED plans/2023-2025", "SUPERSEDED plans/2022-2024",
                          "LINKED plans/2022-2024/commitments/a-1", "RELEASED plans/2022-2024/commitments/a-1",
                          "LINKED plans/2023-2025/commitments/d-9", "RELEASED datasets/d1"));
  EXPECT_THAT(ChangesAfter(head)[3].changed_fields(), ElementsAre("outcome", "release_date", "state"));
  const Commitment promise = GetCommitment(Line(2022, "a-1"));
  EXPECT_EQ(promise.state(), Commitment::RELEASED);
  EXPECT_EQ(promise.release_date(), "2022-08");
  // From 30 June to 1 August.
  EXPECT_EQ(Text(promise.outcome().against_first_target()), "LATE 32 days 2 months");
  const Commitment listed = GetCommitment(Line(2023, "d-9"));
  EXPECT_EQ(listed.outcome().DebugString(), promise.outcome().DebugString());
  EXPECT_EQ(listed.original_target_date(), "2022-06");
  EXPECT_EQ(listed.target_date(), "");
  EXPECT_EQ(GetDataset(DatasetOf("d1")).release_date(), "2022-08");
}

TEST_F(EditionsTest, AListedReleaseTakesTheOutcomeOfAReleaseOnRecord) {
  Promise(2022, "A", 1, "d1", "2022-06");
  Publish(2022);
  const Commitment released = Do(ToRelease(Line(2022, "a-1"), "2022-05-31"));
  ListReleased(2023, "D", 1, "d1", "2022-05");
  Publish(2023);
  const Commitment listed = GetCommitment(Line(2023, "d-1"));
  EXPECT_EQ(listed.continues(), released.name());
  EXPECT_EQ(listed.outcome().DebugString(), released.outcome().DebugString());
  EXPECT_EQ(Text(listed.outcome().against_first_target()), "EARLY -1 days -1 months");
  EXPECT_EQ(GetCommitment(released.name()).release_date(), "2022-05-31");
  EXPECT_EQ(GetDataset(DatasetOf("d1")).release_date(), "2022-05-31");
}

TEST_F(EditionsTest, WhateverTheOrderOfPublishingThePromiseIsTheSame) {
  std::vector<int> order = {2021, 2022, 2023};
  int round = 0;
  do {
    const std::string dataset = absl::StrCat("round-", ++round);
    const std::string publisher = absl::StrCat("p", round);
    AddPublisher(publisher);
    AddDataset(dataset, publisher);
    const std::string name = absl::StrCat("publishers/", publisher, "/datasets/", dataset);
    const auto line = [&](int year) {
      return absl::StrCat("publishers/", publisher, "/plans/", year, "-", year + 2, "/commitments/a-1");
    };
    for (const int year : order) {
      const std::string plan = AddPlan(publisher, year, year + 2).name();
      auto request = NewLine("A", 1, name, year == 2021 ? "2022-06" : year == 2022 ? "2022-09" : "", plan);
      if (year == 2023) request.mutable_commitment()->set_release_date("2022-08");
      Do(request);
      Do(Named<PublishPlanRequest>(plan));
    }
    SCOPED_TRACE(::testing::PrintToString(order));
    const Commitment kept = GetCommitment(line(2022));
    EXPECT_EQ(kept.continues(), line(2021));
    EXPECT_EQ(kept.continued_by(), line(2023));
    EXPECT_EQ(kept.state(), Commitment::RELEASED);
    const Commitment listed = GetCommitment(line(2023));
    EXPECT_EQ(listed.original_target_date(), "2022-06");
    EXPECT_EQ(Text(listed.outcome().against_first_target()), "LATE 32 days 2 months");
    EXPECT_EQ(Text(listed.outcome().against_last_target()), "EARLY -1 days -1 months");
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(round, 6);
}

TEST_F(EditionsTest, WhatWasKeptAndIsPromisedAgainIsANewPromise) {
  Promise(2022, "A", 1, "d1", "2022-06");
  Publish(2022);
  Do(ToRelease(Line(2022, "a-1"), "2022-06-10"));
  Promise(2023, "A", 1, "d1", "2023-06");
  Publish(2023);
  EXPECT_EQ(GetCommitment(Line(2022, "a-1")).continued_by(), "");
  EXPECT_EQ(GetCommitment(Line(2023, "a-1")).continues(), "");
  EXPECT_EQ(GetCommitment(Line(2023, "a-1")).original_target_date(), "2023-06");
}

TEST_F(EditionsTest, WhatALaterEditionContinuesIsEndedThere) {
  Promise(2022, "A", 1, "d1", "2022-06");
  Publish(2022);
  Promise(2023, "A", 1, "d1", "2022-06");
  Publish(2023);
  const std::string there = "is continued by " + Line(2023, "a-1");
  EXPECT_THAT(Barred(ToRelease(Line(2022, "a-1"), "2022-06-10"), "ILLEGAL_MOVE").error_message(), HasSubstr(there));
  EXPECT_THAT(Barred(ToCancel(Line(2022, "a-1")), "ILLEGAL_MOVE").error_message(), HasSubstr(there));
  Do(ToMove(Line(2022, "a-1"), "2022-07"));
  EXPECT_EQ(Do(ToRelease(Line(2023, "a-1"), "2022-06-10")).state(), Commitment::RELEASED);
}

TEST_F(EditionsTest, APreviewShowsThePlanAndChangesNothing) {
  Promise(2023, "A", 1, "d1", "2023");
  Publish(2023);
  Promise(2022, "A", 1, "d1", "2022");
  const int64_t head = HeadRevision();
  auto request = Named<PublishPlanRequest>(Plan(2022));
  request.set_validate_only(true);
  const ReleasePlan preview = Do(request);
  EXPECT_EQ(preview.state(), ReleasePlan::SUPERSEDED);
  EXPECT_EQ(preview.etag(), "");
  EXPECT_EQ(HeadRevision(), head);
  EXPECT_EQ(GetPlan(Plan(2022)).state(), ReleasePlan::DRAFT);
  EXPECT_EQ(GetCommitment(Line(2023, "a-1")).continues(), "");
}

TEST_F(EditionsTest, FiveThousandLinesGoOnAtOnce) {
  constexpr int kLines = 5000;
  almanac::v1::ImportPlanRequest request;
  request.set_parent("publishers/swd");
  almanac::v1::PlanDocument& document = *request.mutable_document();
  document.set_publisher_title("Publisher swd");
  document.set_language("en");
  for (int i = 1; i <= kLines; ++i) {
    auto& line = *document.add_commitments();
    line.set_section("A");
    line.set_number(i);
    line.set_title(absl::StrCat("Title ", i));
    line.set_target_date("2022-06");
    line.set_line(i);
  }
  for (const int year : {2021, 2022}) {
    document.mutable_period()->set_start_year(year);
    document.mutable_period()->set_end_year(year + 2);
    EXPECT_EQ(Do(request).added_count(), kLines);
  }
  Publish(2021);
  const int64_t head = HeadRevision();
  Publish(2022);
  EXPECT_EQ(HeadRevision(), head + 2 + 2 * kLines);
  EXPECT_EQ(database_.Sql("select count(*) from commitments where continues_plan_id = '2021-2023'")[0], "5000");
  EXPECT_EQ(database_.Sql("select count(*) from commitments where continued_by_plan_id = '2022-2024'")[0], "5000");
  EXPECT_EQ(Do(ToDiff(Plan(2021), Plan(2022))).unchanged_count(), kLines);
}

TEST_F(EditionsTest, TwoEditionsAreComparedLineByLine) {
  Promise(2022, "A", 1, "moved", "2022-06");
  Promise(2022, "A", 2, "dropped", "2022-06");
  Promise(2022, "A", 3, "cancelled", "2022-06");
  Promise(2022, "A", 4, "kept", "2022-06");
  Promise(2022, "A", 5, "same", "2022-06");
  Publish(2022);
  Do(ToCancel(Line(2022, "a-3")));
  Do(ToRelease(Line(2022, "a-4"), "2022-06-10"));
  Promise(2023, "A", 1, "added", "2023-06");
  Promise(2023, "A", 2, "moved", "2022-09");
  ListReleased(2023, "D", 1, "kept", "2022-06");
  Promise(2023, "A", 3, "same", "2022-06");
  const auto expect_diff = [&] {
    const PlanDiff diff = Do(ToDiff(Plan(2022), Plan(2023)));
    EXPECT_EQ(diff.from_plan(), Plan(2022));
    EXPECT_EQ(diff.to_plan(), Plan(2023));
    EXPECT_EQ(diff.unchanged_count(), 1);
    std::vector<std::string> texts;
    for (const PlanDifference& difference : diff.differences()) {
      std::string text = difference.dataset().substr(DatasetOf("").size());
      for (const int kind : difference.kinds()) absl::StrAppend(&text, " ", PlanDifference::Kind_Name(kind));
      texts.push_back(text);
    }
    EXPECT_THAT(texts, ElementsAre("added ADDED", "moved MOVED", "kept RELEASED SECTION_CHANGED", "dropped DROPPED",
                                   "cancelled CANCELLED"));
    ASSERT_THAT(diff.differences(), SizeIs(5));
    EXPECT_EQ(diff.differences(1).from_commitment(), Line(2022, "a-1"));
    EXPECT_EQ(diff.differences(1).to_commitment(), Line(2023, "a-2"));
    EXPECT_EQ(diff.differences(1).moved_months(), 3);
    // From 30 June to 30 September: July, August and September.
    EXPECT_EQ(diff.differences(1).moved_days(), 92);
  };
  expect_diff();  // with a draft
  Publish(2023);
  expect_diff();
}

TEST_F(EditionsTest, WhatBecameOfAPromiseInEditionsBetweenIsCompared) {
  int number = 0;
  for (const char* dataset : {"kept", "withdrawn", "open", "again", "on"}) {
    Promise(2021, "A", ++number, dataset, "2022-06");
    Promise(2022, "B", number, dataset, "2022-09");
  }
  Publish(2021);
  Publish(2022);
  Do(ToRelease(Line(2022, "b-1"), "2022-08-10"));
  Do(ToCancel(Line(2022, "b-2")));
  Do(ToRelease(Line(2022, "b-4"), "2022-08-10"));
  Promise(2023, "A", 4, "again", "2024-06");
  Promise(2023, "A", 5, "on", "2022-06");
  const auto expect_diff = [&] {
    std::vector<std::string> texts;
    const PlanDiff diff = Do(ToDiff(Plan(2021), Plan(2023)));
    for (const PlanDifference& difference : diff.differences()) {
      std::string text = difference.dataset().substr(DatasetOf("").size());
      for (const int kind : difference.kinds()) absl::StrAppend(&text, " ", PlanDifference::Kind_Name(kind));
      texts.push_back(text);
    }
    EXPECT_THAT(texts,
                ElementsAre("again ADDED", "kept RELEASED", "withdrawn CANCELLED", "open DROPPED", "again RELEASED"));
    EXPECT_EQ(diff.unchanged_count(), 1);
  };
  expect_diff();  // with a draft
  Publish(2023);
  expect_diff();
}

TEST_F(EditionsTest, TheOrderOfPublishingMakesNoDifference) {
  Promise(2021, "A", 1, "d1", "2022-06");
  Promise(2022, "A", 1, "d1", "2022-09");
  ListReleased(2023, "A", 1, "d1", "2022-08");
  for (const int year : {2021, 2023, 2022}) Publish(year);
  const PlanDiff diff = Do(ToDiff(Plan(2021), Plan(2022)));
  ASSERT_THAT(diff.differences(), SizeIs(1));
  EXPECT_THAT(diff.differences(0).kinds(), ElementsAre(PlanDifference::MOVED, PlanDifference::RELEASED));
}

TEST_F(EditionsTest, AComparisonThatCannotBeSentSaysSo) {
  std::string words;
  for (int i = 0; i < 990; ++i) words += "数";
  almanac::v1::ImportPlanRequest request;
  request.set_parent("publishers/swd");
  almanac::v1::PlanDocument& document = *request.mutable_document();
  document.set_publisher_title("Publisher swd");
  document.set_language("en");
  document.mutable_period()->set_start_year(2022);
  document.mutable_period()->set_end_year(2024);
  for (int i = 1; i <= 1500; ++i) {  // of some 3 kB each
    auto& line = *document.add_commitments();
    line.set_section("A");
    line.set_number(i);
    line.set_title(absl::StrCat(words, i));
    line.set_target_date("2022-06");
    line.set_line(i);
  }
  Do(request);
  AddPlan("swd", 2021, 2023);
  service::Server::Options options;
  options.max_message_bytes = 4 << 20;
  const TestServer server(database_.url(), options);
  const grpc::Status status =
      StatusOf(server.NewClient()->plans.get(), &almanac::v1::ReleasePlanService::Stub::DiffPlans,
               ToDiff(Plan(2021), Plan(2022)));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "ANSWER_TOO_LARGE");
  EXPECT_THAT(status.error_message(), HasSubstr("max_message_bytes"));
  EXPECT_THAT(Do(ToDiff(Plan(2021), Plan(2022))).differences(), SizeIs(1500));
}

TEST_F(EditionsTest, OneEditionListsTheReleasesOfSeveralPromises) {
  for (int i = 1; i <= 3; ++i) {
    Promise(2022, "A", i, absl::StrCat("d", i), "2022-06");
    ListReleased(2023, "D", i, absl::StrCat("d", i), "2022-08");
  }
  Publish(2022);
  const int64_t head = HeadRevision();
  Publish(2023);
  std::map<std::string, Commitment> told;
  for (const Change& change : ChangesAfter(head)) {
    if (change.after().has_commitment()) told[change.resource()] = change.after().commitment();
  }
  EXPECT_THAT(told, SizeIs(6));
  for (const auto& [name, line] : told) {
    EXPECT_EQ(line.state(), Commitment::RELEASED);
    EXPECT_EQ(GetCommitment(name).DebugString(), line.DebugString());
  }
}

TEST_F(EditionsTest, OnlyTwoEditionsOfOnePublisherAreCompared) {
  Promise(2022, "A", 1, "d1", "2022-06");
  AddPublisher("td");
  AddPlan("td");
  const auto field_of = [&](const std::string& from, const std::string& to) {
    return FieldOf(Refused(ToDiff(from, to), grpc::StatusCode::INVALID_ARGUMENT));
  };
  EXPECT_EQ(field_of("", Plan(2022)), "name");
  EXPECT_EQ(field_of("publishers/swd/plans/-", Plan(2022)), "name");
  EXPECT_EQ(field_of(Plan(2022), ""), "other_plan");
  EXPECT_EQ(field_of(Plan(2022), Line(2022, "a-1")), "other_plan");
  EXPECT_EQ(field_of(Plan(2022), Plan(2022)), "other_plan");
  EXPECT_EQ(field_of(Plan(2022), "publishers/td/plans/2022-2024"), "other_plan");
  for (const auto& request : {ToDiff(Plan(2022), Plan(2023)), ToDiff(Plan(2023), Plan(2022))}) {
    const grpc::Status status = Refused(request, grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), Plan(2023));
  }
  AddPlan("swd", 2023, 2025);
  Do(Named<almanac::v1::DeleteReleasePlanRequest>(Plan(2023)));
  Refused(ToDiff(Plan(2022), Plan(2023)), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace almanac::testing
