#include "service/snapshot.h"

#include <algorithm>
#include <unordered_map>

#include "db/commitments.h"
#include "db/datasets.h"
#include "db/names.h"
#include "db/plans.h"
#include "db/publishers.h"

namespace almanac::service {
namespace {

using almanac::v1::Resource;
using almanac::v1::ResourceKind;

// Of a page. Each watcher may hold one, so it is small.
constexpr int kMaxRows = 200;
constexpr size_t kMaxBytes = 256 << 10;

// A row of any kind, with what all kinds have.
struct Row {
  Resource resource;
  std::string name;
  int64_t revision;
};

template <typename T>
std::vector<Row> ToRows(std::vector<T> resources) {
  std::vector<Row> rows;
  rows.reserve(resources.size());
  for (T& resource : resources) {
    const int64_t revision = resource.revision();
    rows.push_back({db::ToResource(resource), resource.name(), revision});
  }
  return rows;
}

// The publisher to which a filter is confined, `publishers/-` if it is to none.
std::string PublisherOf(const db::ChangeFilter& filter) {
  const std::vector<std::string> ids = db::IdsOf(filter.resource_prefix);
  return ids.empty() ? "publishers/-" : db::PublisherName(ids[0]);
}

std::vector<Row> ReadRows(db::Transaction& transaction, const db::ChangeFilter& filter,
                          const SnapshotPosition& position) {
  const db::Page page{.after = position.after, .limit = position.limit, .show_deleted = true};
  const std::string publisher = PublisherOf(filter);
  switch (position.kind) {
    case almanac::v1::PUBLISHER:
      return ToRows(db::ListPublishers(transaction, page));
    case almanac::v1::DATASET:
      return ToRows(db::ListDatasets(transaction, publisher, page));
    case almanac::v1::RELEASE_PLAN:
      return ToRows(db::ListPlans(transaction, publisher, page));
    case almanac::v1::COMMITMENT:
      return ToRows(db::ScanCommitments(transaction, publisher, page));
    default:
      return {};
  }
}

// How many of `rows` a page has room for; at least one.
size_t CountFitting(const std::vector<Row>& rows) {
  size_t bytes = 0;
  size_t count = 0;
  for (const Row& row : rows) {
    bytes += row.resource.ByteSizeLong();
    if (count > 0 && bytes > kMaxBytes) break;
    ++count;
  }
  return count;
}

}  // namespace

absl::StatusOr<std::vector<Resource>> ReadSnapshotPage(db::Transaction& transaction, const db::ChangeFilter& filter,
                                                       int64_t revision, SnapshotPosition& position) {
  std::vector<Row> rows = ReadRows(transaction, filter, position);
  const size_t fitting = CountFitting(rows);
  const bool all_fit = fitting == rows.size();
  const bool kind_is_done = all_fit && static_cast<int>(fitting) < position.limit;
  position.limit = all_fit ? std::min(2 * position.limit, kMaxRows) : static_cast<int>(fitting);
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(fitting), rows.end());
  if (!rows.empty()) position.after = rows.back().name;
  std::erase_if(rows, [&](const Row& row) { return !filter.MatchesResource(position.kind, row.name); });

  std::vector<std::string> changed;
  for (const Row& row : rows) {
    if (row.revision > revision) changed.push_back(row.name);
  }
  std::unordered_map<std::string, almanac::v1::Change> first_changes;
  if (!changed.empty()) {
    for (auto& change : db::ReadFirstChangesAfter(transaction, changed, revision)) {
      first_changes[change.resource()] = std::move(change);
    }
    const db::Head head = db::ReadHead(transaction);
    if (head.compacted_revision > revision) return db::RevisionCompacted(revision, head.compacted_revision + 1);
  }
  std::vector<Resource> resources;
  for (Row& row : rows) {
    if (row.revision <= revision) {
      resources.push_back(std::move(row.resource));
    } else if (auto& change = first_changes[row.name]; change.has_before()) {
      resources.push_back(std::move(*change.mutable_before()));
    }  // else it was created since
  }
  if (kind_is_done) {
    position.done = position.kind == almanac::v1::COMMITMENT;
    position.kind = static_cast<ResourceKind>(position.kind + 1);
    position.after.clear();
  }
  return resources;
}

}  // namespace almanac::service
