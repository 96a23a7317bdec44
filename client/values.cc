#include "client/values.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/errors.h"

namespace almanac::client {
namespace {

// The tags that are looked for where nothing else was wanted or is there.
constexpr const char* kPreferred[] = {"zh-Hans-HK", "zh-Hant-HK", "en"};

constexpr int kBarWidth = 10;

// An enum's zero value and, in this API, only that one means "not said".
bool IsUnspecified(const google::protobuf::EnumValueDescriptor& value) { return value.number() == 0; }

std::string TextOf(const google::protobuf::EnumValueDescriptor& value) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(value.name()), {{"_", "-"}});
}

// A tag in lower case, in its parts.
std::vector<std::string> PartsOf(const std::string& tag) { return absl::StrSplit(absl::AsciiStrToLower(tag), '-'); }

// The script that a tag names or, for Chinese, that its region writes; empty where it says neither.
std::string ScriptOf(const std::vector<std::string>& parts) {
  constexpr size_t kScriptLetters = 4;
  if (parts.size() < 2) return "";
  if (parts[1].size() == kScriptLetters) return parts[1];
  if (parts[0] != "zh") return "";
  return parts[1] == "hk" || parts[1] == "mo" || parts[1] == "tw" ? "hant" : "hans";
}

bool IsSameTag(const std::string& tag, const std::string& wanted) { return absl::EqualsIgnoreCase(tag, wanted); }

bool BeginsWithTag(const std::string& tag, const std::string& wanted) {
  return absl::StartsWithIgnoreCase(tag, absl::StrCat(wanted, "-"));
}

bool HasSameLanguage(const std::string& tag, const std::string& wanted) {
  return PartsOf(tag)[0] == PartsOf(wanted)[0];
}

bool HasSameScript(const std::string& tag, const std::string& wanted) {
  return HasSameLanguage(tag, wanted) && ScriptOf(PartsOf(tag)) == ScriptOf(PartsOf(wanted));
}

}  // namespace

Language::Language(std::string tag) : tag_(std::move(tag)) {}

std::string Language::FirstChoice() const { return IsChosen() ? tag_ : kPreferred[0]; }

std::string Language::PickTag(const google::protobuf::Map<std::string, std::string>& texts) const {
  std::vector<std::string> tags;
  for (const auto& [tag, text] : texts) tags.push_back(tag);
  std::sort(tags.begin(), tags.end());
  const auto find = [&tags](const std::string& wanted, auto matches) {
    const auto found = std::find_if(tags.begin(), tags.end(), [&](const auto& tag) { return matches(tag, wanted); });
    return found == tags.end() ? std::string() : *found;
  };
  std::vector<std::string> choices(std::begin(kPreferred), std::end(kPreferred));
  if (IsChosen()) choices.insert(choices.begin(), tag_);
  for (const std::string& wanted : choices) {
    for (const auto matches : {IsSameTag, BeginsWithTag, HasSameScript, HasSameLanguage}) {
      if (matches == HasSameLanguage && wanted != tag_) continue;
      if (std::string tag = find(wanted, matches); !tag.empty()) return tag;
    }
  }
  return tags.empty() ? "" : tags.front();
}

std::string Language::Pick(const google::protobuf::Map<std::string, std::string>& texts) const {
  const auto found = texts.find(PickTag(texts));
  return found == texts.end() ? "" : found->second;
}

std::string EnumText(const google::protobuf::EnumDescriptor& type, int value) {
  const google::protobuf::EnumValueDescriptor* descriptor = type.FindValueByNumber(value);
  if (descriptor == nullptr) return absl::StrCat(value);
  return IsUnspecified(*descriptor) ? "" : TextOf(*descriptor);
}

std::string EnumChoices(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> choices;
  for (int i = 0; i < type.value_count(); ++i) {
    if (!IsUnspecified(*type.value(i))) choices.push_back(TextOf(*type.value(i)));
  }
  return absl::StrJoin(choices, ", ");
}

absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, std::string_view text) {
  const std::string name = absl::StrReplaceAll(absl::AsciiStrToUpper({text.data(), text.size()}), {{"-", "_"}});
  const google::protobuf::EnumValueDescriptor* value = type.FindValueByName(name);
  if (value == nullptr || IsUnspecified(*value)) {
    return UsageError(absl::StrCat("\"", std::string(text), "\" is none of: ", EnumChoices(type)));
  }
  return value->number();
}

absl::StatusOr<google::protobuf::Timestamp> ParseTime(const std::string& text) {
  google::protobuf::Timestamp time;
  if (google::protobuf::util::TimeUtil::FromString(text, &time)) return time;
  return absl::InvalidArgumentError(absl::StrCat("\"", text,
                                                 "\" is no time with a time zone, such as 2022-07-01T09:00:00+08:00 or "
                                                 "2022-07-01T01:00:00Z"));
}

std::string GroupedNumber(int64_t number) {
  constexpr int kGroup = 3;
  std::string text = absl::StrCat(number);
  const int first = number < 0 ? 1 : 0;
  for (int at = static_cast<int>(text.size()) - kGroup; at > first; at -= kGroup)
    text.insert(static_cast<size_t>(at), 1, ',');
  return text;
}

std::string TotalText(int64_t count, bool is_estimate) {
  if (!is_estimate) return GroupedNumber(count);
  constexpr int64_t kTwoDigits = 100;
  int64_t unit = 1;
  while (count / unit >= kTwoDigits) unit *= 10;
  return absl::StrCat("about ", GroupedNumber((count + unit / 2) / unit * unit));
}

std::string Bar(int64_t part, int64_t whole) {
  if (whole <= 0) return "";
  const int64_t filled = part * kBarWidth / whole;
  std::string bar;
  for (int i = 0; i < kBarWidth; ++i) bar += i < filled ? "█" : "░";
  return absl::StrFormat("%3d%% %s", part * 100 / whole, bar);
}

std::string LocalTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", absl::FromUnixSeconds(time.seconds()), absl::LocalTimeZone());
}

}  // namespace almanac::client
