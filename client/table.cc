#include "client/table.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "client/text_width.h"

namespace almanac::client {
namespace {

constexpr int kGap = 2;
constexpr int kLeastFlexible = 12;
constexpr int kLeast = 6;

int TotalOf(const std::vector<int>& widths) {
  return std::accumulate(widths.begin(), widths.end(), 0) + kGap * (static_cast<int>(widths.size()) - 1);
}

// Narrows the widest of the columns that `may_shrink` until all fit or each of them is at `least`.
void Shrink(std::vector<int>& widths, int width, int least, const std::function<bool(size_t)>& may_shrink) {
  while (TotalOf(widths) > width) {
    int* widest = nullptr;
    for (size_t i = 0; i < widths.size(); ++i) {
      if (may_shrink(i) && widths[i] > least && (widest == nullptr || widths[i] > *widest)) widest = &widths[i];
    }
    if (widest == nullptr) return;
    --*widest;
  }
}

}  // namespace

std::vector<int> FitWidths(std::vector<int> natural, const std::vector<TableColumn>& columns, int width) {
  if (width <= 0) return natural;
  Shrink(natural, width, kLeastFlexible, [&](size_t i) { return columns[i].flexible; });
  Shrink(natural, width, kLeast, [](size_t i) { return i > 0; });
  Shrink(natural, width, kLeast, [](size_t) { return true; });
  return natural;
}

Table::Table(std::vector<TableColumn> columns, int width) : columns_(std::move(columns)), width_(width) {
  for (const TableColumn& column : columns_) widths_.push_back(DisplayWidth(column.header));
}

void Table::Print(const std::vector<std::vector<std::string>>& rows, std::ostream& out) {
  std::vector<std::vector<std::string>> lines;
  if (!header_printed_) {
    lines.emplace_back();
    for (const TableColumn& column : columns_) lines.back().push_back(column.header);
    header_printed_ = true;
  }
  for (const auto& row : rows) {
    lines.emplace_back();
    for (size_t i = 0; i < columns_.size(); ++i) {
      lines.back().push_back(OneLine(row[i]));
      widths_[i] = std::max(widths_[i], DisplayWidth(lines.back()[i]));
    }
  }
  const std::vector<int> widths = FitWidths(widths_, columns_, width_);
  for (const auto& line : lines) {
    std::string text;
    for (size_t i = 0; i < line.size(); ++i) {
      if (i > 0) text.append(kGap, ' ');
      text += PadToWidth(CutToWidth(line[i], widths[i]), widths[i], columns_[i].right);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << '\n';
  }
}

}  // namespace almanac::client
