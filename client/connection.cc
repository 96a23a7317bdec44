#include "client/connection.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/backoff.h"
#include "client/errors.h"

namespace almanac::client {
namespace {

constexpr int kMaxAttempts = 5;
constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
// What a call needs at least to be worth trying.
constexpr absl::Duration kCallTime = absl::Milliseconds(200);
constexpr absl::Duration kConnectTime = absl::Seconds(3);
constexpr absl::Duration kProbeTime = absl::Milliseconds(500);
constexpr int kMaxMessageBytes = 64 << 20;

std::chrono::system_clock::time_point Deadline(absl::Duration in) { return absl::ToChronoTime(absl::Now() + in); }

}  // namespace

Connection::Connection(Options options, std::ostream& notes) : options_(std::move(options)), notes_(notes) {}

const std::shared_ptr<grpc::Channel>& Connection::channel() {
  if (channel_ == nullptr) {
    grpc::ChannelArguments arguments;
    arguments.SetUserAgentPrefix(absl::StrCat("almanac/", Version()));
    arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
    // A catalogue is a service near by, spoken to in plain text: a web proxy is never the way to it.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
    // Notices a server that vanished without a word; its bookmarks keep these pings within what servers allow.
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 45'000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 15'000);
    channel_ = grpc::CreateCustomChannel(options_.server, grpc::InsecureChannelCredentials(), arguments);
  }
  return channel_;
}

void Connection::Prepare(grpc::ClientContext& context) const { context.AddMetadata("x-almanac-actor", options_.actor); }

bool Connection::WaitForServer() {
  if (!reached_) reached_ = channel()->WaitForConnected(Deadline(std::min(kConnectTime, options_.timeout)));
  return reached_;
}

void Connection::Cancel() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  if (current_ != nullptr) current_->TryCancel();
}

grpc::Status Connection::MakeCall(const std::function<grpc::Status(grpc::ClientContext*)>& call,
                                  grpc::ClientContext& context) {
  {
    absl::MutexLock lock(&mutex_);
    current_ = &context;
    if (cancelled_) context.TryCancel();
  }
  grpc::Status status = call(&context);
  absl::MutexLock lock(&mutex_);
  current_ = nullptr;
  return status;
}

bool Connection::WasCancelledWithin(absl::Duration wait) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&cancelled_), wait);
}

absl::Status Connection::Retry(const std::function<grpc::Status(grpc::ClientContext*)>& call) {
  const absl::Time end = absl::Now() + options_.timeout;
  const bool connected = WaitForServer();
  Backoff backoff(kFirstPause, options_.timeout);
  for (int attempt = 1;; ++attempt) {
    grpc::ClientContext context;
    Prepare(context);
    // Without a connection, one call is made all the same: its error says why there is none.
    context.set_deadline(connected ? absl::ToChronoTime(end) : Deadline(kProbeTime));
    grpc::Status status = MakeCall(call, context);
    if (status.ok()) reached_ = true;
    if (!status.ok() && WasCancelledWithin(absl::ZeroDuration())) return absl::CancelledError("the call was cancelled");
    if (!connected && status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
      status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "it does not answer");
    } else if (status.error_code() == grpc::StatusCode::CANCELLED) {
      // Not by us: gRPC does it when a call reaches a server in the moment in which it stops.
      status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "it is stopping");
    }
    const absl::Duration wait = backoff.Next();
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE || !connected || attempt == kMaxAttempts ||
        absl::Now() + wait + kCallTime >= end) {
      return FromGrpc(status, options_.server);
    }
    notes_ << "almanac: " << options_.server << " is unavailable (" << PlainCause(status.error_message())
           << "); trying again\n";
    if (WasCancelledWithin(wait)) return absl::CancelledError("the call was cancelled");
  }
}

std::string Version() { return ALMANAC_VERSION; }

}  // namespace almanac::client
