#pragma once

#include <string>
#include <string_view>

namespace almanac::client {

// What a number format of a spreadsheet shows of a date.
enum class DatePrecision { kNone, kYear, kMonth, kDay };

// What the format with this id shows: one of the built-in ones, or, if `code` is not empty, what the code says, such as
// `mmm-yy` (a month) or `#,##0.00` (no date). Times of day are no dates.
DatePrecision PrecisionOf(int format, std::string_view code);

// The date whose serial number a spreadsheet keeps, `2022-06-30`, `2022-06` or `2022` by `precision`; `from_1904` says
// that its days are counted from 1904 instead of 1900. Empty if it is not a day from 1900 to 9999.
std::string DateOfSerial(double serial, DatePrecision precision, bool from_1904);

}  // namespace almanac::client
