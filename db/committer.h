#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "db/connection.h"
#include "db/database.h"

namespace almanac::db {

// Group commit: one thread that runs waiting writes together, in one transaction under the head's lock, and answers
// all of them after one commit. See docs/architecture.md for why revisions are made this way.
class Committer {
 public:
  using Bytes = absl::StatusOr<std::string>;

  struct Write {
    WriteContext context;
    absl::AnyInvocable<Bytes(WriteTransaction&)> fn;
    absl::AnyInvocable<void(Bytes)> done;
    // Set once the answer is known, whatever becomes of the rest of the batch.
    std::optional<Bytes> answer;
  };

  // Calls `on_commit` after each commit that appended changes.
  Committer(Database::Options options, absl::AnyInvocable<void()> on_commit);
  // Commits what is queued, then ends the thread.
  ~Committer();

  // Queues a write. Its `done` is called from the committer's thread, or at once with RESOURCE_EXHAUSTED if too many
  // wait.
  void Add(Write write);

 private:
  // Where a run of a batch got to.
  enum class Result { kCommitted, kRunAgain, kLost, kInDoubt };

  // The changes of a batch, by which it can be recognised in the log.
  struct Attempt {
    int64_t first_revision = 0;
    std::string first_request_id;
    std::vector<Bytes> answers;
    int64_t changes = 0;
    // The write that runs just now; an error of the database is its fault.
    Write* running = nullptr;
    bool committing = false;
  };

  void Work();
  std::vector<Write> TakeBatch();
  void Commit(std::vector<Write>& batch);
  Result Try(std::vector<Write>& batch, Attempt& attempt);
  void RunAll(std::vector<Write>& batch, WriteTransaction& transaction, Attempt& attempt);
  Bytes RunOne(Write& write, WriteTransaction& transaction);
  // Whether the batch of `attempt`, whose commit got no answer, is in the log; UNAVAILABLE if that cannot be learned.
  absl::StatusOr<bool> WasCommitted(const Attempt& attempt);
  void ForgetOldRequests();

  Database::Options options_;
  absl::AnyInvocable<void()> on_commit_;
  absl::Mutex mutex_;
  std::deque<Write> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // Of the thread alone.
  std::unique_ptr<Connection> connection_;
  size_t last_batch_ = 0;
  absl::Time last_cleaning_ = absl::InfinitePast();
  std::thread thread_;
};

}  // namespace almanac::db
