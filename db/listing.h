#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "db/change_log.h"
#include "db/condition.h"
#include "db/fields.h"
#include "db/names.h"
#include "db/transaction.h"

// Lists by a condition and in an order, one SELECT each; see docs/decisions/0014-lists-are-walked-as-of-a-revision.md.
namespace almanac::db {

struct OrderTerm {
  const Field* field;
  bool is_descending = false;
};

// What is listed, and in which order.
struct ListQuery {
  // The resource that all are of, with `-` for ids that can be any; empty for publishers.
  std::string parent;
  bool show_deleted = false;
  Condition condition = {};
  // Only datasets that this tsquery finds; empty for no search.
  std::string search = {};
  // Whether the best found come first, before `order`.
  bool is_ranked = false;
  // Reads what `search` finds before all else, and one more than these at most, whether or not they come first in the
  // list: for searches that find few. Of a ranked list, only what meets `condition` too counts as found.
  std::optional<int64_t> max_found = {};
  std::vector<OrderTerm> order = {};
  // Resources that are the same in all of `order` go by name.
  bool is_name_descending = false;
};

// Where a resource is in a list: the value of each field that orders it, in whole days or microseconds since 1970, and
// its name.
struct ListPosition {
  std::vector<int64_t> keys;
  std::string name;
};

// Whether `keys` can be those of a position in the list: as many, and each within what its field can be.
bool AreKeysOf(const ListQuery& query, const std::vector<int64_t>& keys);

// How many keys a position in the list has.
size_t KeyCount(const ListQuery& query);

// Makes those searches of the condition by which all in the list must be found a part of `search`, and gives what they
// ask for. It is the same list.
std::vector<QueryTerm> MoveSearches(ListQuery* query);

// Whether what the search finds is read before all else.
bool IsFoundFirst(const ListQuery& query);

template <typename T>
struct Listed {
  T resource;
  std::vector<int64_t> keys;
};

// A part of a list, read by one statement.
template <typename T>
struct ListPart {
  std::vector<Listed<T>> listed;
  // The head's when it was read, or an earlier one; 0 if it is the first part and empty.
  int64_t revision = 0;
  // Of a part of a list that is ranked, or has `max_found`, and is not empty: how many were found, one more than
  // `max_found` at most.
  std::optional<int64_t> found = {};
};

// A list as it was at a revision.
template <typename T>
struct AsOfRevision {
  int64_t revision = 0;
  // Gives what resources that changed since were then. Called once what did not change is read, so that nothing that
  // changes meanwhile is in neither.
  std::function<absl::StatusOr<std::vector<T>>()> read_changed;
};

// How a noun lies in the store.
struct ListSource {
  const char* table;
  // The select list that its resources are read from, where `t` is the row.
  const char* columns;
  // The columns that hold the ids in its names.
  std::vector<const char*> ids;
};

// Each row begins with the revision of the head, the count of what was found and the keys, before the columns of the
// source. `unchanged_since` leaves out what changed later.
Rows SelectList(Transaction& transaction, const ListSource& source, const ListQuery& query,
                const std::optional<ListPosition>& after, int limit, std::optional<int64_t> unchanged_since);

// The same list of `past`, rows of the table as they were, with `search`, rows of dataset_search, beside them. Each row
// has its keys and its place in `past` from 1 on.
Rows SelectPast(Transaction& transaction, const ListSource& source, const ListQuery& query,
                const std::optional<ListPosition>& after, int limit, const std::vector<std::vector<Param>>& past,
                const std::vector<std::vector<Param>>& search);

// Counts up to `limit` resources.
int64_t CountList(Transaction& transaction, const ListSource& source, ListQuery query, int64_t limit);

// About how many there are, by PostgreSQL's statistics.
int64_t EstimateList(Transaction& transaction, const ListSource& source, ListQuery query);

// Whether a resource at `a` comes before one at `b`.
bool IsBefore(const ListQuery& query, const ListPosition& a, const ListPosition& b);

// FROM and WHERE of the list, whatever its order, for statements that count in it. `sample` is a TABLESAMPLE clause or
// empty.
std::string FromList(const ListSource& source, const ListQuery& query, const std::string& sample,
                     std::vector<Param>* params);

// For nouns that are not searched: they have no rows of dataset_search.
struct NoSearchRow {
  template <typename T>
  std::vector<Param> operator()(const T& /*resource*/) const {
    return {};
  }
};

// At most `limit` resources that come behind `after`, as `from_row` reads them: each a T, or made of one. `to_row` and
// `to_search` make rows of the table and of dataset_search. Errors are those of `as_of`.
template <typename T, typename L, typename ToRow, typename ToSearch>
absl::StatusOr<ListPart<L>> ReadList(Transaction& transaction, const ListSource& source, const ListQuery& query,
                                     const std::optional<ListPosition>& after, int limit, const AsOfRevision<T>* as_of,
                                     L (*from_row)(Rows::Reader), ToRow to_row, ToSearch to_search) {
  const std::optional<int64_t> revision = as_of == nullptr ? std::nullopt : std::optional(as_of->revision);
  const auto read_keys = [&](Rows::Reader& row) {
    std::vector<int64_t> keys(KeyCount(query));
    for (int64_t& key : keys) key = row.Int();
    return keys;
  };
  ListPart<L> part;
  std::vector<Listed<L>>& list = part.listed;
  const auto select = [&] {
    list = ReadAll(SelectList(transaction, source, query, after, limit, revision), [&](Rows::Reader row) {
      part.revision = row.Int();
      const int64_t found = row.Int();
      if (IsFoundFirst(query)) part.found = found;
      std::vector<int64_t> keys = read_keys(row);
      return Listed<L>{from_row(row), std::move(keys)};
    });
  };
  select();
  if (list.empty() && after) {
    // What the list had when the head was there.
    part.revision = ReadHead(transaction).revision;
    select();
  }
  // A statement that saw no later revision saw all as it was then.
  if (as_of == nullptr || (!list.empty() && part.revision == as_of->revision)) return part;
  const absl::StatusOr<std::vector<T>> changed = as_of->read_changed();
  if (!changed.ok()) return changed.status();
  if (changed->empty()) return part;
  std::vector<std::vector<Param>> past, search;
  for (const T& resource : *changed) {
    past.push_back(to_row(resource));
    if (auto row = to_search(resource); !row.empty()) search.push_back(std::move(row));
  }
  using Placed = std::pair<ListPosition, Listed<L>>;
  std::vector<Placed> placed;
  std::unordered_set<std::string> names;
  for (Listed<L>& listed : list) {
    ListPosition position = {listed.keys, listed.resource.name()};
    names.insert(position.name);
    placed.emplace_back(std::move(position), std::move(listed));
  }
  const Rows rows = SelectPast(transaction, source, query, after, limit, past, search);
  for (int i = 0; i < rows.size(); ++i) {
    Rows::Reader row = rows[i];
    std::vector<int64_t> keys = read_keys(row);
    const T& resource = (*changed)[static_cast<size_t>(row.Int() - 1)];
    // What changed only after the list was read is in both, and the same.
    if (names.contains(resource.name())) continue;
    placed.push_back({{keys, resource.name()}, {L(resource), keys}});
  }
  std::sort(placed.begin(), placed.end(),
            [&](const Placed& a, const Placed& b) { return IsBefore(query, a.first, b.first); });
  list.clear();
  for (Placed& next : placed) {
    if (list.size() < static_cast<size_t>(limit)) list.push_back(std::move(next.second));
  }
  return part;
}

// Those of `resources` that meet the condition of `query`, in their order.
template <typename T, typename ToRow, typename ToSearch>
std::vector<T> KeepListed(Transaction& transaction, const ListSource& source, const Condition& condition,
                          std::vector<T> resources, ToRow to_row, ToSearch to_search) {
  std::vector<std::vector<Param>> past, search;
  for (const T& resource : resources) {
    past.push_back(to_row(resource));
    if (auto row = to_search(resource); !row.empty()) search.push_back(std::move(row));
  }
  const ListQuery query = {.parent = "", .show_deleted = true, .condition = condition};
  const Rows rows =
      SelectPast(transaction, source, query, std::nullopt, static_cast<int>(resources.size()), past, search);
  std::vector<bool> is_kept(resources.size(), false);
  for (int i = 0; i < rows.size(); ++i) is_kept[static_cast<size_t>(rows[i].Int() - 1)] = true;
  std::vector<T> kept;
  for (size_t i = 0; i < resources.size(); ++i) {
    if (is_kept[i]) kept.push_back(std::move(resources[i]));
  }
  return kept;
}

}  // namespace almanac::db
