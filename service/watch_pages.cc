#include "service/watch_pages.h"

#include "service/change_feed.h"

namespace almanac::service {
namespace {

using almanac::v1::WatchResponse;

// Of a page of changes. Each watcher may hold one, so it is small.
constexpr int kPageChanges = 200;
constexpr int64_t kPageBytes = 256 << 10;

}  // namespace

grpc::Slice ToSlice(const WatchResponse& response) { return grpc::Slice(response.SerializeAsString()); }

absl::StatusOr<WatchPage> ReadSnapshotItems(db::Transaction& transaction, const db::Head& started,
                                            const db::ChangeFilter& filter, int64_t revision,
                                            SnapshotPosition position) {
  WatchPage page{.items = {}, .through = revision, .position = std::move(position)};
  const auto resources = ReadSnapshotPage(transaction, filter, revision, page.position);
  if (!resources.ok()) return resources.status();
  if (absl::Status same = db::CheckEpoch(started, db::ReadHead(transaction)); !same.ok()) return same;
  for (const almanac::v1::Resource& resource : *resources) {
    WatchResponse response;
    *response.mutable_snapshot_resource() = resource;
    page.items.push_back({.bytes = ToSlice(response), .revision = revision});
  }
  return page;
}

absl::StatusOr<WatchPage> ReadLogItems(db::Transaction& transaction, const db::Head& started,
                                       const db::ChangeFilter& filter, int64_t cursor, bool write_is_open) {
  const db::Head head = db::ReadHead(transaction);
  if (absl::Status same = db::CheckEpoch(started, head); !same.ok()) return same;
  const auto changes =
      db::ReadChanges(transaction, head, filter,
                      {.after = cursor, .up_to = head.revision, .max_changes = kPageChanges, .max_bytes = kPageBytes});
  if (!changes.ok()) return changes.status();
  WatchPage page{.items = {}, .through = changes->through, .position = {}};
  int64_t after = cursor;
  const std::string* write = nullptr;  // to which the change at `after` belongs, if that is known
  bool looked_again = false;
  const auto end_write = [&](int64_t up_to, const std::string* next) {
    if (!write_is_open || after >= up_to) return;
    const bool is_known = write != nullptr && next != nullptr;
    const bool ends = is_known ? *write != *next : db::WriteEndsWithin(transaction, after, up_to);
    if (ends) page.items.push_back({.bytes = {}, .revision = up_to, .ends_write = true});
    looked_again = looked_again || !is_known;
  };
  for (const db::LogEntry& entry : changes->entries) {
    end_write(entry.key.revision - 1, &entry.key.request_id);
    page.items.push_back(
        {.bytes = ToEvent(entry).bytes, .revision = entry.key.revision, .ends_write = entry.key.last_of_write});
    after = entry.key.revision;
    write = &entry.key.request_id;
    write_is_open = !entry.key.last_of_write;
  }
  end_write(page.through, nullptr);
  if (!looked_again) return page;
  // What was looked at may have been dropped, or replaced, in between.
  const db::Head now = db::ReadHead(transaction);
  if (absl::Status same = db::CheckEpoch(head, now); !same.ok()) return same;
  if (cursor < now.compacted_revision) return db::RevisionCompacted(cursor, now.compacted_revision + 1);
  return page;
}

}  // namespace almanac::service
