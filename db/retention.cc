#include "db/retention.h"

#include <google/protobuf/util/time_util.h>

#include "db/errors.h"

namespace almanac::db {
namespace {

// $1 in microseconds; either limit may be null. The times of changes never go back, so the last one is the youngest.
constexpr Statement kOldestToGo{
    "select last_revision from change_partitions cross join head"
    " where last_revision = (select min(last_revision) from change_partitions) and last_revision < head.revision"
    " and (last_revision <= head.revision - $2::bigint"
    "      or (select change_time from changes where revision = last_revision)"
    "         <= catalogue_now() - $1::bigint * interval '1 microsecond')"};

constexpr Statement kSummarize{"select summarize_changes($1, $2)"};

// So few that they take a fraction of a second, also where nothing is in memory: others wait for the connection.
constexpr int kSummariesAtOnce = 4096;

constexpr Statement kCompact{"select compact_changes($1)"};

constexpr Statement kLogBytes{
    "select coalesce(sum(pg_total_relation_size(relid)), 0)::bigint from pg_partition_tree('changes')"};

constexpr Statement kOldestChangeTime{"select micros(change_time) from changes order by revision limit 1"};

}  // namespace

absl::StatusOr<CompactionStep> CompactLog(Transaction& transaction, const almanac::v1::RetentionPolicy& policy) {
  using google::protobuf::util::TimeUtil;
  const Param max_age = policy.has_max_age() ? Param(TimeUtil::DurationToMicroseconds(policy.max_age())) : std::nullopt;
  const Param max_changes = policy.max_changes() > 0 ? Param(policy.max_changes()) : std::nullopt;
  const Rows oldest = transaction.Exec(kOldestToGo, {max_age, max_changes});
  if (oldest.empty()) return CompactionStep();
  const int64_t last_revision = oldest[0].Int();
  if (!transaction.Exec(kSummarize, {last_revision, kSummariesAtOnce})[0].Bool()) {
    return CompactionStep{.has_more = true};
  }
  const Rows compacted = transaction.Exec(kCompact, {last_revision});
  if (compacted[0].Null()) {
    return Error(absl::StatusCode::kAborted, "LOG_IN_USE",
                 "somebody holds the change log for long, such as a backup, so that nothing can be taken out of it");
  }
  const bool is_done = compacted[0].Bool();
  return CompactionStep{.has_more = is_done, .compacted = is_done ? last_revision : 0};
}

int64_t ReadLogBytes(Transaction& transaction) { return transaction.Exec(kLogBytes)[0].Int(); }

std::optional<google::protobuf::Timestamp> ReadOldestChangeTime(Transaction& transaction) {
  const Rows rows = transaction.Exec(kOldestChangeTime);
  if (rows.empty()) return std::nullopt;
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(rows[0].Int());
}

}  // namespace almanac::db
