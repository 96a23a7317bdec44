#include "client/documents/pdf_lines.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/documents/plan_language.h"
#include "client/documents/text_pattern.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

// Distances in heights of a word's box, which are some 1.25 times the size of its letters.
constexpr double kSameLine = 0.35;
constexpr double kSpace = 0.15;
// In points: how exactly a running head stands at the same place on each page.
constexpr double kSamePlace = 3;
// At most so many lines on top and at the bottom of a page are running heads.
constexpr std::size_t kMaxRunningHeads = 3;

std::vector<PdfLine> SplitIntoLines(PdfPage page, int number) {
  std::sort(page.begin(), page.end(), [](const PdfBox& a, const PdfBox& b) {
    return std::pair(a.center(), a.left) < std::pair(b.center(), b.left);
  });
  std::vector<PdfLine> lines;
  for (PdfBox& box : page) {
    const bool is_next = lines.empty() || box.center() - lines.back().boxes.front().center() > kSameLine * box.height();
    if (is_next) lines.push_back({.page = number, .top = box.top, .bottom = box.bottom, .boxes = {}});
    lines.back().top = std::min(lines.back().top, box.top);
    lines.back().bottom = std::max(lines.back().bottom, box.bottom);
    lines.back().boxes.push_back(std::move(box));
  }
  for (PdfLine& line : lines) {
    std::sort(line.boxes.begin(), line.boxes.end(), [](const PdfBox& a, const PdfBox& b) { return a.left < b.left; });
  }
  return lines;
}

bool IsRunningHead(const PdfLine& a, const PdfLine& b) {
  return std::abs(a.top - b.top) < kSamePlace && !BeginsTable(a) && JoinWords(a.boxes) == JoinWords(b.boxes);
}

// How many of the first lines of `page`, in the order of the iterators, also begin `before`.
template <typename Iterator>
std::ptrdiff_t CountRunningHeads(std::pair<Iterator, Iterator> page, std::pair<Iterator, Iterator> before) {
  std::ptrdiff_t count = 0;
  while (count < static_cast<std::ptrdiff_t>(kMaxRunningHeads) && page.first + count != page.second &&
         before.first + count != before.second && IsRunningHead(*(page.first + count), *(before.first + count))) {
    ++count;
  }
  return count;
}

UChar32 FirstCharacter(std::string_view text) {
  UChar32 character = 0;
  int32_t offset = 0;
  if (!text.empty()) U8_NEXT(text.data(), offset, static_cast<int32_t>(text.size()), character);
  return character;
}

UChar32 LastCharacter(std::string_view text) {
  UChar32 character = 0;
  auto offset = static_cast<int32_t>(text.size());
  if (!text.empty()) U8_PREV(text.data(), 0, offset, character);
  return character;
}

// Punctuation that fills the place of a Chinese character.
bool IsWidePunctuation(UChar32 character) {
  const int width = u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH);
  return (width == U_EA_FULLWIDTH || width == U_EA_WIDE) && !u_isalnum(character);
}

// Whether a slash or a hyphen ends `text` that stands in a word.
bool EndsWithinWord(std::string_view text) {
  if (!text.ends_with('/') && !text.ends_with('-')) return false;
  const UChar32 before = LastCharacter(text.substr(0, text.size() - 1));
  return before != 0 && !u_isUWhiteSpace(before);
}

}  // namespace

bool BeginsTable(const PdfLine& line) {
  const std::string text = RemoveSpaces(FoldWidth(line.boxes.front().text));
  for (const PlanLanguage& language : PlanLanguages()) {
    for (const ColumnWords& column : language.columns) {
      if (column.column == PlanColumn::kNumber && text == column.heading) return true;
    }
  }
  return false;
}

std::vector<PdfLine> ReadPdfLines(const std::vector<PdfPage>& pages) {
  const TextPattern page_number(
      R"([-–—\s]*(?:第|page|p\.)?\s*\d{1,4}\s*(?:(?:/|of|页共|頁共|页/共|頁/共|页，共|頁，共)\s*\d{1,4})?\s*[页頁]?[-–—\s]*)");
  std::vector<PdfLine> all;
  std::vector<PdfLine> before;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    std::vector<PdfLine> lines = SplitIntoLines(pages[i], static_cast<int>(i) + 1);
    const auto is_page_number = [&](const PdfLine& line) {
      return page_number.MatchWhole(JoinWords(line.boxes)).has_value();
    };
    if (!lines.empty() && is_page_number(lines.back())) lines.pop_back();
    if (!lines.empty() && is_page_number(lines.front())) lines.erase(lines.begin());
    const auto heads =
        CountRunningHeads(std::pair(lines.cbegin(), lines.cend()), std::pair(before.cbegin(), before.cend()));
    const auto feet = CountRunningHeads(std::pair(lines.crbegin(), lines.crend() - heads),
                                        std::pair(before.crbegin(), before.crend()));
    all.insert(all.end(), lines.begin() + heads, lines.end() - feet);
    before = std::move(lines);
  }
  return all;
}

std::string JoinWords(const std::vector<PdfBox>& boxes) {
  std::string text;
  const PdfBox* last = nullptr;
  for (const PdfBox& box : boxes) {
    if (last != nullptr && (last->has_space_after || box.left - last->right > kSpace * box.height())) text += ' ';
    text += box.text;
    last = &box;
  }
  return text;
}

void AppendWrapped(std::string_view next, bool was_full, std::string* text) {
  const UChar32 before = LastCharacter(*text);
  const UChar32 after = FirstCharacter(next);
  const bool is_joined = text->empty() || next.empty() || IsWidePunctuation(before) || IsWidePunctuation(after) ||
                         EndsWithinWord(*text) || (was_full && IsHan(before) && IsHan(after));
  if (!is_joined) *text += ' ';
  text->append(next);
}

}  // namespace almanac::client
