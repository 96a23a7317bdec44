#include "client/documents/table_rows.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

// What is wrong with the bytes of `text`, whose first is on `line`.
absl::Status CheckCell(std::string_view file, int line, int column, std::string_view text) {
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t offset = 0; offset < length;) {
    UChar32 character = 0;
    U8_NEXT(text.data(), offset, length, character);
    if (character > 0) {
      line += character == '\n' ? 1 : 0;
      continue;
    }
    return TableError(file, line, column,
                      character < 0 ? "not UTF-8; save the table as UTF-8 (in Excel: \"CSV UTF-8\") and try again"
                                    : "a NUL byte, which no text holds; save the table anew, as UTF-8");
  }
  return absl::OkStatus();
}

}  // namespace

std::string TablePlace(std::string_view file, int line, int column) {
  std::string place = absl::StrCat(std::string(file), ":", line);
  if (column > 0) absl::StrAppend(&place, ":", column);
  return place;
}

absl::Status TableError(std::string_view file, int line, int column, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(TablePlace(file, line, column), ": ", std::string(what)));
}

TableBuilder::TableBuilder(std::string_view file, int header_row, bool is_complete)
    : header_row_(header_row), is_complete_(is_complete) {
  table_.file = file;
}

absl::Status TableBuilder::AddCell(int line, int column, std::string_view text) {
  // Before any look at the text, white space too: many cells of a spreadsheet may share one long text.
  if (absl::Status status = Count(line, column, text); !status.ok()) return status;
  if (absl::Status status = CheckCell(table_.file, line, column, text); !status.ok()) return status;
  text = TrimSpaces(text);
  if (column > kMaxTableColumns) {
    if (text.empty()) return absl::OkStatus();
    return TableError(table_.file, line, column,
                      absl::StrCat("a table may have at most ", kMaxTableColumns, " columns"));
  }
  if (row_.cells.empty()) row_.line = line;
  row_.cells.resize(column);
  row_.cells.back() = text;
  return absl::OkStatus();
}

absl::Status TableBuilder::EndRow() {
  TableRow row = std::exchange(row_, {});
  row.is_complete = is_complete_;
  const bool is_empty = std::all_of(row.cells.begin(), row.cells.end(), [](const auto& cell) { return cell.empty(); });
  if (is_empty || row.line < header_row_) return absl::OkStatus();
  if (table_.headings.line == 0) {
    if (header_row_ > 0 && row.line != header_row_) {
      return TableError(table_.file, header_row_, 0,
                        "header_row says that the headings are here, but no row begins here");
    }
    while (row.cells.back().empty()) row.cells.pop_back();
    table_.headings = std::move(row);
    return absl::OkStatus();
  }
  if (table_.rows.size() == kMaxTableRows) {
    return TableError(table_.file, row.line, 0,
                      absl::StrCat("a table may have at most ", kMaxTableRows,
                                   " rows below its headings, and this is one more; divide it"));
  }
  table_.rows.push_back(std::move(row));
  return absl::OkStatus();
}

absl::Status TableBuilder::FillDown(int column, int first, int last) {
  const auto is_above = [](const TableRow& row, int line) { return row.line < line; };
  const auto source = std::lower_bound(table_.rows.begin(), table_.rows.end(), first, is_above);
  if (source == table_.rows.end() || source->line != first || column < 1) return absl::OkStatus();
  if (static_cast<int>(source->cells.size()) < column) return absl::OkStatus();
  const std::string text = source->cells[column - 1];
  if (text.empty()) return absl::OkStatus();
  for (auto row = source + 1; row != table_.rows.end() && row->line <= last; ++row) {
    if (++filled_ > std::size_t{kMaxTableRows} * kMaxTableColumns) {
      return TableError(table_.file, first, column, "the merged cells overlap: the file is damaged");
    }
    if (static_cast<int>(row->cells.size()) < column) row->cells.resize(column);
    if (!row->cells[column - 1].empty()) continue;
    if (absl::Status status = Count(row->line, column, text); !status.ok()) return status;
    row->cells[column - 1] = text;
  }
  return absl::OkStatus();
}

absl::Status TableBuilder::Count(int line, int column, std::string_view text) {
  bytes_ += text.size();
  if (bytes_ <= kMaxTableTextBytes) return absl::OkStatus();
  return TableError(table_.file, line, column,
                    absl::StrCat("up to here the table holds more than ", kMaxTableTextBytes >> 20, " MiB of text"));
}

absl::StatusOr<SourceTable> TableBuilder::Finish() {
  if (table_.headings.line == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(table_.file, header_row_ > 0 ? absl::StrCat(": there is nothing in row ", header_row_,
                                                                 ", where header_row says "
                                                                 "that the headings are, or below")
                                                  : ": the table is empty"));
  }
  return std::move(table_);
}

}  // namespace almanac::client
