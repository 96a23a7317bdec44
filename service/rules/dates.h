#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

// Dates with a precision: a year `2022`, a quarter `2022-Q2`, a month `2022-06` or a day `2022-06-30`.
namespace almanac::service::rules {

// The first and last day of what a date names.
struct Span {
  absl::CivilDay first;
  absl::CivilDay last;

  bool is_day() const { return first == last; }
  bool contains(absl::CivilDay day) const { return first <= day && day <= last; }
};

// The span of `date`; nothing if it has none of the four forms, names a day that does not exist, or a year outside
// 1900 to 9999.
std::optional<Span> ParseDate(std::string_view date);

// `2022-06-30`.
std::string FormatDay(absl::CivilDay day);

// Whether a promise for `target` is broken on `day`: from the day after the last one that the target names.
bool IsOverdue(const Span& target, absl::CivilDay day);

// The day that it is at `time` in the IANA zone `time_zone`; UTC if there is no such zone.
absl::CivilDay DayIn(const std::string& time_zone, absl::Time time);

}  // namespace almanac::service::rules
