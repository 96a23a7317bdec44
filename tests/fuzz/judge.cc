#include "tests/fuzz/judge.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"
#include "tests/fuzz/texts.h"

namespace almanac::fuzz {
namespace {

constexpr absl::string_view kDatabaseWords[] = {
    "ERROR:",
    "DETAIL:",
    "SQLSTATE",
    "pqxx",
    "syntax error at or near",
    "syntax error in ts",
    "database error",
    "invalid input syntax",
    "invalid byte sequence",
    "out of range for type",
    "operator does not exist",
    "violates check constraint",
};

// Whether a client of any language can read all of it: protobuf parses no text that is not UTF-8.
bool IsReadable(const grpc::Status& status) {
  google::rpc::Status details;
  if (ToUtf8(status.error_message()) != status.error_message() || !details.ParseFromString(status.error_details())) {
    return false;
  }
  return std::all_of(details.details().begin(), details.details().end(), [](const google::protobuf::Any& detail) {
    const std::string& url = detail.type_url();
    const auto* type =
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(url.substr(url.rfind('/') + 1));
    if (type == nullptr) return false;
    const std::unique_ptr<google::protobuf::Message> message(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
    return message->ParseFromString(detail.value());
  });
}

}  // namespace

std::string ComplaintAbout(const grpc::Status& status, bool may_wait) {
  const bool has_waited = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
                          (status.error_code() == grpc::StatusCode::UNAVAILABLE &&
                           absl::StrContains(status.error_details(), "REVISION_NOT_REACHED"));
  if (may_wait && has_waited) return "";
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      break;
    default:
      return absl::StrCat("the status is ", CodeName(status.error_code()));
  }
  if (!IsReadable(status)) return "the status or a detail of it is no UTF-8";
  for (const absl::string_view words : kDatabaseWords) {
    if (absl::StrContains(status.error_message(), words) || absl::StrContains(status.error_details(), words)) {
      return absl::StrCat("the status has the database's words \"", words, "\"");
    }
  }
  return "";
}

std::string CodeName(grpc::StatusCode code) { return absl::StatusCodeToString(static_cast<absl::StatusCode>(code)); }

}  // namespace almanac::fuzz
