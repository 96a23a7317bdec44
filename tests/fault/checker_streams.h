#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tests/fault/checker_evidence.h"

namespace almanac::fault {

// Checks every stream of Watch, message by message.
class StreamChecks {
 public:
  // `evidence` must be complete, and outlive this object.
  explicit StreamChecks(Evidence& evidence) : evidence_(evidence), log_(evidence.log) {}

  void Start(int64_t place, const StreamStart& start);
  void Message(int64_t place, const StreamMessage& message);
  void End(int64_t place, const StreamEnd& end);
  // To be called after the last event.
  void Finish();

 private:
  enum class Phase { kStarting, kSnapshot, kFollowing, kWrong };

  struct Stream {
    StreamStart start;
    int64_t place = 0;
    Phase phase = Phase::kStarting;
    int64_t position = 0;  // every change up to it was received, or does not pass
    const std::vector<int64_t>* passing = nullptr;
    size_t next = 0;  // of `passing`: the first that was not received
    bool has_change = false;
    int64_t bookmark = 0;
    // The last change of a write of which an earlier one was received and this one does not pass; 0 for none.
    int64_t open_write = 0;
    std::vector<int64_t> rows;  // of the snapshot
  };

  std::string NameOf(const Stream& stream) const;
  // After this a stream is not judged any more: what follows would follow from the first fault.
  void Fail(Stream& stream, Promise promise, const std::string& what, int64_t place, int64_t revision = 0);
  void Begin(Stream& stream, int64_t place, const StreamMessage& message);
  void TakeBookmark(Stream& stream, int64_t place, const StreamMessage& message);
  void TakeChange(Stream& stream, int64_t place, const StreamMessage& message);
  bool CheckPlaceInOrder(Stream& stream, int64_t place, int64_t revision);
  void TakeRow(Stream& stream, int64_t place, const StreamMessage& message);
  void TakeSnapshotEnd(Stream& stream, int64_t place, const StreamMessage& message);
  void MoveTo(Stream& stream, int64_t position);
  void CheckFailure(Stream& stream, int64_t place, const Failure& failure, int64_t time);
  void CheckForged(Stream& stream, int64_t place, const Failure& failure);

  Evidence& evidence_;
  LogIndex& log_;
  absl::flat_hash_map<int, Stream> streams_;
  std::set<int> must_reach_;  // replicas whose last stream must see the head
  std::set<int> reached_;
};

}  // namespace almanac::fault
