#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace almanac::bench {

// The floor of lists and searches: a gRPC server, on a socket of its own, that answers them with the same bytes each
// time, with no database and no protobuf.
class BareAnswers {
 public:
  BareAnswers();
  ~BareAnswers();
  BareAnswers(const BareAnswers&) = delete;
  BareAnswers& operator=(const BareAnswers&) = delete;

  // Empty if it does not listen.
  const std::string& address() const { return address_; }

  // Not while a call goes on.
  void Set(const std::string& answer);

 private:
  class Service;

  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace almanac::bench
