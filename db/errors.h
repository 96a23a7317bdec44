#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

// Every error that a client may see is made here: a code, a message for people, and google.rpc details (AIP-193) as
// payloads of the status. Reasons are listed in docs/api.md.
namespace almanac::db {

using Metadata = std::initializer_list<std::pair<std::string_view, std::string>>;

// The beginning of a client's text for use in a message, which must be UTF-8: at most `max_bytes` of it, cut between
// characters and then marked by an ellipsis. A byte that is not UTF-8 becomes U+FFFD.
std::string Excerpt(std::string_view text, size_t max_bytes);

// An error with an ErrorInfo of `reason` and `metadata`. The message is cut to some 800 bytes: errors travel in the
// trailers of a call, where gRPC grants 8 KB for everything.
absl::Status Error(absl::StatusCode code, std::string_view reason, std::string_view message, Metadata metadata = {});

// What is wrong with a field of a request.
struct FieldFault {
  std::string field;
  // Says what would be right.
  std::string description;
};

// INVALID_ARGUMENT about these fields; OK if there are none. When there are too many to send, the last one says so.
absl::Status InvalidFields(const std::vector<FieldFault>& faults);
absl::Status InvalidField(std::string_view field, std::string_view description);

// NOT_FOUND about the resource of this name.
absl::Status NotFound(std::string_view resource);

// ALREADY_EXISTS about the resource of this name; NameTaken where the name cannot be given a second time.
absl::Status AlreadyExists(std::string_view resource, std::string_view message);
absl::Status NameTaken(std::string_view resource);
// ALREADY_EXISTS: the line `commitment` has this section and number.
absl::Status NumberTaken(std::string_view commitment, std::string_view number);

// FAILED_PRECONDITION with a PreconditionFailure about `resource`.
absl::Status FailedPrecondition(std::string_view reason, std::string_view resource, std::string_view message);

// ABORTED: the etag that was given is not the current one, which the metadata carries.
absl::Status StaleEtag(std::string_view resource, std::string_view current_etag);

// UNAVAILABLE with a RetryInfo: the database cannot be reached now.
absl::Status DatabaseUnavailable();

// CANCELLED: nobody reads this one.
absl::Status ClientGone();

// RESOURCE_EXHAUSTED with a RetryInfo: the database has no room on its disk; nothing was changed.
absl::Status DatabaseFull();

// Tells in a RetryInfo after how long the call may be made again.
void SetRetryDelay(absl::Status& status, int64_t seconds);

// The google.rpc message of type `T` in `status`, or a default one.
template <typename T>
T Detail(const absl::Status& status) {
  T detail;
  const auto payload = status.GetPayload("type.googleapis.com/" + T::descriptor()->full_name());
  if (payload.has_value()) detail.ParseFromString(std::string(*payload));
  return detail;
}

template <typename T>
void SetDetail(absl::Status& status, const T& detail) {
  status.SetPayload("type.googleapis.com/" + T::descriptor()->full_name(), absl::Cord(detail.SerializeAsString()));
}

}  // namespace almanac::db
