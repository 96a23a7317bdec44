#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "almanac/v1/change_service.pb.h"
#include "db/transaction.h"

// How long the log is, and what becomes too old for it. The log is kept in partitions, which leave it whole.
namespace almanac::db {

// What a step of compaction has come to.
struct CompactionStep {
  // Whether there is more to do at once.
  bool has_more = false;
  // The last revision that was taken out of the log; 0 if none was.
  int64_t compacted = 0;
};

// A step towards taking the oldest partition out of the log, if all its changes are beyond either limit of `policy`;
// never the newest. Some thousand of them get the summaries that are to be left of them; once all have theirs, the
// partition is taken out. Nothing is left to do where another server does it. ABORTED if somebody holds the log for
// long, such as a backup: to be tried again later.
absl::StatusOr<CompactionStep> CompactLog(Transaction& transaction, const almanac::v1::RetentionPolicy& policy);

// What the log takes on disk, with its indexes.
int64_t ReadLogBytes(Transaction& transaction);

// When the oldest change of the log was made, if there is one.
std::optional<google::protobuf::Timestamp> ReadOldestChangeTime(Transaction& transaction);

}  // namespace almanac::db
