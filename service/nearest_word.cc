#include "service/nearest_word.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace almanac::service {
namespace {

constexpr size_t kMaxWord = 64;

// How many letters have to be changed, added or taken out to make one word of the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row.back();
}

}  // namespace

const std::string& NearestWord(std::string_view word, const std::vector<std::string>& known) {
  const std::string_view wanted = word.substr(0, kMaxWord);
  return *std::min_element(known.begin(), known.end(), [&](const std::string& a, const std::string& b) {
    return EditDistance(wanted, a) < EditDistance(wanted, b);
  });
}

}  // namespace almanac::service
