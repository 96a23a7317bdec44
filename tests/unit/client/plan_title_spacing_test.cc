#include <string>
#include <vector>

#include "client/documents/title_spacing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/plan_testing.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> JoinTitles(std::string_view document, const std::vector<std::string>& titles) {
  const auto joined = JoinWrappedTitles(document, titles);
  EXPECT_TRUE(joined.ok()) << joined.status();
  return joined.ok() ? *joined : std::vector<std::string>();
}

TEST(PlanTitleSpacing, UndoesEverySpaceBetweenChineseCharactersInOtherColumns) {
  EXPECT_EQ(JoinWrapped("在资料 更新时"), "在资料更新时");
  EXPECT_EQ(JoinWrapped("营办机构名称、地 址及查询"), "营办机构名称、地址及查询");
  EXPECT_EQ(JoinWrapped("甲 乙  丙\u3000丁"), "甲乙丙丁");
}

TEST(PlanTitleSpacing, LeavesSpacesBesideLatinLettersDigitsAndPunctuation) {
  for (const std::string text : {"名单 (CSV)", "名单 CSV 格式", "最后更新至 2021 年", "数字, 包括", "地址、 电话",
                                 "「甲」 乙", "甲 - 乙", " 甲", "甲 ", "a b", ""}) {
    EXPECT_EQ(JoinWrapped(text), text);
  }
}

TEST(PlanTitleSpacing, UndoesASpaceInsideAWordOfTheDictionary) {
  EXPECT_THAT(JoinTitles("", {"人数及轮候时 间的统计数字"}), ElementsAre("人数及轮候时间的统计数字"));
  EXPECT_THAT(JoinTitles("", {"弱能儿童学前服 务子系统"}), ElementsAre("弱能儿童学前服务子系统"));
}

TEST(PlanTitleSpacing, UndoesASpaceInAPhraseThatStandsUnbrokenElsewhere) {
  EXPECT_THAT(JoinTitles("", {"委员会」处理 投诉的数字"}), ElementsAre("委员会」处理 投诉的数字"));
  EXPECT_THAT(JoinTitles("处理投诉数目", {"委员会」处理 投诉的数字"}), ElementsAre("委员会」处理投诉的数字"));
  EXPECT_THAT(JoinTitles("处理\n投诉\n处 理投诉", {"委员会」处理 投诉的数字"}), ElementsAre("委员会」处理 投诉的数字"));
}

TEST(PlanTitleSpacing, UndoesSpacesThatBreakOnePhraseAtTwoPlaces) {
  EXPECT_THAT(JoinTitles("", {"虐待配偶/同居 情侣个案", "虐待配偶/同 居情侣个案"}),
              ElementsAre("虐待配偶/同居情侣个案", "虐待配偶/同居情侣个案"));
}

TEST(PlanTitleSpacing, LeavesAnyOtherSpaceInTitles) {
  for (const std::string title :
       {"早期教育及训练中心 康复服务中央转介系统 - 弱能儿童学前服务子系统", "到校学前康复服务 康复服务中央转介系统",
        "第三阶段长者社区照顾服务券试验计划 认可服务单位名单", "总目170 - 社会福利署的开支数据",
        "社会福利 / 甲 / 乙"}) {
    EXPECT_THAT(JoinTitles(SamplePlan(), {title}), ElementsAre(title));
  }
}

TEST(PlanTitleSpacing, ChangesNothingTheSecondTime) {
  const v1::PlanDocument document = ParseOrFail(SamplePlan());
  std::vector<std::string> titles;
  for (const auto& commitment : document.commitments()) titles.push_back(commitment.title());
  EXPECT_EQ(titles.size(), 88u);
  EXPECT_EQ(JoinTitles(SamplePlan(), titles), titles);
}

}  // namespace
}  // namespace almanac::client
