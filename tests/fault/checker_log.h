#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "fault/history.pb.h"

namespace almanac::fault {

constexpr int64_t kNever = INT64_MAX;

// A change of the log, with its neighbours.
struct LoggedChange {
  uint64_t fingerprint = 0;
  uint64_t before = 0;
  uint64_t after = 0;
  int64_t change_time = 0;
  int64_t place = 0;     // in the history
  int64_t previous = 0;  // the change before it of the same resource; 0 for none
  int64_t next = kNever;
  int64_t write_first = 0;  // the first and the last change of its write
  int64_t write_last = 0;
  int32_t resource = -1;
  int32_t fields = 0;  // its changed fields; see LogIndex::FieldsOf
  int16_t kind = 0;
  int16_t type = 0;
  bool deleted = false;
};

// Revisions, from the first to the last with both.
struct Span {
  int64_t first = 0;
  int64_t last = 0;

  bool empty() const { return first > last; }
};

// The whole log, to be asked for what was there at any revision.
class LogIndex {
 public:
  // Takes the change if it is the next one; else returns false.
  bool Add(int64_t place, const LogEntry& entry);

  int64_t head() const { return static_cast<int64_t>(changes_.size()); }
  bool Has(int64_t revision) const { return revision >= 1 && revision <= head(); }
  LoggedChange& at(int64_t revision) { return changes_[static_cast<size_t>(revision - 1)]; }
  const LoggedChange& at(int64_t revision) const { return changes_[static_cast<size_t>(revision - 1)]; }

  const std::string& NameOf(const LoggedChange& change) const { return resources_[change.resource].name; }
  // -1 if there never was one.
  int FindResource(const std::string& name) const;
  // The last change of a resource up to and with `revision`; 0 if it was not there yet.
  int64_t LatestOf(int resource, int64_t revision) const;
  const std::vector<int64_t>& ChangesOf(int resource) const { return resources_[resource].changes; }

  bool Passes(const Filter& filter, const LoggedChange& change) const;
  // The revisions that pass a filter, in order. To be called when the log is complete.
  const std::vector<int64_t>& Passing(const Filter& filter);
  // How many resources of the filter's kinds below its prefix were there at `revision`.
  int64_t CountResources(const Filter& filter, int64_t revision);
  // The resources of a kind whose names begin with `prefix`.
  const std::vector<int>& ResourcesUnder(int kind, const std::string& prefix);

 private:
  struct Resource {
    std::string name;
    int kind = 0;
    std::vector<int64_t> changes;
  };

  static bool PassesPlace(const Filter& filter, const std::string& name, int kind);

  std::vector<LoggedChange> changes_;
  std::vector<Resource> resources_;
  absl::flat_hash_map<std::string, int> resource_ids_;
  std::vector<std::vector<std::string>> fields_;
  std::map<std::vector<std::string>, int> field_ids_;
  std::map<std::string, std::vector<int64_t>> passing_;
  std::map<std::string, std::vector<int64_t>> created_;
  std::map<std::string, std::vector<int>> under_;
};

}  // namespace almanac::fault
