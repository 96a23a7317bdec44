#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "tests/bench/load.h"

namespace almanac::bench {

// Runs pgbench from `bin_directory` on a script with that many clients, as prepared statements under the planner
// setting that almanacd uses. The latencies are a sample of all. Fails if any transaction does.
absl::StatusOr<Sample> RunPgbench(const std::string& bin_directory, const std::string& database_url,
                                  const std::string& script, int clients, absl::Duration duration,
                                  const std::string& work_directory);

// Runs a command of the shell; returns what it printed, or an error with that if it failed.
absl::StatusOr<std::string> RunCommand(const std::string& command);

// In quotes for the shell.
std::string Quoted(const std::string& text);

}  // namespace almanac::bench
