#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace almanac::bench {

// What a load came to.
struct Sample {
  int64_t operations = 0;
  // From the first start to the last end.
  double seconds = 0;
  // One for each operation, in no order.
  std::vector<double> latencies_ms;

  double Rate() const { return static_cast<double>(operations) / seconds; }
};

// The value below which `share` (0 to 1) of `values` lie; 0 if there are none.
double Quantile(std::vector<double> values, double share);

// Seconds on a clock that never goes back.
double Now();

using Done = std::function<void(absl::Status)>;

// Begins an operation in one of the slots 0, 1, …, and calls `done` once when it ended, not from within. A slot runs
// one operation at a time.
using Operation = std::function<void(int slot, Done done)>;

// When a load stops to begin operations; those that run are waited for, and count.
struct Limit {
  absl::Duration duration = absl::InfiniteDuration();
  int64_t operations = INT64_MAX;
};

// Keeps `slots` operations in flight. Returns the error of the first that fails, after which none begins.
absl::StatusOr<Sample> RunLoad(int slots, const Limit& limit, const Operation& operation);

}  // namespace almanac::bench
