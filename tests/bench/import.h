#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/report.h"
#include "tests/bench/usage.h"
#include "tests/bench/workloads.h"

namespace almanac::bench {

struct ImportOptions {
  int lines = 5000;
  std::string bin_directory;
  std::string database_url;
  std::string work_directory;
};

// Imports a document of that many lines, then the same again, and then lets psql copy the rows that the first import
// made into tables of the same shape.
absl::StatusOr<std::vector<Row>> MeasureImport(const Server& server, const Processes& processes,
                                               const ImportOptions& options);

}  // namespace almanac::bench
