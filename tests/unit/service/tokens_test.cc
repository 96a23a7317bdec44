#include "service/tokens.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "almanac/v1/dataset_service.pb.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "db/errors.h"
#include "google/rpc/error_details.pb.h"

namespace almanac::service {
namespace {

using almanac::v1::ListDatasetsRequest;

ListDatasetsRequest Request(const std::string& parent = "publishers/swd") {
  ListDatasetsRequest request;
  request.set_parent(parent);
  return request;
}

void ExpectForeign(const absl::Status& status, const std::string& field) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(db::Detail<google::rpc::BadRequest>(status).field_violations(0).field(), field);
}

TEST(PageTokenTest, GivesBackThePosition) {
  const std::string binding = PageBinding(Request());
  const std::string token = MakePageToken(binding, {"publishers/swd/datasets/d", "A", "7"});
  const auto position = ReadPageToken(token, binding, 3);
  ASSERT_TRUE(position.ok());
  EXPECT_EQ(*position, (std::vector<std::string>{"publishers/swd/datasets/d", "A", "7"}));
}

TEST(PageTokenTest, AnEmptyTokenIsTheBeginning) {
  const auto position = ReadPageToken("", PageBinding(Request()), 1);
  ASSERT_TRUE(position.ok());
  EXPECT_TRUE(position->empty());
}

TEST(PageTokenTest, TheSizeAndTheTokenDoNotBind) {
  ListDatasetsRequest other = Request();
  other.set_page_size(7);
  other.set_page_token("abc");
  EXPECT_EQ(PageBinding(other), PageBinding(Request()));
}

TEST(PageTokenTest, HowFreshAPageIsDoesNotBind) {
  ListDatasetsRequest other = Request();
  other.mutable_consistency()->set_any(true);
  EXPECT_EQ(PageBinding(other), PageBinding(Request()));
}

TEST(PageTokenTest, EveryOtherFieldAndTheMethodBind) {
  ListDatasetsRequest deleted = Request();
  deleted.set_show_deleted(true);
  ListDatasetsRequest past = Request();
  past.mutable_at()->set_revision(7);
  EXPECT_NE(PageBinding(past), PageBinding(Request()));
  almanac::v1::ListReleasePlansRequest plans;
  plans.set_parent("publishers/swd");
  EXPECT_NE(PageBinding(deleted), PageBinding(Request()));
  EXPECT_NE(PageBinding(Request("publishers/ha")), PageBinding(Request()));
  EXPECT_NE(PageBinding(plans), PageBinding(Request()));
}

TEST(PageTokenTest, TheTokenOfAnotherRequestIsRefused) {
  const std::string token = MakePageToken(PageBinding(Request("publishers/ha")), {"publishers/ha/datasets/d"});
  ExpectForeign(ReadPageToken(token, PageBinding(Request()), 1).status(), "page_token");
}

TEST(PageTokenTest, ATruncatedTokenIsRefused) {
  const std::string binding = PageBinding(Request());
  const std::string token = MakePageToken(binding, {"p", "A", "7"});
  // The last two characters hold the last part of the position alone; without one more, a part is missing.
  for (size_t size = 1; size + 2 < token.size(); ++size) {
    ExpectForeign(ReadPageToken(token.substr(0, size), binding, 3).status(), "page_token");
  }
}

TEST(PageTokenTest, AForgedTokenIsRefused) {
  const std::string binding = PageBinding(Request());
  const std::string resume = MakeResumeToken({.catalogue_id = "c", .epoch = 1, .revision = 2, .filter_binding = "f"});
  for (const std::string& token :
       {std::string("%"), std::string("!!!!"), std::string("abcd"), std::string(100'000, 'A'), std::string("\0", 1),
        std::string("汉字"), resume, std::string(absl::WebSafeBase64Escape("p1")),
        std::string(absl::WebSafeBase64Escape("p1\x1f" + binding)),
        std::string(absl::WebSafeBase64Escape("p2\x1f" + binding + "\x1fpublishers/swd/datasets/d"))}) {
    ExpectForeign(ReadPageToken(token, binding, 1).status(), "page_token");
  }
}

TEST(PageTokenTest, APositionOfAnotherSizeIsRefused) {
  const std::string binding = PageBinding(Request());
  ExpectForeign(ReadPageToken(MakePageToken(binding, {"a", "b"}), binding, 1).status(), "page_token");
  ExpectForeign(ReadPageToken(MakePageToken(binding, {"a", "b"}), binding, 3).status(), "page_token");
}

TEST(ResumeTokenTest, GivesBackWhatItHolds) {
  const auto read = ReadResumeToken(
      MakeResumeToken({.catalogue_id = "id", .epoch = 3, .revision = 9'000'000'000, .filter_binding = "f"}));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->catalogue_id, "id");
  EXPECT_EQ(read->epoch, 3);
  EXPECT_EQ(read->revision, 9'000'000'000);
  EXPECT_EQ(read->filter_binding, "f");
}

TEST(ResumeTokenTest, AForgedTokenIsRefused) {
  const auto forged = [](const std::string& text) { return std::string(absl::WebSafeBase64Escape(text)); };
  for (const std::string& token : {std::string(""), std::string("%%%"), std::string("r1"), MakePageToken("b", {"x"}),
                                   forged("r1\x1f"
                                          "id\x1f"
                                          "1"),
                                   forged("r1\x1f"
                                          "id\x1f"
                                          "one\x1f"
                                          "2\x1f"
                                          "f"),
                                   forged("r1\x1f"
                                          "id\x1f"
                                          "1\x1f-2\x1f"
                                          "f"),
                                   forged("r1\x1f"
                                          "id\x1f"
                                          "1\x1f"
                                          "99999999999999999999\x1f"
                                          "f"),
                                   forged("r2\x1f"
                                          "id\x1f"
                                          "1\x1f"
                                          "2\x1f"
                                          "f"),
                                   forged("r1\x1f"
                                          "id\x1f"
                                          "1\x1f"
                                          "2\x1f"
                                          "f\x1fmore")}) {
    ExpectForeign(ReadResumeToken(token).status(), "resume_token");
  }
}

}  // namespace
}  // namespace almanac::service
