#include "service/frequent_words.h"

#include <algorithm>
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

bool FrequentWords::Has(db::Transaction& transaction, const db::QueryTerm& term, int64_t more_than) {
  const db::QueryTerm::Place& place = term.phrase.front();
  std::optional<std::map<std::string, int64_t>> read;
  if (IsToRead()) read = db::ListFrequentWords(transaction, fewest_);
  const absl::MutexLock lock(&mutex_);
  if (read) words_ = *std::move(read);
  const auto is_frequent = [&](const std::string& word) {
    const auto found = words_.find(word);
    return found != words_.end() && found->second > more_than;
  };
  if (is_frequent(place.text) || std::any_of(place.others.begin(), place.others.end(), is_frequent)) return true;
  if (!term.prefix) return false;
  for (auto word = words_.lower_bound(place.text); word != words_.end() && word->first.starts_with(place.text);
       ++word) {
    if (word->second > more_than) return true;
  }
  return false;
}

}  // namespace almanac::service
