#include "client/values.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/errors.h"

namespace almanac::client {
namespace {

// An enum's zero value and, in this API, only that one means "not said".
bool IsUnspecified(const google::protobuf::EnumValueDescriptor& value) { return value.number() == 0; }

std::string TextOf(const google::protobuf::EnumValueDescriptor& value) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(value.name()), {{"_", "-"}});
}

}  // namespace

Language::Language(std::string tag) : tag_(std::move(tag)) {}

std::string Language::PickTag(const google::protobuf::Map<std::string, std::string>& texts) const {
  std::vector<std::string> tags;
  for (const auto& [tag, text] : texts) tags.push_back(tag);
  std::sort(tags.begin(), tags.end());
  const auto find = [&tags](const auto& matches) {
    const auto found = std::find_if(tags.begin(), tags.end(), matches);
    return found == tags.end() ? std::string() : *found;
  };
  const auto find_tag = [&find](const std::string& wanted) {
    const std::string exact = find([&](const std::string& tag) { return absl::EqualsIgnoreCase(tag, wanted); });
    if (!exact.empty()) return exact;
    return find([&](const std::string& tag) { return absl::StartsWithIgnoreCase(tag, absl::StrCat(wanted, "-")); });
  };
  for (const std::string& wanted : {tag_, std::string("zh-Hans-HK"), std::string("zh-Hant-HK"), std::string("en")}) {
    if (wanted.empty()) continue;
    if (std::string tag = find_tag(wanted); !tag.empty()) return tag;
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

std::string LocalTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", absl::FromUnixSeconds(time.seconds()), absl::LocalTimeZone());
}

}  // namespace almanac::client
