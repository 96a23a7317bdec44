#include "db/committer.h"

#include <spdlog/spdlog.h>

#include <pqxx/pqxx>
#include <unordered_map>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "db/driver_errors.h"
#include "db/errors.h"

namespace almanac::db {
namespace {

constexpr Statement kLockHead{"select revision, micros(change_time) from head for update"};

constexpr Statement kFindRequest{"select payload_hash, response from requests where request_id = $1"};

constexpr Statement kKeepRequest{
    "insert into requests (request_id, payload_hash, response, create_time) values ($1, $2, $3, $4)"};

constexpr Statement kAppendChanges{
    "insert into changes (revision, change_time, actor, request_id, kind, resource, entry)"
    " select revision, $2, actor, request_id, kind, resource, entry"
    " from unnest($1::bigint[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::bytea[])"
    " as c(revision, actor, request_id, kind, resource, entry)"};

constexpr Statement kAdvanceHead{"update head set revision = $1, change_time = $2"};

constexpr Statement kFindChange{"select 1 from changes where revision = $1 and request_id = $2"};

constexpr Statement kForgetRequests{"delete from requests where create_time < $1"};

constexpr absl::Duration kRequestsKept = absl::Hours(24);
constexpr absl::Duration kCleaningInterval = absl::Minutes(10);

// How long to look for the outcome of a commit whose answer was lost, before its writers are told that it is unknown.
constexpr absl::Duration kDoubtLimit = absl::Seconds(15);

// A batch that fails more often than this for other reasons than its own writes is answered UNAVAILABLE.
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

void AppendChanges(WriteTransaction& transaction, const std::vector<almanac::v1::Change>& changes) {
  std::vector<int64_t> revisions, kinds;
  std::vector<std::string> actors, request_ids, resources, entries;
  for (const almanac::v1::Change& change : changes) {
    revisions.push_back(change.revision());
    actors.push_back(change.actor());
    request_ids.push_back(change.request_id());
    kinds.push_back(change.kind());
    resources.push_back(change.resource());
    entries.push_back(change.SerializeAsString());
  }
  transaction.Exec(kAppendChanges,
                   {Param::Array(revisions), transaction.now(), Param::Array(actors), Param::Array(request_ids),
                    Param::Array(kinds), Param::Array(resources), Param::Array(entries, /*bytes=*/true)});
  transaction.Exec(kAdvanceHead, {changes.back().revision(), transaction.now()});
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
    if (static_cast<int>(queue_.size()) < options_.max_queue) {
      queue_.push_back(std::move(write));
      return;
    }
  }
  write.done(TooBusy("writes"));
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
      spdlog::warn("a commit in doubt at revision {} was {}", attempt.first_revision, *committed ? "made" : "not made");
      result = *committed ? Result::kCommitted : Result::kRunAgain;
    }
    if (result == Result::kCommitted) {
      for (size_t i = 0; i < batch.size(); ++i) {
        if (!batch[i].answer) batch[i].answer = std::move(attempt.answers[i]);
      }
      if (attempt.changes > 0) on_commit_();
      return;
    }
    if (result == Result::kLost && ++losses >= kMaxLosses) {
      for (Write& write : batch) {
        if (!write.answer) write.answer = DatabaseUnavailable();
      }
      return;
    }
  }
}

Committer::Result Committer::Try(std::vector<Write>& batch, Attempt& attempt) {
  try {
    if (connection_ == nullptr) connection_ = std::make_unique<Connection>(options_.url, options_.statement_timeout);
    pqxx::work work(connection_->raw());
    // The head's row first of all: whoever has it may write, and sees all that was written before.
    Transaction lock(*connection_, work);
    const Rows rows = lock.Exec(kLockHead);
    auto head = rows[0];
    const int64_t revision = head.Int();
    const absl::Time now = std::max(options_.clock(), absl::FromUnixMicros(head.Int()));
    WriteTransaction transaction(*connection_, work, revision, now);
    attempt.first_revision = revision + 1;
    RunAll(batch, transaction, attempt);
    attempt.running = nullptr;
    attempt.changes = transaction.revision_ - revision;
    if (transaction.rows_written_ == 0 && transaction.changes_.empty()) return Result::kCommitted;
    if (batch.front().context.validate_only) return Result::kCommitted;  // and `work` rolls back
    if (!transaction.changes_.empty()) {
      attempt.first_request_id = transaction.changes_.front().request_id();
      AppendChanges(transaction, transaction.changes_);
    }
    attempt.committing = true;
    work.commit();
    return Result::kCommitted;
  } catch (const Offence&) {
    return Result::kRunAgain;
  } catch (const pqxx::broken_connection& error) {
    spdlog::warn("database connection lost: {}", error.what());
    connection_.reset();
    return attempt.committing ? Result::kInDoubt : Result::kLost;
  } catch (const pqxx::in_doubt_error& error) {
    spdlog::warn("commit in doubt: {}", error.what());
    connection_.reset();
    return Result::kInDoubt;
  } catch (const std::exception& error) {
    const absl::Status status = FromDriver(error);
    if (absl::IsUnavailable(status)) {
      connection_.reset();
      return attempt.committing ? Result::kInDoubt : Result::kLost;
    }
    if (attempt.running != nullptr) {
      attempt.running->answer = status;
      return Result::kRunAgain;
    }
    for (Write& write : batch) {
      if (!write.answer) write.answer = status;
    }
    return Result::kCommitted;
  }
}

void Committer::RunAll(std::vector<Write>& batch, WriteTransaction& transaction, Attempt& attempt) {
  std::unordered_map<std::string, size_t> ids;
  attempt.answers.resize(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    Write& write = batch[i];
    if (write.answer) continue;
    attempt.running = &write;
    const std::string& id = write.context.request_id;
    if (!id.empty()) {
      const auto [twin, is_first] = ids.try_emplace(id, i);
      if (!is_first && attempt.answers[twin->second].ok()) {
        const bool same = batch[twin->second].context.payload_hash == write.context.payload_hash;
        attempt.answers[i] = same ? attempt.answers[twin->second] : Bytes(RequestIdReused(id));
        continue;
      }
    }
    attempt.answers[i] = RunOne(write, transaction);
  }
}

Committer::Bytes Committer::RunOne(Write& write, WriteTransaction& transaction) {
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
  const int64_t writes = transaction.rows_written_;
  const size_t changes = transaction.changes_.size();
  Bytes answer = write.fn(transaction);
  if (!answer.ok()) {
    // It refused, as a rule before it wrote anything. Otherwise the transaction is spoilt for its neighbours.
    if (transaction.rows_written_ == writes && transaction.changes_.size() == changes) return answer;
    write.answer = std::move(answer);
    throw Offence();
  }
  if (transaction.changes_.size() > changes) transaction.changes_.back().set_last_of_write(true);
  if (!id.empty()) {
    transaction.Exec(kKeepRequest,
                     {id, Param::Bytes(write.context.payload_hash), Param::Bytes(*answer), transaction.now()});
  }
  return answer;
}

absl::StatusOr<bool> Committer::WasCommitted(const Attempt& attempt) {
  const absl::Time deadline = absl::Now() + kDoubtLimit;
  // A batch without changes has nothing to recognise it by, and running it again does no harm.
  if (attempt.changes == 0) return false;
  for (absl::Duration pause = absl::Milliseconds(50);; pause = std::min(2 * pause, absl::Seconds(1))) {
    try {
      connection_ = std::make_unique<Connection>(options_.url, options_.statement_timeout);
      pqxx::work work(connection_->raw());
      Transaction transaction(*connection_, work);
      // The lock waits until the session that got lost has ended, one way or the other.
      transaction.Exec(kLockHead);
      return !transaction.Exec(kFindChange, {attempt.first_revision, attempt.first_request_id}).empty();
    } catch (const std::exception& error) {
      connection_.reset();
      spdlog::warn("looking for a commit in doubt: {}", error.what());
    }
    if (absl::Now() + pause > deadline) return DatabaseUnavailable();
    absl::SleepFor(pause);
  }
}

void Committer::ForgetOldRequests() {
  if (connection_ == nullptr || absl::Now() < last_cleaning_ + kCleaningInterval) return;
  last_cleaning_ = absl::Now();
  try {
    pqxx::nontransaction work(connection_->raw());
    Transaction transaction(*connection_, work);
    transaction.Exec(kForgetRequests, {options_.clock() - kRequestsKept});
  } catch (const std::exception& error) {
    connection_.reset();
    spdlog::warn("old request ids were not cleaned up: {}", error.what());
  }
}

}  // namespace almanac::db
