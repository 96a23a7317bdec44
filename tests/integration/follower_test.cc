#include "client/follower.h"

#include <signal.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/integration/change_writer.h"
#include "tests/integration/processes.h"
#include "tests/integration/watch_stream.h"

// The client library that follows the log, against real servers.
namespace almanac::testing {
namespace {

using almanac::v1::WatchRequest;
using client::Follower;
using client::NextStep;
using Event = Follower::Event;

Follower::Options Following(const WatchRequest& request) {
  Follower::Options options;
  options.request = request;
  return options;
}

// The next event that is neither a bookmark nor news of a lost stream.
bool NextOf(Follower& follower, Event& event) {
  while (follower.Next(event)) {
    if (event.type != Event::kBookmark && event.type != Event::kLost) return true;
  }
  return false;
}

// The revision of the next change; fails the test if anything else comes.
int64_t NextRevision(Follower& follower) {
  Event event;
  EXPECT_TRUE(NextOf(follower, event)) << follower.status().error_message();
  EXPECT_EQ(event.type, Event::kChange);
  return event.response.change().revision();
}

// The next news of a lost stream.
Event NextLoss(Follower& follower) {
  Event event;
  while (follower.Next(event)) {
    if (event.type == Event::kLost) return event;
  }
  ADD_FAILURE() << "ended: " << follower.status().error_message();
  return event;
}

// Reads a snapshot from after its begin to its end, whose revision it returns, and counts its resources.
int64_t ReadSnapshot(Follower& follower, int& count) {
  Event event;
  count = 0;
  while (NextOf(follower, event) && event.type == Event::kSnapshotResource) {
    EXPECT_EQ(follower.resume_token(), "");
    ++count;
  }
  EXPECT_EQ(event.type, Event::kSnapshotEnd);
  return event.response.snapshot_end().revision();
}

class FollowerTest : public ServiceTest {
 protected:
  FollowerTest() { AddPublisher("swd"); }

  // Takes all changes up to and with `revision` out of the log.
  void Compact(int64_t revision) {
    database_.Sql(absl::StrCat("with gone as (delete from changes where revision <= ", revision,
                               ") update head set compacted_revision = ", revision));
  }

  // A token of revision 1, of all changes.
  std::string FirstToken() {
    Follower follower(client_->channel, Following(After(0)));
    EXPECT_EQ(NextRevision(follower), 1);
    return follower.resume_token();
  }
};

TEST(FollowerRestartTest, EachChangeComesOnceAcrossRestartsOfTheServer) {
  const TestDatabase database;
  ServerProcess server(database.url());
  ChangeWriter writer(server.address());
  const Client client(server.address());
  Follower follower(client.channel, Following(After(0)));
  std::atomic<int> seen = 0;
  int losses = 0;
  std::thread reader([&] {
    Event event;
    while (follower.Next(event)) {
      if (event.type == Event::kLost) ++losses;
      if (event.type != Event::kChange) continue;
      ++seen;
      EXPECT_EQ(event.response.change().revision(), seen);
    }
  });
  for (const int signal : {SIGKILL, SIGTERM, SIGKILL, SIGTERM}) {
    const int before = seen;
    EXPECT_TRUE(Eventually([&] { return seen >= before + 10; }, absl::Seconds(60)));
    server.Signal(signal);
    server.Start();
  }
  const int written = writer.Stop();
  EXPECT_TRUE(Eventually([&] { return seen == written; }, absl::Seconds(60))) << seen << " of " << written;
  follower.Stop();
  reader.join();
  EXPECT_EQ(seen, written);
  EXPECT_GE(losses, 4);
  EXPECT_TRUE(follower.status().ok());
}

TEST(FollowerRestartTest, ASnapshotThatBreaksOffBeginsAnew) {
  const TestDatabase database;
  ServerProcess server(database.url());
  const Client client(server.address());
  WritePublisher(server.address(), 1);
  // Far more than what is under way in a connection.
  almanac::v1::CreateDatasetRequest request;
  request.set_parent("publishers/p1");
  (*request.mutable_dataset()->mutable_titles())["en"] = "Title";
  for (const char* language : {"de", "en", "es", "fr", "it", "ja", "pt", "ru"}) {
    for (int i = 0; i < 10'000; ++i) (*request.mutable_dataset()->mutable_remarks())[language] += "数";
  }
  constexpr int kDatasets = 60;
  for (int i = 0; i < kDatasets; ++i) {
    request.set_dataset_id(absl::StrCat("d", i));
    Call(client.datasets.get(), &almanac::v1::DatasetService::Stub::CreateDataset, request);
  }
  Follower follower(client.channel, Following(Snapshot()));
  Event event;
  ASSERT_TRUE(NextOf(follower, event));
  EXPECT_EQ(event.type, Event::kSnapshotBegin);
  EXPECT_TRUE(event.cause.ok());
  ASSERT_TRUE(NextOf(follower, event));
  EXPECT_EQ(event.type, Event::kSnapshotResource);
  server.Signal(SIGKILL);
  server.Start();
  while (NextOf(follower, event) && event.type == Event::kSnapshotResource) continue;
  ASSERT_EQ(event.type, Event::kSnapshotBegin) << "the first one went on to its end";
  EXPECT_FALSE(event.cause.ok());
  int count = 0;
  EXPECT_EQ(ReadSnapshot(follower, count), 1 + kDatasets);
  EXPECT_EQ(count, 1 + kDatasets);
  WritePublisher(server.address(), 2);
  EXPECT_EQ(NextRevision(follower), 2 + kDatasets);
}

TEST_F(FollowerTest, BeginsAnewWithASnapshotWhereTheLogNoLongerLeadsOn) {
  Follower::Options options = Following(Resume(FirstToken()));
  AddDataset("a");
  AddDataset("b");
  Compact(2);
  Follower refused(client_->channel, options);
  Event event;
  EXPECT_FALSE(refused.Next(event)) << "without relist";
  EXPECT_EQ(client::ReasonOf(refused.status()), "REVISION_COMPACTED");

  options.relist = true;
  Follower follower(client_->channel, options);
  const Event loss = NextLoss(follower);
  EXPECT_EQ(loss.next_step, NextStep::kRelist);
  EXPECT_EQ(client::ReasonOf(loss.cause), "REVISION_COMPACTED");
  ASSERT_TRUE(NextOf(follower, event));
  EXPECT_EQ(event.type, Event::kSnapshotBegin);
  EXPECT_EQ(client::ReasonOf(event.cause), "REVISION_COMPACTED");
  int count = 0;
  EXPECT_EQ(ReadSnapshot(follower, count), 3);
  EXPECT_EQ(count, 3);
  EXPECT_NE(follower.resume_token(), "");
  AddDataset("c");
  EXPECT_EQ(NextRevision(follower), 4);
}

TEST_F(FollowerTest, BeginsAnewWhenTheCatalogueIsRestoredMeanwhile) {
  Follower follower(client_->channel, Following(Snapshot()));
  Event event;
  ASSERT_TRUE(NextOf(follower, event));
  EXPECT_EQ(event.type, Event::kSnapshotBegin);
  int count = 0;
  EXPECT_EQ(ReadSnapshot(follower, count), 1);
  database_.Sql("update head set epoch = epoch + 1");
  ASSERT_TRUE(NextOf(follower, event));
  EXPECT_EQ(event.type, Event::kSnapshotBegin);
  EXPECT_EQ(client::ReasonOf(event.cause), "EPOCH_CHANGED");
  EXPECT_EQ(ReadSnapshot(follower, count), 1);
  AddDataset("a");
  EXPECT_EQ(NextRevision(follower), 2);
}

TEST_F(FollowerTest, WaitsForAPlaceOnAFullServer) {
  service::Server::Options options;
  options.feed.max_watchers = 1;
  TestServer small(database_.url(), options);
  const auto client = small.NewClient();
  auto first = std::make_unique<WatchStream>(*client, WatchRequest());
  ASSERT_TRUE(first->Next());
  Follower follower(client->channel, Following(After(0)));
  const Event loss = NextLoss(follower);
  EXPECT_EQ(client::ReasonOf(loss.cause), "TOO_MANY_WATCHERS");
  EXPECT_EQ(loss.next_step, NextStep::kWait);
  first.reset();
  EXPECT_EQ(NextRevision(follower), 1);
}

TEST_F(FollowerTest, BeginsAnewWhereTheCatalogueDoesNotReachAsFar) {
  Follower::Options options = Following(After(3));
  Follower refused(client_->channel, options);
  Event event;
  EXPECT_FALSE(refused.Next(event)) << "without relist";
  EXPECT_EQ(client::ReasonOf(refused.status()), "REVISION_IN_FUTURE");

  options.relist = true;
  Follower follower(client_->channel, options);
  const Event loss = NextLoss(follower);
  EXPECT_EQ(client::ReasonOf(loss.cause), "REVISION_IN_FUTURE");
  EXPECT_EQ(loss.next_step, NextStep::kRelist);
  ASSERT_TRUE(NextOf(follower, event));
  EXPECT_EQ(event.type, Event::kSnapshotBegin);
  int count = 0;
  EXPECT_EQ(ReadSnapshot(follower, count), 1);
}

TEST_F(FollowerTest, EndsWithAnErrorThatCannotBeMended) {
  WatchRequest request = Resume(FirstToken());
  request.add_kinds(almanac::v1::DATASET);
  Follower::Options options = Following(request);
  options.relist = true;
  Follower follower(client_->channel, options);
  Event event;
  EXPECT_FALSE(follower.Next(event));
  EXPECT_EQ(follower.status().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(FieldOf(follower.status()), "resume_token");
  EXPECT_FALSE(follower.Next(event)) << "for good";
}

TEST_F(FollowerTest, ThatIsNotPatientEndsWithoutAnAnswer) {
  const auto nowhere = grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials());
  Follower::Options options = Following(After(0));
  options.patient = false;
  Follower follower(nowhere, options);
  Event event;
  EXPECT_FALSE(follower.Next(event));
  EXPECT_EQ(follower.status().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(FollowerTest, StopsFromAnotherThreadWhileItWaits) {
  const auto nowhere = grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials());
  for (const auto& channel : {client_->channel, nowhere}) {
    Follower::Options options = Following(After(1));
    options.first_pause = absl::Hours(1);
    Follower follower(channel, options);
    Event event;
    ASSERT_TRUE(follower.Next(event)) << "a bookmark, or that there is nobody";
    std::thread stopper([&follower] { follower.Stop(); });
    EXPECT_FALSE(follower.Next(event));
    stopper.join();
    EXPECT_TRUE(follower.status().ok());
  }
  Follower stopped(client_->channel, Following(After(0)));
  stopped.Stop();
  Event event;
  EXPECT_FALSE(stopped.Next(event));
  EXPECT_TRUE(stopped.status().ok());
}

TEST_F(FollowerTest, GoesOnAfterASilenceThatIsTooLong) {
  Follower::Options options = Following(After(0));
  options.longest_silence = absl::Seconds(1);
  Follower follower(client_->channel, options);
  EXPECT_EQ(NextRevision(follower), 1);
  const Event loss = NextLoss(follower);
  EXPECT_EQ(loss.cause.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(loss.next_step, NextStep::kResume);
  AddDataset("a");
  EXPECT_EQ(NextRevision(follower), 2);
}

TEST_F(FollowerTest, TellsAFailureOnceHoweverLongItLasts) {
  Follower::Options options = Following(After(1));
  options.first_pause = absl::Milliseconds(1);
  options.longest_pause = absl::Milliseconds(20);
  auto server = std::make_unique<TestServer>(database_.url());
  const auto client = server->NewClient();
  Follower follower(client->channel, options);
  Event event;
  ASSERT_TRUE(follower.Next(event));
  EXPECT_EQ(event.type, Event::kBookmark);
  server.reset();
  const Event loss = NextLoss(follower);
  EXPECT_EQ(loss.cause.error_code(), grpc::StatusCode::UNAVAILABLE);
  // The second one, that there is no server any more, has no reason; after that there is nothing to tell.
  std::atomic<int> told = 0;
  std::thread reader([&] {
    while (follower.Next(event)) ++told;
  });
  EXPECT_FALSE(Eventually([&] { return told > 1; }, absl::Seconds(2)));
  follower.Stop();
  reader.join();
}

}  // namespace
}  // namespace almanac::testing
