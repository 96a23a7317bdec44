#include "client/documents/text_pattern.h"

#include <unicode/unistr.h>

#include <cstdint>

#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

icu::UnicodeString FromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
}

TextPattern::Groups ReadGroups(const icu::RegexMatcher& matcher) {
  TextPattern::Groups groups;
  for (int32_t group = 1; group <= matcher.groupCount(); ++group) {
    UErrorCode error = U_ZERO_ERROR;
    matcher.group(group, error).toUTF8String(groups.emplace_back());
  }
  return groups;
}

}  // namespace

TextPattern::TextPattern(std::string_view pattern) {
  UErrorCode error = U_ZERO_ERROR;
  pattern_.reset(icu::RegexPattern::compile(FromUtf8(pattern), UREGEX_CASE_INSENSITIVE, error));
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
