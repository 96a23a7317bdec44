#include "db/read_gate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "db/driver_errors.h"
#include "db/errors.h"
#include "google/rpc/error_details.pb.h"

namespace almanac::db {
namespace {

using almanac::v1::Consistency;

constexpr absl::Duration kLongestWait = absl::Seconds(30);

// How long before the client's deadline it is told, so that it hears the reason rather than nothing.
constexpr absl::Duration kTellingTime = absl::Milliseconds(250);

// How often it is looked whether what waits can run.
constexpr std::chrono::milliseconds kPollInterval(20);

// How often the primary is asked, also without strong reads, so that a restore of the catalogue is known.
constexpr std::chrono::seconds kCheckInterval(1);

absl::Status Unavailable(std::string_view reason, std::string_view message, Metadata metadata) {
  absl::Status status = Error(absl::StatusCode::kUnavailable, reason, message, metadata);
  SetRetryDelay(status, 1);
  return status;
}

absl::Status CopyIsForeign() {
  return Unavailable("READ_DATABASE_MISMATCH",
                     "what this server reads from is no copy of the catalogue as it is now, such as after a restore; "
                     "use another server, and tell the operator of this one",
                     {{"next_step", "WAIT"}});
}

absl::Status CopyUnavailable() {
  return Unavailable("DATABASE_UNAVAILABLE",
                     "the copy of the database that this server reads from cannot be reached; try again, here or at "
                     "another server",
                     {{"next_step", "WAIT"}});
}

absl::Status Stopping() {
  return Unavailable("SERVER_STOPPING", "the server is stopping; try another one", {{"next_step", "WAIT"}});
}

// What a read says if it may be of a copy that cannot be reached. What its own work says stays.
absl::Status OfCopy(absl::Status status) {
  if (!absl::IsUnavailable(status)) return status;
  return Detail<google::rpc::ErrorInfo>(status).reason() == "DATABASE_UNAVAILABLE" ? CopyUnavailable() : status;
}

std::chrono::steady_clock::time_point EndOf(absl::Time deadline) {
  const absl::Duration left = std::max(deadline - absl::Now(), absl::ZeroDuration());
  const absl::Duration wait = std::min(left - std::min(left / 4, kTellingTime), kLongestWait);
  return std::chrono::steady_clock::now() + absl::ToChronoMicroseconds(wait);
}

// Reads the head on `readers` and hands it to `done`.
template <typename Done>
void ReadHeadOn(Readers& readers, Done done) {
  auto head = std::make_shared<Head>();
  readers.Run(
      [head](Transaction& transaction) {
        *head = ReadHead(transaction);
        return absl::OkStatus();
      },
      [head, done = std::move(done)](const absl::Status& status) { done(status, *head); });
}

}  // namespace

ReadGate::ReadGate(Readers& reading, Readers* primary, size_t max_waiting)
    : reading_(reading), primary_(primary), max_waiting_(max_waiting), thread_([this] { Work(); }) {}

ReadGate::~ReadGate() { Stop(); }

void ReadGate::Run(ReadContext context, Fn fn, Done done) {
  const Consistency& asked = context.consistency;
  const bool at_least = asked.has_at_least_revision();
  // The primary needs no check: a statement there sees everything that was committed before it began.
  if (primary_ == nullptr && !at_least) return reading_.Run(std::move(fn), std::move(done));
  const bool any = asked.any();
  auto request = std::make_shared<Request>();
  request->end = EndOf(context.deadline);
  if (at_least) request->wanted = asked.at_least_revision();
  request->context = std::move(context);
  request->fn = std::move(fn);
  request->done = std::move(done);
  if (at_least || any) return Begin(std::move(request));
  Hold(std::move(request), gathering_);
  Check();
}

void ReadGate::Begin(std::shared_ptr<Request> request) {
  reading_.Run(
      [this, request](Transaction& transaction) {
        const Head head = ReadHead(transaction);
        {
          const std::lock_guard lock(mutex_);
          request->verdict = Judge(*request, head);
        }
        // A connection goes to one server, whose state only goes forward: what `fn` sees is this head or a later one.
        return request->verdict == Verdict::kRun ? request->fn(transaction) : absl::OkStatus();
      },
      [this, request](absl::Status status) {
        if (status.ok() && request->verdict == Verdict::kWait) return Hold(request, waiting_);
        if (status.ok() && request->verdict == Verdict::kForeign)
          status = CopyIsForeign();
        else if (primary_ != nullptr)
          status = OfCopy(std::move(status));
        request->done(std::move(status));
      });
}

ReadGate::Verdict ReadGate::Judge(const Request& request, const Head& head) {
  seen_ = head.revision;
  if (known_ && head.catalogue_id != known_->catalogue_id) return Verdict::kForeign;
  // Revisions of an earlier epoch are not those of this one. It may be that the copy has not come to it yet.
  if (known_ && head.epoch < known_->epoch) return request.wanted ? Verdict::kWait : Verdict::kForeign;
  return head.revision >= request.wanted.value_or(0) ? Verdict::kRun : Verdict::kWait;
}

size_t ReadGate::CountForRevisions(const Requests& requests) {
  return static_cast<size_t>(std::count_if(requests.begin(), requests.end(), [](const auto& request) {
    return request->context.consistency.has_at_least_revision();
  }));
}

void ReadGate::Hold(std::shared_ptr<Request> request, Requests& where) {
  const size_t for_revision = CountForRevisions({request});
  absl::Status refused;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      refused = Stopping();
    } else if (gathering_.size() + checking_.size() + waiting_.size() >= max_waiting_ ||
               held_for_revisions_ + for_revision > (max_waiting_ + 1) / 2) {
      refused = TooBusy("reads");
    } else {
      held_for_revisions_ += for_revision;
      where.push_back(std::move(request));
      changed_.notify_all();
      return;
    }
  }
  request->done(refused);
}

void ReadGate::Check() {
  {
    const std::lock_guard lock(mutex_);
    if (is_checking_ || stopping_) return;
    is_checking_ = true;
    checking_.swap(gathering_);
    next_check_ = Clock::now() + kCheckInterval;
  }
  ReadHeadOn(*primary_, [this](const absl::Status& status, const Head& head) { OnChecked(status, head); });
}

void ReadGate::OnChecked(const absl::Status& status, const Head& head) {
  Requests checked;
  {
    const std::lock_guard lock(mutex_);
    checked.swap(checking_);
    if (status.ok()) known_ = head;
  }
  for (std::shared_ptr<Request>& request : checked) {
    if (!status.ok()) {
      request->done(status);
      continue;
    }
    request->wanted = head.revision;
    Begin(std::move(request));
  }
  bool again = false;
  {
    // Not before: Stop waits for this, and after it there may be no readers.
    const std::lock_guard lock(mutex_);
    is_checking_ = false;
    again = !gathering_.empty();
    changed_.notify_all();
  }
  if (again) Check();
}

void ReadGate::Poll() {
  ReadHeadOn(reading_, [this](const absl::Status& status, const Head& head) { OnPolled(status, head); });
}

void ReadGate::OnPolled(const absl::Status& status, const Head& head) {
  Requests ready;
  {
    const std::lock_guard lock(mutex_);
    if (status.ok()) {
      const auto first = std::stable_partition(waiting_.begin(), waiting_.end(), [&](const auto& request) {
        return Judge(*request, head) == Verdict::kWait;
      });
      ready.assign(first, waiting_.end());
      waiting_.erase(first, waiting_.end());
    } else if (!absl::IsResourceExhausted(status)) {
      ready.swap(waiting_);
    }
    held_for_revisions_ -= CountForRevisions(ready);
  }
  for (std::shared_ptr<Request>& request : ready) {
    if (status.ok()) {
      Begin(std::move(request));
    } else {
      request->done(primary_ != nullptr ? OfCopy(status) : status);
    }
  }
  const std::lock_guard lock(mutex_);
  is_polling_ = false;
  changed_.notify_all();
}

void ReadGate::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    Wait(lock);
    if (stopping_) return;
    const Requests over = TakeOver();
    const bool poll = !waiting_.empty() && !is_polling_;
    is_polling_ = is_polling_ || poll;
    const bool check = primary_ != nullptr && Clock::now() >= next_check_;
    const int64_t has = seen_;
    lock.unlock();
    for (const auto& request : over) {
      const bool late = Clock::now() >= request->end;
      request->done(late ? RevisionNotReached(request->wanted, has) : ClientGone());
    }
    if (poll) Poll();
    if (check) Check();
    lock.lock();
  }
}

void ReadGate::Wait(std::unique_lock<std::mutex>& lock) {
  const auto is_woken = [this] { return stopping_ || Holds(); };
  if (Holds()) {
    changed_.wait_for(lock, kPollInterval, [this] { return stopping_; });
  } else if (primary_ != nullptr) {
    changed_.wait_until(lock, std::max(next_check_, Clock::now() + kPollInterval), is_woken);
  } else {
    changed_.wait(lock, is_woken);
  }
}

ReadGate::Requests ReadGate::TakeOver() {
  Requests over;
  const Clock::time_point now = Clock::now();
  for (Requests* held : {&gathering_, &checking_, &waiting_}) {
    const auto first = std::stable_partition(held->begin(), held->end(), [&](const auto& request) {
      return now < request->end && !(request->context.is_cancelled && request->context.is_cancelled());
    });
    over.insert(over.end(), first, held->end());
    held->erase(first, held->end());
  }
  held_for_revisions_ -= CountForRevisions(over);
  return over;
}

void ReadGate::Stop() {
  Requests all;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Requests* held : {&gathering_, &checking_, &waiting_}) {
      all.insert(all.end(), held->begin(), held->end());
      held->clear();
    }
    changed_.notify_all();
  }
  for (const auto& request : all) request->done(Stopping());
  if (thread_.joinable()) thread_.join();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !is_checking_ && !is_polling_; });
}

}  // namespace almanac::db
