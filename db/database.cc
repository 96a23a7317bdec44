#include "db/database.h"

#include <spdlog/spdlog.h>

#include <limits>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "db/change_log.h"
#include "db/committer.h"
#include "db/driver_errors.h"
#include "db/errors.h"
#include "db/migrations.h"
#include "db/read_gate.h"
#include "db/readers.h"

namespace almanac::db {
namespace {

constexpr Statement kHasMigrations{"select to_regclass('schema_migrations') is not null"};

constexpr Statement kVersion{"select coalesce(max(version), 0) from schema_migrations"};

// For lanes whose users wait for one read before they ask for the next, so that no more of them do any work than there
// are users: one feed, and the watchers, whose number is bounded.
constexpr size_t kUnbounded = std::numeric_limits<size_t>::max();

// How long a copy may take at the start to come to a schema that was made just now.
constexpr absl::Duration kCopyPatience = absl::Seconds(10);

// The head of a database that has the schema of this program.
absl::StatusOr<Head> CheckSchema(Transaction& transaction) {
  const int wanted = Migrations().back().version;
  const Rows known = transaction.Exec(kHasMigrations);
  const int64_t found = known[0].Bool() ? transaction.Exec(kVersion)[0].Int() : 0;
  if (found == wanted) return ReadHead(transaction);
  return Error(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION",
               absl::StrCat("the database has schema version ", found, ", this program needs ", wanted,
                            found < wanted ? "; run `almanacd migrate` first" : "; run a newer almanacd"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(Options options) {
  const bool has_copy = !options.read_url.empty();
  std::unique_ptr<Database> database(new Database(std::move(options)));
  const absl::StatusOr<Head> head = database->ReadAndWait<Head>(CheckSchema, Lane::kHead);
  if (!head.ok()) return head.status();
  if (!has_copy) return database;
  if (absl::Status copy = database->CheckCopy(*head); !copy.ok()) return copy;
  return database;
}

absl::Status Database::CheckCopy(const Head& head) {
  const absl::Time give_up = absl::Now() + kCopyPatience;
  while (true) {
    const absl::StatusOr<Head> copy = ReadAndWait<Head>(CheckSchema);
    if (absl::IsUnavailable(copy.status())) {
      spdlog::warn("the copy to read from cannot be reached; reads fail until it can");
      return absl::OkStatus();
    }
    if (copy.ok() && copy->catalogue_id == head.catalogue_id) return absl::OkStatus();
    if (copy.ok()) {
      return Error(absl::StatusCode::kFailedPrecondition, "READ_DATABASE_MISMATCH",
                   "the database to read from holds another catalogue; it must be a copy of the one to write to");
    }
    if (absl::Now() > give_up) {
      return Error(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION",
                   absl::StrCat("the copy to read from has not followed: ", copy.status().message()));
    }
    absl::SleepFor(absl::Milliseconds(100));
  }
}

Database::Database(Options options) {
  const bool has_copy = !options.read_url.empty();
  const auto add_lane = [&](Lane lane, const std::string& url, int connections, size_t max_queue) {
    readers_[lane] = std::make_unique<Readers>(url, connections, max_queue, options.statement_timeout,
                                               lane == Lane::kSearches ? Planning::kEachTime : Planning::kOnce);
  };
  const std::string& read_url = has_copy ? options.read_url : options.url;
  add_lane(Lane::kRequests, read_url, options.read_connections, options.max_queue);
  add_lane(Lane::kSearches, read_url, options.search_connections, options.max_queue);
  add_lane(Lane::kFeed, options.url, 1, kUnbounded);
  add_lane(Lane::kCatchUp, options.url, 2, kUnbounded);
  add_lane(Lane::kUpkeep, options.url, 1, options.max_queue);
  add_lane(Lane::kStatus, options.url, 1, options.max_queue);
  add_lane(Lane::kHead, options.url, 1, kUnbounded);
  for (const Lane lane : {Lane::kRequests, Lane::kSearches}) {
    gates_[lane] = std::make_unique<ReadGate>(*readers_[lane], has_copy ? readers_[Lane::kHead].get() : nullptr,
                                              options.max_queue);
  }
  committer_ = std::make_unique<Committer>(std::move(options), [this] {
    absl::MutexLock lock(&on_commit_mutex_);
    if (on_commit_) on_commit_();
  });
}

void Database::OnCommit(absl::AnyInvocable<void()> on_commit) {
  absl::MutexLock lock(&on_commit_mutex_);
  on_commit_ = std::move(on_commit);
}

Database::~Database() {
  for (const auto& [lane, gate] : gates_) gate->Stop();
}

void Database::ReadTask(Lane lane, ReadFn fn, ReadDone done) { readers_.at(lane)->Run(std::move(fn), std::move(done)); }

void Database::GatedReadTask(ReadContext context, ReadFn fn, ReadDone done) {
  ReadGate& gate = *gates_.at(context.lane);
  gate.Run(std::move(context), std::move(fn), std::move(done));
}

void Database::WriteTask(WriteContext context, absl::AnyInvocable<Bytes(WriteTransaction&)> fn,
                         absl::AnyInvocable<void(Bytes)> done) {
  committer_->Add({std::move(context), std::move(fn), std::move(done), std::nullopt});
}

}  // namespace almanac::db
