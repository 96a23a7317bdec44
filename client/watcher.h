// Following the change log for as long as the user wants.
#ifndef ALMANAC_CLIENT_WATCHER_H_
#define ALMANAC_CLIENT_WATCHER_H_

#include <cstdint>
#include <limits>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "almanac/v1/change_service.grpc.pb.h"
#include "client/program.h"

namespace almanac::client {

// One run of `almanac watch`: prints each change once, in order, and after a break goes on where it was.
class Watcher {
 public:
  struct Options {
    v1::WatchRequest request;
    int64_t limit = std::numeric_limits<int64_t>::max();  // Ends after so many changes.
    bool bookmarks = false;                               // Whether JSON output shows bookmarks.
  };

  // `session` must outlive this object.
  Watcher(Options options, Session& session);

  // Follows until the limit or the end of the output, and returns OK; until Stop, and returns an InterruptedError that
  // says where to go on; or until the server refuses the request, and returns its error. Returns UNAVAILABLE if no
  // server is there at the start, or if it is lost within a snapshot, which cannot be resumed; later losses are waited
  // out.
  absl::Status Follow();

  // Ends Follow from another thread. Safe to call at any time.
  void Stop();

 private:
  // Prints what one stream brings until it ends.
  grpc::Status FollowStream();
  void Print(const v1::WatchResponse& response);
  bool IsDone() const;
  bool IsInSnapshot() const;
  // Whether a stream that ended so may be taken up again.
  bool MayResume(const grpc::Status& status) const;
  // The error for a user who stopped it.
  absl::Status Stopped() const;

  Options options_;
  Session& session_;
  absl::Notification stopped_;
  absl::Mutex mutex_;
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::string resume_token_;
  int64_t revision_ = -1;  // Everything up to here was printed; -1 while nothing is known.
  int64_t count_ = 0;
  bool heard_ = false;  // Whether the current stream brought anything.
};

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_WATCHER_H_
