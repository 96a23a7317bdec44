#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "almanac/v1/change_service.pb.h"
#include "client/backoff.h"
#include "client/next_step.h"
#include "client/watch_call.h"

namespace almanac::client {

// Follows the change log for as long as its user wants, on any server that the channel leads to: each event once and in
// order, across broken connections, restarts and servers that send it elsewhere. A service that keeps a copy:
//
//   Follower::Options options;
//   options.request.set_resource_prefix("publishers/swd");
//   options.relist = true;
//   if (store.token().empty()) {
//     options.request.set_snapshot(true);
//   } else {
//     options.request.set_resume_token(store.token());
//   }
//   Follower follower(channel, options);
//   Follower::Event event;
//   while (follower.Next(event)) {
//     switch (event.type) {
//       case Follower::Event::kSnapshotBegin: store.Clear(); break;
//       case Follower::Event::kSnapshotResource: store.Put(event.response.snapshot_resource()); break;
//       case Follower::Event::kChange: store.Put(event.response.change().after()); break;
//       default: break;
//     }
//     store.SaveToken(follower.resume_token());  // together with what was stored, best in one transaction
//   }
//   if (!follower.status().ok()) LOG(FATAL) << follower.status().error_message();
//
// Stop may be called by any thread at any time; all else is for one thread. Next reads from the network only while it
// runs: what its user does not take in waits at the server, which ends a stream that falls too far behind; that one is
// resumed like any other.
class Follower {
 public:
  struct Options {
    // Where to start, and the filter.
    v1::WatchRequest request;
    // Whether to start anew from a snapshot where the log no longer leads on: the token is compacted, or the catalogue
    // was restored. Without it that is an error. A request for a snapshot means it too.
    bool relist = false;
    // Whether to wait for the first answer too. Without it, what goes wrong before that is an error.
    bool patient = true;
    // The first and the longest pause before a stream is taken up again; jitter comes to it.
    absl::Duration first_pause = absl::Milliseconds(200);
    absl::Duration longest_pause = absl::Seconds(10);
    // A stream that brings nothing for so long is dead; the server sends a bookmark every 30 seconds at least.
    absl::Duration longest_silence = absl::Seconds(90);
    // Adds to each call's context, such as the metadata `x-almanac-actor`.
    std::function<void(grpc::ClientContext&)> prepare;
  };

  struct Event {
    enum Type {
      kSnapshotBegin,     // What you have is replaced by what follows. `cause` is why, if there was something before.
      kSnapshotResource,  // A resource of the snapshot, in `response`.
      kSnapshotEnd,       // The snapshot is complete; `response` has its revision.
      kChange,            // A change, in `response`.
      kBookmark,          // Nothing new; the token has moved on.
      kLost,              // The stream ended with `cause`, and Next goes on by `next_step`: for your log.
    };
    Type type = kLost;
    v1::WatchResponse response;
    grpc::Status cause;
    NextStep next_step = NextStep::kResume;
  };

  Follower(std::shared_ptr<grpc::Channel> channel, Options options);

  // Waits for the next event. Returns false at the end, of which status() says the reason. Of several failures in a row
  // for the same reason only the first is an event.
  bool Next(Event& event);

  // Where to go on after the last event; empty before the first and within a snapshot, which cannot be resumed.
  const std::string& resume_token() const { return token_; }

  // Once Next has returned false: OK if Stop was called, else the error that trying again would not mend.
  const grpc::Status& status() const { return status_; }

  // Ends Next, now or when it is called.
  void Stop();

 private:
  // Waits for the pause that is due and begins a stream. Returns false if it was stopped.
  bool Open();
  // Takes what the stream brought. Returns whether it is an event.
  bool Take(Event& event);
  // Decides what follows on the end of a stream with `status`. Returns whether that is an event.
  bool Break(const grpc::Status& status, Event& event);
  // Whether the next stream begins with a snapshot.
  bool IsSnapshot() const { return token_.empty() && options_.request.snapshot(); }
  void End(grpc::Status status);

  const std::shared_ptr<grpc::Channel> channel_;
  Options options_;
  Backoff backoff_;
  absl::Duration pause_;
  std::string token_;
  grpc::Status status_;
  bool ended_ = false;
  bool answered_ = false;    // Whether any stream brought anything.
  bool heard_ = false;       // Whether the current one did,
  bool progressed_ = false;  // and more than bookmarks.
  absl::Time opened_;
  grpc::Status relisted_for_;                 // Why the next snapshot replaces what was before.
  std::string told_;                          // What was told of the current failure.
  std::optional<v1::WatchResponse> waiting_;  // Comes after kSnapshotBegin.

  absl::Notification stopped_;
  absl::Mutex mutex_;
  std::shared_ptr<WatchCall> call_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace almanac::client
