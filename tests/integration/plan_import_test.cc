#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/documents/plan_text.h"
#include "tests/integration/catalogue_fixture.h"

// ImportPlan, on the sample plan and copies of it that were edited.
namespace almanac::testing {
namespace {

using almanac::v1::CancelCommitmentRequest;
using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::ConfirmCommitmentRequest;
using almanac::v1::CreateDatasetRequest;
using almanac::v1::Dataset;
using almanac::v1::DocumentCommitment;
using almanac::v1::ImportedLine;
using almanac::v1::ImportPlanRequest;
using almanac::v1::ImportPlanResponse;
using almanac::v1::ListCommitmentsRequest;
using almanac::v1::ListDatasetsRequest;
using almanac::v1::PlanDocument;
using almanac::v1::PublishPlanRequest;
using almanac::v1::ReleaseCommitmentRequest;
using almanac::v1::RescheduleCommitmentRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPlan[] = "publishers/swd/plans/2022-2024";
constexpr char kA1[] = "publishers/swd/plans/2022-2024/commitments/a-1";
constexpr char kLanguage[] = "zh-Hans-HK";
constexpr int kLines = 88;

PlanDocument SamplePlan() {
  std::ifstream file(ALMANAC_TEST_DATA "/swd-2022-2024.zh-Hans.txt");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto document = client::ParsePlan(text);
  EXPECT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->commitments_size(), kLines);
  return *document;
}

ImportPlanRequest Request(const PlanDocument& document, bool validate_only = false) {
  ImportPlanRequest request;
  request.set_parent("publishers/swd");
  *request.mutable_document() = document;
  request.set_validate_only(validate_only);
  return request;
}

// "ADDED A1 title" and so on, with the fields that differ.
std::string Summary(const ImportedLine& line) {
  std::string summary = absl::StrCat(ImportedLine::Action_Name(line.action()), " ", line.title());
  for (const auto& field : line.fields())
    absl::StrAppend(&summary, " ", field.field(), " ", field.before(), ">", field.after());
  return summary;
}

std::vector<std::string> Summaries(const ImportPlanResponse& response) {
  std::vector<std::string> summaries;
  for (const ImportedLine& line : response.lines()) summaries.push_back(Summary(line));
  return summaries;
}

class PlanImportTest : public CatalogueTest {
 protected:
  // The line of the document; its first line is A1.
  DocumentCommitment& Line(const std::string& section, int number) {
    for (DocumentCommitment& line : *document_.mutable_commitments()) {
      if (line.section() == section && line.number() == number) return line;
    }
    ADD_FAILURE() << "no line " << section << number;
    return *document_.mutable_commitments(0);
  }

  void RemoveLine(const std::string& section, int number) {
    auto& lines = *document_.mutable_commitments();
    for (int i = 0; i < lines.size(); ++i) {
      if (lines[i].section() == section && lines[i].number() == number) {
        lines.erase(lines.begin() + i);
        return;
      }
    }
    ADD_FAILURE() << "no line " << section << number;
  }

  ImportPlanResponse Import(bool validate_only = false) { return Do(Request(document_, validate_only)); }

  std::vector<Commitment> Commitments(bool show_deleted = false) {
    ListCommitmentsRequest request = Named<ListCommitmentsRequest>(kPlan);
    request.set_page_size(1000);
    request.set_show_deleted(show_deleted);
    const auto response = Do(request);
    return {response.commitments().begin(), response.commitments().end()};
  }

  std::vector<Dataset> Datasets() {
    ListDatasetsRequest request = Named<ListDatasetsRequest>("publishers/swd");
    request.set_page_size(1000);
    const auto response = Do(request);
    return {response.datasets().begin(), response.datasets().end()};
  }

  // Imports and expects that nothing is left to do.
  void ExpectUnchanged() {
    const int64_t head = HeadRevision();
    const ImportPlanResponse response = Import();
    EXPECT_THAT(Summaries(response), IsEmpty());
    EXPECT_EQ(response.unchanged_count(), document_.commitments_size());
    EXPECT_EQ(response.revision(), 0);
    EXPECT_EQ(HeadRevision(), head);
  }

  PlanDocument document_ = SamplePlan();
};

TEST_F(PlanImportTest, TheSamplePlanBecomesACatalogue) {
  const ImportPlanResponse response = Import();
  EXPECT_TRUE(response.publisher_created());
  EXPECT_TRUE(response.plan_created());
  EXPECT_EQ(response.added_count(), kLines);
  EXPECT_EQ(response.changed_count() + response.removed_count() + response.unchanged_count(), 0);
  // The publisher, the plan, and a dataset and a commitment for each line.
  EXPECT_EQ(response.revision(), 1 + 1 + kLines + kLines);
  EXPECT_EQ(HeadRevision(), response.revision());
  ASSERT_EQ(response.lines_size(), kLines);
  for (int i = 0; i < kLines; ++i) {
    EXPECT_EQ(response.lines(i).action(), ImportedLine::ADDED);
    EXPECT_EQ(response.lines(i).title(), document_.commitments(i).title());
    EXPECT_EQ(response.lines(i).line(), document_.commitments(i).line());
  }

  EXPECT_EQ(GetPublisher("publishers/swd").titles().at(kLanguage), "社会福利署");
  const auto plan = GetPlan(kPlan);
  EXPECT_EQ(plan.DebugString(), response.release_plan().DebugString());
  EXPECT_EQ(plan.state(), almanac::v1::ReleasePlan::DRAFT);
  EXPECT_EQ(plan.published_on(), "2021-12");
  ASSERT_EQ(plan.sections_size(), 4);
  EXPECT_TRUE(plan.sections(2).not_applicable());

  std::map<std::string, int> sections;
  std::map<std::string, int> formats;
  std::set<std::string> datasets;
  for (const Commitment& commitment : Commitments()) {
    ++sections[commitment.section()];
    ++formats[commitment.formats(0)];
    datasets.insert(commitment.dataset());
  }
  EXPECT_EQ(sections, (std::map<std::string, int>{{"A", 5}, {"B", 3}, {"D", 80}}));
  EXPECT_EQ(formats, (std::map<std::string, int>{{"CSV", 81}, {"XML", 7}}));
  EXPECT_THAT(datasets, SizeIs(kLines));
  EXPECT_THAT(Datasets(), SizeIs(kLines));
}

TEST_F(PlanImportTest, PromisedAndReleasedLinesAreToldApart) {
  Import();
  const Commitment promised = GetCommitment(kA1);
  EXPECT_EQ(promised.state(), Commitment::PLANNED);
  EXPECT_EQ(promised.first_target_date(), "2022-06");
  EXPECT_EQ(promised.target_date(), "2022-06");
  EXPECT_EQ(promised.titles().at(kLanguage), "少数族裔外展队名单");
  EXPECT_EQ(promised.categories().at(kLanguage), "社会福利");
  EXPECT_EQ(promised.frequency_texts().at(kLanguage), "在资料更新时");
  EXPECT_EQ(GetDataset(promised.dataset()).release_date(), "");

  const Commitment released = GetCommitment("publishers/swd/plans/2022-2024/commitments/d-79");
  EXPECT_EQ(released.state(), Commitment::RELEASED);
  EXPECT_EQ(released.release_date(), "2020-06");
  EXPECT_EQ(released.first_target_date(), "");
  EXPECT_FALSE(released.has_outcome());
  const Dataset dataset = GetDataset(released.dataset());
  EXPECT_EQ(dataset.release_date(), "2020-06");
  EXPECT_TRUE(dataset.discontinued());
  EXPECT_EQ(dataset.last_update_date(), "2021-06");
  EXPECT_EQ(dataset.frequency(), almanac::v1::QUARTERLY);
}

TEST_F(PlanImportTest, ItIsOneWrite) {
  Import();
  const std::vector<Change> changes = ChangesAfter(0);
  ASSERT_THAT(changes, SizeIs(2 + 2 * kLines));
  for (size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(changes[i].request_id(), changes[0].request_id());
    EXPECT_EQ(changes[i].last_of_write(), i + 1 == changes.size());
    EXPECT_EQ(changes[i].type(), Change::CREATED);
    EXPECT_EQ(changes[i].actor(), "tester");
  }
}

TEST_F(PlanImportTest, TheSameDocumentAgainChangesNothing) {
  Import();
  ExpectUnchanged();
}

TEST_F(PlanImportTest, APreviewIsWhatTheImportThenDoes) {
  ImportPlanResponse preview = Import(/*validate_only=*/true);
  EXPECT_EQ(preview.revision(), 0);
  EXPECT_EQ(HeadRevision(), 0);
  EXPECT_EQ(Try(Named<almanac::v1::GetPublisherRequest>("publishers/swd")).error_code(), grpc::StatusCode::NOT_FOUND);
  const ImportPlanResponse done = Import();
  EXPECT_EQ(Summaries(preview), Summaries(done));
  EXPECT_EQ(preview.added_count(), done.added_count());
  EXPECT_TRUE(preview.plan_created());
  EXPECT_TRUE(preview.publisher_created());
}

TEST_F(PlanImportTest, AnEditedCopyListsExactlyWhatWasEdited) {
  Import();
  const int64_t head = HeadRevision();
  Line("A", 1).set_target_date("2022-07");
  Line("A", 5).set_number(6);
  DocumentCommitment& added = *document_.add_commitments();
  added = Line("A", 2);
  added.set_number(5);
  added.set_title("全新的数据集");
  const std::vector<std::string> expected = {
      "CHANGED 少数族裔外展队名单 target_date 2022-06>2022-07",
      "CHANGED 总目170 - 社会福利署的开支数据 number 5>6",
      "ADDED 全新的数据集",
  };
  EXPECT_EQ(Summaries(Import(/*validate_only=*/true)), expected);
  EXPECT_EQ(HeadRevision(), head);
  const ImportPlanResponse response = Import();
  EXPECT_EQ(Summaries(response), expected);
  EXPECT_EQ(response.unchanged_count(), kLines - 2);
  // Two commitments, then the new dataset and its commitment.
  EXPECT_EQ(HeadRevision(), head + 4);
  EXPECT_EQ(GetCommitment(kA1).first_target_date(), "2022-07");
  const Commitment renumbered = GetCommitment("publishers/swd/plans/2022-2024/commitments/a-5");
  EXPECT_EQ(renumbered.number(), 6);
  ExpectUnchanged();
}

TEST_F(PlanImportTest, NumbersCanBeSwapped) {
  Import();
  Line("A", 1).set_number(99);
  Line("A", 2).set_number(1);
  Line("A", 99).set_number(2);
  EXPECT_THAT(Import().changed_count(), 2);
  EXPECT_EQ(GetCommitment(kA1).number(), 2);
  EXPECT_EQ(GetCommitment("publishers/swd/plans/2022-2024/commitments/a-2").number(), 1);
  ExpectUnchanged();
}

TEST_F(PlanImportTest, AMissingLineIsDeletedAndItsReturnBringsItBack) {
  const PlanDocument whole = document_;
  Import();
  const std::string dataset = GetCommitment(kA1).dataset();
  RemoveLine("A", 1);
  for (int number = 2; number <= 5; ++number) Line("A", number).set_number(number - 1);
  const ImportPlanResponse shorter = Import();
  EXPECT_EQ(shorter.removed_count(), 1);
  EXPECT_EQ(shorter.changed_count(), 4);
  EXPECT_EQ(Summary(shorter.lines(4)), "REMOVED 少数族裔外展队名单");
  EXPECT_TRUE(GetCommitment(kA1).has_delete_time());
  EXPECT_FALSE(GetDataset(dataset).has_delete_time());
  EXPECT_THAT(Commitments(), SizeIs(kLines - 1));
  ExpectUnchanged();

  document_ = whole;
  const ImportPlanResponse again = Import();
  EXPECT_EQ(again.added_count(), 1);
  EXPECT_EQ(again.changed_count(), 4);
  EXPECT_EQ(again.lines(0).commitment(), kA1);
  EXPECT_EQ(again.lines(0).dataset(), dataset);
  EXPECT_FALSE(GetCommitment(kA1).has_delete_time());
  EXPECT_THAT(Datasets(), SizeIs(kLines));
  ExpectUnchanged();
}

TEST_F(PlanImportTest, ANewLineUnderTheNumberOfADeletedOneGetsANameOfItsOwn) {
  Import();
  Line("A", 1).set_title("全新的数据集");
  const ImportPlanResponse response = Import();
  EXPECT_EQ(response.added_count(), 1);
  EXPECT_EQ(response.removed_count(), 1);
  EXPECT_EQ(response.lines(0).commitment(), "publishers/swd/plans/2022-2024/commitments/a-1-2");
  EXPECT_EQ(GetCommitment(response.lines(0).commitment()).number(), 1);
  EXPECT_TRUE(GetCommitment(kA1).has_delete_time());
}

TEST_F(PlanImportTest, APublishedPlanTakesTheSameDocumentAndNoOther) {
  Import();
  Do(Named<PublishPlanRequest>(kPlan));
  ExpectUnchanged();
  Line("B", 2).set_target_date("2024-07");
  const grpc::Status status = Refused(Request(document_), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "PLAN_PUBLISHED");
  EXPECT_THAT(status.error_message(), HasSubstr(absl::StrCat("line ", Line("B", 2).line(), " 监管释囚计划统计")));
  Refused(Request(document_, /*validate_only=*/true), grpc::StatusCode::FAILED_PRECONDITION);
  document_ = SamplePlan();
  RemoveLine("D", 80);
  Refused(Request(document_), grpc::StatusCode::FAILED_PRECONDITION);
  document_ = SamplePlan();
  document_.set_published_on("2022-01");
  Refused(Request(document_), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(PlanImportTest, APlanOfAnotherPublisherIsRefused) {
  Import();
  document_.set_publisher_title("卫生署");
  const grpc::Status status = Refused(Request(document_), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "PUBLISHER_MISMATCH");
  EXPECT_THAT(status.error_message(), HasSubstr("卫生署"));
  EXPECT_THAT(status.error_message(), HasSubstr("社会福利署"));
}

TEST_F(PlanImportTest, TwoLinesWithOneTitleOrOneNumberAreRefused) {
  Line("A", 2).set_title(absl::StrCat(" ", Line("A", 1).title(), "\u3000"));
  Line("B", 3).set_number(1);
  const grpc::Status status = Refused(Request(document_), grpc::StatusCode::INVALID_ARGUMENT);
  const auto request = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_EQ(request.field_violations_size(), 2);
  EXPECT_EQ(request.field_violations(0).field(), "document.commitments[1]");
  EXPECT_THAT(request.field_violations(0).description(), HasSubstr(absl::StrCat("line ", Line("A", 1).line(), " ")));
  EXPECT_EQ(request.field_violations(1).field(), "document.commitments[7]");
}

TEST_F(PlanImportTest, EveryWrongLineIsNamedAndNothingIsImported) {
  Line("A", 3).set_target_date("2022-13");
  Line("D", 80).clear_title();
  const grpc::Status status = Refused(Request(document_), grpc::StatusCode::INVALID_ARGUMENT);
  const auto request = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_EQ(request.field_violations_size(), 2);
  EXPECT_EQ(request.field_violations(0).field(),
            absl::StrCat("document.commitments[2] (line ", Line("A", 3).line(), ").target_date"));
  EXPECT_EQ(request.field_violations(1).field(),
            absl::StrCat("document.commitments[87] (line ", Line("D", 80).line(), ").title"));
  EXPECT_EQ(HeadRevision(), 0);
}

TEST_F(PlanImportTest, AFormerTitleLeadsToTheSameDataset) {
  Import();
  const std::string dataset = GetCommitment(kA1).dataset();
  Line("A", 1).add_former_titles(Line("A", 1).title());
  Line("A", 1).set_title("族裔外展队");
  const ImportPlanResponse response = Import();
  EXPECT_EQ(response.changed_count(), 1);
  EXPECT_EQ(response.added_count() + response.removed_count(), 0);
  EXPECT_EQ(GetCommitment(kA1).dataset(), dataset);
  const Dataset retitled = GetDataset(dataset);
  EXPECT_EQ(retitled.titles().at(kLanguage), "族裔外展队");
  ASSERT_EQ(retitled.former_titles_size(), 1);
  EXPECT_EQ(retitled.former_titles(0).text(), "少数族裔外展队名单");
  ExpectUnchanged();
}

TEST_F(PlanImportTest, SpacesInATitleAreNoNewDataset) {
  Import();
  const std::string dataset = GetCommitment(kA1).dataset();
  Line("A", 1).set_title("少数族裔 外展队名单");
  const ImportPlanResponse response = Import();
  EXPECT_THAT(Summaries(response),
              ElementsAre("CHANGED 少数族裔 外展队名单 title 少数族裔外展队名单>少数族裔 外展队名单"));
  EXPECT_EQ(GetCommitment(kA1).dataset(), dataset);
  EXPECT_EQ(GetDataset(dataset).former_titles_size(), 0);
  ExpectUnchanged();
}

TEST_F(PlanImportTest, ADatasetThatWasThereIsAdopted) {
  AddPublisher();
  CreateDatasetRequest request = Named<CreateDatasetRequest>("publishers/swd");
  request.set_dataset_id("teams");
  (*request.mutable_dataset()->mutable_titles())[kLanguage] = "少数族裔外展队名单";
  Do(request);
  const ImportPlanResponse response = Import();
  EXPECT_FALSE(response.publisher_created());
  EXPECT_EQ(response.added_count(), kLines);
  EXPECT_EQ(response.lines(0).dataset(), "publishers/swd/datasets/teams");
  EXPECT_EQ(GetDataset("publishers/swd/datasets/teams").frequency(), almanac::v1::AS_NEEDED);
  EXPECT_THAT(Datasets(), SizeIs(kLines));
}

TEST_F(PlanImportTest, DeletedResourcesAreNotBroughtBackUnasked) {
  Import();
  almanac::v1::DeleteReleasePlanRequest request = Named<almanac::v1::DeleteReleasePlanRequest>(kPlan);
  request.set_force(true);
  Do(request);
  EXPECT_EQ(ReasonOf(Refused(Request(document_), grpc::StatusCode::FAILED_PRECONDITION)), "PLAN_DELETED");
  AddPublisher("ha");
  Do(Named<almanac::v1::DeletePublisherRequest>("publishers/ha"));
  ImportPlanRequest other = Request(document_);
  other.set_parent("publishers/ha");
  EXPECT_EQ(ReasonOf(Refused(other, grpc::StatusCode::FAILED_PRECONDITION)), "PARENT_DELETED");
}

TEST_F(PlanImportTest, WhatBecameOfAPromiseIsNotUndone) {
  Import();
  RescheduleCommitmentRequest move = Named<RescheduleCommitmentRequest>(kA1);
  move.set_target_date("2022-09");
  move.set_reason(Commitment::RESOURCES);
  move.set_note("Two people left");
  Do(move);
  ConfirmCommitmentRequest confirm = Named<ConfirmCommitmentRequest>("publishers/swd/plans/2022-2024/commitments/a-2");
  confirm.set_target_date("2022-06-15");
  Do(confirm);
  ReleaseCommitmentRequest release = Named<ReleaseCommitmentRequest>("publishers/swd/plans/2022-2024/commitments/a-3");
  release.set_release_date("2022-07-02");
  Do(release);
  CancelCommitmentRequest cancel = Named<CancelCommitmentRequest>("publishers/swd/plans/2022-2024/commitments/a-4");
  cancel.set_reason(Commitment::PRIVACY);
  cancel.set_note("Names of parents");
  Do(cancel);
  ExpectUnchanged();

  // The document corrects what was said first; where the promise has been moved to stays.
  Line("A", 1).set_target_date("2022-07");
  EXPECT_EQ(Import().changed_count(), 1);
  const Commitment moved = GetCommitment(kA1);
  EXPECT_EQ(moved.first_target_date(), "2022-07");
  EXPECT_EQ(moved.target_date(), "2022-09");
  EXPECT_EQ(moved.reschedules_size(), 1);
  ExpectUnchanged();

  for (const int number : {3, 4}) {
    document_ = SamplePlan();
    Line("A", number).set_target_date("2023-01");
    const grpc::Status status = Refused(Request(document_), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(ReasonOf(status), "LINE_CONTRADICTS_HISTORY");
    EXPECT_THAT(status.error_message(), HasSubstr(absl::StrCat("line ", Line("A", number).line(), " (A", number, " ")));
  }
}

TEST_F(PlanImportTest, AnotherLanguageAddsTextsToTheSameLines) {
  Import();
  const Commitment before = GetCommitment(kA1);
  document_.set_language("en");
  document_.set_publisher_title("Social Welfare Department");
  document_.set_title("Annual Open Data Plans for 2022 to 2024");
  int i = 0;
  for (DocumentCommitment& line : *document_.mutable_commitments()) line.set_title(absl::StrCat("Title ", ++i));
  const ImportPlanResponse response = Import();
  EXPECT_EQ(response.changed_count(), kLines);
  EXPECT_EQ(response.added_count() + response.removed_count(), 0);
  const Commitment after = GetCommitment(kA1);
  EXPECT_EQ(after.dataset(), before.dataset());
  EXPECT_EQ(after.titles().at("en"), "Title 1");
  EXPECT_EQ(after.titles().at(kLanguage), before.titles().at(kLanguage));
  EXPECT_EQ(GetPublisher("publishers/swd").titles_size(), 2);
  EXPECT_EQ(GetPlan(kPlan).titles_size(), 2);
  EXPECT_THAT(Datasets(), SizeIs(kLines));
  ExpectUnchanged();
}

TEST_F(PlanImportTest, OfImportsAtOnceOneAddsAndTheOthersFindItDone) {
  constexpr int kImporters = 4;
  std::vector<ImportPlanResponse> responses(kImporters);
  std::vector<grpc::Status> statuses(kImporters);
  std::vector<std::thread> importers;
  for (int i = 0; i < kImporters; ++i) {
    importers.emplace_back([&, i] {
      const std::unique_ptr<Client> client = server_.NewClient();
      CallContext context;
      statuses[i] = client->plans->ImportPlan(&context, Request(document_), &responses[i]);
    });
  }
  for (std::thread& importer : importers) importer.join();
  int added = 0, unchanged = 0;
  for (int i = 0; i < kImporters; ++i) {
    EXPECT_TRUE(statuses[i].ok()) << statuses[i].error_message();
    added += responses[i].added_count();
    unchanged += responses[i].unchanged_count();
  }
  EXPECT_EQ(added, kLines);
  EXPECT_EQ(unchanged, (kImporters - 1) * kLines);
  EXPECT_EQ(HeadRevision(), 2 + 2 * kLines);
}

TEST_F(PlanImportTest, ADocumentHasAtMostFiveThousandLines) {
  constexpr int kMost = 5000;
  const DocumentCommitment line = Line("A", 1);
  document_.clear_commitments();
  for (int i = 1; i <= kMost; ++i) {
    DocumentCommitment& next = *document_.add_commitments();
    next = line;
    next.set_number(i);
    next.set_title(absl::StrCat("Title ", i));
  }
  EXPECT_EQ(Import().added_count(), kMost);
  EXPECT_EQ(Import().unchanged_count(), kMost);
  DocumentCommitment& more = *document_.add_commitments();
  more = line;
  more.set_number(kMost + 1);
  const grpc::Status status = Refused(Request(document_), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(FieldOf(status), "document.commitments");
  EXPECT_THAT(status.error_message(), HasSubstr("5001"));
}

TEST_F(PlanImportTest, ALineKeepsItsDatasetWhateverTitlesDatasetsGet) {
  Import();
  const std::string own = GetCommitment(kA1).dataset();
  // An officer retitles the line's dataset, and two others get the title that it had.
  almanac::v1::UpdateDatasetRequest retitle;
  retitle.mutable_dataset()->set_name(own);
  (*retitle.mutable_dataset()->mutable_titles())[kLanguage] = "外展队";
  Do(retitle);
  CreateDatasetRequest request = Named<CreateDatasetRequest>("publishers/swd");
  (*request.mutable_dataset()->mutable_titles())[kLanguage] = "少数族裔外展队名单";
  for (const char* id : {"teams", "teams-2"}) {
    request.set_dataset_id(id);
    Do(request);
  }
  ExpectUnchanged();
  Do(Named<PublishPlanRequest>(kPlan));
  ExpectUnchanged();
  EXPECT_EQ(GetCommitment(kA1).dataset(), own);
}

TEST_F(PlanImportTest, AnEarlierEditionFindsRetitledDatasetsAndLeavesWhatTheyAreNow) {
  Line("A", 1).add_former_titles(Line("A", 1).title());
  Line("A", 1).set_title("新名单");
  Line("A", 2).set_frequency(almanac::v1::YEARLY);
  Import();
  const std::string dataset = GetCommitment(kA1).dataset();
  document_ = SamplePlan();
  document_.mutable_period()->set_start_year(2019);
  document_.mutable_period()->set_end_year(2021);
  Line("A", 2).set_frequency(almanac::v1::MONTHLY);
  const ImportPlanResponse earlier = Import();
  EXPECT_EQ(earlier.added_count(), kLines);
  EXPECT_EQ(earlier.lines(0).dataset(), dataset);
  EXPECT_THAT(Datasets(), SizeIs(kLines));
  EXPECT_EQ(GetDataset(dataset).titles().at(kLanguage), "新名单");
  const Commitment monthly = GetCommitment("publishers/swd/plans/2019-2021/commitments/a-2");
  EXPECT_EQ(monthly.frequency(), almanac::v1::MONTHLY);
  EXPECT_EQ(GetDataset(monthly.dataset()).frequency(), almanac::v1::YEARLY);
  ExpectUnchanged();
}

TEST_F(PlanImportTest, ACorrectedReleaseDateReachesTheDataset) {
  Import();
  const std::string dataset = GetCommitment("publishers/swd/plans/2022-2024/commitments/d-1").dataset();
  EXPECT_EQ(GetDataset(dataset).release_date(), "2021-06");
  Line("D", 1).set_release_date("2021-05");
  Import();
  EXPECT_EQ(GetDataset(dataset).release_date(), "2021-05");
  Line("D", 1).clear_release_date();
  Line("D", 1).set_target_date("2022-12");
  Import();
  EXPECT_EQ(GetDataset(dataset).release_date(), "");
  ExpectUnchanged();
}

TEST_F(PlanImportTest, OfTooManyFormerTitlesTheOldestGoes) {
  document_.mutable_commitments()->DeleteSubrange(1, kLines - 1);
  DocumentCommitment& line = *document_.mutable_commitments(0);
  for (int i = 0; i <= 33; ++i) {
    line.clear_former_titles();
    if (i > 0) line.add_former_titles(line.title());
    line.set_title(absl::StrCat("Title ", i));
    Import();
  }
  const Dataset dataset = GetDataset(GetCommitment(kA1).dataset());
  ASSERT_EQ(dataset.former_titles_size(), 32);
  EXPECT_EQ(dataset.former_titles(0).text(), "Title 1");
  EXPECT_EQ(dataset.former_titles(31).text(), "Title 32");
  // It can still be edited.
  almanac::v1::UpdateDatasetRequest edit;
  edit.mutable_dataset()->set_name(dataset.name());
  edit.mutable_dataset()->set_landing_page("https://example.org");
  Do(edit);
}

TEST_F(PlanImportTest, OthersWriteOnceTheLargestImportIsDone) {
  const DocumentCommitment line = Line("A", 1);
  document_.clear_commitments();
  std::string words;
  for (int i = 0; i < 990; ++i) words += "数";
  for (int i = 1; i <= 1500; ++i) {
    DocumentCommitment& next = *document_.add_commitments();
    next = line;
    next.set_number(i);
    next.set_title(absl::StrCat(words, i));
  }
  std::thread importer([&] { EXPECT_EQ(Import().added_count(), 1500); });
  AddPublisher("ha");
  importer.join();
}

TEST_F(PlanImportTest, TitlesOfMarksAloneHoldNobodyUp) {
  const DocumentCommitment line = Line("A", 1);
  document_.clear_commitments();
  std::string word = "א";
  for (int i = 0; i < 490; ++i) word += "\u05b0\u05b1";
  for (int i = 1; i <= 5000; ++i) {
    DocumentCommitment& next = *document_.add_commitments();
    next = line;
    next.set_number(i);
    next.set_title(absl::StrCat(word, i));
  }
  std::thread importer([&] { EXPECT_EQ(Import().added_count(), 5000); });
  AddPublisher("ha");
  importer.join();
}

TEST_F(PlanImportTest, ItsRowsAreWrittenManyAtOnce) {
  database_.Sql(
      "create table statements (name text);"
      "create function note_statement() returns trigger language plpgsql as"
      " 'begin insert into statements values (tg_op || '' '' || tg_table_name); return null; end';"
      "create trigger note after insert or update on commitments execute function note_statement();"
      "create trigger note after insert or update on datasets execute function note_statement()");
  const DocumentCommitment line = Line("A", 1);
  document_.clear_commitments();
  for (int i = 1; i <= 2500; ++i) {
    DocumentCommitment& next = *document_.add_commitments();
    next = line;
    next.set_number(i);
    next.set_title(absl::StrCat("Title ", i));
  }
  EXPECT_EQ(Import().added_count(), 2500);
  for (auto& next : *document_.mutable_commitments()) next.set_remark("Another remark");
  EXPECT_EQ(Import().changed_count(), 2500);
  EXPECT_THAT(database_.Sql("select name || ' ' || count(*) from statements group by name order by name"),
              ElementsAre("INSERT commitments 3", "INSERT datasets 3", "UPDATE commitments 3", "UPDATE datasets 3"));
  const Commitment last = GetCommitment("publishers/swd/plans/2022-2024/commitments/a-2500");
  EXPECT_EQ(last.remarks().begin()->second, "Another remark");
  EXPECT_EQ(GetDataset(last.dataset()).remarks().begin()->second, "Another remark");
}

TEST_F(PlanImportTest, WhatADocumentLacksIsNamed) {
  const auto field_without = [&](const std::function<void(PlanDocument&)>& edit) {
    PlanDocument document = document_;
    edit(document);
    return FieldOf(Refused(Request(document), grpc::StatusCode::INVALID_ARGUMENT));
  };
  EXPECT_EQ(field_without([](PlanDocument& d) { d.clear_language(); }), "document.language");
  EXPECT_EQ(field_without([](PlanDocument& d) { d.set_language("not a tag"); }), "document.language");
  EXPECT_EQ(field_without([](PlanDocument& d) { d.clear_period(); }), "document.period");
  EXPECT_EQ(field_without([](PlanDocument& d) { d.mutable_period()->set_end_year(2021); }), "document.period");
  EXPECT_EQ(field_without([](PlanDocument& d) { d.clear_publisher_title(); }), "document.publisher_title");
  EXPECT_EQ(field_without([](PlanDocument& d) { d.clear_commitments(); }), "document.commitments");
  EXPECT_EQ(field_without([](PlanDocument& d) { d.set_published_on("2021-13"); }), "document.published_on");
  EXPECT_EQ(field_without([](PlanDocument& d) { d.mutable_sections(1)->set_code("A"); }), "document.sections[1].code");
  EXPECT_EQ(FieldOf(Refused(ImportPlanRequest(), grpc::StatusCode::INVALID_ARGUMENT)), "parent");
}

}  // namespace
}  // namespace almanac::testing
