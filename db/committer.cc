#include "db/committer.h"

#include <spdlog/spdlog.h>

#include <iterator>
#include <pqxx/pqxx>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "db/driver_errors.h"
#include "db/errors.h"

namespace almanac::db {
namespace {

// The clock is the database's, the one that all replicas share.
constexpr Statement kLockHead{
    "select revision, micros(change_time), micros(catalogue_now()), compacted_revision from head for update"};

constexpr Statement kFindRequest{"select payload_hash, response from requests where request_id = $1"};

constexpr Statement kKeepRequest{
    "insert into requests (request_id, payload_hash, response, create_time) values ($1, $2, $3, $4)"};

constexpr Statement kAppendChanges{
    "insert into changes"
    " (revision, change_time, actor, request_id, kind, type, resource, changed_fields, last_of_write, entry)"
    " select revision, change_time, actor, request_id, kind, type, resource, string_to_array(changed_fields, ','),"
    "        last_of_write, entry"
    " from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::smallint[], $6::smallint[], $7::text[],"
    "             $8::text[], $9::boolean[], $10::bytea[])"
    "   as c(revision, change_time, actor, request_id, kind, type, resource, changed_fields, last_of_write, entry)"};

constexpr Statement kAddPartitions{"select add_change_partitions($1)"};

constexpr Statement kAdvanceHead{"update head set revision = $1, change_time = $2"};

constexpr Statement kCountChanges{
    "select count(*) from changes join unnest($1::bigint[], $2::bytea[]) as ours(revision, entry)"
    " using (revision, entry)"};

constexpr Statement kForgetRequests{
    "delete from requests where request_id in"
    " (select request_id from requests where create_time < $1 order by create_time limit $2)"};

constexpr absl::Duration kRequestsKept = absl::Hours(24);
constexpr absl::Duration kCleaningInterval = absl::Minutes(1);
// What one commit's company can bear; a backlog is cleared after the commits that follow.
constexpr int kForgottenAtOnce = 1000;

// A change must pass the limit of a gRPC client that nobody configured, 4 MiB, with room for its envelope.
constexpr size_t kMaxChangeBytes = (4 << 20) - (64 << 10);

// A commit takes no further writes once its changes have so many bytes. Until it is made they take some ten times as
// much memory, and while they are made nobody else writes.
constexpr int64_t kMaxBatchBytes = 32 << 20;

// What one statement appends to the log, or one change if that is larger. PostgreSQL takes no value of more than 1 GB.
constexpr size_t kMaxAppendedBytes = 16 << 20;

// What the requests that wait may have together, in bytes.
constexpr int64_t kMaxQueuedBytes = 256 << 20;

// How long to look for the outcome of a commit whose answer was lost, before its writers are told that it is unknown.
constexpr absl::Duration kDoubtLimit = absl::Seconds(15);

// A batch that fails this often for other reasons than its own writes is answered UNAVAILABLE.
constexpr int kMaxLosses = 2;

// Ends a batch because of one write, whose answer is set.
struct Offence {};

std::string NewRequestId() {
  absl::BitGen random;
  return absl::StrFormat("server-%016x%016x", absl::Uniform<uint64_t>(random), absl::Uniform<uint64_t>(random));
}

absl::Status RequestIdReused(const std::string& request_id) {
  return InvalidField("request_id",
                      absl::StrCat("\"", request_id, "\" was used for another request; use a new id for new content"));
}

absl::Status CommitInDoubt() {
  return Error(absl::StatusCode::kUnavailable, "COMMIT_IN_DOUBT",
               "the database was lost during the commit, and whether the change was made could not be learned; retry "
               "with the same request id: it happens at most once");
}

absl::Status WriteTookTooLong(absl::Duration limit) {
  return Error(absl::StatusCode::kDeadlineExceeded, "WRITE_TIMEOUT",
               absl::StrCat("nothing was changed: it took longer than ", absl::FormatDuration(limit),
                            ", for which nobody else can write; write less at once"));
}

// The bytes of the changes from `first` on; FAILED_PRECONDITION if one of them is larger than watchers can receive.
absl::StatusOr<int64_t> SizeOf(const std::vector<almanac::v1::Change>& changes, size_t first) {
  int64_t sum = 0;
  for (size_t i = first; i < changes.size(); ++i) {
    const size_t bytes = changes[i].ByteSizeLong();
    sum += static_cast<int64_t>(bytes);
    if (bytes > kMaxChangeBytes) {
      return FailedPrecondition(
          "RESOURCE_TOO_LARGE", changes[i].resource(),
          changes[i].resource() + " would be too large to be told to watchers; shorten its texts");
    }
  }
  return sum;
}

}  // namespace

Committer::Committer(Database::Options options, absl::AnyInvocable<void()> on_commit)
    : options_(std::move(options)), on_commit_(std::move(on_commit)), thread_([this] { Work(); }) {}

Committer::~Committer() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Committer::Add(Write write) {
  {
    absl::MutexLock lock(&mutex_);
    if (static_cast<int>(queue_.size()) < options_.max_queue && queued_bytes_ < kMaxQueuedBytes) {
      queued_bytes_ += write.context.request_bytes;
      queue_.push_back(std::move(write));
      return;
    }
  }
  write.done(TooBusy("writes"));
}

std::deque<Committer::Write> Committer::TakeAll() {
  absl::MutexLock lock(&mutex_);
  queued_bytes_ = 0;
  return std::exchange(queue_, {});
}

void Committer::Work() {
  while (true) {
    std::vector<Write> batch = TakeBatch();
    if (batch.empty()) return;
    Commit(batch);
    for (Write& write : batch) write.done(*std::move(write.answer));
    ForgetOldRequests();
  }
}

std::vector<Committer::Write> Committer::TakeBatch() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(
      +[](Committer* self)
           ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) { return self->stopping_ || !self->queue_.empty(); },
      this));
  // Where the last commit had company, as much is probably on its way back to us: waiting for it saves a flush. A
  // lone writer is never made to wait.
  if (last_batch_ > 1 && queue_.size() < last_batch_ && !stopping_) {
    mutex_.AwaitWithTimeout(absl::Condition(
                                +[](Committer* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) {
                                  return self->queue_.size() >= self->last_batch_;
                                },
                                this),
                            options_.batch_window);
  }
  std::vector<Write> batch;
  while (!queue_.empty() && static_cast<int>(batch.size()) < options_.max_batch) {
    // What is rolled back anyway must not take others with it.
    const bool alone = queue_.front().context.validate_only;
    if (alone && !batch.empty()) break;
    queued_bytes_ -= queue_.front().context.request_bytes;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (alone) break;
  }
  last_batch_ = batch.size();
  return batch;
}

void Committer::Commit(std::vector<Write>& batch) {
  for (Write& write : batch) {
    if (write.context.request_id.empty()) continue;
    if (write.context.payload_hash.empty()) write.answer = absl::InternalError("a request id needs a payload hash");
  }
  int losses = 0;
  while (true) {
    Attempt attempt;
    Result result = Try(batch, attempt);
    if (result == Result::kInDoubt) {
      const absl::StatusOr<bool> committed = WasCommitted(attempt);
      if (!committed.ok()) {
        for (Write& write : batch) {
          if (!write.answer) write.answer = CommitInDoubt();
        }
        return;
      }
      spdlog::warn("a commit in doubt was {}", *committed ? "made" : "not made");
      result = *committed ? Result::kAnswered : Result::kLost;
      attempt.committed = *committed;
    }
    if (result == Result::kAnswered) {
      for (size_t i = 0; i < attempt.ran; ++i) {
        if (!batch[i].answer) batch[i].answer = std::move(attempt.answers[i]);
      }
      if (attempt.committed && !attempt.revisions.empty()) on_commit_();
      if (attempt.ran == batch.size()) return;
      losses = 0;
    }
    if (result == Result::kLost && ++losses >= kMaxLosses) {
      for (Write& write : batch) {
        if (!write.answer) write.answer = DatabaseUnavailable();
      }
      // Who waits behind them would wait for the same.
      for (Write& write : TakeAll()) write.done(DatabaseUnavailable());
      return;
    }
  }
}

Committer::Result Committer::Try(std::vector<Write>& batch, Attempt& attempt) {
  try {
    if (connection_ == nullptr) {
      connection_ = std::make_unique<Connection>(options_.url, options_.statement_timeout);
      partitioned_up_to_ = 0;  // it may be another database now
    }
    attempt.partitioned_up_to = partitioned_up_to_;
    pqxx::work work(connection_->raw());
    // The head's row first of all: whoever has it may write, and sees all that was written before.
    Transaction lock(*connection_);
    const Rows rows = lock.Exec(kLockHead);
    auto head = rows[0];
    const int64_t revision = head.Int();
    const absl::Time last = absl::FromUnixMicros(head.Int());
    const absl::Time clock = absl::FromUnixMicros(head.Int());
    WriteTransaction transaction(*connection_, revision, std::max(clock, last));
    RunAll(batch, transaction, attempt);
    attempt.running = nullptr;
    last_time_ = transaction.now();
    if (transaction.rows_written_ == 0 && transaction.changes_.empty()) return Result::kAnswered;
    if (batch.front().context.validate_only) return Result::kAnswered;  // and `work` rolls back
    if (!transaction.changes_.empty()) AppendChanges(transaction, attempt);
    attempt.committing = true;
    work.commit();
    attempt.committed = true;
    partitioned_up_to_ = attempt.partitioned_up_to;
    return Result::kAnswered;
  } catch (const Offence&) {
    return Result::kRunAgain;
  } catch (const WriteTooLong&) {
    attempt.running->answer = WriteTookTooLong(options_.write_timeout);
    return Result::kRunAgain;
  } catch (const pqxx::broken_connection& error) {
    spdlog::warn("database connection lost: {}", error.what());
    connection_.reset();
    return attempt.committing ? Result::kInDoubt : Result::kLost;
  } catch (const pqxx::in_doubt_error& error) {
    spdlog::warn("commit in doubt: {}", error.what());
    connection_.reset();
    return Result::kInDoubt;
  } catch (const pqxx::check_violation& error) {
    // The log has no partition for a row: this session has not been told yet of one that another has just made.
    if (attempt.running == nullptr && !attempt.committing) {
      spdlog::warn("changes were not appended: {}", error.what());
      return Result::kLost;
    }
    return Failed(batch, attempt, error);
  } catch (const std::exception& error) {
    return Failed(batch, attempt, error);
  }
}

Committer::Result Committer::Failed(std::vector<Write>& batch, Attempt& attempt, const std::exception& error) {
  const absl::Status status = FromDriver(error);
  if (absl::IsUnavailable(status)) {
    connection_.reset();
    return attempt.committing ? Result::kInDoubt : Result::kLost;
  }
  // A full disk is nobody's fault: the whole batch is told.
  if (attempt.running != nullptr && !absl::IsResourceExhausted(status)) {
    attempt.running->answer = status;
    return Result::kRunAgain;
  }
  attempt.ran = batch.size();
  for (Write& write : batch) {
    if (!write.answer) write.answer = status;
  }
  return Result::kAnswered;
}

void Committer::RunAll(std::vector<Write>& batch, WriteTransaction& transaction, Attempt& attempt) {
  attempt.answers.resize(batch.size());
  for (; attempt.ran < batch.size() && attempt.change_bytes < kMaxBatchBytes; ++attempt.ran) {
    Write& write = batch[attempt.ran];
    if (write.answer) continue;
    attempt.running = &write;
    attempt.answers[attempt.ran] = RunOne(write, transaction, attempt);
  }
}

Committer::Bytes Committer::RunOne(Write& write, WriteTransaction& transaction, Attempt& attempt) {
  const std::string& id = write.context.request_id;
  if (!id.empty()) {
    const Rows rows = transaction.Exec(kFindRequest, {id});
    if (!rows.empty()) {
      auto row = rows[0];
      if (row.Bytes() != write.context.payload_hash) return RequestIdReused(id);
      return row.Bytes();
    }
  }
  transaction.actor_ = write.context.actor;
  transaction.request_id_ = id.empty() ? NewRequestId() : id;
  transaction.now_ += absl::Microseconds(1);
  const int64_t writes = transaction.rows_written_;
  const size_t changes = transaction.changes_.size();
  transaction.deadline_ = absl::Now() + options_.write_timeout;
  Bytes answer = write.fn(transaction);
  // Here, where an error of the database is this write's fault.
  if (answer.ok()) transaction.WriteStoredRows();
  transaction.deadline_ = absl::InfiniteFuture();
  const absl::StatusOr<int64_t> bytes = SizeOf(transaction.changes_, changes);
  if (!bytes.ok()) answer = bytes.status();
  if (!answer.ok()) {
    // It refused, as a rule before it wrote anything. Otherwise the transaction is spoilt for its neighbours.
    if (transaction.rows_written_ == writes && transaction.changes_.size() == changes) return answer;
    write.answer = std::move(answer);
    throw Offence();
  }
  attempt.change_bytes += *bytes;
  if (transaction.changes_.size() > changes) transaction.changes_.back().set_last_of_write(true);
  if (!id.empty()) {
    transaction.Exec(kKeepRequest,
                     {id, Param::Bytes(write.context.payload_hash), Param::Bytes(*answer), transaction.now()});
  }
  return answer;
}

void Committer::AppendChanges(WriteTransaction& transaction, Attempt& attempt) {
  const std::vector<almanac::v1::Change>& changes = transaction.changes_;
  if (changes.back().revision() > attempt.partitioned_up_to) {
    attempt.partitioned_up_to = transaction.Exec(kAddPartitions, {changes.back().revision()})[0].Int();
  }
  for (size_t next = 0; next < changes.size();) {
    std::vector<int64_t> revisions, kinds, types;
    std::vector<std::string> times, actors, request_ids, resources, changed_fields, lasts, entries;
    for (size_t bytes = 0; next < changes.size() && bytes < kMaxAppendedBytes; ++next) {
      const almanac::v1::Change& change = changes[next];
      revisions.push_back(change.revision());
      entries.push_back(change.SerializeAsString());
      times.emplace_back(Param(change.change_time()).c_str());
      actors.push_back(change.actor());
      request_ids.push_back(change.request_id());
      kinds.push_back(change.kind());
      types.push_back(change.type());
      resources.push_back(change.resource());
      changed_fields.push_back(absl::StrJoin(change.changed_fields(), ","));
      lasts.emplace_back(change.last_of_write() ? "t" : "f");
      bytes += entries.back().size();
    }
    transaction.Exec(kAppendChanges,
                     {Param::Array(revisions), Param::Array(times), Param::Array(actors), Param::Array(request_ids),
                      Param::Array(kinds), Param::Array(types), Param::Array(resources), Param::Array(changed_fields),
                      Param::Array(lasts), Param::Array(entries, /*bytes=*/true)});
    attempt.revisions.insert(attempt.revisions.end(), revisions.begin(), revisions.end());
    std::move(entries.begin(), entries.end(), std::back_inserter(attempt.entries));
  }
  transaction.Exec(kAdvanceHead, {attempt.revisions.back(), transaction.now()});
}

absl::StatusOr<bool> Committer::WasCommitted(const Attempt& attempt) {
  const absl::Time deadline = absl::Now() + kDoubtLimit;
  // A batch without changes has nothing to recognise it by, and running it again does no harm.
  if (attempt.revisions.empty()) return false;
  for (absl::Duration pause = absl::Milliseconds(50);; pause = std::min(2 * pause, absl::Seconds(1))) {
    try {
      connection_ = std::make_unique<Connection>(options_.url, options_.statement_timeout);
      pqxx::work work(connection_->raw());
      Transaction transaction(*connection_);
      // The lock waits until the session that got lost has ended, one way or the other.
      const Rows head = transaction.Exec(kLockHead);
      auto row = head[0];
      row.Skip(3);
      // Retention may have taken it out of the log: what is no longer there says nothing.
      if (row.Int() >= attempt.revisions.front()) return DatabaseUnavailable();
      // Every entry of the batch, not the first alone: a client's retry on another replica may have taken its place.
      const Rows found = transaction.Exec(
          kCountChanges, {Param::Array(attempt.revisions), Param::Array(attempt.entries, /*bytes=*/true)});
      return found[0].Int() == static_cast<int64_t>(attempt.entries.size());
    } catch (const std::exception& error) {
      connection_.reset();
      spdlog::warn("looking for a commit in doubt: {}", error.what());
    }
    if (absl::Now() + pause > deadline) return DatabaseUnavailable();
    absl::SleepFor(pause);
  }
}

void Committer::ForgetOldRequests() {
  if (connection_ == nullptr || last_time_ == absl::InfinitePast() || absl::Now() < next_cleaning_) return;
  try {
    Transaction transaction(*connection_);
    const Rows forgotten = transaction.Exec(kForgetRequests, {last_time_ - kRequestsKept, kForgottenAtOnce});
    if (forgotten.affected() < kForgottenAtOnce) next_cleaning_ = absl::Now() + kCleaningInterval;
  } catch (const std::exception& error) {
    connection_.reset();
    spdlog::warn("old request ids were not cleaned up: {}", error.what());
  }
}

}  // namespace almanac::db
