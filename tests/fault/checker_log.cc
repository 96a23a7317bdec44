#include "tests/fault/checker_log.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace almanac::fault {

bool LogIndex::Add(int64_t place, const LogEntry& entry) {
  if (entry.revision() != head() + 1) return false;
  const auto [found, is_new] = resource_ids_.try_emplace(entry.resource(), static_cast<int>(resources_.size()));
  if (is_new) resources_.push_back({entry.resource(), entry.kind(), {}});
  Resource& resource = resources_[found->second];
  const std::vector<std::string> fields(entry.changed_fields().begin(), entry.changed_fields().end());
  const auto [field_id, is_new_set] = field_ids_.try_emplace(fields, static_cast<int>(fields_.size()));
  if (is_new_set) fields_.push_back(fields);

  LoggedChange change;
  change.fingerprint = entry.fingerprint();
  change.before = entry.before();
  change.after = entry.after();
  change.change_time = entry.change_time_micros();
  change.place = place;
  change.resource = found->second;
  change.fields = field_id->second;
  change.kind = static_cast<int16_t>(entry.kind());
  change.type = static_cast<int16_t>(entry.type());
  change.deleted = entry.deleted();
  if (!resource.changes.empty()) {
    change.previous = resource.changes.back();
    at(change.previous).next = entry.revision();
  }
  resource.changes.push_back(entry.revision());
  changes_.push_back(change);
  return true;
}

int LogIndex::FindResource(const std::string& name) const {
  const auto found = resource_ids_.find(name);
  return found == resource_ids_.end() ? -1 : found->second;
}

int64_t LogIndex::LatestOf(int resource, int64_t revision) const {
  const std::vector<int64_t>& changes = resources_[resource].changes;
  const auto after = std::upper_bound(changes.begin(), changes.end(), revision);
  return after == changes.begin() ? 0 : *(after - 1);
}

bool LogIndex::PassesPlace(const Filter& filter, const std::string& name, int kind) {
  const std::string& prefix = filter.resource_prefix();
  if (!prefix.empty() && name != prefix && !absl::StartsWith(name, absl::StrCat(prefix, "/"))) return false;
  return filter.kinds().empty() || std::count(filter.kinds().begin(), filter.kinds().end(), kind) > 0;
}

bool LogIndex::Passes(const Filter& filter, const LoggedChange& change) const {
  if (!PassesPlace(filter, NameOf(change), change.kind)) return false;
  const auto& types = filter.types();
  if (!types.empty() && std::count(types.begin(), types.end(), change.type) == 0) return false;
  const auto& wanted = filter.changed_fields();
  if (wanted.empty()) return true;
  const std::vector<std::string>& fields = fields_[change.fields];
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& field) {
    return std::find(fields.begin(), fields.end(), field) != fields.end();
  });
}

const std::vector<int64_t>& LogIndex::Passing(const Filter& filter) {
  const auto [found, is_new] = passing_.try_emplace(filter.SerializeAsString());
  if (is_new) {
    for (int64_t revision = 1; revision <= head(); ++revision) {
      if (Passes(filter, at(revision))) found->second.push_back(revision);
    }
  }
  return found->second;
}

int64_t LogIndex::CountResources(const Filter& filter, int64_t revision) {
  Filter place;
  place.set_resource_prefix(filter.resource_prefix());
  *place.mutable_kinds() = filter.kinds();
  const auto [found, is_new] = created_.try_emplace(place.SerializeAsString());
  std::vector<int64_t>& created = found->second;
  if (is_new) {
    for (const Resource& resource : resources_) {
      if (PassesPlace(place, resource.name, resource.kind)) created.push_back(resource.changes.front());
    }
    std::sort(created.begin(), created.end());
  }
  return std::upper_bound(created.begin(), created.end(), revision) - created.begin();
}

const std::vector<int>& LogIndex::ResourcesUnder(int kind, const std::string& prefix) {
  const auto [found, is_new] = under_.try_emplace(absl::StrCat(kind, " ", prefix));
  if (is_new) {
    for (size_t i = 0; i < resources_.size(); ++i) {
      if (resources_[i].kind == kind && absl::StartsWith(resources_[i].name, prefix)) {
        found->second.push_back(static_cast<int>(i));
      }
    }
  }
  return found->second;
}

}  // namespace almanac::fault
