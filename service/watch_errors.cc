#include "service/watch_errors.h"

#include "absl/strings/str_cat.h"
#include "db/errors.h"
#include "google/rpc/error_details.pb.h"

namespace almanac::service {
namespace {

using absl::StatusCode;

std::string NextStep(StatusCode code, const std::string& resume_token, bool in_snapshot) {
  switch (code) {
    case StatusCode::kInvalidArgument:
      return "FIX_REQUEST";
    case StatusCode::kFailedPrecondition:  // another epoch
    case StatusCode::kOutOfRange:          // compacted, or never there
      return "RELIST";
    default:
      if (in_snapshot) return "RELIST";
      return resume_token.empty() ? "WAIT" : "RESUME";
  }
}

}  // namespace

absl::Status TooManyWatchers(std::string_view whose, int limit) {
  return db::Error(StatusCode::kResourceExhausted, "TOO_MANY_WATCHERS",
                   absl::StrCat(absl::string_view(whose.data(), whose.size()), " may have at most ", limit,
                                " watchers here and has as many; end some, or try another server, or later"),
                   {{"limit", absl::StrCat(limit)}});
}

absl::Status ServerStopping() {
  return db::Error(StatusCode::kUnavailable, "SERVER_STOPPING",
                   "the server is stopping; go on at another one, or at this one once it is back");
}

absl::Status StreamExpired() {
  return db::Error(StatusCode::kUnavailable, "STREAM_EXPIRED",
                   "the stream has reached its greatest age, so that clients spread over the servers anew; resume now");
}

absl::Status WatcherTooSlow(absl::Duration timeout) {
  return db::Error(StatusCode::kResourceExhausted, "WATCHER_TOO_SLOW",
                   absl::StrCat("an answer has waited for more than ", absl::FormatDuration(timeout),
                                " for the client to read what came before it; read faster, or with a narrower filter"));
}

absl::Status WithNextStep(absl::Status status, const std::string& resume_token, bool in_snapshot) {
  auto info = db::Detail<google::rpc::ErrorInfo>(status);
  if (info.reason().empty()) return status;  // a fault of ours, about which clients are told nothing
  const std::string step = NextStep(status.code(), resume_token, in_snapshot);
  (*info.mutable_metadata())["next_step"] = step;
  if (step == "RESUME") (*info.mutable_metadata())["resume_token"] = resume_token;
  db::SetDetail(status, info);
  return status;
}

}  // namespace almanac::service
