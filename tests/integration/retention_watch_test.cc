#include <gmock/gmock.h>

#include <map>
#include <pqxx/pqxx>
#include <thread>

#include "tests/integration/processes.h"
#include "tests/integration/retention_fixture.h"

// What readers of the log are told while its oldest part goes: each revision once, or an error that says what is left.
namespace almanac::testing {
namespace {

using almanac::v1::ChangeService;
using almanac::v1::DatasetService;
using almanac::v1::ListChangesRequest;
using almanac::v1::ListChangesResponse;

ListChangesRequest From(int64_t start_revision, int page_size = 1000) {
  ListChangesRequest request;
  request.set_start_revision(start_revision);
  request.set_page_size(page_size);
  return request;
}

class RetentionWatchTest : public RetentionFixture {
 protected:
  ListChangesResponse List(const ListChangesRequest& request) {
    return Call(client_->changes.get(), &ChangeService::Stub::ListChanges, request);
  }
  grpc::Status ListStatus(const ListChangesRequest& request) {
    return StatusOf(client_->changes.get(), &ChangeService::Stub::ListChanges, request);
  }

  // Adds datasets of some 240 KB each, more than a client takes that does not read, until the head is at `revision`.
  void WriteLargeUpTo(int64_t revision) {
    WriteUpTo(1);
    almanac::v1::CreateDatasetRequest request;
    request.set_parent("publishers/swd");
    (*request.mutable_dataset()->mutable_titles())["en"] = "Title";
    std::string longest;
    for (int i = 0; i < 10'000; ++i) longest += "數";
    for (const char* language : {"de", "en", "es", "fr", "it", "ja", "pt", "ru"}) {
      (*request.mutable_dataset()->mutable_remarks())[language] = longest;
    }
    while (head_ < revision && !HasFailure()) {
      request.set_dataset_id(absl::StrCat("large-", head_ + 1));
      head_ = Call(client_->datasets.get(), &DatasetService::Stub::CreateDataset, request).revision();
    }
  }

  void Retitle(const std::string& id) {
    almanac::v1::UpdateDatasetRequest request;
    request.mutable_dataset()->set_name("publishers/swd/datasets/" + id);
    (*request.mutable_dataset()->mutable_titles())["en"] = absl::StrCat("After ", head_);
    head_ = Call(client_->datasets.get(), &DatasetService::Stub::UpdateDataset, request).revision();
  }
};

TEST_F(RetentionWatchTest, TheLastRevisionThatIsGoneIsWhereReadersCanStillGoOnFrom) {
  WriteUpTo(35);
  std::map<int64_t, std::string> tokens;
  WatchStream before(*client_, After(0));
  while (tokens.size() < 35) {
    const auto change = before.NextChange();
    ASSERT_TRUE(change);
    tokens[change->revision()] = before.token();
  }
  ListChangesRequest page = From(0, 19);
  page.set_page_token(List(page).next_page_token());  // to go on after 19
  ListChangesRequest next_page = From(0, 20);
  next_page.set_page_token(List(next_page).next_page_token());  // after 20
  EXPECT_EQ(Compact(Newest(15)), 10);
  EXPECT_EQ(Compact(Newest(15)), 20);

  for (const int64_t revision : {0, 1, 10, 19}) {
    EXPECT_EQ(OldestIn(WatchStream(*client_, After(revision)).Finish()), 21) << revision;
    if (revision > 0) {
      EXPECT_EQ(OldestIn(WatchStream(*client_, Resume(tokens[revision])).Finish()), 21) << revision;
    }
    EXPECT_EQ(OldestIn(ListStatus(From(revision + 1))), 21) << revision;
  }
  EXPECT_EQ(RevisionsOf(WatchStream(*client_, After(20)).NextChanges(15)), Range(21, 35));
  EXPECT_EQ(RevisionsOf(WatchStream(*client_, Resume(tokens[20])).NextChanges(15)), Range(21, 35));
  EXPECT_EQ(OldestIn(ListStatus(page)), 21);
  EXPECT_EQ(List(next_page).changes(0).revision(), 21);
  EXPECT_EQ(List(From(21)).changes_size(), 15);
  EXPECT_EQ(List(From(0)).changes_size(), 15) << "from the oldest that there is";

  almanac::v1::GetChangeRequest get;
  get.set_name("changes/21");
  EXPECT_EQ(Call(client_->changes.get(), &ChangeService::Stub::GetChange, get).revision(), 21);
  for (const auto& [name, reason] :
       {std::pair("changes/20", "REVISION_COMPACTED"), {"changes/36", "RESOURCE_NOT_FOUND"}}) {
    get.set_name(name);
    const grpc::Status status = StatusOf(client_->changes.get(), &ChangeService::Stub::GetChange, get);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(ReasonOf(status), reason) << name;
  }

  // On another server too, whose feed has seen nothing of what is gone.
  const TestServer late(database_.url());
  const auto client = late.NewClient();
  EXPECT_EQ(RevisionsOf(WatchStream(*client, Resume(tokens[20])).NextChanges(15)), Range(21, 35));
  EXPECT_EQ(OldestIn(WatchStream(*client, Resume(tokens[19])).Finish()), 21);
}

TEST_F(RetentionWatchTest, WhoFollowsFromTheRingGoesOn) {
  WriteUpTo(5);
  WatchStream watch(*client_, After(0));
  EXPECT_EQ(RevisionsOf(watch.NextChanges(5)), Range(1, 5));
  WriteUpTo(45);
  EXPECT_EQ(Compact(Newest(5)), 10);
  EXPECT_EQ(Compact(Newest(5)), 20);
  WriteUpTo(50);
  EXPECT_EQ(RevisionsOf(watch.NextChanges(45)), Range(6, 50));
}

TEST_F(RetentionWatchTest, WhoIsBehindTheRingIsToldWhatHeMissed) {
  WriteLargeUpTo(95);
  TestServer late(database_.url());
  const auto client = late.NewClient();
  WatchStream watch(*client, After(0));
  ASSERT_TRUE(watch.Next());
  while (Compact(Newest(10)) > 0) {
  }
  int64_t last = 0;
  while (const auto change = watch.NextChange()) {
    EXPECT_EQ(change->revision(), last + 1);
    last = change->revision();
  }
  EXPECT_LT(last, 80) << "the client was sent all that it did not read";
  // He may have been told while there was still more to be taken out.
  const int64_t oldest = OldestIn(watch.Finish());
  EXPECT_GT(oldest, last + 1);
  EXPECT_LE(oldest, 81);
}

TEST_F(RetentionWatchTest, ASnapshotThatNeedsWhatIsGoneIsEndedAndOneThatDoesNotIsComplete) {
  WriteLargeUpTo(95);
  TestServer late(database_.url());
  const auto client = late.NewClient();
  // At 95. What is written of large-95 after it is in the log, but not the change that says what it was before.
  WatchStream needs(*client, Snapshot());
  ASSERT_TRUE(needs.Next());
  for (int i = 0; i < 20; ++i) Retitle("large-95");
  // At 115: what it needs stays in the log.
  WatchStream complete(*client, Snapshot());
  ASSERT_TRUE(complete.Next());
  while (Compact(Newest(5)) > 0) {
  }
  EXPECT_EQ(GetStatus(*client).oldest_revision(), 111);
  Retitle("large-95");
  while (const auto response = needs.Next()) EXPECT_FALSE(response->has_snapshot_end());
  EXPECT_EQ(OldestIn(needs.Finish()), 111);

  int rows = 0;
  std::optional<almanac::v1::WatchResponse> response = complete.Next();
  for (; response && !response->has_snapshot_end(); response = complete.Next()) {
    // Nothing but a bookmark, where all this takes long.
    if (!response->has_snapshot_resource()) continue;
    ++rows;
    const auto& dataset = response->snapshot_resource().dataset();
    if (dataset.name() == "publishers/swd/datasets/large-95") {
      EXPECT_EQ(dataset.revision(), 115);
    }
  }
  ASSERT_TRUE(response) << complete.Finish().error_message();
  EXPECT_EQ(response->snapshot_end().revision(), 115);
  EXPECT_EQ(rows, 95);
  EXPECT_EQ(complete.NextChange()->revision(), 116);
}

// With a synchronous standby that does not exist, a commit is made here and waits for ever before it says so; ending
// its session then loses just the answer. What retention has taken out of the log since can no longer be looked for
// there.
TEST(RetentionDoubtTest, ACommitThatLeftTheLogBeforeItWasLookedForIsInDoubt) {
  TestCluster cluster;
  ASSERT_TRUE(db::Migrate(cluster.url()).ok());
  const TestServer server(cluster.url());
  const auto client = server.NewClient();
  RunSql(cluster.url(), "alter system set synchronous_standby_names = 'none_such'");
  RunSql(cluster.url(), "select pg_reload_conf()");
  ASSERT_TRUE(
      Eventually([&] { return RunSql(cluster.url(), "show synchronous_standby_names").front() == "none_such"; }));
  almanac::v1::CreatePublisherRequest create;
  create.set_publisher_id("swd");
  (*create.mutable_publisher()->mutable_titles())["en"] = "SWD";
  grpc::Status status;
  std::thread call([&] {
    status = StatusOf(client->publishers.get(), &almanac::v1::PublisherService::Stub::CreatePublisher, create);
  });
  const auto waits_for = [&](const std::string& event) {
    return Eventually(
        [&] { return RunSql(cluster.url(), "select count(*) from pg_stat_activity where " + event).front() == "1"; });
  };
  EXPECT_TRUE(waits_for("wait_event = 'SyncRep'"));
  std::thread retention([&] {
    pqxx::connection connection(cluster.url());
    pqxx::work work(connection);
    work.exec("set local synchronous_commit = local");
    work.exec("select from head for update");  // before the server looks
    work.exec("delete from changes");
    work.exec("update head set compacted_revision = 1");
    work.commit();
  });
  EXPECT_TRUE(waits_for("wait_event_type = 'Lock'"));
  RunSql(cluster.url(), "alter system reset synchronous_standby_names");
  // Now and then it wakes up for a moment, in which it is not found.
  EXPECT_TRUE(Eventually([&] {
    const char* const end = "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'";
    return !RunSql(cluster.url(), end).empty();
  }));
  RunSql(cluster.url(), "select pg_reload_conf()");
  retention.join();
  call.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  EXPECT_EQ(ReasonOf(status), "COMMIT_IN_DOUBT") << status.error_message();
}

}  // namespace
}  // namespace almanac::testing
