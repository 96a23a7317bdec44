#include "service/watcher.h"

#include <algorithm>

#include "absl/random/random.h"
#include "db/errors.h"
#include "service/hashing.h"
#include "service/rpc.h"
#include "service/tokens.h"
#include "service/watch_errors.h"

namespace almanac::service {
namespace {

using almanac::v1::WatchRequest;
using almanac::v1::WatchResponse;

template <typename Repeated>
void SortAndUnite(Repeated& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

std::string FilterBinding(const WatchRequest& request) {
  WatchRequest filter;
  filter.set_resource_prefix(request.resource_prefix());
  *filter.mutable_kinds() = request.kinds();
  *filter.mutable_types() = request.types();
  *filter.mutable_changed_fields() = request.changed_fields();
  SortAndUnite(*filter.mutable_kinds());
  SortAndUnite(*filter.mutable_types());
  SortAndUnite(*filter.mutable_changed_fields());
  return Fingerprint(filter);
}

absl::Duration StreamAge(absl::Duration max_age) {
  absl::InsecureBitGen random;
  return max_age * absl::Uniform(absl::IntervalClosedClosed, random, 0.8, 1.0);
}

Watcher* Watcher::Start(db::Database& database, ChangeFeed& feed, const grpc::CallbackServerContext& context,
                        const std::string& client, db::ChangeFilter filter, WatchRequest request) {
  std::shared_ptr<Watcher> watcher(new Watcher(database, feed, context, std::move(filter), FilterBinding(request)));
  {
    absl::MutexLock lock(&watcher->mutex_);
    watcher->self_ = watcher;
    if (absl::Status admitted = feed.Add(watcher, client); !admitted.ok()) watcher->End(admitted);
  }
  watcher->ReadStart(std::move(request));
  return watcher.get();
}

Watcher::Watcher(db::Database& database, ChangeFeed& feed, const grpc::CallbackServerContext& context,
                 db::ChangeFilter filter, std::string filter_binding)
    : database_(database),
      feed_(feed),
      context_(context),
      filter_(std::move(filter)),
      filter_binding_(std::move(filter_binding)),
      age_(StreamAge(feed.options().max_stream_age)) {}

void Watcher::ReadStart(WatchRequest request) {
  std::shared_ptr<Watcher> self;
  {
    absl::MutexLock lock(&mutex_);
    if (finished_) return;
    self = self_;
  }
  database_.Read<db::Head>(
      [self](db::Transaction& transaction) -> absl::StatusOr<db::Head> {
        if (self->IsOver()) return absl::CancelledError();
        return db::ReadHead(transaction);
      },
      [self, request = std::move(request)](absl::StatusOr<db::Head> head) {
        absl::MutexLock lock(&self->mutex_);
        const absl::Status begun = head.ok() ? self->Begin(request, *head) : head.status();
        if (!begun.ok()) return self->End(begun);
        self->SendBookmark();
      },
      db::Lane::kHead);
}

absl::Status Watcher::Begin(const WatchRequest& request, const db::Head& head) {
  int64_t start = head.revision;
  switch (request.start_case()) {
    case WatchRequest::kAfterRevision:
      start = request.after_revision();
      break;
    case WatchRequest::kResumeToken: {
      const absl::StatusOr<ResumeToken> resume = ReadResumeToken(request.resume_token());
      if (!resume.ok()) return resume.status();
      if (resume->catalogue_id != head.catalogue_id || resume->filter_binding != filter_binding_) {
        return db::InvalidField("resume_token",
                                "belongs to another catalogue or another filter; resume with the same resource_prefix, "
                                "kinds, types and changed_fields");
      }
      if (resume->epoch != head.epoch) return db::EpochChanged();
      start = resume->revision;
      break;
    }
    case WatchRequest::kSnapshot:
    case WatchRequest::START_NOT_SET:
      break;
  }
  if (start > head.revision) return db::RevisionInFuture(start, head.revision);
  if (start < head.compacted_revision) return db::RevisionCompacted(start, head.compacted_revision + 1);
  started_ = head;
  cursor_ = seen_ = start;
  // Writes are committed whole, so the head is the end of one.
  write_is_open_ = start < head.revision;
  phase_ = request.snapshot() ? Phase::kSnapshot : Phase::kFollowing;
  return absl::OkStatus();
}

void Watcher::ReadPage() {
  reading_ = true;
  auto read = [self = self_, phase = phase_, started = started_, filter = filter_, cursor = cursor_,
               position = page_.position,
               open = write_is_open_](db::Transaction& transaction) -> absl::StatusOr<WatchPage> {
    if (self->IsOver()) return absl::CancelledError();
    return phase == Phase::kSnapshot ? ReadSnapshotItems(transaction, started, filter, cursor, position)
                                     : ReadLogItems(transaction, started, filter, cursor, open);
  };
  // This lane refuses nobody, so TakePage is not called from here, where it would wait for our own lock.
  database_.Read<WatchPage>(
      std::move(read), [self = self_](absl::StatusOr<WatchPage> page) { self->TakePage(std::move(page)); },
      db::Lane::kCatchUp);
}

void Watcher::TakePage(absl::StatusOr<WatchPage> page) {
  absl::MutexLock lock(&mutex_);
  reading_ = false;
  if (finished_) return;
  if (!page.ok()) return End(page.status());
  page_ = *std::move(page);
  Pump();
}

void Watcher::Pump() {
  if (phase_ == Phase::kStarting || writing_ || finished_) return;
  const Clock::time_point now = Clock::now();
  if (phase_ == Phase::kFollowing && absl::FromChrono(now - begun_) >= age_) return End(StreamExpired());
  if (absl::FromChrono(now - last_bookmark_) >= feed_.options().bookmark_interval) return SendBookmark();
  if (reading_) return;
  if (!page_.items.empty()) return SendItem();
  cursor_ = std::max(cursor_, page_.through);
  if (phase_ == Phase::kFollowing) return SendFromRing();
  return page_.position.done ? SendSnapshotEnd() : ReadPage();
}

void Watcher::SendItem() {
  const WatchItem item = std::move(page_.items.front());
  page_.items.pop_front();
  cursor_ = item.revision;
  if (item.bytes.size() > 0) return SendChange(item.bytes, item.ends_write);
  write_is_open_ = false;
  SendBookmark();
}

void Watcher::SendFromRing() {
  const ChangeFeed::Next next = feed_.After(started_.epoch, cursor_, filter_, write_is_open_);
  cursor_ = next.revision;
  switch (next.position) {
    case ChangeFeed::Position::kEvent:
      return SendChange(next.event->bytes, next.event->key.last_of_write);
    case ChangeFeed::Position::kWriteEnd:
      write_is_open_ = false;
      return SendBookmark();
    case ChangeFeed::Position::kBehind:
      return ReadPage();
    case ChangeFeed::Position::kEpochOver:
      return End(db::EpochChanged());
    case ChangeFeed::Position::kUpToDate:
      return;
  }
}

void Watcher::SendChange(const grpc::Slice& bytes, bool ends_write) {
  seen_ = cursor_;
  write_is_open_ = !ends_write;
  Send(bytes);
}

void Watcher::Send(const grpc::Slice& bytes) {
  writing_ = true;
  sent_ = Clock::now();
  // Serialised messages can be concatenated: what all watchers share, then this stream's own resume_token.
  WatchResponse own;
  own.set_resume_token(Token());
  const grpc::Slice parts[2] = {bytes, ToSlice(own)};
  buffer_ = grpc::ByteBuffer(parts, 2);
  StartWrite(&buffer_);
}

void Watcher::SendBookmark() {
  if (writing_ || finished_) return;
  last_bookmark_ = Clock::now();
  WatchResponse response;
  response.mutable_bookmark()->set_revision(phase_ == Phase::kFollowing ? Told() : 0);
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
                          .revision = Told(),
                          .filter_binding = filter_binding_});
}

void Watcher::End(absl::Status status) {
  if (finished_) return;
  finished_ = true;
  sent_ = Clock::now();
  page_ = {};
  // An answer that is in flight goes out first, so the token is right.
  Finish(ToGrpcStatus(WithNextStep(std::move(status), Token(), phase_ == Phase::kSnapshot)));
}

void Watcher::Wake() {
  absl::MutexLock lock(&mutex_);
  const absl::Duration timeout = feed_.options().slow_watcher_timeout;
  const bool is_stuck = (writing_ || finished_) && absl::FromChrono(Clock::now() - sent_) >= timeout;
  if (!is_stuck) return Pump();
  if (!finished_) return End(WatcherTooSlow(timeout));
  // Nor does the client read the end. Without self_ gRPC is done with the stream.
  if (cut_off_ || self_ == nullptr) return;
  cut_off_ = true;
  context_.TryCancel();
}

bool Watcher::IsOver() {
  absl::MutexLock lock(&mutex_);
  return finished_;
}

void Watcher::Stop() {
  absl::MutexLock lock(&mutex_);
  End(ServerStopping());
}

void Watcher::EpochChanged() {
  absl::MutexLock lock(&mutex_);
  End(db::EpochChanged());
}

void Watcher::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  writing_ = false;
  if (!ok) return End(db::ClientGone());
  Pump();
}

void Watcher::OnCancel() {
  absl::MutexLock lock(&mutex_);
  End(db::ClientGone());
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
