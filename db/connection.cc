#include "db/connection.h"

#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"

namespace almanac::db {

struct Connection::Session {
  explicit Session(const std::string& url) : connection(url) {}
  pqxx::connection connection;
};

Connection::Connection(const std::string& url, absl::Duration statement_timeout)
    : session_(std::make_unique<Session>(url)) {
  pqxx::connection& connection = session_->connection;
  const std::string timeout = absl::StrCat("'", absl::ToInt64Milliseconds(statement_timeout), "ms'");
  connection.set_client_encoding("UTF8");
  connection.set_variable("statement_timeout", timeout);
  // A replica that freezes inside a batch must not hold the head's lock for ever.
  connection.set_variable("idle_in_transaction_session_timeout", "'5s'");
  connection.set_variable("timezone", "'UTC'");
  // Generic plans: every statement here is a look-up by key, and planning would cost more than it saves.
  connection.set_variable("plan_cache_mode", "'force_generic_plan'");
}

Connection::~Connection() = default;

const std::string& Connection::Prepared(const Statement& statement) {
  auto [entry, is_new] = prepared_.try_emplace(statement.sql);
  if (is_new) {
    entry->second = absl::StrCat("s", prepared_.size());
    session_->connection.prepare(entry->second, statement.sql);
  }
  return entry->second;
}

pqxx::connection_base& Connection::raw() { return session_->connection; }

}  // namespace almanac::db
