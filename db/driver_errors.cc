#include "db/driver_errors.h"

#include <spdlog/spdlog.h>

#include <pqxx/pqxx>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "db/errors.h"
#include "google/rpc/error_details.pb.h"

namespace almanac::db {
namespace {

// The constraints that a well-formed request can violate, and what to tell. The others only guard against ourselves.
struct ConstraintError {
  const char* constraint;
  absl::StatusCode code;
  const char* reason;
  const char* message;
};
constexpr ConstraintError kConstraintErrors[] = {
    {"commitments_section_number", absl::StatusCode::kAlreadyExists, "NUMBER_TAKEN",
     "another line of the plan has this section and number; choose another number, or move the other line first"},
};

}  // namespace

absl::Status FromDriver(const std::exception& error) {
  const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error);
  const std::string state = sql == nullptr ? "" : sql->sqlstate();
  for (const ConstraintError& known : kConstraintErrors) {
    if (state.starts_with("23") && absl::StrContains(error.what(), known.constraint)) {
      return Error(known.code, known.reason, known.message);
    }
  }
  spdlog::error("database error {}: {} [{}]", state, error.what(), sql == nullptr ? "" : sql->query().substr(0, 500));
  if (state == "57014") {
    return Error(absl::StatusCode::kDeadlineExceeded, "STATEMENT_TIMEOUT",
                 "the database took too long; ask for less at once, or try again");
  }
  if (state == "53100") return DatabaseFull();
  // Class 57P and 08: the server or the session is going away. 53: out of memory or connections. 25P03: our session was
  // ended because it idled inside a transaction. 25006: a read-only standby. 40001: a standby would have had to wait
  // too long for the statement with what it has to replay.
  if (state.starts_with("57P") || state.starts_with("08") || state.starts_with("53") || state == "25P03" ||
      state == "25006" || state == "40001") {
    return DatabaseUnavailable();
  }
  return Error(absl::StatusCode::kInternal, "DATABASE_ERROR",
               "the database refused a statement; the server's log says why");
}

absl::Status TooBusy(std::string_view what) {
  absl::Status status =
      Error(absl::StatusCode::kResourceExhausted, "TOO_BUSY",
            absl::StrCat("too many ", absl::string_view(what.data(), what.size()), " wait; try again"));
  SetRetryDelay(status, 1);
  return status;
}

}  // namespace almanac::db
