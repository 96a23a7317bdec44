#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/documents/table_number_format.h"
#include "client/documents/table_zip.h"

namespace almanac::client {

// The most texts that the cells of a spreadsheet may share.
inline constexpr std::size_t kMaxSharedTexts = 1'000'000;

// What the cells of a sheet of an .xlsx refer to.
struct Workbook {
  // The part with the sheet that was asked for.
  std::string sheet_part;
  // Whether days are counted from 1904.
  bool from_1904 = false;
  // The texts of cells, by index.
  std::vector<std::string> texts;
  // What the style of a cell shows of a date, by index.
  std::vector<DatePrecision> styles;
};

// Reads all of an .xlsx but its sheets. `sheet` is as in ReadXlsx. Returns INVALID_ARGUMENT naming the part that is
// wrong, or, if the sheet is not there, those that are.
absl::StatusOr<Workbook> ReadWorkbook(ZipReader* zip, std::string_view sheet);

}  // namespace almanac::client
