#include "service/frequent_words.h"

#include <utility>

#include "absl/time/clock.h"
#include "db/dataset_search.h"

namespace almanac::service {
namespace {

constexpr absl::Duration kReadingInterval = absl::Minutes(1);

}  // namespace

bool FrequentWords::Has(db::Transaction& transaction, const db::QueryTerm::Place& place, bool prefix) {
  bool is_old = false;
  {
    const absl::MutexLock lock(&mutex_);
    is_old = absl::Now() >= next_reading_;
    // The others go on with what there is.
    if (is_old) next_reading_ = absl::Now() + kReadingInterval;
  }
  if (is_old) {
    std::set<std::string> words = db::FrequentWords(transaction, more_than_);
    const absl::MutexLock lock(&mutex_);
    words_ = std::move(words);
  }
  const absl::MutexLock lock(&mutex_);
  if (prefix) {
    const auto first = words_.lower_bound(place.text);
    if (first != words_.end() && first->starts_with(place.text)) return true;
  }
  for (const std::string& other : place.others) {
    if (words_.contains(other)) return true;
  }
  return words_.contains(place.text);
}

}  // namespace almanac::service
