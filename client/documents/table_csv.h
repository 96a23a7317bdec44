#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/documents/table_rows.h"

namespace almanac::client {

// Reads a table in CSV (RFC 4180) or, with a tab as `separator`, TSV: lines end with LF, CR LF or CR; cells with a
// separator, a line end or a quote in them stand in quotes, which are doubled within. A byte order mark is left out. A
// row has as many cells as were written. `file` and `header_row` are as TableBuilder has them.
//
// Returns INVALID_ARGUMENT, with the place, for what TableBuilder refuses, for a quote that is not closed, naming where
// it opened, for a quote within a cell without quotes, and for UTF-16.
absl::StatusOr<SourceTable> ReadCsv(std::string_view text, char separator, std::string_view file, int header_row);

}  // namespace almanac::client
