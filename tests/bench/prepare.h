#pragma once

#include <string>

#include "absl/status/status.h"

namespace almanac::bench {

struct PrepareOptions {
  // An almanacd on an empty catalogue.
  std::string server;
  std::string database_url;
  std::string postgres_log;
  std::string bin_directory;
  // Where answers/ and the scripts for pgbench are written.
  std::string work_directory;
};

// Fills the catalogue, and keeps what the floors need: the bytes that almanacd answers, for the echo server, and the
// statements that it runs, as scripts get.sql, list.sql, progress.sql, update.sql and plain_update.sql. Each script was
// checked to hit the rows that it should.
absl::Status Prepare(const PrepareOptions& options);

}  // namespace almanac::bench
