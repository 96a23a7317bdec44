#pragma once

#include <unicode/regex.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace almanac::client {

// A compiled ICU regular expression on UTF-8. It sees every text in the form that FoldWidth gives it, and ignores case.
class TextPattern {
 public:
  // The groups of a match: those that were named to the constructor, in that order, or else all, from the first. One
  // that took no part in the match, or that the pattern does not have, is empty.
  using Groups = std::vector<std::string>;

  // `pattern` must be valid; one that is not matches nothing.
  explicit TextPattern(std::string_view pattern, std::initializer_list<const char*> names = {});

  // The groups if the whole of `text` matches.
  std::optional<Groups> MatchWhole(std::string_view text) const;
  // The groups of each match within `text`, from left to right.
  std::vector<Groups> FindAll(std::string_view text) const;

 private:
  Groups ReadGroups(const icu::RegexMatcher& matcher) const;

  std::unique_ptr<icu::RegexPattern> pattern_;
  // The numbers of the named groups, -1 for one that the pattern does not have.
  std::vector<int32_t> named_groups_;
};

}  // namespace almanac::client
