#include "client/documents/table_csv.h"

#include <csv.h>

#include <cstddef>

namespace almanac::client {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsUtf16(std::string_view text) { return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"); }

// libcsv says nothing of lines: it is fed byte by byte, and what was there before each byte is kept here.
class CsvReader {
 public:
  CsvReader(char separator, std::string_view file, int header_row)
      : file_(file), separator_(separator), builder_(file, header_row, /*is_complete=*/true) {
    csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_delim(&parser_, static_cast<unsigned char>(separator));
  }
  ~CsvReader() { csv_free(&parser_); }
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  absl::StatusOr<SourceTable> Read(std::string_view text) {
    for (const char byte : text) {
      if (absl::Status status = Feed(byte); !status.ok()) return status;
    }
    const int result = csv_fini(&parser_, OnCell, OnRow, this);
    if (!status_.ok()) return status_;
    // Within quotes every byte may stand, so that a quote without its end is known only here.
    if (result != 0) return Refuse("the quote that opens here is never closed");
    return builder_.Finish();
  }

 private:
  absl::Status Feed(char byte) {
    if (byte == '\n' && last_ == '\r') --line_;
    const bool is_space = byte == '\r' || byte == '\n' || byte == ' ' || (byte == '\t' && separator_ != '\t');
    if (!is_space) {
      if (row_line_ == 0) row_line_ = line_;
      if (cell_line_ == 0) cell_line_ = line_;
    }
    const bool is_read = csv_parse(&parser_, &byte, 1, OnCell, OnRow, this) == 1;
    if (!status_.ok()) return status_;
    if (!is_read) return Refuse("a quote within a cell: put the whole cell in quotes, and double each quote in it");
    if (byte == '\r' || byte == '\n') ++line_;
    last_ = byte;
    return absl::OkStatus();
  }

  // The error of the current cell: `what`, unless there is no memory.
  absl::Status Refuse(std::string_view what) {
    const int error = csv_error(&parser_);
    return TableError(file_, cell_line_, column_ + 1, error == CSV_EPARSE ? what : csv_strerror(error));
  }

  static void OnCell(void* text, std::size_t size, void* reader) {
    static_cast<CsvReader*>(reader)->AddCell({static_cast<const char*>(text), size});
  }

  static void OnRow(int, void* reader) { static_cast<CsvReader*>(reader)->EndRow(); }

  void AddCell(std::string_view text) {
    if (!status_.ok()) return;
    status_ = builder_.AddCell(cell_line_ > 0 ? cell_line_ : row_line_, ++column_, text);
    cell_line_ = 0;
  }

  void EndRow() {
    if (status_.ok()) status_ = builder_.EndRow();
    row_line_ = 0;
    cell_line_ = 0;
    column_ = 0;
  }

  csv_parser parser_{};
  std::string_view file_;
  char separator_;
  TableBuilder builder_;
  absl::Status status_;
  int line_ = 1;
  char last_ = 0;
  // Where the current row and the current cell begin; 0 before their first character.
  int row_line_ = 0;
  int cell_line_ = 0;
  // How many cells of the current row are complete.
  int column_ = 0;
};

}  // namespace

absl::StatusOr<SourceTable> ReadCsv(std::string_view text, char separator, std::string_view file, int header_row) {
  if (IsUtf16(text)) {
    return TableError(file, 1, 0, "the file is UTF-16; save it as UTF-8 (in Excel: \"CSV UTF-8\") and try again");
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return CsvReader(separator, file, header_row).Read(text);
}

}  // namespace almanac::client
