#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Opaque tokens: where a list or a stream goes on. They are not secret; whoever forges one sees no more than he may.
namespace almanac::service {

// What a page token is bound to: the type and the content of a list request but for its page_size, its page_token, its
// consistency and its include_total_size, which may differ from page to page.
std::string PageBinding(const google::protobuf::Message& list_request);

std::string MakePageToken(std::string_view binding, const std::vector<std::string>& position);

// The position in `token`, which has `size` parts; empty for an empty token. INVALID_ARGUMENT if the token is none of
// ours or bound to another request.
absl::StatusOr<std::vector<std::string>> ReadPageToken(std::string_view token, std::string_view binding, size_t size);

// Where a watcher is.
struct ResumeToken {
  std::string catalogue_id;
  int64_t epoch = 0;
  int64_t revision = 0;
  // Of the watcher's filter; see PageBinding for the like.
  std::string filter_binding;
};

std::string MakeResumeToken(const ResumeToken& token);

// INVALID_ARGUMENT about `resume_token` if it is none of ours.
absl::StatusOr<ResumeToken> ReadResumeToken(std::string_view token);

}  // namespace almanac::service
