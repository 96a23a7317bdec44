#pragma once

#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <string>

#include "tests/integration/harness.h"

namespace almanac::testing {

// Holds every reader of the change log up until it commits. The head can still be read.
class LogLock {
 public:
  explicit LogLock(const std::string& url) : connection_(url), work_(connection_) {
    work_.exec("lock table changes in access exclusive mode");
  }
  // Waits until somebody waits for the lock.
  static void AwaitReader(const TestDatabase& database) {
    const std::string waiting =
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    EXPECT_TRUE(Eventually([&] { return database.Sql(waiting).front() != "0"; }));
  }
  // Runs `sql` and lets go.
  void Commit(const std::string& sql = "select 1") {
    work_.exec(sql);
    work_.commit();
  }

 private:
  pqxx::connection connection_;
  pqxx::work work_;
};

// SQL that takes the changes up to `revision` out of the log, as retention does, and leaves their summaries.
inline std::string CompactSql(int64_t revision) {
  const std::string limit = std::to_string(revision);
  return "insert into change_summaries (resource, revision, change_time, actor, request_id, kind, type, changed_fields,"
         "                              last_of_write)"
         " select resource, revision, change_time, actor, request_id, kind, type, changed_fields, last_of_write"
         " from changes where revision <= " +
         limit + "; delete from changes where revision <= " + limit + "; update head set compacted_revision = " + limit;
}

}  // namespace almanac::testing
