#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "db/database.h"
#include "service/upkeep.h"

namespace almanac::service {

// Makes datasets searchable that are not: those that were there before there was search, or were written by a server
// that knew none. Every replica has one; of several at once each does some. It changes no dataset and makes no change.
class SearchIndex {
 public:
  // Looks at once and then every `interval`; never if that is infinite. `database` must outlive this.
  SearchIndex(db::Database& database, absl::Duration interval);

  // Ends it at once; what has been made searchable stays so.
  void Stop() { upkeep_.Stop(); }

 private:
  absl::Status Tick();

  db::Database& database_;
  Upkeep upkeep_;
};

}  // namespace almanac::service
