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

  // The name under which `statement` is prepared on this connection; prepares it at its first use.
  const std::string& Prepared(const Statement& statement);

  // The same for a text that was written for one request: others often differ from it in values only. Keeps those last
  // used.
  const std::string& PreparedQuery(const std::string& select);

  // Runs `sql`, which was prepared under `name`.
  Rows Run(const std::string& name, std::string_view sql, const std::vector<Param>& params);

  pqxx::connection_base& raw();

 private:
  struct Session;
  std::unique_ptr<Session> session_;
  // Texts with the names under which they are prepared, the last used first.
  using Queries = std::list<std::pair<std::string, std::string>>;

  // The name under which `sql` is now prepared.
  std::string Prepare(const char* sql);
  void Forget(const std::string& name);

  std::unordered_map<const char*, std::string> prepared_;
  Queries queries_;
  std::unordered_map<std::string_view, Queries::iterator> places_;
  int64_t names_ = 0;
};

}  // namespace almanac::db
