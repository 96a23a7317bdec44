#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/time/time.h"
#include "almanac/v1/change_service.pb.h"
#include "db/database.h"
#include "service/change_feed.h"

namespace almanac::service {

// Keeps this server in the list of replicas, so that operators see which there are and how far each is behind. A
// database that is away only makes that list old.
class Heartbeat {
 public:
  // Tells at once and then every `interval` that `self` is there; never if that is infinite. `database` and `feed` must
  // outlive this; what is asked of the database may end later.
  Heartbeat(db::Database& database, const ChangeFeed& feed, almanac::v1::Replica self, absl::Duration interval);
  ~Heartbeat();

  // Takes the server off the list, which may not take long. Later calls do nothing.
  void Stop();

 private:
  // What the thread shares with answers of the database.
  struct State {
    std::mutex mutex;
    // Of the standard library, whose timed waits do not follow the wall clock when it is set.
    std::condition_variable changed;
    // All under mutex.
    bool stopping = false;
    bool is_asking = false;     // something that was asked of the database is not answered yet
    bool failing = false;       // the last time it could not be told
    int64_t read_revision = 0;  // the last that was seen of what requests read from
  };

  void Run();
  void Beat();
  void Leave();

  db::Database& database_;
  const ChangeFeed& feed_;
  const almanac::v1::Replica self_;
  const absl::Duration interval_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
  std::thread thread_;
};

}  // namespace almanac::service
