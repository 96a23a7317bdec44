// Tables for people.
#ifndef ALMANAC_CLIENT_TABLE_H_
#define ALMANAC_CLIENT_TABLE_H_

#include <ostream>
#include <string>
#include <vector>

namespace almanac::client {

// How a column looks.
struct TableColumn {
  std::string header;
  // Whether its texts are cut before those of other columns where the terminal is too narrow.
  bool flexible = false;
  // Whether its texts stand at the right, as numbers do.
  bool right = false;
};

// A table that is printed a page at a time. Columns are aligned by display width; they grow from page to page and never
// shrink.
class Table {
 public:
  // `width` is the terminal's, in columns; 0 means unlimited.
  Table(std::vector<TableColumn> columns, int width);

  // Prints `rows`, each of as many cells as there are columns, and before the first ones the header.
  void Print(const std::vector<std::vector<std::string>>& rows, std::ostream& out);

 private:
  std::vector<TableColumn> columns_;
  std::vector<int> widths_;
  int width_;
  bool header_printed_ = false;
};

// The widths that make columns of these natural widths, two spaces apart, fit into `width` (0 means unlimited):
// flexible columns give way first, then the others, and last the first, which says what the row is about. A very narrow
// terminal is exceeded rather than cutting columns to nothing.
std::vector<int> FitWidths(std::vector<int> natural, const std::vector<TableColumn>& columns, int width);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_TABLE_H_
