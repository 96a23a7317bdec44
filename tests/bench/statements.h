#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace almanac::bench {

// A statement as PostgreSQL received it.
struct Statement {
  // With $1, $2, … for the parameters.
  std::string sql;
  // As SQL literals.
  std::vector<std::string> parameters;
};

// What to put in place of a parameter that has a certain literal.
struct Substitution {
  std::string literal;
  std::string replacement;
};

// Reads the statements of a program off the server's own log, so that what pgbench runs cannot drift from it.
class StatementLog {
 public:
  // `database_url` is a superuser's; `log_file` is where the cluster logs, with the log_line_prefix '%p '.
  StatementLog(std::string database_url, std::string log_file);

  // Runs `action` with all statements logged. Returns those of the one session whose statements include
  // `distinctive`, from the last `begin` on if it has transactions; an error if there is no such session.
  absl::StatusOr<std::vector<Statement>> Record(const std::string& distinctive,
                                                const std::function<absl::Status()>& action);

 private:
  const std::string database_url_;
  const std::string log_file_;
};

// The statement with its parameters in place, substituted where a literal is listed.
std::string Inline(const Statement& statement, const std::vector<Substitution>& substitutions = {});

}  // namespace almanac::bench
