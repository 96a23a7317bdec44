#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "client/documents/table_rows.h"

namespace almanac::client {

// Reads one sheet of an .xlsx: the one called `sheet`, or, if that is empty, the first that is not hidden. A cell is
// what it says: a text, a number in digits, a formula's last value; a number that is shown as a date is that date, as
// precisely as it is shown. `file` and `header_row` are as TableBuilder has them.
//
// Returns INVALID_ARGUMENT for what TableBuilder refuses, for what is no .xlsx or unpacks to more than
// kMaxUnpackedBytes, and for a sheet that is not there, naming those that are.
absl::StatusOr<SourceTable> ReadXlsx(std::string_view bytes, std::string_view sheet, std::string_view file,
                                     int header_row);

}  // namespace almanac::client
