#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

// What streams of Watch end with.
namespace almanac::service {

// `limit` watchers are as many as `whose` may be: "this server", "a client".
absl::Status TooManyWatchers(std::string_view whose, int limit);
absl::Status ServerStopping();
absl::Status StreamExpired();
absl::Status WatcherTooSlow(absl::Duration timeout);

// The same with what the client is to do next in the metadata of its ErrorInfo: `next_step` is FIX_REQUEST if the
// request is wrong; RELIST if what it follows is not in the log any more, or a snapshot was not complete; RESUME with
// `resume_token` if there is a token; else WAIT.
absl::Status WithNextStep(absl::Status status, const std::string& resume_token, bool in_snapshot);

}  // namespace almanac::service
