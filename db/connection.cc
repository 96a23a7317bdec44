#include "db/connection.h"

#include <libpq-fe.h>

#include <pqxx/pqxx>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace almanac::db {
namespace {

// With these, a database whose host vanishes without a word is given up after some 15 seconds instead of hours.
constexpr const char* kTcpSettings[] = {"keepalives_idle=5", "keepalives_interval=3", "keepalives_count=3",
                                        "tcp_user_timeout=10000"};

// What one takes in a session is some 100 kB.
constexpr size_t kMaxQueries = 100;

// `url` with these settings before its own, which win: of several values libpq takes the last.
std::string WithTcpSettings(const std::string& url) {
  if (!absl::StartsWith(url, "postgresql://") && !absl::StartsWith(url, "postgres://")) {
    return absl::StrCat(absl::StrJoin(kTcpSettings, " "), " ", url);
  }
  const std::string settings = absl::StrCat("?", absl::StrJoin(kTcpSettings, "&"));
  // libpq lets a password hold a question mark.
  const size_t host = url.find("://") + 3;
  const size_t mark = url.find_first_of("@/", host);
  const bool has_user = mark != std::string::npos && url[mark] == '@';
  const size_t query = url.find('?', has_user ? mark : host);
  if (query == std::string::npos) return absl::StrCat(url, settings);
  return absl::StrCat(url.substr(0, query), settings, "&", url.substr(query + 1));
}

// Remembers the connection that it makes, of which libpqxx 6.4 does not tell.
class Connecting : public pqxx::connect_direct {
 public:
  using connect_direct::connect_direct;
  handle do_startconnect(handle before) override { return made_ = connect_direct::do_startconnect(before); }
  handle made() const { return made_; }

 private:
  handle made_ = nullptr;
};

// What pqxx::connection is, with that connection: libpqxx asks for the rows of an answer as text only, which takes
// twice the bytes of a bytea and twice the time of a page.
class PqConnection : public pqxx::connection_base {
 public:
  explicit PqConnection(const std::string& url) : connection_base(connecting_), connecting_(url) { init(); }
  ~PqConnection() { close(); }
  PGconn* handle() const { return connecting_.made(); }

 private:
  Connecting connecting_;
};

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

// What libpq answered to `sql`. Throws what libpqxx would if that is an error.
Result Checked(PGresult* answer, PGconn* connection, std::string_view sql) {
  Result result(answer);
  const ExecStatusType status = PQresultStatus(answer);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return result;
  const char* message = answer == nullptr ? PQerrorMessage(connection) : PQresultErrorMessage(answer);
  const char* found = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  const std::string state = found == nullptr ? "" : found;
  if (state.starts_with("08") || (state.empty() && PQstatus(connection) != CONNECTION_OK)) {
    throw pqxx::broken_connection(message);
  }
  if (state == "23514") throw pqxx::check_violation(message, std::string(sql), state.c_str());
  throw pqxx::sql_error(message, std::string(sql), state.c_str());
}

void SetUp(pqxx::connection_base& connection, absl::Duration statement_timeout, Planning planning) {
  const std::string timeout = absl::StrCat("'", absl::ToInt64Milliseconds(statement_timeout), "ms'");
  connection.set_client_encoding("UTF8");
  connection.set_variable("statement_timeout", timeout);
  // A replica that freezes inside a batch must not hold the head's lock for ever.
  connection.set_variable("idle_in_transaction_session_timeout", "'5s'");
  // Nor one that was killed while a statement of its batch waits.
  connection.set_variable("client_connection_check_interval", "'1s'");
  connection.set_variable("timezone", "'UTC'");
  // Of look-ups by key, planning would cost more than it saves; what clients filter by is worth another plan each time.
  connection.set_variable("plan_cache_mode",
                          planning == Planning::kOnce ? "'force_generic_plan'" : "'force_custom_plan'");
  // A plan that was made while a table was empty would scan it, and go on to do so while it grows.
  connection.set_variable("enable_seqscan", "off");
  // Where there is nothing but a scan, as of the one row of head, its price is not meant: no reason to compile.
  connection.set_variable("jit", "off");
  // To begin them takes longer than a page does, and requests share the processors anyway.
  connection.set_variable("max_parallel_workers_per_gather", "0");
}

}  // namespace

struct Connection::Session {
  explicit Session(const std::string& url) : connection(WithTcpSettings(url)) {}
  PqConnection connection;
};

Connection::Connection(const std::string& url, absl::Duration statement_timeout, Planning planning)
    : session_(std::make_unique<Session>(url)) {
  try {
    SetUp(session_->connection, statement_timeout, planning);
  } catch (const pqxx::broken_connection&) {
    throw;
  } catch (const std::exception& error) {
    // A session that ends as soon as it has begun is told of in many ways.
    throw pqxx::broken_connection(error.what());
  }
}

Connection::~Connection() = default;

Rows Connection::Run(const Statement& statement, const std::vector<Param>& params) {
  return RunPrepared(Prepared(statement), statement.sql, params);
}

Rows Connection::Query(const std::string& select, const std::vector<Param>& params) {
  return RunPrepared(PreparedQuery(select), select, params);
}

const std::string& Connection::Prepared(const Statement& statement) {
  const auto known = prepared_.find(statement.sql);
  return known != prepared_.end() ? known->second
                                  : prepared_.emplace(statement.sql, Prepare(statement.sql)).first->second;
}

const std::string& Connection::PreparedQuery(const std::string& select) {
  if (const auto place = places_.find(select); place != places_.end()) {
    queries_.splice(queries_.begin(), queries_, place->second);
    return queries_.front().second;
  }
  if (queries_.size() >= kMaxQueries) {
    Forget(queries_.back().second);
    places_.erase(queries_.back().first);
    queries_.pop_back();
  }
  queries_.emplace_front(select, Prepare(select.c_str()));
  places_.emplace(queries_.front().first, queries_.begin());
  return queries_.front().second;
}

std::string Connection::Prepare(const char* sql) {
  std::string name = absl::StrCat("s", ++names_);
  PGconn* const connection = session_->connection.handle();
  Checked(PQprepare(connection, name.c_str(), sql, 0, nullptr), connection, sql);
  return name;
}

void Connection::Forget(const std::string& name) {
  PGconn* const connection = session_->connection.handle();
  const std::string sql = absl::StrCat("deallocate ", name);
  Checked(PQexec(connection, sql.c_str()), connection, sql);
}

Rows Connection::RunPrepared(const std::string& name, std::string_view sql, const std::vector<Param>& params) {
  std::vector<const char*> values;
  values.reserve(params.size());
  for (const Param& param : params) values.push_back(param.c_str());
  PGconn* const connection = session_->connection.handle();
  PGresult* const answer = PQexecPrepared(connection, name.c_str(), static_cast<int>(values.size()), values.data(),
                                          nullptr, nullptr, /*resultFormat=*/1);
  return Rows(Checked(answer, connection, sql));
}

pqxx::connection_base& Connection::raw() { return session_->connection; }

}  // namespace almanac::db
