#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace almanac::service {

// What a server does for the catalogue unasked, again and again, on a thread of its own. Every replica does it, and
// there is no leader: the database decides which of them does what is due.
class Upkeep {
 public:
  struct Options {
    // For the log.
    std::string name;
    // The pause between two ticks; infinite for none at all.
    absl::Duration interval = absl::InfiniteDuration();
    // By which part of it, from 0 to 1, a pause may be shorter or longer, so that replicas do not all look at once.
    double jitter = 0;
  };

  // Calls `tick` at once and then every interval. Its errors are logged: once for a database that is away.
  Upkeep(Options options, absl::AnyInvocable<absl::Status()> tick);
  ~Upkeep() { Stop(); }

  // Ends the thread at once, without the answer that it waits for. What was handed to the database is done or not, as a
  // whole.
  void Stop();

  // For `tick`: calls `start` with the function that takes an answer, and waits for it. CANCELLED once stopped,
  // DEADLINE_EXCEEDED if it does not come within `limit`.
  template <typename T, typename Start>
  absl::StatusOr<T> Ask(Start start, std::chrono::milliseconds limit = kNoLimit);

 private:
  // Any longer, and the clock would overflow.
  static constexpr std::chrono::milliseconds kNoLimit = std::chrono::hours(24 * 365);

  // What the thread shares with answers of the database, which may come after it has ended.
  struct State {
    std::mutex mutex;
    // Of the standard library, whose timed waits do not follow the wall clock when it is set.
    std::condition_variable changed;
    bool stopping = false;  // under mutex
  };

  void Run();

  const Options options_;
  absl::AnyInvocable<absl::Status()> tick_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
  std::thread thread_;
};

template <typename T, typename Start>
absl::StatusOr<T> Upkeep::Ask(Start start, std::chrono::milliseconds limit) {
  const auto answer = std::make_shared<std::optional<absl::StatusOr<T>>>();  // under mutex
  start([state = state_, answer](absl::StatusOr<T> given) {
    {
      const std::lock_guard lock(state->mutex);
      *answer = std::move(given);
    }
    state->changed.notify_all();
  });
  std::unique_lock lock(state_->mutex);
  const bool is_over = state_->changed.wait_for(lock, limit, [&] { return state_->stopping || answer->has_value(); });
  if (state_->stopping) return absl::CancelledError();
  if (!is_over) return absl::DeadlineExceededError("the database did not answer");
  return **std::move(answer);
}

}  // namespace almanac::service
