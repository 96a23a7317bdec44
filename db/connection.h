#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "db/transaction.h"

namespace pqxx {
class connection_base;
}  // namespace pqxx

namespace almanac::db {

// When PostgreSQL plans a statement: once for all values, or each time for those that it is given.
enum class Planning { kOnce, kEachTime };

// One session of PostgreSQL, for one thread. It is thrown away after any broken_connection: the driver would
// reconnect silently and without the session's state.
class Connection {
 public:
  // Connects. Throws the driver's broken_connection if that fails. `statement_timeout` bounds every statement.
  Connection(const std::string& url, absl::Duration statement_timeout, Planning planning = Planning::kOnce);
  ~Connection();

  // Runs `statement`, which is prepared on this connection at its first use.
  Rows Run(const Statement& statement, const std::vector<Param>& params);

  // The same for a text that was written for one request: others often differ from it in values only. Keeps those last
  // used prepared.
  Rows Query(const std::string& select, const std::vector<Param>& params);

  pqxx::connection_base& raw();

 private:
  struct Session;
  std::unique_ptr<Session> session_;
  // Texts with the names under which they are prepared, the last used first.
  using Queries = std::list<std::pair<std::string, std::string>>;

  // The names under which they are prepared.
  const std::string& Prepared(const Statement& statement);
  const std::string& PreparedQuery(const std::string& select);
  std::string Prepare(const char* sql);
  void Forget(const std::string& name);
  Rows RunPrepared(const std::string& name, std::string_view sql, const std::vector<Param>& params);

  std::unordered_map<const char*, std::string> prepared_;
  Queries queries_;
  std::unordered_map<std::string_view, Queries::iterator> places_;
  int64_t names_ = 0;
};

}  // namespace almanac::db
