#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/watch_stream.h"

// Clients that open a stream and do not read it.
namespace almanac::testing {
namespace {

class SlowWatcherTest : public ServiceTest {
 protected:
  // What is sent is some 14 MB, of which a connection takes in about 4 MB that nobody reads.
  static constexpr int kDatasets = 60;

  void SetUp() override {
    AddPublisher("swd");
    almanac::v1::CreateDatasetRequest request;
    request.set_parent("publishers/swd");
    (*request.mutable_dataset()->mutable_titles())["en"] = "Title";
    for (const char* language : {"de", "en", "es", "fr", "it", "ja", "pt", "ru"}) {
      std::string remark;
      for (int i = 0; i < 10'000; ++i) absl::StrAppend(&remark, "数");
      (*request.mutable_dataset()->mutable_remarks())[language] = remark;  // 240 KB together
    }
    for (int i = 0; i < kDatasets; ++i) {
      request.set_dataset_id(absl::StrCat("d", i));
      Call(client_->datasets.get(), &almanac::v1::DatasetService::Stub::CreateDataset, request);
    }
  }

  static service::Server::Options Options(absl::Duration timeout) {
    service::Server::Options options;
    options.feed.tick = absl::Milliseconds(20);
    options.feed.slow_watcher_timeout = timeout;
    return options;
  }

  static std::vector<int64_t> ReadToTheEnd(WatchStream& watch) {
    std::vector<int64_t> revisions;
    while (const auto change = watch.NextChange()) revisions.push_back(change->revision());
    return revisions;
  }

  // What a client reads that goes on from `token`, together with what it has read, is everything once.
  void ExpectNothingIsLost(const std::string& token, std::vector<int64_t> read) {
    WatchStream rest(*client_, Resume(token));
    const int missing = kDatasets + 1 - static_cast<int>(read.size());
    for (const auto& change : rest.NextChanges(missing)) read.push_back(change.revision());
    EXPECT_EQ(read, Range(1, kDatasets + 1));
  }
};

TEST_F(SlowWatcherTest, IsToldSoWithTheTokenToResumeFromOnceItReads) {
  const absl::Duration timeout = absl::Seconds(2);
  TestServer server(database_.url(), Options(timeout));
  const auto client = server.NewClient();
  // It may read too soon or too late for that on a busy machine, and then tries again.
  const auto attempt = [&] {
    WatchStream watch(*client, After(0));
    absl::SleepFor(1.5 * timeout);
    const std::vector<int64_t> read = ReadToTheEnd(watch);
    const grpc::Status status = watch.Finish();
    if (ReasonOf(status) != "WATCHER_TOO_SLOW") return false;
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(NextStepOf(status), "RESUME");
    EXPECT_LT(read.size(), static_cast<size_t>(kDatasets));
    EXPECT_EQ(MetadataOf(status, "resume_token"), watch.token()) << "nothing that was sent is lost";
    ExpectNothingIsLost(watch.token(), read);
    return true;
  };
  EXPECT_TRUE(Eventually(attempt, absl::Seconds(120)));
}

TEST_F(SlowWatcherTest, WhoNeverReadsIsCutOffAndItsPlaceIsFree) {
  service::Server::Options options = Options(absl::Milliseconds(300));
  options.feed.max_watchers_per_client = 1;
  TestServer server(database_.url(), options);
  const auto client = server.NewClient();
  WatchStream watch(*client, After(0));
  EXPECT_TRUE(Eventually([&] { return WatcherCount(*client) == 1; }));
  EXPECT_TRUE(Eventually([&] { return WatcherCount(*client) == 0; }));
  WatchStream next(*client, {});
  EXPECT_TRUE(next.Next()) << next.Finish().error_message();

  const std::vector<int64_t> read = ReadToTheEnd(watch);
  EXPECT_FALSE(watch.Finish().ok());
  EXPECT_LT(read.size(), static_cast<size_t>(kDatasets));
  if (!watch.token().empty()) ExpectNothingIsLost(watch.token(), read);
}

TEST_F(SlowWatcherTest, WhoDoesNotReadASnapshotBeginsANewOne) {
  // Twice as long each time: a slow machine may not have sent yet what fits.
  absl::Duration timeout = absl::Seconds(1);
  const auto attempt = [&] {
    timeout *= 2;
    TestServer server(database_.url(), Options(timeout));
    const auto client = server.NewClient();
    WatchStream watch(*client, Snapshot());
    absl::SleepFor(1.5 * timeout);
    while (const auto response = watch.Next()) {
      if (response->has_snapshot_end()) return false;
    }
    const grpc::Status status = watch.Finish();
    if (ReasonOf(status) != "WATCHER_TOO_SLOW") return false;
    EXPECT_EQ(NextStepOf(status), "RELIST");
    EXPECT_EQ(MetadataOf(status, "resume_token"), "");
    return true;
  };
  EXPECT_TRUE(Eventually(attempt, absl::Seconds(120)));
}

TEST_F(SlowWatcherTest, OthersGoOnMeanwhile) {
  TestServer server(database_.url(), Options(absl::Seconds(60)));
  const auto client = server.NewClient();
  std::vector<std::unique_ptr<WatchStream>> stalled;
  for (int i = 0; i < 4; ++i) {
    const auto own = server.NewClient();
    stalled.push_back(std::make_unique<WatchStream>(*own, After(0)));
  }
  WatchStream live(*client, After(0));
  EXPECT_EQ(RevisionsOf(live.NextChanges(kDatasets + 1)), Range(1, kDatasets + 1));
  AddDataset("live");
  EXPECT_EQ(live.NextChange()->resource(), "publishers/swd/datasets/live");
  // And who reads after all is still there, and misses nothing: it left the ring, and comes back to it.
  EXPECT_EQ(RevisionsOf(stalled.front()->NextChanges(kDatasets + 2)), Range(1, kDatasets + 2));
  AddDataset("more");
  EXPECT_EQ(stalled.front()->NextChange()->resource(), "publishers/swd/datasets/more");
}

}  // namespace
}  // namespace almanac::testing
