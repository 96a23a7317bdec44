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

// How well a search found a row, in millionths; see RankSql.
constexpr Field kRank{.name = "rank", .type = Type::kNumber, .sql = "rank", .order_sql = "rank"};

constexpr absl::CivilDay kFirstDay(1, 1, 1), kLastDay(10000, 1, 1);

std::vector<OrderTerm> OrderOf(const ListQuery& query) {
  std::vector<OrderTerm> order;
  if (query.is_ranked) order.push_back({.field = &kRank, .is_descending = true});
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

const char* Direction(bool is_descending) { return is_descending ? " desc" : ""; }

std::string OrderSql(const ListSource& source, const ListQuery& query) {
  std::vector<std::string> terms;
  for (const OrderTerm& term : OrderOf(query)) {
    terms.push_back(absl::StrCat(term.field->order_sql, Direction(term.is_descending)));
  }
  for (const char* id : source.ids) terms.push_back(absl::StrCat("t.", id, Direction(query.is_name_descending)));
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

// How well a row of dataset_search is found: by how many of the words are in it and near each other, in titles more
// than elsewhere, and in short texts more than in long ones.
std::string RankSql(const std::string& tsquery) {
  return absl::StrCat("(1000000 * ts_rank_cd('{0.1, 0.3, 0.5, 1}', s.vector, ", tsquery, ", 1))::bigint");
}

// The conditions of the list on `t`, a row of the table.
std::string ConditionSql(const ListSource& source, const ListQuery& query, const Tables& tables,
                         std::vector<Param>* params) {
  std::string sql = ToSql(query.condition, tables.search, params);
  if (!query.show_deleted) absl::StrAppend(&sql, " and delete_time is null");
  const std::vector<std::string> ids = query.parent.empty() ? std::vector<std::string>() : IdsOf(query.parent);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] != "-") absl::StrAppend(&sql, " and t.", source.ids[i], " = ", Bind(ids[i], "text", params));
  }
  return sql;
}

// What is searched by.
std::string BindSearch(const ListQuery& query, std::vector<Param>* params) {
  return query.search.empty() ? "" : Bind(query.search, "tsquery", params);
}

// FROM and WHERE of the list, whatever its order. `s` is the row of dataset_search of what is searched by `tsquery`.
std::string FromSql(const ListSource& source, const ListQuery& query, const Tables& tables, const std::string& tsquery,
                    std::vector<Param>* params) {
  std::string sql = " from ";
  if (!query.search.empty()) {
    absl::StrAppend(&sql, "(select publisher_id as p, dataset_id as d, vector from ", tables.search, ") s join ");
  }
  absl::StrAppend(&sql, tables.rows, " t", tables.sample);
  if (!query.search.empty()) {
    absl::StrAppend(&sql, " on t.publisher_id = s.p and t.dataset_id = s.d and s.vector @@ ", tsquery);
  }
  return absl::StrCat(sql, " where ", ConditionSql(source, query, tables, params));
}

// The same for what is searched by alone, without reading any dataset.
std::string FromWordsSql(const ListQuery& query, const Tables& tables, const std::string& tsquery,
                         std::vector<Param>* params) {
  std::string sql = absl::StrCat(" from (select publisher_id as p, dataset_id as d, vector, is_deleted from ",
                                 tables.search, ") s where s.vector @@ ", tsquery);
  if (!query.show_deleted) absl::StrAppend(&sql, " and not s.is_deleted");
  const std::string publisher = IdsOf(query.parent)[0];
  if (publisher != "-") absl::StrAppend(&sql, " and s.p = ", Bind(publisher, "text", params));
  return sql;
}

// FROM and WHERE for what reads no more of a dataset than its ids.
std::string FromIdsSql(const ListSource& source, const ListQuery& query, const Tables& tables,
                       const std::string& tsquery, std::vector<Param>* params) {
  const bool is_words_only = !query.search.empty() && HoldsForAll(query.condition);
  return is_words_only ? FromWordsSql(query, tables, tsquery, params) : FromSql(source, query, tables, tsquery, params);
}

// The parts of a SELECT of rows of the list.
struct Selection {
  std::string with;
  // How many were found, in the select list.
  std::string found;
  std::string from;
};

// What is found first has its order, ranks or names, before the datasets are read, of which a page needs few.
Selection Select(const ListSource& source, const ListQuery& query, const Tables& tables, std::vector<Param>* params) {
  const std::string tsquery = BindSearch(query, params);
  if (!IsFoundFirst(query)) return {"", "0", FromSql(source, query, tables, tsquery, params)};
  std::string found = query.is_ranked ? absl::StrCat("select s.p, s.d, ", RankSql(tsquery), " as rank",
                                                     FromIdsSql(source, query, tables, tsquery, params))
                                      : absl::StrCat("select s.p, s.d", FromWordsSql(query, tables, tsquery, params));
  if (query.max_found) absl::StrAppend(&found, " limit ", Bind(*query.max_found + 1, "bigint", params));
  const char* const direction = Direction(query.is_name_descending);
  return {
      absl::StrCat("with found as materialized (", found, ") "), "(select count(*) from found)",
      absl::StrCat(" from (select * from found order by ", query.is_ranked ? "rank desc, " : "", "p", direction, ", d",
                   direction, ") f join ", tables.rows, " t on t.publisher_id = f.p and t.dataset_id = f.d where ",
                   query.is_ranked ? "true" : ConditionSql(source, query, tables, params))};
}

// The end of a SELECT of a page.
std::string PageSql(const ListSource& source, const ListQuery& query, const std::optional<ListPosition>& after,
                    int limit, std::vector<Param>* params) {
  std::string sql = after ? absl::StrCat(" and ", AfterSql(source, query, *after, params)) : "";
  return absl::StrCat(sql, OrderSql(source, query), " limit ", Bind(limit, "bigint", params));
}

}  // namespace

std::vector<QueryTerm> MoveSearches(ListQuery* query) {
  std::vector<QueryTerm> moved;
  for (const Condition& comparison : TakeSearches(&query->condition)) {
    absl::StrAppend(&query->search, query->search.empty() ? "" : " & ", "(", SearchOf(comparison), ")");
    moved.insert(moved.end(), comparison.terms.begin(), comparison.terms.end());
  }
  return moved;
}

bool IsFoundFirst(const ListQuery& query) { return query.is_ranked || query.max_found.has_value(); }

size_t KeyCount(const ListQuery& query) { return query.order.size() + (query.is_ranked ? 1 : 0); }

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
  const Selection selection = Select(source, query, {.rows = source.table}, &params);
  std::string sql = absl::StrCat(selection.with, "select (select revision from head where singleton), ",
                                 selection.found, ", ", KeysSql(query), source.columns, selection.from);
  if (unchanged_since) absl::StrAppend(&sql, " and t.revision <= ", Bind(*unchanged_since, "bigint", &params));
  absl::StrAppend(&sql, PageSql(source, query, after, limit, &params));
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
  if (!query.search.empty() || Searches(query.condition)) {
    tables.search = absl::StrCat("unnest(", Bind(Param::Rows(search), "dataset_search", &params), "[])");
  }
  const Selection selection = Select(source, query, tables, &params);
  return transaction.Query(absl::StrCat(selection.with, "select ", KeysSql(query), "ordinality", selection.from,
                                        PageSql(source, query, after, limit, &params)),
                           params);
}

int64_t CountList(Transaction& transaction, const ListSource& source, ListQuery query, int64_t limit) {
  MoveSearches(&query);
  std::vector<Param> params;
  std::string sql = FromIdsSql(source, query, {.rows = source.table}, BindSearch(query, &params), &params);
  // In some order, for which there is an index to go by where the condition has none; what is searched has one.
  if (query.search.empty()) absl::StrAppend(&sql, OrderSql(source, {}));
  sql = absl::StrCat("select count(*) from (select 1", sql, " limit ", Bind(limit, "bigint", &params), ") counted");
  return transaction.Query(sql, params)[0].Int();
}

int64_t EstimateList(Transaction& transaction, const ListSource& source, ListQuery query) {
  MoveSearches(&query);
  std::vector<Param> params;
  const std::string from = FromIdsSql(source, query, {.rows = source.table}, BindSearch(query, &params), &params);
  const nlohmann::json plan =
      nlohmann::json::parse(transaction.Query(absl::StrCat("explain (format json) select 1", from), params)[0].Text());
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
  return FromSql(source, query, {.rows = source.table, .sample = sample}, BindSearch(query, params), params);
}

}  // namespace almanac::db
