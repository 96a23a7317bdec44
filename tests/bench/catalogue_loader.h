#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace almanac::bench {

struct LoadCatalogueOptions {
  // A migrated database whose catalogue is empty.
  std::string database_url;
  // Both from 1 on; at most kMaxPublishers.
  int64_t datasets = 1'000'000;
  int publishers = 2'000;
  uint64_t seed = 1;
};

// Fills the database with a LargeCatalogue, all or nothing; says on stderr how far it is.
//
// It does so by COPY, around almanacd, and leaves a catalogue whose log was compacted up to its head: changes of a
// million datasets were not made, and none is claimed. An update that a dataset speaks of has its row.
absl::Status LoadCatalogue(const LoadCatalogueOptions& options);

}  // namespace almanac::bench
