#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/database.h"
#include "service/change_feed.h"
#include "service/change_service.h"
#include "service/clock.h"
#include "service/dataset_service.h"
#include "service/heartbeat.h"
#include "service/publisher_service.h"
#include "service/release_plan_service.h"
#include "service/retention.h"
#include "service/search_index.h"

namespace almanac::service {

// The services of almanac.v1 with health and reflection, on one address.
class Server {
 public:
  struct Options {
    // HOST:PORT; port 0 takes a free one.
    std::string listen = "127.0.0.1:7461";
    int max_message_bytes = 16 * 1024 * 1024;
    // How long Drain lets calls finish before it cancels them.
    absl::Duration drain_timeout = absl::Seconds(20);
    std::string version;
    // A connection on which nothing comes for so long is pinged, and closed if there is no answer within so long.
    absl::Duration keepalive_time = absl::Seconds(20);
    absl::Duration keepalive_timeout = absl::Seconds(20);
    ChangeFeed::Options feed;
    // How often the clock looks for what is due; infinite for never.
    absl::Duration clock_interval = absl::InfiniteDuration();
    // How often it is looked for datasets that cannot be searched; infinite for never.
    absl::Duration search_index_interval = absl::InfiniteDuration();
    // What may go out of the log; all is kept by default.
    almanac::v1::RetentionPolicy retention;
    // About how often it is looked for what may go.
    absl::Duration retention_interval = absl::Minutes(1);
    // HOST:PORT under which others know the server; empty for where it listens, by the host's name if that is
    // everywhere.
    std::string advertise_address = {};
    // How often the server tells that it is there; infinite for never.
    absl::Duration heartbeat_interval = absl::InfiniteDuration();
  };

  // Begins to serve `database`, which must outlive the server, and starts its clock, its search index and its
  // retention. Returns UNAVAILABLE if the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<Server>> Start(db::Database& database, const Options& options);
  // Drains, if that has not been done.
  ~Server();

  // HOST:PORT, with the port that was taken.
  const std::string& address() const { return address_; }

  // Clock, search index and retention stop, the server leaves the list of replicas, health goes NOT_SERVING, streams
  // end with the token to resume from, calls that run may finish; then returns. Later calls do nothing.
  void Drain();

 private:
  Server(db::Database& database, const Options& options);

  const Options options_;
  const std::string replica_id_;
  ChangeFeed feed_;
  PublisherService publishers_;
  DatasetService datasets_;
  ReleasePlanService plans_;
  ChangeService changes_;
  std::string address_;
  std::optional<Clock> clock_;
  std::optional<SearchIndex> search_index_;
  std::optional<Retention> retention_;
  std::optional<Heartbeat> heartbeat_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace almanac::service
