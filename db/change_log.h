#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
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

// Which changes are wanted.
struct ChangeFilter {
  // This resource and those below it; empty for all.
  std::string resource_prefix;
  // Empty for all.
  std::vector<almanac::v1::ResourceKind> kinds;

  bool Matches(almanac::v1::ResourceKind kind, std::string_view resource) const;
};

// A change as it lies in the log.
struct LogEntry {
  int64_t revision = 0;
  almanac::v1::ResourceKind kind = almanac::v1::RESOURCE_KIND_UNSPECIFIED;
  std::string resource;
  // The serialised almanac.v1.Change.
  std::string change;
};

// A change without its place in the log: kind, name, before, after and the fields that differ. `before` is null for a
// resource that is new.
almanac::v1::Change MakeChange(almanac::v1::Change::Type type, const google::protobuf::Message* before,
                               const google::protobuf::Message& after);

// The resource as the message that holds any kind.
almanac::v1::Resource ToResource(const google::protobuf::Message& resource);

// The kind of a resource by its message.
almanac::v1::ResourceKind KindOf(const google::protobuf::Message& resource);

Head ReadHead(Transaction& transaction);

// Changes after `after` and up to `up_to` (0 for no bound) that pass the filter, by revision, at most `limit`.
std::vector<LogEntry> ReadChanges(Transaction& transaction, const ChangeFilter& filter, int64_t after, int64_t up_to,
                                  int limit);

// Returns NOT_FOUND if the log has no such revision.
absl::StatusOr<almanac::v1::Change> ReadChange(Transaction& transaction, int64_t revision);

// For each of `resources` its first change after `revision`, if there is one: its `before` is what the resource was
// at `revision`.
std::vector<almanac::v1::Change> ReadFirstChangesAfter(Transaction& transaction,
                                                       const std::vector<std::string>& resources, int64_t revision);

// How many live resources of each kind there are.
almanac::v1::ResourceCounts CountResources(Transaction& transaction);

}  // namespace almanac::db
