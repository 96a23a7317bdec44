#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace almanac::client {

// The largest PDF that is read, in pages. No plan comes near it.
inline constexpr int kMaxPdfPages = 500;

// A word of a page, or a run of Chinese characters, and where it stands: in points, from the top left corner.
struct PdfBox {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
  std::string text;
  // Whether the page has a space after it, on the same line.
  bool has_space_after = false;

  double center() const { return (top + bottom) / 2; }
  double height() const { return bottom - top; }
};

// The words of a page, in no order. Text that does not run from left to right is left out.
using PdfPage = std::vector<PdfBox>;

// Whether a file with these bytes means to be a PDF.
bool IsPdf(std::string_view bytes);

// The pages of a PDF. Returns INVALID_ARGUMENT, saying what to do, if it is damaged or cut off, locked by a password,
// larger than kMaxPdfPages, or without any text, as a scan is.
absl::StatusOr<std::vector<PdfPage>> ReadPdfBoxes(std::string_view bytes);

}  // namespace almanac::client
