// The history of one resource.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "client/moment.h"
#include "client/program.h"

namespace almanac::client {

// What `history` takes besides the name.
struct HistoryFlags {
  v1::ListChangesRequest request;
  SpanFlags span;
  int64_t limit = std::numeric_limits<int64_t>::max();

  // This object must outlive `command`.
  void AddTo(CLI::App& command);
};

// Prints the changes of the resource of this whole name and kind, the oldest first, with what is left of those that are
// no longer in the log.
absl::Status PrintHistory(Session& session, const std::string& name, v1::ResourceKind kind, const HistoryFlags& flags);

}  // namespace almanac::client
