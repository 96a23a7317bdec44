#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/documents/text_pattern.h"

namespace almanac::client {

// Finds the names of known file formats, such as CSV, wherever they stand as words of their own.
class FormatFinder {
 public:
  FormatFinder();

  // The formats that `text` names, in upper case, each once, in the order of their first mention.
  std::vector<std::string> Find(std::string_view text) const;

 private:
  TextPattern pattern_;
};

}  // namespace almanac::client
