#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/documents/table_rows.h"

namespace almanac::client {

// Whether the name of a file says that it holds a table: .csv, .tsv, .xlsx, or another format of spreadsheets.
bool IsTableFile(std::string_view file);

// Reads a table: .xlsx if it is one, else TSV if the name of the file ends with .tsv, else CSV. `sheet` and
// `header_row` are as in ReadXlsx. Returns INVALID_ARGUMENT, with the place where there is one, as ReadXlsx and ReadCsv
// do, for a file of more than kMaxTableFileBytes, and for spreadsheets of other formats or with a password.
absl::StatusOr<SourceTable> ReadTable(std::string_view bytes, std::string_view file, std::string_view sheet,
                                      int header_row);

}  // namespace almanac::client
