#include "service/upkeep.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "absl/random/random.h"

namespace almanac::service {

Upkeep::Upkeep(Options options, absl::AnyInvocable<absl::Status()> tick)
    : options_(std::move(options)), tick_(std::move(tick)) {
  if (options_.interval < absl::InfiniteDuration()) thread_ = std::thread([this] { Run(); });
}

void Upkeep::Stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Upkeep::Run() {
  absl::BitGen random;
  bool failing = false;
  while (true) {
    const absl::Status done = tick_();
    if (absl::IsCancelled(done)) return;
    // Once for a database that is away, not every tick.
    if (!done.ok() && !failing) {
      spdlog::warn("{}: {}; it is tried again every {}", options_.name, std::string(done.message()),
                   absl::FormatDuration(options_.interval));
    }
    failing = !done.ok();
    const absl::Duration pause =
        options_.interval * absl::Uniform(absl::IntervalClosed, random, 1 - options_.jitter, 1 + options_.jitter);
    std::unique_lock lock(state_->mutex);
    if (state_->changed.wait_for(lock, absl::ToChronoNanoseconds(pause), [&] { return state_->stopping; })) return;
  }
}

}  // namespace almanac::service
