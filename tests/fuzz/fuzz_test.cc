#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "almanac/v1/dataset.pb.h"
#include "db/fields.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/filter.h"
#include "service/tokens.h"
#include "tests/fuzz/filters.h"
#include "tests/fuzz/judge.h"
#include "tests/fuzz/page_tokens.h"
#include "tests/fuzz/parsers.h"
#include "tests/fuzz/texts.h"

namespace almanac::fuzz {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(FuzzTest, ParsersWithstand) {
  for (uint64_t number = 0; number < 5000; ++number) {
    const absl::Status status = RunParserCase(20220630, number);
    ASSERT_TRUE(status.ok()) << "case " << number << ": " << status;
  }
}

TEST(FuzzTest, CasesFollowFromTheSeed) {
  const auto fields = FuzzFieldsOf(*v1::Dataset::descriptor());
  const auto text = [&](uint64_t seed, uint64_t number) {
    Random random(seed, number);
    return RandomFilter(fields, random) + WildText(random, 20) + StrangeToken("AAAA", random);
  };
  EXPECT_EQ(text(1, 7), text(1, 7));
  EXPECT_NE(text(1, 7), text(2, 7));
  EXPECT_NE(text(1, 7), text(1, 8));
}

// A fuzzer whose filters are all refused shows nothing of what is behind the parser.
TEST(FuzzTest, FiltersMeanSomethingOrNot) {
  const auto fields = FuzzFieldsOf(*v1::Dataset::descriptor());
  int accepted = 0;
  for (uint64_t number = 0; number < 1000; ++number) {
    Random random(1, number);
    accepted +=
        service::CheckFilter(ToUtf8(RandomFilter(fields, random)), db::DatasetFields(), absl::UnixEpoch()).ok() ? 1 : 0;
  }
  EXPECT_GT(accepted, 200);
  EXPECT_LT(accepted, 800);
}

TEST(FuzzTest, TokensGetPastTheirBinding) {
  const std::string token = service::MakePageToken("binding", {"a", "b"});
  int read = 0;
  for (uint64_t number = 0; number < 1000; ++number) {
    Random random(1, number);
    const std::string strange = StrangeToken(token, random);
    read += strange != token && service::ReadPageToken(strange, "binding", 2).ok() ? 1 : 0;
  }
  EXPECT_GT(read, 100);
}

TEST(FuzzTest, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(ToUtf8("a維\U0010FFFF"), "a維\U0010FFFF");
  EXPECT_EQ(ToUtf8("\xff-\xc0\xaf"), "\ufffd-\ufffd\ufffd");
  EXPECT_EQ(ToUtf8("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");
  EXPECT_EQ(ToUtf8("\xe7\xb6"), "\ufffd\ufffd");
  EXPECT_EQ(ToUtf8("\xf5\x80\x80\x80"), "\ufffd\ufffd\ufffd\ufffd");
}

TEST(FuzzTest, TheJudgeTakesRefusalsButNoFailures) {
  EXPECT_THAT(ComplaintAbout(grpc::Status::OK), IsEmpty());
  EXPECT_THAT(ComplaintAbout({grpc::StatusCode::INVALID_ARGUMENT, "at character 5: a value was expected"}), IsEmpty());
  EXPECT_THAT(ComplaintAbout({grpc::StatusCode::INTERNAL, "no"}), HasSubstr("INTERNAL"));
  EXPECT_THAT(ComplaintAbout({grpc::StatusCode::UNAVAILABLE, "no"}), HasSubstr("UNAVAILABLE"));
  EXPECT_THAT(ComplaintAbout({grpc::StatusCode::UNAVAILABLE, "no"}, /*may_wait=*/true), HasSubstr("UNAVAILABLE"));
  EXPECT_THAT(ComplaintAbout({grpc::StatusCode::INVALID_ARGUMENT, "ERROR:  syntax error at or near \"(\""}),
              HasSubstr("ERROR:"));
  EXPECT_THAT(ComplaintAbout({grpc::StatusCode::NOT_FOUND, "no pqxx"}), HasSubstr("pqxx"));
  EXPECT_THAT(ComplaintAbout({grpc::StatusCode::NOT_FOUND, "no \xff"}), HasSubstr("UTF-8"));
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  info.set_reason("REVISION_NOT_REACHED");
  details.add_details()->PackFrom(info);
  const grpc::Status late(grpc::StatusCode::UNAVAILABLE, "no", details.SerializeAsString());
  EXPECT_THAT(ComplaintAbout(late), HasSubstr("UNAVAILABLE"));
  EXPECT_THAT(ComplaintAbout(late, /*may_wait=*/true), IsEmpty());
}

}  // namespace
}  // namespace almanac::fuzz
