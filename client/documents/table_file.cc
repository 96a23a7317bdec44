#include "client/documents/table_file.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/documents/table_csv.h"
#include "client/documents/table_xlsx.h"

namespace almanac::client {
namespace {

// The ends of names of spreadsheets that are not read, but are no text either.
constexpr std::string_view kOtherSpreadsheets[] = {".xls", ".xlsm", ".xlsb", ".ods", ".numbers"};

bool EndsWith(std::string_view file, std::string_view extension) {
  return absl::AsciiStrToLower(std::string(file)).ends_with(extension);
}

bool IsOtherSpreadsheet(std::string_view file) {
  return std::any_of(std::begin(kOtherSpreadsheets), std::end(kOtherSpreadsheets),
                     [&](std::string_view extension) { return EndsWith(file, extension); });
}

}  // namespace

bool IsTableFile(std::string_view file) {
  return EndsWith(file, ".csv") || EndsWith(file, ".tsv") || EndsWith(file, ".xlsx") || IsOtherSpreadsheet(file);
}

absl::StatusOr<SourceTable> ReadTable(std::string_view bytes, std::string_view file, std::string_view sheet,
                                      int header_row) {
  const auto refuse = [&](std::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat(std::string(file), ": ", std::string(why)));
  };
  if (bytes.size() > kMaxTableFileBytes) {
    return refuse(absl::StrCat("the file has more than ", kMaxTableFileBytes >> 20, " MiB: that is no plan"));
  }
  // What is a ZIP archive, and what holds an old or an encrypted spreadsheet.
  const bool is_archive = bytes.starts_with("PK\x03\x04");
  const bool is_compound = bytes.starts_with("\xD0\xCF\x11\xE0");
  if (IsOtherSpreadsheet(file) || is_compound) {
    return refuse("only .csv, .tsv and .xlsx without a password are read: save the table as one of these");
  }
  if (is_archive || EndsWith(file, ".xlsx")) return ReadXlsx(bytes, sheet, file, header_row);
  if (!sheet.empty()) return refuse("the mapping names a sheet, but only .xlsx has sheets");
  return ReadCsv(bytes, EndsWith(file, ".tsv") ? '\t' : ',', file, header_row);
}

}  // namespace almanac::client
