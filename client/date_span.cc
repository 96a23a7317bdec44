#include "client/date_span.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace almanac::client {
namespace {

// `%B %Y` and the like of a day, which is the same in every time zone.
std::string FormatCivil(const char* format, absl::CivilDay day) {
  return absl::FormatTime(format, absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone());
}

bool IsQuarter(const std::string& date) {
  return date.size() == 7 && date.compare(4, 2, "-Q") == 0 && date[6] >= '1' && date[6] <= '4';
}

}  // namespace

std::optional<DateSpan> ParseDateSpan(const std::string& date) {
  absl::CivilDay day;
  absl::CivilMonth month;
  absl::CivilYear year;
  if (date.size() == 10 && absl::ParseCivilTime(date, &day)) return DateSpan{day, day};
  if (date.size() == 7 && absl::ParseCivilTime(date, &month)) {
    return DateSpan{absl::CivilDay(month), absl::CivilDay(month + 1) - 1};
  }
  if ((date.size() != 4 && !IsQuarter(date)) || !absl::ParseCivilTime(date.substr(0, 4), &year)) return std::nullopt;
  if (date.size() == 4) return DateSpan{absl::CivilDay(year), absl::CivilDay(year + 1) - 1};
  const absl::CivilMonth first(year.year(), 3 * (date[6] - '1') + 1);
  return DateSpan{absl::CivilDay(first), absl::CivilDay(first + 3) - 1};
}

std::string DayText(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

std::string DateWords(const std::string& date) {
  const std::optional<DateSpan> span = ParseDateSpan(date);
  if (!span.has_value() || date.size() == 4) return date;
  if (date.size() == 10) return FormatCivil("%-d %B %Y", span->first);
  if (IsQuarter(date)) return absl::StrCat(date.substr(5), " ", date.substr(0, 4));
  return FormatCivil("%B %Y", span->first);
}

int MonthsBetween(absl::CivilDay from, absl::CivilDay to) {
  return static_cast<int>(absl::CivilMonth(to) - absl::CivilMonth(from));
}

std::string CountText(int count, const std::string& singular) {
  return absl::StrCat(count, " ", singular, count == 1 || count == -1 ? "" : "s");
}

}  // namespace almanac::client
