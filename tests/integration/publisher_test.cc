#include "tests/integration/harness.h"

namespace almanac::testing {
namespace {

using almanac::v1::Publisher;
using almanac::v1::PublisherService;

using PublisherTest = ServiceTest;

TEST_F(PublisherTest, WhatWasCreatedIsReadBack) {
  const Publisher created = AddPublisher("swd");
  EXPECT_EQ(created.name(), "publishers/swd");
  EXPECT_EQ(created.time_zone(), "Asia/Hong_Kong");
  EXPECT_EQ(created.revision(), 1);
  almanac::v1::GetPublisherRequest request;
  request.set_name("publishers/swd");
  const Publisher read = Call(client_->publishers.get(), &PublisherService::Stub::GetPublisher, request);
  EXPECT_EQ(read.SerializeAsString(), created.SerializeAsString());
}

TEST_F(PublisherTest, ANameIsGivenOnce) {
  AddPublisher("swd");
  almanac::v1::CreatePublisherRequest request;
  request.set_publisher_id("swd");
  (*request.mutable_publisher()->mutable_titles())["en"] = "Another";
  const grpc::Status status = StatusOf(client_->publishers.get(), &PublisherService::Stub::CreatePublisher, request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), "publishers/swd");
  EXPECT_EQ(HeadRevision(), 1);
}

TEST_F(PublisherTest, APublisherWithDatasetsIsNotDeleted) {
  AddPublisher("swd");
  AddDataset("d1");
  almanac::v1::DeletePublisherRequest request;
  request.set_name("publishers/swd");
  const grpc::Status status = StatusOf(client_->publishers.get(), &PublisherService::Stub::DeletePublisher, request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "HAS_CHILDREN");
}

}  // namespace
}  // namespace almanac::testing
