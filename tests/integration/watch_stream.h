#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/integration/harness.h"

namespace almanac::testing {

// One Watch of a client, read message by message.
class WatchStream {
 public:
  WatchStream(Client& client, const almanac::v1::WatchRequest& request, absl::Duration timeout = absl::Seconds(60),
              const std::string& actor = "tester");
  // Cancels the stream.
  ~WatchStream();

  // The next message of any kind; nothing if the stream ended.
  std::optional<almanac::v1::WatchResponse> Next();
  // The next change; skips bookmarks. Nothing if the stream ended.
  std::optional<almanac::v1::Change> NextChange();
  // The next `count` changes.
  std::vector<almanac::v1::Change> NextChanges(int count);
  // What the stream ended with; cancels it if it has not ended.
  grpc::Status Finish();
  void Cancel() { context_.TryCancel(); }

  // The last token that was received.
  const std::string& token() const { return token_; }

 private:
  CallContext context_;
  std::unique_ptr<grpc::ClientReader<almanac::v1::WatchResponse>> reader_;
  std::string token_;
  std::optional<grpc::Status> status_;
};

almanac::v1::WatchRequest After(int64_t revision);
almanac::v1::WatchRequest Resume(const std::string& token);
almanac::v1::WatchRequest Snapshot();

// How many watchers the server of this client has.
int WatcherCount(Client& client);

// What a status says that the client is to do next.
inline std::string NextStepOf(const grpc::Status& status) { return MetadataOf(status, "next_step"); }

std::vector<int64_t> RevisionsOf(const std::vector<almanac::v1::Change>& changes);
// From `first` to `last`, with both.
std::vector<int64_t> Range(int64_t first, int64_t last);

}  // namespace almanac::testing
