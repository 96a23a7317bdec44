#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "almanac/v1/change_service.pb.h"
#include "db/change_log.h"
#include "db/database.h"
#include "service/change_feed.h"
#include "service/snapshot.h"

namespace almanac::service {

// One stream of Watch: a cursor in the log and at most one write in flight. What it sends next is decided each time the
// write before has gone out, so a client that does not read costs one event and no more.
class Watcher final : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public FeedListener {
 public:
  // Begins the stream of a checked request, whose filter is `filter`. The reactor owns itself until gRPC is done with
  // it.
  static Watcher* Start(db::Database& database, ChangeFeed& feed, db::ChangeFilter filter,
                        almanac::v1::WatchRequest request);

  void Wake() override;
  void Stop() override;
  void EpochChanged() override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  enum class Phase { kStarting, kSnapshot, kFollowing };

  // Something to be sent that is not in the ring: a row of a snapshot, or a change that the ring no longer has.
  struct Item {
    grpc::Slice bytes;
    int64_t revision = 0;  // what the cursor becomes
  };
  // What reading from the database brought.
  struct Page {
    std::deque<Item> items;
    int64_t through = 0;  // what the cursor becomes after the items
    SnapshotPosition position;
  };

  Watcher(db::Database& database, ChangeFeed& feed, db::ChangeFilter filter, std::string filter_binding);

  // Finds out where to begin, in the database, then goes on with Begin.
  void ReadStart(almanac::v1::WatchRequest request);
  absl::Status Begin(const almanac::v1::WatchRequest& request, const db::Head& head)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Reads the next page of the snapshot, or of changes that the ring no longer has.
  void ReadPage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static absl::StatusOr<Page> ReadSnapshot(db::Transaction& transaction, const db::Head& started,
                                           const db::ChangeFilter& filter, int64_t revision, SnapshotPosition position);
  static absl::StatusOr<Page> ReadLog(db::Transaction& transaction, const db::Head& started,
                                      const db::ChangeFilter& filter, int64_t cursor);
  void TakePage(absl::StatusOr<Page> page);

  // Sends what is next, if nothing is being sent or read.
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Send(const grpc::Slice& bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendBookmark() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendSnapshotEnd() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void End(absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Where to resume; empty within a snapshot and before the stream began.
  std::string Token() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  db::Database& database_;
  ChangeFeed& feed_;
  const db::ChangeFilter filter_;
  const std::string filter_binding_;

  absl::Mutex mutex_;
  std::shared_ptr<Watcher> self_ ABSL_GUARDED_BY(mutex_);
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kStarting;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  // Set when the stream is to end as soon as no write is in flight.
  absl::Status ending_ ABSL_GUARDED_BY(mutex_);
  // Where the log stood when the stream began.
  db::Head started_ ABSL_GUARDED_BY(mutex_);
  // Everything up to and with this was sent or does not pass the filter; within a snapshot, its revision.
  int64_t cursor_ ABSL_GUARDED_BY(mutex_) = 0;
  Page page_ ABSL_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point last_bookmark_ ABSL_GUARDED_BY(mutex_);
  grpc::ByteBuffer buffer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace almanac::service
