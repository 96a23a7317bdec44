#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "db/retention.h"
#include "tests/integration/watch_stream.h"

namespace almanac::testing {

inline almanac::v1::RetentionPolicy Newest(int64_t max_changes) {
  almanac::v1::RetentionPolicy policy;
  policy.set_max_changes(max_changes);
  return policy;
}

inline almanac::v1::RetentionPolicy Younger(absl::Duration max_age) {
  almanac::v1::RetentionPolicy policy;
  policy.mutable_max_age()->set_seconds(absl::ToInt64Seconds(max_age));
  return policy;
}

// A catalogue whose log has small partitions, and a server that takes nothing out of it unless a test asks.
class RetentionFixture : public ServiceTest {
 protected:
  explicit RetentionFixture(int partition_size = 10) { database_.SetPartitionSize(partition_size); }

  // Writes, one by one, until the head is at `revision`.
  void WriteUpTo(int64_t revision) {
    if (head_ == 0 && revision > 0) head_ = AddPublisher().revision();
    while (head_ < revision && !HasFailure()) head_ = AddDataset(absl::StrCat("d", head_ + 1)).revision();
  }

  // Takes the oldest partition out if `policy` lets it go, by as many steps of db::CompactLog as that takes. Returns
  // the last revision that was taken out, else 0.
  static absl::StatusOr<int64_t> Compact(db::Database& database, const almanac::v1::RetentionPolicy& policy) {
    absl::StatusOr<db::CompactionStep> step;
    do {
      step = database.ReadAndWait<db::CompactionStep>(
          [policy](db::Transaction& transaction) { return db::CompactLog(transaction, policy); }, db::Lane::kUpkeep);
    } while (step.ok() && step->has_more && step->compacted == 0);
    if (!step.ok()) return step.status();
    return step->compacted;
  }
  int64_t Compact(const almanac::v1::RetentionPolicy& policy) {
    const absl::StatusOr<int64_t> compacted = Compact(server_.database(), policy);
    EXPECT_TRUE(compacted.ok()) << compacted.status();
    return compacted.value_or(-1);
  }

  // What must be true at any time: each revision is in the log, from the oldest on, or a summary; summaries are dense
  // from the first revision on; the partitions are those that are written down. In one statement, so that it sees one
  // moment.
  static void CheckWhole(const std::string& url) {
    EXPECT_EQ(
        RunSql(url,
               "select concat_ws(' ', (select count(*) from changes) = revision - compacted_revision,"
               " (select coalesce(min(revision), 1) from changes) = compacted_revision + 1,"
               " (select count(*) from change_summaries) between compacted_revision and revision,"
               " (select coalesce(max(revision), 0) = count(*) from change_summaries),"
               " (select count(distinct revision) = count(*) from change_summaries),"
               " (select coalesce(min(first_revision), 1) from change_partitions) = compacted_revision + 1,"
               " (select coalesce(array_agg('changes_' || first_revision order by first_revision), '{}')"
               "  from change_partitions) = (select coalesce(array_agg(relname::text order by substr(relname, 9)::int),"
               "  '{}') from pg_class where relkind = 'r' and relname ~ '^changes_'))"
               " from head")
            .front(),
        "t t t t t t t");
  }

  std::string Sql(const std::string& sql) { return database_.Sql(sql).front(); }

  almanac::v1::GetStatusResponse GetStatus(Client& client) {
    return Call(client.changes.get(), &almanac::v1::ChangeService::Stub::GetStatus, almanac::v1::GetStatusRequest());
  }

  int64_t head_ = 0;
};

// The oldest revision that a REVISION_COMPACTED names; fails the test if the status is another.
inline int64_t OldestIn(const grpc::Status& status) {
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE) << status.error_message();
  EXPECT_EQ(ReasonOf(status), "REVISION_COMPACTED") << status.error_message();
  const auto metadata = DetailOf<google::rpc::ErrorInfo>(status).metadata();
  return metadata.contains("oldest_revision") ? std::stoll(metadata.at("oldest_revision")) : -1;
}

}  // namespace almanac::testing
