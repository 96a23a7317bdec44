#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/report.h"
#include "tests/bench/usage.h"

namespace almanac::bench {

struct MeasureOptions {
  std::string server;
  pid_t server_pid = 0;
  std::string echo;
  pid_t echo_pid = 0;
  std::string database_url;
  pid_t postmaster_pid = 0;
  std::string bin_directory;
  // Where Prepare wrote.
  std::string work_directory;
  // Fewer repetitions and shorter loads.
  bool quick = false;
  // Which of get, list, progress, update, watch, import to measure; empty for all.
  std::vector<std::string> only;
};

// Measures everything that is asked for. Says on standard error what it is at.
absl::StatusOr<std::vector<Row>> Measure(const MeasureOptions& options);

}  // namespace almanac::bench
