#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace almanac::service {

// The form under which titles are compared: without any white space, in normalisation form KC (full-width letters and
// digits are the usual ones) and case-folded. Two titles are the same if their keys are equal. `title` and the key are
// UTF-8; the key of a key is itself.
std::string TitleKey(std::string_view title);

// How much of a title an error shows, in bytes.
inline constexpr size_t kShownTitle = 90;

}  // namespace almanac::service
