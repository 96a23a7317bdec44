#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace almanac::client {

// The text of a plan's PDF, in the form that ParsePlan reads: tabs between the columns of its tables, the lines of a
// cell joined, rows that a page break cuts put together, page numbers and repeated headings left out. A table is known
// by its heading, which begins with the one of the numbers; where its columns are is seen from the words.
//
// Line `1000 * page + row` of the text is what begins in that row of that page, both counted from 1, so that whoever
// reads "line 3012" finds it: row 12 of page 3. Lines between are empty. What a page break cuts counts on both pages.
//
// Returns INVALID_ARGUMENT for a PDF that cannot be read: see ReadPdfBoxes; or one with more than 999 rows on a page.
absl::StatusOr<std::string> PdfToText(std::string_view bytes);

}  // namespace almanac::client
