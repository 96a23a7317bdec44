#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "db/connection.h"
#include "db/transaction.h"

namespace almanac::db {

// A queue of reads and the threads that run them, each with a connection of its own. Thread-safe.
class Readers {
 public:
  Readers(std::string url, int connections, size_t max_queue, absl::Duration statement_timeout,
          Planning planning = Planning::kOnce);
  // Runs what is queued, then ends the threads.
  ~Readers();

  // Runs `fn` on some connection, then `done` with its status, from a thread of this class; `fn` twice if the
  // connection turns out to be lost. If the queue is full, calls `done` with RESOURCE_EXHAUSTED before it returns, from
  // the caller's thread, which therefore must not hold a lock that `done` takes. UNAVAILABLE once a new connection
  // could not be made, for all that wait then.
  void Run(absl::AnyInvocable<absl::Status(Transaction&)> fn, absl::AnyInvocable<void(absl::Status)> done);

 private:
  struct Task {
    absl::AnyInvocable<absl::Status(Transaction&)> fn;
    absl::AnyInvocable<void(absl::Status)> done;
  };

  // A thread that waits for a task, and the one that it is given.
  struct Idle {
    std::optional<Task> task;
    bool is_stopped = false;
  };

  void Work();
  // The next task, waiting for it; none once all are to end.
  std::optional<Task> Next();
  absl::Status Attempt(std::unique_ptr<Connection>& connection, Task& task);
  // Makes a connection; null if the database cannot be reached.
  std::unique_ptr<Connection> Connect() const;
  void RefuseWaiting();

  const std::string url_;
  const size_t max_queue_;
  const absl::Duration statement_timeout_;
  const Planning planning_;
  absl::Mutex mutex_;
  std::deque<Task> queue_ ABSL_GUARDED_BY(mutex_);
  // Whoever came last is given the next task: its connection, and PostgreSQL's process behind it, has what it needs at
  // hand.
  std::vector<Idle*> idle_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace almanac::db
