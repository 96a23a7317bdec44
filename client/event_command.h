#pragma once

#include <sys/types.h>

#include <cstdint>
#include <limits>
#include <ostream>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "client/follower.h"

namespace almanac::client {

// A shell command that is run for the events of a watch, until it succeeds for each. On its standard input it has what
// the event is about, as a line of JSON: the change, the resource of a snapshot, or the snapshot's end. Its environment
// is ours, with
//   ALMANAC_EVENT         CHANGE, SNAPSHOT_BEGIN, SNAPSHOT_RESOURCE or SNAPSHOT_END
//   ALMANAC_REVISION      of CHANGE and SNAPSHOT_END
//   ALMANAC_RESOURCE      of CHANGE and SNAPSHOT_RESOURCE, the name
//   ALMANAC_KIND          of CHANGE and SNAPSHOT_RESOURCE, such as DATASET
//   ALMANAC_TYPE          of CHANGE, such as RESCHEDULED
//   ALMANAC_CHANGE_ACTOR  of CHANGE
//   ALMANAC_SERVER        the server that is watched
// ALMANAC_ACTOR is left alone: it says in whose name an `almanac` that the command runs writes.
class EventCommand {
 public:
  struct Options {
    std::string command;
    std::string server;
    int64_t max_retries = std::numeric_limits<int64_t>::max();  // For each event.
  };

  // Notes about failures go to `notes`.
  EventCommand(Options options, std::ostream& notes);

  // Runs the command for `event`, again and again with pauses of up to a minute if it fails. Returns OK once it has
  // succeeded; CANCELLED if Stop was called before that; FAILED_PRECONDITION once the retries are used up.
  absl::Status Run(const Follower::Event& event);

  // No more tries. A command that runs goes on. Safe from any thread, like Signal.
  void Stop();
  // Sends `signal` to the command, if one runs, and to its children.
  void Signal(int signal);

 private:
  // Runs it once. Returns an empty text if it succeeded, else what went wrong.
  std::string RunOnce(const std::string& input, const std::vector<std::string>& environment);

  const Options options_;
  std::ostream& notes_;
  absl::Notification stopped_;
  absl::Mutex mutex_;
  pid_t running_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace almanac::client
