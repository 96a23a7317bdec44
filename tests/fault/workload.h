#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "tests/fault/scribe.h"
#include "tests/fault/traffic.h"

namespace almanac::fault {

// Writers, readers and watchers of several replicas, each a thread. What each chooses depends on the seed and on the
// answers that it gets: a seed repeats the choices, not how the threads and servers meet.
class Workload {
 public:
  struct Options {
    uint64_t seed = 1;
    int writers = 8;
    int readers = 4;
    int watchers = 6;
    std::vector<std::string> addresses;  // of the replicas
    std::string database_url;            // of an empty catalogue
  };

  // Begins. What happens is written to `recorder`, which must outlive this object.
  static absl::StatusOr<std::unique_ptr<Workload>> Start(const Options& options, Recorder& recorder);
  ~Workload();

  // Ends the clients, then reads all there is from every replica, which must work, and completes the history.
  absl::Status Finish();

  const Traffic& traffic() const { return traffic_; }

 private:
  Workload(const Options& options, Recorder& recorder);
  void Stop();
  // Reads every replica until the head stays where it is.
  absl::Status ReadAll();
  // A write on each replica: that one answers says nothing of its writing.
  absl::Status WriteToAll();

  const Options options_;
  Traffic traffic_;
  Scribe scribe_;
  std::vector<std::thread> threads_;
};

}  // namespace almanac::fault
