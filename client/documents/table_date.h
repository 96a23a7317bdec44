#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/documents/text_pattern.h"

namespace almanac::client {

// What a cell says of a date.
struct TableDate {
  enum class Kind {
    kDate,   // `date` is what it says.
    kVague,  // `date` is the year of which it names a part that has no exact meaning (`mid-2022`).
    kOpen,   // It may be read in several ways; only the mapping can say in which.
    kNone,   // It names no date.
  };

  Kind kind = Kind::kNone;
  // A day `2022-06-30`, a month `2022-06`, a quarter `2022-Q2` or a year `2022`.
  std::string date;
  // Unless it is a date, why, as the end of a sentence about the words of the cell.
  std::string why;
};

// Reads dates as people write them in tables, in English and Chinese, in digits of either width: `6/2022`, `June 2022`,
// `30 Jun 2022`, `2022-06-30`, `2022年6月`, `Q2 2022`, `2022`. What could be two dates is one only by a format of the
// mapping.
class TableDateReader {
 public:
  // `formats` are of DateFormats().
  explicit TableDateReader(const std::set<std::string>& formats);

  TableDate Read(std::string_view text) const;

 private:
  struct Format {
    TextPattern pattern;
    // What each group is: y a year, m a month, d a day, n the name of a month, q a quarter.
    std::string_view parts;
    std::string_view name;
    // Whether it needs no mapping, or the mapping has it.
    bool is_chosen;
  };

  TableDate ReadOpen(std::string_view text) const;

  std::vector<Format> formats_;
  // Whether the mapping says which of day and month comes first.
  bool has_order_ = false;
  TextPattern by_;
  TextPattern year_and_one_;
  std::vector<TextPattern> vague_;
  std::vector<TextPattern> financial_;
};

// The names of formats that a mapping may give. Only some need to be given; the others are always understood.
std::vector<std::string> DateFormats();

}  // namespace almanac::client
