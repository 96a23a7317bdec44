#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "almanac/v1/change_service.grpc.pb.h"

namespace almanac::client {

// One stream of Watch, read message by message. To be used by one thread; only Cancel may be called from others.
class WatchCall final : private grpc::ClientReadReactor<v1::WatchResponse> {
 public:
  // Begins the call. `prepare`, which may be empty, adds to its context.
  WatchCall(const std::shared_ptr<grpc::Channel>& channel, v1::WatchRequest request,
            const std::function<void(grpc::ClientContext&)>& prepare);
  // Cancels the call if it still runs.
  ~WatchCall() override;

  WatchCall(const WatchCall&) = delete;
  WatchCall& operator=(const WatchCall&) = delete;

  // Waits for the next message. Returns false if there is none: the stream has ended, or nothing came for
  // `longest_silence`.
  bool Read(v1::WatchResponse& response, absl::Duration longest_silence);

  // What the stream ended with; cancels it if it has not. To be called after a Read that returned false.
  grpc::Status Finish();

  // Ends the stream and with it a Read that waits.
  void Cancel() { context_.TryCancel(); }

 private:
  // Whether the read ends within `longest`. Never cancels under the lock: gRPC may call OnReadDone from there.
  bool WaitForRead(absl::Duration longest);
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  const std::unique_ptr<v1::ChangeService::Stub> stub_;
  const v1::WatchRequest request_;
  grpc::ClientContext context_;
  bool held_ = true;  // Whether gRPC must wait for further reads of ours.
  bool ended_ = false;
  bool silent_ = false;
  absl::Mutex mutex_;
  bool read_ ABSL_GUARDED_BY(mutex_) = false;
  bool read_ok_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace almanac::client
