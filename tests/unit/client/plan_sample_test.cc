#include <google/protobuf/util/message_differencer.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/plan_testing.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class PlanSample : public ::testing::Test {
 protected:
  const v1::PlanDocument document_ = ParseOrFail(SamplePlan());
};

TEST_F(PlanSample, SaysWhoPromisesWhatForWhichYears) {
  EXPECT_EQ(document_.publisher_title(), "社会福利署");
  EXPECT_EQ(document_.title(), "2022至2024年的开放数据计划");
  EXPECT_EQ(document_.period().start_year(), 2022);
  EXPECT_EQ(document_.period().end_year(), 2024);
  EXPECT_EQ(document_.published_on(), "2021-12");
  EXPECT_EQ(document_.language(), "zh-Hans-HK");
  EXPECT_THAT(document_.warnings(), IsEmpty());
}

TEST_F(PlanSample, HasFourSectionsOfWhichOneDoesNotApply) {
  ASSERT_EQ(document_.sections_size(), 4);
  const auto& sections = document_.sections();
  EXPECT_EQ(sections[0].code(), "A");
  EXPECT_EQ(sections[0].title(), "在 2022 年发放的局 / 部门数据集");
  EXPECT_EQ(sections[1].code(), "B");
  EXPECT_EQ(sections[1].title(), "在 2023 年及 2024 年发放的局 / 部门数据集");
  EXPECT_EQ(sections[2].code(), "C");
  EXPECT_EQ(sections[2].title(), "其他机构计划开放的数据集");
  EXPECT_EQ(sections[2].note(), "(1) 机构名称");
  EXPECT_EQ(sections[3].code(), "D");
  EXPECT_EQ(sections[3].title(), "进度：局 / 部门及其他机构已经上载「资料一线通」网站的数据集");
  for (const auto& section : sections) EXPECT_EQ(section.not_applicable(), section.code() == "C") << section.code();
}

TEST_F(PlanSample, HasEveryCommitmentOnce) {
  std::map<std::string, int> sections;
  std::map<v1::Frequency, int> frequencies;
  std::map<std::string, int> formats;
  std::set<std::string> titles;
  for (const v1::DocumentCommitment& commitment : document_.commitments()) {
    EXPECT_EQ(commitment.number(), ++sections[commitment.section()]);
    ++frequencies[commitment.frequency()];
    for (const std::string& format : commitment.formats()) ++formats[format];
    titles.insert(commitment.title());
    EXPECT_EQ(commitment.category(),
              commitment.section() + std::to_string(commitment.number()) == "A5" ? "财经" : "社会福利");
  }
  EXPECT_EQ(document_.commitments_size(), 88);
  EXPECT_THAT(sections, UnorderedElementsAre(Pair("A", 5), Pair("B", 3), Pair("D", 80)));
  EXPECT_THAT(frequencies, UnorderedElementsAre(Pair(v1::AS_NEEDED, 49), Pair(v1::YEARLY, 15), Pair(v1::MONTHLY, 10),
                                                Pair(v1::QUARTERLY, 7), Pair(v1::DAILY, 5), Pair(v1::HALF_YEARLY, 1),
                                                Pair(v1::WEEKLY, 1)));
  EXPECT_THAT(formats, UnorderedElementsAre(Pair("CSV", 81), Pair("XML", 7)));
  EXPECT_EQ(titles.size(), 88u);
}

TEST_F(PlanSample, PromisesInSectionsAAndBAndIsReleasedInD) {
  for (const v1::DocumentCommitment& commitment : document_.commitments()) {
    const bool is_released = commitment.section() == "D";
    EXPECT_EQ(commitment.target_date().empty(), is_released) << commitment.line();
    EXPECT_EQ(commitment.release_date().empty(), !is_released) << commitment.line();
  }
  EXPECT_EQ(Find(document_, "B", 3).target_date(), "2024-06");
  EXPECT_EQ(Find(document_, "D", 6).release_date(), "2017-02");
}

TEST_F(PlanSample, ReadsAPromise) {
  const v1::DocumentCommitment a1 = Find(document_, "A", 1);
  EXPECT_EQ(a1.category(), "社会福利");
  EXPECT_EQ(a1.title(), "少数族裔外展队名单");
  EXPECT_EQ(a1.target_date(), "2022-06");
  EXPECT_EQ(a1.release_date(), "");
  EXPECT_EQ(a1.frequency(), v1::AS_NEEDED);
  EXPECT_EQ(a1.frequency_text(), "在资料更新时");
  EXPECT_EQ(a1.remark(), "机构名称、服务单位名称、地址及电话 (CSV)");
  EXPECT_THAT(a1.formats(), ElementsAre("CSV"));
  EXPECT_THAT(a1.former_titles(), IsEmpty());
  EXPECT_FALSE(a1.discontinued());
  EXPECT_EQ(a1.last_update_date(), "");
  EXPECT_EQ(a1.line(), 10);
}

TEST_F(PlanSample, FindsAFormatInProse) {
  const v1::DocumentCommitment a5 = Find(document_, "A", 5);
  EXPECT_EQ(a5.category(), "财经");
  EXPECT_EQ(a5.title(), "总目170 - 社会福利署的开支数据");
  EXPECT_EQ(a5.target_date(), "2022-09");
  EXPECT_EQ(a5.frequency(), v1::QUARTERLY);
  EXPECT_EQ(a5.remark(), "将提供CSV格式的数据资料");
  EXPECT_THAT(a5.formats(), ElementsAre("CSV"));
}

TEST_F(PlanSample, SplitsCategoryAndTitleAtTheFirstSlashOnly) {
  EXPECT_EQ(Find(document_, "D", 33).title(), "紧急 / 临时收容中心 / 宿舍 / 短期宿舍的名单资料");
  EXPECT_EQ(Find(document_, "D", 17).title(),
            "最新获编配资助安老宿位者的申请日期 (申请者在区域、地区 / 院舍没有特定选择)");
  EXPECT_EQ(Find(document_, "D", 50).title(), "留宿幼儿中心及儿童收容中心、儿童院和男/女童院/宿舍名单");
}

TEST_F(PlanSample, UndoesTheSpacesOfWrappingInTitlesAndKeepsTheOthers) {
  EXPECT_EQ(Find(document_, "D", 8).title(),
            "早期教育及训练中心 康复服务中央转介系统 - 弱能儿童学前服务子系统获选配服务个案的轮候资料");
  EXPECT_EQ(Find(document_, "D", 63).title(),
            "特殊幼儿中心 康复服务中央转介系统 - 弱能儿童学前服务子系统获选配服务个案的轮候资料");
  EXPECT_EQ(Find(document_, "D", 65).title(), "「整笔拨款独立处理投诉委员会」处理投诉的数字");
  EXPECT_EQ(Find(document_, "D", 72).title(), "轮候资助长者社区照顾服务人数及轮候时间的统计数字");
  EXPECT_EQ(Find(document_, "A", 2).title(), "第三阶段长者社区照顾服务券试验计划 认可服务单位名单");
}

TEST_F(PlanSample, UndoesTheSpacesOfWrappingInRemarksBetweenChineseCharactersOnly) {
  EXPECT_EQ(Find(document_, "A", 2).remark(), "营办机构名称、认可服务单位名称、地址及查询电话号码 (XML)");
  EXPECT_EQ(Find(document_, "A", 4).remark(),
            "共享亲职支援中心名单, 例如机构名称、服务单位名称、服务范围、地址、 电话、传真及电邮地址 (CSV)");
  EXPECT_EQ(Find(document_, "D", 65).remark(),
            "处理投诉数目、投诉人分类、在甄别阶段或调查阶段处理事项的性质、被投诉或调查的服务分类和调查结果 (CSV)");
}

TEST_F(PlanSample, KeepsAFormerTitleApart) {
  const v1::DocumentCommitment d68 = Find(document_, "D", 68);
  EXPECT_EQ(d68.title(), "新登记保护儿童个案、新呈报虐待配偶/同居情侣个案及性暴力个案统计数字");
  EXPECT_THAT(d68.former_titles(), ElementsAre("新呈报虐待儿童个案、虐待配偶/同居情侣个案及性暴力个案统计数字"));
  EXPECT_EQ(d68.line(), 105);
}

TEST_F(PlanSample, KnowsWhatIsNoLongerUpdated) {
  for (const v1::DocumentCommitment& commitment : document_.commitments()) {
    const bool is_last = commitment.section() == "D" && commitment.number() >= 79;
    EXPECT_EQ(commitment.discontinued(), is_last) << commitment.line();
    EXPECT_EQ(commitment.last_update_date(), is_last ? "2021-06" : "") << commitment.line();
  }
  const v1::DocumentCommitment d79 = Find(document_, "D", 79);
  EXPECT_EQ(d79.title(), "「义工运动」参与机构及登记义工");
  EXPECT_EQ(d79.remark(), "「义工运动」参与机构和登记义工数目 (CSV) 最后更新至2021年6月, 没有进一步数据更新");
  EXPECT_THAT(d79.formats(), ElementsAre("CSV"));
}

TEST_F(PlanSample, IsTheSameWithOtherLineEndsMarksAndPageBreaks) {
  const std::string text = SamplePlan();
  for (const std::string& variant :
       {absl::StrReplaceAll(text, {{"\n", "\r\n"}}), "\xEF\xBB\xBF" + text, text + "\n \n\n",
        absl::StrReplaceAll(text, {{"(CSV)\n\n", "(CSV)\n\f\n"}}),
        absl::StrReplaceAll(text, {{"2021年12月", "\uFF12\uFF10\uFF12\uFF11年\uFF11\uFF12月"}}),
        absl::StrReplaceAll(text, {{"\t06/2022\t", "\t\uFF10\uFF16\uFF0F\uFF12\uFF10\uFF12\uFF12\t"}})}) {
    ASSERT_NE(variant, text);
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(document_, ParseOrFail(variant)));
  }
}

TEST_F(PlanSample, LosesNoLineThatIsOutOfPlace) {
  const std::string text = SamplePlan();
  for (std::size_t end = 0; end != std::string::npos; end = text.find('\n', end + 1)) {
    const std::string spoilt = text.substr(0, end) + "\n续行的文字\n" + text.substr(end);
    EXPECT_NE(ParseOrFail(spoilt).SerializeAsString().find("续行的文字"), std::string::npos) << "after byte " << end;
  }
}

TEST_F(PlanSample, CanBeCutAnywhereWithoutHarm) {
  const std::string text = SamplePlan();
  for (std::size_t size = 0; size < text.size(); size += 41) {
    const absl::StatusOr<v1::PlanDocument> document = ParsePlan(text.substr(0, size));
    if (document.ok()) {
      EXPECT_LE(document->commitments_size(), 88);
    } else {
      EXPECT_EQ(document.status().code(), absl::StatusCode::kInvalidArgument);
    }
  }
}

}  // namespace
}  // namespace almanac::client
