#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/documents/pdf_lines.h"

namespace almanac::client {

// How the cells of a row stand beside each other: with their first lines at one height, or each in the middle of it.
enum class CellAlignment { kTop, kMiddle };

// The columns of a table, by the places of the words in its heading and between its cells.
class PdfColumns {
 public:
  // `heading` are the lines of the table's heading, of which one begins with the heading of the numbers; `rows` are
  // those that may belong to the table.
  PdfColumns(std::span<const PdfLine> heading, std::span<const PdfLine> rows);

  std::size_t size() const { return bounds_.size() + 1; }

  // The column that the box stands in; none if it reaches into another one.
  std::optional<std::size_t> Find(const PdfBox& box) const;

  // Whether these words can stand in a row: each in one column, and a number, if anything, in the first.
  bool Holds(const PdfLine& line) const;

  // Whether the line begins with the number of a row.
  bool HasNumber(const PdfLine& line) const;

  // The cells of these lines, one after the other with tabs between them.
  std::string JoinCells(std::span<const PdfLine* const> lines) const;

 private:
  // Between each two columns.
  std::vector<double> bounds_;
  // How far the texts of each column reach to the right.
  std::vector<double> edges_;
};

// Whether the line begins with a number below that heading of numbers.
bool HasNumberBelow(const PdfLine& line, const PdfBox& heading);

// Splits lines between the numbers of two rows of a table: returns how many of `lines`, the first of which has the
// number of the one and the last that of the other, belong to the first row.
std::size_t SplitRows(std::span<const PdfLine* const> lines, CellAlignment alignment);

}  // namespace almanac::client
