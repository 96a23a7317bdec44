#include "tests/bench/search_queries.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/search_text.h"
#include "db/search_vector.h"
#include "tests/bench/load.h"
#include "tests/bench/workloads.h"

namespace almanac::bench {
namespace {

using almanac::v1::DatasetService;

// Those of the table that a dataset is made of.
constexpr char kColumns[] =
    "d.publisher_id, d.dataset_id, d.titles, d.categories, d.remarks, d.former_titles, d.frequency, d.frequency_texts,"
    " d.formats, d.landing_page, d.release_date, d.discontinued, d.last_update_date, d.last_update_time,"
    " d.update_count, d.create_time, d.update_time, d.delete_time, d.revision, d.freshness_state,"
    " d.freshness_due_time, d.freshness_next_time, d.observed_frequency, d.observed_interval";

// What the indexes of orders have.
#define RELEASED "coalesce(first_day(d.release_date), date '0001-01-01')"
#define LAST_UPDATED "coalesce(d.last_update_time, timestamptz '0001-01-01 00:00:00+00')"
#define DUE "coalesce(d.freshness_due_time, timestamptz '10000-01-01 00:00:00+00')"

constexpr char kByName[] = "d.publisher_id, d.dataset_id";

// As almanacd ranks what `query` finds.
constexpr char kRank[] = "(1000000 * ts_rank_cd('{0.1, 0.3, 0.5, 1}', s.vector, q.query, 1))::bigint";

// A query of one word, of which no longer word is meant.
std::string WordQuery(const std::string& word) {
  const auto terms = db::QueryTerms(word + " ");
  return terms.ok() ? db::ToTsQuery(*terms) : "";
}

// What is searched for, as a literal; no lexeme here has a dollar sign.
std::string TsQuery(const SearchQuery& query, const Answer& answer) {
  const auto terms = db::QueryTerms(query.query);
  if (!terms.ok()) return "null::tsquery";
  std::vector<std::string> parts;
  for (const db::QueryTerm& term : *terms) {
    const auto replaced = answer.replacements.find(term.phrase.front().text);
    if (replaced == answer.replacements.end()) {
      parts.push_back(db::ToTsQuery({term}));
      continue;
    }
    std::vector<std::string> words;
    for (const std::string& word : replaced->second) words.push_back(WordQuery(word));
    parts.push_back(absl::StrCat("(", absl::StrJoin(words, " | "), ")"));
  }
  return absl::StrCat("$q$", absl::StrJoin(parts, " & "), "$q$::tsquery");
}

std::string Where(const SearchQuery& query) {
  return absl::StrCat(query.where, query.where.empty() ? "" : " and ", "d.delete_time is null");
}

// What is read, from `from` on.
std::string From(const SearchQuery& query, const Answer& answer) {
  if (query.query.empty()) return absl::StrCat(" from ", query.from, " where ", Where(query));
  return absl::StrCat(" from (select ", TsQuery(query, answer),
                      " as query) q join dataset_search s on s.vector @@ q.query join datasets d"
                      " on d.publisher_id = s.publisher_id and d.dataset_id = s.dataset_id where ",
                      Where(query));
}

template <typename Response, typename Request>
absl::Status CallTimed(DatasetService::Stub& datasets,
                       grpc::Status (DatasetService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                       const Request& request, Response* response, Answer* answer) {
  grpc::ClientContext context;
  context.AddMetadata("x-almanac-actor", "bench");
  const double begin = Now();
  const grpc::Status status = (datasets.*method)(&context, request, response);
  answer->milliseconds = (Now() - begin) * 1000;
  return FromGrpc(status);
}

}  // namespace

std::vector<SearchQuery> FilterQueries(const std::string& publisher, const std::string& today) {
  return {
      {.what = "five conditions",
       .filter = absl::StrCat("publisher = \"publishers/", publisher,
                              "\" AND frequency = MONTHLY AND release_date >= \"2020-06\" AND formats:CSV AND NOT "
                              "discontinued"),
       .where = absl::StrCat("d.publisher_id = '", publisher,
                             "' and d.frequency = 'MONTHLY' and " RELEASED " >= '2020-06-01'"
                             " and d.formats @> '\"CSV\"' and not d.discontinued")},
      {.what = "a rare format", .filter = "formats:GEOJSON", .where = "d.formats @> '\"GEOJSON\"'"},
      {.what = "overdue", .filter = "freshness.state = OVERDUE", .where = "d.freshness_state = 'OVERDUE'"},
      {.what = "the latest releases",
       .filter = "release_date <= 2026",
       .order_by = "release_date desc",
       .where = RELEASED " <= '2026-12-31' and d.release_date is not null",
       .order = RELEASED " desc, d.publisher_id desc, d.dataset_id desc"},
      {.what = "not updated for a year",
       .filter = "last_update_time < days_ago(365)",
       .where = absl::StrCat(LAST_UPDATED " < timestamptz '", today,
                             " 00:00:00+00' - interval '365 days' and d.last_update_time is not null")},
      {.what = "a part of the title", .filter = "titles:寄養", .where = "d.titles::text like '%寄養%'"},
      {.what = "a rare part of the title",
       .filter = "titles:黄金",
       .from = "(with found as materialized (select publisher_id, dataset_id from dataset_search"
               "  where vector @@ $$'黄金':A$$::tsquery)"
               " select * from found order by publisher_id, dataset_id) f"
               " join datasets d on d.publisher_id = f.publisher_id and d.dataset_id = f.dataset_id"},
      {.what = "discontinued of a category",
       .filter = "categories.en = \"Public Safety\" AND discontinued",
       .where = "d.categories ->> 'en' = 'Public Safety' and d.discontinued"},
      {.what = "what is due next",
       .filter = "frequency = DAILY AND freshness.state = DELINQUENT",
       .order_by = "freshness.due_time",
       .where = "d.frequency = 'DAILY' and d.freshness_state = 'DELINQUENT'",
       .order = DUE ", d.publisher_id, d.dataset_id"},
      {.what = "changed lately",
       .filter = "update_time > \"2026-07-01T00:00:01Z\"",
       .order_by = "update_time desc",
       .where = "d.update_time > timestamptz '2026-07-01 00:00:01+00'",
       .order = "d.update_time desc, d.publisher_id desc, d.dataset_id desc"},
      {.what = "either format, of a year",
       .filter = "(formats:XML OR formats:JSON) AND release_date = 2024 AND remarks:*",
       .where =
           "(d.formats @> '\"XML\"' or d.formats @> '\"JSON\"') and " RELEASED " between '2024-01-01' and '2024-12-31'"
           " and d.remarks <> '{}'"},
  };
}

std::vector<SearchQuery> TextQueries(const std::string& publisher) {
  return {
      {.what = "one character", .query = "凤"},
      {.what = "two characters", .query = "寄养"},
      {.what = "four characters", .query = "寄养服务"},
      {.what = "the same in Traditional", .query = "寄養服務"},
      {.what = "two English words", .query = "foster care"},
      {.what = "the beginning of a word", .query = "ambul"},
      {.what = "a typing error", .query = "fostr care"},
      {.what = "with a filter",
       .query = "消防局",
       .filter = "formats:XML AND frequency = MONTHLY",
       .where = "d.formats @> '\"XML\"' and d.frequency = 'MONTHLY'"},
      {.what = "of a publisher",
       .query = "child care",
       .parent = "publishers/" + publisher,
       .where = absl::StrCat("s.publisher_id = '", publisher, "'")},
      {.what = "a very frequent word", .query = "list"},
  };
}

absl::StatusOr<Answer> Ask(DatasetService::Stub& datasets, const SearchQuery& query) {
  Answer answer;
  if (query.query.empty()) {
    almanac::v1::ListDatasetsRequest request;
    request.set_parent(query.parent);
    request.set_filter(query.filter);
    request.set_order_by(query.order_by);
    request.set_page_size(query.page_size());
    request.mutable_consistency()->set_strong(true);
    almanac::v1::ListDatasetsResponse page;
    const absl::Status status = CallTimed(datasets, &DatasetService::Stub::ListDatasets, request, &page, &answer);
    if (!status.ok()) return status;
    for (const auto& dataset : page.datasets()) answer.names.push_back(dataset.name());
    answer.bytes = page.SerializeAsString();
    return answer;
  }
  almanac::v1::SearchDatasetsRequest request;
  request.set_parent(query.parent);
  request.set_query(query.query);
  request.set_filter(query.filter);
  request.set_page_size(query.page_size());
  request.mutable_consistency()->set_strong(true);
  almanac::v1::SearchDatasetsResponse page;
  const absl::Status status = CallTimed(datasets, &DatasetService::Stub::SearchDatasets, request, &page, &answer);
  if (!status.ok()) return status;
  for (const auto& hit : page.hits()) answer.names.push_back(hit.dataset().name());
  for (const auto& correction : page.corrections()) {
    answer.replacements[correction.word()] = {correction.replacements().begin(), correction.replacements().end()};
  }
  answer.bytes = page.SerializeAsString();
  return answer;
}

std::string HandWritten(const SearchQuery& query, const Answer& answer, bool is_ranked) {
  const std::string end = absl::StrCat(" limit ", query.page_size());
  if (query.query.empty() || !is_ranked) {
    return absl::StrCat("select ", kColumns, From(query, answer), " order by ",
                        query.order.empty() ? kByName : query.order, end);
  }
  // Of what is not among the best, the datasets are not read.
  return absl::StrCat("select ", kColumns, " from (select s.publisher_id, s.dataset_id, ", kRank,
                      " as rank from dataset_search s, (select ", TsQuery(query, answer),
                      " as query) q where s.vector @@ q.query order by rank desc, s.publisher_id, s.dataset_id) s"
                      " cross join lateral (select * from datasets d where d.publisher_id = s.publisher_id"
                      " and d.dataset_id = s.dataset_id and ",
                      Where(query), ") d order by s.rank desc, s.publisher_id, s.dataset_id", end);
}

std::string HandCounted(const SearchQuery& query, const Answer& answer) {
  return absl::StrCat("select count(*)", From(query, answer));
}

#undef RELEASED
#undef LAST_UPDATED
#undef DUE

}  // namespace almanac::bench
