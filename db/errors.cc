#include "db/errors.h"

#include <unicode/utf8.h>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace almanac::db {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

constexpr size_t kMaxMessageBytes = 800;
constexpr size_t kMaxDescriptionBytes = 300;
constexpr size_t kMaxViolationsBytes = 2000;
constexpr char kMoreIsWrong[] = "and more is wrong from here on; correct the fields before this one first";

void SetResource(absl::Status& status, std::string_view resource, std::string_view description) {
  google::rpc::ResourceInfo info;
  info.set_resource_name(std::string(resource));
  info.set_description(Excerpt(description, kMaxMessageBytes));
  SetDetail(status, info);
}

absl::Status Taken(std::string_view reason, std::string_view resource, std::string_view message) {
  absl::Status status = Error(absl::StatusCode::kAlreadyExists, reason, message, {{"resource", std::string(resource)}});
  SetResource(status, resource, message);
  return status;
}

}  // namespace

void SetRetryDelay(absl::Status& status, int64_t seconds) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(seconds);
  SetDetail(status, retry);
}

std::string Excerpt(std::string_view text, size_t max_bytes) {
  std::string excerpt;
  for (int64_t at = 0; at < static_cast<int64_t>(text.size());) {
    UChar32 code;
    U8_NEXT_OR_FFFD(text.data(), at, static_cast<int64_t>(text.size()), code);
    char bytes[U8_MAX_LENGTH];
    size_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, code);
    if (excerpt.size() + size > max_bytes) return excerpt + "…";
    excerpt.append(bytes, size);
  }
  return excerpt;
}

absl::Status Error(absl::StatusCode code, std::string_view reason, std::string_view message, Metadata metadata) {
  absl::Status status(code, Excerpt(message, kMaxMessageBytes));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("almanac");
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[std::string(key)] = value;
  SetDetail(status, info);
  return status;
}

absl::Status InvalidFields(const std::vector<FieldFault>& faults) {
  if (faults.empty()) return absl::OkStatus();
  google::rpc::BadRequest request;
  for (const FieldFault& fault : faults) {
    const bool is_full = request.ByteSizeLong() > kMaxViolationsBytes;
    auto* violation = request.add_field_violations();
    violation->set_field(Excerpt(fault.field, kMaxDescriptionBytes));
    violation->set_description(is_full ? kMoreIsWrong : Excerpt(fault.description, kMaxDescriptionBytes));
    if (is_full) break;
  }
  const auto& first = request.field_violations(0);
  absl::Status status = Error(absl::StatusCode::kInvalidArgument, "INVALID_FIELD",
                              absl::StrCat(first.field(), ": ", first.description()));
  SetDetail(status, request);
  return status;
}

absl::Status InvalidField(std::string_view field, std::string_view description) {
  return InvalidFields({{std::string(field), std::string(description)}});
}

absl::Status NotFound(std::string_view resource) {
  const std::string message = absl::StrCat(View(resource), " does not exist");
  absl::Status status =
      Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND", message, {{"resource", std::string(resource)}});
  SetResource(status, resource, message);
  return status;
}

absl::Status AlreadyExists(std::string_view resource, std::string_view message) {
  return Taken("RESOURCE_ALREADY_EXISTS", resource, message);
}

absl::Status NameTaken(std::string_view resource) {
  return AlreadyExists(resource, absl::StrCat(View(resource), " exists already; if it was deleted, undelete it"));
}

absl::Status NumberTaken(std::string_view commitment, std::string_view number) {
  return Taken("NUMBER_TAKEN", commitment,
               absl::StrCat(View(commitment), " has the number ", View(number),
                            " already; choose another, or give that line another first"));
}

absl::Status FailedPrecondition(std::string_view reason, std::string_view resource, std::string_view message) {
  absl::Status status =
      Error(absl::StatusCode::kFailedPrecondition, reason, message, {{"resource", std::string(resource)}});
  google::rpc::PreconditionFailure failure;
  auto* violation = failure.add_violations();
  violation->set_type(std::string(reason));
  violation->set_subject(std::string(resource));
  violation->set_description(Excerpt(message, kMaxMessageBytes));
  SetDetail(status, failure);
  return status;
}

absl::Status StaleEtag(std::string_view resource, std::string_view current_etag) {
  const std::string message =
      absl::StrCat("the etag is stale: ", View(resource), " has changed since; its etag is now ", View(current_etag),
                   ". Read it again, then repeat the change");
  absl::Status status = Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", message,
                              {{"resource", std::string(resource)}, {"etag", std::string(current_etag)}});
  SetResource(status, resource, message);
  return status;
}

absl::Status DatabaseUnavailable() {
  absl::Status status = Error(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE",
                              "the database cannot be reached; nothing was changed. Try again");
  SetRetryDelay(status, 1);
  return status;
}

absl::Status ClientGone() { return Error(absl::StatusCode::kCancelled, "CANCELLED", "the client is gone"); }

absl::Status DatabaseFull() {
  absl::Status status = Error(absl::StatusCode::kResourceExhausted, "DATABASE_FULL",
                              "the database's disk is full; nothing was changed. Its operator must make room; then try "
                              "again");
  SetRetryDelay(status, 30);
  return status;
}

}  // namespace almanac::db
