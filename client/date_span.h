// Dates as the catalogue has them: a day `2022-06-30`, a month `2022-06`, a quarter `2022-Q2` or a year `2022`.
#ifndef ALMANAC_CLIENT_DATE_SPAN_H_
#define ALMANAC_CLIENT_DATE_SPAN_H_

#include <optional>
#include <string>

#include "absl/time/civil_time.h"

namespace almanac::client {

// The first and the last day of what a date names.
struct DateSpan {
  absl::CivilDay first;
  absl::CivilDay last;
};

// The span of `date`; nothing if it has none of the four forms.
std::optional<DateSpan> ParseDateSpan(const std::string& date);

// `2022-06-30`.
std::string DayText(absl::CivilDay day);

// `date` for people: `30 June 2022`, `June 2022`, `Q2 2022` or `2022`; as it is if it has none of the four forms.
std::string DateWords(const std::string& date);

// The calendar months from the month of `from` to that of `to`.
int MonthsBetween(absl::CivilDay from, absl::CivilDay to);

// `3 months`, `1 day`: a count of things.
std::string CountText(int count, const std::string& singular);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_DATE_SPAN_H_
