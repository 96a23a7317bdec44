#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "almanac/v1/consistency.pb.h"
#include "db/transaction.h"

namespace almanac::db {

class Committer;
class ReadGate;
class Readers;
struct Head;

// What a write brings besides its work.
struct WriteContext {
  // Who writes, as the change log will say.
  std::string actor = {};
  // The client's id of this request, or empty: then nothing is kept for a retry.
  std::string request_id = {};
  // A hash of the request's content; a retry must have the same.
  std::string payload_hash = {};
  // Runs the write and rolls it back.
  bool validate_only = false;
  // What the request takes while it waits.
  int64_t request_bytes = 0;
};

// Each kind of reading has connections of its own, so that none can starve another. All are to the primary but those of
// requests and searches, which go to the copy if there is one.
enum class Lane {
  kRequests,  // what clients ask
  kSearches,  // the same where PostgreSQL has to think: filters, orders, searches, counts
  kFeed,      // the tail of the change log: one connection; refuses nobody
  kCatchUp,   // snapshots, and watchers that fell behind: two connections, shared by all; refuses nobody
  kUpkeep,    // what a server does for the catalogue unasked: one connection
  kStatus,    // what is said of the catalogue and its servers: one connection
  kHead,      // the newest head, for those who cannot do with less: one connection; refuses nobody
};

// What a client's read brings besides its work.
struct ReadContext {
  // How fresh the answer must be.
  almanac::v1::Consistency consistency = {};
  // Until when the client waits.
  absl::Time deadline = absl::InfiniteFuture();
  // Which connections it takes: kRequests or kSearches.
  Lane lane = Lane::kRequests;
  // Whether the client has gone; asked now and then, from threads of the database, until the read is done.
  absl::AnyInvocable<bool()> is_cancelled = nullptr;
};

// The catalogue's PostgreSQL. Owns every connection, transaction, retry and commit; nothing else does. Thread-safe.
//
// Nothing here blocks its caller: work is queued, and `done` is called from a thread of the database, where it must not
// block either. Only if too much waits, `done` is called with RESOURCE_EXHAUSTED before Read or Write returns, from the
// caller's thread: so the caller must not hold a lock that `done` takes.
class Database {
 public:
  struct Options {
    // A libpq URL or keyword string.
    std::string url;
    // The same for a copy that clients' reads go to, a hot standby; empty for none.
    std::string read_url = {};
    // Connections for reading, 1 to 64; one thread each.
    int read_connections = 8;
    // The same for searches, and lists with a filter or an order.
    int search_connections = 4;
    // At most how many writes share a commit.
    int max_batch = 64;
    // How long a commit waits for company when there was some in the commit before.
    absl::Duration batch_window = absl::Milliseconds(2);
    // At most how many reads, how many reads for what they read to be fresh enough (half of them for a revision), and
    // how many writes, may wait; more are refused with RESOURCE_EXHAUSTED, and so are writes while 256 MiB of them
    // wait.
    int max_queue = 10000;
    // After how long a write begins no more statements, since the others wait for it.
    absl::Duration write_timeout = absl::Minutes(1);
    absl::Duration statement_timeout = absl::Seconds(30);
  };

  // Checks that the database answers and has the schema of this program. Returns UNAVAILABLE if it does not answer,
  // FAILED_PRECONDITION if the schema is older (run `almanacd migrate`) or newer than this program. A copy that can be
  // reached must be one of this catalogue, and gets some seconds to come to the schema; one that cannot may come later.
  static absl::StatusOr<std::unique_ptr<Database>> Open(Options options);

  // Calls `on_commit` after each commit that appended changes, from the committer's thread; null ends that. Once this
  // returns, an earlier one is not called any more.
  void OnCommit(absl::AnyInvocable<void()> on_commit);

  // Finishes what is queued, but for reads that wait to be fresh, then ends the threads.
  ~Database();

  // Reads for a client, as fresh as `context` asks, which is waited for up to its deadline, but for 30 seconds at most.
  // Errors: as below; UNAVAILABLE with reason REVISION_NOT_REACHED if what was asked for is not there in time, and with
  // READ_DATABASE_MISMATCH if there is a copy, but of something else.
  template <typename T>
  void Read(ReadContext context, absl::AnyInvocable<absl::StatusOr<T>(Transaction&)> fn,
            absl::AnyInvocable<void(absl::StatusOr<T>)> done);

  // Reads what there is. `fn` runs statements that each see what is committed when they begin; it may be run again
  // after a lost connection, so it must not have effects elsewhere. Errors: those of `fn`; UNAVAILABLE if the database
  // cannot be reached; DEADLINE_EXCEEDED if a statement takes too long; RESOURCE_EXHAUSTED if too many reads wait, or
  // with reason DATABASE_FULL.
  template <typename T>
  void Read(absl::AnyInvocable<absl::StatusOr<T>(Transaction&)> fn, absl::AnyInvocable<void(absl::StatusOr<T>)> done,
            Lane lane = Lane::kRequests);

  // Reads and waits for the answer; not from a thread of the database or of gRPC.
  template <typename T>
  absl::StatusOr<T> ReadAndWait(absl::AnyInvocable<absl::StatusOr<T>(Transaction&)> fn, Lane lane = Lane::kRequests);

  // Writes. `fn` runs in one transaction with other writes, one after the other; the answer comes after the commit.
  // `fn` must be safe to run again: a neighbour's failure or a lost connection makes the batch start over. If it
  // returns an error, nothing of it stays. With a request id that was answered before, `fn` is not run and the first
  // answer is given. Errors: those of `fn`; UNAVAILABLE if nothing was committed because the database cannot be
  // reached, with reason COMMIT_IN_DOUBT if the outcome could not be learned: then retry with the same request id;
  // INVALID_ARGUMENT if the request id was used for another payload; RESOURCE_EXHAUSTED if too many writes wait,
  // or with reason DATABASE_FULL if nothing was changed for want of room.
  template <typename T>
  void Write(WriteContext context, absl::AnyInvocable<absl::StatusOr<T>(WriteTransaction&)> fn,
             absl::AnyInvocable<void(absl::StatusOr<T>)> done);

  // Writes and waits for the answer; not from a thread of the database or of gRPC.
  template <typename T>
  absl::StatusOr<T> WriteAndWait(WriteContext context, absl::AnyInvocable<absl::StatusOr<T>(WriteTransaction&)> fn);

 private:
  using Bytes = absl::StatusOr<std::string>;

  using ReadFn = absl::AnyInvocable<absl::Status(Transaction&)>;
  using ReadDone = absl::AnyInvocable<void(absl::Status)>;

  explicit Database(Options options);

  // Whether the copy can be read from, now or later; `head` is the primary's.
  absl::Status CheckCopy(const Head& head);
  // The two halves of reading something, without its type.
  template <typename T>
  static std::pair<ReadFn, ReadDone> ToRead(absl::AnyInvocable<absl::StatusOr<T>(Transaction&)> fn,
                                            absl::AnyInvocable<void(absl::StatusOr<T>)> done);
  void ReadTask(Lane lane, ReadFn fn, ReadDone done);
  void GatedReadTask(ReadContext context, ReadFn fn, ReadDone done);
  void WriteTask(WriteContext context, absl::AnyInvocable<Bytes(WriteTransaction&)> fn,
                 absl::AnyInvocable<void(Bytes)> done);

  absl::AnyInvocable<void()> on_commit_ ABSL_GUARDED_BY(on_commit_mutex_);
  absl::Mutex on_commit_mutex_;
  // Of the lanes of clients' reads. Before the readers, whose last answers they take.
  std::map<Lane, std::unique_ptr<ReadGate>> gates_;
  std::map<Lane, std::unique_ptr<Readers>> readers_;
  std::unique_ptr<Committer> committer_;
};

// Applies every migration that the database does not have, in order, each in a transaction. Of several callers at once
// one works and the others wait. Returns the version reached; UNAVAILABLE if the database cannot be reached,
// FAILED_PRECONDITION if its schema is newer than this program, INTERNAL naming the migration if one fails.
absl::StatusOr<int> Migrate(const std::string& url);

template <typename T>
std::pair<Database::ReadFn, Database::ReadDone> Database::ToRead(absl::AnyInvocable<absl::StatusOr<T>(Transaction&)> fn,
                                                                 absl::AnyInvocable<void(absl::StatusOr<T>)> done) {
  auto result = std::make_shared<absl::StatusOr<T>>(absl::UnknownError("not run"));
  return {[result, fn = std::move(fn)](Transaction& transaction) mutable {
            *result = fn(transaction);
            return result->status();
          },
          [result, done = std::move(done)](absl::Status status) mutable {
            if (status.ok())
              done(std::move(*result));
            else
              done(std::move(status));
          }};
}

template <typename T>
void Database::Read(ReadContext context, absl::AnyInvocable<absl::StatusOr<T>(Transaction&)> fn,
                    absl::AnyInvocable<void(absl::StatusOr<T>)> done) {
  auto [read, finish] = ToRead<T>(std::move(fn), std::move(done));
  GatedReadTask(std::move(context), std::move(read), std::move(finish));
}

template <typename T>
void Database::Read(absl::AnyInvocable<absl::StatusOr<T>(Transaction&)> fn,
                    absl::AnyInvocable<void(absl::StatusOr<T>)> done, Lane lane) {
  auto [read, finish] = ToRead<T>(std::move(fn), std::move(done));
  ReadTask(lane, std::move(read), std::move(finish));
}

template <typename T>
absl::StatusOr<T> Database::ReadAndWait(absl::AnyInvocable<absl::StatusOr<T>(Transaction&)> fn, Lane lane) {
  absl::Notification finished;
  absl::StatusOr<T> answer;
  Read<T>(
      std::move(fn),
      [&](absl::StatusOr<T> result) {
        answer = std::move(result);
        finished.Notify();
      },
      lane);
  finished.WaitForNotification();
  return answer;
}

template <typename T>
void Database::Write(WriteContext context, absl::AnyInvocable<absl::StatusOr<T>(WriteTransaction&)> fn,
                     absl::AnyInvocable<void(absl::StatusOr<T>)> done) {
  WriteTask(
      std::move(context),
      [fn = std::move(fn)](WriteTransaction& transaction) mutable -> Bytes {
        absl::StatusOr<T> result = fn(transaction);
        if (!result.ok()) return result.status();
        return result->SerializeAsString();
      },
      [done = std::move(done)](Bytes bytes) mutable {
        if (!bytes.ok()) return done(bytes.status());
        T answer;
        if (!answer.ParseFromString(*bytes)) return done(absl::DataLossError("a stored answer cannot be read"));
        done(std::move(answer));
      });
}

template <typename T>
absl::StatusOr<T> Database::WriteAndWait(WriteContext context,
                                         absl::AnyInvocable<absl::StatusOr<T>(WriteTransaction&)> fn) {
  absl::Notification finished;
  absl::StatusOr<T> answer;
  Write<T>(std::move(context), std::move(fn), [&](absl::StatusOr<T> result) {
    answer = std::move(result);
    finished.Notify();
  });
  finished.WaitForNotification();
  return answer;
}

}  // namespace almanac::db
