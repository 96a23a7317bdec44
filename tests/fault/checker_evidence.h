#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "tests/fault/checker.h"
#include "tests/fault/checker_log.h"

// What the checks go by: the log, and what is known of the whole history before any event is judged.
namespace almanac::fault {

// A time, and the place of the event that shows it.
struct Sign {
  int64_t time = 0;
  int64_t place = -1;  // -1: nothing shows it
};

// Between which times each revision was committed. They are committed in order: who saw one saw those before it made,
// and none was made before the write of one before it was sent.
class CommitTimes {
 public:
  // The write that made `revision` was sent at `sign`.
  void Sent(int64_t revision, Sign sign);
  // Somebody had been told of `revision` at `sign`.
  void Told(int64_t revision, Sign sign);
  // To be called once, before what follows.
  void Finish(int64_t head);

  Sign Earliest(int64_t revision) const { return sent_[static_cast<size_t>(revision)]; }
  Sign Latest(int64_t revision) const { return told_[static_cast<size_t>(revision)]; }
  // The last revision that was certainly there before `time`.
  int64_t CertainBefore(int64_t time) const;
  // The last revision that can have been there at `time`.
  int64_t PossibleAt(int64_t time) const;

 private:
  std::vector<Sign> sent_;
  std::vector<Sign> told_;
};

// One call of a write, as far as others are judged by it.
struct Attempt {
  int64_t start = 0;
  int64_t place = -1;
  uint64_t payload = 0;
  std::string request_id;
  Write::Outcome outcome = Write::OUTCOME_UNSPECIFIED;
  bool validate_only = false;
  Span made = {1, 0};  // its changes in the log
};

// What is known of a request id.
struct Request {
  Span made = {1, 0};
  uint64_t made_payload = 0;  // of the attempt that made them
  uint64_t answered_payload = 0;
  uint64_t answer = 0;
  int64_t first_answered = kNever;  // when the first answer was there
  int64_t place = -1;               // of that answer
  bool may_be_made = false;         // whether an attempt was answered, or is in doubt
  bool kept = false;                // whether the database keeps an answer at the end
};

class Evidence {
 public:
  // Takes every event of the history, in order, then Finish.
  void Take(int64_t place, const Event& event);
  // Judges the log as a whole.
  void Finish();

  void Add(Promise promise, std::string what, std::vector<int64_t> places);

  LogIndex log;
  CommitTimes times;
  absl::flat_hash_map<std::string, Attempt> attempts;  // by actor
  absl::flat_hash_map<std::string, Request> requests;  // by request id
  Report report;
  bool has_final = false;
  Final final_state;

  // The greatest oldest revision that was known before `time`; 1 if none was.
  int64_t OldestKnownBefore(int64_t time) const;
  // Whether the log was dense; nothing else can be judged if not.
  bool is_dense() const { return dense_; }

 private:
  void TakeLogEntry(int64_t place, const LogEntry& entry);
  void TakeWrite(int64_t place, const Write& write);
  void TakeRead(int64_t place, const Read& read);
  void EndWriteInLog();
  void CheckWhoMadeIt();
  void CheckChain();
  void CheckOrder();
  void CheckKeptRequests();

  // A write in the log.
  struct LoggedWrite {
    Span span;
    std::string actor;
    std::string request_id;
  };

  bool dense_ = true;
  std::vector<LoggedWrite> writes_;
  bool write_is_open_ = false;
  std::vector<std::pair<int64_t, int64_t>> oldest_;  // time, revision
};

// Judge one event each, once all evidence is there.
void CheckWrite(Evidence& evidence, int64_t place, const Write& write);
void CheckRead(Evidence& evidence, int64_t place, const Read& read);
// Of an error about a position in the log: whether it was the right one.
void CheckPositionError(Evidence& evidence, int64_t place, const Failure& failure, absl::string_view who,
                        int64_t position, Span life);

// Whether the error came from a server of ours.
bool IsTyped(const Failure& failure);
// A number in an error's metadata; -1 if it has none.
int64_t NumberIn(const Failure& failure, const std::string& key);

}  // namespace almanac::fault
