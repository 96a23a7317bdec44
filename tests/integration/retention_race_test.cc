#include <atomic>
#include <functional>
#include <thread>

#include "absl/random/random.h"
#include "tests/integration/retention_fixture.h"

// All at once: writers, watchers, listers and two servers that take the log away behind them.
namespace almanac::testing {
namespace {

using almanac::v1::DatasetService;
using almanac::v1::ListChangesRequest;
using almanac::v1::ListChangesResponse;

// Writers, watchers and listers of two servers, which take all but the newest changes out of the log as fast as they
// can.
class RetentionRaceTest : public RetentionFixture {
 protected:
  static constexpr int kPartition = 400;
  static constexpr int kKept = 500;
  static constexpr int kDatasets = 30;

  RetentionRaceTest() : RetentionFixture(kPartition) { WriteUpTo(1 + kDatasets); }

  ~RetentionRaceTest() override { Stop(); }

  void Run(std::function<void(Client&, absl::BitGen&)> again) {
    const std::string& address = servers_[threads_.size() % 2]->address();
    threads_.emplace_back([this, address, again = std::move(again)] {
      Client client(address);
      absl::BitGen random;
      while (!stop_) again(client, random);
    });
  }
  void Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  // Ends a reader that had everything up to `cursor` with what it was told; returns where it may go on from.
  int64_t TakeEnd(const grpc::Status& status, int64_t cursor) {
    const int64_t oldest = OldestIn(status);
    EXPECT_GT(oldest - 1, cursor) << "what was refused is still there";
    ++told_;
    return oldest - 1;
  }

  void Write(Client& client, absl::BitGen& random) {
    almanac::v1::UpdateDatasetRequest request;
    request.mutable_dataset()->set_name(
        absl::StrCat("publishers/swd/datasets/d", absl::Uniform(random, 2, kDatasets + 2)));
    (*request.mutable_dataset()->mutable_titles())["en"] = absl::StrCat(absl::Uniform<uint64_t>(random));
    head_seen_ = Call(client.datasets.get(), &DatasetService::Stub::UpdateDataset, request).revision();
  }

  // Watches for a while from `cursor` on, by the token if there is one, and moves both on.
  void Watch(Client& client, absl::BitGen& random, int64_t& cursor, std::string& token) {
    WatchStream watch(client, token.empty() ? After(cursor) : Resume(token));
    const bool slow = absl::Bernoulli(random, 0.5);
    for (int left = absl::Uniform(random, 1, 1500); left > 0 && !stop_; --left) {
      const auto response = watch.Next();
      if (!response) {
        cursor = TakeEnd(watch.Finish(), cursor);
        token.clear();
        return;
      }
      token = watch.token();
      if (response->has_change()) {
        EXPECT_EQ(response->change().revision(), cursor + 1);
        cursor = response->change().revision();
        ++watched_;
      }
      if (slow) absl::SleepFor(absl::Milliseconds(absl::Uniform(random, 0, 8)));
    }
  }

  void TakeSnapshot(Client& client) {
    WatchStream watch(client, Snapshot());
    int64_t newest = 0;
    int rows = 0;
    while (const auto response = watch.Next()) {
      if (response->has_snapshot_end()) {
        EXPECT_EQ(rows, 1 + kDatasets);
        EXPECT_LE(newest, response->snapshot_end().revision());
        const auto change = watch.NextChange();
        if (change) {
          EXPECT_EQ(change->revision(), response->snapshot_end().revision() + 1);
        }
        ++snapshots_;
        return;
      }
      if (!response->has_snapshot_resource()) continue;
      ++rows;
      newest = std::max(newest, response->snapshot_resource().dataset().revision());
    }
    OldestIn(watch.Finish());
  }

  void ListAll(Client& client, absl::BitGen& random) {
    ListChangesRequest request;
    request.set_page_size(absl::Uniform(random, 20, 200));
    int64_t last = 0;
    do {
      CallContext context;
      ListChangesResponse page;
      const grpc::Status status = client.changes->ListChanges(&context, request, &page);
      if (!status.ok()) {
        EXPECT_FALSE(request.page_token().empty()) << "the oldest is always there";
        TakeEnd(status, last);
        return;
      }
      for (const almanac::v1::Change& change : page.changes()) {
        EXPECT_TRUE(last == 0 || change.revision() == last + 1) << change.revision() << " after " << last;
        last = change.revision();
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && !stop_);
    ++lists_;
  }

  std::vector<std::unique_ptr<TestServer>> servers_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stop_ = false;
  std::atomic<int64_t> head_seen_ = 0;
  std::atomic<int> told_ = 0, watched_ = 0, snapshots_ = 0, lists_ = 0;
};

TEST_F(RetentionRaceTest, EveryRevisionIsReadOnceOrItIsSaidThatItIsGone) {
  service::Server::Options options;
  options.retention = Newest(kKept);
  options.retention_interval = absl::Milliseconds(100);
  options.feed.ring_size = 64;
  for (int i = 0; i < 2; ++i) servers_.push_back(std::make_unique<TestServer>(database_.url(), options));
  for (int i = 0; i < 4; ++i) Run([this](Client& client, absl::BitGen& random) { Write(client, random); });
  for (int i = 0; i < 4; ++i) {
    Run([this, cursor = int64_t{0}, token = std::string()](Client& client, absl::BitGen& random) mutable {
      // Now and then from somewhere that may be gone.
      if (absl::Bernoulli(random, 0.2)) {
        cursor = absl::Uniform(absl::IntervalClosed, random, int64_t{0}, head_seen_.load());
        token.clear();
      }
      Watch(client, random, cursor, token);
    });
  }
  Run([this](Client& client, absl::BitGen&) { TakeSnapshot(client); });
  Run([this](Client& client, absl::BitGen& random) { ListAll(client, random); });
  EXPECT_TRUE(Eventually(
      [&] {
        return std::stoi(Sql("select compacted_revision from head")) >= 8 * kPartition && told_ >= 20 &&
               watched_ >= 5000 && snapshots_ >= 5 && lists_ >= 5;
      },
      absl::Seconds(150)))
      << "told " << told_ << ", watched " << watched_ << ", snapshots " << snapshots_ << ", lists " << lists_
      << ", compacted " << Sql("select compacted_revision from head");
  Stop();
  servers_.clear();
  CheckWhole(database_.url());
}

}  // namespace
}  // namespace almanac::testing
