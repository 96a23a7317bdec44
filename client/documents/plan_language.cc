#include "client/documents/plan_language.h"

namespace almanac::client {
namespace {

constexpr ColumnWords kHansColumns[] = {
    {"#", PlanColumn::kNumber},
    {"数据种类/数据集名称", PlanColumn::kTitle},
    {"目标发放日期", PlanColumn::kTargetDate},
    {"发放日期", PlanColumn::kReleaseDate},
    {"更新频率", PlanColumn::kFrequency},
    {"备注", PlanColumn::kRemark},
};

constexpr FrequencyWords kHansFrequencies[] = {
    {"实时", v1::CONTINUOUS}, {"每天", v1::DAILY},         {"每星期", v1::WEEKLY}, {"每月", v1::MONTHLY},
    {"每季", v1::QUARTERLY},  {"每半年", v1::HALF_YEARLY}, {"每年", v1::YEARLY},   {"在资料更新时", v1::AS_NEEDED},
};

// Each part stands where it can stand first, and matching never comes back to it: the time it takes grows with the
// length of the line only.
constexpr std::string_view kHansTitle =
    R"((?>.*?(\d{4})\s*+年?+\s*+[至到\-–—~～]\s*+(\d{4})\s*+年)(?>.*?开放数据)(?>.*?计划).*+)";

constexpr PlanLanguage kLanguages[] = {
    {
        .tag = "zh-Hans-HK",
        .title_example = "2022至2024年的开放数据计划",
        .title_pattern = kHansTitle,
        .published_pattern = R"((\d{4})\s*年\s*(\d{1,2})\s*月(?:\s*(\d{1,2})\s*日)?)",
        .columns = kHansColumns,
        .frequencies = kHansFrequencies,
        .not_applicable = "不适用",
        .former_title = "前称",
        .discontinued = "没有进一步数据更新",
        .last_update_pattern = R"(最后更新至\s*(\d{4})\s*年\s*(\d{1,2})\s*月)",
    },
};

}  // namespace

std::span<const PlanLanguage> PlanLanguages() { return kLanguages; }

}  // namespace almanac::client
