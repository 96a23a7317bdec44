#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace almanac::bench {

struct SearchOptions {
  // An almanacd on a catalogue that load-catalogue made, and how that was made.
  std::string server;
  pid_t server_pid = 0;
  int64_t datasets = 0;
  int publishers = 0;
  // Another on the same database, of whose sessions auto_explain logs the plans.
  std::string explained_server;
  // A superuser's.
  std::string database_url;
  pid_t postmaster_pid = 0;
  std::string postgres_log;
  std::string bin_directory;
  std::string work_directory;
  // Parts: filters, searches, pages, sizes, writes; empty for all.
  std::vector<std::string> only;
  // Fewer repetitions, and a shorter walk.
  bool quick = false;
};

// Measures filters, searches, pages, sizes and the cost of writes, and prints each as soon as it is there, as
// docs/search.md has them. An error if the API answers otherwise than SQL that was written by hand, or if a plan reads
// a whole table. To know what writes cost without indexes it drops them: the catalogue is spent.
absl::Status MeasureSearch(const SearchOptions& options);

}  // namespace almanac::bench
