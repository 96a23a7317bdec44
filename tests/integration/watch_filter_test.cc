#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/watch_stream.h"

// Watching a part of the changes only.
namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::ChangeService;
using almanac::v1::DatasetService;
using almanac::v1::ListChangesRequest;
using almanac::v1::WatchRequest;

class WatchFilterTest : public ServiceTest {
 protected:
  // 1: CREATED, the publisher; 2: CREATED, d1; 3: UPDATED, titles; 4: UPDATED, remarks and titles; 5: DELETED, d1;
  // 6: UPDATED, the publisher's titles.
  WatchFilterTest() {
    AddPublisher("swd");
    AddDataset("d1");
    Update("Another", "");
    Update("Third", "A remark");
    almanac::v1::DeleteDatasetRequest remove;
    remove.set_name("publishers/swd/datasets/d1");
    Call(client_->datasets.get(), &DatasetService::Stub::DeleteDataset, remove);
    almanac::v1::UpdatePublisherRequest update;
    update.mutable_publisher()->set_name("publishers/swd");
    (*update.mutable_publisher()->mutable_titles())["en"] = "Renamed";
    Call(client_->publishers.get(), &almanac::v1::PublisherService::Stub::UpdatePublisher, update);
  }

  void Update(const std::string& title, const std::string& remark) {
    almanac::v1::UpdateDatasetRequest request;
    request.mutable_dataset()->set_name("publishers/swd/datasets/d1");
    (*request.mutable_dataset()->mutable_titles())["en"] = title;
    if (!remark.empty()) (*request.mutable_dataset()->mutable_remarks())["en"] = remark;
    Call(client_->datasets.get(), &DatasetService::Stub::UpdateDataset, request);
  }

  // What a filter lets pass: of a stream from the ring, of one from the database, and of a list, all of which agree.
  std::vector<int64_t> Passing(WatchRequest request) {
    ListChangesRequest list;
    list.set_resource_prefix(request.resource_prefix());
    *list.mutable_kinds() = request.kinds();
    *list.mutable_types() = request.types();
    *list.mutable_changed_fields() = request.changed_fields();
    const auto listed = Call(client_->changes.get(), &ChangeService::Stub::ListChanges, list);
    const std::vector<Change> changes(listed.changes().begin(), listed.changes().end());
    request.set_after_revision(0);
    TestServer late(database_.url());
    const auto late_client = late.NewClient();
    for (Client* client : {client_.get(), late_client.get()}) {
      WatchStream watch(*client, request);
      EXPECT_EQ(RevisionsOf(watch.NextChanges(listed.changes_size())), RevisionsOf(changes));
    }
    return RevisionsOf(changes);
  }
};

WatchRequest Types(std::initializer_list<Change::Type> types) {
  WatchRequest request;
  for (const Change::Type type : types) request.add_types(type);
  return request;
}

WatchRequest Fields(std::initializer_list<const char*> fields) {
  WatchRequest request;
  for (const char* field : fields) request.add_changed_fields(field);
  return request;
}

using Revisions = std::vector<int64_t>;

TEST_F(WatchFilterTest, ByType) {
  EXPECT_EQ(Passing(Types({Change::CREATED})), (Revisions{1, 2}));
  EXPECT_EQ(Passing(Types({Change::DELETED, Change::CREATED})), (Revisions{1, 2, 5}));
  EXPECT_EQ(Passing(Types({Change::UPDATED})), (Revisions{3, 4, 6}));
  EXPECT_EQ(Passing(Types({Change::PUBLISHED})), Revisions{});
}

TEST_F(WatchFilterTest, ByChangedField) {
  EXPECT_EQ(Passing(Fields({"remarks"})), Revisions{4});
  EXPECT_EQ(Passing(Fields({"delete_time", "remarks"})), (Revisions{4, 5}));
  EXPECT_EQ(Passing(Fields({"titles"})), (Revisions{1, 2, 3, 4, 6}));
}

TEST_F(WatchFilterTest, EveryPartMustPass) {
  WatchRequest request = Fields({"titles"});
  request.add_types(Change::UPDATED);
  EXPECT_EQ(Passing(request), (Revisions{3, 4, 6}));
  request.add_kinds(almanac::v1::PUBLISHER);
  EXPECT_EQ(Passing(request), Revisions{6});
  request.set_resource_prefix("publishers/swd/datasets/d1");
  EXPECT_EQ(Passing(request), Revisions{});
}

TEST_F(WatchFilterTest, ASnapshotHasAllResourcesAndThenTheChangesThatPass) {
  WatchRequest request = Fields({"remarks"});
  request.add_types(Change::UPDATED);
  request.set_snapshot(true);
  WatchStream watch(*client_, request);
  int resources = 0;
  while (const auto response = watch.Next()) {
    if (response->has_snapshot_resource()) ++resources;
    if (response->has_snapshot_end()) break;
  }
  EXPECT_EQ(resources, 2);
  almanac::v1::UndeleteDatasetRequest undelete;
  undelete.set_name("publishers/swd/datasets/d1");
  Call(client_->datasets.get(), &DatasetService::Stub::UndeleteDataset, undelete);  // 7
  Update("Fourth", "");                                                             // 8
  Update("Fourth", "Another remark");                                               // 9
  EXPECT_EQ(watch.NextChange()->revision(), 9);
}

TEST_F(WatchFilterTest, ATokenIsGoodForItsFilterHoweverThatIsSaid) {
  WatchRequest request = Fields({"remarks", "titles"});
  request.add_types(Change::UPDATED);
  request.add_types(Change::CREATED);
  request.set_after_revision(0);
  WatchStream watch(*client_, request);
  EXPECT_EQ(RevisionsOf(watch.NextChanges(3)), (Revisions{1, 2, 3}));

  WatchRequest same = Fields({"titles", "remarks", "titles"});
  same.add_types(Change::CREATED);
  same.add_types(Change::UPDATED);
  same.set_resume_token(watch.token());
  EXPECT_EQ(WatchStream(*client_, same).NextChange()->revision(), 4);

  WatchRequest fewer_types = same;
  fewer_types.mutable_types()->RemoveLast();
  WatchRequest other_fields = same;
  other_fields.add_changed_fields("formats");
  for (const WatchRequest& other : {fewer_types, other_fields}) {
    const grpc::Status status = WatchStream(*client_, other).Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(FieldOf(status), "resume_token");
  }
}

// Watch and ListChanges refuse the same.
TEST_F(WatchFilterTest, RefusesWhatCannotMatch) {
  const auto refusal = [&](const WatchRequest& request) {
    ListChangesRequest list;
    *list.mutable_types() = request.types();
    *list.mutable_changed_fields() = request.changed_fields();
    const grpc::Status status = WatchStream(*client_, request).Finish();
    const grpc::Status listed = StatusOf(client_->changes.get(), &ChangeService::Stub::ListChanges, list);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << request.ShortDebugString();
    EXPECT_EQ(NextStepOf(status), "FIX_REQUEST");
    EXPECT_EQ(listed.error_message(), status.error_message());
    return absl::StrCat(FieldOf(status), ": ", status.error_message());
  };
  EXPECT_THAT(refusal(Types({Change::TYPE_UNSPECIFIED})), ::testing::StartsWith("types: "));
  EXPECT_THAT(refusal(Types({static_cast<Change::Type>(99)})), ::testing::StartsWith("types: "));
  EXPECT_THAT(refusal(Types({static_cast<Change::Type>(-1)})), ::testing::StartsWith("types: "));
  EXPECT_THAT(refusal(Fields({"etag"})), ::testing::HasSubstr("\"etag\""));
  EXPECT_THAT(refusal(Fields({"titels"})),
              ::testing::AllOf(::testing::StartsWith("changed_fields: "), ::testing::HasSubstr("\"titels\""),
                               ::testing::HasSubstr("\"titles\"")));
  WatchRequest request;
  for (int type = 1; type < Change::Type_ARRAYSIZE; ++type) request.add_types(static_cast<Change::Type>(type));
  for (int i = 0; i < 20; ++i) request.add_changed_fields("titles");
  EXPECT_EQ(Passing(request), (Revisions{1, 2, 3, 4, 6})) << "as many as may be";
  request.add_types(Change::CREATED);
  EXPECT_THAT(refusal(request), ::testing::StartsWith("types: "));
  request.mutable_types()->RemoveLast();
  request.add_changed_fields("titles");
  EXPECT_THAT(refusal(request), ::testing::StartsWith("changed_fields: "));
}

}  // namespace
}  // namespace almanac::testing
