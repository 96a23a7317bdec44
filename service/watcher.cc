#include "service/watcher.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "db/errors.h"
#include "service/hashing.h"
#include "service/rpc.h"
#include "service/tokens.h"

namespace almanac::service {
namespace {

using almanac::v1::WatchRequest;
using almanac::v1::WatchResponse;
using Clock = std::chrono::steady_clock;

// Of a page of changes. Each watcher may hold one, so it is small.
constexpr int kPageChanges = 200;
constexpr int64_t kPageBytes = 256 << 10;

grpc::Slice ToSlice(const WatchResponse& response) { return grpc::Slice(response.SerializeAsString()); }

// What a token is bound to: the filter, in whatever order its kinds were given.
std::string FilterBinding(const WatchRequest& request) {
  WatchRequest filter;
  filter.set_resource_prefix(request.resource_prefix());
  *filter.mutable_kinds() = request.kinds();
  std::sort(filter.mutable_kinds()->begin(), filter.mutable_kinds()->end());
  return Fingerprint(filter);
}

// Nobody reads this one.
absl::Status ClientGone() { return db::Error(absl::StatusCode::kCancelled, "CANCELLED", "the client is gone"); }

}  // namespace

Watcher* Watcher::Start(db::Database& database, ChangeFeed& feed, db::ChangeFilter filter, WatchRequest request) {
  std::shared_ptr<Watcher> watcher(new Watcher(database, feed, std::move(filter), FilterBinding(request)));
  {
    absl::MutexLock lock(&watcher->mutex_);
    watcher->self_ = watcher;
    if (absl::Status admitted = feed.Add(watcher); !admitted.ok()) watcher->End(admitted);
  }
  watcher->ReadStart(std::move(request));
  return watcher.get();
}

Watcher::Watcher(db::Database& database, ChangeFeed& feed, db::ChangeFilter filter, std::string filter_binding)
    : database_(database), feed_(feed), filter_(std::move(filter)), filter_binding_(std::move(filter_binding)) {}

void Watcher::ReadStart(WatchRequest request) {
  std::shared_ptr<Watcher> self;
  {
    absl::MutexLock lock(&mutex_);
    if (finished_ || !ending_.ok()) return;
    self = self_;
  }
  database_.Read<db::Head>(
      [](db::Transaction& transaction) -> absl::StatusOr<db::Head> { return db::ReadHead(transaction); },
      [self, request = std::move(request)](absl::StatusOr<db::Head> head) {
        absl::MutexLock lock(&self->mutex_);
        const absl::Status begun = head.ok() ? self->Begin(request, *head) : head.status();
        if (!begun.ok()) return self->End(begun);
        self->SendBookmark();
      });
}

absl::Status Watcher::Begin(const WatchRequest& request, const db::Head& head) {
  started_ = head;
  cursor_ = head.revision;
  phase_ = Phase::kFollowing;
  switch (request.start_case()) {
    case WatchRequest::kAfterRevision:
      cursor_ = request.after_revision();
      break;
    case WatchRequest::kResumeToken: {
      const absl::StatusOr<ResumeToken> resume = ReadResumeToken(request.resume_token());
      if (!resume.ok()) return resume.status();
      if (resume->catalogue_id != head.catalogue_id || resume->filter_binding != filter_binding_) {
        return db::InvalidField("resume_token",
                                "belongs to another catalogue or another filter; resume with the same "
                                "resource_prefix and kinds");
      }
      if (resume->epoch != head.epoch) return db::EpochChanged();
      cursor_ = resume->revision;
      break;
    }
    case WatchRequest::kSnapshot:
      if (request.snapshot()) phase_ = Phase::kSnapshot;
      break;
    case WatchRequest::START_NOT_SET:
      break;
  }
  if (cursor_ > head.revision) return db::RevisionInFuture(cursor_, head.revision);
  if (cursor_ < head.compacted_revision) return db::RevisionCompacted(cursor_, head.compacted_revision + 1);
  return absl::OkStatus();
}

void Watcher::ReadPage() {
  reading_ = true;
  auto read = [phase = phase_, started = started_, filter = filter_, cursor = cursor_,
               position = page_.position](db::Transaction& transaction) {
    return phase == Phase::kSnapshot ? ReadSnapshot(transaction, started, filter, cursor, position)
                                     : ReadLog(transaction, started, filter, cursor);
  };
  // This lane refuses nobody, so TakePage is not called from here, where it would wait for our own lock.
  database_.Read<Page>(
      std::move(read), [self = self_](absl::StatusOr<Page> page) { self->TakePage(std::move(page)); },
      db::Lane::kCatchUp);
}

absl::StatusOr<Watcher::Page> Watcher::ReadSnapshot(db::Transaction& transaction, const db::Head& started,
                                                    const db::ChangeFilter& filter, int64_t revision,
                                                    SnapshotPosition position) {
  Page page{.items = {}, .through = revision, .position = std::move(position)};
  const auto resources = ReadSnapshotPage(transaction, filter, revision, page.position);
  if (!resources.ok()) return resources.status();
  if (absl::Status same = db::CheckEpoch(started, db::ReadHead(transaction)); !same.ok()) return same;
  for (const almanac::v1::Resource& resource : *resources) {
    WatchResponse response;
    *response.mutable_snapshot_resource() = resource;
    page.items.push_back({ToSlice(response), revision});
  }
  return page;
}

absl::StatusOr<Watcher::Page> Watcher::ReadLog(db::Transaction& transaction, const db::Head& started,
                                               const db::ChangeFilter& filter, int64_t cursor) {
  const db::Head head = db::ReadHead(transaction);
  if (absl::Status same = db::CheckEpoch(started, head); !same.ok()) return same;
  const auto changes =
      db::ReadChanges(transaction, head, filter,
                      {.after = cursor, .up_to = head.revision, .max_changes = kPageChanges, .max_bytes = kPageBytes});
  if (!changes.ok()) return changes.status();
  Page page{.items = {}, .through = changes->through, .position = {}};
  for (const db::LogEntry& entry : changes->entries) page.items.push_back({ToEvent(entry).bytes, entry.key.revision});
  return page;
}

void Watcher::TakePage(absl::StatusOr<Page> page) {
  absl::MutexLock lock(&mutex_);
  reading_ = false;
  if (!page.ok()) return End(page.status());
  page_ = *std::move(page);
  Pump();
}

void Watcher::Pump() {
  if (phase_ == Phase::kStarting || writing_ || reading_ || finished_) return;
  if (!ending_.ok()) return End(ending_);
  if (!page_.items.empty()) {
    const Item item = std::move(page_.items.front());
    page_.items.pop_front();
    cursor_ = item.revision;
    return Send(item.bytes);
  }
  cursor_ = std::max(cursor_, page_.through);
  if (phase_ == Phase::kSnapshot) return page_.position.done ? SendSnapshotEnd() : ReadPage();
  const ChangeFeed::Next next = feed_.After(started_.epoch, cursor_, filter_);
  cursor_ = next.revision;
  switch (next.position) {
    case ChangeFeed::Position::kEvent:
      return Send(next.event->bytes);
    case ChangeFeed::Position::kBehind:
      return ReadPage();
    case ChangeFeed::Position::kEpochOver:
      return End(db::EpochChanged());
    case ChangeFeed::Position::kUpToDate:
      if (absl::FromChrono(Clock::now() - last_bookmark_) >= feed_.options().bookmark_interval) SendBookmark();
      return;
  }
}

void Watcher::Send(const grpc::Slice& bytes) {
  writing_ = true;
  // Serialised messages can be concatenated: what all watchers share, then this stream's own resume_token.
  WatchResponse own;
  own.set_resume_token(Token());
  const grpc::Slice parts[2] = {bytes, ToSlice(own)};
  buffer_ = grpc::ByteBuffer(parts, 2);
  StartWrite(&buffer_);
}

void Watcher::SendBookmark() {
  if (writing_ || finished_) return;
  if (!ending_.ok()) return End(ending_);
  last_bookmark_ = Clock::now();
  WatchResponse response;
  response.mutable_bookmark()->set_revision(phase_ == Phase::kFollowing ? cursor_ : 0);
  *response.mutable_bookmark()->mutable_server_time() = db::ToTimestamp(absl::Now());
  Send(ToSlice(response));
}

void Watcher::SendSnapshotEnd() {
  phase_ = Phase::kFollowing;
  WatchResponse response;
  response.mutable_snapshot_end()->set_revision(cursor_);
  Send(ToSlice(response));
}

std::string Watcher::Token() const {
  if (phase_ != Phase::kFollowing) return "";
  return MakeResumeToken({.catalogue_id = started_.catalogue_id,
                          .epoch = started_.epoch,
                          .revision = cursor_,
                          .filter_binding = filter_binding_});
}

void Watcher::End(absl::Status status) {
  if (finished_) return;
  if (writing_) {
    ending_ = std::move(status);
    return;
  }
  finished_ = true;
  Finish(ToGrpcStatus(status));
}

void Watcher::Wake() {
  absl::MutexLock lock(&mutex_);
  Pump();
}

void Watcher::Stop() {
  absl::MutexLock lock(&mutex_);
  End(db::Error(absl::StatusCode::kUnavailable, "SERVER_STOPPING",
                "the server is stopping; resume on another one, or on this one once it is back",
                {{"resume_token", Token()}}));
}

void Watcher::EpochChanged() {
  absl::MutexLock lock(&mutex_);
  End(db::EpochChanged());
}

void Watcher::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  writing_ = false;
  if (!ok && ending_.ok()) ending_ = ClientGone();
  if (!ending_.ok()) return End(ending_);
  Pump();
}

void Watcher::OnCancel() {
  absl::MutexLock lock(&mutex_);
  End(ClientGone());
}

void Watcher::OnDone() {
  std::shared_ptr<Watcher> self;
  {
    absl::MutexLock lock(&mutex_);
    finished_ = true;
    self = std::move(self_);
  }
  feed_.Remove(self);
}

}  // namespace almanac::service
