#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "almanac/v1/change_service.pb.h"
#include "db/change_log.h"
#include "db/transaction.h"

namespace almanac::service {

// Which part of the log ListChanges is asked for, and where its page begins.
struct ChangeRange {
  std::optional<int64_t> after;  // of the request; none for the oldest
  std::optional<int64_t> up_to;  // none for the head
  db::TimeRange times;
  bool show_compacted = false;
  // Where the page before ended; none for the first.
  std::optional<int64_t> position;
  int limit = 0;
  std::string binding;
};

// Checks all of a request but what Watch has too.
absl::StatusOr<ChangeRange> ToChangeRange(const almanac::v1::ListChangesRequest& request);

// A page is where the revisions are that follow its token: what was compacted meanwhile is then found among the
// summaries, so each revision comes once.
absl::StatusOr<almanac::v1::ListChangesResponse> ReadChangePage(db::Transaction& transaction,
                                                                const db::ChangeFilter& filter,
                                                                const ChangeRange& range);

}  // namespace almanac::service
