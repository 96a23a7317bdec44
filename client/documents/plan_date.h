#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/documents/text_pattern.h"

namespace almanac::client {

// The years that a plan may speak of.
inline constexpr int kMinPlanYear = 1900;
inline constexpr int kMaxPlanYear = 9999;

// The year that `text` says in decimal digits. Returns INVALID_ARGUMENT if it is not kMinPlanYear to kMaxPlanYear.
absl::StatusOr<int> ReadYear(std::string_view text);

// The month `2022-06` or, unless `day` is empty, the day `2022-06-15` that the decimal digits in `year`, `month` and
// `day` say; a month may also be an English name, or the first three letters of one or more. Returns INVALID_ARGUMENT
// naming the part that no calendar has.
absl::StatusOr<std::string> FormatDate(std::string_view year, std::string_view month, std::string_view day = "");

// Finds dates by a pattern as TextPattern takes it, with the named groups `year`, `month` and perhaps `day`. What it
// returns for a date is what FormatDate returns.
class DatePattern {
 public:
  explicit DatePattern(std::string_view pattern);

  // The date that the whole of `text` is; nothing if it is none.
  std::optional<absl::StatusOr<std::string>> MatchWhole(std::string_view text) const;
  // The last date within `text`; nothing if there is none.
  std::optional<absl::StatusOr<std::string>> FindLast(std::string_view text) const;

 private:
  TextPattern pattern_;
};

}  // namespace almanac::client
