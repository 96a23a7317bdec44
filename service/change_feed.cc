#include "service/change_feed.h"

#include <google/protobuf/io/coded_stream.h>
#include <spdlog/spdlog.h>

#include <chrono>

#include "service/watch_errors.h"

namespace almanac::service {
namespace {

using Clock = std::chrono::steady_clock;

// Of one look at the log.
constexpr int kReadLimit = 1000;
constexpr int64_t kReadBytes = 8 << 20;
constexpr absl::Duration kRetryInterval = absl::Milliseconds(250);
// How many events are looked at under one lock.
constexpr int64_t kScan = 1024;

// What one look at the log finds.
struct TailRead {
  db::Head head;
  db::LogPage page;
};

// Reads what came after `newest`; the head alone if there was no look `before`.
absl::StatusOr<TailRead> ReadTail(db::Transaction& transaction, const std::optional<db::Head>& before, int64_t newest) {
  TailRead tail{.head = db::ReadHead(transaction), .page = {}};
  if (!before) return tail;
  if (absl::Status same = db::CheckEpoch(*before, tail.head); !same.ok()) return same;
  if (tail.head.revision == newest) return tail;
  absl::StatusOr<db::LogPage> page = db::ReadChanges(
      transaction, tail.head, {},
      {.after = newest, .up_to = tail.head.revision, .max_changes = kReadLimit, .max_bytes = kReadBytes});
  if (!page.ok()) return page.status();
  tail.page = *std::move(page);
  return tail;
}

}  // namespace

FeedEvent ToEvent(const db::LogEntry& entry) {
  using google::protobuf::io::CodedOutputStream;
  // Field 1 of WatchResponse, `change`: tag, length, and the bytes as they lie in the log.
  constexpr char kTag = (1 << 3) | 2;
  char prefix[1 + 5] = {kTag};
  const auto* end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(entry.change.size()),
                                                            reinterpret_cast<uint8_t*>(prefix + 1));
  const std::string head(prefix, reinterpret_cast<const char*>(end) - prefix);
  return {entry.key, grpc::Slice(head + entry.change)};
}

ChangeFeed::ChangeFeed(db::Database& database, Options options)
    : database_(database), options_(options), thread_([this] { Tail(); }) {
  database_.OnCommit([this] {
    const std::lock_guard lock(wait_mutex_);
    notified_ = true;
    wait_.notify_one();
  });
}

ChangeFeed::~ChangeFeed() {
  database_.OnCommit(nullptr);
  {
    const std::lock_guard lock(wait_mutex_);
    ending_ = true;
    wait_.notify_one();
  }
  thread_.join();
  // gRPC's server may be gone a little before the last of its streams has taken its leave of us.
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(
      +[](ChangeFeed* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) { return self->listeners_.empty(); }, this));
}

absl::Status ChangeFeed::Add(std::shared_ptr<FeedListener> listener, const std::string& client) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return ServerStopping();
  if (static_cast<int>(listeners_.size()) >= options_.max_watchers) {
    return TooManyWatchers("this server", options_.max_watchers);
  }
  const auto known = clients_.find(client);
  if (known != clients_.end() && known->second >= options_.max_watchers_per_client) {
    return TooManyWatchers("a client", options_.max_watchers_per_client);
  }
  Clients::value_type& counted = *clients_.try_emplace(client, 0).first;
  ++counted.second;
  listeners_.emplace(std::move(listener), &counted);
  listed_ = nullptr;
  return absl::OkStatus();
}

void ChangeFeed::Remove(const std::shared_ptr<FeedListener>& listener) {
  absl::MutexLock lock(&mutex_);
  const auto found = listeners_.find(listener);
  if (found == listeners_.end()) return;
  Clients::value_type& counted = *found->second;
  if (--counted.second == 0) clients_.erase(clients_.find(counted.first));
  listeners_.erase(found);
  listed_ = nullptr;
}

void ChangeFeed::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  const auto all = listeners();
  for (const auto& listener : *all) listener->Stop();
}

ChangeFeed::Next ChangeFeed::After(int64_t epoch, int64_t revision, const db::ChangeFilter& filter,
                                   bool write_is_open) const {
  while (true) {
    const absl::ReaderMutexLock lock(&mutex_);
    if (!head_ || head_->epoch < epoch) return {Position::kUpToDate, nullptr, revision};
    if (head_->epoch > epoch) return {Position::kEpochOver, nullptr, revision};
    if (revision < base_) return {Position::kBehind, nullptr, revision};
    for (const int64_t end = std::min(newest(), revision + kScan); revision < end;) {
      const auto& event = ring_[revision - base_];
      ++revision;
      if (filter.Matches(event->key)) return {Position::kEvent, event, revision};
      if (write_is_open && event->key.last_of_write) return {Position::kWriteEnd, nullptr, revision};
    }
    if (revision >= newest()) return {Position::kUpToDate, nullptr, revision};
  }
}

int64_t ChangeFeed::revision() const {
  absl::MutexLock lock(&mutex_);
  return newest();
}

int ChangeFeed::watcher_count() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(listeners_.size());
}

std::shared_ptr<const ChangeFeed::Listeners> ChangeFeed::listeners() const {
  absl::MutexLock lock(&mutex_);
  if (listed_ == nullptr) {
    auto list = std::make_shared<Listeners>();
    list->reserve(listeners_.size());
    for (const auto& [listener, client] : listeners_) list->push_back(listener);
    listed_ = std::move(list);
  }
  return listed_;
}

void ChangeFeed::Tail() {
  Clock::time_point last_tick = Clock::now();
  absl::Duration interval = absl::ZeroDuration();
  while (Wait(interval)) {
    const int64_t before = revision();
    interval = ReadOn() ? options_.poll_interval : kRetryInterval;
    if (revision() != before || absl::FromChrono(Clock::now() - last_tick) >= options_.tick) {
      last_tick = Clock::now();
      const auto all = listeners();
      for (const auto& listener : *all) listener->Wake();
    }
  }
}

bool ChangeFeed::Wait(absl::Duration interval) {
  std::unique_lock lock(wait_mutex_);
  wait_.wait_for(lock, absl::ToChronoMilliseconds(interval), [this] { return notified_ || ending_; });
  notified_ = false;
  return !ending_;
}

bool ChangeFeed::ReadOn() {
  std::optional<db::Head> before;
  int64_t newest_before = 0;
  {
    absl::MutexLock lock(&mutex_);
    before = head_;
    newest_before = newest();
  }
  const absl::StatusOr<TailRead> tail = database_.ReadAndWait<TailRead>(
      [&](db::Transaction& transaction) { return ReadTail(transaction, before, newest_before); }, db::Lane::kFeed);
  if (absl::IsFailedPrecondition(tail.status())) {
    spdlog::critical("the catalogue was restored: its log is no longer what was read up to revision {}", newest_before);
    {
      absl::MutexLock lock(&mutex_);
      Forget();
    }
    const auto all = listeners();
    for (const auto& listener : *all) listener->EpochChanged();
    return false;
  }
  absl::MutexLock lock(&mutex_);
  if (absl::IsOutOfRange(tail.status())) Forget();  // compacted before it was read
  if (!tail.ok()) return false;
  if (!before) {
    base_ = tail->head.revision;
    head_ = tail->head;
    return true;
  }
  return Append(tail->head, tail->page);
}

bool ChangeFeed::Append(const db::Head& head, const db::LogPage& page) {
  head_ = head;
  for (const db::LogEntry& entry : page.entries) {
    if (entry.key.revision != newest() + 1) break;
    ring_.push_back(std::make_shared<const FeedEvent>(ToEvent(entry)));
    ring_bytes_ += ring_.back()->bytes.size();
    while (ring_.size() > options_.ring_size || ring_bytes_ > options_.ring_bytes) {
      ring_bytes_ -= ring_.front()->bytes.size();
      ring_.pop_front();
      ++base_;
    }
  }
  if (newest() < page.through) {
    spdlog::critical("the change log is not dense: revision {} is missing", newest() + 1);
    Forget();
    return false;
  }
  if (newest() < head.revision) {  // there is more
    const std::lock_guard lock(wait_mutex_);
    notified_ = true;
  }
  return true;
}

void ChangeFeed::Forget() {
  head_.reset();
  base_ = newest();
  ring_.clear();
  ring_bytes_ = 0;
}

}  // namespace almanac::service
