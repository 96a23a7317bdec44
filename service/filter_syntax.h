#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// The language of filters, by https://google.aip.dev/160: what a filter says, before anything is known of the fields.
// OR binds closer than AND, as that asks for; factors side by side are joined by AND.
namespace almanac::service {

inline constexpr int kMaxFilterCharacters = 2000;
inline constexpr int kMaxFilterComparisons = 50;
// Parentheses within each other.
inline constexpr int kMaxFilterDepth = 20;

// What a field is compared with.
struct FilterValue {
  // The text between its wildcards: one part if there are none.
  std::vector<std::string> parts;
  bool is_quoted = false;
  // Whether this is a call of the function that `parts` names.
  bool is_call = false;
  std::vector<FilterValue> arguments;
  // Of its first character in the filter, from 1.
  size_t position = 0;

  // With `*` for each wildcard.
  std::string text() const;
};

struct FilterNode {
  enum class Type { kAnd, kOr, kNot, kComparison };
  enum class Comparator { kNone, kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kHas };

  Type type = Type::kComparison;
  // Two or more of kAnd and kOr, one of kNot.
  std::vector<FilterNode> operands;

  // Of a comparison. What stands before the comparator, at its dots: `titles.en`.
  std::vector<std::string> path;
  // Whether that is a quoted text, which can name no field.
  bool is_quoted = false;
  // kNone if nothing is compared: `discontinued`.
  Comparator comparator = Comparator::kNone;
  FilterValue value;
  // Of the first character of `path` in the filter, from 1.
  size_t position = 0;
};

// The tree of `filter`; nothing if it says nothing. INVALID_ARGUMENT about `filter` with the position, what was
// expected there and what stands there, or with the limit that it exceeds.
absl::StatusOr<std::optional<FilterNode>> ParseFilter(std::string_view filter);

// INVALID_ARGUMENT about `filter`: `problem`, which is at `position`.
absl::Status FilterError(size_t position, absl::string_view problem);

}  // namespace almanac::service
