#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/time/time.h"

namespace almanac::client {

// What a client of Watch does when its stream has ended.
enum class NextStep {
  kResumeNow,  // Resume from the last token at once: the server only spreads its watchers.
  kResume,     // Resume from the last token, after a pause.
  kWait,       // The same later: there is no room now, or this server lags behind the one before.
  kRelist,     // Start anew from a snapshot: the token is of no use any more.
  kGiveUp,     // Trying again would not help.
};

// What the end `status` of a stream asks for: what its details say under `next_step`, else what follows from their
// reason, else from its code. Never kGiveUp for OK.
NextStep NextStepOf(const grpc::Status& status);

// The least pause that the server asks for in `status`; zero if it asks for none.
absl::Duration RetryDelayOf(const grpc::Status& status);

// The reason in the details of `status`, such as `REVISION_COMPACTED`; empty if it has none.
std::string ReasonOf(const grpc::Status& status);

}  // namespace almanac::client
