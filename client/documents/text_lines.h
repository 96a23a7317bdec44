#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace almanac::client {

// The largest text that is read, in bytes.
inline constexpr std::size_t kMaxTextBytes = 8 * 1024 * 1024;

// One line of a text. It points into the text that it was taken from.
struct TextLine {
  // Counted from 1.
  int number = 0;
  // Without its line end and without a byte order mark.
  std::string_view text;
};

// Splits `text` at LF or CR LF, and leaves out a byte order mark at its beginning. The lines point into `text`.
//
// Returns INVALID_ARGUMENT if the text is longer than kMaxTextBytes, or, with the line and the offset in bytes from the
// beginning of the text, if it is not UTF-8 or holds a NUL byte.
absl::StatusOr<std::vector<TextLine>> SplitTextLines(std::string_view text);

}  // namespace almanac::client
