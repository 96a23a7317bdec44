#include "client/errors.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "client/text_width.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace almanac::client {
namespace {

constexpr char kUsageUrl[] = "almanac/usage";
constexpr char kInterruptedUrl[] = "almanac/interrupted";
constexpr char kDetailsUrl[] = "almanac/details";

google::rpc::Status DetailsOf(const absl::Status& status) {
  google::rpc::Status details;
  if (const absl::optional<absl::Cord> payload = status.GetPayload(kDetailsUrl)) {
    details.ParseFromString(std::string(*payload));
  }
  return details;
}

void CopyPayloads(const absl::Status& from, absl::Status& to) {
  from.ForEachPayload([&to](absl::string_view url, const absl::Cord& payload) { to.SetPayload(url, payload); });
}

std::string WithoutServer(std::string_view server, std::string_view why) {
  return absl::StrCat("no connection to ", std::string(server), ": ", PlainCause(why),
                      "\n  start almanacd there, or name another server with --server HOST:PORT or ALMANAC_SERVER");
}

}  // namespace

std::string PlainCause(std::string_view message) {
  constexpr std::string_view kAllAddresses = "failed to connect to all addresses; last error: ";
  constexpr std::string_view kRemoteHost = "Failed to connect to remote host: ";
  if (const size_t at = message.rfind(kRemoteHost); at != std::string_view::npos) {
    message.remove_prefix(at + kRemoteHost.size());
  } else if (message.rfind(kAllAddresses, 0) == 0) {
    message.remove_prefix(kAllAddresses.size());
  }
  return std::string(message);
}

absl::Status UsageError(std::string_view message) {
  absl::Status status = absl::InvalidArgumentError({message.data(), message.size()});
  status.SetPayload(kUsageUrl, absl::Cord());
  return status;
}

absl::Status InterruptedError(std::string_view message) {
  absl::Status status = absl::CancelledError({message.data(), message.size()});
  status.SetPayload(kInterruptedUrl, absl::Cord());
  return status;
}

absl::Status FromGrpc(const grpc::Status& status, std::string_view server) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  std::string message = status.error_message();
  if (status.error_details().empty() && code == absl::StatusCode::kUnavailable) {
    message = WithoutServer(server, message);
  } else if (status.error_details().empty() && code == absl::StatusCode::kDeadlineExceeded) {
    message = absl::StrCat("no answer from ", std::string(server), " in time\n  allow more with --timeout");
  } else if (code == absl::StatusCode::kUnimplemented) {
    absl::StrAppend(&message, "\n  the server does not know this call: is it an almanacd of this version?");
  } else if (message.empty()) {
    message = absl::StrCat("the server answered ", absl::StatusCodeToString(code), " and said no more");
  }
  absl::Status result(code, message);
  if (!status.error_details().empty()) result.SetPayload(kDetailsUrl, absl::Cord(status.error_details()));
  return result;
}

std::string ReasonOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  const google::rpc::Status details = DetailsOf(status);
  for (const google::protobuf::Any& any : details.details()) {
    if (any.UnpackTo(&info)) return info.reason();
  }
  return "";
}

bool IsAbout(const absl::Status& status, std::string_view field) {
  google::rpc::BadRequest bad;
  const google::rpc::Status details = DetailsOf(status);
  for (const google::protobuf::Any& any : details.details()) {
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      if (violation.field() == field) return true;
    }
  }
  return false;
}

absl::Status RenameFields(const absl::Status& status, const std::function<std::string(const std::string&)>& rename) {
  google::rpc::Status details = DetailsOf(status);
  std::string message(status.message());
  for (google::protobuf::Any& any : *details.mutable_details()) {
    google::rpc::BadRequest bad;
    if (!any.UnpackTo(&bad)) continue;
    for (auto& violation : *bad.mutable_field_violations()) {
      const std::string renamed = rename(violation.field());
      if (!violation.field().empty()) message = absl::StrReplaceAll(message, {{violation.field(), renamed}});
      violation.set_field(renamed);
    }
    any.PackFrom(bad);
  }
  absl::Status result(status.code(), message);
  CopyPayloads(status, result);
  if (!details.details().empty()) result.SetPayload(kDetailsUrl, absl::Cord(details.SerializeAsString()));
  return result;
}

absl::Status AddLine(const absl::Status& status, std::string_view line) {
  absl::Status result(status.code(), absl::StrCat(status.message(), "\n  ", std::string(line)));
  CopyPayloads(status, result);
  return result;
}

ExitCode ExitCodeOf(const absl::Status& status) {
  if (status.GetPayload(kUsageUrl).has_value()) return kUsage;
  if (status.GetPayload(kInterruptedUrl).has_value()) return kInterrupted;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kNotFound:
      return kNotFound;
    case absl::StatusCode::kAborted:
      return kConflict;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kUnavailable;
    default:
      return kRefused;
  }
}

std::string Explain(const absl::Status& status) {
  std::string text(status.message());
  const std::string reason = ReasonOf(status);
  if (!reason.empty()) absl::StrAppend(&text, " [", reason, "]");
  google::rpc::BadRequest bad;
  google::rpc::PreconditionFailure failure;
  const google::rpc::Status details = DetailsOf(status);
  // A single violation usually is the message itself; it is not told twice.
  const auto append = [&text](const std::string& subject, const std::string& description) {
    const bool told = text.find(description) != std::string::npos && text.find(subject) != std::string::npos;
    if (!told) absl::StrAppend(&text, "\n  ", subject, subject.empty() ? "" : ": ", description);
  };
  for (const google::protobuf::Any& any : details.details()) {
    if (any.UnpackTo(&bad)) {
      for (const auto& violation : bad.field_violations()) append(violation.field(), violation.description());
    } else if (any.UnpackTo(&failure)) {
      for (const auto& violation : failure.violations()) append(violation.subject(), violation.description());
    }
  }
  return absl::StrJoin(absl::StrSplit(text, '\n'), "\n", [](std::string* out, absl::string_view line) {
    *out += OneLine({line.data(), line.size()});
  });
}

}  // namespace almanac::client
