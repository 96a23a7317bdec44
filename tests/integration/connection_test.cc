#include "db/connection.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <limits>
#include <pqxx/pqxx>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "db/readers.h"
#include "tests/integration/harness.h"

namespace almanac::testing {
namespace {

constexpr absl::Duration kStatementTimeout = absl::Seconds(30);

// A TCP port of this machine where nobody answers: connections are made by the kernel and then hear nothing.
class SilentPort {
 public:
  SilentPort() {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 64), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentPort() { close(socket_); }

  int socket() const { return socket_; }
  int port() const { return port_; }

 private:
  const int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
};

// A TCP port through which one connection reaches the PostgreSQL at a unix socket.
class TcpDoor {
 public:
  explicit TcpDoor(const std::string& path) : thread_([this, path] { Serve(path); }) {}
  // The connection must have ended.
  ~TcpDoor() { thread_.join(); }

  int port() const { return port_.port(); }

 private:
  void Serve(const std::string& path) {
    const int client = accept4(port_.socket(), nullptr, nullptr, SOCK_CLOEXEC);
    const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(connect(server, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0) << path;
    while (Pass(client, server)) {
    }
    close(client);
    close(server);
  }

  // Passes on what comes next; false once a side has closed.
  static bool Pass(int a, int b) {
    pollfd sides[2] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
    poll(sides, 2, -1);
    const bool from_a = sides[0].revents != 0;
    char bytes[4096];
    const ssize_t size = read(from_a ? a : b, bytes, sizeof(bytes));
    return size > 0 && write(from_a ? b : a, bytes, size) == size;
  }

  SilentPort port_;
  std::thread thread_;
};

class DatabaseConnectionTest : public ::testing::Test {
 protected:
  // Connects with `url`, in which PORT stands for the port.
  struct Settings {
    int keepalive = 0;
    int idle = 0;
    int interval = 0;
    int count = 0;
    int user_timeout = 0;
    bool operator==(const Settings&) const = default;
  };

  Settings Connect(std::string url) {
    const std::string path =
        fresh_
            .Sql(
                "select split_part(current_setting('unix_socket_directories'), ',', 1) || '/.s.PGSQL.' ||"
                " current_setting('port')")
            .front();
    TcpDoor door(path);
    url.replace(url.find("PORT"), 4, absl::StrCat(door.port()));
    db::Connection connection(url, kStatementTimeout);
    const int socket = connection.raw().sock();
    return {Option(socket, SOL_SOCKET, SO_KEEPALIVE), Option(socket, IPPROTO_TCP, TCP_KEEPIDLE),
            Option(socket, IPPROTO_TCP, TCP_KEEPINTVL), Option(socket, IPPROTO_TCP, TCP_KEEPCNT),
            Option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT)};
  }

  static int Option(int socket, int level, int name) {
    int value = 0;
    socklen_t size = sizeof(value);
    EXPECT_EQ(getsockopt(socket, level, name, &value, &size), 0);
    return value;
  }

  TestDatabase fresh_;
  const std::string user_ = fresh_.Sql("select current_user").front();
  const std::string name_ = fresh_.Sql("select current_database()").front();
};

TEST_F(DatabaseConnectionTest, AHostThatVanishesIsNoticedWithinSeconds) {
  const Settings ours{.keepalive = 1, .idle = 5, .interval = 3, .count = 3, .user_timeout = 10'000};
  EXPECT_EQ(Connect(absl::StrCat("host=127.0.0.1 port=PORT sslmode=disable user=", user_, " dbname=", name_)), ours);
  EXPECT_EQ(Connect(absl::StrCat("postgresql://", user_, "@127.0.0.1:PORT/", name_)), ours);
  EXPECT_EQ(Connect(absl::StrCat("postgres://", user_, ":what?@127.0.0.1:PORT/", name_, "?sslmode=disable")), ours);
}

TEST_F(DatabaseConnectionTest, WhatTheUrlSetsItselfStands) {
  const Settings theirs{.keepalive = 1, .idle = 60, .interval = 3, .count = 3, .user_timeout = 20'000};
  EXPECT_EQ(Connect(absl::StrCat("host=127.0.0.1 port=PORT keepalives_idle=60 tcp_user_timeout=20000 user=", user_,
                                 " dbname=", name_)),
            theirs);
  EXPECT_EQ(Connect(absl::StrCat("postgresql://", user_, "@127.0.0.1:PORT/", name_,
                                 "?keepalives_idle=60&tcp_user_timeout=20000")),
            theirs);
}

// As one that PostgreSQL ends as soon as it has begun: whoever asked for it must know that it is not there. This
// database cannot speak UTF-8, so that setting up fails every time.
TEST(ConnectionTest, ASessionThatCannotBeSetUpIsABrokenOne) {
  const TestDatabase database(/*migrate=*/false);
  const std::string name = database.Sql("select current_database() || '_mule'").front();
  database.Sql(absl::StrCat("create database ", name, " encoding 'MULE_INTERNAL' locale 'C' template template0"));
  EXPECT_THROW(db::Connection(absl::StrCat(database.url(), " dbname=", name), kStatementTimeout),
               pqxx::broken_connection);
  database.Sql(absl::StrCat("drop database ", name));
}

TEST(DatabaseReadersTest, AllThatWaitAreAnsweredByTheFirstConnectionThatFails) {
  const SilentPort nobody;
  constexpr int kReads = 5;
  absl::BlockingCounter answered(kReads);
  db::Readers readers(absl::StrCat("host=127.0.0.1 connect_timeout=2 port=", nobody.port()), /*connections=*/1,
                      /*max_queue=*/100, kStatementTimeout);
  const absl::Time begin = absl::Now();
  for (int i = 0; i < kReads; ++i) {
    readers.Run([](db::Transaction&) { return absl::OkStatus(); },
                [&](const absl::Status& status) {
                  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
                  answered.DecrementCount();
                });
  }
  answered.Wait();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(4)) << "one after the other they take 2 seconds each";
}

TEST(DatabaseReadersTest, AFullQueueRefusesBeforeRunReturns) {
  const SilentPort nobody;
  absl::Mutex mutex;
  std::vector<absl::StatusCode> codes;
  db::Readers readers(absl::StrCat("host=127.0.0.1 connect_timeout=2 port=", nobody.port()), /*connections=*/1,
                      /*max_queue=*/1, kStatementTimeout);
  // One may be with the thread, one waits.
  for (int i = 0; i < 3; ++i) {
    readers.Run([](db::Transaction&) { return absl::OkStatus(); },
                [&](const absl::Status& status) {
                  const absl::MutexLock lock(&mutex);
                  codes.push_back(status.code());
                });
  }
  const absl::MutexLock lock(&mutex);
  EXPECT_THAT(codes, ::testing::Contains(absl::StatusCode::kResourceExhausted));
}

TEST(DatabaseReadersTest, WhatAStandbyCannotShowAnyMoreIsUnavailable) {
  const TestDatabase database(/*migrate=*/false);
  database.Sql(
      "create function conflict() returns int language plpgsql as $$ begin"
      " raise exception 'canceling statement due to conflict with recovery' using errcode = '40001'; end $$");
  db::Readers readers(database.url(), /*connections=*/1, /*max_queue=*/100, kStatementTimeout);
  absl::Notification done;
  absl::Status status;
  readers.Run([](db::Transaction& transaction) { return transaction.Query("select conflict()", {}), absl::OkStatus(); },
              [&](absl::Status told) {
                status = std::move(told);
                done.Notify();
              });
  done.WaitForNotification();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
}

TEST(DatabaseReadersTest, OneReadAfterTheOtherGoesOverOneConnection) {
  const TestDatabase database(/*migrate=*/false);
  db::Readers readers(database.url(), /*connections=*/4, /*max_queue=*/100, kStatementTimeout);
  std::string last;
  int times = 0;
  // A thread may be slower to come back than the next read is to come.
  EXPECT_TRUE(Eventually([&] {
    std::string session;
    absl::Notification done;
    readers.Run(
        [&](db::Transaction& transaction) {
          session = transaction.Query("select pg_backend_pid()::text", {})[0].Text();
          return absl::OkStatus();
        },
        [&](const absl::Status&) { done.Notify(); });
    done.WaitForNotification();
    times = session == last ? times + 1 : 0;
    last = session;
    return times == 5;
  }));
}

class RowsTest : public ::testing::Test {
 protected:
  db::Rows Query(const std::string& select, const std::vector<db::Param>& params = {}) {
    return db::Transaction(connection_).Query(select, params);
  }

  const TestDatabase database_{/*migrate=*/false};
  db::Connection connection_{database_.url(), kStatementTimeout};
};

TEST_F(RowsTest, CellsAreReadByTheirTypes) {
  const db::Rows rows = Query(
      "select 32767::int2, (-32768)::int2, 2147483647, (-2147483648)::int4, 9223372036854775807,"
      " (-9223372036854775808)::int8, 0, 'ä'::text, 'b'::varchar, '[1]'::json, '{\"a\": 1}'::jsonb, true, false, "
      "'\\x00ff5c'::bytea");
  ASSERT_EQ(rows.size(), 1);
  db::Rows::Reader row = rows[0];
  EXPECT_EQ(row.Int(), 32767);
  EXPECT_EQ(row.Int(), -32768);
  EXPECT_EQ(row.Int(), 2147483647);
  EXPECT_EQ(row.Int(), -2147483648);
  EXPECT_EQ(row.Int(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(row.Int(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(row.Int(), 0);
  EXPECT_EQ(row.Text(), "ä");
  EXPECT_EQ(row.Text(), "b");
  EXPECT_EQ(row.Cell(), "[1]");
  EXPECT_EQ(row.Cell(), "{\"a\": 1}");
  EXPECT_TRUE(row.Bool());
  EXPECT_FALSE(row.Bool());
  EXPECT_EQ(row.Bytes(), std::string("\0\xff\\", 3));
}

TEST_F(RowsTest, NullsAreEmpty) {
  const db::Rows rows = Query("select null::bigint, null::text, null::jsonb, null::boolean, null::bytea, 7");
  db::Rows::Reader row = rows[0];
  EXPECT_TRUE(row.Null());
  EXPECT_EQ(row.Int(), 0);
  EXPECT_EQ(row.Text(), "");
  EXPECT_EQ(row.Cell(), "");
  EXPECT_FALSE(row.Bool());
  EXPECT_EQ(row.Bytes(), "");
  EXPECT_FALSE(row.Null());
  EXPECT_EQ(row.Int(), 7);
}

TEST_F(RowsTest, ACellOfAnotherTypeIsAnErrorNotAValue) {
  const db::Rows rows = Query("select 'x'::text, 1, now(), 1.5, gen_random_uuid()");
  EXPECT_THROW(rows[0].Int(), pqxx::conversion_error);
  EXPECT_THROW(rows[0].Bool(), pqxx::conversion_error);
  EXPECT_THROW(rows[0].Bytes(), pqxx::conversion_error);
  for (int skipped = 1; skipped < 5; ++skipped) {
    db::Rows::Reader row = rows[0];
    row.Skip(skipped);
    EXPECT_THROW(row.Text(), pqxx::conversion_error) << skipped;
  }
  for (int skipped = 2; skipped < 5; ++skipped) {
    db::Rows::Reader row = rows[0];
    row.Skip(skipped);
    EXPECT_THROW(row.Int(), pqxx::conversion_error) << skipped;
  }
}

TEST_F(RowsTest, AStatementThatIsRefusedSaysItsStateAndTheNextOneRuns) {
  for (const std::string wrong : {"select 1 / $1::int", "select nothing from nowhere where $1 = 1"}) {
    for (int time = 0; time < 2; ++time) {
      try {
        Query(wrong, {0});
        ADD_FAILURE() << wrong;
      } catch (const pqxx::sql_error& error) {
        EXPECT_EQ(error.sqlstate(), wrong == "select 1 / $1::int" ? "22012" : "42P01") << error.what();
      }
    }
  }
  EXPECT_EQ(Query("select 1")[0].Int(), 1);
}

TEST_F(RowsTest, ASessionThatIsGoneIsABrokenConnection) {
  const std::string session = Query("select pg_backend_pid()::text")[0].Text();
  database_.Sql(absl::StrCat("select pg_terminate_backend(", session, ", 10000)"));
  // What the session said last may still be there; then the socket is closed.
  EXPECT_THROW(Query("select 1"), pqxx::failure);
  EXPECT_THROW(Query("select 1"), pqxx::broken_connection);
}

TEST(ConnectionTest, QueriesArePreparedAndTheLastUsedKept) {
  const TestDatabase database(/*migrate=*/false);
  db::Connection connection(database.url(), kStatementTimeout, db::Planning::kEachTime);
  pqxx::nontransaction work(connection.raw());
  db::Transaction transaction(connection);
  const auto number = [&](int i) {
    return transaction.Query(absl::StrCat("select ", i, " + $1::int"), {1000})[0].Int();
  };
  const auto prepared = [&](const std::string& condition) {
    return work.exec1("select count(*) from pg_prepared_statements where " + condition)[0].as<int>();
  };
  for (int i = 0; i < 250; ++i) {
    EXPECT_EQ(number(i), 1000 + i);
    EXPECT_EQ(number(0), 1000);
  }
  EXPECT_EQ(prepared("true"), 100);
  EXPECT_EQ(prepared("statement like 'select 0 + %' and custom_plans = 251"), 1);
  EXPECT_EQ(prepared("statement like 'select 1 + %'"), 0);
  EXPECT_EQ(number(1), 1001) << "and is made anew";
  EXPECT_EQ(prepared("true"), 100);
}

}  // namespace
}  // namespace almanac::testing
