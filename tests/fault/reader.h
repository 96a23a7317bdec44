#pragma once

#include <string>

#include "tests/fault/traffic.h"

namespace almanac::fault {

// A client that reads, as fresh as it pleases or of the past, and writes down each call and its answer.
class Reader {
 public:
  Reader(Traffic& traffic, const std::string& name, uint64_t seed);

  // Reads until the run stops.
  void Work();

  // Reads all there is of one replica: the tables, deleted resources too, and the log from `oldest` to `head`. Whether
  // all was answered, and written down.
  bool ReadAll(int replica, int64_t oldest, int64_t head);

 private:
  void ReadSomething();
  void GetDataset();
  void GetCommitment();
  void ListDatasets();
  void ListPlans();
  void ListCommitments();
  void ListChanges();
  void GetStatus();
  // All pages of the changes that `read` asks for. Whether all were answered.
  bool ListChangesOf(Read read);

  // A read of a replica, as fresh as chance will have it.
  Read Begin(Read::Method method);
  absl::Duration Timeout(const Read& read) const;
  template <typename Request>
  void SetFreshness(const Read& read, Request* request) const;

  // Calls, and writes down what `take` makes of the answer; nothing if it returns false. Whether there was an answer
  // that was written down.
  template <typename Stub, typename Request, typename Response, typename Take>
  bool Call(Method<Stub, Request, Response> method, const Request& request, Read read, Take take);
  template <typename Stub, typename Request, typename Response, typename Rows>
  bool List(Method<Stub, Request, Response> method, Request request, Read read, Rows rows);

  Traffic& traffic_;
  const std::string name_;
  Random random_;
  Connections connections_;
  int64_t reads_ = 0;
};

}  // namespace almanac::fault
