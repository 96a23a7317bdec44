#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "almanac/v1/change_service.grpc.pb.h"
#include "almanac/v1/dataset_service.grpc.pb.h"
#include "almanac/v1/publisher_service.grpc.pb.h"
#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "tests/bench/load.h"

namespace almanac::bench {

// The catalogue that is measured: this many publishers with this many datasets each. Ids are numbers, so that pgbench
// can make them up as well.
constexpr int kPublishers = 100;
constexpr int kDatasetsEach = 100;
constexpr int kFirstPublisher = 3000;
constexpr int kFirstDataset = 500000;

// `index` counts from 0; dataset i belongs to publisher i modulo kPublishers.
std::string PublisherName(int index);
std::string DatasetName(int index);

// A channel with a connection of its own. With `fixed_window` a stream that is not read takes 64 KiB; else more, the
// faster the others of its connection are.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& address, bool fixed_window = false);

absl::Status FromGrpc(const grpc::Status& status);

// A server and the connections to it, which the slots of a load share evenly.
class Server {
 public:
  // `is_echo` says that answers are always the same, so they are not compared with what was asked.
  Server(std::string address, bool is_echo);

  const std::string& address() const { return address_; }
  bool is_echo() const { return is_echo_; }
  almanac::v1::PublisherService::Stub& publishers() const { return *publishers_; }
  almanac::v1::ReleasePlanService::Stub& plans() const { return *plans_; }
  almanac::v1::ChangeService::Stub& changes() const { return *changes_; }
  almanac::v1::DatasetService::Stub& datasets(int slot) const { return *datasets_[slot % datasets_.size()]; }

 private:
  const std::string address_;
  const bool is_echo_;
  std::unique_ptr<almanac::v1::PublisherService::Stub> publishers_;
  std::unique_ptr<almanac::v1::ReleasePlanService::Stub> plans_;
  std::unique_ptr<almanac::v1::ChangeService::Stub> changes_;
  std::vector<std::unique_ptr<almanac::v1::DatasetService::Stub>> datasets_;
};

// One call in flight, with its messages.
template <typename Request, typename Response>
struct Call {
  std::unique_ptr<grpc::ClientContext> context;
  Request request;
  Response response;

  // Readies it for another call.
  grpc::ClientContext* Renew() {
    context = std::make_unique<grpc::ClientContext>();
    context->AddMetadata("x-almanac-actor", "bench");
    return context.get();
  }
};

// Creates the publishers and datasets.
absl::Status Fill(const Server& server);

// GetDataset of a random dataset.
class Gets {
 public:
  Gets(const Server& server, int slots) : server_(server), calls_(slots), random_(slots) {}
  void Start(int slot, Done done);
  const almanac::v1::Dataset& answer(int slot) const { return calls_[slot].response; }

 private:
  const Server& server_;
  std::vector<Call<almanac::v1::GetDatasetRequest, almanac::v1::Dataset>> calls_;
  std::vector<absl::InsecureBitGen> random_;
};

// ListDatasets of a random publisher.
class Lists {
 public:
  Lists(const Server& server, int slots) : server_(server), calls_(slots), random_(slots) {}
  void Start(int slot, Done done);
  const almanac::v1::ListDatasetsResponse& answer(int slot) const { return calls_[slot].response; }

 private:
  const Server& server_;
  std::vector<Call<almanac::v1::ListDatasetsRequest, almanac::v1::ListDatasetsResponse>> calls_;
  std::vector<absl::InsecureBitGen> random_;
};

// UpdateDataset with an etag, each slot on datasets of its own, one after the other.
class Updates {
 public:
  // `with_request_ids`: each call carries a request id of its own.
  Updates(const Server& server, int slots, bool with_request_ids = false);
  // Learns the current etags from `catalogue`, an almanacd.
  absl::Status Load(const Server& catalogue);
  void Start(int slot, Done done);
  const almanac::v1::Dataset& answer(int slot) const { return calls_[slot].response; }

 private:
  const Server& server_;
  const bool with_request_ids_;
  std::vector<Call<almanac::v1::UpdateDatasetRequest, almanac::v1::Dataset>> calls_;
  std::vector<int> next_;
  std::vector<int64_t> count_;
  // By index.
  std::vector<std::string> etags_;
};

}  // namespace almanac::bench
