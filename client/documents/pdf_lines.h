#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/documents/pdf_boxes.h"

namespace almanac::client {

// What stands at one height of a page.
struct PdfLine {
  // Counted from 1.
  int page = 0;
  double top = 0;
  double bottom = 0;
  // From left to right; never empty.
  std::vector<PdfBox> boxes;

  double center() const { return (top + bottom) / 2; }
  double height() const { return bottom - top; }
};

// Whether the line begins with the heading of a column of numbers, as the heading of a plan's table does.
bool BeginsTable(const PdfLine& line);

// The lines of all pages from top to bottom, without page numbers, and without what stands on top or at the bottom of a
// page just as on the page before; what belongs to a table's heading is left to the caller.
std::vector<PdfLine> ReadPdfLines(const std::vector<PdfPage>& pages);

// The words of a line with the spaces between them.
std::string JoinWords(const std::vector<PdfBox>& boxes);

// Appends the next line of a text that was wrapped. There is a space between, unless the line ended at Chinese
// punctuation, within a word that holds a slash or a hyphen, or, if it was full, between two Chinese characters. Where
// one that was not full ended between them, ParsePlan knows what to do.
void AppendWrapped(std::string_view next, bool was_full, std::string* text);

}  // namespace almanac::client
