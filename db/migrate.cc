#include <spdlog/spdlog.h>

#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "db/database.h"
#include "db/driver_errors.h"
#include "db/errors.h"
#include "db/migrations.h"

namespace almanac::db {
namespace {

// "almanac" in ASCII, as the key of the advisory lock that migrating holds.
constexpr int64_t kLockKey = 0x616c6d616e6163;

absl::Status Apply(pqxx::connection& connection, const Migration& migration) {
  try {
    pqxx::work work(connection);
    work.exec(migration.sql);
    work.exec(absl::StrCat("insert into schema_migrations (version, name) values (", migration.version, ", ",
                           work.quote(migration.name), ")"));
    work.commit();
    spdlog::info("applied migration {}", migration.name);
    return absl::OkStatus();
  } catch (const pqxx::sql_error& error) {
    spdlog::error("migration {}: {}", migration.name, error.what());
    return Error(absl::StatusCode::kInternal, "MIGRATION_FAILED",
                 absl::StrCat("migration ", migration.name, " failed and was rolled back: ", error.what()));
  }
}

}  // namespace

absl::StatusOr<int> Migrate(const std::string& url) {
  try {
    pqxx::connection connection(url);
    {
      pqxx::nontransaction work(connection);
      // Held by the session, so that it outlasts the transaction of each migration and goes with the connection.
      work.exec(absl::StrCat("select pg_advisory_lock(", kLockKey, ")"));
      work.exec("set client_min_messages = warning");
      work.exec(
          "create table if not exists schema_migrations ("
          " version int primary key, name text not null, apply_time timestamptz not null default now())");
    }
    int version = 0;
    {
      pqxx::nontransaction work(connection);
      version = work.exec1("select coalesce(max(version), 0) from schema_migrations")[0].as<int>();
    }
    const int newest = Migrations().back().version;
    if (version > newest) {
      return Error(absl::StatusCode::kFailedPrecondition, "SCHEMA_VERSION",
                   absl::StrCat("the database has schema version ", version, ", newer than this program's ", newest,
                                "; run a newer almanacd"));
    }
    for (const Migration& migration : Migrations()) {
      if (migration.version <= version) continue;
      if (absl::Status status = Apply(connection, migration); !status.ok()) return status;
      version = migration.version;
    }
    return version;
  } catch (const pqxx::broken_connection& error) {
    spdlog::error("cannot connect to the database: {}", error.what());
    return DatabaseUnavailable();
  } catch (const std::exception& error) {
    return FromDriver(error);
  }
}

}  // namespace almanac::db
