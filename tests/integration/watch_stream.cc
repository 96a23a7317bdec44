#include "tests/integration/watch_stream.h"

namespace almanac::testing {

using almanac::v1::WatchRequest;
using almanac::v1::WatchResponse;

WatchStream::WatchStream(Client& client, const WatchRequest& request, absl::Duration timeout, const std::string& actor)
    : context_(timeout, actor), reader_(client.changes->Watch(&context_, request)) {}

WatchStream::~WatchStream() {
  if (!status_) {
    context_.TryCancel();
    Finish();
  }
}

std::optional<WatchResponse> WatchStream::Next() {
  WatchResponse response;
  if (!reader_->Read(&response)) return std::nullopt;
  if (!response.resume_token().empty()) token_ = response.resume_token();
  return response;
}

std::optional<almanac::v1::Change> WatchStream::NextChange() {
  while (auto response = Next()) {
    if (response->has_change()) return response->change();
  }
  return std::nullopt;
}

std::vector<almanac::v1::Change> WatchStream::NextChanges(int count) {
  std::vector<almanac::v1::Change> changes;
  while (static_cast<int>(changes.size()) < count) {
    auto change = NextChange();
    if (!change) {
      ADD_FAILURE() << "the stream ended after " << changes.size() << " changes: " << Finish().error_message();
      break;
    }
    changes.push_back(*std::move(change));
  }
  return changes;
}

grpc::Status WatchStream::Finish() {
  if (!status_) {
    WatchResponse rest;
    while (reader_->Read(&rest)) {
    }
    status_ = reader_->Finish();
  }
  return *status_;
}

WatchRequest After(int64_t revision) {
  WatchRequest request;
  request.set_after_revision(revision);
  return request;
}

WatchRequest Resume(const std::string& token) {
  WatchRequest request;
  request.set_resume_token(token);
  return request;
}

WatchRequest Snapshot() {
  WatchRequest request;
  request.set_snapshot(true);
  return request;
}

int WatcherCount(Client& client) {
  return Call(client.changes.get(), &almanac::v1::ChangeService::Stub::GetStatus, almanac::v1::GetStatusRequest())
      .watcher_count();
}

std::vector<int64_t> RevisionsOf(const std::vector<almanac::v1::Change>& changes) {
  std::vector<int64_t> revisions;
  for (const almanac::v1::Change& change : changes) revisions.push_back(change.revision());
  return revisions;
}

std::vector<int64_t> Range(int64_t first, int64_t last) {
  std::vector<int64_t> revisions;
  for (int64_t i = first; i <= last; ++i) revisions.push_back(i);
  return revisions;
}

}  // namespace almanac::testing
