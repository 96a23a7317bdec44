#include "client/documents/plan_date.h"

#include <chrono>
#include <cstddef>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace almanac::client {
namespace {

constexpr std::string_view kMonths[] = {"january", "february", "march",     "april",   "may",      "june",
                                        "july",    "august",   "september", "october", "november", "december"};

absl::StatusOr<unsigned> ReadMonth(std::string_view text) {
  constexpr std::size_t kMinLetters = 3;
  unsigned number = 0;
  const bool is_number = absl::SimpleAtoi(std::string(text), &number);
  if (is_number && number >= 1 && number <= std::size(kMonths)) return number;
  const std::string word = absl::AsciiStrToLower(std::string(text));
  for (std::size_t i = 0; i < std::size(kMonths) && word.size() >= kMinLetters; ++i) {
    if (kMonths[i].starts_with(word)) return static_cast<unsigned>(i) + 1;
  }
  return absl::InvalidArgumentError(is_number ? absl::StrCat("the month ", std::string(text), " is not 1 to 12")
                                              : absl::StrCat("there is no month ", std::string(text)));
}

absl::StatusOr<std::string> DateOf(const TextPattern::Groups& date) {
  return FormatDate(/*year=*/date[0], /*month=*/date[1], /*day=*/date[2]);
}

}  // namespace

absl::StatusOr<int> ReadYear(std::string_view text) {
  int year = 0;
  if (!absl::SimpleAtoi(std::string(text), &year) || year < kMinPlanYear || year > kMaxPlanYear) {
    return absl::InvalidArgumentError(
        absl::StrCat("the year ", std::string(text), " is not ", kMinPlanYear, " to ", kMaxPlanYear));
  }
  return year;
}

absl::StatusOr<std::string> FormatDate(std::string_view year, std::string_view month, std::string_view day) {
  const absl::StatusOr<int> year_number = ReadYear(year);
  if (!year_number.ok()) return year_number.status();
  const absl::StatusOr<unsigned> month_number = ReadMonth(month);
  if (!month_number.ok()) return month_number.status();
  std::string date = absl::StrFormat("%04d-%02d", *year_number, *month_number);
  if (day.empty()) return date;
  unsigned day_number = 0;
  const bool is_number = absl::SimpleAtoi(std::string(day), &day_number);
  const auto whole = std::chrono::year(*year_number) / std::chrono::month(*month_number) / std::chrono::day(day_number);
  if (!is_number || !whole.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no day ", std::string(day), " in ", date));
  }
  return absl::StrFormat("%s-%02d", date, day_number);
}

DatePattern::DatePattern(std::string_view pattern) : pattern_(pattern, {"year", "month", "day"}) {}

std::optional<absl::StatusOr<std::string>> DatePattern::MatchWhole(std::string_view text) const {
  const std::optional<TextPattern::Groups> date = pattern_.MatchWhole(text);
  if (!date) return std::nullopt;
  return DateOf(*date);
}

std::optional<absl::StatusOr<std::string>> DatePattern::FindLast(std::string_view text) const {
  const std::vector<TextPattern::Groups> dates = pattern_.FindAll(text);
  if (dates.empty()) return std::nullopt;
  return DateOf(dates.back());
}

}  // namespace almanac::client
