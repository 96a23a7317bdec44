#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "almanac/v1/change_service.pb.h"
#include "db/transaction.h"

// How long the log is, and what becomes too old for it. The log is kept in partitions, which leave it whole.
namespace almanac::db {

// Takes the oldest partition out of the log if all its changes are beyond either limit of `policy`; never the newest.
// What is left of the changes is their summaries. Returns the last revision that was taken out, 0 if there is nothing
// to do or another server does it. ABORTED if somebody holds the log for long, such as a backup: to be tried again
// later.
absl::StatusOr<int64_t> CompactLog(Transaction& transaction, const almanac::v1::RetentionPolicy& policy);

// What the log takes on disk, with its indexes.
int64_t ReadLogBytes(Transaction& transaction);

// When the oldest change of the log was made, if there is one.
std::optional<google::protobuf::Timestamp> ReadOldestChangeTime(Transaction& transaction);

}  // namespace almanac::db
