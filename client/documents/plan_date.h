#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace almanac::client {

// The years that a plan may speak of.
inline constexpr int kMinPlanYear = 1900;
inline constexpr int kMaxPlanYear = 9999;

// The year that `text` says in decimal digits. Returns INVALID_ARGUMENT if it is not kMinPlanYear to kMaxPlanYear.
absl::StatusOr<int> ReadYear(std::string_view text);

// The month `2022-06` or, unless `day` is empty, the day `2022-06-15` that the decimal digits in `year`, `month` and
// `day` say. Returns INVALID_ARGUMENT naming the part that no calendar has.
absl::StatusOr<std::string> FormatDate(std::string_view year, std::string_view month, std::string_view day = "");

}  // namespace almanac::client
