#include <unistd.h>

#include <map>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/harness.h"
#include "tests/integration/processes.h"

// Which servers there are, and how far each is behind.
namespace almanac::testing {
namespace {

using almanac::v1::ChangeService;
using almanac::v1::GetStatusResponse;
using almanac::v1::Replica;

service::Server::Options Beating() {
  service::Server::Options options;
  options.version = "1.2.3";
  options.heartbeat_interval = absl::Milliseconds(50);
  return options;
}

GetStatusResponse StatusOfServer(const Client& client) {
  return Call(client.changes.get(), &ChangeService::Stub::GetStatus, almanac::v1::GetStatusRequest());
}

// The replica in `status` that it is the answer of, or a default one.
Replica Own(const GetStatusResponse& status) {
  for (const Replica& replica : status.replicas()) {
    if (replica.id() == status.replica_id()) return replica;
  }
  return {};
}

TEST(ReplicaListTest, EveryServerIsListedByAllUntilItStops) {
  const TestDatabase database;
  const TestServer first(database.url(), Beating());
  auto second = std::make_unique<TestServer>(database.url(), Beating());
  const auto first_client = first.NewClient();
  const auto second_client = second->NewClient();
  ASSERT_TRUE(Eventually([&] {
    return StatusOfServer(*first_client).replicas_size() == 2 && StatusOfServer(*second_client).replicas_size() == 2;
  }));
  const GetStatusResponse one = StatusOfServer(*first_client);
  const GetStatusResponse other = StatusOfServer(*second_client);
  EXPECT_NE(one.replica_id(), other.replica_id());
  EXPECT_LT(one.replicas(0).id(), one.replicas(1).id());
  EXPECT_EQ(Own(one).address(), first.address());
  EXPECT_EQ(Own(other).address(), second->address());
  EXPECT_EQ(Own(one).server_version(), "1.2.3");
  EXPECT_GE(Own(one).heartbeat_time().seconds(), Own(one).start_time().seconds());

  second.reset();
  EXPECT_EQ(StatusOfServer(*first_client).replicas_size(), 1);
  EXPECT_EQ(Own(StatusOfServer(*first_client)).address(), first.address());
}

TEST(ReplicaListTest, SaysWhatTheServerHas) {
  const TestDatabase database;
  const TestServer server(database.url(), Beating());
  const auto client = server.NewClient();
  almanac::v1::CreatePublisherRequest create;
  create.set_publisher_id("swd");
  (*create.mutable_publisher()->mutable_titles())["en"] = "SWD";
  Call(client->publishers.get(), &almanac::v1::PublisherService::Stub::CreatePublisher, create);
  CallContext context;
  const auto watch = client->changes->Watch(&context, almanac::v1::WatchRequest());
  EXPECT_TRUE(Eventually([&] {
    const Replica own = Own(StatusOfServer(*client));
    return own.feed_revision() == 1 && own.feed_lag() == 0 && own.read_revision() == 1 && own.read_lag() == 0 &&
           own.watcher_count() == 1;
  })) << StatusOfServer(*client).DebugString();
  EXPECT_EQ(StatusOfServer(*client).read_revision(), 1);
  context.TryCancel();
  watch->Finish();
}

TEST(ReplicaListTest, ForgetsThoseThatWereNotHeardOf) {
  const TestDatabase database;
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  database.SetClock(now);
  for (const auto& [id, age] : std::map<std::string, std::string>{
           {"minute", "60 seconds"}, {"more", "61 seconds"}, {"day", "24 hours"}, {"old", "24 hours 1 second"}}) {
    database.Sql(absl::StrCat("insert into replicas select '", id, "', 'h:1', '1', t, t, 0, 0, 0, 0, 0 from (select ",
                              "catalogue_now() - interval '", age, "' as t) as heard"));
  }
  const TestServer server(database.url(), Beating());
  const auto client = server.NewClient();
  EXPECT_TRUE(Eventually([&] { return !Own(StatusOfServer(*client)).id().empty(); }));
  const GetStatusResponse status = StatusOfServer(*client);
  ASSERT_EQ(status.replicas_size(), 2) << status.DebugString();
  EXPECT_TRUE(status.replicas(0).id() == "minute" || status.replicas(1).id() == "minute");
  EXPECT_EQ(Own(status).heartbeat_time().seconds(), absl::ToUnixSeconds(now));
  EXPECT_EQ(database.Sql("select replica_id from replicas where address = 'h:1' order by 1"),
            (std::vector<std::string>{"day", "minute", "more"}));
}

TEST(ReplicaListTest, AnAddressIsOneThatOthersCanUse) {
  const TestDatabase database;
  db::Database::Options options;
  options.url = database.url();
  const auto opened = db::Database::Open(options);
  ASSERT_TRUE(opened.ok()) << opened.status();
  char host[256] = "";
  ASSERT_EQ(gethostname(host, sizeof(host) - 1), 0);
  service::Server::Options server_options = Beating();
  const auto listed = [&] {
    const auto server = service::Server::Start(**opened, server_options);
    EXPECT_TRUE(server.ok()) << server.status();
    const std::string& address = (*server)->address();
    const std::string port = address.substr(address.rfind(':'));
    const Client client("127.0.0.1" + port);
    EXPECT_TRUE(Eventually([&] { return !Own(StatusOfServer(client)).id().empty(); }));
    return std::make_pair(Own(StatusOfServer(client)).address(), port);
  };
  server_options.listen = "0.0.0.0:0";
  const auto [everywhere, port] = listed();
  EXPECT_EQ(everywhere, host + port);
  server_options.advertise_address = "almanac.example.org:7461";
  EXPECT_EQ(listed().first, "almanac.example.org:7461");
}

TEST(ReplicaListTest, ADatabaseThatIsAwayHindersNothing) {
  TestCluster cluster;
  ASSERT_TRUE(db::Migrate(cluster.url()).ok());
  const TestServer server(cluster.url(), Beating());
  auto other = std::make_unique<TestServer>(cluster.url(), Beating());
  const auto client = server.NewClient();
  ASSERT_TRUE(Eventually([&] { return StatusOfServer(*client).replicas_size() == 2; }));
  cluster.Kill();
  // Who stops now cannot say so.
  other.reset();
  cluster.Start();
  RunSql(cluster.url(), "truncate replicas");
  EXPECT_TRUE(Eventually([&] { return Own(StatusOfServer(*client)).address() == server.address(); }));
  EXPECT_EQ(StatusOfServer(*client).replicas_size(), 1);
}

TEST(ReplicaListTest, SaysHowFarTheCopyOfAServerIsBehind) {
  const TestCluster primary;
  ASSERT_TRUE(db::Migrate(primary.url()).ok());
  const TestCluster standby = TestCluster::StandbyOf(primary);
  db::Database::Options options;
  options.read_url = standby.url();
  const TestServer server(primary.url(), Beating(), options);
  const auto client = server.NewClient();
  ASSERT_TRUE(Eventually([&] { return !Own(StatusOfServer(*client)).id().empty(); }));
  RunSql(standby.url(), "select pg_wal_replay_pause()");
  const absl::Cleanup resume = [&] { RunSql(standby.url(), "select pg_wal_replay_resume()"); };
  ASSERT_TRUE(
      Eventually([&] { return RunSql(standby.url(), "select pg_get_wal_replay_pause_state()").front() == "paused"; }));
  almanac::v1::CreatePublisherRequest create;
  (*create.mutable_publisher()->mutable_titles())["en"] = "P";
  for (int i = 0; i < 3; ++i) {
    create.set_publisher_id(absl::StrCat("p", i));
    Call(client->publishers.get(), &almanac::v1::PublisherService::Stub::CreatePublisher, create);
  }
  EXPECT_TRUE(Eventually([&] {
    const Replica own = Own(StatusOfServer(*client));
    return own.read_revision() == 0 && own.read_lag() == 3 && own.feed_revision() == 3 && own.feed_lag() == 0;
  })) << StatusOfServer(*client).DebugString();

  // The command line tells the same.
  const std::string almanac = absl::StrCat(ALMANAC_BINARY_DIR "/client/almanac --server ", server.address(), " ");
  const CommandResult table = Shell(almanac + "status");
  EXPECT_EQ(table.code, 0) << table.output;
  for (const std::string& words :
       {std::string("head_revision"), std::string("oldest_revision"), std::string("log_bytes"),
        std::string("read_revision"), server.address() + " (this one)", std::string("READ LAG")}) {
    EXPECT_TRUE(table.Says(words)) << words << "\n" << table.output;
  }
  const CommandResult json = Shell(almanac + "status -o json");
  EXPECT_TRUE(json.Says("\"readLag\": \"3\"")) << json.output;
  // And asks for what it is told to.
  EXPECT_EQ(Shell(almanac + "publisher get p1 -o name --consistency any").code, 3);
  const CommandResult late = Shell(almanac + "publisher get p1 -o name --consistency 3 --timeout 2");
  EXPECT_EQ(late.code, 5) << late.output;
  EXPECT_TRUE(late.Says("REVISION_NOT_REACHED")) << late.output;
  RunSql(standby.url(), "select pg_wal_replay_resume()");
  const CommandResult found = Shell(almanac + "publisher get p1 -o name --consistency 3");
  EXPECT_EQ(found.output, "publishers/p1\n");
}

}  // namespace
}  // namespace almanac::testing
