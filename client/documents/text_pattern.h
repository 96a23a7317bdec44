#pragma once

#include <unicode/regex.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace almanac::client {

// A compiled ICU regular expression on UTF-8. It sees every text in the form that FoldWidth gives it, and ignores case.
class TextPattern {
 public:
  // The groups of a match, from the first; one that took no part in the match is empty.
  using Groups = std::vector<std::string>;

  // `pattern` must be valid; one that is not matches nothing.
  explicit TextPattern(std::string_view pattern);

  // The groups if the whole of `text` matches.
  std::optional<Groups> MatchWhole(std::string_view text) const;
  // The groups of each match within `text`, from left to right.
  std::vector<Groups> FindAll(std::string_view text) const;

 private:
  std::unique_ptr<icu::RegexPattern> pattern_;
};

}  // namespace almanac::client
