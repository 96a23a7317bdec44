#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "db/errors.h"
#include "google/rpc/error_details.pb.h"
#include "service/validation.h"

namespace almanac::service {
namespace {

using almanac::v1::DocumentCommitment;
using almanac::v1::PlanDocument;

std::vector<std::string> Faults(const absl::Status& status) {
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status;
  std::vector<std::string> fields;
  const auto request = db::Detail<google::rpc::BadRequest>(status);
  for (const auto& violation : request.field_violations()) {
    fields.push_back(violation.field());
  }
  return fields;
}

DocumentCommitment Line(int number) {
  DocumentCommitment line;
  line.set_section("A");
  line.set_number(number);
  line.set_title(absl::StrCat("Title ", number));
  line.set_target_date("2022-06");
  line.set_line(100 + number);
  return line;
}

PlanDocument Document(int lines = 1) {
  PlanDocument document;
  document.set_publisher_title("社会福利署");
  document.mutable_period()->set_start_year(2022);
  document.mutable_period()->set_end_year(2024);
  document.set_language("zh-Hans-HK");
  document.add_sections()->set_code("A");
  for (int i = 1; i <= lines; ++i) *document.add_commitments() = Line(i);
  return document;
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CheckDocumentTest, TakesUpTo5000Lines) {
  EXPECT_THAT(Faults(CheckDocument(Document(5000))), IsEmpty());
  EXPECT_THAT(Faults(CheckDocument(Document(5001))), ElementsAre("document.commitments"));
  EXPECT_THAT(Faults(CheckDocument(Document(0))), ElementsAre("document.commitments"));
}

TEST(CheckDocumentTest, NamesEachWrongLine) {
  PlanDocument document = Document(4);
  document.mutable_commitments(1)->set_target_date("2022-13");
  document.mutable_commitments(2)->clear_title();
  document.mutable_commitments(3)->set_number(0);
  EXPECT_THAT(Faults(CheckDocument(document)),
              ElementsAre("document.commitments[1] (line 102).target_date", "document.commitments[2] (line 103).title",
                          "document.commitments[3] (line 104).number"));
}

TEST(CheckDocumentTest, ALineHasATargetOrAReleaseDateOrBoth) {
  PlanDocument document = Document(3);
  document.mutable_commitments(0)->clear_target_date();
  document.mutable_commitments(1)->set_release_date("2021-06");
  document.mutable_commitments(2)->clear_target_date();
  document.mutable_commitments(2)->set_release_date("2021-06");
  EXPECT_THAT(Faults(CheckDocument(document)), ElementsAre("document.commitments[0] (line 101).target_date"));
}

TEST(CheckDocumentTest, ACancellationHasANoteAndNoRelease) {
  PlanDocument document = Document(4);
  document.mutable_commitments(0)->mutable_cancellation()->set_note("Funding was cut");
  document.mutable_commitments(1)->mutable_cancellation()->set_note(" ");
  document.mutable_commitments(2)->mutable_cancellation()->set_note("Funding was cut");
  document.mutable_commitments(2)->set_release_date("2022-07");
  document.mutable_commitments(3)->mutable_cancellation()->set_note("Funding was cut");
  document.mutable_commitments(3)->mutable_cancellation()->set_reason(static_cast<almanac::v1::Commitment::Reason>(99));
  EXPECT_THAT(Faults(CheckDocument(document)), ElementsAre("document.commitments[1] (line 102).cancellation.note",
                                                           "document.commitments[2] (line 103).cancellation",
                                                           "document.commitments[3] (line 104).cancellation.reason"));
}

TEST(CheckDocumentTest, ALandingPageIsAUrl) {
  PlanDocument document = Document(4);
  document.mutable_commitments(0)->set_landing_page("https://data.gov.hk/en-data/dataset/swd");
  document.mutable_commitments(1)->set_landing_page("ftp://data.gov.hk");
  document.mutable_commitments(2)->set_landing_page("https://" + std::string(1992, 'a'));
  document.mutable_commitments(3)->set_landing_page("https://" + std::string(1993, 'a'));
  EXPECT_THAT(Faults(CheckDocument(document)), ElementsAre("document.commitments[1] (line 102).landing_page",
                                                           "document.commitments[3] (line 104).landing_page"));
}

TEST(CheckDocumentTest, ASectionIsThereOnce) {
  PlanDocument document = Document();
  document.add_sections()->set_code("B");
  EXPECT_THAT(Faults(CheckDocument(document)), IsEmpty());
  document.add_sections()->set_code("A");
  EXPECT_THAT(Faults(CheckDocument(document)), ElementsAre("document.sections[2].code"));
}

TEST(CheckDocumentTest, NamesAllThatIsMissing) {
  EXPECT_THAT(Faults(CheckDocument(PlanDocument())),
              ElementsAre("document.publisher_title", "document.period", "document.language", "document.commitments"));
}

TEST(CheckDocumentTest, WhatTheReaderWarnedAboutIsNotJudged) {
  PlanDocument document = Document();
  document.add_warnings()->set_message("what is this?");
  EXPECT_THAT(Faults(CheckDocument(document)), IsEmpty());
}

// However much is wrong, the answer fits the 8 KB that gRPC grants to the trailers of a call, where text outside ASCII
// takes three times its bytes and the details four thirds of theirs.
TEST(ErrorSizeTest, ManyFaultsMakeNoLargeError) {
  PlanDocument document = Document(5000);
  for (auto& line : *document.mutable_commitments()) line.set_target_date("下个月下个月下个月下个月下个月下个月下个月");
  const absl::Status status = CheckDocument(document);
  ASSERT_FALSE(status.ok());
  size_t details = status.message().size();
  status.ForEachPayload(
      [&](absl::string_view type, const absl::Cord& detail) { details += type.size() + detail.size(); });
  EXPECT_LT(3 * status.message().size() + 4 * details / 3, 7500u);
  const auto request = db::Detail<google::rpc::BadRequest>(status);
  EXPECT_GE(request.field_violations_size(), 5);
  // The last one says that there are more.
  EXPECT_THAT(request.field_violations().rbegin()->description(), ::testing::HasSubstr("more"));
}

TEST(ErrorSizeTest, ALongWordIsCutBetweenCharacters) {
  std::string chinese;
  for (int i = 0; i < 2000; ++i) chinese += "汉";
  for (const absl::Status& status :
       {db::FailedPrecondition("REASON", "publishers/swd", chinese), db::InvalidField("field", "x" + chinese),
        db::InvalidField("field", "xx" + chinese)}) {
    EXPECT_LT(status.message().size(), 1000u);
    EXPECT_TRUE(CheckText("message", std::string(status.message()), 1000).ok());
  }
}

}  // namespace
}  // namespace almanac::service
