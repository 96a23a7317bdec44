#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <type_traits>

#include "tests/fault/traffic.h"

namespace almanac::fault {

// A client that writes, one write after the other, and writes down each call and its answer. A write that is in doubt,
// or met no database, is sent again to another replica under its request id.
class Writer {
 public:
  Writer(Traffic& traffic, uint64_t seed, int index);

  // Makes the publishers and their plans. Returns what went wrong.
  absl::Status Prepare();
  // Writes until the run stops.
  void Work();
  // Writes something on one replica; whether it was acknowledged.
  bool WriteTo(int replica);

 private:
  // What one call asks for, beside its request.
  struct Plan {
    std::string method;
    std::string resource;
    int min_changes = 1;
    int max_changes = 1;
  };
  template <typename Response>
  using Meaning = std::type_identity_t<std::function<void(const Response&, Write*)>>;
  template <typename Request>
  using Spoil = std::type_identity_t<std::function<void(Request&)>>;

  void WriteSomething();
  void CreateDataset();
  void UpdateDataset();
  bool UpdatePublisher(int index);
  void DeleteDataset();
  void UndeleteDataset();
  void ReportUpdate();
  void BatchReportUpdates();
  void Reschedule();
  void ImportPlan();
  // That plan of every publisher.
  void BatchImportPlans(int plan);
  void PublishPlan();

  // Calls until it is known what became of it, with all that clients do besides: retries when it is not, repetitions
  // and abuses of the request id. `spoil` makes another request of it. Returns whether it was acknowledged.
  template <typename Stub, typename Request, typename Response>
  bool Do(Method<Stub, Request, Response> method, Request request, const Plan& plan, Meaning<Response> meaning,
          Spoil<Request> spoil = nullptr);
  // One call.
  template <typename Stub, typename Request, typename Response>
  Write Call(Method<Stub, Request, Response> method, const Request& request, const Plan& plan,
             const Meaning<Response>& meaning);
  // Calls that have one resource for an answer.
  template <typename Stub, typename Request, typename Response>
  bool DoOne(Method<Stub, Request, Response> method, const Request& request, const Plan& plan,
             Spoil<Request> spoil = nullptr);

  std::string RandomDataset();
  // The etag of a resource as this client knows it, perhaps stale; mostly empty.
  std::string SomeEtag(const std::string& name);
  v1::PlanDocument RandomDocument(int publisher, int plan);

  Traffic& traffic_;
  const std::string name_;
  Random random_;
  Connections connections_;
  std::optional<int> only_replica_;
  std::map<std::string, std::string> etags_;
  int64_t writes_ = 0;
  int64_t calls_ = 0;
};

}  // namespace almanac::fault
