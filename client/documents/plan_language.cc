#include "client/documents/plan_language.h"

#include <algorithm>
#include <cstddef>

#include "client/documents/title_spacing.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

constexpr ColumnWords kHansColumns[] = {
    {"#", PlanColumn::kNumber},
    {"数据种类 / 数据集名称", PlanColumn::kTitle},
    {"目标发放日期", PlanColumn::kTargetDate},
    {"发放日期", PlanColumn::kReleaseDate},
    {"更新频率", PlanColumn::kFrequency},
    {"备注", PlanColumn::kRemark},
};

constexpr ColumnWords kHantColumns[] = {
    {"#", PlanColumn::kNumber},
    {"數據種類 / 數據集名稱", PlanColumn::kTitle},
    {"資料種類 / 數據集名稱", PlanColumn::kTitle},
    {"目標發放日期", PlanColumn::kTargetDate},
    {"發放日期", PlanColumn::kReleaseDate},
    {"更新頻率", PlanColumn::kFrequency},
    {"備註", PlanColumn::kRemark},
};

constexpr ColumnWords kEnglishColumns[] = {
    {"#", PlanColumn::kNumber},
    {"Type of data / Name of dataset", PlanColumn::kTitle},
    {"Target Release Date", PlanColumn::kTargetDate},
    {"Release Date", PlanColumn::kReleaseDate},
    {"Update Frequency", PlanColumn::kFrequency},
    {"Remark", PlanColumn::kRemark},
};

constexpr FrequencyWords kHansFrequencies[] = {
    {"实时", v1::CONTINUOUS}, {"每天", v1::DAILY},         {"每星期", v1::WEEKLY}, {"每月", v1::MONTHLY},
    {"每季", v1::QUARTERLY},  {"每半年", v1::HALF_YEARLY}, {"每年", v1::YEARLY},   {"在资料更新时", v1::AS_NEEDED},
};

constexpr FrequencyWords kHantFrequencies[] = {
    {"實時", v1::CONTINUOUS}, {"每天", v1::DAILY},         {"每星期", v1::WEEKLY}, {"每月", v1::MONTHLY},
    {"每季", v1::QUARTERLY},  {"每半年", v1::HALF_YEARLY}, {"每年", v1::YEARLY},   {"在資料更新時", v1::AS_NEEDED},
};

constexpr FrequencyWords kEnglishFrequencies[] = {
    {"Real-time", v1::CONTINUOUS},
    {"Real time", v1::CONTINUOUS},
    {"Daily", v1::DAILY},
    {"Weekly", v1::WEEKLY},
    {"Monthly", v1::MONTHLY},
    {"Quarterly", v1::QUARTERLY},
    {"Half-yearly", v1::HALF_YEARLY},
    {"Half yearly", v1::HALF_YEARLY},
    {"Yearly", v1::YEARLY},
    {"Annually", v1::YEARLY},
    {"As and when updated", v1::AS_NEEDED},
    {"As and when necessary", v1::AS_NEEDED},
};

constexpr std::string_view kHansNotApplicable[] = {"不适用"};
constexpr std::string_view kHantNotApplicable[] = {"不適用"};
constexpr std::string_view kEnglishNotApplicable[] = {"Not applicable", "N/A", "Nil"};

constexpr std::string_view kHansFormerTitle[] = {"前称"};
constexpr std::string_view kHantFormerTitle[] = {"前稱"};
constexpr std::string_view kEnglishFormerTitle[] = {"formerly known as", "previously known as"};

constexpr std::string_view kHansDiscontinued[] = {"没有进一步数据更新"};
constexpr std::string_view kHantDiscontinued[] = {"沒有進一步數據更新", "沒有進一步資料更新"};
constexpr std::string_view kEnglishDiscontinued[] = {"no further update", "no further data update"};

// Each part of these patterns stands where it can stand first, and matching never comes back to it: the time it takes
// grows with the length of the line only.
constexpr std::string_view kHansTitle =
    R"((?>.*?(\d{4})\s*+年?+\s*+[至到\-–—~～]\s*+(\d{4})\s*+年)(?>.*?开放数据)(?>.*?计划).*+)";
constexpr std::string_view kHantTitle =
    R"((?>.*?(\d{4})\s*+年?+\s*+[至到\-–—~～]\s*+(\d{4})\s*+年)(?>.*?開放數據)(?>.*?計劃).*+)";
constexpr std::string_view kEnglishTitle =
    R"((?=(?>.*?\bopen\s++data\s++plans?+\b))(?>.*?\b(\d{4})\s*+(?:to\b|[\-–—~])\s*+(\d{4})\b).*+)";

constexpr std::string_view kChinesePublished =
    R"((?<year>\d{4})\s*年\s*(?<month>\d{1,2})\s*月(?:\s*(?<day>\d{1,2})\s*日)?)";
constexpr std::string_view kEnglishPublished = R"((?:(?<day>\d{1,2})\s++)?+(?<month>[A-Z]{3,9})\s++(?<year>\d{4}))";

constexpr std::string_view kEnglishLastUpdate =
    R"(\b(?:last\s++updated?+(?:\s++(?:in|on|at))?+|updated\s++(?:up\s++)?+(?:to|until))\b)"
    R"(\s*+:?+\s*+(?:(?<day>\d{1,2})\s++)?+(?<month>[A-Z]{3,9})\s++(?<year>\d{4}))";

constexpr PlanLanguage kLanguages[] = {
    {
        .tag = "zh-Hans-HK",
        .has_spaces = false,
        .title_example = "2022至2024年的开放数据计划",
        .title_pattern = kHansTitle,
        .published_pattern = kChinesePublished,
        .columns = kHansColumns,
        .frequencies = kHansFrequencies,
        .not_applicable = kHansNotApplicable,
        .former_title = kHansFormerTitle,
        .discontinued = kHansDiscontinued,
        .last_update_pattern = R"(最后更新至\s*(?<year>\d{4})\s*年\s*(?<month>\d{1,2})\s*月)",
    },
    {
        .tag = "zh-Hant-HK",
        .has_spaces = false,
        .title_example = "2022至2024年的開放數據計劃",
        .title_pattern = kHantTitle,
        .published_pattern = kChinesePublished,
        .columns = kHantColumns,
        .frequencies = kHantFrequencies,
        .not_applicable = kHantNotApplicable,
        .former_title = kHantFormerTitle,
        .discontinued = kHantDiscontinued,
        .last_update_pattern = R"(最後更新至\s*(?<year>\d{4})\s*年\s*(?<month>\d{1,2})\s*月)",
    },
    {
        .tag = "en",
        .has_spaces = true,
        .title_example = "Annual Open Data Plans for 2022 to 2024",
        .title_pattern = kEnglishTitle,
        .published_pattern = kEnglishPublished,
        .columns = kEnglishColumns,
        .frequencies = kEnglishFrequencies,
        .not_applicable = kEnglishNotApplicable,
        .former_title = kEnglishFormerTitle,
        .discontinued = kEnglishDiscontinued,
        .last_update_pattern = kEnglishLastUpdate,
    },
};

}  // namespace

std::span<const PlanLanguage> PlanLanguages() { return kLanguages; }

bool SaysOneOf(std::string_view text, std::span<const std::string_view> phrases) {
  return !text.empty() && std::any_of(phrases.begin(), phrases.end(),
                                      [&](std::string_view phrase) { return MatchWords(text, phrase) == text.size(); });
}

bool HoldsOneOf(std::string_view text, std::span<const std::string_view> phrases) {
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    const std::string_view rest = text.substr(begin);
    if (std::any_of(phrases.begin(), phrases.end(), [&](std::string_view p) { return MatchWords(rest, p) > 0; })) {
      return true;
    }
  }
  return false;
}

std::string UnwrapCell(std::string_view cell, const PlanLanguage& language) {
  return language.has_spaces ? CollapseSpaces(cell) : JoinWrapped(cell);
}

}  // namespace almanac::client
