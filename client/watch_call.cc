#include "client/watch_call.h"

#include <utility>

namespace almanac::client {

WatchCall::WatchCall(const std::shared_ptr<grpc::Channel>& channel, v1::WatchRequest request,
                     const std::function<void(grpc::ClientContext&)>& prepare)
    : stub_(v1::ChangeService::NewStub(channel)), request_(std::move(request)) {
  if (prepare != nullptr) prepare(context_);
  stub_->async()->Watch(&context_, &request_, this);
  AddHold();
  StartCall();
}

WatchCall::~WatchCall() { Finish(); }

bool WatchCall::Read(v1::WatchResponse& response, absl::Duration longest_silence) {
  StartRead(&response);
  if (!WaitForRead(longest_silence)) {
    silent_ = true;
    Cancel();
    // `response` is gRPC's until then.
    WaitForRead(absl::InfiniteDuration());
  }
  absl::MutexLock lock(&mutex_);
  read_ = false;
  ended_ = !read_ok_;
  return read_ok_ && !silent_;
}

bool WatchCall::WaitForRead(absl::Duration longest) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&read_), longest);
}

grpc::Status WatchCall::Finish() {
  if (std::exchange(held_, false)) {
    // A stream that has ended by itself keeps the server's reason.
    if (!ended_) Cancel();
    RemoveHold();
  }
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&done_));
  return silent_ ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server has fallen silent") : status_;
}

void WatchCall::OnReadDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  read_ = true;
  read_ok_ = ok;
}

void WatchCall::OnDone(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  done_ = true;
  status_ = status;
}

}  // namespace almanac::client
