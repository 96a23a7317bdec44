#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace almanac::client {

// The limits of a table: the bytes of its file, the rows below its headings, its columns, and the bytes of all its
// cells with the white space at their ends, which in a spreadsheet can be more than those of its file.
inline constexpr std::size_t kMaxTableFileBytes = 16 * 1024 * 1024;
inline constexpr int kMaxTableRows = 20'000;
inline constexpr int kMaxTableColumns = 256;
inline constexpr std::size_t kMaxTableTextBytes = 32 * 1024 * 1024;

// One row of a table; its first cell is column 1.
struct TableRow {
  // Where it begins: the line of a text, the row of a spreadsheet, counted from 1.
  int line = 0;
  // UTF-8, without white space at their ends.
  std::vector<std::string> cells;
  // Whether every cell was written, also one with nothing in it, as in CSV; a spreadsheet leaves such cells out.
  bool is_complete = false;
};

// A table as its file has it, without rows in which nothing stands.
struct SourceTable {
  // The file's name, for messages.
  std::string file;
  TableRow headings;
  std::vector<TableRow> rows;
};

// `FILE:LINE:COLUMN`, without the column if it is 0.
std::string TablePlace(std::string_view file, int line, int column = 0);

// INVALID_ARGUMENT with a message that begins with the place.
absl::Status TableError(std::string_view file, int line, int column, std::string_view what);

// Puts a table together cell by cell, and holds its limits.
class TableBuilder {
 public:
  // The headings are in the row that begins at `header_row`, or, if that is 0, in the first row with a text. What
  // stands above them is left out. `is_complete` is that of all rows.
  TableBuilder(std::string_view file, int header_row, bool is_complete);

  // Puts `text`, which begins at `line`, into a column of the current row. Columns come from left to right and may
  // leave some out. Returns INVALID_ARGUMENT, naming the place, if it is not UTF-8, holds a NUL, or is one too many.
  absl::Status AddCell(int line, int column, std::string_view text);

  // Ends the current row. Returns INVALID_ARGUMENT if it is one too many, or if there is nothing in the row that should
  // have the headings.
  absl::Status EndRow();

  // Puts what stands in `column` of the row that begins at `first` into its empty cells below, down to `last`. The
  // headings stay as they are. Returns INVALID_ARGUMENT if the table becomes too large, or if such ranges overlap so
  // often that they are none.
  absl::Status FillDown(int column, int first, int last);

  // The table. Returns INVALID_ARGUMENT if it has no headings.
  absl::StatusOr<SourceTable> Finish();

 private:
  // Counts the bytes of a cell; INVALID_ARGUMENT if they are too many.
  absl::Status Count(int line, int column, std::string_view text);

  SourceTable table_;
  int header_row_;
  bool is_complete_;
  TableRow row_;
  std::size_t bytes_ = 0;
  // How many rows FillDown has looked at.
  std::size_t filled_ = 0;
};

}  // namespace almanac::client
