#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "almanac/v1/change.pb.h"
#include "almanac/v1/change_service.pb.h"
#include "db/transaction.h"

namespace almanac::db {

// Where the log stands.
struct Head {
  std::string catalogue_id;
  int64_t epoch = 0;
  int64_t revision = 0;
  int64_t compacted_revision = 0;
};

// Where a change is in the log, and what filters look at.
struct ChangeKey {
  int64_t revision = 0;
  almanac::v1::ResourceKind kind = almanac::v1::RESOURCE_KIND_UNSPECIFIED;
  almanac::v1::Change::Type type = almanac::v1::Change::TYPE_UNSPECIFIED;
  std::string resource;
  std::vector<std::string> changed_fields;
  std::string actor;
  // Changes of one write have the same, and follow each other up to the one with `last_of_write`.
  std::string request_id;
  bool last_of_write = false;
};

// Which changes are wanted: those that pass each of its parts.
struct ChangeFilter {
  // This resource and those below it; empty for all.
  std::string resource_prefix;
  // A bit `1 << kind` for each kind that is wanted; 0 for all.
  uint32_t kinds = 0;
  // A bit `1 << type` for each type that is wanted; 0 for all.
  uint32_t types = 0;
  // One of these fields changed; empty for any.
  std::vector<std::string> changed_fields;
  // By this actor; empty for anybody.
  std::string actor;

  void AddKind(almanac::v1::ResourceKind kind) { kinds |= 1U << kind; }
  void AddType(almanac::v1::Change::Type type) { types |= 1U << type; }
  // Whether every change passes.
  bool empty() const;
  // Whether only changes of the resource that `resource_prefix` names can pass, and none below it.
  bool IsOfOneResource() const;
  bool Matches(const ChangeKey& change) const;
  // Whether changes of this resource may pass.
  bool MatchesResource(almanac::v1::ResourceKind kind, std::string_view resource) const;
};

// A change as it lies in the log.
struct LogEntry {
  ChangeKey key;
  // The serialised almanac.v1.Change.
  std::string change;
};

// What to read of the log at once: changes after `after` and up to `up_to`, as many as fit, at least one.
struct LogRange {
  int64_t after = 0;
  int64_t up_to = 0;
  int max_changes = 0;
  int64_t max_bytes = 0;
};

// Which times are wanted: from `from` on and before `before`.
struct TimeRange {
  absl::Time from = absl::InfinitePast();
  absl::Time before = absl::InfiniteFuture();
};

// Where a time is in the log.
struct TimeInLog {
  // The last revision whose change was made up to and with the time; 0 if none was.
  int64_t revision = 0;
  // Whether the log no longer reaches back to the time: `revision` is then the last that it lost.
  bool compacted = false;
  // Whether the time is yet to come, by the catalogue's clock.
  bool in_future = false;
};

// A stretch of the log.
struct LogPage {
  std::vector<LogEntry> entries;
  // How far was looked: of the range, `entries` holds all that passes the filter up to and with this revision.
  int64_t through = 0;
};

// A change without its place in the log: kind, name, before, after and the fields that differ. `before` is null for a
// resource that is new.
almanac::v1::Change MakeChange(almanac::v1::Change::Type type, const google::protobuf::Message* before,
                               const google::protobuf::Message& after);

// The resource as the message that holds any kind.
almanac::v1::Resource ToResource(const google::protobuf::Message& resource);

// Whether a field of resources is one that every change touches; `changed_fields` of changes leave it out.
bool IsBookkeeping(const std::string& field);

// The kind of a resource by its message.
almanac::v1::ResourceKind KindOf(const google::protobuf::Message& resource);

Head ReadHead(Transaction& transaction);

// The error of whoever asks for a revision that is no longer in the log.
absl::Status RevisionCompacted(int64_t revision, int64_t oldest);

// The error of whoever asks for a revision that is not there yet.
absl::Status RevisionInFuture(int64_t revision, int64_t head);

// The error of whoever asks for a revision, or without `wanted` for all that the catalogue has, at a server that reads
// from a copy and has come to revision `has` only: to be tried again.
absl::Status RevisionNotReached(std::optional<int64_t> wanted, int64_t has);

// The error of whoever follows a log that was replaced by another.
absl::Status EpochChanged();

// OK if `now` is a later head of the log that `before` was read from; EPOCH_CHANGED if the catalogue was restored in
// between: it has another epoch or identity, or its head went back.
absl::Status CheckEpoch(const Head& before, const Head& now);

// Reads changes that pass `filter`, by revision. `head` is the caller's, read before; the range must not go beyond it.
// Where few changes pass, only so much of the log is looked through at once: `through` then falls short of the range,
// also if there are no entries. REVISION_COMPACTED if the log does not reach back to the range, EPOCH_CHANGED if it is
// no longer the log of `head`.
absl::StatusOr<LogPage> ReadChanges(Transaction& transaction, const Head& head, const ChangeFilter& filter,
                                    const LogRange& range);

// The same of what is left of changes that are no longer in the log: they have `summary_only`. The range must not go
// beyond what was compacted. Those made at other times than `times` do not pass.
LogPage ReadSummaries(Transaction& transaction, const ChangeFilter& filter, const TimeRange& times,
                      const LogRange& range);

// Looks `time` up: change times never go back, so a few of them lead to it.
TimeInLog FindTime(Transaction& transaction, absl::Time time);

// Whether the last change of some write lies after `after` and up to and with `up_to`. What compaction has taken out of
// the log is not seen.
bool WriteEndsWithin(Transaction& transaction, int64_t after, int64_t up_to);

// Returns NOT_FOUND if the log has no such revision, with reason REVISION_COMPACTED if it no longer has it.
absl::StatusOr<almanac::v1::Change> ReadChange(Transaction& transaction, int64_t revision);

// For each of `resources` its first change after `revision`, if there is one: its `before` is what the resource was
// at `revision`.
std::vector<almanac::v1::Change> ReadFirstChangesAfter(Transaction& transaction,
                                                       const std::vector<std::string>& resources, int64_t revision);

// Names of at most `limit` resources of a kind that changed after `revision`, of this publisher unless it is `-`.
std::vector<std::string> ListChangedAfter(Transaction& transaction, almanac::v1::ResourceKind kind,
                                          const std::string& publisher, int64_t revision, int limit);

// How many live resources of each kind there are.
almanac::v1::ResourceCounts CountResources(Transaction& transaction);

}  // namespace almanac::db
