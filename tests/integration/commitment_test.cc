#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/catalogue_fixture.h"

namespace almanac::testing {
namespace {

using almanac::v1::BatchGetCommitmentsRequest;
using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::CreateCommitmentRequest;
using almanac::v1::DeleteCommitmentRequest;
using almanac::v1::DeleteDatasetRequest;
using almanac::v1::GetCommitmentRequest;
using almanac::v1::ListCommitmentsRequest;
using almanac::v1::ListCommitmentsResponse;
using almanac::v1::UndeleteCommitmentRequest;
using almanac::v1::UpdateCommitmentRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kD1[] = "publishers/swd/datasets/d1";
constexpr char kPlan[] = "publishers/swd/plans/2022-2024";
constexpr char kA1[] = "publishers/swd/plans/2022-2024/commitments/a-1";

std::string InPlan(const std::string& id) { return absl::StrCat(kPlan, "/commitments/", id); }

class CommitmentTest : public CatalogueTest {
 protected:
  CommitmentTest() {
    AddPublisher();
    AddDataset("d1");
    AddPlan();
  }

  Commitment AddA1() { return Do(NewLine("A", 1, kD1, "2022-06")); }

  static UpdateCommitmentRequest Update(const std::vector<std::string>& paths, const std::string& name = kA1) {
    UpdateCommitmentRequest request;
    request.mutable_commitment()->set_name(name);
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return request;
  }
};

// A line with every field that can be set, promised by a target.
CreateCommitmentRequest FullLine() {
  CreateCommitmentRequest request;
  request.set_parent(kPlan);
  request.set_commitment_id("outreach-teams");
  Commitment& line = *request.mutable_commitment();
  line.set_dataset(kD1);
  line.set_section("D");
  line.set_number(99999);
  (*line.mutable_titles())["zh-Hans-HK"] = "少数族裔外展队名单";
  (*line.mutable_categories())["zh-Hans-HK"] = "社会福利";
  (*line.mutable_remarks())["en"] = "Line 1\nLine 2\ttab \\ back \"quote\"";
  line.set_frequency(almanac::v1::AS_NEEDED);
  (*line.mutable_frequency_texts())["zh-Hans-HK"] = "在资料更新时";
  line.add_formats("CSV");
  line.add_formats("XML");
  auto* former = line.add_former_titles();
  former->set_language("zh-Hans-HK");
  former->set_text("外展队");
  line.set_discontinued(true);
  line.set_last_update_date("2021-Q4");
  line.set_target_date("2022-06");
  return request;
}

TEST_F(CommitmentTest, EveryFieldThatCanBeSetIsKept) {
  CreateCommitmentRequest request = FullLine();
  Commitment expected = request.commitment();
  // Output only: ignored.
  Commitment& line = *request.mutable_commitment();
  line.set_name("publishers/other/plans/other/commitments/other");
  line.set_state(Commitment::CANCELLED);
  line.set_first_target_date("2020");
  line.mutable_outcome()->mutable_against_first_target()->set_days(1);
  line.add_reschedules()->set_note("never happened");
  line.mutable_cancellation()->set_note("never happened");
  line.mutable_delete_time()->set_seconds(1);
  line.mutable_create_time()->set_seconds(1);
  line.set_etag("mine");
  line.set_revision(99);
  const Commitment created = Do(request);
  expected.set_name(InPlan("outreach-teams"));
  expected.set_state(Commitment::PLANNED);
  expected.set_first_target_date("2022-06");
  expected.set_original_target_date("2022-06");
  *expected.mutable_create_time() = created.create_time();
  *expected.mutable_update_time() = created.create_time();
  expected.set_revision(4);
  expected.set_etag(created.etag());
  EXPECT_GT(created.create_time().seconds(), 1);
  EXPECT_NE(created.etag(), "mine");
  EXPECT_EQ(created.DebugString(), expected.DebugString());
  EXPECT_EQ(GetCommitment(expected.name()).DebugString(), expected.DebugString());
}

TEST_F(CommitmentTest, WithoutAnIdSectionAndNumberGiveIt) {
  const Commitment created = Do(NewLine("D", 80, kD1, "2022"));
  EXPECT_EQ(created.name(), InPlan("d-80"));
  EXPECT_EQ(created.section(), "D");
}

TEST_F(CommitmentTest, WithoutTitlesItHasThoseOfItsDataset) {
  const Commitment created = AddA1();
  EXPECT_EQ(created.titles_size(), 1);
  EXPECT_EQ(created.titles().at("en"), "Dataset d1");
}

TEST_F(CommitmentTest, ALineListedAsReleasedHasNoTarget) {
  CreateCommitmentRequest request = NewLine("D", 79, kD1, "");
  request.mutable_commitment()->set_release_date("2020-06");
  const Commitment created = Do(request);
  EXPECT_EQ(created.state(), Commitment::RELEASED);
  EXPECT_EQ(created.release_date(), "2020-06");
  EXPECT_EQ(created.target_date(), "");
  EXPECT_EQ(created.first_target_date(), "");
  EXPECT_FALSE(created.has_outcome());
}

TEST_F(CommitmentTest, ALineListedAsReleasedDatesItsDatasetIfThatHasNoDate) {
  const auto listed = [](int number, const std::string& date) {
    CreateCommitmentRequest request = NewLine("D", number, kD1, "");
    request.mutable_commitment()->set_release_date(date);
    return request;
  };
  const Commitment created = Do(listed(1, "2020-06"));
  EXPECT_EQ(GetDataset(kD1).release_date(), "2020-06");
  const std::vector<Change> changes = ChangesAfter(created.revision());
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].resource(), kD1);
  EXPECT_THAT(changes[0].changed_fields(), ElementsAre("release_date"));
  const Commitment second = Do(listed(2, "2019"));
  EXPECT_EQ(GetDataset(kD1).release_date(), "2020-06");
  EXPECT_EQ(HeadRevision(), second.revision());
}

TEST_F(CommitmentTest, ALineIsEitherPromisedOrListedAsReleased) {
  CreateCommitmentRequest request = NewLine("A", 1, kD1, "");
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "commitment.target_date");
  request.mutable_commitment()->set_target_date("2022-06");
  request.mutable_commitment()->set_release_date("2022-06-01");
  const grpc::Status both = Refused(request, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(FieldOf(both), "commitment.release_date");
  EXPECT_THAT(both.error_message(), HasSubstr("ReleaseCommitment"));
}

TEST_F(CommitmentTest, ALiveDatasetOfThePublisherIsNeeded) {
  AddPublisher("ha");
  AddDataset("x", "ha");
  Do(Named<DeleteDatasetRequest>(kD1));
  for (const char* gone : {"publishers/swd/datasets/none", kD1}) {
    const grpc::Status status = Refused(NewLine("A", 1, gone, "2022-06"), grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), gone);
  }
  const grpc::Status foreign =
      Refused(NewLine("A", 1, "publishers/ha/datasets/x", "2022-06"), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(FieldOf(foreign), "commitment.dataset");
  EXPECT_THAT(foreign.error_message(), HasSubstr("another publisher"));
}

TEST_F(CommitmentTest, APlanIsNeeded) {
  const char plan[] = "publishers/swd/plans/1999-2001";
  const grpc::Status status = Refused(NewLine("A", 1, kD1, "2022-06", plan), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), plan);
}

TEST_F(CommitmentTest, ANumberIsGivenOnceInASection) {
  AddA1();
  AddPlan("swd", 2025, 2027);
  CreateCommitmentRequest request = NewLine("A", 1, kD1, "2022-06");
  request.set_commitment_id("another");
  const grpc::Status status = Refused(request, grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(ReasonOf(status), "NUMBER_TAKEN");
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), kA1);
  // Another section, another plan, and the number of a deleted line are free.
  Do(NewLine("B", 1, kD1, "2022-06"));
  Do(NewLine("A", 1, kD1, "2025-06", "publishers/swd/plans/2025-2027"));
  Do(Named<DeleteCommitmentRequest>(kA1));
  EXPECT_EQ(Do(request).name(), InPlan("another"));
}

TEST_F(CommitmentTest, ANameIsGivenOnce) {
  AddA1();
  CreateCommitmentRequest request = NewLine("A", 2, kD1, "2022-06");
  request.set_commitment_id("a-1");
  const grpc::Status status = Refused(request, grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(ReasonOf(status), "RESOURCE_ALREADY_EXISTS");
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), kA1);
  Do(Named<DeleteCommitmentRequest>(kA1));
  EXPECT_EQ(ReasonOf(Refused(request, grpc::StatusCode::ALREADY_EXISTS)), "RESOURCE_ALREADY_EXISTS");
}

TEST_F(CommitmentTest, AnUnknownOneIsNotFoundByName) {
  const auto expect_not_found = [&](const auto& request) {
    const grpc::Status status = Refused(request, grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(ReasonOf(status), "RESOURCE_NOT_FOUND");
    EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), kA1);
  };
  expect_not_found(Named<GetCommitmentRequest>(kA1));
  expect_not_found(Update({"number"}));
  expect_not_found(Named<DeleteCommitmentRequest>(kA1));
  expect_not_found(Named<UndeleteCommitmentRequest>(kA1));
  expect_not_found(ToMove(kA1, "2022-09"));
  expect_not_found(ToConfirm(kA1, "2022-06-01"));
  expect_not_found(ToRelease(kA1, "2022-06-01"));
  expect_not_found(ToCancel(kA1));
}

TEST_F(CommitmentTest, ABatchKeepsItsOrderAndNamesTheFirstThatIsMissing) {
  for (int number = 1; number <= 3; ++number) Do(NewLine("A", number, kD1, "2022-06"));
  Do(Named<DeleteCommitmentRequest>(InPlan("a-2")));
  BatchGetCommitmentsRequest request;
  for (const char* id : {"a-3", "a-1", "a-2", "a-1"}) request.add_names(InPlan(id));
  const auto found = Do(request).commitments();
  ASSERT_THAT(found, SizeIs(4));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(found[i].DebugString(), GetCommitment(request.names(i)).DebugString());
  for (const char* id : {"missing-2", "missing-1"}) request.add_names(InPlan(id));
  const grpc::Status status = Refused(request, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), InPlan("missing-2"));
}

TEST_F(CommitmentTest, PagesFollowSectionAndNumber) {
  AddPlan("swd", 2025, 2027);
  Do(NewLine("A", 1, kD1, "2025", "publishers/swd/plans/2025-2027"));
  AddPublisher("ha");
  AddDataset("x", "ha");
  AddPlan("ha");
  Do(NewLine("Z", 5, "publishers/ha/datasets/x", "2022", "publishers/ha/plans/2022-2024"));
  for (const int number : {100, 10, 1, 9}) Do(NewLine("B", number, kD1, "2022"));
  Do(NewLine("A", 11, kD1, "2022"));
  CreateCommitmentRequest odd = NewLine("A", 2, kD1, "2022");
  odd.set_commitment_id("zz");
  Do(odd);
  const std::vector<std::string> of_plan = {InPlan("zz"),  InPlan("a-11"), InPlan("b-1"),
                                            InPlan("b-9"), InPlan("b-10"), InPlan("b-100")};
  const std::string of_ha = "publishers/ha/plans/2022-2024/commitments/z-5";
  const std::string of_next = "publishers/swd/plans/2025-2027/commitments/a-1";
  std::vector<std::string> of_swd = of_plan;
  of_swd.push_back(of_next);
  std::vector<std::string> of_years = of_plan;
  of_years.insert(of_years.begin(), of_ha);
  std::vector<std::string> of_all = of_years;
  of_all.push_back(of_next);
  for (int size = 1; size <= 9; ++size) {
    const auto names = [&](const char* parent) {
      return NamesInPages(Named<ListCommitmentsRequest>(parent), size, &ListCommitmentsResponse::commitments);
    };
    EXPECT_EQ(names(kPlan), of_plan);
    EXPECT_EQ(names("publishers/swd/plans/-"), of_swd);
    EXPECT_EQ(names("publishers/-/plans/2022-2024"), of_years);
    EXPECT_EQ(names("publishers/-/plans/-"), of_all);
  }
  for (const char* parent : {"publishers/swd/plans/1999", "publishers/nobody/plans/-"}) {
    Refused(Named<ListCommitmentsRequest>(parent), grpc::StatusCode::NOT_FOUND);
  }
}

TEST_F(CommitmentTest, ATokenBelongsToItsList) {
  for (int number = 1; number <= 3; ++number) Do(NewLine("A", number, kD1, "2022-06"));
  auto request = Named<ListCommitmentsRequest>(kPlan);
  request.set_page_size(1);
  request.set_page_token(Do(request).next_page_token());
  request.set_page_size(2);
  EXPECT_EQ(Do(request).commitments_size(), 2);
  request.set_show_deleted(true);
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "page_token");
  request.set_show_deleted(false);
  request.set_parent("publishers/swd/plans/-");
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "page_token");
}

TEST_F(CommitmentTest, AMaskNamesWhatIsSet) {
  const Commitment before = Do(FullLine());
  AddDataset("d2");
  UpdateCommitmentRequest request = Update({"dataset", "section", "number", "remarks", "formats"}, before.name());
  Commitment& patch = *request.mutable_commitment();
  patch.set_dataset("publishers/swd/datasets/d2");
  patch.set_section("A");
  patch.set_number(5);
  (*patch.mutable_remarks())["zh-Hans-HK"] = "新";
  patch.set_target_date("2023");  // not in the mask
  const Commitment after = Do(request);
  Commitment expected = before;  // its name too: it stays when the line is renumbered
  expected.set_dataset("publishers/swd/datasets/d2");
  expected.set_section("A");
  expected.set_number(5);
  expected.mutable_remarks()->clear();
  (*expected.mutable_remarks())["zh-Hans-HK"] = "新";
  expected.clear_formats();
  *expected.mutable_update_time() = after.update_time();
  expected.set_revision(before.revision() + 2);
  expected.set_etag(after.etag());
  EXPECT_EQ(after.DebugString(), expected.DebugString());
  EXPECT_EQ(GetCommitment(before.name()).DebugString(), after.DebugString());
  const Change change = ChangesAfter(after.revision() - 1).at(0);
  EXPECT_EQ(change.type(), Change::UPDATED);
  EXPECT_THAT(change.changed_fields(), ElementsAre("dataset", "formats", "number", "remarks", "section"));
  EXPECT_EQ(change.before().commitment().DebugString(), before.DebugString());
  EXPECT_EQ(change.after().commitment().DebugString(), after.DebugString());
}

TEST_F(CommitmentTest, WhatWasReadCanBeChangedAndWrittenBack) {
  AddA1();
  Do(ToMove(kA1, "2022-09"));
  UpdateCommitmentRequest request;
  *request.mutable_commitment() = GetCommitment(kA1);
  request.mutable_commitment()->set_discontinued(true);
  const Commitment after = Do(request);
  EXPECT_TRUE(after.discontinued());
  EXPECT_EQ(after.first_target_date(), "2022-06");
  EXPECT_EQ(after.reschedules_size(), 1);
}

TEST_F(CommitmentTest, AnUpdateKeepsTheRulesOfALine) {
  AddA1();
  Do(NewLine("A", 2, kD1, "2022-06"));
  UpdateCommitmentRequest request = Update({"number"});
  request.mutable_commitment()->set_number(2);
  EXPECT_EQ(ReasonOf(Refused(request, grpc::StatusCode::ALREADY_EXISTS)), "NUMBER_TAKEN");
  request = Update({"dataset"});
  request.mutable_commitment()->set_dataset("publishers/swd/datasets/none");
  Refused(request, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(FieldOf(Refused(Update({"target_date"}), grpc::StatusCode::INVALID_ARGUMENT)), "commitment.target_date");
  for (const char* path : {"nonsense", "name", "state", "first_target_date", "outcome", "reschedules", "cancellation",
                           "delete_time", "etag", "revision"}) {
    const grpc::Status status = Refused(Update({path}), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(FieldOf(status), "update_mask");
    EXPECT_THAT(status.error_message(), HasSubstr(path));
  }
}

TEST_F(CommitmentTest, TheTargetOfADraftIsEditedUntilSomethingHappensToIt) {
  AddA1();
  UpdateCommitmentRequest request = Update({"target_date"});
  request.mutable_commitment()->set_target_date("2022-07");
  const Commitment edited = Do(request);
  EXPECT_EQ(edited.target_date(), "2022-07");
  EXPECT_EQ(edited.first_target_date(), "2022-07");
  EXPECT_EQ(edited.reschedules_size(), 0);
  Do(ToMove(kA1, "2022-09"));
  request.mutable_commitment()->set_target_date("2022-08");
  EXPECT_THAT(Barred(request, "HAS_HISTORY").error_message(), HasSubstr("reschedule"));
  UpdateCommitmentRequest other = Update({"number"});
  other.mutable_commitment()->set_number(4);
  const Commitment after = Do(other);
  EXPECT_EQ(after.number(), 4);
  EXPECT_EQ(after.first_target_date(), "2022-07");
  EXPECT_EQ(after.target_date(), "2022-09");
  EXPECT_EQ(after.reschedules_size(), 1);
}

TEST_F(CommitmentTest, AStaleEtagChangesNothing) {
  const Commitment created = AddA1();
  UpdateCommitmentRequest update = Update({"number"});
  update.mutable_commitment()->set_number(2);
  update.mutable_commitment()->set_etag(created.etag());
  const Commitment updated = Do(update);
  const grpc::Status stale = Refused(update, grpc::StatusCode::ABORTED);
  EXPECT_EQ(ReasonOf(stale), "ETAG_MISMATCH");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(stale).metadata().at("etag"), updated.etag());
  const Commitment deleted = DoWithEtag(Named<DeleteCommitmentRequest>(kA1), created.etag(), updated.etag());
  DoWithEtag(Named<UndeleteCommitmentRequest>(kA1), updated.etag(), deleted.etag());
}

TEST_F(CommitmentTest, DeletingIsSoftAndUndone) {
  const Commitment created = AddA1();
  const Commitment deleted = Do(Named<DeleteCommitmentRequest>(kA1));
  EXPECT_TRUE(deleted.has_delete_time());
  EXPECT_EQ(GetCommitment(kA1).DebugString(), deleted.DebugString());
  auto list = Named<ListCommitmentsRequest>(kPlan);
  EXPECT_THAT(Do(list).commitments(), SizeIs(0));
  list.set_show_deleted(true);
  EXPECT_THAT(Do(list).commitments(), SizeIs(1));
  Refused(Named<DeleteCommitmentRequest>(kA1), grpc::StatusCode::NOT_FOUND);
  Refused(Update({"remarks"}), grpc::StatusCode::NOT_FOUND);

  const Commitment undeleted = Do(Named<UndeleteCommitmentRequest>(kA1));
  EXPECT_FALSE(undeleted.has_delete_time());
  EXPECT_EQ(GetCommitment(kA1).DebugString(), undeleted.DebugString());
  Refused(Named<UndeleteCommitmentRequest>(kA1), grpc::StatusCode::ALREADY_EXISTS);
  const std::vector<Change> changes = ChangesAfter(created.revision());
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].type(), Change::DELETED);
  EXPECT_EQ(changes[1].type(), Change::UNDELETED);
  EXPECT_THAT(changes[1].changed_fields(), ElementsAre("delete_time"));
}

TEST_F(CommitmentTest, OneWhoseNumberOrDatasetIsGoneDoesNotComeBack) {
  AddA1();
  AddDataset("d2");
  Do(Named<DeleteCommitmentRequest>(kA1));
  CreateCommitmentRequest other = NewLine("A", 1, "publishers/swd/datasets/d2", "2022-06");
  other.set_commitment_id("other");
  Do(other);
  const grpc::Status taken = Refused(Named<UndeleteCommitmentRequest>(kA1), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(ReasonOf(taken), "NUMBER_TAKEN");
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(taken).resource_name(), InPlan("other"));
  Do(Named<DeleteCommitmentRequest>(InPlan("other")));
  Do(Named<DeleteDatasetRequest>(kD1));
  const grpc::Status gone = Barred(Named<UndeleteCommitmentRequest>(kA1), "DATASET_DELETED");
  EXPECT_THAT(gone.error_message(), HasSubstr(kD1));
  Do(Named<almanac::v1::UndeleteDatasetRequest>(kD1));
  EXPECT_FALSE(Do(Named<UndeleteCommitmentRequest>(kA1)).has_delete_time());
}

}  // namespace
}  // namespace almanac::testing
