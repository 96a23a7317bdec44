#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "db/search_text.h"
#include "db/transaction.h"

namespace almanac::service {

// The words that many datasets have, by PostgreSQL's statistics, which know single words well. Kept in memory: to ask
// for each search would take as long as a page. Thread-safe.
class FrequentWords {
 public:
  // Knows those that more than `fewest` datasets have.
  explicit FrequentWords(int64_t fewest) : fewest_(fewest) {}

  // Whether more than `more_than` datasets, which is not less than the fewest, have one word that `term`, of one place,
  // asks for. Reads the words anew if they are a minute old.
  bool Has(db::Transaction& transaction, const db::QueryTerm& term, int64_t more_than);

 private:
  // Whether the caller is to read the words anew; the others go on with what there is.
  bool IsToRead();

  const int64_t fewest_;
  absl::Mutex mutex_;
  // With how many datasets have them.
  std::map<std::string, int64_t> words_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_reading_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace almanac::service
