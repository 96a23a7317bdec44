#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/change.pb.h"
#include "db/change_log.h"
#include "db/transaction.h"

namespace almanac::service {

// Where a walk over all resources is: the kind and the last name of it that was read.
struct SnapshotPosition {
  almanac::v1::ResourceKind kind = almanac::v1::PUBLISHER;
  std::string after;
  bool done = false;
  // How many to read next: more while they are small.
  int limit = 50;
};

// Reads the next page of the catalogue as it was at `revision`, deleted resources too, and moves `position` on. It does
// so without a long transaction: a row that changed since is put back to the `before` of its first change after
// `revision`. Returns OUT_OF_RANGE if the log no longer reaches back that far.
absl::StatusOr<std::vector<almanac::v1::Resource>> ReadSnapshotPage(db::Transaction& transaction,
                                                                    const db::ChangeFilter& filter, int64_t revision,
                                                                    SnapshotPosition& position);

}  // namespace almanac::service
