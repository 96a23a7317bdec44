#pragma once

#include <grpcpp/support/slice.h>

#include <cstdint>
#include <deque>

#include "absl/status/statusor.h"
#include "almanac/v1/change_service.pb.h"
#include "db/change_log.h"
#include "service/snapshot.h"

// What a watcher sends that the ring does not have, read from the database page by page.
namespace almanac::service {

// A row of a snapshot, a change, or that a write ends.
struct WatchItem {
  // The first part of a serialised WatchResponse; empty if there is only the end of a write to be told, by a bookmark.
  grpc::Slice bytes;
  // What the watcher's cursor becomes.
  int64_t revision = 0;
  // Whether no more of its write follows.
  bool ends_write = true;
};

struct WatchPage {
  std::deque<WatchItem> items;
  // What the cursor becomes after the items.
  int64_t through = 0;
  SnapshotPosition position;
};

grpc::Slice ToSlice(const almanac::v1::WatchResponse& response);

// The next page of a snapshot at `revision` from `position` on. EPOCH_CHANGED if the log is no longer that of
// `started`.
absl::StatusOr<WatchPage> ReadSnapshotItems(db::Transaction& transaction, const db::Head& started,
                                            const db::ChangeFilter& filter, int64_t revision,
                                            SnapshotPosition position);

// The next page of changes after `cursor`. If `write_is_open`, the client may have seen a part of the write to which
// the change at `cursor` belongs; as for each write of the page, its end is told where the filter holds its last change
// back.
absl::StatusOr<WatchPage> ReadLogItems(db::Transaction& transaction, const db::Head& started,
                                       const db::ChangeFilter& filter, int64_t cursor, bool write_is_open);

}  // namespace almanac::service
