#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "tests/bench/usage.h"
#include "tests/bench/workloads.h"

namespace almanac::bench {

struct WriteCostOptions {
  std::string database_url;
  Processes processes;
  absl::Duration duration;
  // How the catalogue was made.
  int64_t datasets = 0;
  int publishers = 0;
};

// A table of what updates cost with the indexes that searching and ordering need, and without: it drops them.
absl::StatusOr<std::string> MeasureWriteCost(const Server& server, const WriteCostOptions& options);

// OK if all the indexes are there that MeasureWriteCost drops.
absl::Status CheckIndexes(const std::string& database_url);

// A table of the sizes of what datasets are read by.
absl::StatusOr<std::string> MeasureSizes(const std::string& database_url);

}  // namespace almanac::bench
