#include "service/change_feed.h"

#include <google/protobuf/io/coded_stream.h>
#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "db/errors.h"

namespace almanac::service {
namespace {

constexpr int kReadLimit = 1000;
constexpr absl::Duration kRetryInterval = absl::Milliseconds(250);

// What one look at the log finds.
struct TailRead {
  db::Head head;
  std::vector<db::LogEntry> entries;
};

}  // namespace

FeedEvent ToEvent(const db::LogEntry& entry) {
  using google::protobuf::io::CodedOutputStream;
  // Field 1 of WatchResponse, `change`: tag, length, and the bytes as they lie in the log.
  constexpr char kTag = (1 << 3) | 2;
  char prefix[1 + 5] = {kTag};
  const auto* end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(entry.change.size()),
                                                            reinterpret_cast<uint8_t*>(prefix + 1));
  const std::string head(prefix, reinterpret_cast<const char*>(end) - prefix);
  return {entry.revision, entry.kind, entry.resource, grpc::Slice(head + entry.change)};
}

ChangeFeed::ChangeFeed(db::Database& database, Options options)
    : database_(database), options_(options), thread_([this] { Tail(); }) {
  database_.OnCommit([this] {
    absl::MutexLock lock(&mutex_);
    notified_ = true;
  });
}

ChangeFeed::~ChangeFeed() {
  database_.OnCommit(nullptr);
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  thread_.join();
}

absl::Status ChangeFeed::Add(std::shared_ptr<FeedListener> listener) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) {
    return db::Error(absl::StatusCode::kUnavailable, "SERVER_STOPPING", "the server is stopping; try another one");
  }
  if (static_cast<int>(listeners_.size()) >= options_.max_watchers) {
    return db::Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_WATCHERS",
                     absl::StrCat("this server has ", options_.max_watchers,
                                  " watchers, as many as it may; try another "
                                  "one, or later"));
  }
  listeners_.insert(std::move(listener));
  return absl::OkStatus();
}

void ChangeFeed::Remove(const std::shared_ptr<FeedListener>& listener) {
  absl::MutexLock lock(&mutex_);
  listeners_.erase(listener);
}

void ChangeFeed::Stop() {
  std::vector<std::shared_ptr<FeedListener>> listeners;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    listeners.assign(listeners_.begin(), listeners_.end());
  }
  for (const auto& listener : listeners) listener->Stop();
}

ChangeFeed::Next ChangeFeed::After(int64_t revision, const db::ChangeFilter& filter) const {
  absl::MutexLock lock(&mutex_);
  const int64_t newest = base_ + static_cast<int64_t>(ring_.size());
  if (!started_ || revision < base_) return {Position::kBehind, nullptr, revision};
  for (int64_t i = revision + 1; i <= newest; ++i) {
    const auto& event = ring_[i - base_ - 1];
    if (filter.Matches(event->kind, event->resource)) return {Position::kEvent, event, i};
  }
  return {Position::kUpToDate, nullptr, std::max(revision, newest)};
}

int64_t ChangeFeed::revision() const {
  absl::MutexLock lock(&mutex_);
  return base_ + static_cast<int64_t>(ring_.size());
}

int ChangeFeed::watcher_count() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(listeners_.size());
}

void ChangeFeed::WakeAll() {
  std::vector<std::shared_ptr<FeedListener>> listeners;
  {
    absl::MutexLock lock(&mutex_);
    listeners.assign(listeners_.begin(), listeners_.end());
  }
  for (const auto& listener : listeners) listener->Wake();
}

void ChangeFeed::Tail() {
  absl::Time last_tick = absl::Now();
  absl::Duration interval = absl::ZeroDuration();
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(
                                  +[](ChangeFeed* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) {
                                    return self->notified_ || self->ending_;
                                  },
                                  this),
                              interval);
      if (ending_) return;
      notified_ = false;
    }
    const int64_t before = revision();
    interval = ReadOn() ? options_.poll_interval : kRetryInterval;
    if (revision() > before || absl::Now() - last_tick >= options_.tick) {
      last_tick = absl::Now();
      WakeAll();
    }
  }
}

bool ChangeFeed::ReadOn() {
  int64_t last = 0;
  bool started = false;
  {
    absl::MutexLock lock(&mutex_);
    started = started_;
    last = base_ + static_cast<int64_t>(ring_.size());
  }
  const absl::StatusOr<TailRead> read = database_.ReadAndWait<TailRead>(
      [last, started](db::Transaction& transaction) -> absl::StatusOr<TailRead> {
        TailRead found;
        if (started)
          found.entries = db::ReadChanges(transaction, {}, last, 0, kReadLimit);
        else
          found.head = db::ReadHead(transaction);
        return found;
      },
      db::Lane::kFeed);
  if (!read.ok()) return false;
  absl::MutexLock lock(&mutex_);
  if (!started_) {
    base_ = read->head.revision;
    started_ = true;
    return true;
  }
  for (const db::LogEntry& entry : read->entries) {
    if (entry.revision != ++last) {
      // Never seen, and never to be served: begin again at the head; watchers read the gap from the database.
      spdlog::critical("the change log is not dense: revision {} follows {}", entry.revision, last - 1);
      ring_.clear();
      started_ = false;
      return false;
    }
    ring_.push_back(std::make_shared<const FeedEvent>(ToEvent(entry)));
    if (ring_.size() > options_.ring_size) {
      ring_.pop_front();
      ++base_;
    }
  }
  if (read->entries.size() == kReadLimit) notified_ = true;  // there is more
  return true;
}

}  // namespace almanac::service
