#include "tests/bench/statements.h"

#include <fstream>
#include <map>
#include <optional>
#include <pqxx/pqxx>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace almanac::bench {
namespace {

// How long all sessions may take to notice a changed setting.
constexpr absl::Duration kReload = absl::Milliseconds(500);

void Set(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  work.exec("alter system " + sql);
  work.exec("select pg_reload_conf()");
}

// Splits "$1 = 'it''s', $2 = NULL" into the literals.
std::vector<std::string> ReadParameters(absl::string_view text) {
  std::vector<std::string> literals;
  while (!text.empty()) {
    const size_t equals = text.find(" = ");
    if (equals == absl::string_view::npos) break;
    text.remove_prefix(equals + 3);
    size_t end = 0;
    if (text[0] == '\'') {
      for (end = 1; end < text.size(); ++end) {
        if (text[end] != '\'') continue;
        if (end + 1 == text.size() || text[end + 1] != '\'') break;
        ++end;
      }
      ++end;
    } else {
      end = std::min(text.find(','), text.size());
    }
    literals.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end, text.size()));
  }
  return literals;
}

using Sessions = std::map<std::string, std::vector<Statement>>;

// Reads lines of the form "PID LOG:  execute NAME: SQL", "PID LOG:  statement: SQL" and
// "PID DETAIL:  parameters: …".
Sessions ReadLog(std::istream& log) {
  Sessions sessions;
  for (std::string line; std::getline(log, line);) {
    absl::string_view rest = line;
    const size_t space = rest.find(' ');
    if (space == absl::string_view::npos) continue;
    std::vector<Statement>& session = sessions[std::string(rest.substr(0, space))];
    rest.remove_prefix(space + 1);
    if (absl::ConsumePrefix(&rest, "DETAIL:  parameters: ") && !session.empty()) {
      session.back().parameters = ReadParameters(rest);
    } else if (absl::ConsumePrefix(&rest, "LOG:  statement: ")) {
      session.push_back({std::string(rest), {}});
    } else if (absl::ConsumePrefix(&rest, "LOG:  execute ")) {
      session.push_back({std::string(rest.substr(rest.find(": ") + 2)), {}});
    }
  }
  return sessions;
}

bool Begins(const Statement& statement) { return absl::StartsWithIgnoreCase(statement.sql, "begin"); }

}  // namespace

StatementLog::StatementLog(std::string database_url, std::string log_file)
    : database_url_(std::move(database_url)), log_file_(std::move(log_file)) {}

absl::StatusOr<std::vector<Statement>> StatementLog::Record(const std::string& distinctive,
                                                            const std::function<absl::Status()>& action) {
  std::ifstream log(log_file_, std::ios::ate);
  Set(database_url_, "set log_statement = 'all'");
  absl::SleepFor(kReload);
  const absl::Status done = action();
  Set(database_url_, "reset log_statement");
  absl::SleepFor(kReload);
  if (!done.ok()) return done;
  for (auto& [pid, statements] : ReadLog(log)) {
    const auto has = [&](const Statement& statement) { return absl::StrContains(statement.sql, distinctive); };
    if (std::none_of(statements.begin(), statements.end(), has)) continue;
    const auto begin = std::find_if(statements.rbegin(), statements.rend(), Begins);
    if (begin != statements.rend()) statements.erase(statements.begin(), begin.base() - 1);
    return statements;
  }
  return absl::NotFoundError(
      absl::StrCat("the log of PostgreSQL, ", log_file_, ", shows no statement with \"", distinctive, "\""));
}

std::string Inline(const Statement& statement, const std::vector<Substitution>& substitutions) {
  std::string sql;
  for (size_t i = 0; i < statement.sql.size(); ++i) {
    if (statement.sql[i] != '$') {
      sql.push_back(statement.sql[i]);
      continue;
    }
    size_t number = 0;
    while (i + 1 < statement.sql.size() && absl::ascii_isdigit(statement.sql[i + 1])) {
      number = 10 * number + (statement.sql[++i] - '0');
    }
    std::string value = statement.parameters.at(number - 1);
    for (const Substitution& substitution : substitutions) {
      if (value == substitution.literal) {
        value = substitution.replacement;
        break;
      }
    }
    absl::StrAppend(&sql, value);
  }
  return sql;
}

}  // namespace almanac::bench
