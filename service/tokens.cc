#include "service/tokens.h"

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "db/errors.h"
#include "service/hashing.h"

namespace almanac::service {
namespace {

// Separates the parts of a token; no part holds it.
constexpr char kSeparator = '\x1f';
constexpr absl::string_view kPageMark = "p1";
constexpr absl::string_view kResumeMark = "r1";
constexpr size_t kMaxToken = 1000;

std::vector<std::string> Decode(std::string_view token) {
  std::string text;
  if (token.size() > kMaxToken || !absl::WebSafeBase64Unescape(absl::string_view(token.data(), token.size()), &text)) {
    return {};
  }
  return absl::StrSplit(text, kSeparator);
}

absl::Status ForeignPageToken() {
  return db::InvalidField("page_token",
                          "is not the next_page_token of a request like this one; begin again without a token");
}

}  // namespace

std::string PageBinding(const google::protobuf::Message& list_request) {
  const std::unique_ptr<google::protobuf::Message> bound(list_request.New());
  bound->CopyFrom(list_request);
  for (const char* name : {"page_size", "page_token", "consistency", "include_total_size"}) {
    const auto* field = bound->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) bound->GetReflection()->ClearField(bound.get(), field);
  }
  return Fingerprint(*bound);
}

std::string MakePageToken(std::string_view binding, const std::vector<std::string>& position) {
  return absl::WebSafeBase64Escape(
      absl::StrJoin({std::string(kPageMark), std::string(binding), absl::StrJoin(position, std::string(1, kSeparator))},
                    std::string(1, kSeparator)));
}

absl::StatusOr<std::vector<std::string>> ReadPageToken(std::string_view token, std::string_view binding, size_t size) {
  if (token.empty()) return std::vector<std::string>();
  std::vector<std::string> parts = Decode(token);
  if (parts.size() != size + 2 || parts[0] != kPageMark || parts[1] != binding) return ForeignPageToken();
  parts.erase(parts.begin(), parts.begin() + 2);
  return parts;
}

std::string MakeResumeToken(const ResumeToken& token) {
  return absl::WebSafeBase64Escape(
      absl::StrJoin({std::string(kResumeMark), token.catalogue_id, absl::StrCat(token.epoch),
                     absl::StrCat(token.revision), token.filter_binding},
                    std::string(1, kSeparator)));
}

absl::StatusOr<ResumeToken> ReadResumeToken(std::string_view token) {
  const std::vector<std::string> parts = Decode(token);
  ResumeToken read;
  if (parts.size() != 5 || parts[0] != kResumeMark || !absl::SimpleAtoi(parts[2], &read.epoch) ||
      !absl::SimpleAtoi(parts[3], &read.revision) || read.revision < 0) {
    return db::InvalidField("resume_token", "is not a token of a watch; start from a revision or a snapshot instead");
  }
  read.catalogue_id = parts[1];
  read.filter_binding = parts[4];
  return read;
}

}  // namespace almanac::service
