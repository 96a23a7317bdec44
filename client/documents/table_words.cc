#include "client/documents/table_words.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <algorithm>
#include <cstdint>

#include "client/documents/plan_language.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

struct FrequencyPhrase {
  std::string_view key;
  KnownFrequency known;
};

// Besides those of PlanLanguages(). Phrases are as PhraseKey gives them. Those that are OTHER are understood, too: no
// value of the enum is what they say, and their words are kept.
constexpr FrequencyPhrase kFrequencies[] = {
    {"continuous", {v1::CONTINUOUS}},
    {"continuously", {v1::CONTINUOUS}},
    {"realtime", {v1::CONTINUOUS}},
    {"實時", {v1::CONTINUOUS}},
    {"即時", {v1::CONTINUOUS}},
    {"daily", {v1::DAILY}},
    {"everyday", {v1::DAILY}},
    {"每日", {v1::DAILY}},
    {"weekly", {v1::WEEKLY}},
    {"everyweek", {v1::WEEKLY}},
    {"每周", {v1::WEEKLY}},
    {"每週", {v1::WEEKLY}},
    {"monthly", {v1::MONTHLY}},
    {"everymonth", {v1::MONTHLY}},
    {"quarterly", {v1::QUARTERLY}},
    {"everyquarter", {v1::QUARTERLY}},
    {"everythreemonths", {v1::QUARTERLY}},
    {"every3months", {v1::QUARTERLY}},
    {"每季度", {v1::QUARTERLY}},
    {"halfyearly", {v1::HALF_YEARLY}},
    {"semiannual", {v1::HALF_YEARLY}},
    {"semiannually", {v1::HALF_YEARLY}},
    {"everysixmonths", {v1::HALF_YEARLY}},
    {"every6months", {v1::HALF_YEARLY}},
    {"twiceayear", {v1::HALF_YEARLY}},
    {"yearly", {v1::YEARLY}},
    {"annual", {v1::YEARLY}},
    {"annually", {v1::YEARLY}},
    {"everyyear", {v1::YEARLY}},
    {"asneeded", {v1::AS_NEEDED}},
    {"asrequired", {v1::AS_NEEDED}},
    {"asandwhenneeded", {v1::AS_NEEDED}},
    {"asandwhennecessary", {v1::AS_NEEDED}},
    {"asandwhenupdated", {v1::AS_NEEDED}},
    {"whenupdated", {v1::AS_NEEDED}},
    {"adhoc", {v1::AS_NEEDED}},
    {"在資料更新時", {v1::AS_NEEDED}},
    {"biweekly", {v1::OTHER}},
    {"fortnightly", {v1::OTHER}},
    {"everytwoweeks", {v1::OTHER}},
    {"every2weeks", {v1::OTHER}},
    {"bimonthly", {v1::OTHER}},
    {"biennially", {v1::OTHER}},
    {"everytwoyears", {v1::OTHER}},
    {"every2years", {v1::OTHER}},
    {"onetime", {v1::OTHER}},
    {"oneoff", {v1::OTHER}},
    {"once", {v1::OTHER}},
    {"historicaldata", {v1::OTHER, true}},
    {"historical", {v1::OTHER, true}},
};

struct StatusPhrase {
  std::string_view key;
  LineStatus status;
};

constexpr StatusPhrase kStatuses[] = {
    {"planned", LineStatus::kPlanned},
    {"scheduled", LineStatus::kPlanned},
    {"scheduledforrelease", LineStatus::kPlanned},
    {"onschedule", LineStatus::kPlanned},
    {"pending", LineStatus::kPlanned},
    {"inprogress", LineStatus::kPlanned},
    {"notreleased", LineStatus::kPlanned},
    {"notyetreleased", LineStatus::kPlanned},
    {"delayed", LineStatus::kPlanned},
    {"计划中", LineStatus::kPlanned},
    {"計劃中", LineStatus::kPlanned},
    {"released", LineStatus::kReleased},
    {"published", LineStatus::kReleased},
    {"completed", LineStatus::kReleased},
    {"complete", LineStatus::kReleased},
    {"available", LineStatus::kReleased},
    {"已发放", LineStatus::kReleased},
    {"已發放", LineStatus::kReleased},
    {"已发布", LineStatus::kReleased},
    {"已發布", LineStatus::kReleased},
    {"cancelled", LineStatus::kCancelled},
    {"canceled", LineStatus::kCancelled},
    {"removed", LineStatus::kCancelled},
    {"removedfromtheplan", LineStatus::kCancelled},
    {"removedfromplan", LineStatus::kCancelled},
    {"withdrawn", LineStatus::kCancelled},
    {"dropped", LineStatus::kCancelled},
    {"取消", LineStatus::kCancelled},
    {"已取消", LineStatus::kCancelled},
    {"已移除", LineStatus::kCancelled},
};

constexpr std::string_view kNotKnown[] = {
    "tbc",
    "tba",
    "tbd",
    "tobeconfirmed",
    "tobeadvised",
    "tobeannounced",
    "tobedetermined",
    "n/a",
    "na",
    "nil",
    "none",
    "unknown",
    "–",
    "—",
    "待定",
    "待确定",
    "待確定",
    "待确认",
    "待確認",
    "未定",
    "未知",
};

}  // namespace

std::string FoldWords(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(error);
  const std::string packed = RemoveSpaces(text);
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded);
  if (U_SUCCESS(error)) {
    normalizer->normalizeUTF8(0, {packed.data(), static_cast<int32_t>(packed.size())}, sink, nullptr, error);
  }
  // Folding makes a space of some characters that are none.
  return RemoveSpaces(U_SUCCESS(error) ? folded : packed);
}

std::string PhraseKey(std::string_view text) {
  std::string key = FoldWords(text);
  std::erase_if(key, [](char c) { return c == '-' || c == '_'; });
  return key;
}

std::optional<KnownFrequency> FindFrequency(std::string_view phrase) {
  const std::string key = PhraseKey(phrase);
  for (const FrequencyPhrase& known : kFrequencies) {
    if (key == known.key) return known.known;
  }
  for (const PlanLanguage& language : PlanLanguages()) {
    for (const FrequencyWords& words : language.frequencies) {
      if (key == PhraseKey(words.phrase)) return KnownFrequency{words.frequency};
    }
  }
  return std::nullopt;
}

std::optional<LineStatus> FindStatus(std::string_view phrase) {
  const std::string key = PhraseKey(phrase);
  for (const StatusPhrase& known : kStatuses) {
    if (key == known.key) return known.status;
  }
  return std::nullopt;
}

bool SaysNotKnown(std::string_view words) {
  // A hyphen alone has no key.
  const std::string key = PhraseKey(words);
  return key.empty() || std::find(std::begin(kNotKnown), std::end(kNotKnown), key) != std::end(kNotKnown);
}

}  // namespace almanac::client
