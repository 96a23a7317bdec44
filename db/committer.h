#pragma once

#include <deque>
#include <exception>
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
  enum class Result { kAnswered, kRunAgain, kLost, kInDoubt };

  struct Attempt {
    std::vector<Bytes> answers;
    // How many writes of the batch, from the first on, this run has got to; the others wait for the next commit.
    size_t ran = 0;
    // What their changes have, in bytes.
    int64_t change_bytes = 0;
    // The changes of the batch, by which it can be recognised in the log.
    std::vector<int64_t> revisions;
    std::vector<std::string> entries;
    // Of the log's partitions, those made in this run included.
    int64_t partitioned_up_to = 0;
    // The write that runs just now; an error of the database is its fault.
    Write* running = nullptr;
    bool committing = false;
    bool committed = false;
  };

  void Work();
  std::vector<Write> TakeBatch();
  // Empties the queue.
  std::deque<Write> TakeAll();
  void Commit(std::vector<Write>& batch);
  Result Try(std::vector<Write>& batch, Attempt& attempt);
  // What an error of the database means for the batch.
  Result Failed(std::vector<Write>& batch, Attempt& attempt, const std::exception& error);
  void RunAll(std::vector<Write>& batch, WriteTransaction& transaction, Attempt& attempt);
  Bytes RunOne(Write& write, WriteTransaction& transaction, Attempt& attempt);
  // Appends the changes of the batch to the log and moves the head.
  static void AppendChanges(WriteTransaction& transaction, Attempt& attempt);
  // Whether the batch of `attempt`, whose commit got no answer, is in the log; UNAVAILABLE if that cannot be learned.
  absl::StatusOr<bool> WasCommitted(const Attempt& attempt);
  void ForgetOldRequests();

  Database::Options options_;
  absl::AnyInvocable<void()> on_commit_;
  absl::Mutex mutex_;
  std::deque<Write> queue_ ABSL_GUARDED_BY(mutex_);
  int64_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // Of the thread alone.
  std::unique_ptr<Connection> connection_;
  size_t last_batch_ = 0;
  int64_t partitioned_up_to_ = 0;                // up to which revision the log is known to have partitions
  absl::Time last_time_ = absl::InfinitePast();  // of the log's clock
  absl::Time next_cleaning_ = absl::InfinitePast();
  std::thread thread_;
};

}  // namespace almanac::db
