#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "fault/history.pb.h"

// What a run under faults did and saw, kept in a file: messages of history.proto, each with its length before it.
namespace almanac::fault {

// Writes a history. Thread-safe.
class Recorder {
 public:
  static absl::StatusOr<std::unique_ptr<Recorder>> Open(const std::string& path);
  ~Recorder();

  // Microseconds since the recorder was opened, by a clock that never goes back.
  int64_t Now() const;
  void Add(const Event& event);
  // Everything is in the file. Returns the error of the first write that failed, if any did.
  absl::Status Flush();
  const std::string& path() const { return path_; }

 private:
  Recorder(std::string path, FILE* file);

  const std::string path_;
  const int64_t start_;
  absl::Mutex mutex_;
  FILE* const file_;
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;
};

// Takes events with their places in the history, from 0 on.
using EventSink = std::function<void(int64_t place, const Event& event)>;

// Gives every event of a history to a sink, in order; to be called as often as one likes.
using History = std::function<absl::Status(const EventSink&)>;

// The history in a file. A last event that was cut short, by a program that was killed, ends it.
History ReadFrom(std::string path);

// A hash of the content, the same whatever the order of its maps; never 0.
uint64_t Fingerprint(const google::protobuf::Message& message);

// The revision that an etag stands for; -1 if it is none.
int64_t RevisionOfEtag(const std::string& etag);

// What a client was told of an error.
Failure ToFailure(const grpc::Status& status);

// An event in one line.
std::string Describe(const Event& event);

}  // namespace almanac::fault
