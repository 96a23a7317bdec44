#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "almanac/v1/plan_document.pb.h"
#include "client/documents/mapping.h"
#include "client/documents/plan_formats.h"
#include "client/documents/table_columns.h"
#include "client/documents/table_date.h"
#include "client/documents/table_rows.h"

namespace almanac::client {

// Something in a row that was not understood.
struct RowProblem {
  enum class Weight {
    kSlight,  // The rest of the row is a line all the same.
    kGrave,   // Without this the row is no line.
    kError,   // The mapping has to decide it; until then the table cannot be read.
  };

  // 0 means the whole row.
  int column = 0;
  Weight weight = Weight::kSlight;
  std::string message;
};

// What a row of a table says.
struct RowLine {
  std::string publisher;
  // Without its number, unless a column has it, and with section A unless a column says otherwise.
  v1::DocumentCommitment commitment;
  std::vector<RowProblem> problems;

  bool Has(RowProblem::Weight weight) const;
};

// Turns the rows of a table into lines of plans. Each function reads one part of a row.
class TableRowReader {
 public:
  // Both must outlive the reader.
  TableRowReader(const Mapping& mapping, const TableColumns& columns);

  // The line that `row` is; none if the mapping says that such rows are to be skipped. `width` is the number of columns
  // of the table.
  std::optional<RowLine> Read(const TableRow& row, int width) const;

 private:
  // What a column with a date says.
  struct Date {
    std::string date;
    // Whether anything stands there.
    bool is_said = false;
    // What is wrong with it.
    std::optional<RowProblem> problem;
  };

  std::string RawCell(const TableRow& row, TableField field) const;
  // The same; empty where a formula of a spreadsheet has an error in place of a value.
  std::string Cell(const TableRow& row, TableField field) const;
  int Column(TableField field) const;
  Date ReadDate(const TableRow& row, TableField field) const;
  LineStatus ReadStatus(const TableRow& row, bool has_release, RowLine* line) const;
  void ReadTexts(const TableRow& row, RowLine* line) const;
  void ReadPlace(const TableRow& row, RowLine* line) const;
  void ReadFate(const TableRow& row, RowLine* line) const;
  void ReadCancellation(const TableRow& row, RowLine* line) const;
  void ReadFrequency(const TableRow& row, RowLine* line) const;
  void ReadFormats(const TableRow& row, RowLine* line) const;
  void ReadLink(const TableRow& row, RowLine* line) const;
  void CheckLength(TableField field, std::string_view what, std::string_view text, std::size_t limit,
                   RowLine* line) const;
  void Add(TableField field, RowProblem::Weight weight, std::string message, RowLine* line) const;

  const Mapping& mapping_;
  const TableColumns& columns_;
  TableDateReader dates_;
  FormatFinder formats_;
};

}  // namespace almanac::client
