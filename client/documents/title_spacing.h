#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace almanac::client {

// Texts extracted from a PDF hold a space wherever a line of a table cell was wrapped. Chinese needs none there. These
// functions look only at white space between two Chinese characters (IsHan): what stands beside a Latin letter, a digit
// or punctuation stays.

// `text` without any such space: for columns in which nobody writes them on purpose.
std::string JoinWrapped(std::string_view text);

// How many such spaces `text` holds.
std::size_t CountWrapped(std::string_view text);

// The titles without those spaces that wrapping put there, since titles also hold spaces on purpose. A space is taken
// out if it falls inside a word of ICU's dictionary, or if the two words beside it stand together without a space
// elsewhere in `document`, the whole text that the titles come from, or in a title already joined. Returns as many
// titles in the same order, or INTERNAL if ICU lacks its data. The time it takes grows with the length of the document
// and with the number of spaces, not with their product.
absl::StatusOr<std::vector<std::string>> JoinWrappedTitles(std::string_view document,
                                                           const std::vector<std::string>& titles);

}  // namespace almanac::client
