#include "service/watcher.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "db/errors.h"
#include "service/hashing.h"
#include "service/rpc.h"

namespace almanac::service {
namespace {

using almanac::v1::WatchRequest;
using almanac::v1::WatchResponse;

constexpr int kCatchUpLimit = 200;

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

absl::Status RevisionInFuture(int64_t revision, int64_t head) {
  return db::Error(absl::StatusCode::kOutOfRange, "REVISION_IN_FUTURE",
                   absl::StrCat("revision ", revision, " is not yet in the log, whose head is ", head),
                   {{"head_revision", absl::StrCat(head)}});
}

}  // namespace

Watcher* Watcher::Start(db::Database& database, ChangeFeed& feed, WatchRequest request) {
  std::shared_ptr<Watcher> watcher(new Watcher(database, feed, std::move(request)));
  {
    absl::MutexLock lock(&watcher->mutex_);
    watcher->self_ = watcher;
    if (absl::Status admitted = feed.Add(watcher); !admitted.ok()) watcher->End(admitted);
  }
  watcher->ReadStart();
  return watcher.get();
}

Watcher::Watcher(db::Database& database, ChangeFeed& feed, WatchRequest request)
    : database_(database), feed_(feed), request_(std::move(request)) {
  filter_.resource_prefix = request_.resource_prefix();
  for (const int kind : request_.kinds()) filter_.kinds.push_back(static_cast<almanac::v1::ResourceKind>(kind));
  token_.filter_binding = FilterBinding(request_);
}

void Watcher::ReadStart() {
  std::shared_ptr<Watcher> self;
  {
    absl::MutexLock lock(&mutex_);
    if (finished_ || !ending_.ok()) return;
    self = self_;
    reading_ = true;
  }
  database_.Read<db::Head>(
      [](db::Transaction& transaction) -> absl::StatusOr<db::Head> { return db::ReadHead(transaction); },
      [self](absl::StatusOr<db::Head> head) {
        absl::MutexLock lock(&self->mutex_);
        self->reading_ = false;
        const absl::Status begun = head.ok() ? self->Begin(*head) : head.status();
        if (!begun.ok()) return self->End(begun);
        self->started_ = true;
        self->SendBookmark();
      });
}

absl::Status Watcher::Begin(const db::Head& head) {
  token_.catalogue_id = head.catalogue_id;
  token_.epoch = head.epoch;
  cursor_ = head.revision;
  switch (request_.start_case()) {
    case WatchRequest::kAfterRevision:
      cursor_ = request_.after_revision();
      break;
    case WatchRequest::kResumeToken: {
      const absl::StatusOr<ResumeToken> resume = ReadResumeToken(request_.resume_token());
      if (!resume.ok()) return resume.status();
      if (resume->catalogue_id != token_.catalogue_id || resume->filter_binding != token_.filter_binding) {
        return db::InvalidField("resume_token",
                                "belongs to another catalogue or another filter; resume with the same "
                                "resource_prefix and kinds");
      }
      if (resume->epoch != token_.epoch) {
        return db::FailedPrecondition(
            "EPOCH_CHANGED", "head",
            absl::StrCat("the catalogue was restored from a backup: the token is of epoch ", resume->epoch,
                         ", the catalogue of epoch ", token_.epoch, "; start again from a snapshot"));
      }
      cursor_ = resume->revision;
      break;
    }
    case WatchRequest::kSnapshot:
      if (request_.snapshot()) snapshot_ = head.revision;
      break;
    case WatchRequest::START_NOT_SET:
      break;
  }
  if (cursor_ > head.revision) return RevisionInFuture(cursor_, head.revision);
  if (cursor_ < head.compacted_revision) return RevisionCompacted(cursor_, head.compacted_revision + 1);
  return absl::OkStatus();
}

void Watcher::ReadPage() {
  reading_ = true;
  auto read = [filter = filter_, snapshot = snapshot_, position = position_,
               cursor = cursor_](db::Transaction& transaction) -> absl::StatusOr<Page> {
    Page page;
    page.position = position;
    if (snapshot >= 0) {
      const auto resources = ReadSnapshotPage(transaction, filter, snapshot, page.position);
      if (!resources.ok()) return resources.status();
      for (const almanac::v1::Resource& resource : *resources) {
        WatchResponse response;
        *response.mutable_snapshot_resource() = resource;
        page.items.push_back({ToSlice(response), -1});
      }
      return page;
    }
    const db::Head head = db::ReadHead(transaction);
    if (cursor < head.compacted_revision) return RevisionCompacted(cursor, head.compacted_revision + 1);
    for (const db::LogEntry& entry : db::ReadChanges(transaction, filter, cursor, head.revision, kCatchUpLimit)) {
      page.items.push_back({ToEvent(entry).bytes, entry.revision});
    }
    const bool more = page.items.size() == kCatchUpLimit;
    page.through = more ? page.items.back().revision : head.revision;
    return page;
  };
  database_.Read<Page>(
      std::move(read), [self = self_](absl::StatusOr<Page> page) { self->TakePage(std::move(page)); },
      db::Lane::kCatchUp);
}

void Watcher::TakePage(absl::StatusOr<Page> page) {
  absl::MutexLock lock(&mutex_);
  reading_ = false;
  if (!page.ok()) return End(page.status());
  pending_.insert(pending_.end(), page->items.begin(), page->items.end());
  pending_through_ = page->through;
  position_ = page->position;
  Pump();
}

void Watcher::Pump() {
  if (!started_ || writing_ || reading_ || finished_) return;
  if (!ending_.ok()) return End(ending_);
  if (!pending_.empty()) {
    const Pending next = std::move(pending_.front());
    pending_.pop_front();
    if (next.revision >= 0) cursor_ = next.revision;
    return Send(next.bytes, next.revision);
  }
  if (pending_through_ >= 0) {
    cursor_ = std::max(cursor_, pending_through_);
    pending_through_ = -1;
  }
  if (snapshot_ >= 0) return position_.done ? SendSnapshotEnd() : ReadPage();
  const ChangeFeed::Next next = feed_.After(cursor_, filter_);
  cursor_ = next.revision;
  switch (next.position) {
    case ChangeFeed::Position::kEvent:
      return Send(next.event->bytes, cursor_);
    case ChangeFeed::Position::kBehind:
      return ReadPage();
    case ChangeFeed::Position::kUpToDate:
      if (absl::Now() - last_bookmark_ >= feed_.options().bookmark_interval) SendBookmark();
      return;
  }
}

void Watcher::Send(const grpc::Slice& bytes, int64_t resume_revision) {
  writing_ = true;
  // Serialised messages can be concatenated: what all watchers share, then this stream's own resume_token.
  WatchResponse own;
  if (resume_revision >= 0) own.set_resume_token(Token(resume_revision));
  const grpc::Slice parts[2] = {bytes, ToSlice(own)};
  buffer_ = grpc::ByteBuffer(parts, 2);
  StartWrite(&buffer_);
}

void Watcher::SendBookmark() {
  if (writing_ || finished_) return;
  if (!ending_.ok()) return End(ending_);
  last_bookmark_ = absl::Now();
  WatchResponse response;
  response.mutable_bookmark()->set_revision(snapshot_ >= 0 ? 0 : cursor_);
  *response.mutable_bookmark()->mutable_server_time() = db::ToTimestamp(absl::Now());
  Send(ToSlice(response), snapshot_ >= 0 ? -1 : cursor_);
}

void Watcher::SendSnapshotEnd() {
  cursor_ = snapshot_;
  snapshot_ = -1;
  WatchResponse response;
  response.mutable_snapshot_end()->set_revision(cursor_);
  Send(ToSlice(response), cursor_);
}

std::string Watcher::Token(int64_t revision) const {
  ResumeToken token = token_;
  token.revision = revision;
  return MakeResumeToken(token);
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
  const std::string token = started_ && snapshot_ < 0 ? Token(cursor_) : "";
  End(db::Error(absl::StatusCode::kUnavailable, "SERVER_STOPPING",
                "the server is stopping; resume on another one, or on this one once it is back",
                {{"resume_token", token}}));
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
