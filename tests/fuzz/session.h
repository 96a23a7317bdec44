#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"

namespace almanac::fuzz {

// What came of the calls of all threads. Thread-safe.
class Tally {
 public:
  void Count(const std::string& kind, grpc::StatusCode code);
  void Fail(const std::string& failure);

  bool HasFailed() const;
  std::vector<std::string> failures() const;
  int64_t calls() const;
  // How often each kind of request was answered with which code, a line for each kind.
  std::string Table() const;
  // The kinds of which there were at least `calls`, and none succeeded: of what is behind the checks, they show
  // nothing.
  std::vector<std::string> NeverOk(int64_t calls) const;

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, std::map<grpc::StatusCode, int64_t>> counts_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mutex_);
};

// One thread's calls to a server, each judged.
class Session {
 public:
  // `replay` is the command line that makes the cases of a number again.
  Session(const std::string& address, std::string replay, Tally& tally);

  // Which case the calls belong to.
  void Begin(uint64_t number) { number_ = number; }

  // Calls the method that takes a request of this type. The answer, or null unless the status is OK. If the server
  // `may_wait` for a revision that it has not, it is given little time.
  std::unique_ptr<google::protobuf::Message> Call(const std::string& kind, const google::protobuf::Message& request,
                                                  bool may_wait = false);

 private:
  void Judge(const std::string& kind, const google::protobuf::Message& request, const grpc::Status& status,
             bool may_wait);

  const std::string replay_;
  Tally& tally_;
  grpc::GenericStub stub_;
  uint64_t number_ = 0;
};

}  // namespace almanac::fuzz
