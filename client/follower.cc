#include "client/follower.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace almanac::client {
namespace {

using v1::WatchResponse;

// A stream that lived so long was a good one: what ends it now is no failure to connect.
constexpr absl::Duration kGoodLife = absl::Seconds(10);
// A stream that its server ends sooner than this is not resumed at once.
constexpr absl::Duration kShortLife = absl::Seconds(1);

}  // namespace

Follower::Follower(std::shared_ptr<grpc::Channel> channel, Options options)
    : channel_(std::move(channel)),
      options_(std::move(options)),
      backoff_(options_.first_pause, options_.longest_pause) {
  if (!options_.request.resume_token().empty()) token_ = options_.request.resume_token();
  if (options_.request.snapshot()) options_.relist = true;
}

void Follower::Stop() {
  absl::MutexLock lock(&mutex_);
  if (!stopped_.HasBeenNotified()) stopped_.Notify();
  if (call_ != nullptr) call_->Cancel();
}

void Follower::End(grpc::Status status) {
  ended_ = true;
  status_ = std::move(status);
}

bool Follower::Next(Event& event) {
  while (!ended_) {
    if (stopped_.HasBeenNotified()) {
      End(grpc::Status::OK);
      break;
    }
    if (waiting_.has_value()) {
      event.response = *std::exchange(waiting_, std::nullopt);
      if (Take(event)) return true;
      continue;
    }
    std::shared_ptr<WatchCall> call;
    {
      absl::MutexLock lock(&mutex_);
      call = call_;
    }
    if (call == nullptr) {
      if (!Open()) End(grpc::Status::OK);
      continue;
    }
    if (call->Read(event.response, options_.longest_silence)) {
      if (Take(event)) return true;
      continue;
    }
    const grpc::Status status = call->Finish();
    {
      absl::MutexLock lock(&mutex_);
      call_ = nullptr;
    }
    if (Break(status, event)) return true;
  }
  return false;
}

bool Follower::Open() {
  if (stopped_.WaitForNotificationWithTimeout(pause_)) return false;
  v1::WatchRequest request = options_.request;
  if (!token_.empty()) request.set_resume_token(token_);
  heard_ = false;
  progressed_ = false;
  opened_ = absl::Now();
  auto call = std::make_shared<WatchCall>(channel_, std::move(request), options_.prepare);
  absl::MutexLock lock(&mutex_);
  call_ = std::move(call);
  if (stopped_.HasBeenNotified()) call_->Cancel();
  return true;
}

bool Follower::Take(Event& event) {
  const bool first = !std::exchange(heard_, true);
  answered_ = true;
  told_.clear();
  event.cause = grpc::Status::OK;
  if (first && IsSnapshot()) {
    event.type = Event::kSnapshotBegin;
    event.cause = std::exchange(relisted_for_, grpc::Status::OK);
    waiting_ = std::exchange(event.response, WatchResponse());
    return true;
  }
  if (!event.response.resume_token().empty()) token_ = event.response.resume_token();
  switch (event.response.event_case()) {
    case WatchResponse::kChange:
      event.type = Event::kChange;
      break;
    case WatchResponse::kSnapshotResource:
      event.type = Event::kSnapshotResource;
      break;
    case WatchResponse::kSnapshotEnd:
      event.type = Event::kSnapshotEnd;
      break;
    case WatchResponse::kBookmark:
      event.type = Event::kBookmark;
      return true;
    case WatchResponse::EVENT_NOT_SET:  // Of a later version.
      return false;
  }
  // Rows of a snapshot are no progress: if it breaks off, it begins anew.
  if (!event.response.resume_token().empty()) progressed_ = true;
  return true;
}

bool Follower::Break(const grpc::Status& status, Event& event) {
  if (stopped_.HasBeenNotified()) {
    End(grpc::Status::OK);
    return false;
  }
  NextStep step = NextStepOf(status);
  if (!answered_ && !options_.patient && step != NextStep::kRelist) step = NextStep::kGiveUp;
  if (step == NextStep::kRelist && !options_.relist) step = NextStep::kGiveUp;
  const absl::Time now = absl::Now();
  if (step == NextStep::kGiveUp) {
    End(status.ok() ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server ended the stream before it began")
                    : status);
    return false;
  }
  if (IsSnapshot() && heard_) relisted_for_ = status;
  if (step == NextStep::kRelist) {
    token_.clear();
    options_.request.set_snapshot(true);
    relisted_for_ = status;
  }
  const absl::Duration life = now - opened_;
  if (progressed_ || life >= kGoodLife) backoff_.Reset();
  const bool at_once = step == NextStep::kResumeNow && life >= kShortLife;
  pause_ = at_once ? absl::ZeroDuration() : std::max(backoff_.Next(), RetryDelayOf(status));
  event.response.Clear();
  event.type = Event::kLost;
  event.cause = status;
  event.next_step = step;
  const std::string failure = absl::StrCat(status.error_code(), " ", ReasonOf(status));
  return step != NextStep::kResumeNow && std::exchange(told_, failure) != failure;
}

}  // namespace almanac::client
