#include "service/frequent_words.h"

#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "db/dataset_search.h"

namespace almanac::service {
namespace {

constexpr absl::Duration kReadingInterval = absl::Minutes(1);

}  // namespace

bool FrequentWords::IsToRead() {
  const absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  if (now < next_reading_) return false;
  next_reading_ = now + kReadingInterval;
  return true;
}

bool FrequentWords::Has(db::Transaction& transaction, const db::QueryTerm::Place& place, bool prefix) {
  std::optional<std::set<std::string>> read;
  if (IsToRead()) read = db::ListFrequentWords(transaction, more_than_);
  const absl::MutexLock lock(&mutex_);
  if (read) words_ = *std::move(read);
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
