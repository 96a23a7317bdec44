#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/fault/history.h"

// Checks a history: whether what clients were told can have happened, given the log that the database has.
namespace almanac::fault {

// What is checked.
enum class Promise {
  kDense,         // revisions are dense, in order, and each write is whole in the log
  kDurable,       // an acknowledged write is in the log, with just the changes that it was answered to have made
  kNoTrace,       // what was refused, or only validated, or that nobody sent, is not in the log
  kReplay,        // the log, replayed, gives the tables
  kLinearizable,  // a write that ended before another began has the smaller revision; reads see a state in between
  kWatch,         // a stream has each change that passes its filter once, in order, whole writes known as such
  kResume,        // a stream that resumes has every change after where it resumes
  kSnapshot,      // a snapshot is the state at its revision, and every change after it follows
  kBookmark,      // a bookmark means that all changes before it were sent
  kFresh,         // an answer is as fresh as was asked for, or of the moment that was asked for
  kOneResult,     // one request id has one result; another payload is refused
  kErrors,        // each error is one that the state it was met in calls for, and says so
};
constexpr int kPromises = static_cast<int>(Promise::kErrors) + 1;

absl::string_view NameOf(Promise promise);

// Something that cannot have happened.
struct Violation {
  Promise promise;
  // Names the revision, operation or stream.
  std::string what;
  // The places of the events that show it, and the events in words.
  std::vector<int64_t> places;
  std::vector<std::string> events;
};

// What a history held, and what is wrong with it.
struct Report {
  bool complete = false;  // whether the history has its end
  int64_t writes = 0;     // attempts, those that only validate too
  int64_t acknowledged = 0;
  int64_t validated = 0;
  int64_t refused = 0;
  int64_t in_doubt = 0;
  int64_t made = 0;      // of those in doubt
  int64_t not_made = 0;  // of those in doubt
  int64_t reads = 0;
  int64_t failed_reads = 0;
  int64_t changes = 0;    // in the log
  int64_t summaries = 0;  // of these, known by what retention left of them alone
  int64_t streams = 0;
  int64_t resumes = 0;
  int64_t snapshots = 0;  // complete ones
  int64_t stream_messages = 0;
  std::map<std::string, int64_t> errors;  // by reason, or by code where there is none
  std::map<std::string, int64_t> faults;  // by name
  std::vector<std::string> failed_faults;
  std::array<int64_t, kPromises> violations_by_promise = {};
  int64_t violations = 0;
  std::vector<Violation> first_violations;  // at most kShownViolations
};
constexpr int kShownViolations = 20;
// One fault breaks some promises many times; others should be seen beside them.
constexpr int kShownOfPromise = 5;

// Checks a history in time n log n of its length. An error if it cannot be read.
absl::StatusOr<Report> CheckHistory(const History& history);

// The report for people: counts, then violations.
std::string ToText(const Report& report);

}  // namespace almanac::fault
