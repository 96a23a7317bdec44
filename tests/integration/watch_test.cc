#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/integration/watch_stream.h"

namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::Dataset;
using almanac::v1::DatasetService;
using almanac::v1::WatchRequest;

class WatchTest : public ServiceTest {
 protected:
  WatchTest() { AddPublisher("swd"); }

  Dataset Retitle(const std::string& id, const std::string& title) {
    almanac::v1::UpdateDatasetRequest request;
    request.mutable_dataset()->set_name("publishers/swd/datasets/" + id);
    (*request.mutable_dataset()->mutable_titles())["en"] = title;
    return Call(client_->datasets.get(), &DatasetService::Stub::UpdateDataset, request);
  }
};

TEST_F(WatchTest, TellsEveryChangeFromARevisionOn) {
  for (int i = 0; i < 5; ++i) AddDataset(absl::StrCat("d", i));
  WatchStream watch(*client_, After(2));
  EXPECT_EQ(RevisionsOf(watch.NextChanges(4)), Range(3, 6));
  Retitle("d0", "New title");
  const auto change = watch.NextChange();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->revision(), 7);
  EXPECT_EQ(change->type(), Change::UPDATED);
  EXPECT_EQ(change->resource(), "publishers/swd/datasets/d0");
  EXPECT_EQ(change->actor(), "tester");
  EXPECT_EQ(std::vector<std::string>(change->changed_fields().begin(), change->changed_fields().end()),
            std::vector<std::string>{"titles"});
  EXPECT_EQ(change->before().dataset().titles().at("en"), "Dataset d0");
  EXPECT_EQ(change->after().dataset().titles().at("en"), "New title");
}

TEST_F(WatchTest, WithoutAStartItTellsWhatComesNext) {
  AddDataset("before");
  WatchStream watch(*client_, {});
  const auto first = watch.Next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->bookmark().revision(), 2);
  AddDataset("after");
  EXPECT_EQ(watch.NextChange()->resource(), "publishers/swd/datasets/after");
}

TEST_F(WatchTest, ResumesFromAnyTokenWithoutGapOrRepetition) {
  for (int i = 0; i < 6; ++i) AddDataset(absl::StrCat("d", i));
  std::vector<std::string> tokens;
  {
    WatchStream watch(*client_, After(0));
    for (int i = 0; i < 7; ++i) {
      ASSERT_TRUE(watch.NextChange());
      tokens.push_back(watch.token());
    }
  }
  for (size_t i = 0; i < tokens.size() - 1; ++i) {
    WatchStream resumed(*client_, Resume(tokens[i]));
    EXPECT_EQ(resumed.NextChange()->revision(), static_cast<int64_t>(i) + 2);
  }
}

TEST_F(WatchTest, ATokenIsGoodOnAnotherServerOfTheCatalogue) {
  AddDataset("one");
  WatchStream watch(*client_, After(0));
  watch.NextChanges(2);
  TestServer other(database_.url());
  const auto other_client = other.NewClient();
  WatchStream resumed(*other_client, Resume(watch.token()));
  AddDataset("two");
  EXPECT_EQ(resumed.NextChange()->resource(), "publishers/swd/datasets/two");
}

TEST_F(WatchTest, FiltersByPrefixAndKind) {
  AddPublisher("swdx");  // the prefix of a name, but another publisher
  AddDataset("d1", "swd");
  AddDataset("d1", "swdx");
  AddPublisher("other");
  AddDataset("d2", "swd");

  WatchRequest below = After(0);
  below.set_resource_prefix("publishers/swd");
  WatchStream watch(*client_, below);
  EXPECT_EQ(watch.NextChange()->resource(), "publishers/swd");
  EXPECT_EQ(watch.NextChange()->resource(), "publishers/swd/datasets/d1");
  EXPECT_EQ(watch.NextChange()->resource(), "publishers/swd/datasets/d2");

  WatchRequest publishers = After(0);
  publishers.add_kinds(almanac::v1::PUBLISHER);
  WatchStream kinds(*client_, publishers);
  EXPECT_EQ(RevisionsOf(kinds.NextChanges(3)), (std::vector<int64_t>{1, 2, 5}));
}

TEST_F(WatchTest, ASnapshotIsCompleteAndGoesOnWithoutGapOrOverlap) {
  std::atomic<bool> stop = false;
  for (int i = 0; i < 450; ++i) AddDataset(absl::StrCat("d", i));  // more than two pages
  std::thread writer([&] {
    const auto client = server_.NewClient();
    for (int i = 0; !stop; ++i) {
      almanac::v1::UpdateDatasetRequest request;
      request.mutable_dataset()->set_name(absl::StrCat("publishers/swd/datasets/d", (i * 7) % 450));
      (*request.mutable_dataset()->mutable_titles())["en"] = absl::StrCat("Title ", i);
      Call(client->datasets.get(), &DatasetService::Stub::UpdateDataset, request);
      almanac::v1::CreateDatasetRequest create;
      create.set_parent("publishers/swd");
      create.set_dataset_id(absl::StrCat("a", i));
      (*create.mutable_dataset()->mutable_titles())["en"] = "New";
      Call(client->datasets.get(), &DatasetService::Stub::CreateDataset, create);
    }
  });
  WatchStream watch(*client_, Snapshot());
  std::map<std::string, std::string> state;  // what the watcher believes, by name
  int64_t revision = 0;
  while (revision == 0) {
    const auto response = watch.Next();
    ASSERT_TRUE(response) << watch.Finish().error_message();
    if (response->has_snapshot_end()) revision = response->snapshot_end().revision();
    if (response->snapshot_resource().has_dataset()) {
      const Dataset& dataset = response->snapshot_resource().dataset();
      EXPECT_TRUE(state.emplace(dataset.name(), dataset.SerializeAsString()).second) << "twice: " << dataset.name();
    }
    EXPECT_FALSE(response->has_change());
  }
  for (const auto& [name, bytes] : state) {
    Dataset dataset;
    dataset.ParseFromString(bytes);
    EXPECT_LE(dataset.revision(), revision) << name << " is newer than the snapshot";
  }
  const std::vector<Change> changes = watch.NextChanges(50);
  EXPECT_EQ(RevisionsOf(changes), Range(revision + 1, revision + 50));
  stop = true;
  writer.join();
  const int64_t head = HeadRevision();
  std::vector<Change> all = changes;
  for (const Change& change : watch.NextChanges(static_cast<int>(head - changes.back().revision())))
    all.push_back(change);
  for (const Change& change : all) {
    const auto known = state.find(change.resource());
    if (change.has_before()) {
      Dataset before;
      ASSERT_NE(known, state.end()) << change.resource() << " was missing in the snapshot";
      before.ParseFromString(known->second);
      EXPECT_EQ(before.revision(), change.before().dataset().revision());
    } else {
      EXPECT_EQ(known, state.end()) << change.resource() << " was there before it was created";
    }
    state[change.resource()] = change.after().dataset().SerializeAsString();
  }
  const auto rows =
      database_.Sql("select dataset_id || ' ' || revision from datasets order by dataset_id collate \"C\"");
  ASSERT_EQ(rows.size(), state.size());
  size_t i = 0;
  for (const auto& [name, bytes] : state) {
    Dataset dataset;
    dataset.ParseFromString(bytes);
    EXPECT_EQ(absl::StrCat("publishers/swd/datasets/", rows[i++]), absl::StrCat(name, " ", dataset.revision()));
  }
}

TEST_F(WatchTest, ASnapshotHoldsEveryKindAndDeletedOnes) {
  AddDataset("live");
  AddDataset("gone");
  almanac::v1::DeleteDatasetRequest request;
  request.set_name("publishers/swd/datasets/gone");
  Call(client_->datasets.get(), &DatasetService::Stub::DeleteDataset, request);
  WatchStream watch(*client_, Snapshot());
  std::vector<std::string> seen;
  while (const auto response = watch.Next()) {
    if (response->has_snapshot_end()) break;
    const auto& resource = response->snapshot_resource();
    EXPECT_TRUE(response->resume_token().empty()) << "a snapshot cannot be resumed";
    if (resource.has_publisher()) seen.push_back(resource.publisher().name());
    if (resource.has_dataset()) {
      seen.push_back(resource.dataset().name() + (resource.dataset().has_delete_time() ? " deleted" : ""));
    }
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"publishers/swd", "publishers/swd/datasets/gone deleted",
                                            "publishers/swd/datasets/live"}));
}

TEST_F(WatchTest, TellsWhyARevisionCannotBeHad) {
  for (int i = 0; i < 5; ++i) AddDataset(absl::StrCat("d", i));
  const grpc::Status future = WatchStream(*client_, After(7)).Finish();
  EXPECT_EQ(future.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ReasonOf(future), "REVISION_IN_FUTURE");
  EXPECT_EQ(NextStepOf(future), "RELIST");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(future).metadata().at("head_revision"), "6");
  EXPECT_TRUE(WatchStream(*client_, After(6)).Next());  // the edge

  database_.Sql("update head set compacted_revision = 3");
  const grpc::Status compacted = WatchStream(*client_, After(2)).Finish();
  EXPECT_EQ(compacted.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ReasonOf(compacted), "REVISION_COMPACTED");
  EXPECT_EQ(NextStepOf(compacted), "RELIST");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(compacted).metadata().at("oldest_revision"), "4");
  EXPECT_EQ(WatchStream(*client_, After(3)).NextChange()->revision(), 4);  // the edge
}

TEST_F(WatchTest, RefusesForeignTokens) {
  WatchStream watch(*client_, After(0));
  ASSERT_TRUE(watch.NextChange());
  const grpc::Status junk = WatchStream(*client_, Resume("no token")).Finish();
  EXPECT_EQ(junk.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(FieldOf(junk), "resume_token");
  EXPECT_EQ(NextStepOf(junk), "FIX_REQUEST");

  WatchRequest other_filter = Resume(watch.token());
  other_filter.add_kinds(almanac::v1::DATASET);
  const grpc::Status foreign_filter = WatchStream(*client_, other_filter).Finish();
  EXPECT_EQ(foreign_filter.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(FieldOf(foreign_filter), "resume_token");
  EXPECT_EQ(NextStepOf(foreign_filter), "FIX_REQUEST");

  TestDatabase foreign;
  TestServer foreign_server(foreign.url());
  const auto foreign_client = foreign_server.NewClient();
  EXPECT_EQ(WatchStream(*foreign_client, Resume(watch.token())).Finish().error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);

  database_.Sql("update head set epoch = epoch + 1");
  const grpc::Status restored = WatchStream(*client_, Resume(watch.token())).Finish();
  EXPECT_EQ(restored.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(restored), "EPOCH_CHANGED");
  EXPECT_EQ(NextStepOf(restored), "RELIST");
}

TEST_F(WatchTest, RefusesFiltersThatCannotMatch) {
  WatchRequest request = After(0);
  request.set_resource_prefix("publishers");
  EXPECT_EQ(FieldOf(WatchStream(*client_, request).Finish()), "resource_prefix");
  request.clear_resource_prefix();
  request.add_kinds(static_cast<almanac::v1::ResourceKind>(99));
  EXPECT_EQ(FieldOf(WatchStream(*client_, request).Finish()), "kinds");
  EXPECT_EQ(FieldOf(WatchStream(*client_, After(-1)).Finish()), "after_revision");
}

TEST_F(WatchTest, RefusesRequestsThatAreLargerThanAnyNeedsToBe) {
  WatchRequest request;
  for (int i = 0; i < 4; ++i) request.add_kinds(almanac::v1::PUBLISHER);
  EXPECT_TRUE(WatchStream(*client_, request).Next()) << "as many as there are kinds";
  request.add_kinds(almanac::v1::DATASET);
  EXPECT_EQ(FieldOf(WatchStream(*client_, request).Finish()), "kinds");
  almanac::v1::ListChangesRequest list;
  *list.mutable_kinds() = request.kinds();
  EXPECT_EQ(FieldOf(StatusOf(client_->changes.get(), &almanac::v1::ChangeService::Stub::ListChanges, list)), "kinds");

  EXPECT_EQ(FieldOf(WatchStream(*client_, Resume(std::string(64 << 10, 'A'))).Finish()), "request");
  WatchRequest unknown;
  unknown.GetReflection()->MutableUnknownFields(&unknown)->AddLengthDelimited(1000, std::string(64 << 10, 'A'));
  const grpc::Status status = WatchStream(*client_, unknown).Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(FieldOf(status), "request");
}

TEST_F(WatchTest, AWatcherThatFellOutOfTheRingReadsOnFromTheDatabase) {
  service::Server::Options options;
  options.feed.ring_size = 16;
  TestServer small(database_.url(), options);
  for (int i = 0; i < 500; ++i) AddDataset(absl::StrCat("d", i));
  const auto client = small.NewClient();
  WatchStream watch(*client, After(0));
  EXPECT_EQ(RevisionsOf(watch.NextChanges(501)), Range(1, 501));
  AddDataset("live");
  EXPECT_EQ(watch.NextChange()->resource(), "publishers/swd/datasets/live");

  WatchRequest filtered = After(0);
  filtered.set_resource_prefix("publishers/swd/datasets/d7");
  EXPECT_EQ(WatchStream(*client, filtered).NextChange()->revision(), 9);
}

TEST_F(WatchTest, SendsBookmarksWhenNothingHappens) {
  service::Server::Options options;
  options.feed.tick = absl::Milliseconds(20);
  options.feed.bookmark_interval = absl::Milliseconds(50);
  TestServer quick(database_.url(), options);
  const auto client = quick.NewClient();
  WatchRequest request = After(0);
  request.add_kinds(almanac::v1::COMMITMENT);  // nothing of this kind ever happens
  WatchStream watch(*client, request);
  AddDataset("unseen");
  int64_t revision = -1;
  while (revision < 2) {
    const auto response = watch.Next();
    ASSERT_TRUE(response && response->has_bookmark());
    EXPECT_GE(response->bookmark().revision(), revision);
    revision = response->bookmark().revision();
  }
  EXPECT_EQ(revision, 2);
}

TEST_F(WatchTest, AServerThatStopsSaysWhereToResume) {
  AddDataset("one");
  WatchStream watch(*client_, After(0));
  watch.NextChanges(2);
  server_.server().Drain();
  const grpc::Status status = watch.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "SERVER_STOPPING");
  EXPECT_EQ(NextStepOf(status), "RESUME");
  const std::string token = MetadataOf(status, "resume_token");
  TestServer next(database_.url());
  const auto client = next.NewClient();
  WatchStream resumed(*client, Resume(token));
  almanac::v1::CreateDatasetRequest request;
  request.set_parent("publishers/swd");
  request.set_dataset_id("two");
  (*request.mutable_dataset()->mutable_titles())["en"] = "Two";
  Call(client->datasets.get(), &DatasetService::Stub::CreateDataset, request);
  EXPECT_EQ(resumed.NextChange()->resource(), "publishers/swd/datasets/two");
}

}  // namespace
}  // namespace almanac::testing
