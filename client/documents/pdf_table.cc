#include "client/documents/pdf_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

// Distances in heights of a word's box.
constexpr double kColumnGap = 0.35;
constexpr double kNumberWidth = 0.8;
// By how much more the lines of two rows are apart than those of one.
constexpr double kRowGap = 0.15;
// A Chinese character, at least.
constexpr double kCharacter = 0.7;
// How far a long word may reach over the edge of its column.
constexpr double kOverlap = 0.6;

constexpr std::size_t kMaxDigits = 5;

struct Interval {
  double left;
  double right;

  double middle() const { return (left + right) / 2; }
};

bool IsNumber(const PdfBox& box) {
  const std::string text = FoldWidth(box.text);
  return text.size() <= kMaxDigits &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
}

// The stretches over which the words of the heading stand: one for each column.
std::vector<Interval> HeadingCells(std::span<const PdfLine> heading) {
  std::vector<Interval> cells;
  for (const PdfLine& line : heading) {
    for (const PdfBox& box : line.boxes) {
      // Words that are a space apart belong together.
      cells.push_back({box.left, box.right + kColumnGap * box.height()});
    }
  }
  std::sort(cells.begin(), cells.end(), [](const Interval& a, const Interval& b) { return a.left < b.left; });
  std::vector<Interval> merged;
  for (const Interval& cell : cells) {
    if (merged.empty() || cell.left > merged.back().right) {
      merged.push_back(cell);
    } else {
      merged.back().right = std::max(merged.back().right, cell.right);
    }
  }
  return merged;
}

// The middle of the widest stretch between `from` and `to` that the fewest of `words` cover.
double FindGap(const std::vector<Interval>& words, double from, double to) {
  std::vector<std::pair<double, int>> edges = {{from, 0}, {to, 0}};
  for (const Interval& word : words) {
    if (word.right <= from || word.left >= to) continue;
    edges.emplace_back(std::max(word.left, from), 1);
    edges.emplace_back(std::min(word.right, to), -1);
  }
  std::sort(edges.begin(), edges.end());
  int covering = 0;
  int fewest = std::numeric_limits<int>::max();
  Interval widest = {from, from};
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    covering += edges[i].second;
    const Interval stretch = {edges[i].first, edges[i + 1].first};
    const double width = stretch.right - stretch.left;
    if (width <= 0 || covering > fewest) continue;
    if (covering == fewest && width <= widest.right - widest.left) continue;
    fewest = covering;
    widest = stretch;
  }
  return widest.middle();
}

}  // namespace

PdfColumns::PdfColumns(std::span<const PdfLine> heading, std::span<const PdfLine> rows) {
  const std::vector<Interval> cells = HeadingCells(heading);
  std::vector<Interval> words;
  for (const auto lines : {heading, rows}) {
    for (const PdfLine& line : lines) {
      // A line of text that begins where the numbers stand is no row.
      if (line.boxes.front().left < cells.front().right && !IsNumber(line.boxes.front()) && !BeginsTable(line))
        continue;
      for (const PdfBox& box : line.boxes) words.push_back({box.left, box.right});
    }
  }
  for (std::size_t i = 0; i + 1 < cells.size(); ++i) {
    bounds_.push_back(FindGap(words, cells[i].middle(), cells[i + 1].middle()));
  }
  edges_.resize(size());
  for (const PdfLine& line : rows) {
    if (!Holds(line)) continue;
    for (const PdfBox& box : line.boxes) edges_[*Find(box)] = std::max(edges_[*Find(box)], box.right);
  }
}

std::optional<std::size_t> PdfColumns::Find(const PdfBox& box) const {
  const double middle = (box.left + box.right) / 2;
  const auto next = std::upper_bound(bounds_.begin(), bounds_.end(), middle);
  const double overlap = kOverlap * box.height();
  if (next != bounds_.end() && box.right > *next + overlap) return std::nullopt;
  if (next != bounds_.begin() && box.left < *(next - 1) - overlap) return std::nullopt;
  return static_cast<std::size_t>(next - bounds_.begin());
}

bool PdfColumns::Holds(const PdfLine& line) const {
  return std::all_of(line.boxes.begin(), line.boxes.end(), [this](const PdfBox& box) {
    const std::optional<std::size_t> column = Find(box);
    return column && (*column > 0 || IsNumber(box));
  });
}

bool PdfColumns::HasNumber(const PdfLine& line) const {
  return IsNumber(line.boxes.front()) && Find(line.boxes.front()) == 0U;
}

std::string PdfColumns::JoinCells(std::span<const PdfLine* const> lines) const {
  std::vector<std::string> cells(size());
  std::vector<bool> was_full(size());
  for (const PdfLine* line : lines) {
    std::vector<std::vector<PdfBox>> words(size());
    for (const PdfBox& box : line->boxes) words[Find(box).value_or(size() - 1)].push_back(box);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (words[i].empty()) continue;
      AppendWrapped(JoinWords(words[i]), was_full[i], &cells[i]);
      was_full[i] = words[i].back().right + kCharacter * words[i].back().height() > edges_[i];
    }
  }
  return absl::StrJoin(cells, "\t");
}

bool HasNumberBelow(const PdfLine& line, const PdfBox& heading) {
  const PdfBox& box = line.boxes.front();
  const double middle = (box.left + box.right) / 2;
  const double reach = kNumberWidth * heading.height();
  return IsNumber(box) && middle > heading.left - reach && middle < heading.right + reach;
}

std::size_t SplitRows(std::span<const PdfLine* const> lines, CellAlignment alignment) {
  const std::size_t last = lines.size() - 1;
  if (alignment == CellAlignment::kTop) return last;
  // The edge between the rows is where two lines are furthest apart; or else where the page ends.
  std::size_t split = last;
  std::size_t page_end = 0;
  double widest = 0;
  double pitch = std::numeric_limits<double>::max();
  for (std::size_t i = 1; i <= last; ++i) {
    if (lines[i]->page != lines[i - 1]->page) {
      page_end = i;
      continue;
    }
    const double distance = lines[i]->center() - lines[i - 1]->center();
    if (distance >= widest) {
      widest = distance;
      split = i;
    }
    // Cells beside each other may have their lines at different heights; in one cell, they are a line apart.
    if (distance > lines[i]->height() * 0.9) pitch = std::min(pitch, distance);
  }
  const bool is_edge = widest > pitch + kRowGap * lines[split]->height();
  return page_end > 0 && !is_edge ? page_end : split;
}

}  // namespace almanac::client
