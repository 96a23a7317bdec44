#include "tests/fault/checker_evidence.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "almanac/v1/change.pb.h"

namespace almanac::fault {
namespace {

// Revisions beyond this are nonsense, not to be kept in tables.
constexpr int64_t kMaxRevision = int64_t{1} << 27;

// Who changes things unasked.
constexpr char kClock[] = "almanacd";

void Grow(std::vector<Sign>& signs, int64_t revision, int64_t time) {
  if (static_cast<int64_t>(signs.size()) <= revision) signs.resize(static_cast<size_t>(revision + 1), {time, -1});
}

}  // namespace

void CommitTimes::Sent(int64_t revision, Sign sign) {
  Grow(sent_, revision, INT64_MIN);
  Sign& known = sent_[static_cast<size_t>(revision)];
  if (sign.time > known.time) known = sign;
}

void CommitTimes::Told(int64_t revision, Sign sign) {
  if (revision < 1 || revision > kMaxRevision) return;
  Grow(told_, revision, kNever);
  Sign& known = told_[static_cast<size_t>(revision)];
  if (sign.time < known.time) known = sign;
}

void CommitTimes::Finish(int64_t head) {
  Grow(sent_, head, INT64_MIN);
  Grow(told_, head, kNever);
  // What nobody can have seen is judged where it was told.
  told_.resize(static_cast<size_t>(head + 1));
  for (size_t i = 1; i < sent_.size(); ++i) {
    if (sent_[i - 1].time > sent_[i].time) sent_[i] = sent_[i - 1];
  }
  for (size_t i = told_.size() - 1; i > 0; --i) {
    if (told_[i].time < told_[i - 1].time) told_[i - 1] = told_[i];
  }
}

int64_t CommitTimes::CertainBefore(int64_t time) const {
  const auto after =
      std::partition_point(told_.begin() + 1, told_.end(), [time](const Sign& sign) { return sign.time < time; });
  return after - told_.begin() - 1;
}

int64_t CommitTimes::PossibleAt(int64_t time) const {
  const auto after =
      std::partition_point(sent_.begin() + 1, sent_.end(), [time](const Sign& sign) { return sign.time <= time; });
  return after - sent_.begin() - 1;
}

void Evidence::Add(Promise promise, std::string what, std::vector<int64_t> places) {
  ++report.violations;
  const int64_t of_promise = ++report.violations_by_promise[static_cast<size_t>(promise)];
  if (static_cast<int>(report.first_violations.size()) < kShownViolations && of_promise <= kShownOfPromise) {
    report.first_violations.push_back({promise, std::move(what), std::move(places), {}});
  }
}

void Evidence::Take(int64_t place, const Event& event) {
  switch (event.event_case()) {
    case Event::kLogEntry:
      return TakeLogEntry(place, event.log_entry());
    case Event::kWrite:
      return TakeWrite(place, event.write());
    case Event::kRead:
      return TakeRead(place, event.read());
    case Event::kStreamMessage:
      return times.Told(event.stream_message().revision(), {event.stream_message().time(), place});
    case Event::kKeptRequest:
      requests[event.kept_request().request_id()].kept = true;
      return;
    case Event::kFinal:
      has_final = true;
      final_state = event.final();
      return;
    default:
      return;
  }
}

void Evidence::TakeLogEntry(int64_t place, const LogEntry& entry) {
  if (!dense_) return;
  if (!log.Add(place, entry)) {
    dense_ = false;
    Add(Promise::kDense, absl::StrCat("revision ", entry.revision(), " follows revision ", log.head(), " in the log"),
        {place});
    return;
  }
  const int64_t revision = entry.revision();
  if (write_is_open_ && (writes_.back().actor != entry.actor() || writes_.back().request_id != entry.request_id())) {
    Add(Promise::kDense,
        absl::StrCat("the write ", writes_.back().request_id, " by ", writes_.back().actor, " breaks off at revision ",
                     revision - 1, ", which is not its last: another write follows"),
        {log.at(revision - 1).place, place});
    EndWriteInLog();
  }
  if (!write_is_open_) writes_.push_back({{revision, revision}, entry.actor(), entry.request_id()});
  write_is_open_ = true;
  writes_.back().span.last = revision;
  if (entry.last_of_write()) EndWriteInLog();
}

void Evidence::EndWriteInLog() {
  const Span span = writes_.back().span;
  for (int64_t i = span.first; i <= span.last; ++i) {
    log.at(i).write_first = span.first;
    log.at(i).write_last = span.last;
  }
  write_is_open_ = false;
}

void Evidence::TakeWrite(int64_t place, const Write& write) {
  Attempt& attempt = attempts[write.actor()];
  attempt.start = write.start();
  attempt.place = place;
  attempt.payload = write.payload();
  attempt.request_id = write.request_id();
  attempt.outcome = write.outcome();
  attempt.validate_only = write.validate_only();
  if (write.validate_only()) return;
  const bool is_answered = write.outcome() == Write::OK;
  if (is_answered) {
    for (const Row& row : write.rows()) times.Told(row.revision(), {write.end(), place});
    times.Told(write.last_revision(), {write.end(), place});
  }
  if (write.request_id().empty()) return;
  Request& request = requests[write.request_id()];
  if (write.outcome() != Write::REFUSED) request.may_be_made = true;
  if (is_answered && write.end() < request.first_answered) {
    request.first_answered = write.end();
    request.answered_payload = write.payload();
    request.answer = write.answer();
    request.place = place;
  }
}

void Evidence::TakeRead(int64_t place, const Read& read) {
  if (read.has_failure()) return;
  for (const Row& row : read.rows()) times.Told(row.revision(), {read.end(), place});
  if (read.method() != Read::STATUS) return;
  times.Told(read.head_revision(), {read.end(), place});
  oldest_.emplace_back(read.end(), read.oldest_revision());
}

void Evidence::Finish() {
  if (write_is_open_) {
    Add(Promise::kDense, absl::StrCat("the log ends at revision ", log.head(), " within a write"),
        {log.at(log.head()).place});
    EndWriteInLog();
  }
  if (has_final && final_state.head_revision() != log.head()) {
    dense_ = false;
    Add(Promise::kDense,
        absl::StrCat("the head is revision ", final_state.head_revision(), ", but the log ends at ", log.head()), {});
  }
  if (!dense_) return;
  std::sort(oldest_.begin(), oldest_.end());
  for (size_t i = 1; i < oldest_.size(); ++i) oldest_[i].second = std::max(oldest_[i].second, oldest_[i - 1].second);
  report.changes = log.head();
  CheckWhoMadeIt();
  times.Finish(log.head());
  CheckChain();
  CheckOrder();
  CheckKeptRequests();
}

int64_t Evidence::OldestKnownBefore(int64_t time) const {
  const auto after = std::lower_bound(oldest_.begin(), oldest_.end(), std::make_pair(time, INT64_MIN));
  return after == oldest_.begin() ? 1 : (after - 1)->second;
}

// Each write in the log was sent by somebody, was not refused, and is there once.
void Evidence::CheckWhoMadeIt() {
  for (const auto& [span, actor, request_id] : writes_) {
    const int64_t place = log.at(span.first).place;
    const auto described = [&, first = span.first, who = actor] {
      return absl::StrCat("revision ", first, ", by ", who);
    };
    if (actor == kClock) continue;
    const auto found = attempts.find(actor);
    if (found == attempts.end()) {
      Add(Promise::kNoTrace, absl::StrCat(described(), ": nobody sent this write"), {place});
      continue;
    }
    Attempt& attempt = found->second;
    if (attempt.validate_only) {
      Add(Promise::kNoTrace, absl::StrCat(described(), ": it was only to be validated"), {place, attempt.place});
    } else if (attempt.outcome == Write::REFUSED) {
      Add(Promise::kNoTrace, absl::StrCat(described(), ": it was refused"), {place, attempt.place});
    }
    if (!attempt.made.empty()) {
      Add(Promise::kDurable, absl::StrCat(described(), ": it was made already, as revision ", attempt.made.first),
          {place, attempt.place});
    }
    attempt.made = span;
    times.Sent(span.first, {attempt.start, attempt.place});
    if (attempt.request_id.empty()) continue;
    if (attempt.request_id != request_id) {
      Add(Promise::kOneResult,
          absl::StrCat(described(), ": it has the request id ", request_id, " and was sent with ", attempt.request_id),
          {place, attempt.place});
      continue;
    }
    Request& request = requests[request_id];
    if (!request.made.empty()) {
      Add(Promise::kOneResult,
          absl::StrCat(described(), ": the request id ", request_id, " was made already, as revision ",
                       request.made.first),
          {place, log.at(request.made.first).place});
    }
    request.made = span;
    request.made_payload = attempt.payload;
  }
}

// Each change begins with what the one before it left of the resource, and time does not go back.
void Evidence::CheckChain() {
  for (int64_t revision = 1; revision <= log.head(); ++revision) {
    const LoggedChange& change = log.at(revision);
    if (change.fingerprint == 0) ++report.summaries;
    if (revision > 1 && change.change_time < log.at(revision - 1).change_time) {
      Add(Promise::kDense,
          absl::StrCat("revision ", revision, " is earlier than the one before it, by its change_time"),
          {change.place, log.at(revision - 1).place});
    }
    const bool is_first = change.previous == 0;
    if ((change.type == v1::Change::CREATED) != is_first) {
      Add(Promise::kReplay,
          absl::StrCat("revision ", revision, is_first ? " is the first of " : " creates a second time ",
                       log.NameOf(change), is_first ? ", but does not create it" : ""),
          {change.place});
      continue;
    }
    const uint64_t before = is_first ? 0 : log.at(change.previous).after;
    const bool is_known = change.fingerprint != 0 && (is_first || log.at(change.previous).fingerprint != 0);
    if (!is_known || change.before == before) continue;
    Add(Promise::kReplay,
        absl::StrCat("revision ", revision, " changes ", log.NameOf(change), " from something else than revision ",
                     change.previous, " left"),
        {change.place, is_first ? change.place : log.at(change.previous).place});
  }
}

void Evidence::CheckOrder() {
  std::pair<int64_t, int64_t> reported;
  for (int64_t revision = 1; revision <= log.head(); ++revision) {
    const Sign sent = times.Earliest(revision);
    const Sign told = times.Latest(revision);
    // One pair of events may concern many revisions.
    if (sent.time <= told.time || reported == std::make_pair(sent.place, told.place)) continue;
    reported = {sent.place, told.place};
    Add(Promise::kLinearizable,
        absl::StrCat("revision ", revision,
                     " was known, or a later one, before the write of it, or of an earlier one, was sent"),
        {log.at(revision).place, sent.place, told.place});
  }
}

void Evidence::CheckKeptRequests() {
  // They are written down last of all.
  if (!has_final) return;
  for (const auto& [id, request] : requests) {
    if (request.kept && !request.may_be_made) {
      Add(Promise::kNoTrace, absl::StrCat("the request id ", id, " has an answer, but no write with it was made"), {});
    }
    if (!request.kept && request.first_answered != kNever) {
      Add(Promise::kOneResult, absl::StrCat("the answer to the request id ", id, " was forgotten"), {request.place});
    }
  }
}

bool IsTyped(const Failure& failure) { return !failure.reason().empty(); }

int64_t NumberIn(const Failure& failure, const std::string& key) {
  const auto found = failure.metadata().find(key);
  int64_t number = -1;
  if (found == failure.metadata().end() || !absl::SimpleAtoi(found->second, &number)) return -1;
  return number;
}

}  // namespace almanac::fault
