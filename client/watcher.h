// What `almanac watch` does with the change log while it follows it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "client/event_command.h"
#include "client/follower.h"
#include "client/position_file.h"
#include "client/program.h"

namespace almanac::client {

// One run of `almanac watch`: prints each event once, in order, or runs a command for it.
class Watcher {
 public:
  struct Options {
    v1::WatchRequest request;
    int64_t limit = std::numeric_limits<int64_t>::max();  // Ends after so many changes.
    bool bookmarks = false;                               // Whether JSON output shows bookmarks.
    std::string command;  // Run for each event instead of printing it; needs `position`.
    int64_t max_retries = std::numeric_limits<int64_t>::max();  // Of the command, for each event.
    std::string position;  // The file that keeps the place; where it has one, it goes before the request's start.
  };

  // `session` must outlive this object.
  Watcher(Options options, Session& session);

  // Follows until the limit or the end of the output, and returns OK; until Stop, and returns an InterruptedError that
  // says where to go on; or until the server refuses the request, and returns its error. Returns UNAVAILABLE if no
  // server is there at the start; later losses are waited out. The place is kept when what came before it was printed
  // or its command has succeeded: of what a crash interrupts, some may come again, and nothing is left out.
  absl::Status Follow();

  // Ends Follow from another thread, once a command that runs has ended. Safe to call at any time.
  void Stop();

  // Just before the process ends without waiting for Follow. Tells the command.
  void Abandon();

 private:
  // Takes events until one of Follow's ends.
  absl::Status TakeAll(Follower& follower);
  absl::Status Take(const Follower::Event& event, const std::string& token);
  // Runs the command for an event; for those of a snapshot when it is complete. The server would end a stream that is
  // not read on for long, and a snapshot cannot go on where it was.
  absl::Status Run(const Follower::Event& event);
  void Note(const Follower::Event& event);
  void Print(const Follower::Event& event);
  bool IsDone() const;
  bool IsStopped() const;
  // The error for a user who stopped it.
  absl::Status Stopped() const;
  // The server's error, with what to do about it.
  absl::Status Refused(const grpc::Status& status) const;

  Options options_;
  Session& session_;
  std::unique_ptr<PositionFile> position_;
  std::optional<EventCommand> command_;
  int64_t revision_ = -1;  // Everything up to here was taken; -1 while nothing is known.
  int64_t count_ = 0;
  bool in_snapshot_ = false;
  std::vector<Follower::Event> snapshot_;  // what the command is still to be run for

  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  Follower* follower_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace almanac::client
