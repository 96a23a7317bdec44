#include <gmock/gmock.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "tests/integration/catalogue_fixture.h"

// BatchImportPlans, imports that find their publisher by its title, and lines that say how a promise ended.
namespace almanac::testing {
namespace {

using almanac::v1::BatchImportPlansRequest;
using almanac::v1::BatchImportPlansResponse;
using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::DocumentCommitment;
using almanac::v1::ImportPlanRequest;
using almanac::v1::ImportPlanResponse;
using almanac::v1::ListPublishersRequest;
using almanac::v1::PlanDocument;
using almanac::v1::Publisher;
using almanac::v1::Slip;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;

constexpr grpc::StatusCode kInvalid = grpc::StatusCode::INVALID_ARGUMENT;
constexpr grpc::StatusCode kBarred = grpc::StatusCode::FAILED_PRECONDITION;
constexpr char kHealthA1[] = "publishers/department-of-health/plans/2022-2024/commitments/a-1";

// A plan in English with lines A1, A2, … that are promised for June 2022.
PlanDocument Document(const std::string& publisher_title, int lines = 1) {
  PlanDocument document;
  document.set_publisher_title(publisher_title);
  document.mutable_period()->set_start_year(2022);
  document.mutable_period()->set_end_year(2024);
  document.set_language("en");
  document.add_sections()->set_code("A");
  for (int i = 1; i <= lines; ++i) {
    DocumentCommitment& line = *document.add_commitments();
    line.set_section("A");
    line.set_number(i);
    line.set_title(absl::StrCat("Clinics of kind ", i));
    line.set_target_date("2022-06");
    line.set_frequency(almanac::v1::YEARLY);
    line.set_line(10 + i);
  }
  return document;
}

ImportPlanRequest Import(const PlanDocument& document, const std::string& parent = "publishers/-") {
  ImportPlanRequest request;
  request.set_parent(parent);
  *request.mutable_document() = document;
  return request;
}

BatchImportPlansRequest Batch(const std::vector<PlanDocument>& documents) {
  BatchImportPlansRequest request;
  request.set_parent("publishers/-");
  for (const PlanDocument& document : documents) *request.add_requests() = Import(document);
  return request;
}

class BatchImportTest : public CatalogueTest {
 protected:
  std::vector<std::string> Publishers() {
    std::vector<std::string> names;
    const auto response = Do(ListPublishersRequest());
    for (const Publisher& publisher : response.publishers()) names.push_back(publisher.name());
    return names;
  }

  void AddTitle(const std::string& publisher, const std::string& language, const std::string& title) {
    almanac::v1::UpdatePublisherRequest request;
    *request.mutable_publisher() = GetPublisher(publisher);
    (*request.mutable_publisher()->mutable_titles())[language] = title;
    request.mutable_update_mask()->add_paths("titles");
    Do(request);
  }

  // Imports one document for whoever has its title.
  ImportPlanResponse Take(const PlanDocument& document) { return Do(Import(document)); }

  // Imports the document again, which must change nothing.
  void ExpectUnchanged(const PlanDocument& document) {
    const int64_t head = HeadRevision();
    const ImportPlanResponse response = Take(document);
    EXPECT_EQ(response.unchanged_count(), document.commitments_size());
    EXPECT_EQ(response.lines_size(), 0) << response.lines(0).ShortDebugString();
    EXPECT_EQ(HeadRevision(), head);
  }
};

TEST_F(BatchImportTest, SeveralPlansAreOneWrite) {
  const BatchImportPlansResponse response =
      Do(Batch({Document("Department of Health", 2), Document("Hospital Authority"), Document("Fire Services", 3)}));
  ASSERT_EQ(response.responses_size(), 3);
  EXPECT_EQ(response.responses(0).release_plan().name(), "publishers/department-of-health/plans/2022-2024");
  EXPECT_EQ(response.responses(1).release_plan().name(), "publishers/hospital-authority/plans/2022-2024");
  EXPECT_EQ(response.responses(2).release_plan().name(), "publishers/fire-services/plans/2022-2024");
  EXPECT_EQ(response.responses(2).added_count(), 3);
  // A publisher and a plan for each, a dataset and a commitment for each line.
  EXPECT_EQ(response.responses(0).revision(), 6);
  EXPECT_EQ(response.responses(1).revision(), 10);
  EXPECT_EQ(response.responses(2).revision(), 18);
  const std::vector<Change> changes = ChangesAfter(0);
  ASSERT_EQ(changes.size(), 18u);
  for (size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(changes[i].request_id(), changes[0].request_id());
    EXPECT_EQ(changes[i].last_of_write(), i == 17);
  }
}

TEST_F(BatchImportTest, TheSameBatchAgainChangesNothing) {
  const BatchImportPlansRequest request = Batch({Document("Department of Health", 2), Document("Hospital Authority")});
  Do(request);
  const int64_t head = HeadRevision();
  const BatchImportPlansResponse again = Do(request);
  EXPECT_EQ(again.responses(0).unchanged_count(), 2);
  EXPECT_EQ(again.responses(1).unchanged_count(), 1);
  EXPECT_EQ(again.responses(1).revision(), 0);
  EXPECT_EQ(HeadRevision(), head);
}

TEST_F(BatchImportTest, ARetryGetsTheFirstAnswer) {
  BatchImportPlansRequest request = Batch({Document("Department of Health"), Document("Hospital Authority")});
  request.set_request_id("batch-1");
  const BatchImportPlansResponse first = Do(request);
  const int64_t head = HeadRevision();
  EXPECT_EQ(Do(request).DebugString(), first.DebugString());
  EXPECT_EQ(HeadRevision(), head);
}

TEST_F(BatchImportTest, OneBadDocumentLeavesNothingOfTheOthers) {
  PlanDocument deleted = Document("Hospital Authority");
  AddPublisher("ha");
  AddTitle("publishers/ha", "en", "Hospital Authority");
  Do(Named<almanac::v1::DeletePublisherRequest>("publishers/ha"));
  const grpc::Status status = Barred(Batch({Document("Department of Health"), deleted}), "PARENT_DELETED");
  EXPECT_THAT(status.error_message(), HasSubstr("requests[1] (Hospital Authority): publishers/ha is deleted"));
  EXPECT_THAT(Publishers(), ElementsAre());
}

TEST_F(BatchImportTest, EachWrongFieldIsNamedByItsDocument) {
  PlanDocument health = Document("Department of Health", 2);
  health.mutable_commitments(1)->set_target_date("2022-13");
  PlanDocument fire = Document("Fire Services");
  fire.clear_language();
  BatchImportPlansRequest request = Batch({Document("Hospital Authority"), health, fire});
  request.mutable_requests(0)->set_parent("publishers/Not A Name");
  const auto bad = DetailOf<google::rpc::BadRequest>(Refused(request, kInvalid));
  ASSERT_EQ(bad.field_violations_size(), 3);
  EXPECT_EQ(bad.field_violations(0).field(), "requests[0].parent");
  EXPECT_EQ(bad.field_violations(1).field(), "requests[1].document.commitments[1] (line 12).target_date");
  EXPECT_EQ(bad.field_violations(2).field(), "requests[2].document.language");
}

TEST_F(BatchImportTest, WhatOnlyTheCatalogueKnowsIsNamedByItsDocumentToo) {
  PlanDocument twice = Document("Department of Health", 2);
  twice.mutable_commitments(1)->set_title("clinics of kind 1");
  EXPECT_EQ(FieldOf(Refused(Batch({Document("Hospital Authority"), twice}), kInvalid)),
            "requests[1].document.commitments[1]");
  EXPECT_THAT(Publishers(), ElementsAre());
}

TEST_F(BatchImportTest, OnlyTheBatchHasARequestIdAndAPreview) {
  BatchImportPlansRequest request = Batch({Document("Department of Health"), Document("Hospital Authority")});
  request.mutable_requests(1)->set_request_id("one");
  EXPECT_EQ(FieldOf(Refused(request, kInvalid)), "requests[1].request_id");
  request.mutable_requests(1)->clear_request_id();
  request.mutable_requests(0)->set_validate_only(true);
  EXPECT_EQ(FieldOf(Refused(request, kInvalid)), "requests[0].validate_only");
  request.mutable_requests(0)->set_validate_only(false);
  request.set_parent("publishers/swd");
  EXPECT_EQ(FieldOf(Refused(request, kInvalid)), "parent");
  EXPECT_EQ(FieldOf(Refused(Batch({}), kInvalid)), "requests");
}

TEST_F(BatchImportTest, APreviewIsWhatTheBatchThenDoes) {
  AddPublisher("ha");
  AddTitle("publishers/ha", "en", "Hospital Authority");
  BatchImportPlansRequest request = Batch({Document("Department of Health", 2), Document("Hospital Authority")});
  request.set_validate_only(true);
  const int64_t head = HeadRevision();
  const BatchImportPlansResponse preview = Do(request);
  EXPECT_EQ(HeadRevision(), head);
  EXPECT_THAT(Publishers(), ElementsAre("publishers/ha"));
  request.set_validate_only(false);
  const BatchImportPlansResponse done = Do(request);
  ASSERT_EQ(preview.responses_size(), 2);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(preview.responses(i).revision(), 0);
    EXPECT_EQ(preview.responses(i).release_plan().revision(), 0);
    EXPECT_EQ(preview.responses(i).release_plan().etag(), "");
    EXPECT_EQ(preview.responses(i).release_plan().name(), done.responses(i).release_plan().name());
    EXPECT_EQ(preview.responses(i).publisher_created(), done.responses(i).publisher_created());
    EXPECT_EQ(preview.responses(i).added_count(), done.responses(i).added_count());
  }
}

TEST_F(BatchImportTest, APublisherIsFoundByItsTitleInAnyLanguage) {
  AddPublisher("swd");
  AddTitle("publishers/swd", "zh-Hans-HK", "社会福利署");
  PlanDocument document = Document("社会 福利署");
  EXPECT_EQ(Take(document).release_plan().name(), "publishers/swd/plans/2022-2024");
  // Its title in the document's language was another one, and stays.
  EXPECT_NE(GetPublisher("publishers/swd").titles().at("en"), "社会 福利署");
  document.set_publisher_title("卫生署");
  EXPECT_EQ(Take(document).release_plan().name(), "publishers/wei-sheng-shu/plans/2022-2024");
  EXPECT_EQ(GetPublisher("publishers/wei-sheng-shu").titles().at("en"), "卫生署");
  EXPECT_EQ(GetPublisher("publishers/wei-sheng-shu").time_zone(), "Asia/Hong_Kong");
  ExpectUnchanged(document);
}

TEST_F(BatchImportTest, ATitleOfTwoPublishersIsLeftToTheOfficer) {
  for (const char* id : {"dh", "health"}) {
    AddPublisher(id);
    AddTitle(absl::StrCat("publishers/", id), "en", "Department of Health");
  }
  const PlanDocument document = Document("Department of Health");
  EXPECT_THAT(Barred(Import(document), "AMBIGUOUS_TITLE").error_message(),
              HasSubstr("publishers/dh and publishers/health"));
  EXPECT_THAT(Barred(Batch({Document("Fire Services"), document}), "AMBIGUOUS_TITLE").error_message(),
              HasSubstr("requests[1] (Department of Health): "));
  EXPECT_EQ(Do(Import(document, "publishers/dh")).added_count(), 1);
  // A deleted one is none of them.
  Do(Named<almanac::v1::DeletePublisherRequest>("publishers/health"));
  ExpectUnchanged(document);
}

TEST_F(BatchImportTest, AnIdThatAnotherPublisherHasIsNotTaken) {
  AddPublisher("department-of-health");
  AddTitle("publishers/department-of-health", "en", "Centre for Health Protection");
  const std::string plan = Take(Document("Department of Health")).release_plan().name();
  // The digits are those of `printf departmentofhealth | sha256sum`.
  EXPECT_EQ(plan, "publishers/department-of-health-dca257ae/plans/2022-2024");
  ExpectUnchanged(Document("Department of Health"));
}

TEST_F(BatchImportTest, PlansOfOneNewPublisherLandAtOnePublisher) {
  PlanDocument earlier = Document("Department  of Health");
  earlier.mutable_period()->set_start_year(2019);
  earlier.mutable_period()->set_end_year(2021);
  BatchImportPlansRequest request = Batch({Document("Department of Health"), earlier});
  // A publisher that one document creates under its own name is found by another's title.
  PlanDocument hospital = Document("Hospital Authority");
  *request.add_requests() = Import(hospital, "publishers/ha");
  hospital.mutable_period()->set_end_year(2025);
  *request.add_requests() = Import(hospital);
  const BatchImportPlansResponse response = Do(request);
  EXPECT_THAT(Publishers(), ElementsAre("publishers/department-of-health", "publishers/ha"));
  EXPECT_TRUE(response.responses(0).publisher_created());
  EXPECT_FALSE(response.responses(1).publisher_created());
  EXPECT_EQ(response.responses(1).release_plan().name(), "publishers/department-of-health/plans/2019-2021");
  EXPECT_EQ(response.responses(3).release_plan().name(), "publishers/ha/plans/2022-2025");
}

TEST_F(BatchImportTest, APlanIsThereOnceInEachLanguage) {
  const PlanDocument health = Document("Department of Health");
  const grpc::Status status = Refused(Batch({health, Document("Hospital Authority"), health}), kInvalid);
  EXPECT_EQ(FieldOf(status), "requests[2].document");
  EXPECT_THAT(status.error_message(),
              HasSubstr("publishers/department-of-health/plans/2022-2024 in en, and so is requests[0].document"));
  PlanDocument chinese = health;
  chinese.set_language("zh-Hans-HK");
  chinese.mutable_commitments(0)->set_title("诊所");
  const BatchImportPlansResponse response = Do(Batch({health, chinese}));
  EXPECT_EQ(response.responses(1).changed_count(), 1);
  EXPECT_EQ(GetCommitment(kHealthA1).titles().size(), 2u);
}

TEST_F(BatchImportTest, ABatchHasAThousandDocumentsAndNotMore) {
  std::vector<PlanDocument> documents;
  for (int i = 1; i <= 1001; ++i) documents.push_back(Document(absl::StrCat("Office ", i)));
  const grpc::Status status = Refused(Batch(documents), kInvalid);
  EXPECT_EQ(FieldOf(status), "requests");
  EXPECT_THAT(status.error_message(), HasSubstr("1001"));
  documents.pop_back();
  EXPECT_EQ(Do(Batch(documents)).responses_size(), 1000);
  EXPECT_EQ(HeadRevision(), 4000);
}

TEST_F(BatchImportTest, ABatchHasTwentyThousandLinesAndNotMore) {
  std::vector<PlanDocument> documents;
  for (int i = 1; i <= 4; ++i) documents.push_back(Document(absl::StrCat("Office ", i), 5000));
  documents.push_back(Document("Office 5"));
  const grpc::Status status = Refused(Batch(documents), kInvalid);
  EXPECT_EQ(FieldOf(status), "requests");
  EXPECT_THAT(status.error_message(), HasSubstr("20001"));
  documents.pop_back();
  const BatchImportPlansResponse response = Do(Batch(documents));
  // Names and titles of ordinary length leave an answer well below the server's limit of 16 MiB.
  EXPECT_THAT(response.ByteSizeLong(), Le(8u << 20));
  EXPECT_EQ(HeadRevision(), 4 * 2 + 2 * 20'000);
}

TEST_F(BatchImportTest, AnAnswerThatCannotBeSentLeavesNothing) {
  service::Server::Options options;
  options.max_message_bytes = 4 << 20;
  const TestServer server(database_.url(), options);
  const std::unique_ptr<Client> client = server.NewClient();
  // Some 2.4 MB in remarks; replacing them makes an answer that has the old and the new ones.
  const auto with_remarks = [](const std::string& character) {
    std::string remark;
    for (int i = 0; i < 10'000; ++i) remark += character;
    std::vector<PlanDocument> documents;
    for (const char* office : {"Office 1", "Office 2"}) {
      documents.push_back(Document(office, 40));
      for (auto& line : *documents.back().mutable_commitments()) line.set_remark(remark);
    }
    return Batch(documents);
  };
  const BatchImportPlansRequest first = with_remarks("数");
  Call(client->plans.get(), &almanac::v1::ReleasePlanService::Stub::BatchImportPlans, first);
  const int64_t head = HeadRevision();
  const grpc::Status status =
      StatusOf(client->plans.get(), &almanac::v1::ReleasePlanService::Stub::BatchImportPlans, with_remarks("据"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "ANSWER_TOO_LARGE");
  EXPECT_THAT(status.error_message(), HasSubstr("fewer documents at once"));
  EXPECT_EQ(HeadRevision(), head);
  EXPECT_EQ(Do(with_remarks("据")).responses(0).changed_count(), 40);
}

TEST_F(BatchImportTest, ALineWithBothDatesIsAPromiseKept) {
  PlanDocument document = Document("Department of Health", 2);
  document.mutable_commitments(0)->set_release_date("2022-08");
  Take(document);
  const Commitment kept = GetCommitment(kHealthA1);
  EXPECT_EQ(kept.state(), Commitment::RELEASED);
  EXPECT_EQ(kept.first_target_date(), "2022-06");
  EXPECT_EQ(kept.original_target_date(), "2022-06");
  EXPECT_EQ(kept.outcome().against_first_target().verdict(), Slip::LATE);
  EXPECT_EQ(kept.outcome().against_first_target().months(), 2);
  EXPECT_EQ(GetDataset(kept.dataset()).release_date(), "2022-08");
  ExpectUnchanged(document);

  // The other one is kept later, as a later document says.
  document.mutable_commitments(1)->set_release_date("2022-06-09");
  const ImportPlanResponse response = Take(document);
  ASSERT_EQ(response.lines_size(), 1);
  ASSERT_EQ(response.lines(0).fields_size(), 1);
  EXPECT_EQ(response.lines(0).fields(0).field(), "release_date");
  EXPECT_EQ(response.lines(0).fields(0).after(), "2022-06-09");
  const Commitment second = GetCommitment(response.lines(0).commitment());
  EXPECT_EQ(second.outcome().against_last_target().verdict(), Slip::ON_TIME);
  ExpectUnchanged(document);

  document.mutable_commitments(1)->set_release_date("2022-06-10");
  EXPECT_THAT(Barred(Import(document), "LINE_CONTRADICTS_HISTORY").error_message(), HasSubstr("line 12 (A2 "));
  // The officer who knows better deletes the line first.
  Do(Named<almanac::v1::DeleteCommitmentRequest>(second.name()));
  EXPECT_EQ(Take(document).added_count(), 1);
  EXPECT_EQ(GetCommitment(second.name()).release_date(), "2022-06-10");
  ExpectUnchanged(document);
}

TEST_F(BatchImportTest, ALineCanWithdrawItsPromise) {
  database_.SetClock(absl::FromCivil(absl::CivilSecond(2023, 4, 30, 18, 0, 0), absl::UTCTimeZone()));
  PlanDocument document = Document("Department of Health", 2);
  auto* cancellation = document.mutable_commitments(0)->mutable_cancellation();
  cancellation->set_note("The clinics were closed");
  Take(document);
  const Commitment cancelled = GetCommitment(kHealthA1);
  EXPECT_EQ(cancelled.state(), Commitment::CANCELLED);
  EXPECT_EQ(cancelled.target_date(), "2022-06");
  EXPECT_EQ(cancelled.cancellation().reason(), Commitment::OTHER);
  EXPECT_EQ(cancelled.cancellation().note(), "The clinics were closed");
  EXPECT_EQ(cancelled.cancellation().actor(), "tester");
  // In Hong Kong it is the next day already.
  EXPECT_EQ(cancelled.cancellation().cancel_date(), "2023-05-01");
  ExpectUnchanged(document);

  database_.SetClock(absl::FromCivil(absl::CivilSecond(2023, 6, 1, 0, 0, 0), absl::UTCTimeZone()));
  cancellation->set_note("The clinics were closed for good");
  ExpectUnchanged(document);
  document.mutable_commitments(1)->mutable_cancellation()->set_note("Too few");
  document.mutable_commitments(1)->mutable_cancellation()->set_reason(Commitment::PRIORITIES);
  const ImportPlanResponse response = Take(document);
  ASSERT_EQ(response.lines_size(), 1);
  ASSERT_EQ(response.lines(0).fields_size(), 1);
  EXPECT_EQ(response.lines(0).fields(0).field(), "cancellation");
  EXPECT_EQ(response.lines(0).fields(0).after(), "Too few");
  EXPECT_EQ(GetCommitment(response.lines(0).commitment()).cancellation().reason(), Commitment::PRIORITIES);

  document.mutable_commitments(0)->clear_cancellation();
  document.mutable_commitments(0)->set_release_date("2022-06");
  Barred(Import(document), "LINE_CONTRADICTS_HISTORY");
}

TEST_F(BatchImportTest, ALandingPageReachesTheDatasetAndNoEmptyOneTakesItAway) {
  PlanDocument document = Document("Department of Health", 2);
  document.mutable_commitments(0)->set_landing_page("https://example.org/clinics");
  Take(document);
  const std::string dataset = GetCommitment(kHealthA1).dataset();
  EXPECT_EQ(GetDataset(dataset).landing_page(), "https://example.org/clinics");
  ExpectUnchanged(document);

  PlanDocument without = document;
  without.mutable_commitments(0)->clear_landing_page();
  ExpectUnchanged(without);
  EXPECT_EQ(GetDataset(dataset).landing_page(), "https://example.org/clinics");

  // Only the page differs.
  document.mutable_commitments(0)->set_landing_page("https://example.org/moved");
  const int64_t head = HeadRevision();
  const ImportPlanResponse response = Take(document);
  EXPECT_EQ(response.changed_count(), 1);
  EXPECT_EQ(response.unchanged_count(), 1);
  ASSERT_EQ(response.lines(0).fields_size(), 1);
  EXPECT_EQ(response.lines(0).fields(0).field(), "landing_page");
  EXPECT_EQ(response.lines(0).fields(0).before(), "https://example.org/clinics");
  EXPECT_EQ(response.lines(0).fields(0).after(), "https://example.org/moved");
  EXPECT_EQ(HeadRevision(), head + 1);
  EXPECT_EQ(GetDataset(dataset).landing_page(), "https://example.org/moved");
  ExpectUnchanged(document);

  // Once the plan is published, its document undoes nobody's edit, and still tells what nobody knew.
  Do(Named<almanac::v1::PublishPlanRequest>("publishers/department-of-health/plans/2022-2024"));
  document.mutable_commitments(0)->set_landing_page("https://example.org/clinics");
  ExpectUnchanged(document);
  document.mutable_commitments(1)->set_landing_page("https://example.org/second");
  EXPECT_EQ(Take(document).changed_count(), 1);
  EXPECT_EQ(GetDataset(dataset).landing_page(), "https://example.org/moved");

  // What an earlier edition says of it is no news.
  document.mutable_period()->set_start_year(2019);
  document.mutable_period()->set_end_year(2021);
  document.mutable_commitments(0)->set_landing_page("https://example.org/archive");
  Take(document);
  EXPECT_EQ(GetDataset(dataset).landing_page(), "https://example.org/moved");
}

}  // namespace
}  // namespace almanac::testing
