#include "db/database.h"

#include <limits>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "db/change_log.h"
#include "db/committer.h"
#include "db/driver_errors.h"
#include "db/errors.h"
#include "db/migrations.h"
#include "db/readers.h"

namespace almanac::db {
namespace {

constexpr Statement kHasMigrations{"select to_regclass('schema_migrations') is not null"};

constexpr Statement kVersion{"select coalesce(max(version), 0) from schema_migrations"};

// For lanes whose users wait for one read before they ask for the next, so that they are as long as there are users:
// one feed, and the watchers, whose number is bounded.
constexpr size_t kUnbounded = std::numeric_limits<size_t>::max();

absl::StatusOr<std::string> CheckSchema(Transaction& transaction) {
  const int wanted = Migrations().back().version;
  const Rows known = transaction.Exec(kHasMigrations);
  const int64_t found = known[0].Bool() ? transaction.Exec(kVersion)[0].Int() : 0;
  if (found == wanted) return "";
  return Error(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION",
               absl::StrCat("the database has schema version ", found, ", this program needs ", wanted,
                            found < wanted ? "; run `almanacd migrate` first" : "; run a newer almanacd"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(Options options) {
  std::unique_ptr<Database> database(new Database(std::move(options)));
  const absl::StatusOr<std::string> checked = database->ReadAndWait<std::string>(CheckSchema);
  if (!checked.ok()) return checked.status();
  return database;
}

Database::Database(Options options) {
  const auto add_lane = [&](Lane lane, int connections, size_t max_queue) {
    readers_[lane] = std::make_unique<Readers>(options.url, connections, max_queue, options.statement_timeout);
  };
  add_lane(Lane::kRequests, options.read_connections, options.max_queue);
  add_lane(Lane::kFeed, 1, kUnbounded);
  add_lane(Lane::kCatchUp, 2, kUnbounded);
  add_lane(Lane::kUpkeep, 1, kUnbounded);
  committer_ = std::make_unique<Committer>(std::move(options), [this] {
    absl::MutexLock lock(&on_commit_mutex_);
    if (on_commit_) on_commit_();
  });
}

void Database::OnCommit(absl::AnyInvocable<void()> on_commit) {
  absl::MutexLock lock(&on_commit_mutex_);
  on_commit_ = std::move(on_commit);
}

Database::~Database() = default;

void Database::ReadTask(Lane lane, absl::AnyInvocable<absl::Status(Transaction&)> fn,
                        absl::AnyInvocable<void(absl::Status)> done) {
  readers_.at(lane)->Run(std::move(fn), std::move(done));
}

void Database::WriteTask(WriteContext context, absl::AnyInvocable<Bytes(WriteTransaction&)> fn,
                         absl::AnyInvocable<void(Bytes)> done) {
  committer_->Add({std::move(context), std::move(fn), std::move(done), std::nullopt});
}

}  // namespace almanac::db
