#include "client/documents/pdf_text.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/documents/pdf_boxes.h"
#include "client/documents/pdf_lines.h"
#include "client/documents/pdf_table.h"

namespace almanac::client {
namespace {

constexpr int kRowsOfPage = 1000;
// Distances in heights of a line.
constexpr double kCloseLine = 1.7;    // from the middle of one to that of the next, in one paragraph
constexpr double kParagraphGap = 1;   // what ends a table whose cells stand at the top
constexpr double kMiddleGap = 3;      // the same where they stand in the middle
constexpr double kOffsetLine = 0.75;  // lines that are nearer stand in cells of different heights
constexpr double kRightEdge = 2;      // how near to the right edge a line of text ends that goes on
constexpr double kLongLine = 20;      // how long such a line is at least

bool IsClose(const PdfLine& above, const PdfLine& below, double distance) {
  return above.page == below.page && below.center() - above.center() < distance * below.height();
}

// Words and their distances from the left edge, in points.
using Words = std::set<std::pair<std::string, long>>;

Words WordsOf(const PdfLine& line) {
  Words words;
  for (const PdfBox& box : line.boxes) words.emplace(box.text, std::lround(box.left));
  return words;
}

// Where the heading of a table is among all lines.
struct Heading {
  std::size_t begin;
  std::size_t line;  // the one that begins with the heading of the numbers
  std::size_t end;
};

class PdfLayout {
 public:
  explicit PdfLayout(std::vector<PdfLine> lines) : lines_(std::move(lines)) {}

  absl::StatusOr<std::string> Read() {
    FindAlignment();
    FindHeadings();
    for (const PdfLine& line : lines_) right_edge_ = std::max(right_edge_, line.boxes.back().right);
    std::size_t next = 0;
    for (std::size_t i = 0; i < lines_.size();) {
      if (next < headings_.size() && i == headings_[next].begin) {
        i = ReadHeading(next++);
      } else {
        ReadLine(i++);
      }
    }
    EndRows();
    return Write();
  }

 private:
  // A line of the text and where it begins.
  struct Row {
    int page;
    std::string text;
    // The last line of a text that may go on; null for a row of a table.
    const PdfLine* last = nullptr;
    // For what takes a place on the page and is no line of the text.
    bool is_blank = false;
  };

  // Columns, and the end of the lines that showed them.
  struct Known {
    PdfColumns columns;
    std::size_t end;
  };

  void FindAlignment();
  void FindHeadings();
  std::size_t FindHeadingEnd(std::size_t heading) const;
  std::size_t ReadHeading(std::size_t index);
  std::map<Words, Known>::iterator FindColumns(std::size_t index);
  bool IsPartOfHeading(const PdfLine& line) const;
  void ReadLine(std::size_t index);
  void ReadText(const PdfLine& line);
  void EndRows();
  absl::StatusOr<std::string> Write() const;

  const std::vector<PdfLine> lines_;
  CellAlignment alignment_ = CellAlignment::kTop;
  double right_edge_ = 0;
  std::vector<Heading> headings_;

  std::vector<Row> rows_;
  std::optional<PdfColumns> columns_;  // of the last table
  Words heading_words_;
  // The columns by the words of their headings, so that each line is looked at once for each of these.
  std::map<Words, Known> known_;
  bool in_table_ = false;
  std::vector<const PdfLine*> table_;       // lines of its rows that are not written yet
  std::set<const PdfLine*> below_heading_;  // those below a repeated heading
};

void PdfLayout::FindAlignment() {
  const PdfBox* numbers = nullptr;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (BeginsTable(lines_[i])) numbers = &lines_[i].boxes.front();
    if (numbers == nullptr || !HasNumberBelow(lines_[i], *numbers)) continue;
    const bool is_offset = (i > 0 && IsClose(lines_[i - 1], lines_[i], kOffsetLine)) ||
                           (i + 1 < lines_.size() && IsClose(lines_[i], lines_[i + 1], kOffsetLine));
    if (is_offset) alignment_ = CellAlignment::kMiddle;
  }
}

void PdfLayout::FindHeadings() {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (!BeginsTable(lines_[i]) || lines_[i].boxes.size() < 2) continue;
    std::size_t begin = i;
    const std::size_t floor = headings_.empty() ? 0 : headings_.back().end;
    while (begin > floor && IsClose(lines_[begin - 1], lines_[begin], kCloseLine) &&
           lines_[begin - 1].boxes.front().left > lines_[i].boxes.front().right) {
      --begin;
    }
    headings_.push_back({.begin = begin, .line = i, .end = FindHeadingEnd(i)});
  }
}

// A heading goes on to the first row, of which a part may stand above its number.
std::size_t PdfLayout::FindHeadingEnd(std::size_t heading) const {
  std::vector<const PdfLine*> between = {&lines_[heading]};
  for (std::size_t i = heading + 1; i < lines_.size() && lines_[i].page == lines_[heading].page; ++i) {
    between.push_back(&lines_[i]);
    if (HasNumberBelow(lines_[i], lines_[heading].boxes.front())) return heading + SplitRows(between, alignment_);
    if (!IsClose(lines_[i - 1], lines_[i], 2 * kCloseLine)) return i;
  }
  return heading + between.size();
}

// Whether the words of a line stand in the heading of the last table, at the same distance from the edge.
bool PdfLayout::IsPartOfHeading(const PdfLine& line) const {
  const Words words = WordsOf(line);
  return std::includes(heading_words_.begin(), heading_words_.end(), words.begin(), words.end());
}

// Returns the index of the line below the heading.
std::size_t PdfLayout::ReadHeading(std::size_t index) {
  const Heading& heading = headings_[index];
  const PdfLine& line = lines_[heading.line];
  if (in_table_ && IsPartOfHeading(line)) {
    // The table goes on here, perhaps with the rest of the row that the page break cut.
    std::size_t end = heading.line + 1;
    while (end < heading.end && IsPartOfHeading(lines_[end])) ++end;
    if (end < lines_.size()) below_heading_.insert(&lines_[end]);
    return end;
  }
  EndRows();
  const std::span<const PdfLine> all(lines_);
  const auto head = all.subspan(heading.begin, heading.end - heading.begin);
  Words words;
  std::vector<const PdfLine*> head_lines;
  for (const PdfLine& head_line : head) {
    words.merge(WordsOf(head_line));
    head_lines.push_back(&head_line);
  }
  heading_words_ = std::move(words);
  auto known = known_.find(heading_words_);
  if (known == known_.end() || heading.begin >= known->second.end) known = FindColumns(index);
  columns_ = known->second.columns;
  rows_.push_back({.page = line.page, .text = columns_->JoinCells(head_lines)});
  in_table_ = true;
  return heading.end;
}

// Finds the columns of a heading whose words are in heading_words_.
std::map<Words, PdfLayout::Known>::iterator PdfLayout::FindColumns(std::size_t index) {
  const Heading& heading = headings_[index];
  const std::span<const PdfLine> all(lines_);
  // Tables with the same heading at the same place have the same columns: the more rows, the better they are seen.
  std::size_t next = index + 1;
  while (next < headings_.size() && IsPartOfHeading(lines_[headings_[next].line])) ++next;
  const std::size_t end = next < headings_.size() ? headings_[next].begin : lines_.size();
  const auto head = all.subspan(heading.begin, heading.end - heading.begin);
  const PdfColumns columns(head, all.subspan(heading.end, end - heading.end));
  return known_.insert_or_assign(heading_words_, Known{columns, end}).first;
}

void PdfLayout::ReadLine(std::size_t index) {
  const PdfLine& line = lines_[index];
  const bool fits = columns_ && columns_->Holds(line);
  const bool has_number = fits && columns_->HasNumber(line);
  if (in_table_ && fits) {
    const double gap = alignment_ == CellAlignment::kTop ? kParagraphGap : kMiddleGap;
    const bool is_apart = !has_number && index > 0 && lines_[index - 1].page == line.page &&
                          line.top - lines_[index - 1].bottom > gap * line.height();
    in_table_ = !is_apart;
  } else {
    // A line of text within a table is no reason to lose the rest of it.
    in_table_ = has_number && line.boxes.size() > 2;
  }
  if (in_table_) {
    table_.push_back(&line);
  } else {
    ReadText(line);
  }
}

void PdfLayout::ReadText(const PdfLine& line) {
  EndRows();
  const std::string text = JoinWords(line.boxes);
  if (!rows_.empty() && rows_.back().last != nullptr) {
    const PdfLine& above = *rows_.back().last;
    const double length = above.boxes.back().right - above.boxes.front().left;
    const bool was_wrapped = above.boxes.back().right > right_edge_ - kRightEdge * above.height() &&
                             length > kLongLine * above.height() && IsClose(above, line, kCloseLine) &&
                             line.boxes.front().left < above.boxes.front().left + line.height();
    const bool is_heading = text.size() > 1 && absl::ascii_isupper(static_cast<unsigned char>(text[0])) &&
                            !absl::ascii_isalnum(static_cast<unsigned char>(text[1])) && text[1] != ' ';
    if (was_wrapped && !is_heading) {
      AppendWrapped(text, /*was_full=*/true, &rows_.back().text);
      rows_.back().last = &line;
      return;
    }
  }
  rows_.push_back({.page = line.page, .text = text, .last = &line});
}

// Writes the rows whose lines were gathered.
void PdfLayout::EndRows() {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < table_.size(); ++i) {
    if (columns_->HasNumber(*table_[i])) numbers.push_back(i);
  }
  const std::span<const PdfLine* const> all(table_);
  std::size_t begin = 0;
  for (std::size_t k = 0; begin < all.size(); ++k) {
    std::size_t end = all.size();
    if (k + 1 < numbers.size()) {
      const auto between = all.subspan(numbers[k], numbers[k + 1] - numbers[k] + 1);
      end = numbers[k] + SplitRows(between, alignment_);
    }
    const auto row = all.subspan(begin, end - begin);
    for (const PdfLine* line : row) {
      const Row place = {.page = line->page, .text = "", .is_blank = true};
      if (below_heading_.contains(line)) rows_.push_back(place);
      if (line == row.front()) {
        rows_.push_back({.page = line->page, .text = columns_->JoinCells(row)});
      } else if (line->page != rows_.back().page || below_heading_.contains(line)) {
        rows_.push_back(place);
      }
    }
    begin = end;
  }
  table_.clear();
}

absl::StatusOr<std::string> PdfLayout::Write() const {
  std::string text;
  int line = 1;
  int page = 0;
  int number = 0;
  for (const Row& row : rows_) {
    number = row.page == page ? number + 1 : 1;
    page = row.page;
    if (number == kRowsOfPage) {
      return absl::InvalidArgumentError(
          absl::StrCat("page ", page, " of the PDF has more than ", kRowsOfPage - 1, " rows: that is no plan"));
    }
    if (row.is_blank) continue;
    for (; line < page * kRowsOfPage + number; ++line) text += '\n';
    absl::StrAppend(&text, row.text, "\n");
    ++line;
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> PdfToText(std::string_view bytes) {
  const auto pages = ReadPdfBoxes(bytes);
  if (!pages.ok()) return pages.status();
  return PdfLayout(ReadPdfLines(*pages)).Read();
}

}  // namespace almanac::client
