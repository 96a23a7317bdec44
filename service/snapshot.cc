#include "service/snapshot.h"

#include <algorithm>

#include "db/commitments.h"
#include "db/datasets.h"
#include "db/names.h"
#include "db/plans.h"
#include "db/publishers.h"
#include "service/history.h"

namespace almanac::service {
namespace {

using almanac::v1::Resource;
using almanac::v1::ResourceKind;

// Of a page. Each watcher may hold one, so it is small.
constexpr int kMaxRows = 200;
constexpr size_t kMaxBytes = 256 << 10;

// The publisher to which a filter is confined, `publishers/-` if it is to none.
std::string PublisherOf(const db::ChangeFilter& filter) {
  const std::vector<std::string> ids = db::IdsOf(filter.resource_prefix);
  return ids.empty() ? "publishers/-" : db::PublisherName(ids[0]);
}

// How many of `rows` a page has room for; at least one.
template <typename T>
size_t CountFitting(const std::vector<T>& rows) {
  size_t bytes = 0;
  size_t count = 0;
  for (const T& row : rows) {
    bytes += row.ByteSizeLong();
    if (count > 0 && bytes > kMaxBytes) break;
    ++count;
  }
  return count;
}

// What a page has of `rows`, which were read at `position`, as they were at `revision`. Moves `position` on.
template <typename T>
absl::StatusOr<std::vector<Resource>> TakePage(db::Transaction& transaction, const db::ChangeFilter& filter,
                                               int64_t revision, SnapshotPosition& position, std::vector<T> rows) {
  const SnapshotPosition before = position;
  const ResourceKind kind = position.kind;
  const size_t fitting = CountFitting(rows);
  const bool all_fit = fitting == rows.size();
  const bool kind_is_done = all_fit && static_cast<int>(fitting) < position.limit;
  position.limit = all_fit ? std::min(2 * position.limit, kMaxRows) : static_cast<int>(fitting);
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(fitting), rows.end());
  if (!rows.empty()) position.after = rows.back().name();
  if (kind_is_done) {
    position.done = kind == almanac::v1::COMMITMENT;
    position.kind = static_cast<ResourceKind>(kind + 1);
    position.after.clear();
  }
  std::erase_if(rows, [&](const T& row) { return !filter.MatchesResource(kind, row.name()); });
  const absl::StatusOr<std::vector<T>> then = AsOf(transaction, std::move(rows), revision);
  if (!then.ok()) return then.status();
  // They may have been larger then.
  if (const size_t past_fitting = CountFitting(*then); past_fitting < then->size()) {
    position = before;
    position.limit = static_cast<int>(past_fitting);
    return std::vector<Resource>();
  }
  std::vector<Resource> resources;
  for (const T& resource : *then) resources.push_back(db::ToResource(resource));
  return resources;
}

}  // namespace

absl::StatusOr<std::vector<Resource>> ReadSnapshotPage(db::Transaction& transaction, const db::ChangeFilter& filter,
                                                       int64_t revision, SnapshotPosition& position) {
  const db::Page page{.after = position.after, .limit = position.limit, .show_deleted = true};
  const std::string publisher = PublisherOf(filter);
  const auto take = [&](auto rows) { return TakePage(transaction, filter, revision, position, std::move(rows)); };
  switch (position.kind) {
    case almanac::v1::PUBLISHER:
      return take(db::ListPublishers(transaction, page));
    case almanac::v1::DATASET:
      return take(Parse(db::ListDatasets(transaction, publisher, page)));
    case almanac::v1::RELEASE_PLAN:
      return take(db::ListPlans(transaction, publisher, page));
    case almanac::v1::COMMITMENT:
      return take(db::ScanCommitments(transaction, publisher, page));
    default:
      return std::vector<Resource>();
  }
}

}  // namespace almanac::service
