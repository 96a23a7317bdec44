#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "db/change_log.h"
#include "tests/integration/log_lock.h"
#include "tests/integration/watch_stream.h"

// How the change log is read: by the feed, by watchers that the ring cannot serve, and in lists.
namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::ChangeService;
using almanac::v1::DatasetService;
using almanac::v1::ListChangesRequest;
using almanac::v1::ListChangesResponse;
using almanac::v1::WatchRequest;
using service::ChangeFeed;

class FeedTest : public ServiceTest {
 protected:
  FeedTest() { AddPublisher("swd"); }

  // Adds the datasets d0, d1, …: with the publisher, revisions 1 to count + 1.
  void AddDatasets(int count) {
    for (int i = 0; i < count; ++i) AddDataset(absl::StrCat("d", i));
  }

  ListChangesResponse List(const ListChangesRequest& request) {
    return Call(client_->changes.get(), &ChangeService::Stub::ListChanges, request);
  }

  // Every page of a list.
  std::vector<ListChangesResponse> AllPages(ListChangesRequest request) {
    std::vector<ListChangesResponse> pages;
    do {
      pages.push_back(List(request));
      request.set_page_token(pages.back().next_page_token());
    } while (!request.page_token().empty());
    return pages;
  }

  almanac::v1::GetStatusResponse GetStatus() {
    return Call(client_->changes.get(), &ChangeService::Stub::GetStatus, almanac::v1::GetStatusRequest());
  }
};

std::vector<int64_t> RevisionsIn(const std::vector<ListChangesResponse>& pages) {
  std::vector<int64_t> revisions;
  for (const ListChangesResponse& page : pages) {
    for (const Change& change : page.changes()) revisions.push_back(change.revision());
  }
  return revisions;
}

TEST_F(FeedTest, WatchersThatAllStartFromTheBeginningAtOnceWaitForEachOther) {
  AddDatasets(40);
  db::Database::Options options;
  options.max_queue = 4;  // of requests; a watcher that catches up is not refused
  TestServer late({database_.url()}, {}, std::move(options));
  const auto client = late.NewClient();
  std::vector<std::unique_ptr<WatchStream>> watches;
  {
    LogLock lock(database_.url());
    for (int i = 0; i < 300; ++i) {
      watches.push_back(std::make_unique<WatchStream>(*client, After(0)));
      ASSERT_TRUE(watches.back()->Next()) << i << ": " << watches.back()->Finish().error_message();
    }
    lock.Commit();
  }
  for (const auto& watch : watches) EXPECT_EQ(RevisionsOf(watch->NextChanges(41)), Range(1, 41));
  AddDataset("live");
  for (const auto& watch : watches) EXPECT_EQ(watch->NextChange()->revision(), 42);
}

TEST_F(FeedTest, TheRingIsBoundedByEventsAndByBytes) {
  const auto database = db::Database::Open({.url = database_.url(), .read_connections = 1});
  ASSERT_TRUE(database.ok());
  ChangeFeed::Options options;
  ChangeFeed roomy(**database, options);
  options.ring_size = 3;
  ChangeFeed few(**database, options);
  options = {};
  options.ring_bytes = 10'000;
  ChangeFeed small(**database, options);
  const std::vector<ChangeFeed*> feeds = {&roomy, &few, &small};
  const auto reach = [&](int64_t revision) {
    for (ChangeFeed* feed : feeds) EXPECT_TRUE(Eventually([&] { return feed->revision() == revision; }));
  };
  reach(1);
  almanac::v1::CreateDatasetRequest request;
  request.set_parent("publishers/swd");
  (*request.mutable_dataset()->mutable_titles())["en"] = "Title";
  (*request.mutable_dataset()->mutable_remarks())["en"] = std::string(4000, 'r');
  for (int i = 0; i < 10; ++i) {
    request.set_dataset_id(absl::StrCat("d", i));
    Call(client_->datasets.get(), &DatasetService::Stub::CreateDataset, request);
  }
  reach(11);
  const auto position = [](const ChangeFeed& feed, int64_t revision) { return feed.After(1, revision, {}).position; };
  EXPECT_EQ(position(roomy, 1), ChangeFeed::Position::kEvent);
  EXPECT_EQ(position(few, 7), ChangeFeed::Position::kBehind);
  EXPECT_EQ(position(few, 8), ChangeFeed::Position::kEvent);  // of 9, 10 and 11
  EXPECT_EQ(position(small, 8), ChangeFeed::Position::kBehind);
  EXPECT_EQ(position(small, 9), ChangeFeed::Position::kEvent);  // of 10 and 11, 4 KB each
}

TEST_F(FeedTest, LargeChangesComeInSmallPages) {
  almanac::v1::CreateDatasetRequest request;
  request.set_parent("publishers/swd");
  (*request.mutable_dataset()->mutable_titles())["en"] = "Title";
  std::string remark;
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&remark, "数");
  for (const char* language : {"de", "en", "es", "fr", "it", "ja", "pt", "ru"}) {
    (*request.mutable_dataset()->mutable_remarks())[language] = remark;  // 240 KB together
  }
  for (int i = 10; i < 40; ++i) {
    request.set_dataset_id(absl::StrCat("large-", i));
    Call(client_->datasets.get(), &DatasetService::Stub::CreateDataset, request);
  }
  const std::vector<ListChangesResponse> pages = AllPages({});
  EXPECT_EQ(RevisionsIn(pages), Range(1, 31));
  EXPECT_EQ(pages.size(), 3U);  // 13 of them fit into 3 MiB
  for (const ListChangesResponse& page : pages) EXPECT_LT(page.ByteSizeLong(), 4U << 20);

  TestServer late(database_.url());
  const auto client = late.NewClient();
  EXPECT_EQ(RevisionsOf(WatchStream(*client, After(0)).NextChanges(31)), Range(1, 31));
  WatchStream snapshot(*client, Snapshot());
  std::vector<int64_t> revisions;
  while (const auto response = snapshot.Next()) {
    if (response->has_snapshot_end()) break;
    const auto& resource = response->snapshot_resource();
    if (resource.has_publisher()) revisions.push_back(resource.publisher().revision());
    if (resource.has_dataset()) revisions.push_back(resource.dataset().revision());
  }
  EXPECT_EQ(revisions, Range(1, 31));
}

TEST_F(FeedTest, ALongLogIsLookedThroughInSteps) {
  AddPublisher("rare");
  AddDataset("common");
  database_.Sql(
      "with more as (insert into changes"
      "              select n, change_time, actor, request_id, kind, type, resource, changed_fields, true, entry"
      "              from changes, generate_series(4, 50000) as n where revision = 3)"
      " update head set revision = 50000");
  TestServer late(database_.url());
  client_ = late.NewClient();
  almanac::v1::UpdatePublisherRequest update;
  update.mutable_publisher()->set_name("publishers/rare");
  (*update.mutable_publisher()->mutable_titles())["en"] = "Rarely changed";
  Call(client_->publishers.get(), &almanac::v1::PublisherService::Stub::UpdatePublisher, update);

  ListChangesRequest rare;
  rare.set_resource_prefix("publishers/rare");
  const std::vector<ListChangesResponse> pages = AllPages(rare);
  EXPECT_EQ(RevisionsIn(pages), (std::vector<int64_t>{2, 50'001}));
  EXPECT_GT(pages.size(), 2U) << "all was looked through at once";
  EXPECT_LT(pages.size(), 10U);
  rare.set_end_revision(40'000);
  EXPECT_EQ(RevisionsIn(AllPages(rare)), std::vector<int64_t>{2});
  ListChangesRequest publishers;
  publishers.add_kinds(almanac::v1::PUBLISHER);
  EXPECT_EQ(RevisionsIn(AllPages(publishers)), (std::vector<int64_t>{1, 2, 50'001}));

  WatchRequest watch = After(0);
  watch.set_resource_prefix("publishers/rare");
  EXPECT_EQ(RevisionsOf(WatchStream(*client_, watch).NextChanges(2)), (std::vector<int64_t>{2, 50'001}));
}

TEST_F(FeedTest, AListOfOneDatasetFindsItsChangesAnywhere) {
  AddDatasets(12);
  ListChangesRequest request;
  request.set_resource_prefix("publishers/swd/datasets/d1");  // and not d10 or d11
  EXPECT_EQ(RevisionsIn(AllPages(request)), std::vector<int64_t>{3});
  request.add_kinds(almanac::v1::DATASET);
  EXPECT_EQ(RevisionsIn(AllPages(request)), std::vector<int64_t>{3});
  request.set_kinds(0, almanac::v1::PUBLISHER);
  EXPECT_EQ(RevisionsIn(AllPages(request)), std::vector<int64_t>{});
}

TEST_F(FeedTest, AListSaysWhatIsNoLongerInTheLog) {
  AddDatasets(5);
  ListChangesRequest page;
  page.set_page_size(2);
  page.set_page_token(List(page).next_page_token());
  database_.Sql("with gone as (delete from changes where revision <= 3) update head set compacted_revision = 3");
  const auto refused = [&](const ListChangesRequest& request) {
    const grpc::Status status = StatusOf(client_->changes.get(), &ChangeService::Stub::ListChanges, request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
    EXPECT_EQ(ReasonOf(status), "REVISION_COMPACTED");
    EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("oldest_revision"), "4");
  };
  refused(page);
  ListChangesRequest request;
  request.set_start_revision(3);
  refused(request);
  request.set_start_revision(4);
  EXPECT_EQ(RevisionsIn(AllPages(request)), Range(4, 6));
  EXPECT_EQ(RevisionsIn(AllPages({})), Range(4, 6));
}

// A watcher is about to read what compaction drops: it must not be given the rest as if nothing were missing.
TEST_F(FeedTest, CompactionDuringAReadIsNoSilentGap) {
  AddDatasets(5);
  TestServer late(database_.url());
  const auto client = late.NewClient();
  LogLock lock(database_.url());
  WatchStream watch(*client, After(0));
  ASSERT_TRUE(watch.Next());
  LogLock::AwaitReader(database_);
  lock.Commit("with gone as (delete from changes where revision <= 3) update head set compacted_revision = 3");
  EXPECT_FALSE(watch.NextChange());
  EXPECT_EQ(ReasonOf(watch.Finish()), "REVISION_COMPACTED");
}

// What a failover to a standby that lagged behind leaves: fewer changes, and a head that went back.
constexpr char kLoseAfterFour[] =
    "with lost as (delete from datasets where revision > 4), gone as (delete from changes where revision > 4)"
    " update head set revision = 4";
constexpr char kRaiseEpoch[] = "update head set epoch = epoch + 1";

TEST_F(FeedTest, AfterARestoreWatchersAreToldAndASnapshotIsRight) {
  AddDatasets(5);
  WatchStream all(*client_, After(0));
  EXPECT_EQ(RevisionsOf(all.NextChanges(6)), Range(1, 6));
  WatchRequest none;
  none.add_kinds(almanac::v1::COMMITMENT);
  WatchStream idle(*client_, none);
  ASSERT_TRUE(idle.Next());
  database_.Sql(absl::StrCat(kLoseAfterFour, ", epoch = epoch + 1"));
  for (WatchStream* watch : {&all, &idle}) {
    const grpc::Status status = watch->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION) << status.error_message();
    EXPECT_EQ(ReasonOf(status), "EPOCH_CHANGED");
  }
  EXPECT_EQ(ReasonOf(WatchStream(*client_, Resume(all.token())).Finish()), "EPOCH_CHANGED");

  WatchStream watch(*client_, Snapshot());
  std::vector<std::string> names;
  while (const auto response = watch.Next()) {
    if (response->has_snapshot_end()) {
      EXPECT_EQ(response->snapshot_end().revision(), 4);
      break;
    }
    const auto& resource = response->snapshot_resource();
    if (resource.has_dataset()) names.push_back(resource.dataset().name());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"publishers/swd/datasets/d0", "publishers/swd/datasets/d1",
                                             "publishers/swd/datasets/d2"}));
  // Revisions 5 and 6 once more, and now of others.
  AddDataset("new-5");
  AddDataset("new-6");
  const std::vector<Change> changes = watch.NextChanges(2);
  EXPECT_EQ(RevisionsOf(changes), Range(5, 6));
  EXPECT_EQ(changes[0].resource(), "publishers/swd/datasets/new-5");
  EXPECT_EQ(changes[1].resource(), "publishers/swd/datasets/new-6");
  WatchStream again(*client_, After(0));
  EXPECT_EQ(again.NextChanges(6)[4].resource(), "publishers/swd/datasets/new-5");
}

TEST_F(FeedTest, AHeadThatGoesBackEndsTheStreamsTooWhenNobodyRaisesTheEpoch) {
  AddDatasets(5);
  WatchStream watch(*client_, After(0));
  EXPECT_EQ(RevisionsOf(watch.NextChanges(6)), Range(1, 6));
  database_.Sql(kLoseAfterFour);
  EXPECT_EQ(ReasonOf(watch.Finish()), "EPOCH_CHANGED");
  WatchStream next(*client_, After(4));
  ASSERT_TRUE(next.Next());
  AddDataset("new-5");
  EXPECT_EQ(next.NextChange()->resource(), "publishers/swd/datasets/new-5");
}

TEST_F(FeedTest, ARestoreDuringAReadGivesNothingOfTheNewLogToAnOldStream) {
  AddDatasets(5);
  TestServer late(database_.url());
  const auto client = late.NewClient();
  LogLock lock(database_.url());
  WatchStream watch(*client, After(0));
  ASSERT_TRUE(watch.Next());
  LogLock::AwaitReader(database_);
  lock.Commit(kRaiseEpoch);
  EXPECT_FALSE(watch.NextChange());
  EXPECT_EQ(ReasonOf(watch.Finish()), "EPOCH_CHANGED");
}

TEST_F(FeedTest, MonitorsThatAskOftenDoNotCountEachTime) {
  AddDatasets(2);
  EXPECT_EQ(GetStatus().counts().datasets(), 2);
  pqxx::connection connection(database_.url());
  pqxx::work work(connection);
  work.exec("lock table commitments in access exclusive mode");
  const auto status = GetStatus();  // which would wait for the lock
  EXPECT_EQ(status.counts().datasets(), 2);
  EXPECT_EQ(status.counts().publishers(), 1);
  work.abort();
  AddDataset("more");
  EXPECT_EQ(GetStatus().head_revision(), 4) << "which is never old";
}

}  // namespace
}  // namespace almanac::testing
