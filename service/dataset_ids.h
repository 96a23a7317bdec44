#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace almanac::service {

// The longest id that is made of a title, in characters.
inline constexpr std::size_t kMaxDatasetIdLength = 63;

// The readable id of a dataset with this title (UTF-8): the title in Latin letters, in lower case, its words joined by
// hyphens, for example `shao-shu-zu-yi-wai-zhan-dui-ming-dan` for 少数族裔外展队名单. It depends on nothing but the
// title, consists of `a` to `z`, digits and hyphens, begins and ends with a letter or digit, and has 1 to
// kMaxDatasetIdLength characters. A longer one is cut after a word to at most 48 characters, and eight hexadecimal
// digits of a hash of the title's key are appended; a title without letters and digits becomes `dataset-` and those
// digits.
//
// Titles that differ only in spaces get the same id, but for a space between two Latin letters or two digits: there it
// is part of the spelling and separates words. Different titles can get the same id: see MakeDistinctDatasetId.
std::string MakeDatasetId(std::string_view title);

// An id like that, always with the digits of the hash: for a title whose id another title has already.
std::string MakeDistinctDatasetId(std::string_view title);

// The same for a publisher; one without letters and digits becomes `publisher-` and the digits.
std::string MakePublisherId(std::string_view title);
std::string MakeDistinctPublisherId(std::string_view title);

}  // namespace almanac::service
