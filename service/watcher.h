#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "almanac/v1/change_service.pb.h"
#include "db/change_log.h"
#include "db/database.h"
#include "service/change_feed.h"
#include "service/watch_pages.h"

namespace almanac::service {

// What a resume token is bound to: the whole filter of a request, in whatever order its parts were given.
std::string FilterBinding(const almanac::v1::WatchRequest& request);

// The age at which a stream ends: each its own, between 80 % and 100 % of the greatest.
absl::Duration StreamAge(absl::Duration max_age);

// One stream of Watch: a cursor in the log and at most one write in flight. What it sends next is decided each time the
// write before has gone out, so a client that does not read costs one event, or what is left of one page, and no more.
class Watcher final : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public FeedListener {
 public:
  // Begins the stream of a checked request, whose filter is `filter`, for `client`. The reactor owns itself until gRPC
  // is done with it.
  static Watcher* Start(db::Database& database, ChangeFeed& feed, const grpc::CallbackServerContext& context,
                        const std::string& client, db::ChangeFilter filter, almanac::v1::WatchRequest request);

  void Wake() override;
  void Stop() override;
  void EpochChanged() override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  using Clock = std::chrono::steady_clock;
  enum class Phase { kStarting, kSnapshot, kFollowing };

  Watcher(db::Database& database, ChangeFeed& feed, const grpc::CallbackServerContext& context, db::ChangeFilter filter,
          std::string filter_binding);

  // Finds out where to begin, in the database, then goes on with Begin.
  void ReadStart(almanac::v1::WatchRequest request);
  absl::Status Begin(const almanac::v1::WatchRequest& request, const db::Head& head)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Reads the next page of the snapshot, or of changes that the ring no longer has.
  void ReadPage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakePage(absl::StatusOr<WatchPage> page);
  // Whether nobody waits for what is read any more. Reads that are queued ask it, lest they pile up behind clients that
  // come and go.
  bool IsOver();

  // Sends what is next, if nothing is being sent.
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendItem() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendFromRing() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendChange(const grpc::Slice& bytes, bool ends_write) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Send(const grpc::Slice& bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendBookmark() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SendSnapshotEnd() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Ends the stream, after the answer that may be in flight.
  void End(absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What bookmarks and tokens say: where the cursor is; but while a write is open, no further than the client has seen.
  int64_t Told() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return write_is_open_ ? seen_ : cursor_; }
  // Where to resume; empty within a snapshot and before the stream began.
  std::string Token() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  db::Database& database_;
  ChangeFeed& feed_;
  const grpc::CallbackServerContext& context_;  // until OnDone
  const db::ChangeFilter filter_;
  const std::string filter_binding_;
  const Clock::time_point begun_ = Clock::now();
  const absl::Duration age_;

  absl::Mutex mutex_;
  std::shared_ptr<Watcher> self_ ABSL_GUARDED_BY(mutex_);
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kStarting;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool cut_off_ ABSL_GUARDED_BY(mutex_) = false;
  // Since when the answer in flight, or the end of the stream, is on its way.
  Clock::time_point sent_ ABSL_GUARDED_BY(mutex_);
  Clock::time_point last_bookmark_ ABSL_GUARDED_BY(mutex_);
  // Where the log stood when the stream began.
  db::Head started_ ABSL_GUARDED_BY(mutex_);
  // Everything up to and with this was sent or does not pass the filter; within a snapshot, its revision.
  int64_t cursor_ ABSL_GUARDED_BY(mutex_) = 0;
  // The last change that was sent, or where the stream began.
  int64_t seen_ ABSL_GUARDED_BY(mutex_) = 0;
  // Whether the client may have seen a part of a write of which it does not know that no more follows.
  bool write_is_open_ ABSL_GUARDED_BY(mutex_) = false;
  WatchPage page_ ABSL_GUARDED_BY(mutex_);
  grpc::ByteBuffer buffer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace almanac::service
