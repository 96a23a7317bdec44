#include "client/documents/plan_date.h"

#include <chrono>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace almanac::client {

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
  unsigned month_number = 0;
  if (!absl::SimpleAtoi(std::string(month), &month_number) || month_number < 1 || month_number > 12) {
    return absl::InvalidArgumentError(absl::StrCat("the month ", std::string(month), " is not 1 to 12"));
  }
  std::string date = absl::StrFormat("%04d-%02d", *year_number, month_number);
  if (day.empty()) return date;
  unsigned day_number = 0;
  const bool is_number = absl::SimpleAtoi(std::string(day), &day_number);
  const auto whole = std::chrono::year(*year_number) / std::chrono::month(month_number) / std::chrono::day(day_number);
  if (!is_number || !whole.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no day ", std::string(day), " in ", date));
  }
  return absl::StrFormat("%s-%02d", date, day_number);
}

}  // namespace almanac::client
