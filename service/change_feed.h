#pragma once

#include <grpcpp/support/slice.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "db/change_log.h"
#include "db/database.h"

namespace almanac::service {

// A change as it goes out to every watcher: the first part of a serialised WatchResponse, made once.
struct FeedEvent {
  db::ChangeKey key;
  grpc::Slice bytes;
};

FeedEvent ToEvent(const db::LogEntry& entry);

// Who is told when there is something new. Woken often; must return soon.
class FeedListener {
 public:
  virtual ~FeedListener() = default;
  // There may be new events, or it may be time for a bookmark.
  virtual void Wake() = 0;
  // The server stops: finish soon.
  virtual void Stop() = 0;
  // The catalogue was restored: what was told so far is no part of its log any more.
  virtual void EpochChanged() = 0;
};

// The tail of the change log in memory: one thread reads it, at once after commits of this process and every few tens
// of milliseconds for those of others, keeps the newest events in a ring, and wakes the watchers. Thread-safe.
class ChangeFeed {
 public:
  struct Options {
    // Events that are kept, as many as fit into both.
    size_t ring_size = 16384;
    size_t ring_bytes = 64 << 20;
    // Of this server, and of each client on it.
    int max_watchers = 20000;
    int max_watchers_per_client = 1000;
    // How often the log is looked at without a commit of our own.
    absl::Duration poll_interval = absl::Milliseconds(25);
    // How often watchers are woken without an event, for their bookmarks.
    absl::Duration tick = absl::Seconds(1);
    // The longest that a watcher hears nothing.
    absl::Duration bookmark_interval = absl::Seconds(15);
    // How long an answer may wait for a client that does not read; and once more, the end of its stream.
    absl::Duration slow_watcher_timeout = absl::Seconds(60);
    // The greatest age of a stream; infinite for none. Each has its own, between 80 % and 100 % of it.
    absl::Duration max_stream_age = absl::Minutes(30);
  };

  // Begins at the head of the log. `database` must outlive this.
  ChangeFeed(db::Database& database, Options options);
  // Every listener must have been removed.
  ~ChangeFeed();

  // RESOURCE_EXHAUSTED if there are as many as may be, in all or of this client; UNAVAILABLE once Stop was called.
  absl::Status Add(std::shared_ptr<FeedListener> listener, const std::string& client);
  void Remove(const std::shared_ptr<FeedListener>& listener);

  // Tells all listeners to stop, and takes no more.
  void Stop();

  enum class Position { kEvent, kWriteEnd, kUpToDate, kBehind, kEpochOver };
  struct Next {
    Position position;
    std::shared_ptr<const FeedEvent> event;  // with kEvent
    int64_t revision = 0;                    // nothing up to and with this one passes the filter, or the event's
  };
  // The first event after `revision` that passes `filter`; kBehind if the ring does not reach back that far, kEpochOver
  // if it is of a later epoch. Of an epoch that the feed has not come to, nothing is known yet: kUpToDate. If
  // `write_is_open`, kWriteEnd where the last change of a write comes first and does not pass.
  Next After(int64_t epoch, int64_t revision, const db::ChangeFilter& filter, bool write_is_open = false) const;

  // The newest revision in the ring.
  int64_t revision() const;
  int watcher_count() const;
  const Options& options() const { return options_; }

 private:
  using Listeners = std::vector<std::shared_ptr<FeedListener>>;
  using Clients = std::unordered_map<std::string, int>;

  void Tail();
  // Waits for `interval`, or less if there is something to do; false if the feed is to end.
  bool Wait(absl::Duration interval);
  // Appends what is new in the log; false if it could not be read.
  bool ReadOn();
  // Whether `page` went on densely after the ring.
  bool Append(const db::Head& head, const db::LogPage& page) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Empties the ring, to begin again at the head: watchers read what they miss from the database.
  void Forget() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int64_t newest() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return base_ + static_cast<int64_t>(ring_.size()); }
  std::shared_ptr<const Listeners> listeners() const;

  db::Database& database_;
  const Options options_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // The head when the log was last read, of whose epoch the ring is; none while there is no ring.
  std::optional<db::Head> head_ ABSL_GUARDED_BY(mutex_);
  // Dense: revisions base_ + 1, base_ + 2, …
  std::deque<std::shared_ptr<const FeedEvent>> ring_ ABSL_GUARDED_BY(mutex_);
  size_t ring_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t base_ ABSL_GUARDED_BY(mutex_) = 0;
  // How many listeners each client has; no client has none.
  Clients clients_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<std::shared_ptr<FeedListener>, Clients::value_type*> listeners_ ABSL_GUARDED_BY(mutex_);
  // The same as a list, once somebody wanted it; null after a change.
  mutable std::shared_ptr<const Listeners> listed_ ABSL_GUARDED_BY(mutex_);

  // Of the standard library, whose timed waits do not follow the wall clock when it is set.
  std::mutex wait_mutex_;
  std::condition_variable wait_;
  bool notified_ = false;  // under wait_mutex_
  bool ending_ = false;    // under wait_mutex_

  std::thread thread_;
};

}  // namespace almanac::service
