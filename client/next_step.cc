#include "client/next_step.h"

#include <string_view>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace almanac::client {
namespace {

// The detail of type T in `status`, or a default one.
template <typename T>
T DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  T detail;
  if (!details.ParseFromString(status.error_details())) return detail;
  for (const google::protobuf::Any& any : details.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return T();
}

struct Reason {
  std::string_view name;
  NextStep step;
};

// Where the server says no next step, and to tell apart what is resumed at once.
constexpr Reason kReasons[] = {
    {"STREAM_EXPIRED", NextStep::kResumeNow},
    {"SERVER_STOPPING", NextStep::kResume},
    {"WATCHER_TOO_SLOW", NextStep::kResume},
    {"TOO_MANY_WATCHERS", NextStep::kWait},
    {"TOO_BUSY", NextStep::kWait},
    {"REVISION_COMPACTED", NextStep::kRelist},
    {"EPOCH_CHANGED", NextStep::kRelist},
    {"REVISION_IN_FUTURE", NextStep::kRelist},
};

NextStep ByCode(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return NextStep::kResumeNow;
    case grpc::StatusCode::CANCELLED:           // Not by us: the call reached a server in the moment in which it stops.
    case grpc::StatusCode::UNKNOWN:             // A proxy in between.
    case grpc::StatusCode::DEADLINE_EXCEEDED:   // The same.
    case grpc::StatusCode::RESOURCE_EXHAUSTED:  // Something is full.
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::INTERNAL:  // The connection broke within a message, or a fault that may pass.
    case grpc::StatusCode::UNAVAILABLE:
      return NextStep::kResume;
    default:
      return NextStep::kGiveUp;
  }
}

}  // namespace

NextStep NextStepOf(const grpc::Status& status) {
  if (status.ok()) return NextStep::kResumeNow;
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  NextStep by_reason = ByCode(status.error_code());
  for (const Reason& reason : kReasons) {
    if (reason.name == info.reason()) by_reason = reason.step;
  }
  const auto said = info.metadata().find("next_step");
  if (said == info.metadata().end()) return by_reason;
  if (said->second == "RESUME") return by_reason == NextStep::kResumeNow ? by_reason : NextStep::kResume;
  if (said->second == "WAIT") return NextStep::kWait;
  if (said->second == "RELIST") return NextStep::kRelist;
  if (said->second == "FIX_REQUEST") return NextStep::kGiveUp;
  return by_reason;
}

absl::Duration RetryDelayOf(const grpc::Status& status) {
  const google::protobuf::Duration delay = DetailOf<google::rpc::RetryInfo>(status).retry_delay();
  return absl::Seconds(delay.seconds()) + absl::Nanoseconds(delay.nanos());
}

std::string ReasonOf(const grpc::Status& status) { return DetailOf<google::rpc::ErrorInfo>(status).reason(); }

}  // namespace almanac::client
