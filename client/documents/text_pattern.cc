#include "client/documents/text_pattern.h"

#include <unicode/unistr.h>

#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

constexpr int32_t kNoGroup = -1;

icu::UnicodeString FromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
}

}  // namespace

TextPattern::TextPattern(std::string_view pattern, std::initializer_list<const char*> names) {
  UErrorCode error = U_ZERO_ERROR;
  pattern_.reset(icu::RegexPattern::compile(FromUtf8(pattern), UREGEX_CASE_INSENSITIVE, error));
  for (const char* name : names) {
    const int32_t group = pattern_ ? pattern_->groupNumberFromName(name, -1, error) : kNoGroup;
    named_groups_.push_back(U_SUCCESS(error) ? group : kNoGroup);
    error = U_ZERO_ERROR;
  }
}

TextPattern::Groups TextPattern::ReadGroups(const icu::RegexMatcher& matcher) const {
  Groups groups;
  const auto add = [&](int32_t group) {
    UErrorCode error = U_ZERO_ERROR;
    groups.emplace_back();
    if (group != kNoGroup) matcher.group(group, error).toUTF8String(groups.back());
  };
  for (const int32_t group : named_groups_) add(group);
  for (int32_t group = 1; named_groups_.empty() && group <= matcher.groupCount(); ++group) add(group);
  return groups;
}

std::optional<TextPattern::Groups> TextPattern::MatchWhole(std::string_view text) const {
  if (!pattern_) return std::nullopt;
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString input = FromUtf8(FoldWidth(text));
  const std::unique_ptr<icu::RegexMatcher> matcher(pattern_->matcher(input, error));
  if (U_FAILURE(error) || !matcher->matches(error) || U_FAILURE(error)) return std::nullopt;
  return ReadGroups(*matcher);
}

std::vector<TextPattern::Groups> TextPattern::FindAll(std::string_view text) const {
  std::vector<Groups> matches;
  if (!pattern_) return matches;
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString input = FromUtf8(FoldWidth(text));
  const std::unique_ptr<icu::RegexMatcher> matcher(pattern_->matcher(input, error));
  while (U_SUCCESS(error) && matcher->find(error) && U_SUCCESS(error)) matches.push_back(ReadGroups(*matcher));
  return matches;
}

}  // namespace almanac::client
