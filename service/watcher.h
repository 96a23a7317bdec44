#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "almanac/v1/change_service.pb.h"
#include "db/change_log.h"
#include "db/database.h"
#include "service/change_feed.h"
#include "service/snapshot.h"
#include "service/tokens.h"

namespace almanac::service {

// One stream of Watch: a cursor in the log and at most one write in flight. What it sends next is decided each time the
// write before has gone out, so a client that does not read costs one event and no more.
class Watcher final : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public FeedListener {
 public:
  // Begins the stream. The reactor owns itself until gRPC is done with it.
  static Watcher* Start(db::Database& database, ChangeFeed& feed, almanac::v1::WatchRequest request);

  void Wake() override;
  void Stop() override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Something to be sent that is not in the ring: a row of a snapshot, or a change that the ring no longer has.
  struct Pending {
    grpc::Slice bytes;
    // Where to resume after it; none within a snapshot.
    int64_t revision = -1;
  };
  // What reading from the database brought.
  struct Page {
    std::vector<Pending> items;
    // Everything up to and with this was sent once the items are; -1 while the snapshot is not complete.
    int64_t through = -1;
    SnapshotPosition position;
  };

  Watcher(db::Database& database, ChangeFeed& feed, almanac::v1::WatchRequest request);

  // Finds out where to begin, in the database, then goes on with Begin.
  void ReadStart();
  absl::Status Begin(const db::Head& head) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Reads the next page of the snapshot, or of changes that the ring no longer has.
  void ReadPage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakePage(absl::StatusOr<Page> page);

  // Sends what is next, if nothing is being sent or read.
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Send(const grpc::Slice& bytes, int64_t resume_revision) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendBookmark() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendSnapshotEnd() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void End(absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string Token(int64_t revision) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  db::Database& database_;
  ChangeFeed& feed_;
  const almanac::v1::WatchRequest request_;
  db::ChangeFilter filter_;
  ResumeToken token_;  // of this stream, but for the revision

  absl::Mutex mutex_;
  std::shared_ptr<Watcher> self_ ABSL_GUARDED_BY(mutex_);
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  // Set when the stream is to end as soon as no write is in flight.
  absl::Status ending_ ABSL_GUARDED_BY(mutex_);
  // Everything up to and with this was sent or does not pass the filter.
  int64_t cursor_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<Pending> pending_ ABSL_GUARDED_BY(mutex_);
  // What the cursor becomes once nothing is pending; -1 for nothing.
  int64_t pending_through_ ABSL_GUARDED_BY(mutex_) = -1;
  // The revision of the snapshot that is being sent; -1 when none is.
  int64_t snapshot_ ABSL_GUARDED_BY(mutex_) = -1;
  SnapshotPosition position_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_bookmark_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  grpc::ByteBuffer buffer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace almanac::service
