#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/integration/relay.h"
#include "tests/integration/watch_stream.h"

// How many streams of Watch there may be, how old they become, and what becomes of those to which nobody listens.
namespace almanac::testing {
namespace {

using almanac::v1::WatchRequest;

class WatchLimitsTest : public ServiceTest {
 protected:
  WatchLimitsTest() { AddPublisher("swd"); }

  // Watchers are looked at often.
  static service::Server::Options Options() {
    service::Server::Options options;
    options.feed.tick = absl::Milliseconds(20);
    return options;
  }

  // Opens a stream and waits until it has begun.
  static std::unique_ptr<WatchStream> Open(Client& client, const std::string& actor = "tester") {
    auto watch = std::make_unique<WatchStream>(client, WatchRequest(), absl::Seconds(60), actor);
    EXPECT_TRUE(watch->Next()) << watch->Finish().error_message();
    return watch;
  }

  static void ExpectRefused(Client& client, int limit, const std::string& actor = "tester") {
    const grpc::Status status = WatchStream(client, {}, absl::Seconds(60), actor).Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
    EXPECT_EQ(ReasonOf(status), "TOO_MANY_WATCHERS");
    EXPECT_EQ(MetadataOf(status, "limit"), absl::StrCat(limit));
    EXPECT_EQ(NextStepOf(status), "WAIT");
  }
};

TEST_F(WatchLimitsTest, AServerHasAsManyWatchersAsItMay) {
  service::Server::Options options = Options();
  options.feed.max_watchers = 2;
  TestServer small(database_.url(), options);
  const auto client = small.NewClient();
  const auto first = Open(*client, "a");
  auto second = Open(*client, "b");
  ExpectRefused(*client, 2, "c");
  second.reset();
  EXPECT_TRUE(Eventually([&] { return WatcherCount(*client) == 1; }));
  Open(*client, "c");
}

TEST_F(WatchLimitsTest, AClientHasAsManyWatchersAsItMay) {
  service::Server::Options options = Options();
  options.feed.max_watchers_per_client = 2;
  TestServer small(database_.url(), options);
  const auto client = small.NewClient();
  const auto same_host = small.NewClient();  // by another connection, so from another port
  const auto first = Open(*client);
  auto second = Open(*same_host);
  ExpectRefused(*client, 2);
  ExpectRefused(*same_host, 2);

  const auto other_actor = Open(*client, "another");
  const auto its_second = Open(*client, "another");
  ExpectRefused(*client, 2, "another");
  Relay elsewhere(small.address(), "127.0.0.2");
  Client other_host(elsewhere.address());
  const auto third = Open(other_host);
  const auto fourth = Open(other_host);
  ExpectRefused(other_host, 2);

  second.reset();
  EXPECT_TRUE(Eventually([&] { return WatcherCount(*client) == 5; }));
  Open(*client);
}

TEST_F(WatchLimitsTest, StreamsEndAtTheirGreatestAgeAndGoOnElsewhere) {
  service::Server::Options options = Options();
  options.feed.max_stream_age = absl::Milliseconds(300);
  TestServer servers[] = {TestServer(database_.url(), options), TestServer(database_.url(), options)};
  const std::unique_ptr<Client> clients[] = {servers[0].NewClient(), servers[1].NewClient()};
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) AddDataset(absl::StrCat("d", i));
  });
  std::vector<int64_t> revisions;
  WatchRequest request = After(0);
  for (int i = 0; i < 5; ++i) {
    WatchStream watch(*clients[i % 2], request);
    while (const auto change = watch.NextChange()) revisions.push_back(change->revision());
    const grpc::Status status = watch.Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
    EXPECT_EQ(ReasonOf(status), "STREAM_EXPIRED");
    EXPECT_EQ(NextStepOf(status), "RESUME");
    EXPECT_EQ(MetadataOf(status, "resume_token"), watch.token());
    request = Resume(watch.token());
  }
  stop = true;
  writer.join();
  EXPECT_EQ(revisions, Range(1, static_cast<int64_t>(revisions.size())));
}

TEST_F(WatchLimitsTest, ASnapshotIsNotCutShortByItsAge) {
  for (int i = 0; i < 300; ++i) AddDataset(absl::StrCat("d", i));
  service::Server::Options options = Options();
  options.feed.max_stream_age = absl::Nanoseconds(1);
  TestServer hasty(database_.url(), options);
  const auto client = hasty.NewClient();
  WatchStream watch(*client, Snapshot());
  std::set<std::string> names;
  bool is_complete = false;
  while (const auto response = watch.Next()) {
    EXPECT_FALSE(is_complete) << "the age was reached long ago";
    if (response->has_snapshot_resource()) names.insert(response->snapshot_resource().dataset().name());
    is_complete = response->has_snapshot_end();
  }
  ASSERT_TRUE(is_complete) << watch.Finish().error_message();
  EXPECT_EQ(names.size(), 301U);  // the publisher has no name of a dataset
  const grpc::Status status = watch.Finish();
  EXPECT_EQ(ReasonOf(status), "STREAM_EXPIRED");
  EXPECT_EQ(MetadataOf(status, "resume_token"), watch.token());
  AddDataset("next");
  EXPECT_EQ(WatchStream(*client_, Resume(watch.token())).NextChange()->resource(), "publishers/swd/datasets/next");
}

TEST_F(WatchLimitsTest, AConnectionThatIsHalfOpenIsFound) {
  service::Server::Options options = Options();
  options.keepalive_time = absl::Milliseconds(300);
  options.keepalive_timeout = absl::Milliseconds(300);
  TestServer server(database_.url(), options);
  const auto client = server.NewClient();
  Relay relay(server.address());
  Client hanging(relay.address());
  const auto lost = Open(hanging);
  const auto healthy = Open(*client);
  EXPECT_EQ(WatcherCount(*client), 2);
  relay.Freeze();
  EXPECT_TRUE(Eventually([&] { return WatcherCount(*client) == 1; }));
  AddDataset("next");
  EXPECT_EQ(healthy->NextChange()->resource(), "publishers/swd/datasets/next") << "a client that answers pings stays";
}

}  // namespace
}  // namespace almanac::testing
