#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/documents/plan_text.h"
#include "tests/integration/catalogue_fixture.h"

// A plan that is imported in several languages.
namespace almanac::testing {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::DocumentCommitment;
using almanac::v1::ImportPlanRequest;
using almanac::v1::ImportPlanResponse;
using almanac::v1::ListCommitmentsRequest;
using almanac::v1::ListDatasetsRequest;
using almanac::v1::PlanDocument;
using almanac::v1::PublishPlanRequest;
using almanac::v1::ReleasePlan;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPlan[] = "publishers/swd/plans/2022-2024";
constexpr int kLines = 88;

PlanDocument Sample(const std::string& language) {
  std::ifstream file(ALMANAC_TEST_DATA "/swd-2022-2024." + language + ".txt");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto document = client::ParsePlan(text);
  EXPECT_TRUE(document.ok()) << document.status();
  EXPECT_THAT(document->warnings(), IsEmpty());
  EXPECT_EQ(document->commitments_size(), kLines);
  return *document;
}

DocumentCommitment& Line(PlanDocument& document, const std::string& section, int number) {
  for (DocumentCommitment& line : *document.mutable_commitments()) {
    if (line.section() == section && line.number() == number) return line;
  }
  ADD_FAILURE() << "no line " << section << number;
  return *document.mutable_commitments(0);
}

std::vector<std::string> Warnings(const ImportPlanResponse& response) {
  std::vector<std::string> warnings;
  for (const auto& warning : response.warnings()) {
    warnings.push_back(absl::StrCat(warning.line(), ": ", warning.message()));
  }
  return warnings;
}

std::string At(const google::protobuf::Map<std::string, std::string>& texts, const std::string& language) {
  const auto found = texts.find(language);
  return found == texts.end() ? "" : found->second;
}

class TranslationTest : public CatalogueTest {
 protected:
  static ImportPlanRequest Request(const PlanDocument& document) {
    ImportPlanRequest request;
    request.set_parent("publishers/swd");
    *request.mutable_document() = document;
    return request;
  }

  ImportPlanResponse Import(const PlanDocument& document) { return Do(Request(document)); }

  std::vector<Commitment> Commitments() {
    ListCommitmentsRequest request = Named<ListCommitmentsRequest>(kPlan);
    request.set_page_size(1000);
    const auto response = Do(request);
    return {response.commitments().begin(), response.commitments().end()};
  }

  std::map<std::string, Dataset> Datasets() {
    ListDatasetsRequest request = Named<ListDatasetsRequest>("publishers/swd");
    request.set_page_size(1000);
    const auto response = Do(request);
    std::map<std::string, Dataset> datasets;
    for (const Dataset& dataset : response.datasets()) datasets[dataset.name()] = dataset;
    return datasets;
  }

  Commitment GetLine(const std::string& id) { return GetCommitment(absl::StrCat(kPlan, "/commitments/", id)); }

  // Imports and expects that nothing is left to do.
  void ExpectUnchanged(const PlanDocument& document) {
    const int64_t head = HeadRevision();
    const ImportPlanResponse response = Import(document);
    EXPECT_EQ(response.unchanged_count(), kLines) << document.language();
    EXPECT_EQ(response.revision(), 0) << document.language();
    EXPECT_EQ(HeadRevision(), head) << document.language();
  }

  // Expects of each line of the document, and of its dataset, that the catalogue has its texts.
  void ExpectTexts(const PlanDocument& document) {
    const std::string& language = document.language();
    std::map<std::string, Commitment> lines;
    for (const Commitment& line : Commitments()) lines[absl::StrCat(line.section(), line.number())] = line;
    ASSERT_THAT(lines, SizeIs(kLines));
    const std::map<std::string, Dataset> datasets = Datasets();
    ASSERT_THAT(datasets, SizeIs(kLines));
    for (const DocumentCommitment& said : document.commitments()) {
      const Commitment& line = lines.at(absl::StrCat(said.section(), said.number()));
      const Dataset& dataset = datasets.at(line.dataset());
      EXPECT_EQ(At(line.titles(), language), said.title());
      EXPECT_EQ(At(line.categories(), language), said.category());
      EXPECT_EQ(At(line.remarks(), language), said.remark());
      EXPECT_EQ(At(line.frequency_texts(), language), said.frequency_text());
      EXPECT_EQ(At(dataset.titles(), language), said.title());
      EXPECT_EQ(At(dataset.categories(), language), said.category());
      EXPECT_EQ(At(dataset.remarks(), language), said.remark());
      EXPECT_EQ(At(dataset.frequency_texts(), language), said.frequency_text());
      for (const auto& titles : {line.former_titles(), dataset.former_titles()}) {
        const auto in_language = std::count_if(titles.begin(), titles.end(),
                                               [&](const auto& title) { return title.language() == language; });
        EXPECT_EQ(in_language, said.former_titles_size()) << said.title();
      }
    }
  }

  PlanDocument hans_ = Sample("zh-Hans");
  PlanDocument hant_ = Sample("zh-Hant");
  PlanDocument english_ = Sample("en");
};

// The number of an order in which three documents can be imported.
class TranslationOrderTest : public TranslationTest, public ::testing::WithParamInterface<int> {};

TEST_P(TranslationOrderTest, InAnyOrderThreeDocumentsAreOnePlan) {
  std::vector<PlanDocument> documents = {hans_, hant_, english_};
  std::vector<int> order = {0, 1, 2};
  for (int i = 0; i < GetParam(); ++i) std::next_permutation(order.begin(), order.end());
  for (size_t i = 0; i < order.size(); ++i) {
    const ImportPlanResponse response = Import(documents[order[i]]);
    EXPECT_THAT(Warnings(response), IsEmpty());
    EXPECT_EQ(response.plan_created(), i == 0);
    EXPECT_EQ(response.added_count(), i == 0 ? kLines : 0);
    EXPECT_EQ(response.changed_count(), i == 0 ? 0 : kLines);
    EXPECT_EQ(response.removed_count() + response.unchanged_count(), 0);
    // Besides a line and a dataset each, the plan and the publisher got texts too.
    EXPECT_EQ(response.revision(), static_cast<int64_t>(i + 1) * (2 * kLines + 2));
    EXPECT_EQ(response.release_plan().language(), documents[order[0]].language());
  }
  for (const PlanDocument& document : documents) {
    ExpectTexts(document);
    ExpectUnchanged(document);
    EXPECT_EQ(At(GetPublisher("publishers/swd").titles(), document.language()), document.publisher_title());
    const ReleasePlan plan = GetPlan(kPlan);
    EXPECT_EQ(At(plan.titles(), document.language()), document.title());
    ASSERT_THAT(plan.sections(), SizeIs(4));
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(At(plan.sections(i).titles(), document.language()), document.sections(i).title());
      EXPECT_EQ(At(plan.sections(i).notes(), document.language()), document.sections(i).note());
    }
  }
  std::map<std::string, int> sections, formats;
  for (const Commitment& line : Commitments()) {
    ++sections[line.section()];
    ++formats[line.formats(0)];
    EXPECT_THAT(line.titles(), SizeIs(3));
    EXPECT_THAT(line.formats(), SizeIs(1));
  }
  EXPECT_EQ(sections, (std::map<std::string, int>{{"A", 5}, {"B", 3}, {"D", 80}}));
  EXPECT_EQ(formats, (std::map<std::string, int>{{"CSV", 81}, {"XML", 7}}));
}

INSTANTIATE_TEST_SUITE_P(Orders, TranslationOrderTest, ::testing::Range(0, 6));

TEST_F(TranslationTest, ADisagreementIsAWarningAndThePlanStays) {
  Import(hans_);
  const Commitment before = GetLine("a-4");
  Line(english_, "A", 4).set_target_date("2022-10");
  Line(english_, "A", 4).set_frequency(almanac::v1::YEARLY);
  Line(english_, "A", 5).add_formats("XML");
  // So much is different that it may be another line.
  Line(english_, "B", 1).set_target_date("2024-07");
  Line(english_, "B", 1).set_frequency(almanac::v1::MONTHLY);
  Line(english_, "B", 1).set_discontinued(true);
  Line(english_, "B", 3).set_number(4);
  const ImportPlanResponse response = Import(english_);
  EXPECT_THAT(
      Warnings(response),
      ElementsAre(
          "13: A4 List of Co-parenting Support Centres: target_date is 2022-10 here, but 2022-09 in the plan; "
          "frequency is YEARLY here, but AS_NEEDED in the plan, which stays as it is",
          "14: A5 Head 170 - Expenditure Data of the Social Welfare Department: formats is CSV, XML here, but CSV "
          "in the plan, which stays as it is",
          "19: B1 Statistics on Community Service Orders Scheme: left out, since it may be about something else: "
          "target_date is 2024-07 here, but 2024-06 in the plan; frequency is MONTHLY here, but YEARLY in the "
          "plan; discontinued is true here, but false in the plan",
          "21: B4 Statistics on Probation Service: the plan has no such line; left out",
          "0: B3 (publishers/swd/plans/2022-2024/commitments/b-3) of the plan is not here"));
  EXPECT_EQ(response.changed_count(), kLines - 2);
  EXPECT_EQ(response.added_count() + response.removed_count(), 0);
  const Commitment after = GetLine("a-4");
  EXPECT_EQ(after.first_target_date(), "2022-09");
  EXPECT_EQ(after.frequency(), almanac::v1::AS_NEEDED);
  EXPECT_EQ(At(after.titles(), "en"), "List of Co-parenting Support Centres");
  EXPECT_EQ(At(after.titles(), "zh-Hans-HK"), At(before.titles(), "zh-Hans-HK"));
  EXPECT_THAT(GetLine("a-5").formats(), ElementsAre("CSV"));
  for (const char* id : {"b-1", "b-3"}) EXPECT_THAT(GetLine(id).titles(), SizeIs(1)) << id;
  EXPECT_THAT(Commitments(), SizeIs(kLines));

  // The same again warns again and changes nothing.
  const int64_t head = HeadRevision();
  const ImportPlanResponse again = Import(english_);
  EXPECT_EQ(Warnings(again), Warnings(response));
  EXPECT_EQ(again.unchanged_count(), kLines - 2);
  EXPECT_EQ(HeadRevision(), head);
}

TEST_F(TranslationTest, ALineThatIsRenumberedKeepsItsTexts) {
  Import(hans_);
  Import(english_);
  Line(hans_, "A", 5).set_number(6);
  Import(hans_);
  EXPECT_EQ(At(GetLine("a-5").titles(), "en"), "Head 170 - Expenditure Data of the Social Welfare Department");
  const int64_t head = HeadRevision();
  EXPECT_THAT(
      Warnings(Import(english_)),
      ElementsAre("14: A5 Head 170 - Expenditure Data of the Social Welfare Department: number is 5 here, but 6 "
                  "in the plan, which stays as it is"));
  EXPECT_EQ(HeadRevision(), head);
  Line(english_, "A", 5).set_number(6);
  ExpectUnchanged(english_);
}

TEST_F(TranslationTest, WhatBecameOfAPromiseIsNoDisagreement) {
  Import(hans_);
  Do(ToMove(absl::StrCat(kPlan, "/commitments/a-1"), "2022-09"));
  Do(ToRelease(absl::StrCat(kPlan, "/commitments/a-2"), "2022-07-02"));
  Do(ToCancel(absl::StrCat(kPlan, "/commitments/a-3")));
  EXPECT_THAT(Warnings(Import(english_)), IsEmpty());
  EXPECT_EQ(GetLine("a-1").target_date(), "2022-09");
  EXPECT_EQ(GetLine("a-2").state(), Commitment::RELEASED);
  EXPECT_EQ(GetLine("a-3").state(), Commitment::CANCELLED);
  EXPECT_EQ(At(GetLine("a-3").titles(), "en"), Line(english_, "A", 3).title());
}

TEST_F(TranslationTest, ACorrectedTranslationReachesADatasetThatNobodyEdited) {
  Import(hans_);
  Import(english_);
  const std::string dataset = GetLine("a-1").dataset();
  const std::string edited = GetLine("a-2").dataset();
  almanac::v1::UpdateDatasetRequest edit;
  edit.mutable_dataset()->set_name(edited);
  *edit.mutable_dataset()->mutable_titles() = GetDataset(edited).titles();
  (*edit.mutable_dataset()->mutable_titles())["en"] = "Voucher providers";
  Do(edit);
  Line(english_, "A", 1).set_title("List of Outreaching Teams for Ethnic Minorities");
  Line(english_, "A", 2).set_title("List of Providers");
  const ImportPlanResponse response = Import(english_);
  EXPECT_EQ(response.changed_count(), 2);
  ASSERT_THAT(response.lines(), SizeIs(2));
  ASSERT_THAT(response.lines(0).fields(), SizeIs(1));
  EXPECT_EQ(response.lines(0).fields(0).field(), "title");
  EXPECT_EQ(response.lines(0).fields(0).before(), "List of Ethnic Minority Outreach Teams");
  EXPECT_EQ(At(GetDataset(dataset).titles(), "en"), "List of Outreaching Teams for Ethnic Minorities");
  EXPECT_THAT(GetDataset(dataset).former_titles(), IsEmpty());
  EXPECT_EQ(At(GetDataset(edited).titles(), "en"), "Voucher providers");
  EXPECT_EQ(At(GetLine("a-2").titles(), "en"), "List of Providers");
  ExpectUnchanged(english_);
  ExpectUnchanged(hans_);
}

TEST_F(TranslationTest, TheNextEditionSaysWhatADatasetIsInEveryLanguage) {
  Import(hans_);
  Import(english_);
  const std::string dataset = GetLine("a-1").dataset();
  for (PlanDocument* document : {&hans_, &english_}) {
    document->mutable_period()->set_start_year(2023);
    document->mutable_period()->set_end_year(2025);
  }
  const std::string former = Line(english_, "A", 1).title();
  Line(hans_, "A", 1).set_remark("新的备注");
  Line(english_, "A", 1).set_title("List of New Teams");
  Line(english_, "A", 1).set_remark("A new remark");
  Import(hans_);
  Import(english_);
  EXPECT_EQ(At(GetDataset(dataset).titles(), "en"), "List of New Teams");
  EXPECT_EQ(At(GetDataset(dataset).remarks(), "en"), "A new remark");
  ASSERT_THAT(GetDataset(dataset).former_titles(), SizeIs(1));
  EXPECT_EQ(GetDataset(dataset).former_titles(0).text(), former);
  ExpectUnchanged(english_);
}

TEST_F(TranslationTest, APublishedPlanTakesAnotherLanguageAndKeepsEveryWordItHas) {
  Import(hans_);
  Do(Named<PublishPlanRequest>(kPlan));
  // Lines that are left out the first time can be added later.
  const PlanDocument whole = english_;
  english_.mutable_commitments()->RemoveLast();
  EXPECT_EQ(Import(english_).changed_count(), kLines - 1);
  EXPECT_EQ(Import(whole).changed_count(), 1);
  ExpectTexts(whole);
  ExpectUnchanged(whole);
  ExpectUnchanged(hans_);
  EXPECT_EQ(GetPlan(kPlan).state(), ReleasePlan::PUBLISHED);

  PlanDocument corrected = whole;
  Line(corrected, "A", 1).set_title("List of Teams");
  const grpc::Status status = Refused(Request(corrected), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "PLAN_PUBLISHED");
  EXPECT_THAT(status.error_message(), HasSubstr("in 1 place, first line 10 List of Teams"));
  corrected = whole;
  Line(corrected, "A", 1).clear_remark();
  Refused(Request(corrected), grpc::StatusCode::FAILED_PRECONDITION);
  corrected = whole;
  corrected.set_title("Open Data Plans for 2022 to 2024");
  Refused(Request(corrected), grpc::StatusCode::FAILED_PRECONDITION);
  corrected = whole;
  corrected.mutable_sections(1)->set_title("To be released later");
  Refused(Request(corrected), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(TranslationTest, APlanThatWasPublishedBeforePlansHadALanguageIsInThatOfItsHeading) {
  Import(hans_);
  Do(Named<PublishPlanRequest>(kPlan));
  database_.Sql("update plans set language = ''");
  ExpectUnchanged(hans_);
  EXPECT_EQ(Import(english_).changed_count(), kLines);
  ExpectTexts(english_);
  ExpectUnchanged(hans_);
}

TEST_F(TranslationTest, APlanMadeByHandTakesTheLanguageOfItsFirstDocument) {
  AddPublisher();
  AddPlan();
  EXPECT_EQ(GetPlan(kPlan).language(), "");
  EXPECT_EQ(Import(hant_).added_count(), kLines);
  EXPECT_EQ(GetPlan(kPlan).language(), "zh-Hant-HK");
  ExpectUnchanged(hant_);
}

TEST_F(TranslationTest, ADocumentOfAnotherPublisherIsRefusedInALanguageThatThePublisherHas) {
  Import(hans_);
  Import(english_);
  english_.set_publisher_title("Department of Health");
  EXPECT_EQ(ReasonOf(Refused(Request(english_), grpc::StatusCode::FAILED_PRECONDITION)), "PUBLISHER_MISMATCH");
}

TEST_F(TranslationTest, OneLanguageTooManyIsRefusedByLine) {
  hans_.mutable_commitments()->DeleteSubrange(1, kLines - 1);
  Import(hans_);
  const auto in = [&](int i) {
    PlanDocument document = hans_;
    // Of the regions that ISO 3166 leaves to its users: XA to XZ, then QM to QZ.
    document.set_language(i < 26 ? absl::StrFormat("en-X%c", 'A' + i) : absl::StrFormat("en-Q%c", 'M' + i - 26));
    return document;
  };
  for (int i = 1; i < 32; ++i) EXPECT_EQ(Import(in(i)).changed_count(), 1) << i;
  EXPECT_THAT(GetLine("a-1").titles(), SizeIs(32));
  Refused(Request(in(32)), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(TranslationTest, APreviewShowsTextsAndWarningsAndChangesNothing) {
  Import(hans_);
  Line(english_, "A", 4).set_target_date("2022-10");
  ImportPlanRequest request = Request(english_);
  request.set_validate_only(true);
  const int64_t head = HeadRevision();
  const ImportPlanResponse preview = Do(request);
  EXPECT_EQ(HeadRevision(), head);
  EXPECT_EQ(preview.changed_count(), kLines);
  EXPECT_THAT(Warnings(preview), SizeIs(1));
  EXPECT_EQ(Warnings(Import(english_)), Warnings(preview));
}

}  // namespace
}  // namespace almanac::testing
