#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "almanac/v1/change_service.grpc.pb.h"
#include "almanac/v1/dataset_service.grpc.pb.h"
#include "almanac/v1/publisher_service.grpc.pb.h"
#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "tests/fault/history.h"

// What writers, readers and watchers share.
namespace almanac::fault {

// How large the catalogue is that they fight over: small, so that they collide.
constexpr int kPublishers = 3;
constexpr int kDatasets = 24;  // of each publisher
constexpr int kPlans = 16;     // of each publisher
constexpr int kLines = 5;      // of each plan

std::string PublisherName(int publisher);
std::string DatasetName(int publisher, int dataset);
std::string PlanName(int publisher, int plan);

// Choices that depend on the seed alone, whatever the machine or the library.
class Random {
 public:
  // `client` tells apart those who share a seed.
  Random(uint64_t seed, absl::string_view client);

  int64_t Below(int64_t limit) { return static_cast<int64_t>(generator_() % static_cast<uint64_t>(limit)); }
  bool Percent(int share) { return Below(100) < share; }
  template <typename T>
  const T& Pick(const std::vector<T>& choices) {
    return choices[static_cast<size_t>(Below(static_cast<int64_t>(choices.size())))];
  }
  std::mt19937_64& generator() { return generator_; }

 private:
  std::mt19937_64 generator_;
};

// One run, as all its threads see it.
struct Traffic {
  Traffic(Recorder& recorder, std::vector<std::string> addresses)
      : recorder(recorder), addresses(std::move(addresses)) {}

  Recorder& recorder;
  const std::vector<std::string> addresses;  // of the replicas
  std::atomic<bool> stopping = false;
  std::atomic<int64_t> highest = 0;  // the highest revision that anybody was told of
  std::atomic<int> streams = 0;      // for their numbers
  // For the lines of progress.
  std::atomic<int64_t> writes = 0;
  std::atomic<int64_t> acknowledged = 0;
  std::atomic<int64_t> in_doubt = 0;
  std::atomic<int64_t> reads = 0;
  std::atomic<int64_t> messages = 0;

  int size() const { return static_cast<int>(addresses.size()); }
  void Saw(int64_t revision);
  // Sleeps, but not on when the run stops.
  void Pause(absl::Duration duration) const;
};

// A client's own connections, one to each replica.
class Connections {
 public:
  explicit Connections(const std::vector<std::string>& addresses);

  const std::shared_ptr<grpc::Channel>& channel(int replica) const { return channels_[static_cast<size_t>(replica)]; }

 private:
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
};

// A call's context, with its deadline and who calls.
class CallContext : public grpc::ClientContext {
 public:
  CallContext(absl::Duration timeout, const std::string& actor);
};

// A unary method.
template <typename Stub, typename Request, typename Response>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

// What is inside.
const google::protobuf::Message* Inner(const v1::Resource& resource);
// Of what is inside; 0 if nothing is.
uint64_t FingerprintOf(const v1::Resource& resource);
int64_t RevisionOf(const v1::Resource& resource);
bool IsDeleted(const v1::Resource& resource);

template <typename Resource>
void AddRow(const Resource& resource, google::protobuf::RepeatedPtrField<Row>* rows) {
  Row& row = *rows->Add();
  row.set_revision(resource.revision());
  row.set_fingerprint(Fingerprint(resource));
}

v1::WatchRequest ToWatchRequest(const Filter& filter);
v1::ListChangesRequest ToListRequest(const Filter& filter);
// One that a client may be interested in.
Filter RandomFilter(Random& random);

}  // namespace almanac::fault
