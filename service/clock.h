#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "almanac/v1/change_service.pb.h"
#include "db/database.h"
#include "service/upkeep.h"

namespace almanac::service {

// Writes down what time alone does: commitments that become overdue, datasets whose freshness changes. Every replica
// has one, and there is no leader: what is due is read again under the lock that every write holds, so that each change
// is made once, in order with all others, by whichever replica comes first. One that dies or was away leaves it to the
// next tick, anywhere. Its changes have the actor `almanacd`.
class Clock {
 public:
  // Ticks at once and then every `interval`; never if that is infinite. `database` must outlive this.
  Clock(db::Database& database, absl::Duration interval);

  // Ends the ticking at once. A write that was handed to the database is made or not, as a whole.
  void Stop() { upkeep_.Stop(); }

 private:
  // How many commitments and datasets.
  using Counts = almanac::v1::ResourceCounts;

  // Writes down all that is due. CANCELLED if the clock is stopped.
  absl::Status Tick();
  // The same, and says how much that was.
  absl::StatusOr<Counts> Announce();

  db::Database& database_;
  Upkeep upkeep_;
};

}  // namespace almanac::service
