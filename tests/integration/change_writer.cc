#include "tests/integration/change_writer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/harness.h"

namespace almanac::testing {

ChangeWriter::ChangeWriter(std::string address, int count)
    : address_(std::move(address)), count_(count), thread_([this] { Run(); }) {}

int ChangeWriter::Stop() {
  stopped_ = true;
  if (thread_.joinable()) thread_.join();
  return written_;
}

void ChangeWriter::Run() {
  while (!stopped_ && written_ < count_) {
    WritePublisher(address_, written_ + 1);
    ++written_;
  }
}

void WritePublisher(const std::string& address, int number) {
  almanac::v1::CreatePublisherRequest request;
  request.set_publisher_id(absl::StrCat("p", number));
  request.set_request_id(absl::StrCat("write-", number));
  (*request.mutable_publisher()->mutable_titles())["en"] = absl::StrCat("Publisher ", number);
  for (;;) {
    const Client client(address);
    const grpc::Status status =
        StatusOf(client.publishers.get(), &almanac::v1::PublisherService::Stub::CreatePublisher, request);
    if (status.ok()) return;
    // Of a server that is killed or stops; anything else would be ours.
    EXPECT_TRUE(status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                status.error_code() == grpc::StatusCode::CANCELLED)
        << status.error_code() << " " << status.error_message();
    absl::SleepFor(absl::Milliseconds(20));
  }
}

}  // namespace almanac::testing
