#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace almanac::service {

// The one of `known`, which are some, that whoever wrote `word` is likely to mean: that from which the fewest letters
// differ. Of a long word only the beginning counts.
const std::string& NearestWord(std::string_view word, const std::vector<std::string>& known);

}  // namespace almanac::service
