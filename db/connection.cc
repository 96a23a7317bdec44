#include "db/connection.h"

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

void SetUp(pqxx::connection& connection, absl::Duration statement_timeout, Planning planning) {
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
  pqxx::connection connection;
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

const std::string& Connection::Prepared(const Statement& statement) {
  auto [entry, is_new] = prepared_.try_emplace(statement.sql);
  if (is_new) {
    entry->second = NextName();
    session_->connection.prepare(entry->second, statement.sql);
  }
  return entry->second;
}

const std::string& Connection::PreparedQuery(const std::string& select) {
  if (const auto place = places_.find(select); place != places_.end()) {
    queries_.splice(queries_.begin(), queries_, place->second);
    return queries_.front().second;
  }
  if (queries_.size() >= kMaxQueries) {
    session_->connection.unprepare(queries_.back().second);
    places_.erase(queries_.back().first);
    queries_.pop_back();
  }
  queries_.emplace_front(select, NextName());
  places_.emplace(queries_.front().first, queries_.begin());
  session_->connection.prepare(queries_.front().second, select);
  return queries_.front().second;
}

std::string Connection::NextName() { return absl::StrCat("s", ++names_); }

pqxx::connection_base& Connection::raw() { return session_->connection; }

}  // namespace almanac::db
