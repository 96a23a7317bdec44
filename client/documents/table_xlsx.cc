#include "client/documents/table_xlsx.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/documents/table_number_format.h"
#include "client/documents/table_workbook.h"
#include "client/documents/table_xml.h"
#include "client/documents/table_zip.h"

namespace almanac::client {
namespace {

constexpr int kLastRow = 1'048'576;
constexpr int kLastColumn = 16'384;

// The column in a reference such as `AB12`; 0 if it has none.
int ColumnOf(std::string_view reference) {
  int column = 0;
  for (const char letter : reference) {
    if (!absl::ascii_isupper(static_cast<unsigned char>(letter))) break;
    column = column * 26 + (letter - 'A' + 1);
    if (column > kLastColumn) return 0;
  }
  return column;
}

// The row in a reference such as `AB12`; 0 if it has none.
int RowOf(std::string_view reference) {
  int row = 0;
  const std::size_t digits = std::min(reference.find_first_of("0123456789"), reference.size());
  return absl::SimpleAtoi(std::string(reference.substr(digits)), &row) ? row : 0;
}

// A whole number without its `.0` or exponent; any other as it is.
std::string NumberText(const std::string& text) {
  constexpr double kExact = 9'007'199'254'740'992;  // 2^53
  double number = 0;
  if (!absl::SimpleAtod(text, &number) || number != std::floor(number) || std::fabs(number) > kExact) return text;
  return absl::StrCat(static_cast<int64_t>(number));
}

// Spreadsheets write characters that XML does not have, most often a carriage return, as `_x000D_`.
std::string WithoutEscapes(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 7, "_x000D_") == 0) {
      i += 6;
    } else {
      result.push_back(text[i]);
    }
  }
  return result;
}

absl::Status NotReadable(std::string_view file, const absl::Status& why) {
  return absl::InvalidArgumentError(absl::StrCat(std::string(file), ": cannot be read as .xlsx: ", why.message()));
}

class SheetReader {
 public:
  SheetReader(const Workbook& workbook, std::string_view file, int header_row)
      : workbook_(workbook), file_(file), builder_(file, header_row, /*is_complete=*/false) {}

  absl::StatusOr<SourceTable> Read(std::string_view xml) {
    const XmlHandlers handlers = {
        .start = [this](std::string_view element, const auto& attributes) { Start(element, attributes); },
        .end = [this](std::string_view element) { End(element); },
        .text =
            [this](std::string_view text) {
              if (is_value_) value_.append(text);
            },
    };
    const absl::Status status = ReadXml(xml, handlers, [this] { return status_.ok(); });
    if (!status_.ok()) return status_;
    if (!status.ok()) return NotReadable(file_, status);
    return builder_.Finish();
  }

 private:
  static std::string_view Value(const XmlHandlers::Attributes& attributes, std::string_view name) {
    const auto found = attributes.find(name);
    return found == attributes.end() ? std::string_view() : found->second;
  }

  void Start(std::string_view element, const XmlHandlers::Attributes& attributes) {
    if (element == "row") {
      int row = row_ + 1;
      if (const auto r = Value(attributes, "r"); !r.empty() && !absl::SimpleAtoi(std::string(r), &row)) row = 0;
      if (row <= row_ || row > kLastRow) return Refuse("after this row comes one that is not below it");
      row_ = row;
      column_ = 0;
    } else if (element == "c") {
      const std::string_view reference = Value(attributes, "r");
      const int column = reference.empty() ? column_ + 1 : ColumnOf(reference);
      if (column <= column_ || row_ == 0) return Refuse("the cells of the row are not in the order of their columns");
      column_ = column;
      type_ = Value(attributes, "t");
      style_ = -1;
      static_cast<void>(absl::SimpleAtoi(std::string(Value(attributes, "s")), &style_));
      value_.clear();
      has_formula_ = false;
      has_value_ = false;
    } else if (element == "mergeCell") {
      FillMerged(Value(attributes, "ref"));
    } else if (element == "rPh") {
      in_phonetics_ = true;
    }
    // A formula is f, its last value v; a text within the cell is t in is.
    has_formula_ = has_formula_ || element == "f";
    has_value_ = has_value_ || element == "v";
    is_value_ = column_ > 0 && !in_phonetics_ && (element == "v" || element == "t");
  }

  void End(std::string_view element) {
    is_value_ = false;
    if (!status_.ok()) return;
    if (element == "rPh") in_phonetics_ = false;
    if (element == "c") AddCell();
    if (element == "row") status_ = builder_.EndRow();
    if (element == "row") column_ = 0;
  }

  // What would else be read as an empty cell is an error.
  void AddCell() {
    std::size_t text = 0;
    if (has_formula_ && !has_value_) {
      status_ =
          TableError(file_, row_, column_,
                     "a formula without its value: open the file in a spreadsheet program, save it, and try again");
    } else if (type_ == "s" && !value_.empty() &&
               (!absl::SimpleAtoi(value_, &text) || text >= workbook_.texts.size())) {
      status_ = TableError(file_, row_, column_, "the text of this cell is missing: the file is damaged");
    } else {
      status_ = builder_.AddCell(row_, column_, CellText());
    }
  }

  // Cells of one column that are merged, `B2:B5`, all hold what the first one does.
  void FillMerged(std::string_view range) {
    const std::size_t colon = range.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view first = range.substr(0, colon);
    const std::string_view last = range.substr(colon + 1);
    if (status_.ok() && ColumnOf(first) == ColumnOf(last)) {
      status_ = builder_.FillDown(ColumnOf(first), RowOf(first), RowOf(last));
    }
  }

  std::string CellText() const {
    if (type_ == "s") {
      std::size_t index = 0;
      return absl::SimpleAtoi(value_, &index) ? WithoutEscapes(workbook_.texts[index]) : "";
    }
    if (type_ == "b") return value_ == "1" ? "TRUE" : "FALSE";
    if (!type_.empty() && type_ != "n") return WithoutEscapes(value_);
    const bool has_style = style_ >= 0 && static_cast<std::size_t>(style_) < workbook_.styles.size();
    const DatePrecision precision = has_style ? workbook_.styles[style_] : DatePrecision::kNone;
    double serial = 0;
    if (precision != DatePrecision::kNone && absl::SimpleAtod(value_, &serial)) {
      if (std::string date = DateOfSerial(serial, precision, workbook_.from_1904); !date.empty()) return date;
    }
    return NumberText(value_);
  }

  void Refuse(std::string_view why) {
    if (status_.ok()) status_ = TableError(file_, row_, 0, why);
  }

  const Workbook& workbook_;
  std::string_view file_;
  TableBuilder builder_;
  absl::Status status_;
  int row_ = 0;
  // The current cell, and what is known of it.
  int column_ = 0;
  std::string type_;
  int style_ = -1;
  std::string value_;
  bool is_value_ = false;
  bool has_formula_ = false;
  bool has_value_ = false;
  bool in_phonetics_ = false;
};

}  // namespace

absl::StatusOr<SourceTable> ReadXlsx(std::string_view bytes, std::string_view sheet, std::string_view file,
                                     int header_row) {
  absl::StatusOr<ZipReader> zip = ZipReader::Open(bytes);
  if (!zip.ok()) return NotReadable(file, zip.status());
  const absl::StatusOr<Workbook> workbook = ReadWorkbook(&*zip, sheet);
  if (!workbook.ok()) return NotReadable(file, workbook.status());
  const absl::StatusOr<std::string> xml = zip->Read(workbook->sheet_part);
  if (!xml.ok()) return NotReadable(file, xml.status());
  return SheetReader(*workbook, file, header_row).Read(*xml);
}

}  // namespace almanac::client
