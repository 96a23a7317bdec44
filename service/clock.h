#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "almanac/v1/change_service.pb.h"
#include "db/database.h"

namespace almanac::service {

// Writes down what time alone does: commitments that become overdue, datasets whose freshness changes. Every replica
// has one, and there is no leader: what is due is read again under the lock that every write holds, so that each change
// is made once, in order with all others, by whichever replica comes first. One that dies or was away leaves it to the
// next tick, anywhere. Its changes have the actor `almanacd`.
class Clock {
 public:
  // Ticks at once and then every `interval`; never if that is infinite. `database` must outlive this.
  Clock(db::Database& database, absl::Duration interval);
  ~Clock();

  // Ends the ticking at once. A write that was handed to the database is made or not, as a whole.
  void Stop();

 private:
  // How many commitments and datasets.
  using Counts = almanac::v1::ResourceCounts;

  // What the thread shares with answers of the database, which may come after the clock has ended.
  struct State {
    std::mutex mutex;
    // Of the standard library, whose timed waits do not follow the wall clock when it is set.
    std::condition_variable changed;
    bool stopping = false;                         // under mutex
    std::optional<absl::StatusOr<Counts>> answer;  // under mutex
  };

  void Run();
  // Writes down all that is due. CANCELLED if the clock is stopped.
  absl::StatusOr<Counts> Tick();
  // Calls `start` with the function that takes an answer, and waits for it. CANCELLED if the clock is stopped.
  template <typename Start>
  absl::StatusOr<Counts> Ask(Start start);

  db::Database& database_;
  const absl::Duration interval_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
  std::thread thread_;
};

}  // namespace almanac::service
