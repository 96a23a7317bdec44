#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "almanac/v1/change_service.pb.h"
#include "db/database.h"
#include "service/change_feed.h"
#include "service/upkeep.h"

namespace almanac::service {

// Keeps this server in the list of replicas, so that operators see which there are and how far each is behind. A
// database that is away only makes that list old.
class Heartbeat {
 public:
  // Tells at once and then every `interval` that `self` is there; never if that is infinite. `database` and `feed` must
  // outlive this; what is asked of the database may end later.
  Heartbeat(db::Database& database, const ChangeFeed& feed, almanac::v1::Replica self, absl::Duration interval);
  ~Heartbeat() { Stop(); }

  // Takes the server off the list, which may not take long. Later calls do nothing.
  void Stop();

 private:
  absl::Status Tick();
  // Looks how far what requests read from is, and does not wait long for a copy that does not answer.
  absl::Status LookAtReads();

  db::Database& database_;
  const ChangeFeed& feed_;
  const almanac::v1::Replica self_;
  bool is_listed_;
  int64_t read_revision_ = 0;  // the last that was seen of what requests read from
  // Whether an answer of what requests read from is still to come. Shared with that.
  const std::shared_ptr<std::atomic<bool>> is_looking_ = std::make_shared<std::atomic<bool>>(false);
  Upkeep upkeep_;
};

}  // namespace almanac::service
