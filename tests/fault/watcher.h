#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/fault/traffic.h"

namespace almanac::fault {

// A client that follows the log: it is cut off at any moment, and goes on anywhere, on any replica. It writes down each
// message.
class Watcher {
 public:
  Watcher(Traffic& traffic, const std::string& name, uint64_t seed);

  // Watches until the run stops.
  void Work();

  // Follows everything on one replica from after `position` until it was told of `head`; false if it was not, within a
  // generous time.
  bool WatchAll(int replica, int64_t position, int64_t head);

 private:
  // Where a stream can be taken up.
  struct Place {
    std::string token;
    int64_t position = 0;
    Filter filter;
    int stream = 0;
  };
  // When the client leaves.
  struct Patience {
    absl::Duration time = absl::InfiniteDuration();
    int64_t messages = INT64_MAX;
    int64_t until = INT64_MAX;                    // a revision
    absl::Duration pause = absl::ZeroDuration();  // before each message
  };

  // Where to start next, in `start` and `request`.
  void Choose(StreamStart* start, v1::WatchRequest* request);
  void ChooseToken(const Place& place, StreamStart* start, v1::WatchRequest* request) const;
  // A token that is not for this stream; false if there is none to make it of.
  bool Forge(StreamStart* start, v1::WatchRequest* request);
  // One stream, from its start to its end. Returns the position that it reached.
  int64_t Watch(StreamStart start, v1::WatchRequest request, const Patience& patience);
  void Take(const v1::WatchResponse& response, Place* place, bool* is_placed);
  void Keep(const Place& place);

  Traffic& traffic_;
  const std::string name_;
  Random random_;
  Connections connections_;
  // Where the last stream left off; none if it cannot be taken up.
  std::optional<Place> last_;
  std::vector<Place> places_;  // some of earlier messages
  bool must_relist_ = false;
};

}  // namespace almanac::fault
