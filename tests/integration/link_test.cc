#include <gmock/gmock.h>

#include "tests/integration/editions_fixture.h"

// Which dataset a line is about: what an import cannot tell, and what LinkCommitment says.
namespace almanac::testing {
namespace {

using almanac::v1::AmbiguousLine;
using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::CreateDatasetRequest;
using almanac::v1::Dataset;
using almanac::v1::ImportPlanRequest;
using almanac::v1::ImportPlanResponse;
using almanac::v1::PublishPlanRequest;
using almanac::v1::ReleasePlan;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LinkTest : public EditionsTest {
 protected:
  // A document in English for a year and the two after, with a line for each title, promised for June of the year.
  static ImportPlanRequest Document(int year, const std::vector<std::string>& titles) {
    ImportPlanRequest request;
    request.set_parent("publishers/swd");
    almanac::v1::PlanDocument& document = *request.mutable_document();
    document.set_publisher_title("Publisher swd");
    document.set_language("en");
    document.mutable_period()->set_start_year(year);
    document.mutable_period()->set_end_year(year + 2);
    for (const std::string& title : titles) {
      auto& line = *document.add_commitments();
      line.set_section("A");
      line.set_number(document.commitments_size());
      line.set_title(title);
      line.set_target_date(absl::StrCat(year, "-06"));
      line.set_line(document.commitments_size() + 10);
    }
    return request;
  }

  std::string AddTitled(const std::string& id, const std::string& title, const std::string& language = "en") {
    auto request = Named<CreateDatasetRequest>("publishers/swd");
    request.set_dataset_id(id);
    (*request.mutable_dataset()->mutable_titles())[language] = title;
    return Do(request).name();
  }

  // Imports the same again, which must change nothing.
  ImportPlanResponse ImportAgain(const ImportPlanRequest& request) {
    const int64_t head = HeadRevision();
    const ImportPlanResponse response = Do(request);
    EXPECT_EQ(response.revision(), 0);
    EXPECT_EQ(response.unchanged_count(), request.document().commitments_size());
    EXPECT_EQ(HeadRevision(), head);
    return response;
  }
};

TEST_F(LinkTest, ALineThatFitsSeveralDatasetsIsImportedAndWaitsForAnOfficer) {
  const std::string teams = AddTitled("teams", "Teams");
  AddTitled("teams-2", "TEAMS");
  const ImportPlanRequest document = Document(2022, {"Teams", "Shelters"});
  const ImportPlanResponse response = Do(document);
  EXPECT_EQ(response.added_count(), 2);
  const auto expect_ambiguous = [&](const ImportPlanResponse& answer) {
    ASSERT_THAT(answer.ambiguous_lines(), SizeIs(1));
    const AmbiguousLine& line = answer.ambiguous_lines(0);
    EXPECT_EQ(line.commitment(), Line(2022, "a-1"));
    EXPECT_EQ(line.title(), "Teams");
    EXPECT_EQ(line.line(), 11);
    EXPECT_THAT(line.candidate_datasets(), ElementsAre(DatasetOf("teams"), DatasetOf("teams-2")));
  };
  expect_ambiguous(response);
  const Commitment unsettled = GetCommitment(Line(2022, "a-1"));
  EXPECT_THAT(unsettled.candidate_datasets(), ElementsAre(DatasetOf("teams"), DatasetOf("teams-2")));
  const std::string& own = unsettled.dataset();
  EXPECT_EQ(own, response.lines(0).dataset());
  EXPECT_EQ(GetDataset(own).titles().at("en"), "Teams");
  EXPECT_NE(own, teams);
  expect_ambiguous(ImportAgain(document));

  const grpc::Status status = Barred(Named<PublishPlanRequest>(Plan(2022)), "UNRESOLVED_MATCH");
  EXPECT_THAT(status.error_message(),
              AllOf(HasSubstr("1 line that fits"), HasSubstr(": a-1;"), HasSubstr("LinkCommitment")));

  // Said once, it stays said.
  const int64_t head = HeadRevision();
  const Commitment linked = Do(ToLink(Line(2022, "a-1"), teams));
  EXPECT_EQ(linked.dataset(), teams);
  EXPECT_THAT(linked.candidate_datasets(), IsEmpty());
  EXPECT_EQ(GetCommitment(linked.name()).DebugString(), linked.DebugString());
  EXPECT_TRUE(GetDataset(own).has_delete_time());
  EXPECT_THAT(ChangeTextsAfter(head),
              ElementsAre("LINKED plans/2022-2024/commitments/a-1", "DELETED " + own.substr(15)));
  EXPECT_THAT(ChangesAfter(head)[0].changed_fields(), ElementsAre("candidate_datasets", "dataset"));
  EXPECT_THAT(ImportAgain(document).ambiguous_lines(), IsEmpty());
  EXPECT_EQ(Do(Named<PublishPlanRequest>(Plan(2022))).state(), ReleasePlan::PUBLISHED);
  EXPECT_THAT(ImportAgain(document).ambiguous_lines(), IsEmpty());
}

TEST_F(LinkTest, ATitleOfOneAndAFormerTitleOfAnotherIsAmbiguousAndTheOwnDatasetIsAnAnswer) {
  AddTitled("new", "Refuges");
  AddTitled("old", "Shelters");
  ImportPlanRequest document = Document(2022, {"Refuges"});
  document.mutable_document()->mutable_commitments(0)->add_former_titles("Shelters");
  Do(document);
  const Commitment unsettled = GetCommitment(Line(2022, "a-1"));
  EXPECT_THAT(unsettled.candidate_datasets(), ElementsAre(DatasetOf("new"), DatasetOf("old")));
  const int64_t head = HeadRevision();
  const Commitment own = Do(ToLink(unsettled.name(), unsettled.dataset()));
  EXPECT_EQ(own.dataset(), unsettled.dataset());
  EXPECT_THAT(own.candidate_datasets(), IsEmpty());
  EXPECT_FALSE(GetDataset(own.dataset()).has_delete_time());
  EXPECT_THAT(ChangeTextsAfter(head), ElementsAre("LINKED plans/2022-2024/commitments/a-1"));
  // Once more it changes nothing.
  EXPECT_EQ(Do(ToLink(unsettled.name(), unsettled.dataset())).DebugString(), own.DebugString());
  EXPECT_EQ(HeadRevision(), head + 1);
  EXPECT_THAT(ImportAgain(document).ambiguous_lines(), IsEmpty());
}

TEST_F(LinkTest, ADatasetIsFoundByItsTitleInAnyLanguage) {
  const std::string known = AddTitled("hiv", "HIV/AIDS", "zh-Hans-HK");
  const ImportPlanResponse response = Do(Document(2022, {"HIV / AIDS"}));
  EXPECT_EQ(response.lines(0).dataset(), known);
  EXPECT_THAT(response.ambiguous_lines(), IsEmpty());
  EXPECT_EQ(GetDataset(known).titles().at("en"), "HIV / AIDS");
}

TEST_F(LinkTest, SeveralEditionsCanWaitForTheSameWord) {
  AddTitled("teams", "Teams");
  AddTitled("teams-2", "Teams");
  for (const int year : {2021, 2022, 2023}) {
    const ImportPlanResponse response = Do(Document(year, {"Teams"}));
    ASSERT_THAT(response.ambiguous_lines(), SizeIs(1));
    EXPECT_THAT(response.ambiguous_lines(0).candidate_datasets(),
                ElementsAre(DatasetOf("teams"), DatasetOf("teams-2")));
  }
  for (const int year : {2021, 2022, 2023}) {
    Do(ToLink(Line(year, "a-1"), DatasetOf("teams-2")));
    Publish(year);
  }
  EXPECT_EQ(GetCommitment(Line(2023, "a-1")).original_target_date(), "2021-06");
  auto list = Named<almanac::v1::ListDatasetsRequest>("publishers/swd");
  EXPECT_THAT(NamesInPages(list, 10, &almanac::v1::ListDatasetsResponse::datasets),
              ElementsAre(DatasetOf("teams"), DatasetOf("teams-2")));
}

TEST_F(LinkTest, AnUnsettledLineThatTheDocumentLosesTakesItsDatasetAlong) {
  AddTitled("teams", "Teams");
  AddTitled("teams-2", "Teams");
  Do(Document(2022, {"Shelters", "Teams"}));
  const std::string own = GetCommitment(Line(2022, "a-2")).dataset();
  EXPECT_EQ(Do(Document(2022, {"Shelters"})).removed_count(), 1);
  EXPECT_TRUE(GetDataset(own).has_delete_time());
  EXPECT_FALSE(GetDataset(DatasetOf("teams")).has_delete_time());
  const ImportPlanResponse again = Do(Document(2022, {"Shelters", "Teams"}));
  ASSERT_THAT(again.ambiguous_lines(), SizeIs(1));
  EXPECT_THAT(again.ambiguous_lines(0).candidate_datasets(), ElementsAre(DatasetOf("teams"), DatasetOf("teams-2")));
}

TEST_F(LinkTest, ManyUnsettledLinesAreNamedAsFarAsAnErrorGoes) {
  std::vector<std::string> titles;
  for (int i = 1; i <= 12; ++i) {
    titles.push_back(absl::StrCat("Title ", i));
    for (const char* copy : {"x", "y"}) AddTitled(absl::StrCat(copy, i), titles.back());
  }
  EXPECT_THAT(Do(Document(2022, titles)).ambiguous_lines(), SizeIs(12));
  EXPECT_THAT(Barred(Named<PublishPlanRequest>(Plan(2022)), "UNRESOLVED_MATCH").error_message(),
              HasSubstr("12 lines that fit several datasets: a-1, a-2, a-3, a-4, a-5, a-6, a-7, a-8, a-9, a-10 and 2 "
                        "more;"));
}

TEST_F(LinkTest, AnEditOfADraftsLineSettlesItToo) {
  AddTitled("teams", "Teams");
  AddTitled("teams-2", "Teams");
  Do(Document(2022, {"Teams"}));
  almanac::v1::UpdateCommitmentRequest edit;
  edit.mutable_commitment()->set_name(Line(2022, "a-1"));
  edit.mutable_commitment()->set_dataset(DatasetOf("teams"));
  EXPECT_THAT(Do(edit).candidate_datasets(), IsEmpty());
  Publish(2022);
}

TEST_F(LinkTest, TheDatasetTakesWhatTheLineSays) {
  Promise(2022, "A", 1, "wrong", "2022-06");
  AddDataset("right");
  almanac::v1::UpdateCommitmentRequest edit;
  edit.mutable_commitment()->set_name(Line(2022, "a-1"));
  (*edit.mutable_commitment()->mutable_titles())["en"] = "Refuges";
  edit.mutable_commitment()->set_frequency(almanac::v1::MONTHLY);
  Do(edit);
  Do(ToLink(Line(2022, "a-1"), DatasetOf("right")));
  const Dataset right = GetDataset(DatasetOf("right"));
  EXPECT_EQ(right.titles().at("en"), "Refuges");
  EXPECT_EQ(right.frequency(), almanac::v1::MONTHLY);
  ASSERT_THAT(right.former_titles(), SizeIs(1));
  EXPECT_EQ(right.former_titles(0).text(), "Dataset right");
}

TEST_F(LinkTest, ADatasetOfWhichMoreIsKnownStays) {
  const auto link_away_from = [&](const std::string& id, int number) {
    Promise(2022, "A", number, id, "2022-06");
    AddDataset(id + "-right");
    Do(ToLink(Line(2022, absl::StrCat("a-", number)), DatasetOf(id + "-right")));
    return GetDataset(DatasetOf(id)).has_delete_time();
  };
  EXPECT_TRUE(link_away_from("unknown", 1));
  almanac::v1::UpdateDatasetRequest update;
  update.mutable_dataset()->set_name(AddDataset("page").name());
  update.mutable_dataset()->set_landing_page("https://example.org");
  Do(update);
  EXPECT_FALSE(link_away_from("page", 2));
  update.mutable_dataset()->set_name(AddDataset("dated").name());
  update.mutable_dataset()->clear_landing_page();
  update.mutable_dataset()->set_release_date("2020");
  Do(update);
  EXPECT_FALSE(link_away_from("dated", 3));
  Do(Named<almanac::v1::ReportUpdateRequest>(AddDataset("reported").name()));
  EXPECT_FALSE(link_away_from("reported", 4));
  Promise(2023, "A", 1, "promised", "2023");
  EXPECT_FALSE(link_away_from("promised", 5));
  // What the line itself listed is no other knowledge.
  ListReleased(2022, "D", 1, "listed", "2021-06");
  EXPECT_EQ(GetDataset(DatasetOf("listed")).release_date(), "2021-06");
  AddDataset("listed-right");
  Do(ToLink(Line(2022, "d-1"), DatasetOf("listed-right")));
  EXPECT_TRUE(GetDataset(DatasetOf("listed")).has_delete_time());
  EXPECT_EQ(GetDataset(DatasetOf("listed-right")).release_date(), "2021-06");
}

TEST_F(LinkTest, LinkingAPublishedLineMakesThePromiseOneAfterwards) {
  Promise(2021, "A", 1, "d1", "2022-06");
  Publish(2021);
  Promise(2022, "A", 1, "twin", "2022-12");
  Publish(2022);
  ListReleased(2023, "D", 1, "twin", "2022-12");
  Publish(2023);
  // The twin's promise was kept on time, and the first one seems dropped.
  EXPECT_EQ(GetCommitment(Line(2021, "a-1")).continued_by(), "");
  EXPECT_EQ(Text(GetCommitment(Line(2022, "a-1")).outcome().against_first_target()), "ON_TIME 0 days 0 months");

  const int64_t head = HeadRevision();
  const Commitment linked = Do(ToLink(Line(2022, "a-1"), DatasetOf("d1")));
  EXPECT_EQ(linked.continues(), Line(2021, "a-1"));
  EXPECT_EQ(linked.continued_by(), "");
  EXPECT_EQ(linked.original_target_date(), "2022-06");
  EXPECT_EQ(linked.state(), Commitment::RELEASED);
  // From 30 June to 1 December: July to November have 31 + 31 + 30 + 31 + 30 days.
  EXPECT_EQ(Text(linked.outcome().against_first_target()), "LATE 154 days 6 months");
  EXPECT_EQ(Text(linked.outcome().against_last_target()), "ON_TIME 0 days 0 months");
  EXPECT_EQ(GetCommitment(Line(2021, "a-1")).continued_by(), linked.name());
  // Alone, the listed line was promised by nobody.
  Commitment listed = GetCommitment(Line(2023, "d-1"));
  EXPECT_EQ(listed.continues(), "");
  EXPECT_FALSE(listed.has_outcome());
  EXPECT_EQ(listed.original_target_date(), "");
  EXPECT_EQ(GetDataset(DatasetOf("d1")).release_date(), "2022-12");
  for (const Change& change : ChangesAfter(head)) EXPECT_EQ(change.request_id(), ChangesAfter(head)[0].request_id());

  listed = Do(ToLink(Line(2023, "d-1"), DatasetOf("d1")));
  EXPECT_EQ(listed.continues(), Line(2022, "a-1"));
  EXPECT_EQ(listed.original_target_date(), "2022-06");
  EXPECT_EQ(Text(listed.outcome().against_first_target()), "LATE 154 days 6 months");
  EXPECT_EQ(GetCommitment(Line(2022, "a-1")).continued_by(), listed.name());
  EXPECT_TRUE(GetDataset(DatasetOf("twin")).has_delete_time());
}

TEST_F(LinkTest, LinkingAListedReleaseReleasesWhatWasPromised) {
  Promise(2022, "A", 1, "d1", "2022-06");
  Publish(2022);
  ListReleased(2023, "D", 1, "twin", "2022-06");
  Publish(2023);
  const int64_t head = HeadRevision();
  Do(ToLink(Line(2023, "d-1"), DatasetOf("d1")));
  const Commitment kept = GetCommitment(Line(2022, "a-1"));
  EXPECT_EQ(kept.state(), Commitment::RELEASED);
  EXPECT_EQ(kept.release_date(), "2022-06");
  EXPECT_EQ(GetDataset(DatasetOf("d1")).release_date(), "2022-06");
  EXPECT_THAT(ChangeTextsAfter(head), ElementsAre("UPDATED datasets/d1", "LINKED plans/2022-2024/commitments/a-1",
                                                  "RELEASED plans/2022-2024/commitments/a-1",
                                                  "LINKED plans/2023-2025/commitments/d-1", "DELETED datasets/twin"));
}

TEST_F(LinkTest, ADatasetGivesBackWhatItTookFromALineThatIsAboutAnother) {
  Promise(2022, "A", 1, "d1", "2022-06");
  Publish(2022);
  ImportPlanRequest document = Document(2023, {"Refuges"});
  document.mutable_document()->mutable_commitments(0)->add_former_titles("Dataset d1");
  Do(document);
  Publish(2023);
  EXPECT_EQ(GetDataset(DatasetOf("d1")).titles().at("en"), "Refuges");
  EXPECT_EQ(GetCommitment(Line(2022, "a-1")).continued_by(), Line(2023, "a-1"));
  AddDataset("refuges");
  Do(ToLink(Line(2023, "a-1"), DatasetOf("refuges")));
  const Dataset d1 = GetDataset(DatasetOf("d1"));
  EXPECT_EQ(d1.titles().at("en"), "Dataset d1");
  EXPECT_THAT(d1.former_titles(), IsEmpty());
  EXPECT_EQ(GetCommitment(Line(2022, "a-1")).continued_by(), "");
  EXPECT_EQ(GetCommitment(Line(2023, "a-1")).continues(), "");
  EXPECT_EQ(GetCommitment(Line(2023, "a-1")).original_target_date(), "2023-06");
}

TEST_F(LinkTest, WhatCannotBeLinkedIsRefused) {
  Promise(2022, "A", 1, "d1", "2022-06");
  const Commitment other = Promise(2022, "A", 2, "d2", "2022-06");
  AddDataset("free");
  AddPublisher("td");
  AddDataset("d1", "td");
  const std::string line = Line(2022, "a-1");
  const auto field_of = [&](const std::string& name, const std::string& dataset) {
    return FieldOf(Refused(ToLink(name, dataset), grpc::StatusCode::INVALID_ARGUMENT));
  };
  EXPECT_EQ(field_of("", DatasetOf("free")), "name");
  EXPECT_EQ(field_of(Plan(2022), DatasetOf("free")), "name");
  EXPECT_EQ(field_of(line, ""), "dataset");
  EXPECT_EQ(field_of(line, "free"), "dataset");
  EXPECT_EQ(field_of(line, "publishers/td/datasets/d1"), "dataset");
  const auto missing = [&](const std::string& name, const std::string& dataset) {
    const grpc::Status status = Refused(ToLink(name, dataset), grpc::StatusCode::NOT_FOUND);
    return DetailOf<google::rpc::ResourceInfo>(status).resource_name();
  };
  EXPECT_EQ(missing(Line(2022, "a-9"), DatasetOf("free")), Line(2022, "a-9"));
  EXPECT_EQ(missing(line, DatasetOf("nothing")), DatasetOf("nothing"));
  Do(Named<almanac::v1::DeleteDatasetRequest>(AddDataset("gone").name()));
  EXPECT_EQ(missing(line, DatasetOf("gone")), DatasetOf("gone"));
  const grpc::Status taken = Refused(ToLink(line, DatasetOf("d2")), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(taken).resource_name(), other.name());

  Do(Named<almanac::v1::DeleteCommitmentRequest>(other.name()));
  Refused(ToLink(other.name(), DatasetOf("free")), grpc::StatusCode::NOT_FOUND);
  const std::string etag = GetCommitment(line).etag();
  EXPECT_EQ(DoWithEtag(ToLink(line, DatasetOf("d2")), "\"1\"", etag).dataset(), DatasetOf("d2"));
}

TEST_F(LinkTest, APreviewOfALinkChangesNothing) {
  Promise(2022, "A", 1, "d1", "2022-06");
  AddDataset("right");
  const int64_t head = HeadRevision();
  auto request = ToLink(Line(2022, "a-1"), DatasetOf("right"));
  request.set_validate_only(true);
  EXPECT_EQ(Do(request).dataset(), DatasetOf("right"));
  EXPECT_EQ(HeadRevision(), head);
  EXPECT_EQ(GetCommitment(Line(2022, "a-1")).dataset(), DatasetOf("d1"));
}

TEST_F(LinkTest, ADatasetThatCannotTakeWhatTheLineSaysIsNamed) {
  Promise(2022, "A", 1, "d1", "2022-06");
  auto request = Named<CreateDatasetRequest>("publishers/swd");
  request.set_dataset_id("full");
  // 32 languages, as many as a text can have, and English is none of them.
  for (int i = 0; i < 32; ++i) {
    const std::string letters = {static_cast<char>('a' + i / 16), static_cast<char>('a' + i % 16)};
    (*request.mutable_dataset()->mutable_titles())["zh-x-" + letters] = "名单";
  }
  Do(request);
  const grpc::Status status = Refused(ToLink(Line(2022, "a-1"), DatasetOf("full")), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(FieldOf(status), "dataset");
  EXPECT_THAT(status.error_message(), HasSubstr("33 languages"));
}

}  // namespace
}  // namespace almanac::testing
