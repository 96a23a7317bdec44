#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "almanac/v1/plan_document.pb.h"
#include "client/documents/plan_text.h"
#include "gtest/gtest.h"

namespace almanac::client {

// The text of the sample plan in a language: `zh-Hans`, `zh-Hant` or `en`.
inline std::string SamplePlan(const std::string& language = "zh-Hans") {
  std::ifstream file(ALMANAC_TEST_DATA "/swd-2022-2024." + language + ".txt", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The first row of PlanOf.
inline constexpr int kFirstRow = 7;

// A plan whose only section, A, has these lines in its table, from line kFirstRow on.
inline std::string PlanOf(const std::vector<std::string>& rows) {
  std::string text =
      "社会福利署\n"
      "\n"
      "2022至2024年的开放数据计划\n"
      "\n"
      "A. 在 2022 年发放的数据集\n"
      "#\t数据种类 / 数据集名称\t目标发放日期 (月/年)\t更新频率\t备注\n";
  for (const std::string& row : rows) text += row + "\n";
  return text + "\n社会福利署\n2021年12月\n";
}

// What `text` is read as; fails the test and returns an empty document if it is refused.
inline v1::PlanDocument ParseOrFail(std::string_view text) {
  absl::StatusOr<v1::PlanDocument> document = ParsePlan(text);
  EXPECT_TRUE(document.ok()) << document.status();
  return document.ok() ? *document : v1::PlanDocument();
}

// The commitment with this section and number; fails the test if there is none.
inline v1::DocumentCommitment Find(const v1::PlanDocument& document, std::string_view section, int number) {
  for (const v1::DocumentCommitment& commitment : document.commitments()) {
    if (commitment.section() == section && commitment.number() == number) return commitment;
  }
  ADD_FAILURE() << "no commitment " << section << number;
  return {};
}

}  // namespace almanac::client
