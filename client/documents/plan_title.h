#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace almanac::client {

// What the column of category and title says.
struct PlanTitle {
  // What stands before the first " / "; empty if there is none.
  std::string category;
  // What stands after it, without the parentheses with former titles.
  std::string title;
  // What those parentheses hold after the words that mark a former title.
  std::vector<std::string> former_titles;
  // Whether such a parenthesis is not closed; it is then left in `title`.
  bool has_open_parenthesis = false;
};

// Splits `cell` at its first " / " only, since titles hold slashes themselves, and takes former titles out: a
// parenthesis, in either width, that begins with one of `former_words`, which MatchWords compares. Parentheses within a
// former title belong to it.
PlanTitle ReadPlanTitle(std::string_view cell, std::span<const std::string_view> former_words);

}  // namespace almanac::client
