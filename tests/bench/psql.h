#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace almanac::bench {

// Runs a statement `count` times in one psql, after some to warm up, its rows read and thrown away; how long psql says
// that each took, in milliseconds. The planner has the settings of almanacd's sessions but for its generic plans.
absl::StatusOr<std::vector<double>> TimePsql(const std::string& bin_directory, const std::string& database_url,
                                             const std::string& sql, int count, const std::string& work_directory);

}  // namespace almanac::bench
