#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/catalogue_fixture.h"

namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::CreateReleasePlanRequest;
using almanac::v1::DeleteCommitmentRequest;
using almanac::v1::DeleteDatasetRequest;
using almanac::v1::DeletePublisherRequest;
using almanac::v1::DeleteReleasePlanRequest;
using almanac::v1::GetReleasePlanRequest;
using almanac::v1::ListCommitmentsRequest;
using almanac::v1::ListReleasePlansRequest;
using almanac::v1::ListReleasePlansResponse;
using almanac::v1::PublishPlanRequest;
using almanac::v1::ReleasePlan;
using almanac::v1::UndeleteCommitmentRequest;
using almanac::v1::UndeleteReleasePlanRequest;
using almanac::v1::UpdateCommitmentRequest;
using almanac::v1::UpdateReleasePlanRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPlan[] = "publishers/swd/plans/2022-2024";
constexpr char kA1[] = "publishers/swd/plans/2022-2024/commitments/a-1";
constexpr char kA2[] = "publishers/swd/plans/2022-2024/commitments/a-2";

class PlanTest : public CatalogueTest {
 protected:
  PlanTest() { AddPublisher(); }

  static CreateReleasePlanRequest NewPlan(const std::string& id = "") {
    CreateReleasePlanRequest request;
    request.set_parent("publishers/swd");
    request.set_release_plan_id(id);
    request.mutable_release_plan()->mutable_period()->set_start_year(2022);
    request.mutable_release_plan()->mutable_period()->set_end_year(2024);
    return request;
  }

  static UpdateReleasePlanRequest Update(const std::vector<std::string>& paths) {
    UpdateReleasePlanRequest request;
    request.mutable_release_plan()->set_name(kPlan);
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return request;
  }

  static DeleteReleasePlanRequest ToDelete(bool force = true) {
    DeleteReleasePlanRequest request = Named<DeleteReleasePlanRequest>(kPlan);
    request.set_force(force);
    return request;
  }
};

TEST_F(PlanTest, EveryFieldThatCanBeSetIsKept) {
  CreateReleasePlanRequest request = NewPlan("first");
  ReleasePlan& plan = *request.mutable_release_plan();
  (*plan.mutable_titles())["en"] = "Open data plan";
  (*plan.mutable_titles())["zh-Hans-HK"] = "开放数据计划 \"\\'{}\n";
  plan.set_published_on("2021-12");
  auto* full = plan.add_sections();
  full->set_code("A");
  (*full->mutable_titles())["en"] = "To be released in 2022";
  (*full->mutable_notes())["zh-Hans-HK"] = "社会福利署";
  auto* empty = plan.add_sections();
  empty->set_code("C");
  empty->set_not_applicable(true);
  ReleasePlan expected = plan;
  // Output only: ignored.
  plan.set_name("publishers/other/plans/other");
  plan.set_state(ReleasePlan::PUBLISHED);
  plan.set_etag("mine");
  plan.set_revision(99);
  for (auto* time : {plan.mutable_publish_time(), plan.mutable_create_time(), plan.mutable_delete_time()})
    time->set_seconds(1);
  const ReleasePlan created = Do(request);
  expected.set_name("publishers/swd/plans/first");
  expected.set_state(ReleasePlan::DRAFT);
  *expected.mutable_create_time() = created.create_time();
  *expected.mutable_update_time() = created.create_time();
  expected.set_revision(2);
  expected.set_etag(created.etag());
  EXPECT_GT(created.create_time().seconds(), 1);
  EXPECT_NE(created.etag(), "mine");
  EXPECT_EQ(created.DebugString(), expected.DebugString());
  EXPECT_EQ(GetPlan(expected.name()).DebugString(), expected.DebugString());
}

TEST_F(PlanTest, WithoutAnIdThePeriodGivesIt) {
  const ReleasePlan plan = Do(NewPlan());
  EXPECT_EQ(plan.name(), kPlan);
  EXPECT_EQ(plan.state(), ReleasePlan::DRAFT);
  EXPECT_FALSE(plan.has_publish_time());
  EXPECT_EQ(plan.sections_size(), 0);
  EXPECT_EQ(plan.published_on(), "");
}

TEST_F(PlanTest, ANameIsGivenOnce) {
  Do(NewPlan());
  const grpc::Status status = Refused(NewPlan("2022-2024"), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(ReasonOf(status), "RESOURCE_ALREADY_EXISTS");
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), kPlan);
  Do(ToDelete());
  Refused(NewPlan(), grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(PlanTest, ALivePublisherIsNeeded) {
  CreateReleasePlanRequest request = NewPlan();
  request.set_parent("publishers/nobody");
  const grpc::Status status = Refused(request, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), "publishers/nobody");
  Do(Named<DeletePublisherRequest>("publishers/swd"));
  Refused(NewPlan(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(PlanTest, AnUnknownOneIsNotFoundByName) {
  const auto expect_not_found = [&](const auto& request) {
    const grpc::Status status = Refused(request, grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(ReasonOf(status), "RESOURCE_NOT_FOUND");
    EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), kPlan);
  };
  expect_not_found(Named<GetReleasePlanRequest>(kPlan));
  expect_not_found(Update({"titles"}));
  expect_not_found(ToDelete());
  expect_not_found(Named<UndeleteReleasePlanRequest>(kPlan));
  expect_not_found(Named<PublishPlanRequest>(kPlan));
  expect_not_found(Named<almanac::v1::GetProgressRequest>(kPlan));
}

TEST_F(PlanTest, PagesOfAnySizeCoverTheListOnceInOrder) {
  for (const int year : {2025, 2022, 2019}) AddPlan("swd", year, year + 2);
  AddPublisher("ha");
  AddPlan("ha");
  AddPublisher("td");
  AddPlan("td");
  const auto of_one = Named<ListReleasePlansRequest>("publishers/swd");
  const auto of_all = Named<ListReleasePlansRequest>("publishers/-");
  for (int size = 1; size <= 6; ++size) {
    EXPECT_THAT(NamesInPages(of_one, size, &ListReleasePlansResponse::release_plans),
                ElementsAre("publishers/swd/plans/2019-2021", kPlan, "publishers/swd/plans/2025-2027"));
    EXPECT_THAT(NamesInPages(of_all, size, &ListReleasePlansResponse::release_plans),
                ElementsAre("publishers/ha/plans/2022-2024", "publishers/swd/plans/2019-2021", kPlan,
                            "publishers/swd/plans/2025-2027", "publishers/td/plans/2022-2024"));
  }
}

TEST_F(PlanTest, DeletedOnesAreShownOnRequest) {
  AddPlan("swd", 2019, 2021);
  AddPlan();
  const ReleasePlan deleted = Do(ToDelete(/*force=*/false));
  EXPECT_TRUE(deleted.has_delete_time());
  EXPECT_EQ(GetPlan(kPlan).DebugString(), deleted.DebugString());
  for (const char* parent : {"publishers/swd", "publishers/-"}) {
    auto request = Named<ListReleasePlansRequest>(parent);
    EXPECT_THAT(NamesInPages(request, 1, &ListReleasePlansResponse::release_plans),
                ElementsAre("publishers/swd/plans/2019-2021"));
    request.set_show_deleted(true);
    EXPECT_THAT(NamesInPages(request, 1, &ListReleasePlansResponse::release_plans),
                ElementsAre("publishers/swd/plans/2019-2021", kPlan));
  }
}

TEST_F(PlanTest, AMaskNamesWhatIsSet) {
  CreateReleasePlanRequest creation = NewPlan();
  (*creation.mutable_release_plan()->mutable_titles())["en"] = "Old";
  creation.mutable_release_plan()->set_published_on("2021-12");
  const ReleasePlan before = Do(creation);
  UpdateReleasePlanRequest request = Update({"titles", "published_on"});
  (*request.mutable_release_plan()->mutable_titles())["zh-Hans-HK"] = "新";
  request.mutable_release_plan()->mutable_period()->set_start_year(1999);  // not in the mask
  const ReleasePlan after = Do(request);
  ReleasePlan expected = before;
  expected.mutable_titles()->clear();
  (*expected.mutable_titles())["zh-Hans-HK"] = "新";
  expected.clear_published_on();
  *expected.mutable_update_time() = after.update_time();
  expected.set_revision(before.revision() + 1);
  expected.set_etag(after.etag());
  EXPECT_EQ(after.DebugString(), expected.DebugString());
  EXPECT_NE(after.etag(), before.etag());
  EXPECT_EQ(GetPlan(kPlan).DebugString(), after.DebugString());
}

TEST_F(PlanTest, WhatWasReadCanBeChangedAndWrittenBack) {
  ReleasePlan plan = AddPlan();
  plan.set_published_on("2021-Q4");
  plan.add_sections()->set_code("A");
  UpdateReleasePlanRequest request;
  *request.mutable_release_plan() = plan;
  const ReleasePlan after = Do(request);
  EXPECT_EQ(after.published_on(), "2021-Q4");
  EXPECT_EQ(after.sections_size(), 1);
  EXPECT_EQ(after.period().DebugString(), plan.period().DebugString());
}

TEST_F(PlanTest, AStarReplacesEverythingAndIsCheckedAsAWhole) {
  CreateReleasePlanRequest creation = NewPlan();
  (*creation.mutable_release_plan()->mutable_titles())["en"] = "Old";
  Do(creation);
  UpdateReleasePlanRequest request = Update({"*"});
  request.mutable_release_plan()->set_published_on("2021");
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "release_plan.period");
  request.mutable_release_plan()->mutable_period()->set_start_year(2022);
  request.mutable_release_plan()->mutable_period()->set_end_year(2025);
  const ReleasePlan after = Do(request);
  EXPECT_EQ(after.name(), kPlan);
  EXPECT_EQ(after.published_on(), "2021");
  EXPECT_EQ(after.period().end_year(), 2025);
  EXPECT_EQ(after.titles_size(), 0);
}

TEST_F(PlanTest, UnknownAndOutputOnlyPathsAreRefused) {
  AddPlan();
  for (const char* path : {"nonsense", "name", "state", "publish_time", "create_time", "update_time", "delete_time",
                           "etag", "revision", "period.start_year"}) {
    const grpc::Status status = Refused(Update({path}), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(FieldOf(status), "update_mask");
    EXPECT_THAT(status.error_message(), HasSubstr(path));
  }
}

TEST_F(PlanTest, AnUpdateThatChangesNothingUsesNoRevision) {
  const ReleasePlan before = AddPlan();
  UpdateReleasePlanRequest request = Update({"period"});
  *request.mutable_release_plan()->mutable_period() = before.period();
  EXPECT_EQ(Do(request).DebugString(), before.DebugString());
  EXPECT_EQ(HeadRevision(), before.revision());
}

TEST_F(PlanTest, AStaleEtagChangesNothing) {
  const ReleasePlan created = AddPlan();
  AddLine("A", 1, "2022-06");
  UpdateReleasePlanRequest update = Update({"published_on"});
  update.mutable_release_plan()->set_published_on("2021");
  update.mutable_release_plan()->set_etag("\"1\"");
  Refused(update, grpc::StatusCode::ABORTED);
  update.mutable_release_plan()->set_etag(created.etag());
  const ReleasePlan updated = Do(update);
  const grpc::Status stale = Refused(update, grpc::StatusCode::ABORTED);
  EXPECT_EQ(ReasonOf(stale), "ETAG_MISMATCH");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(stale).metadata().at("etag"), updated.etag());
  const ReleasePlan deleted = DoWithEtag(ToDelete(), created.etag(), updated.etag());
  const ReleasePlan undeleted = DoWithEtag(Named<UndeleteReleasePlanRequest>(kPlan), updated.etag(), deleted.etag());
  DoWithEtag(Named<PublishPlanRequest>(kPlan), deleted.etag(), undeleted.etag());
}

TEST_F(PlanTest, OneWithLinesIsDeletedByForceAndComesBackWithThem) {
  AddPlan();
  AddLine("A", 1, "2022-06");
  AddLine("A", 2, "2022-06");
  const Commitment gone = Do(Named<DeleteCommitmentRequest>(kA2));
  const grpc::Status status = Barred(ToDelete(/*force=*/false), "HAS_CHILDREN");
  EXPECT_THAT(status.error_message(), HasSubstr("force"));

  int64_t head = HeadRevision();
  EXPECT_TRUE(Do(ToDelete()).has_delete_time());
  EXPECT_TRUE(GetCommitment(kA1).has_delete_time());
  EXPECT_THAT(Do(Named<ListCommitmentsRequest>(kPlan)).commitments(), IsEmpty());
  std::vector<Change> changes = ChangesAfter(head);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].resource(), kA1);
  EXPECT_EQ(changes[1].resource(), kPlan);
  for (const Change& change : changes) {
    EXPECT_EQ(change.type(), Change::DELETED);
    EXPECT_THAT(change.changed_fields(), ElementsAre("delete_time"));
    EXPECT_EQ(change.request_id(), changes[0].request_id());
  }
  EXPECT_FALSE(changes[0].last_of_write());
  EXPECT_TRUE(changes[1].last_of_write());

  head = HeadRevision();
  EXPECT_FALSE(Do(Named<UndeleteReleasePlanRequest>(kPlan)).has_delete_time());
  EXPECT_FALSE(GetCommitment(kA1).has_delete_time());
  EXPECT_EQ(GetCommitment(kA2).DebugString(), gone.DebugString());
  changes = ChangesAfter(head);
  ASSERT_THAT(changes, SizeIs(2));
  for (const Change& change : changes) EXPECT_EQ(change.type(), Change::UNDELETED);
}

TEST_F(PlanTest, ALineDeletedByItselfStaysDeletedThoughTheClockStoodStill) {
  database_.SetClock(absl::Now());
  AddPlan();
  AddLine("A", 1, "2022-06");
  AddLine("A", 2, "2022-06");
  Do(Named<DeleteCommitmentRequest>(kA2));
  Do(ToDelete());
  Do(Named<UndeleteReleasePlanRequest>(kPlan));
  EXPECT_FALSE(GetCommitment(kA1).has_delete_time());
  EXPECT_TRUE(GetCommitment(kA2).has_delete_time());
}

TEST_F(PlanTest, NothingHappensToADeletedOne) {
  AddPlan();
  AddLine("A", 1, "2022-06");
  Do(ToDelete());
  Refused(ToDelete(), grpc::StatusCode::NOT_FOUND);
  Refused(Update({"titles"}), grpc::StatusCode::NOT_FOUND);
  Refused(Named<PublishPlanRequest>(kPlan), grpc::StatusCode::NOT_FOUND);
  Refused(Named<almanac::v1::GetProgressRequest>(kPlan), grpc::StatusCode::NOT_FOUND);
  Refused(NewLine("A", 2, "publishers/swd/datasets/a-1", "2022-06"), grpc::StatusCode::NOT_FOUND);
  Refused(ToMove(kA1, "2022-09"), grpc::StatusCode::NOT_FOUND);
  Barred(Named<UndeleteCommitmentRequest>(kA1), "PARENT_DELETED");
}

TEST_F(PlanTest, OnlyADeletedOneComesBackAndOnlyToALivePublisher) {
  AddPlan();
  Refused(Named<UndeleteReleasePlanRequest>(kPlan), grpc::StatusCode::ALREADY_EXISTS);
  Do(ToDelete());
  Do(Named<DeletePublisherRequest>("publishers/swd"));
  const grpc::Status status = Barred(Named<UndeleteReleasePlanRequest>(kPlan), "PARENT_DELETED");
  EXPECT_THAT(status.error_message(), HasSubstr("publishers/swd"));
  Do(Named<almanac::v1::UndeletePublisherRequest>("publishers/swd"));
  Do(Named<UndeleteReleasePlanRequest>(kPlan));
}

TEST_F(PlanTest, OneWhoseDatasetsWereDeletedDoesNotComeBack) {
  AddPlan();
  AddLine("A", 1, "2022-06");
  Do(ToDelete());
  Do(Named<DeleteDatasetRequest>("publishers/swd/datasets/a-1"));
  const grpc::Status status = Barred(Named<UndeleteReleasePlanRequest>(kPlan), "DATASET_DELETED");
  EXPECT_THAT(status.error_message(), HasSubstr("publishers/swd/datasets/a-1"));
  EXPECT_TRUE(GetPlan(kPlan).has_delete_time());
}

TEST_F(PlanTest, PublishingNeedsALine) {
  AddPlan();
  EXPECT_THAT(Barred(Named<PublishPlanRequest>(kPlan), "PLAN_EMPTY").error_message(), HasSubstr("no lines"));
  AddLine("A", 1, "2022-06");
  Do(Named<DeleteCommitmentRequest>(kA1));
  Barred(Named<PublishPlanRequest>(kPlan), "PLAN_EMPTY");
}

TEST_F(PlanTest, PublishingIsOneChangeOfThePlan) {
  AddPlan();
  const Commitment line = AddLine("A", 1, "2022-06");
  const ReleasePlan draft = GetPlan(kPlan);
  const ReleasePlan published = Do(Named<PublishPlanRequest>(kPlan));
  EXPECT_EQ(published.state(), ReleasePlan::PUBLISHED);
  EXPECT_EQ(published.publish_time().DebugString(), published.update_time().DebugString());
  EXPECT_EQ(GetPlan(kPlan).DebugString(), published.DebugString());
  EXPECT_EQ(GetCommitment(kA1).DebugString(), line.DebugString());
  const std::vector<Change> changes = ChangesAfter(line.revision());
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].type(), Change::PUBLISHED);
  EXPECT_EQ(changes[0].actor(), "tester");
  EXPECT_THAT(changes[0].changed_fields(), ElementsAre("publish_time", "state"));
  EXPECT_EQ(changes[0].before().release_plan().DebugString(), draft.DebugString());
  EXPECT_EQ(changes[0].after().release_plan().DebugString(), published.DebugString());
}

TEST_F(PlanTest, APublishedOneSaysWhatItSaid) {
  AddPlan();
  AddLine("A", 1, "2022-06");
  AddLine("A", 2, "2022-06");
  Do(Named<DeleteCommitmentRequest>(kA2));
  Do(Named<PublishPlanRequest>(kPlan));
  UpdateReleasePlanRequest update = Update({"published_on"});
  update.mutable_release_plan()->set_published_on("2021");
  UpdateCommitmentRequest edit;
  edit.mutable_commitment()->set_name(kA1);
  edit.mutable_commitment()->set_number(7);
  for (const grpc::Status& status :
       {Barred(update, "PLAN_PUBLISHED"), Barred(ToDelete(), "PLAN_PUBLISHED"),
        Barred(Named<PublishPlanRequest>(kPlan), "PLAN_PUBLISHED"),
        Barred(NewLine("A", 3, "publishers/swd/datasets/a-1", "2022-06"), "PLAN_PUBLISHED"),
        Barred(edit, "PLAN_PUBLISHED"), Barred(Named<DeleteCommitmentRequest>(kA1), "PLAN_PUBLISHED"),
        Barred(Named<UndeleteCommitmentRequest>(kA2), "PLAN_PUBLISHED")}) {
    EXPECT_THAT(status.error_message(), HasSubstr(absl::StrCat(kPlan, " is published")));
  }
  // What becomes of its promises is recorded nevertheless.
  EXPECT_EQ(Do(ToMove(kA1, "2022-09")).target_date(), "2022-09");
}

}  // namespace
}  // namespace almanac::testing
