#include <gmock/gmock.h>

#include "tests/integration/catalogue_fixture.h"

namespace almanac::testing {
namespace {

using almanac::v1::DeletePublisherRequest;
using almanac::v1::GetPublisherRequest;
using almanac::v1::ListPublishersRequest;
using almanac::v1::ListPublishersResponse;
using almanac::v1::Publisher;
using almanac::v1::UndeletePublisherRequest;
using almanac::v1::UpdatePublisherRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using PublisherTest = CatalogueTest;

UpdatePublisherRequest Update(const std::vector<std::string>& paths) {
  UpdatePublisherRequest request;
  request.mutable_publisher()->set_name("publishers/swd");
  for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
  return request;
}

TEST_F(PublisherTest, WhatWasCreatedIsReadBack) {
  const Publisher created = AddPublisher("swd");
  EXPECT_EQ(created.name(), "publishers/swd");
  EXPECT_EQ(created.time_zone(), "Asia/Hong_Kong");
  EXPECT_EQ(created.revision(), 1);
  EXPECT_EQ(created.create_time().DebugString(), created.update_time().DebugString());
  EXPECT_FALSE(created.has_delete_time());
  EXPECT_EQ(GetPublisher("publishers/swd").DebugString(), created.DebugString());
}

TEST_F(PublisherTest, EveryFieldThatCanBeSetIsKept) {
  almanac::v1::CreatePublisherRequest request;
  request.set_publisher_id("swd");
  Publisher& publisher = *request.mutable_publisher();
  (*publisher.mutable_titles())["en"] = "Social Welfare Department";
  (*publisher.mutable_titles())["zh-Hans-HK"] = "社会福利署 \"\\'{}$1 😀";
  publisher.set_time_zone("Europe/London");
  publisher.set_homepage("https://www.swd.gov.hk");
  // Output only: ignored.
  publisher.set_name("publishers/other");
  publisher.set_revision(99);
  publisher.set_etag("mine");
  publisher.mutable_delete_time()->set_seconds(1);
  Do(request);
  const Publisher read = GetPublisher("publishers/swd");
  EXPECT_EQ(read.titles().at("en"), "Social Welfare Department");
  EXPECT_EQ(read.titles().at("zh-Hans-HK"), "社会福利署 \"\\'{}$1 😀");
  EXPECT_EQ(read.time_zone(), "Europe/London");
  EXPECT_EQ(read.homepage(), "https://www.swd.gov.hk");
  EXPECT_EQ(read.revision(), 1);
  EXPECT_FALSE(read.has_delete_time());
}

TEST_F(PublisherTest, ANameIsGivenOnce) {
  AddPublisher("swd");
  almanac::v1::CreatePublisherRequest request;
  request.set_publisher_id("swd");
  (*request.mutable_publisher()->mutable_titles())["en"] = "Another";
  const grpc::Status status = Refused(request, grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), "publishers/swd");
  Do(Named<DeletePublisherRequest>("publishers/swd"));
  Refused(request, grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(PublisherTest, AnUnknownOneIsNotFoundByName) {
  const grpc::Status status = Refused(Named<GetPublisherRequest>("publishers/nobody"), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), "publishers/nobody");
  EXPECT_THAT(status.error_message(), HasSubstr("publishers/nobody"));
}

TEST_F(PublisherTest, AMaskNamesWhatIsSet) {
  const Publisher before = AddPublisher();
  UpdatePublisherRequest request = Update({"homepage"});
  request.mutable_publisher()->set_homepage("https://new.example");
  (*request.mutable_publisher()->mutable_titles())["en"] = "Not in the mask";
  const Publisher after = Do(request);
  EXPECT_EQ(after.homepage(), "https://new.example");
  EXPECT_EQ(after.titles().at("en"), "Publisher swd");
  EXPECT_EQ(after.revision(), before.revision() + 1);
  EXPECT_NE(after.etag(), before.etag());
  EXPECT_EQ(after.create_time().DebugString(), before.create_time().DebugString());
  EXPECT_EQ(GetPublisher("publishers/swd").DebugString(), after.DebugString());
}

TEST_F(PublisherTest, AnEmptyMaskSetsWhatIsThere) {
  AddPublisher();
  UpdatePublisherRequest request = Update({});
  request.mutable_publisher()->set_homepage("https://new.example");
  const Publisher after = Do(request);
  EXPECT_EQ(after.homepage(), "https://new.example");
  EXPECT_EQ(after.titles().at("en"), "Publisher swd");
  EXPECT_EQ(after.time_zone(), "Asia/Hong_Kong");
}

TEST_F(PublisherTest, AFieldInTheMaskWithoutAValueIsCleared) {
  AddPublisher();
  UpdatePublisherRequest request = Update({"homepage"});
  request.mutable_publisher()->set_homepage("https://new.example");
  Do(request);
  EXPECT_EQ(Do(Update({"homepage"})).homepage(), "");
}

TEST_F(PublisherTest, AStarReplacesEverythingAndIsCheckedAsAWhole) {
  AddPublisher();
  UpdatePublisherRequest request = Update({"*"});
  (*request.mutable_publisher()->mutable_titles())["zh-Hans-HK"] = "社会福利署";
  const grpc::Status status = Refused(request, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(FieldOf(status), "publisher.time_zone");
  request.mutable_publisher()->set_time_zone("Asia/Hong_Kong");
  const Publisher after = Do(request);
  EXPECT_EQ(after.titles_size(), 1);
  EXPECT_EQ(after.titles().at("zh-Hans-HK"), "社会福利署");
}

TEST_F(PublisherTest, UnknownAndOutputOnlyPathsAreRefused) {
  AddPublisher();
  for (const char* path : {"nonsense", "revision", "etag", "name", "delete_time", "titles.en"}) {
    const grpc::Status status = Refused(Update({path}), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(FieldOf(status), "update_mask");
    EXPECT_THAT(status.error_message(), HasSubstr(path));
  }
}

TEST_F(PublisherTest, AnUpdateThatChangesNothingUsesNoRevision) {
  const Publisher before = AddPublisher();
  UpdatePublisherRequest request = Update({"titles"});
  (*request.mutable_publisher()->mutable_titles())["en"] = "Publisher swd";
  EXPECT_EQ(Do(request).DebugString(), before.DebugString());
  EXPECT_EQ(HeadRevision(), 1);
}

TEST_F(PublisherTest, DeletingIsSoftAndUndone) {
  const Publisher created = AddPublisher();
  const Publisher deleted = Do(Named<DeletePublisherRequest>("publishers/swd"));
  EXPECT_TRUE(deleted.has_delete_time());
  EXPECT_EQ(GetPublisher("publishers/swd").DebugString(), deleted.DebugString());
  EXPECT_EQ(Do(ListPublishersRequest()).publishers_size(), 0);
  ListPublishersRequest all;
  all.set_show_deleted(true);
  EXPECT_EQ(Do(all).publishers_size(), 1);

  Refused(Named<DeletePublisherRequest>("publishers/swd"), grpc::StatusCode::NOT_FOUND);
  UpdatePublisherRequest update = Update({"homepage"});
  Refused(update, grpc::StatusCode::NOT_FOUND);

  const Publisher back = Do(Named<UndeletePublisherRequest>("publishers/swd"));
  EXPECT_FALSE(back.has_delete_time());
  EXPECT_EQ(back.titles().at("en"), created.titles().at("en"));
  Refused(Named<UndeletePublisherRequest>("publishers/swd"), grpc::StatusCode::ALREADY_EXISTS);
  Refused(Named<UndeletePublisherRequest>("publishers/nobody"), grpc::StatusCode::NOT_FOUND);
}

TEST_F(PublisherTest, OneWithDatasetsOrPlansIsNotDeleted) {
  AddPublisher("swd");
  AddDataset("d1");
  AddPublisher("ha");
  AddPlan("ha");
  for (const char* name : {"publishers/swd", "publishers/ha"}) {
    const grpc::Status status = Refused(Named<DeletePublisherRequest>(name), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(ReasonOf(status), "HAS_CHILDREN");
  }
  Do(Named<almanac::v1::DeleteDatasetRequest>("publishers/swd/datasets/d1"));
  EXPECT_TRUE(Do(Named<DeletePublisherRequest>("publishers/swd")).has_delete_time());
  // Nothing is created under a deleted publisher, and nothing comes back before it.
  almanac::v1::CreateDatasetRequest dataset;
  dataset.set_parent("publishers/swd");
  (*dataset.mutable_dataset()->mutable_titles())["en"] = "New";
  Refused(dataset, grpc::StatusCode::NOT_FOUND);
  const grpc::Status early = Refused(Named<almanac::v1::UndeleteDatasetRequest>("publishers/swd/datasets/d1"),
                                     grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(early), "PARENT_DELETED");
}

TEST_F(PublisherTest, PagesOfAnySizeCoverTheListOnceInOrder) {
  for (const char* id : {"fehd", "swd", "ha", "epd", "td"}) AddPublisher(id);
  for (int size = 1; size <= 6; ++size) {
    EXPECT_THAT(NamesInPages(ListPublishersRequest(), size, &ListPublishersResponse::publishers),
                ElementsAre("publishers/epd", "publishers/fehd", "publishers/ha", "publishers/swd", "publishers/td"));
  }
}

TEST_F(PublisherTest, AStaleEtagChangesNothing) {
  const Publisher created = AddPublisher();
  UpdatePublisherRequest request = Update({"homepage"});
  request.mutable_publisher()->set_homepage("https://one.example");
  request.mutable_publisher()->set_etag(created.etag());
  const Publisher current = Do(request);
  request.mutable_publisher()->set_homepage("https://two.example");
  const grpc::Status stale = Refused(request, grpc::StatusCode::ABORTED);
  EXPECT_EQ(ReasonOf(stale), "ETAG_MISMATCH");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(stale).metadata().at("etag"), current.etag());
  DeletePublisherRequest deletion = Named<DeletePublisherRequest>("publishers/swd");
  deletion.set_etag(created.etag());
  Refused(deletion, grpc::StatusCode::ABORTED);
  deletion.set_etag(current.etag());
  const Publisher deleted = Do(deletion);
  UndeletePublisherRequest undeletion = Named<UndeletePublisherRequest>("publishers/swd");
  undeletion.set_etag(current.etag());
  Refused(undeletion, grpc::StatusCode::ABORTED);
  undeletion.set_etag(deleted.etag());
  Do(undeletion);
}

}  // namespace
}  // namespace almanac::testing
