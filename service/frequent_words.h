#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "db/search_text.h"
#include "db/transaction.h"

namespace almanac::service {

// The words that more than some number of datasets have, by PostgreSQL's statistics, which know single words well. Kept
// in memory: to ask for each search would take as long as a page. Thread-safe.
class FrequentWords {
 public:
  explicit FrequentWords(int64_t more_than) : more_than_(more_than) {}

  // Whether what `place` asks for is such a word, or with `prefix` the beginning of one. Reads the words anew if they
  // are a minute old.
  bool Has(db::Transaction& transaction, const db::QueryTerm::Place& place, bool prefix);

 private:
  // Whether the caller is to read the words anew; the others go on with what there is.
  bool IsToRead();

  const int64_t more_than_;
  absl::Mutex mutex_;
  std::set<std::string> words_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_reading_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace almanac::service
