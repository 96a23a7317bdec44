#pragma once

#include "absl/status/statusor.h"
#include "tests/bench/usage.h"
#include "tests/bench/workloads.h"

namespace almanac::bench {

struct WatchOptions {
  int watchers = 1;
  // How many of them stop reading once their stream has begun.
  int stalled = 0;
  // How many streams share a connection.
  int streams_per_connection = 1;
  // Written as fast as it goes, to measure the rate.
  int burst_writes = 1000;
  // Written one by one with pauses of about so long, to measure the lag.
  int paced_writes = 100;
  absl::Duration pause = absl::Milliseconds(10);
  absl::Duration timeout = absl::Seconds(60);
};

struct WatchResult {
  // An operation is an event that reached a watcher, from the first write of the burst on. No latencies.
  Sample burst;
  CpuTime burst_cpu;
  // From the answer to a write to the event at a watcher, for each event of the paced writes. Less than 0 where the
  // event came first.
  std::vector<double> lags_ms;
  // Of the paced writes themselves.
  std::vector<double> write_ms;
  // What the server's memory grew by while the streams began, in bytes for each; and what it had when all was received.
  int64_t bytes_per_watcher = 0;
  int64_t resident_bytes = 0;
};

// Opens that many streams, writes, and receives everything. Fails unless every watcher that reads gets every write
// once, in order.
absl::StatusOr<WatchResult> MeasureWatch(const Server& server, const Server& catalogue, const Processes& processes,
                                         const WatchOptions& options);

}  // namespace almanac::bench
