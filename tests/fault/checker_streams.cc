#include "tests/fault/checker_streams.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace almanac::fault {
namespace {

bool IsForged(const StreamStart& start) { return start.from() >= StreamStart::OTHER_FILTER_TOKEN; }

bool HasPosition(const StreamStart& start) {
  return start.from() == StreamStart::REVISION || start.from() == StreamStart::TOKEN;
}

}  // namespace

std::string StreamChecks::NameOf(const Stream& stream) const {
  const StreamStart& start = stream.start;
  std::string name = absl::StrCat("stream ", start.stream(), " on replica ", start.replica(), ", ",
                                  StreamStart::From_Name(start.from()));
  if (HasPosition(start)) absl::StrAppend(&name, " after revision ", start.position());
  if (start.resumes() != 0) absl::StrAppend(&name, ", which goes on with stream ", start.resumes());
  const std::string filter = start.filter().ShortDebugString();
  return absl::StrCat(name, ", filter {", filter, "}");
}

void StreamChecks::Fail(Stream& stream, Promise promise, const std::string& what, int64_t place, int64_t revision) {
  std::vector<int64_t> places = {stream.place, place};
  if (log_.Has(revision)) places.push_back(log_.at(revision).place);
  evidence_.Add(promise, absl::StrCat(NameOf(stream), ": ", what), std::move(places));
  stream.phase = Phase::kWrong;
  // Not to be reported a second time.
  if (stream.start.to_the_end()) reached_.insert(stream.start.replica());
}

void StreamChecks::MoveTo(Stream& stream, int64_t position) {
  stream.position = position;
  const std::vector<int64_t>& passing = *stream.passing;
  while (stream.next < passing.size() && passing[stream.next] <= position) ++stream.next;
}

void StreamChecks::Start(int64_t place, const StreamStart& start) {
  ++evidence_.report.streams;
  if (start.from() == StreamStart::TOKEN) ++evidence_.report.resumes;
  if (start.to_the_end()) must_reach_.insert(start.replica());
  Stream& stream = streams_[start.stream()];
  stream.start = start;
  stream.place = place;
  stream.passing = &log_.Passing(start.filter());
  if (!HasPosition(start)) return;
  stream.position = start.position();
  stream.next = static_cast<size_t>(std::upper_bound(stream.passing->begin(), stream.passing->end(), start.position()) -
                                    stream.passing->begin());
  // A token from within a write: the client still waits to be told that it has all of it.
  if (start.from() != StreamStart::TOKEN || !log_.Has(start.position())) return;
  const LoggedChange& change = log_.at(start.position());
  if (log_.Passes(start.filter(), change) && change.write_last > start.position())
    stream.open_write = change.write_last;
}

void StreamChecks::Message(int64_t place, const StreamMessage& message) {
  ++evidence_.report.stream_messages;
  const auto found = streams_.find(message.stream());
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  if (stream.phase == Phase::kWrong) return;
  if (IsForged(stream.start)) {
    return Fail(stream, Promise::kErrors, "its token was taken, and belongs elsewhere", place);
  }
  if (stream.phase == Phase::kStarting) return Begin(stream, place, message);
  switch (message.kind()) {
    case StreamMessage::BOOKMARK:
      return TakeBookmark(stream, place, message);
    case StreamMessage::CHANGE:
      return TakeChange(stream, place, message);
    case StreamMessage::SNAPSHOT_ROW:
      return TakeRow(stream, place, message);
    case StreamMessage::SNAPSHOT_END:
      return TakeSnapshotEnd(stream, place, message);
    default:
      return;
  }
}

void StreamChecks::Begin(Stream& stream, int64_t place, const StreamMessage& message) {
  if (message.kind() != StreamMessage::BOOKMARK) {
    return Fail(stream, Promise::kBookmark, "it does not begin with a bookmark", place);
  }
  if (stream.start.from() == StreamStart::SNAPSHOT) {
    stream.phase = Phase::kSnapshot;
    return;
  }
  stream.phase = Phase::kFollowing;
  if (stream.start.from() == StreamStart::NOW) return MoveTo(stream, message.revision());
  const int64_t oldest = evidence_.OldestKnownBefore(stream.start.time());
  if (stream.position < oldest - 1) {
    return Fail(stream, Promise::kErrors, absl::StrCat("it was begun, but the log reached back to revision ", oldest),
                place);
  }
  if (stream.position > evidence_.times.PossibleAt(message.time())) {
    return Fail(stream, Promise::kErrors, "it was begun at a revision that cannot have been there", place);
  }
  TakeBookmark(stream, place, message);
}

void StreamChecks::TakeBookmark(Stream& stream, int64_t place, const StreamMessage& message) {
  const int64_t revision = message.revision();
  if (stream.phase == Phase::kSnapshot) {
    if (revision == 0) return;
    return Fail(stream, Promise::kBookmark, absl::StrCat("bookmark ", revision, " within the snapshot"), place);
  }
  if (revision < stream.position) {
    return Fail(stream, Promise::kBookmark,
                absl::StrCat("bookmark ", revision, " after revision ", stream.position, " goes back"), place);
  }
  if (revision > log_.head()) {
    return Fail(stream, Promise::kBookmark, absl::StrCat("bookmark ", revision, ", which the log does not have"),
                place);
  }
  if (stream.next < stream.passing->size() && (*stream.passing)[stream.next] <= revision) {
    const int64_t missing = (*stream.passing)[stream.next];
    return Fail(stream, Promise::kBookmark,
                absl::StrCat("bookmark ", revision, ", but revision ", missing, " was not sent"), place, missing);
  }
  stream.bookmark = revision;
  if (stream.open_write <= revision) stream.open_write = 0;
  MoveTo(stream, revision);
}

// Whether a change is the next one that passes.
bool StreamChecks::CheckPlaceInOrder(Stream& stream, int64_t place, int64_t revision) {
  if (revision <= stream.position) {
    const bool overlaps = stream.start.from() == StreamStart::SNAPSHOT && !stream.has_change;
    Fail(stream, overlaps ? Promise::kSnapshot : Promise::kWatch,
         absl::StrCat("revision ", revision, " after revision ", stream.position, ": twice, or out of order"), place,
         revision);
    return false;
  }
  const int64_t expected = (*stream.passing)[stream.next];
  if (revision == expected) return true;
  Promise promise = Promise::kWatch;
  if (!stream.has_change && HasPosition(stream.start)) promise = Promise::kResume;
  if (!stream.has_change && stream.start.from() == StreamStart::SNAPSHOT) promise = Promise::kSnapshot;
  Fail(stream, promise,
       absl::StrCat("revision ", revision, " after revision ", stream.position, ", but revision ", expected,
                    " was not sent"),
       place, expected);
  return false;
}

void StreamChecks::TakeChange(Stream& stream, int64_t place, const StreamMessage& message) {
  const int64_t revision = message.revision();
  if (stream.phase == Phase::kSnapshot) {
    return Fail(stream, Promise::kSnapshot, absl::StrCat("revision ", revision, " before the snapshot's end"), place);
  }
  if (!log_.Has(revision)) {
    return Fail(stream, Promise::kWatch, absl::StrCat("revision ", revision, ", which the log does not have"), place);
  }
  const LoggedChange& change = log_.at(revision);
  if (change.fingerprint != 0 && change.fingerprint != message.fingerprint()) {
    return Fail(stream, Promise::kWatch, absl::StrCat("another revision ", revision, " than the log has"), place,
                revision);
  }
  if (!log_.Passes(stream.start.filter(), change)) {
    return Fail(stream, Promise::kWatch, absl::StrCat("revision ", revision, " does not pass the filter"), place,
                revision);
  }
  if (!CheckPlaceInOrder(stream, place, revision)) return;
  if (stream.open_write != 0 && change.write_last != stream.open_write) {
    return Fail(stream, Promise::kWatch,
                absl::StrCat("revision ", revision, " of the next write, but that revision ", stream.open_write,
                             " ended the one before was not said, by it or by a bookmark"),
                place, stream.open_write);
  }
  stream.open_write = revision == change.write_last ? 0 : change.write_last;
  stream.has_change = true;
  MoveTo(stream, revision);
}

void StreamChecks::TakeRow(Stream& stream, int64_t place, const StreamMessage& message) {
  const int64_t revision = message.revision();
  if (stream.phase != Phase::kSnapshot) {
    return Fail(stream, Promise::kSnapshot, "a resource outside of a snapshot", place);
  }
  if (!log_.Has(revision) || (log_.at(revision).fingerprint != 0 && log_.at(revision).after != message.fingerprint())) {
    return Fail(stream, Promise::kSnapshot, absl::StrCat("a resource of revision ", revision, " that never was so"),
                place, revision);
  }
  stream.rows.push_back(revision);
}

void StreamChecks::TakeSnapshotEnd(Stream& stream, int64_t place, const StreamMessage& message) {
  const int64_t revision = message.revision();
  if (stream.phase != Phase::kSnapshot) {
    return Fail(stream, Promise::kSnapshot, "the end of a snapshot where there is none", place);
  }
  if (revision < 0 || revision > log_.head()) {
    return Fail(stream, Promise::kSnapshot,
                absl::StrCat("it ends at revision ", revision, ", which the log does not have"), place);
  }
  std::set<int> resources;
  for (const int64_t row : stream.rows) {
    const LoggedChange& change = log_.at(row);
    Filter of_resource;
    of_resource.set_resource_prefix(stream.start.filter().resource_prefix());
    *of_resource.mutable_kinds() = stream.start.filter().kinds();
    const std::string& name = log_.NameOf(change);
    if (row > revision || change.next <= revision) {
      return Fail(stream, Promise::kSnapshot,
                  absl::StrCat(name, " of revision ", row, " in a snapshot of revision ", revision,
                               ", at which it was another"),
                  place, row > revision ? row : change.next);
    }
    if (!log_.Passes(of_resource, change)) {
      return Fail(stream, Promise::kSnapshot, absl::StrCat(name, " does not pass the filter"), place, row);
    }
    if (!resources.insert(change.resource).second) {
      return Fail(stream, Promise::kSnapshot, absl::StrCat(name, " twice in one snapshot"), place, row);
    }
  }
  const int64_t expected = log_.CountResources(stream.start.filter(), revision);
  if (expected != static_cast<int64_t>(resources.size())) {
    return Fail(
        stream, Promise::kSnapshot,
        absl::StrCat("the snapshot of revision ", revision, " has ", resources.size(), " resources of ", expected),
        place);
  }
  ++evidence_.report.snapshots;
  stream.rows = {};
  stream.phase = Phase::kFollowing;
  MoveTo(stream, revision);
}

void StreamChecks::End(int64_t place, const StreamEnd& end) {
  const auto found = streams_.find(end.stream());
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  if (stream.start.to_the_end() && stream.phase == Phase::kFollowing && stream.position >= log_.head()) {
    reached_.insert(stream.start.replica());
  }
  if (end.has_failure() && stream.phase != Phase::kWrong) CheckFailure(stream, place, end.failure(), end.time());
  streams_.erase(found);
}

void StreamChecks::CheckFailure(Stream& stream, int64_t place, const Failure& failure, int64_t time) {
  const std::string& reason = failure.reason();
  ++evidence_.report.errors[IsTyped(failure) ? reason : absl::StrCat("code ", failure.code())];
  if (!IsTyped(failure)) return;
  const auto field = [&](const std::string& key) {
    const auto found = failure.metadata().find(key);
    return found == failure.metadata().end() ? "" : found->second;
  };
  const std::string step = field("next_step");
  if (step != "RESUME" && step != "WAIT" && step != "RELIST" && step != "FIX_REQUEST") {
    return Fail(stream, Promise::kErrors, absl::StrCat("it ended with ", reason, " without saying what to do next"),
                place);
  }
  if ((step == "RESUME") == field("resume_token").empty()) {
    return Fail(stream, Promise::kErrors,
                absl::StrCat("it ended with ", reason, " and next_step ", step,
                             field("resume_token").empty() ? " without a token" : " with a token"),
                place);
  }
  const bool must_relist = reason == "REVISION_COMPACTED" || reason == "EPOCH_CHANGED";
  if (must_relist && step != "RELIST") {
    return Fail(stream, Promise::kErrors, absl::StrCat("it ended with ", reason, " and next_step ", step), place);
  }
  if (IsForged(stream.start)) return CheckForged(stream, place, failure);
  if (reason == "REVISION_COMPACTED" || reason == "REVISION_IN_FUTURE") {
    if (stream.phase == Phase::kStarting && !HasPosition(stream.start)) {
      return Fail(stream, Promise::kErrors, absl::StrCat("it ended with ", reason, " and had asked for no revision"),
                  place);
    }
    // Within a snapshot the revision is the server's own: it may be compacted before it is read to its end.
    if (stream.phase == Phase::kSnapshot) return;
    return CheckPositionError(evidence_, place, failure, NameOf(stream), stream.position, {stream.start.time(), time});
  }
  static const std::set<std::string>& expected = *new std::set<std::string>(
      {"SERVER_STOPPING", "STREAM_EXPIRED", "WATCHER_TOO_SLOW", "TOO_MANY_WATCHERS", "TOO_BUSY", "DATABASE_UNAVAILABLE",
       "STATEMENT_TIMEOUT", "CANCELLED", "DATABASE_FULL"});
  if (!expected.contains(reason)) {
    Fail(stream, Promise::kErrors, absl::StrCat("it ended with ", reason, ", for no reason"), place);
  }
}

// The server must say what is wrong with a token that is not for this stream.
void StreamChecks::CheckForged(Stream& stream, int64_t place, const Failure& failure) {
  if (failure.code() == grpc::StatusCode::UNAVAILABLE || failure.code() == grpc::StatusCode::RESOURCE_EXHAUSTED) return;
  if (stream.start.from() == StreamStart::OTHER_EPOCH_TOKEN) {
    if (failure.code() == grpc::StatusCode::FAILED_PRECONDITION && failure.reason() == "EPOCH_CHANGED") return;
  } else if (failure.code() == grpc::StatusCode::INVALID_ARGUMENT && failure.field() == "resume_token") {
    return;
  }
  Fail(stream, Promise::kErrors, absl::StrCat("it ended with ", failure.reason(), " about ", failure.field()), place);
}

void StreamChecks::Finish() {
  for (const int replica : must_reach_) {
    if (reached_.contains(replica)) continue;
    evidence_.Add(
        Promise::kResume,
        absl::StrCat("no stream on replica ", replica, " told of all changes up to the head, revision ", log_.head()),
        {});
  }
}

}  // namespace almanac::fault
