// The way to the server.
#ifndef ALMANAC_CLIENT_CONNECTION_H_
#define ALMANAC_CLIENT_CONNECTION_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "almanac/v1/consistency.pb.h"

namespace almanac::client {

// A unary method of a generated stub.
template <typename Stub, typename Request, typename Response>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

// One channel to one server. Not for use from several threads, but for what says so and the stubs that are made of its
// channel.
class Connection {
 public:
  struct Options {
    std::string server;      // HOST:PORT, or another gRPC target.
    std::string actor;       // Who the log says did it: printable ASCII.
    absl::Duration timeout;  // For each call, retries included; more than zero.
    // What every call asks that can; strong if it says nothing.
    v1::Consistency consistency = {};
  };

  // Notes about retries go to `notes`. Opens nothing yet.
  Connection(Options options, std::ostream& notes);

  // Calls `method` and returns its answer. A call that fails with UNAVAILABLE is repeated a few times within the
  // time-out: it must be safe to do twice, so a mutation must carry a request id. Returns the server's error, or
  // UNAVAILABLE within a few seconds if there is no server.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Method<Stub, Request, Response> method, const Request& request) {
    if constexpr (requires(Request read) { read.mutable_consistency(); }) {
      Request read = request;
      if (options_.consistency.requirement_case() != 0) *read.mutable_consistency() = options_.consistency;
      return Send(method, read);
    } else {
      return Send(method, request);
    }
  }

  // Adds to a call's context what every call carries; the deadline is the caller's own matter.
  void Prepare(grpc::ClientContext& context) const;

  // Ends the call that is under way, and each later one at once, with CANCELLED. Safe from any thread.
  void Cancel();

  // Waits a few seconds, no longer than the time-out, for the server. Returns whether it is there.
  bool WaitForServer();

  // Whether a server was ever reached, so that an unanswered call may have been carried out. Safe from any thread.
  bool reached() const { return reached_; }

  const std::string& server() const { return options_.server; }

  // The channel, which is opened by the first use.
  const std::shared_ptr<grpc::Channel>& channel();

 private:
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Send(Method<Stub, Request, Response> method, const Request& request) {
    Stub stub(channel());
    Response response;
    absl::Status status = Retry([&](grpc::ClientContext* context) {
      response.Clear();
      return (stub.*method)(context, request, &response);
    });
    if (!status.ok()) return status;
    return response;
  }
  absl::Status Retry(const std::function<grpc::Status(grpc::ClientContext*)>& call);
  // Makes the call in this context, so that Cancel ends it.
  grpc::Status MakeCall(const std::function<grpc::Status(grpc::ClientContext*)>& call, grpc::ClientContext& context);
  // Waits so long for Cancel. Returns whether it came, now or before.
  bool WasCancelledWithin(absl::Duration wait);

  Options options_;
  std::ostream& notes_;
  std::shared_ptr<grpc::Channel> channel_;
  std::atomic<bool> reached_ = false;
  absl::Mutex mutex_;
  grpc::ClientContext* current_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

// The version of this program.
std::string Version();

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_CONNECTION_H_
