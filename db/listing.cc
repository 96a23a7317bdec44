#include "db/listing.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace almanac::db {
namespace {

using Type = Field::Type;

// How well a search found a row, in millionths; see SearchedRows.
constexpr Field kRank{.name = "rank", .type = Type::kNumber, .sql = "rank", .order_sql = "rank"};

constexpr absl::CivilDay kFirstDay(1, 1, 1), kLastDay(10000, 1, 1);

std::vector<OrderTerm> OrderOf(const ListQuery& query) {
  std::vector<OrderTerm> order;
  if (!query.ranked_by.empty()) order.push_back({.field = &kRank, .is_descending = true});
  order.insert(order.end(), query.order.begin(), query.order.end());
  return order;
}

// What the program reads of a field that orders.
std::string NumberSql(const Field& field) {
  switch (field.type) {
    case Type::kDate:
      return absl::StrCat("(", field.order_sql, " - date '1970-01-01')::bigint");
    case Type::kTime:
      return absl::StrCat("micros(", field.order_sql, ")");
    default:
      return field.order_sql;
  }
}

std::string Bind(Param value, absl::string_view type, std::vector<Param>* params) {
  params->push_back(std::move(value));
  return absl::StrCat("$", params->size(), "::", type);
}

// With four digits of the year, which PostgreSQL would take for one of this century if it had fewer.
std::string DateText(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

std::string BindKey(const Field& field, int64_t key, std::vector<Param>* params) {
  switch (field.type) {
    case Type::kDate:
      return Bind(DateText(absl::CivilDay(1970, 1, 1) + key), "date", params);
    case Type::kTime:
      return Bind(absl::FromUnixMicros(key), "timestamptz", params);
    default:
      return Bind(key, "bigint", params);
  }
}

// Something that rows are ordered by, and its value where the page before ended.
struct Column {
  std::string sql;
  std::string bound;
  bool is_descending;
};

// Whether a row comes behind what `columns` are bound to. The bound of the first column stands apart, for its index.
std::string Behind(const std::vector<Column>& columns) {
  const bool is_descending = columns.front().is_descending;
  const bool is_uniform = std::all_of(columns.begin(), columns.end(),
                                      [&](const Column& column) { return column.is_descending == is_descending; });
  const auto sign = [](bool descending) { return descending ? " < " : " > "; };
  if (is_uniform) {
    const auto list = [&](std::string Column::*part) {
      return absl::StrJoin(columns, ", ",
                           [&](std::string* text, const Column& column) { absl::StrAppend(text, column.*part); });
    };
    return absl::StrCat("(", list(&Column::sql), ")", sign(is_descending), "(", list(&Column::bound), ")");
  }
  std::string behind;
  for (auto column = columns.rbegin(); column != columns.rend(); ++column) {
    const std::string further = absl::StrCat(column->sql, sign(column->is_descending), column->bound);
    behind = behind.empty()
                 ? further
                 : absl::StrCat("(", further, " or (", column->sql, " = ", column->bound, " and ", behind, "))");
  }
  return absl::StrCat(columns.front().sql, is_descending ? " <= " : " >= ", columns.front().bound, " and ", behind);
}

std::string AfterSql(const ListSource& source, const ListQuery& query, const ListPosition& after,
                     std::vector<Param>* params) {
  const std::vector<OrderTerm> order = OrderOf(query);
  const std::vector<std::string> ids = IdsOf(after.name);
  std::vector<Column> columns;
  for (size_t i = 0; i < order.size(); ++i) {
    const Field& field = *order[i].field;
    columns.push_back({field.order_sql, BindKey(field, after.keys[i], params), order[i].is_descending});
  }
  for (size_t i = 0; i < source.ids.size(); ++i) {
    columns.push_back({absl::StrCat("t.", source.ids[i]), Bind(ids[i], "text", params), query.is_name_descending});
  }
  return Behind(columns);
}

std::string OrderSql(const ListSource& source, const ListQuery& query) {
  std::vector<std::string> terms;
  for (const OrderTerm& term : OrderOf(query)) {
    terms.push_back(absl::StrCat(term.field->order_sql, term.is_descending ? " desc" : ""));
  }
  for (const char* id : source.ids) terms.push_back(absl::StrCat("t.", id, query.is_name_descending ? " desc" : ""));
  return absl::StrCat(" order by ", absl::StrJoin(terms, ", "));
}

std::string KeysSql(const ListQuery& query) {
  std::string keys;
  for (const OrderTerm& term : OrderOf(query)) absl::StrAppend(&keys, NumberSql(*term.field), ", ");
  return keys;
}

// Where rows are read from.
struct Tables {
  std::string rows = "";
  std::string search = "dataset_search";
  // A TABLESAMPLE clause of `rows`, or nothing.
  std::string sample = "";
};

// The rows that a search finds, each with its rank: by how many of the words are in it and near each other, in titles
// more than elsewhere, and in short texts more than in long ones.
std::string SearchedRows(const Tables& tables, const std::string& tsquery, std::vector<Param>* params) {
  const std::string query = Bind(tsquery, "tsquery", params);
  return absl::StrCat("(select t.*, (1000000 * ts_rank_cd('{0.1, 0.3, 0.5, 1}', s.vector, ", query,
                      ", 1))::bigint as rank from (select publisher_id as p, dataset_id as d, vector from ",
                      tables.search, " s where vector @@ ", query, ") s join ", tables.rows, " t", tables.sample,
                      " on t.publisher_id = s.p and t.dataset_id = s.d) t");
}

// FROM and WHERE of the list.
std::string ListSql(const ListSource& source, const ListQuery& query, const Tables& tables,
                    std::vector<Param>* params) {
  std::string sql = absl::StrCat(" from ",
                                 query.ranked_by.empty() ? absl::StrCat(tables.rows, " t", tables.sample)
                                                         : SearchedRows(tables, query.ranked_by, params),
                                 " where ", ToSql(query.condition, tables.search, params));
  if (!query.show_deleted) absl::StrAppend(&sql, " and delete_time is null");
  const std::vector<std::string> ids = query.parent.empty() ? std::vector<std::string>() : IdsOf(query.parent);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] != "-") absl::StrAppend(&sql, " and t.", source.ids[i], " = ", Bind(ids[i], "text", params));
  }
  return sql;
}

}  // namespace

bool AreKeysOf(const ListQuery& query, const std::vector<int64_t>& keys) {
  const std::vector<OrderTerm> order = OrderOf(query);
  if (keys.size() != order.size()) return false;
  for (size_t i = 0; i < keys.size(); ++i) {
    const Type type = order[i].field->type;
    const absl::CivilDay epoch(1970, 1, 1);
    const absl::TimeZone utc = absl::UTCTimeZone();
    if (type == Type::kDate && (keys[i] < kFirstDay - epoch || keys[i] > kLastDay - epoch)) return false;
    if (type == Type::kTime && (keys[i] < absl::ToUnixMicros(absl::FromCivil(kFirstDay, utc)) ||
                                keys[i] > absl::ToUnixMicros(absl::FromCivil(kLastDay, utc)))) {
      return false;
    }
  }
  return true;
}

Rows SelectList(Transaction& transaction, const ListSource& source, const ListQuery& query,
                const std::optional<ListPosition>& after, int limit, std::optional<int64_t> unchanged_since) {
  std::vector<Param> params;
  std::string sql =
      absl::StrCat("select ", KeysSql(query), source.columns, ListSql(source, query, {.rows = source.table}, &params));
  if (unchanged_since) absl::StrAppend(&sql, " and revision <= ", Bind(*unchanged_since, "bigint", &params));
  if (after) absl::StrAppend(&sql, " and ", AfterSql(source, query, *after, &params));
  absl::StrAppend(&sql, OrderSql(source, query), " limit ", Bind(limit, "bigint", &params));
  return transaction.Query(sql, params);
}

Rows SelectPast(Transaction& transaction, const ListSource& source, const ListQuery& query,
                const std::optional<ListPosition>& after, int limit, const std::vector<std::vector<Param>>& past,
                const std::vector<std::vector<Param>>& search) {
  std::vector<Param> params;
  Tables tables;
  tables.rows = absl::StrCat("(select * from unnest(", Bind(Param::Rows(past), source.table, &params),
                             "[]) with ordinality as r)");
  // PostgreSQL refuses a parameter that nothing uses.
  if (!query.ranked_by.empty() || Searches(query.condition)) {
    tables.search = absl::StrCat("unnest(", Bind(Param::Rows(search), "dataset_search", &params), "[])");
  }
  std::string sql = absl::StrCat("select ", KeysSql(query), "ordinality", ListSql(source, query, tables, &params));
  if (after) absl::StrAppend(&sql, " and ", AfterSql(source, query, *after, &params));
  absl::StrAppend(&sql, OrderSql(source, query), " limit ", Bind(limit, "bigint", &params));
  return transaction.Query(sql, params);
}

int64_t CountList(Transaction& transaction, const ListSource& source, const ListQuery& query, int64_t limit) {
  std::vector<Param> params;
  std::string sql = ListSql(source, query, {.rows = source.table}, &params);
  // In some order, for which there is an index to go by where the condition has none.
  sql = absl::StrCat("select count(*) from (select 1", sql, OrderSql(source, {}), " limit ",
                     Bind(limit, "bigint", &params), ") counted");
  return transaction.Query(sql, params)[0].Int();
}

int64_t EstimateList(Transaction& transaction, const ListSource& source, const ListQuery& query) {
  std::vector<Param> params;
  const std::string sql =
      absl::StrCat("explain (format json) select 1", ListSql(source, query, {.rows = source.table}, &params));
  const nlohmann::json plan = nlohmann::json::parse(transaction.Query(sql, params)[0].Text());
  return plan[0]["Plan"]["Plan Rows"].get<int64_t>();
}

bool IsBefore(const ListQuery& query, const ListPosition& a, const ListPosition& b) {
  const std::vector<OrderTerm> order = OrderOf(query);
  for (size_t i = 0; i < order.size(); ++i) {
    if (a.keys[i] != b.keys[i]) return (a.keys[i] < b.keys[i]) != order[i].is_descending;
  }
  const std::vector<std::string> a_ids = IdsOf(a.name), b_ids = IdsOf(b.name);
  return a_ids != b_ids && (a_ids < b_ids) != query.is_name_descending;
}

std::string FromList(const ListSource& source, const ListQuery& query, const std::string& sample,
                     std::vector<Param>* params) {
  return ListSql(source, query, {.rows = source.table, .sample = sample}, params);
}

}  // namespace almanac::db
