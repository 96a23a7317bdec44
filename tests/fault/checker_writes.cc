#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/fault/checker_evidence.h"

// Each attempt at a write against what became of it.
namespace almanac::fault {
namespace {

std::string Name(const Write& write) {
  return absl::StrCat(write.method(), " ", write.resource(), " by ", write.actor(),
                      write.request_id().empty() ? "" : absl::StrCat(" (request id ", write.request_id(), ")"));
}

// A row of an answer that the write did not make: what it left as it was.
void CheckLeftRow(Evidence& evidence, int64_t place, const Write& write, const Row& row, int64_t before) {
  const LogIndex& log = evidence.log;
  const bool is_there = log.Has(row.revision());
  const bool is_known = is_there && log.at(row.revision()).fingerprint != 0;
  if (!is_there || (is_known && log.at(row.revision()).after != row.fingerprint())) {
    return evidence.Add(Promise::kDurable,
                        absl::StrCat(Name(write), " was answered with a resource of revision ", row.revision(),
                                     ", which the log does not have"),
                        {place});
  }
  const LoggedChange& change = log.at(row.revision());
  if (change.next < before) {
    evidence.Add(Promise::kDurable,
                 absl::StrCat(Name(write), " was answered with revision ", row.revision(), " of ", log.NameOf(change),
                              ", which had changed since, with revision ", change.next),
                 {place, log.at(change.next).place});
  }
}

void CheckRow(Evidence& evidence, int64_t place, const Write& write, const Row& row, Span made) {
  const LogIndex& log = evidence.log;
  if (row.revision() < made.first || row.revision() > made.last) {
    if (write.last_revision() >= 0) return CheckLeftRow(evidence, place, write, row, made.first);
    return evidence.Add(Promise::kDurable,
                        absl::StrCat(Name(write), " was answered with revision ", row.revision(), ", but made ",
                                     made.first, " to ", made.last),
                        {place, log.at(made.first).place});
  }
  const LoggedChange& change = log.at(row.revision());
  const bool is_same = change.fingerprint == 0 || change.after == row.fingerprint();
  if (is_same && (row.name().empty() || row.name() == log.NameOf(change))) return;
  evidence.Add(Promise::kDurable,
               absl::StrCat(Name(write), " was answered with another resource than revision ", row.revision(), " made"),
               {place, change.place});
}

// An acknowledged write made just what its answer says.
void CheckMade(Evidence& evidence, int64_t place, const Write& write, Span made) {
  if (made.empty()) {
    if (write.min_changes() > 0 || write.last_revision() > 0) {
      return evidence.Add(Promise::kDurable, absl::StrCat(Name(write), " was acknowledged and is not in the log"),
                          {place});
    }
    for (const Row& row : write.rows()) CheckLeftRow(evidence, place, write, row, 0);
    return;
  }
  const int64_t shown = evidence.log.at(made.first).place;
  const int64_t count = made.last - made.first + 1;
  if (count < write.min_changes() || count > write.max_changes()) {
    evidence.Add(Promise::kDurable,
                 absl::StrCat(Name(write), " made ", count, " changes, from revision ", made.first,
                              ", but its answer means ", write.min_changes(), " to ", write.max_changes()),
                 {place, shown});
  }
  if (write.last_revision() >= 0 && write.last_revision() != made.last) {
    evidence.Add(Promise::kDurable,
                 absl::StrCat(Name(write), " was answered with revision ", write.last_revision(),
                              " as its last, which is ", made.last),
                 {place, shown});
  }
  for (const Row& row : write.rows()) CheckRow(evidence, place, write, row, made);
}

// One request id has one result.
void CheckResult(Evidence& evidence, int64_t place, const Write& write, const Request& request) {
  const bool is_other_made = !request.made.empty() && request.made_payload != write.payload();
  if (is_other_made || request.answered_payload != write.payload()) {
    evidence.Add(Promise::kOneResult,
                 absl::StrCat(Name(write), " was answered, though its request id was used with another payload"),
                 {place, is_other_made ? evidence.log.at(request.made.first).place : request.place});
  } else if (request.answer != write.answer()) {
    evidence.Add(Promise::kOneResult, absl::StrCat(Name(write), " got another answer than before"),
                 {place, request.place});
  }
}

void CheckAnswered(Evidence& evidence, int64_t place, const Write& write) {
  if (write.validate_only()) {
    ++evidence.report.validated;
    for (const Row& row : write.rows()) {
      if (row.revision() == 0) continue;
      evidence.Add(Promise::kNoTrace, absl::StrCat(Name(write), " was only validated, but got a revision"), {place});
    }
    return;
  }
  ++evidence.report.acknowledged;
  if (write.request_id().empty()) return CheckMade(evidence, place, write, evidence.attempts[write.actor()].made);
  const Request& request = evidence.requests[write.request_id()];
  CheckResult(evidence, place, write, request);
  CheckMade(evidence, place, write, request.made);
}

// A request id is refused only if it was used, before the answer came, for something else.
void CheckRefusedId(Evidence& evidence, int64_t place, const Write& write) {
  const Request& request = evidence.requests[write.request_id()];
  const bool was_made = !request.made.empty() && request.made_payload != write.payload() &&
                        request.made.first <= evidence.times.PossibleAt(write.end());
  const bool was_answered = request.first_answered != kNever && request.answered_payload != write.payload();
  // One that is in doubt may have been made without changing anything.
  const bool was_idle = request.made.empty() && request.may_be_made && request.kept;
  if (was_made || was_answered || was_idle) return;
  evidence.Add(Promise::kOneResult,
               absl::StrCat(Name(write), ": its request id was refused, but was never used before"), {place});
}

// What was made under a request id is its answer from then on: only a server that cannot look may refuse it.
void CheckRefusedRetry(Evidence& evidence, int64_t place, const Write& write) {
  const int code = write.failure().code();
  const bool cannot_look = code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::RESOURCE_EXHAUSTED ||
                           code == grpc::StatusCode::DEADLINE_EXCEEDED;
  const auto found = evidence.requests.find(write.request_id());
  if (cannot_look || write.validate_only() || found == evidence.requests.end()) return;
  const Request& request = found->second;
  const bool was_answered = request.first_answered < write.start() && request.answered_payload == write.payload();
  const bool was_made = !request.made.empty() && request.made_payload == write.payload() &&
                        request.made.last <= evidence.times.CertainBefore(write.start());
  if (!was_answered && !was_made) return;
  evidence.Add(Promise::kOneResult,
               absl::StrCat(Name(write), " was refused with ", write.failure().reason(), ", though it had been made"),
               {place});
}

void CheckRefusal(Evidence& evidence, int64_t place, const Write& write) {
  const Failure& failure = write.failure();
  const std::string& reason = failure.reason();
  CheckRefusedRetry(evidence, place, write);
  const auto wrong = [&](absl::string_view why) {
    evidence.Add(Promise::kErrors, absl::StrCat(Name(write), " was refused with ", reason, ", but ", why), {place});
  };
  if (reason == "INVALID_FIELD" && failure.field() == "request_id") return CheckRefusedId(evidence, place, write);
  if (reason == "INTERNAL" || reason == "DATABASE_ERROR") return wrong("that is a fault of the server");
  const int resource = evidence.log.FindResource(write.resource());
  const int64_t possible = evidence.times.PossibleAt(write.end());
  if (reason == "ETAG_MISMATCH") {
    if (write.etag_revision() == 0) return wrong("it carried no etag");
    const auto etag = failure.metadata().find("etag");
    const int64_t current = etag == failure.metadata().end() ? -1 : RevisionOfEtag(etag->second);
    if (resource < 0 || !evidence.log.Has(current) || evidence.log.at(current).resource != resource) {
      return wrong("the etag in its details is none of the resource");
    }
    if (current == write.etag_revision()) return wrong("the etag in its details is the one that it carried");
    if (evidence.log.at(current).next <= evidence.times.CertainBefore(write.start())) {
      return wrong(absl::StrCat("the etag in its details, of revision ", current, ", was stale"));
    }
  }
  if (reason == "RESOURCE_ALREADY_EXISTS" && (resource < 0 || evidence.log.ChangesOf(resource).front() > possible)) {
    return wrong("there was none");
  }
}

// What carries an etag changes the resource from the revision of that etag, or leaves it at that.
void CheckEtag(Evidence& evidence, int64_t place, const Write& write) {
  if (write.etag_revision() == 0 || write.validate_only()) return;
  const auto wrong = [&](int64_t revision, std::vector<int64_t> places) {
    evidence.Add(Promise::kLinearizable,
                 absl::StrCat(Name(write), " carried the etag of revision ", write.etag_revision(),
                              ", but was made when the resource had revision ", revision),
                 std::move(places));
  };
  const Span made = evidence.attempts[write.actor()].made;
  for (int64_t i = made.first; i <= made.last; ++i) {
    const LoggedChange& change = evidence.log.at(i);
    if (evidence.log.NameOf(change) != write.resource() || change.previous == write.etag_revision()) continue;
    return wrong(change.previous, {place, change.place});
  }
  const auto request = evidence.requests.find(write.request_id());
  const bool is_made = !made.empty() || (request != evidence.requests.end() && !request->second.made.empty());
  if (write.outcome() != Write::OK || is_made) return;
  for (const Row& row : write.rows()) {
    if (row.revision() != write.etag_revision()) return wrong(row.revision(), {place});
  }
}

}  // namespace

void CheckWrite(Evidence& evidence, int64_t place, const Write& write) {
  Report& report = evidence.report;
  ++report.writes;
  if (write.outcome() != Write::OK) {
    ++report
          .errors[IsTyped(write.failure()) ? write.failure().reason() : absl::StrCat("code ", write.failure().code())];
  }
  CheckEtag(evidence, place, write);
  if (write.outcome() == Write::OK) return CheckAnswered(evidence, place, write);
  if (write.outcome() == Write::REFUSED) {
    ++report.refused;
    return CheckRefusal(evidence, place, write);
  }
  ++report.in_doubt;
  ++(evidence.attempts[write.actor()].made.empty() ? report.not_made : report.made);
}

}  // namespace almanac::fault
