#include "client/documents/table_number_format.h"

#include <cctype>
#include <chrono>
#include <cmath>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace almanac::client {
namespace {

// The part of a code that says how a positive number looks, without what is written as it stands: quoted texts, escaped
// characters, and conditions, colours and languages in brackets.
std::string SymbolsOf(std::string_view code) {
  std::string symbols;
  for (std::size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
    if (code[i] == '"') {
      i = code.find('"', i + 1);
    } else if (code[i] == '[') {
      // `[h]` are hours beyond a day.
      if (code.substr(i + 1).starts_with('h') || code.substr(i + 1).starts_with('H')) symbols.push_back('h');
      i = code.find(']', i + 1);
    } else if (code[i] == '\\' || code[i] == '_' || code[i] == '*') {
      ++i;
    } else {
      symbols.push_back(absl::ascii_tolower(static_cast<unsigned char>(code[i])));
    }
    if (i == std::string_view::npos) break;
  }
  return symbols;
}

DatePrecision PrecisionOfBuiltIn(int format) {
  if (format == 17) return DatePrecision::kMonth;  // mmm-yy
  const bool is_date = (format >= 14 && format <= 16) || format == 22;
  // Those of Chinese, Japanese and Korean; the ones between are times of day.
  const bool is_asian_date =
      (format >= 27 && format <= 31) || format == 36 || (format >= 50 && format <= 54) || format == 57 || format == 58;
  return is_date || is_asian_date ? DatePrecision::kDay : DatePrecision::kNone;
}

}  // namespace

DatePrecision PrecisionOf(int format, std::string_view code) {
  if (code.empty()) return PrecisionOfBuiltIn(format);
  const std::string symbols = SymbolsOf(code);
  if (symbols.find("general") != std::string::npos) return DatePrecision::kNone;
  const auto has = [&](const char* letters) { return symbols.find_first_of(letters) != std::string::npos; };
  if (has("d")) return DatePrecision::kDay;
  // An m beside hours or seconds is minutes. The years of eras are e.
  const bool has_year = has("ye") && !has("0#?");
  if (has("m") && (has_year || !has("hs"))) return DatePrecision::kMonth;
  return has_year ? DatePrecision::kYear : DatePrecision::kNone;
}

std::string DateOfSerial(double serial, DatePrecision precision, bool from_1904) {
  constexpr double kLastSerial = 2'958'465;  // 9999-12-31
  if (!(serial >= 1 && serial < kLastSerial + 1)) return "";
  int days = static_cast<int>(std::floor(serial));
  // Serial 60 is 29 February 1900, which never was; the days before it are one off.
  if (!from_1904 && days == 60) return "";
  if (!from_1904 && days < 60) ++days;
  using std::chrono::sys_days;
  const sys_days origin =
      from_1904 ? sys_days(std::chrono::January / 1 / 1904) : sys_days(std::chrono::year(1899) / 12 / 30);
  const std::chrono::year_month_day date(origin + std::chrono::days(days));
  if (static_cast<int>(date.year()) > 9999) return "";
  const std::string year = absl::StrFormat("%04d", static_cast<int>(date.year()));
  if (precision == DatePrecision::kYear) return year;
  const std::string month = absl::StrFormat("%s-%02d", year, static_cast<unsigned>(date.month()));
  if (precision == DatePrecision::kMonth) return month;
  return absl::StrFormat("%s-%02d", month, static_cast<unsigned>(date.day()));
}

}  // namespace almanac::client
