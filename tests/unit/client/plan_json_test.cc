#include "client/documents/plan_json.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <nlohmann/json.hpp>
#include <string>

#include "gtest/gtest.h"
#include "tests/unit/client/plan_testing.h"

namespace almanac::client {
namespace {

TEST(PlanJson, HasEveryKeyOnEveryLine) {
  const auto json = nlohmann::json::parse(PlanDocumentToJson(ParseOrFail(SamplePlan())));
  EXPECT_EQ(json.at("publisherTitle"), "社会福利署");
  EXPECT_EQ(json.at("period").at("startYear"), 2022);
  EXPECT_EQ(json.at("period").at("endYear"), 2024);
  EXPECT_EQ(json.at("publishedOn"), "2021-12");
  EXPECT_TRUE(json.at("warnings").is_array());
  ASSERT_EQ(json.at("commitments").size(), 88u);
  for (const auto& commitment : json.at("commitments")) {
    for (const char* key : {"section", "category", "title", "targetDate", "releaseDate", "frequency", "frequencyText",
                            "remark", "lastUpdateDate"}) {
      EXPECT_TRUE(commitment.at(key).is_string()) << key;
    }
    for (const char* key : {"number", "line"}) EXPECT_TRUE(commitment.at(key).is_number_integer()) << key;
    for (const char* key : {"formats", "formerTitles"}) EXPECT_TRUE(commitment.at(key).is_array()) << key;
    EXPECT_TRUE(commitment.at("discontinued").is_boolean());
  }
  EXPECT_EQ(json.at("commitments")[0].at("frequency"), "AS_NEEDED");
  EXPECT_EQ(json.at("commitments")[0].at("releaseDate"), "");
}

TEST(PlanJson, HasWarningsWithTheirLines) {
  const auto json = nlohmann::json::parse(PlanDocumentToJson(ParseOrFail(PlanOf({"1\t甲 / 乙\t13/2022\t每年\t丙"}))));
  ASSERT_EQ(json.at("warnings").size(), 1u);
  EXPECT_EQ(json.at("warnings")[0].at("line"), kFirstRow);
  EXPECT_TRUE(json.at("warnings")[0].at("message").is_string());
}

TEST(PlanJson, IsReadBackAsTheSameDocument) {
  const v1::PlanDocument document = ParseOrFail(SamplePlan());
  v1::PlanDocument read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(PlanDocumentToJson(document), &read).ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(document, read));
}

}  // namespace
}  // namespace almanac::client
