#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/integration/harness.h"

// Reads of one publisher, each as fresh as it asks.
namespace almanac::testing {

inline almanac::v1::Consistency Strong() {
  almanac::v1::Consistency consistency;
  consistency.set_strong(true);
  return consistency;
}

inline almanac::v1::Consistency Any() {
  almanac::v1::Consistency consistency;
  consistency.set_any(true);
  return consistency;
}

inline almanac::v1::Consistency AtLeast(int64_t revision) {
  almanac::v1::Consistency consistency;
  consistency.set_at_least_revision(revision);
  return consistency;
}

inline almanac::v1::GetPublisherRequest GetSwd(const almanac::v1::Consistency& consistency) {
  almanac::v1::GetPublisherRequest request;
  request.set_name("publishers/swd");
  *request.mutable_consistency() = consistency;
  return request;
}

// Reads `publishers/swd`.
inline grpc::Status Read(const Client& client, const almanac::v1::Consistency& consistency,
                         almanac::v1::Publisher* answer, absl::Duration timeout = absl::Seconds(60)) {
  CallContext context(timeout);
  return client.publishers->GetPublisher(&context, GetSwd(consistency), answer);
}

inline std::string TitleAt(const Client& client, const almanac::v1::Consistency& consistency) {
  almanac::v1::Publisher answer;
  const grpc::Status status = Read(client, consistency, &answer);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return answer.titles().contains("en") ? answer.titles().at("en") : "";
}

inline almanac::v1::Publisher CreateSwd(const Client& client) {
  almanac::v1::CreatePublisherRequest request;
  request.set_publisher_id("swd");
  (*request.mutable_publisher()->mutable_titles())["en"] = "first";
  return Call(client.publishers.get(), &almanac::v1::PublisherService::Stub::CreatePublisher, request);
}

inline almanac::v1::Publisher Retitle(const Client& client, const std::string& title) {
  almanac::v1::UpdatePublisherRequest request;
  request.mutable_publisher()->set_name("publishers/swd");
  (*request.mutable_publisher()->mutable_titles())["en"] = title;
  return Call(client.publishers.get(), &almanac::v1::PublisherService::Stub::UpdatePublisher, request);
}

inline almanac::v1::GetStatusResponse StatusOfServer(const Client& client) {
  return Call(client.changes.get(), &almanac::v1::ChangeService::Stub::GetStatus, almanac::v1::GetStatusRequest());
}

inline std::string MetadataOf(const grpc::Status& status, const std::string& key) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  return info.metadata().contains(key) ? info.metadata().at(key) : "";
}

inline void ExpectNotReached(const grpc::Status& status, int64_t revision) {
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  EXPECT_EQ(ReasonOf(status), "REVISION_NOT_REACHED");
  EXPECT_EQ(MetadataOf(status, "revision"), absl::StrCat(revision));
  EXPECT_EQ(MetadataOf(status, "next_step"), "WAIT");
  EXPECT_GT(DetailOf<google::rpc::RetryInfo>(status).retry_delay().seconds(), 0);
}

inline db::Database::Options ReadingFrom(const std::string& url) {
  db::Database::Options options;
  options.read_url = url;
  return options;
}

}  // namespace almanac::testing
