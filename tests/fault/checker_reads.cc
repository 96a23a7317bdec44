#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/fault/checker_evidence.h"

// Each read against the states that it may have seen.
namespace almanac::fault {
namespace {

class ReadCheck {
 public:
  ReadCheck(Evidence& evidence, int64_t place, const Read& read)
      : evidence_(evidence), log_(evidence.log), place_(place), read_(read), states_(States()) {}

  void CheckAnswer() {
    if (read_.has_at_revision() && read_.at_revision() > evidence_.times.PossibleAt(read_.end())) {
      return Fail(Promise::kErrors,
                  absl::StrCat("was answered about revision ", read_.at_revision(), ", which cannot have been there"));
    }
    if (states_.empty()) {
      return Fail(Promise::kFresh, absl::StrCat("was answered as of revision ", states_.first,
                                                " or later, which cannot have been there"));
    }
    switch (read_.method()) {
      case Read::GET:
        return CheckGet();
      case Read::LIST:
        return CheckList();
      case Read::CHANGES:
        return CheckChanges();
      default:
        return CheckStatus();
    }
  }

  void CheckError() {
    const Failure& failure = read_.failure();
    const std::string& reason = failure.reason();
    if (reason == "RESOURCE_NOT_FOUND" && read_.method() == Read::GET) return CheckNotFound();
    if (reason == "REVISION_NOT_REACHED") return CheckNotReached();
    if (absl::StartsWith(reason, "REVISION_") && (read_.has_at_revision() || read_.method() == Read::CHANGES)) {
      const int64_t position = read_.has_at_revision() ? read_.at_revision() : read_.first_revision() - 1;
      return CheckPositionError(evidence_, place_, failure, Name(), position, {read_.start(), read_.end()});
    }
    static const std::set<std::string>& expected =
        *new std::set<std::string>({"", "DATABASE_UNAVAILABLE", "SERVER_STOPPING", "STATEMENT_TIMEOUT", "TOO_BUSY",
                                    "RESOURCE_NOT_FOUND", "DATABASE_FULL"});
    if (!expected.contains(reason)) Fail(Promise::kErrors, absl::StrCat("failed with ", reason, ", for no reason"));
  }

 private:
  // The revisions of which one is the state that was read.
  Span States() const {
    if (read_.has_at_revision()) return {read_.at_revision(), read_.at_revision()};
    int64_t first = 0;
    if (read_.consistency() == Read::STRONG) first = evidence_.times.CertainBefore(read_.start());
    if (read_.consistency() == Read::AT_LEAST) first = read_.at_least_revision();
    return {first, evidence_.times.PossibleAt(read_.end())};
  }

  // What a wrong state breaks.
  Promise StatePromise() const {
    if (absl::StartsWith(read_.actor(), "final")) return Promise::kReplay;
    const bool is_strong = read_.consistency() == Read::STRONG && !read_.has_at_revision();
    return is_strong ? Promise::kLinearizable : Promise::kFresh;
  }

  std::string Name() const {
    std::string name = absl::StrCat(read_.actor(), " on replica ", read_.replica(), ": ",
                                    Read::Method_Name(read_.method()), " ", read_.target());
    if (read_.has_at_revision()) return absl::StrCat(name, " at revision ", read_.at_revision());
    if (read_.consistency() == Read::STRONG) return absl::StrCat(name, ", strong,");
    if (read_.consistency() == Read::ANY) return absl::StrCat(name, ", any,");
    return absl::StrCat(name, ", at least revision ", read_.at_least_revision(), ",");
  }

  void Fail(Promise promise, const std::string& what, int64_t revision = 0) {
    std::vector<int64_t> places = {place_};
    if (log_.Has(revision)) places.push_back(log_.at(revision).place);
    if (log_.Has(revision) && evidence_.times.Latest(revision).place >= 0) {
      places.push_back(evidence_.times.Latest(revision).place);
    }
    evidence_.Add(promise, absl::StrCat(Name(), " ", what), std::move(places));
  }

  // Whether the log made the resource of the row, as the row has it.
  bool CheckExists(const Row& row) {
    if (log_.Has(row.revision())) {
      const LoggedChange& change = log_.at(row.revision());
      if (change.fingerprint == 0 || change.after == row.fingerprint()) return true;
    }
    Fail(StatePromise(),
         absl::StrCat("returned a resource of revision ", row.revision(), " that the log does not have"),
         row.revision());
    return false;
  }

  void CheckGet() {
    if (read_.rows().empty()) return;
    const Row& row = read_.rows(0);
    if (!CheckExists(row)) return;
    const LoggedChange& change = log_.at(row.revision());
    if (log_.NameOf(change) != read_.target()) {
      return Fail(StatePromise(), absl::StrCat("returned ", log_.NameOf(change)), row.revision());
    }
    if (change.next <= states_.first) {
      return Fail(StatePromise(),
                  absl::StrCat("returned revision ", row.revision(), ", but ", change.next, " was there already"),
                  change.next);
    }
    if (row.revision() > states_.last) {
      Fail(StatePromise(), absl::StrCat("returned revision ", row.revision(), ", which is later"), row.revision());
    }
  }

  void CheckNotFound() {
    const int resource = log_.FindResource(read_.target());
    if (resource < 0 || log_.ChangesOf(resource).front() > states_.first) return;
    const int64_t created = log_.ChangesOf(resource).front();
    Fail(StatePromise(), absl::StrCat("found nothing, but revision ", created, " had created it"), created);
  }

  void CheckNotReached() {
    const int64_t reached = NumberIn(read_.failure(), "revision");
    if (read_.consistency() == Read::AT_LEAST && reached >= 0 && reached < read_.at_least_revision()) return;
    Fail(Promise::kErrors, absl::StrCat("failed with REVISION_NOT_REACHED, the server being at ", reached));
  }

  // Takes out of `states` those in which a resource that was not listed would have been.
  void RemoveVisible(int resource, std::vector<Span>& states) const {
    const std::vector<int64_t>& changes = log_.ChangesOf(resource);
    auto change = std::upper_bound(changes.begin(), changes.end(), states.front().first);
    if (change != changes.begin()) --change;
    for (; change != changes.end() && !states.empty() && *change <= states.back().last; ++change) {
      const LoggedChange& logged = log_.at(*change);
      if (logged.deleted && !read_.show_deleted()) continue;
      std::vector<Span> left;
      for (const Span& span : states) {
        const Span before = {span.first, std::min(span.last, *change - 1)};
        const Span after = {std::max(span.first, logged.next), span.last};
        if (!before.empty()) left.push_back(before);
        if (!after.empty()) left.push_back(after);
      }
      states = std::move(left);
    }
  }

  void CheckList() {
    std::set<int> listed;
    Span span = states_;
    for (const Row& row : read_.rows()) {
      if (!CheckExists(row)) return;
      const LoggedChange& change = log_.at(row.revision());
      const std::string& name = log_.NameOf(change);
      const bool belongs = change.kind == read_.kind() && absl::StartsWith(name, read_.target());
      if (!belongs || (change.deleted && !read_.show_deleted())) {
        return Fail(StatePromise(), absl::StrCat("returned ", name, ", which does not belong to it"), row.revision());
      }
      if (!listed.insert(change.resource).second) {
        return Fail(StatePromise(), absl::StrCat("returned ", name, " twice"), row.revision());
      }
      if (change.next <= span.first || row.revision() > span.last) {
        return Fail(StatePromise(),
                    absl::StrCat("returned revision ", row.revision(), " of ", name, ", which was there until ",
                                 change.next, ", while the rest is of a state from ", span.first, " to ", span.last),
                    row.revision());
      }
      span = {std::max(span.first, row.revision()), std::min(span.last, change.next - 1)};
    }
    std::vector<Span> states = {span};
    for (const int resource : log_.ResourcesUnder(read_.kind(), read_.target())) {
      if (listed.contains(resource)) continue;
      RemoveVisible(resource, states);
      if (!states.empty()) continue;
      const int64_t created = log_.ChangesOf(resource).front();
      return Fail(StatePromise(),
                  absl::StrCat("misses ", log_.NameOf(log_.at(created)), ", which was there between revisions ",
                               span.first, " and ", span.last),
                  std::max(created, log_.LatestOf(resource, span.first)));
    }
  }

  void CheckChanges() {
    if (read_.first_revision() < evidence_.OldestKnownBefore(read_.start())) {
      return Fail(Promise::kErrors, absl::StrCat("was answered from revision ", read_.first_revision(),
                                                 ", which was no longer in the log"));
    }
    const std::vector<int64_t>& passing = log_.Passing(read_.filter());
    auto expected = std::lower_bound(passing.begin(), passing.end(), read_.first_revision());
    for (const Row& row : read_.rows()) {
      if (expected == passing.end() || row.revision() != *expected) {
        return Fail(StatePromise(),
                    absl::StrCat("returned revision ", row.revision(), " where the log has ",
                                 expected == passing.end() ? "no more" : absl::StrCat("revision ", *expected)),
                    expected == passing.end() ? 0 : *expected);
      }
      const LoggedChange& change = log_.at(row.revision());
      if (change.fingerprint != 0 && change.fingerprint != row.fingerprint()) {
        return Fail(StatePromise(), absl::StrCat("returned another revision ", row.revision(), " than the log has"),
                    row.revision());
      }
      ++expected;
    }
    const int64_t last = read_.last_revision() == 0 ? kNever : read_.last_revision();
    if (!read_.rows().empty() && read_.rows(read_.rows_size() - 1).revision() > last) {
      return Fail(StatePromise(), absl::StrCat("returned more than up to revision ", last));
    }
    if (expected != passing.end() && *expected <= std::min(last, states_.first)) {
      Fail(StatePromise(), absl::StrCat("misses revision ", *expected), *expected);
    }
  }

  void CheckStatus() {
    if (read_.head_revision() < states_.first || read_.head_revision() > states_.last) {
      Fail(Promise::kLinearizable,
           absl::StrCat("returned the head ", read_.head_revision(), ", which was from ", states_.first, " to ",
                        states_.last),
           states_.first);
    }
    if (read_.oldest_revision() < evidence_.OldestKnownBefore(read_.start()) ||
        read_.oldest_revision() > read_.head_revision() + 1) {
      Fail(Promise::kErrors, absl::StrCat("returned ", read_.oldest_revision(), " as the oldest revision"));
    }
  }

  Evidence& evidence_;
  LogIndex& log_;
  const int64_t place_;
  const Read& read_;
  const Span states_;
};

}  // namespace

void CheckRead(Evidence& evidence, int64_t place, const Read& read) {
  ++evidence.report.reads;
  ReadCheck check(evidence, place, read);
  if (!read.has_failure()) return check.CheckAnswer();
  ++evidence.report.failed_reads;
  ++evidence.report
        .errors[IsTyped(read.failure()) ? read.failure().reason() : absl::StrCat("code ", read.failure().code())];
  check.CheckError();
}

void CheckPositionError(Evidence& evidence, int64_t place, const Failure& failure, absl::string_view who,
                        int64_t position, Span life) {
  const auto wrong = [&](absl::string_view what) {
    evidence.Add(
        Promise::kErrors,
        absl::StrCat(who, " from after revision ", position, " failed with ", failure.reason(), ", but ", what),
        {place});
  };
  if (failure.code() != grpc::StatusCode::OUT_OF_RANGE) return wrong("not with the code OUT_OF_RANGE");
  if (failure.reason() == "REVISION_COMPACTED") {
    const int64_t oldest = NumberIn(failure, "oldest_revision");
    if (oldest < 1) return wrong("without the oldest revision");
    if (position >= oldest - 1) return wrong(absl::StrCat("the log reaches back to revision ", oldest));
    if (evidence.has_final && oldest > evidence.final_state.oldest_revision()) {
      return wrong(absl::StrCat("the log reached back further than to revision ", oldest));
    }
    return;
  }
  if (failure.reason() != "REVISION_IN_FUTURE") return wrong("that is no error about a position");
  const int64_t head = NumberIn(failure, "head_revision");
  if (head < 0) return wrong("without the head");
  if (position <= head) return wrong(absl::StrCat("the head was ", head));
  if (head < evidence.times.CertainBefore(life.first) || head > evidence.times.PossibleAt(life.last)) {
    return wrong(absl::StrCat("the head was not ", head));
  }
}

}  // namespace almanac::fault
