#include "service/rules/dates.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

namespace almanac::service::rules {
namespace {

constexpr int kFirstYear = 1900;

// The digits of `text` as a number; -1 if it is anything else.
int Digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// `months` months from the first of `month`.
Span Months(int year, int month, int months) {
  const absl::CivilMonth first(year, month);
  return {absl::CivilDay(first), absl::CivilDay(first + months) - 1};
}

}  // namespace

std::optional<Span> ParseDate(std::string_view date) {
  const int year = date.size() >= 4 ? Digits(date.substr(0, 4)) : -1;
  if (year < kFirstYear) return std::nullopt;
  const std::string_view rest = date.substr(4);
  if (rest.empty()) return Months(year, 1, 12);
  if (rest.size() == 3 && rest.starts_with("-Q") && rest[2] >= '1' && rest[2] <= '4') {
    return Months(year, 3 * (rest[2] - '1') + 1, 3);
  }
  const int month = rest.size() >= 3 && rest[0] == '-' ? Digits(rest.substr(1, 2)) : -1;
  if (month < 1 || month > 12) return std::nullopt;
  if (rest.size() == 3) return Months(year, month, 1);
  const int day = rest.size() == 6 && rest[3] == '-' ? Digits(rest.substr(4, 2)) : -1;
  if (day < 1) return std::nullopt;
  const absl::CivilDay exact(year, month, day);
  if (exact.month() != month) return std::nullopt;  // civil time normalises 31 June to 1 July
  return Span{exact, exact};
}

std::string FormatDay(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

bool IsOverdue(const Span& target, absl::CivilDay day) { return day > target.last; }

absl::CivilDay DayIn(const std::string& time_zone, absl::Time time) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(time_zone, &zone)) zone = absl::UTCTimeZone();
  return absl::ToCivilDay(time, zone);
}

}  // namespace almanac::service::rules
