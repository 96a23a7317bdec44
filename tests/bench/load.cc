#include "tests/bench/load.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "absl/synchronization/mutex.h"

namespace almanac::bench {
namespace {

class Load {
 public:
  Load(int slots, const Limit& limit, const Operation& operation)
      : operation_(operation),
        remaining_(limit.operations),
        slots_(slots),
        begin_(Now()),
        end_(begin_ + absl::ToDoubleSeconds(limit.duration)),
        running_(slots) {}

  absl::StatusOr<Sample> Run() {
    for (size_t i = 0; i < slots_.size(); ++i) Next(static_cast<int>(i));
    Sample sample;
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](Load* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) { return self->running_ == 0; }, this));
    if (!failure_.ok()) return failure_;
    sample.seconds = Now() - begin_;
    for (const Slot& slot : slots_) {
      sample.latencies_ms.insert(sample.latencies_ms.end(), slot.latencies_ms.begin(), slot.latencies_ms.end());
    }
    sample.operations = static_cast<int64_t>(sample.latencies_ms.size());
    return sample;
  }

 private:
  struct Slot {
    double begin = 0;
    std::vector<double> latencies_ms;
  };

  void Next(int slot) {
    slots_[slot].begin = Now();
    if (failed_ || slots_[slot].begin >= end_ || remaining_.fetch_sub(1) <= 0) {
      absl::MutexLock lock(&mutex_);
      --running_;
      return;
    }
    operation_(slot, [this, slot](absl::Status status) { Finish(slot, std::move(status)); });
  }

  void Finish(int slot, absl::Status status) {
    slots_[slot].latencies_ms.push_back((Now() - slots_[slot].begin) * 1000);
    if (!status.ok()) {
      failed_ = true;
      absl::MutexLock lock(&mutex_);
      failure_.Update(status);
    }
    Next(slot);
  }

  const Operation& operation_;
  std::atomic<int64_t> remaining_;
  std::atomic<bool> failed_ = false;
  std::vector<Slot> slots_;
  const double begin_;
  const double end_;
  absl::Mutex mutex_;
  int running_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

double Quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto at = std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<int64_t>(at), values.end());
  return values[at];
}

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

absl::StatusOr<Sample> RunLoad(int slots, const Limit& limit, const Operation& operation) {
  Load load(slots, limit, operation);
  return load.Run();
}

}  // namespace almanac::bench
