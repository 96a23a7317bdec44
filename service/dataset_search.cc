#include "db/dataset_search.h"

#include <string>
#include <utility>
#include <vector>

#include "almanac/v1/dataset_service.pb.h"
#include "db/datasets.h"
#include "db/facets.h"
#include "db/names.h"
#include "db/search_text.h"
#include "db/search_vector.h"
#include "service/dataset_service.h"
#include "service/filter.h"
#include "service/highlights.h"
#include "service/list_request.h"

// The methods of DatasetService that find datasets.
namespace almanac::service {
namespace {

using almanac::v1::Correction;
using almanac::v1::CountFacetsRequest;
using almanac::v1::CountFacetsResponse;
using almanac::v1::DatasetHit;
using almanac::v1::SearchDatasetsRequest;
using almanac::v1::SearchDatasetsResponse;

constexpr int kDefaultHits = 20;
constexpr int kMaxHits = 100;
constexpr int kDefaultFacetValues = 20;
constexpr int kMaxFacetValues = 1000;

// How many datasets must be estimated to have several words, each taken to come without regard to the others, for it to
// be as good as sure that too many have them.
constexpr int64_t kSurelyMany = 20 * kMaxFoundFirst;

// A search once checked. Its list lacks what only the database tells: what the words are.
struct Search {
  ListRequest list;
  std::vector<db::QueryTerm> terms;
};

absl::StatusOr<Search> ToSearch(const SearchDatasetsRequest& request) {
  absl::StatusOr<std::vector<db::QueryTerm>> terms = db::QueryTerms(request.query());
  if (!terms.ok()) return terms.status();
  const absl::StatusOr<int> size = CheckSize("page_size", request.page_size(), kDefaultHits, kMaxHits);
  if (!size.ok()) return size.status();
  Search search = {.list = {.page_size = *size, .binding = PageBinding(request)}, .terms = *std::move(terms)};
  search.list.query.parent = request.parent();
  search.list.include_total_size = request.include_total_size();
  // A token with a rank is one of a ranked list, so what the first page saw decides for all.
  ListRequest ranked = search.list;
  ranked.query.is_ranked = true;
  if (ReadPosition(request.page_token(), db::kDatasetPattern, &ranked).ok()) {
    search.list = std::move(ranked);
  } else if (absl::Status valid = ReadPosition(request.page_token(), db::kDatasetPattern, &search.list); !valid.ok()) {
    return valid;
  }
  if (absl::Status valid = SetFilter(request.filter(), db::DatasetFields(), &search.list); !valid.ok()) return valid;
  return search;
}

bool IsOneWord(const std::vector<db::QueryTerm>& terms) { return terms.size() == 1 && terms[0].phrase.size() == 1; }

// Whether it is as good as sure that the search finds too many to rank them. It is never of several words: statistics
// do not tell which go together.
bool IsFrequent(db::Transaction& transaction, FrequentWords& words, const Search& search) {
  if (!IsOneWord(search.terms)) return false;
  const db::QueryTerm& term = search.terms[0];
  if (!words.Has(transaction, term, kMaxRanked)) return false;
  const db::ListQuery& query = search.list.query;
  if (db::IdsOf(query.parent)[0] == "-" && db::HoldsForAll(query.condition)) return true;
  // What several forms of a word find is estimated as if they had nothing in common.
  const bool has_forms = term.prefix || !term.phrase[0].others.empty();
  return db::EstimateList(transaction, db::DatasetSource(), query) > kMaxRanked * (has_forms ? 4 : 1);
}

// A page of hits. The first one decides whether they are ranked.
absl::StatusOr<ListPage<db::StoredDataset>> ReadHits(db::Transaction& transaction, FrequentWords& words,
                                                     Search search) {
  const auto read = [&] {
    return ReadPage<almanac::v1::Dataset, db::StoredDataset>(transaction, search.list, almanac::v1::DATASET,
                                                             db::ListDatasetsByQuery);
  };
  if (search.list.after) return read();
  db::ListQuery& query = search.list.query;
  if (!IsFrequent(transaction, words, search)) {
    query.max_found = kMaxRanked;
    absl::StatusOr<ListPage<db::StoredDataset>> ranked = read();
    if (!ranked.ok() || ranked->found.value_or(0) <= kMaxRanked) return ranked;
  }
  query.is_ranked = false;
  return read();
}

absl::StatusOr<SearchDatasetsResponse> SearchIn(db::Transaction& transaction, FrequentWords& words, Search search) {
  SearchDatasetsResponse answer;
  const auto read = [&] {
    search.list.query.search = db::ToTsQuery(search.terms);
    return ReadHits(transaction, words, search);
  };
  // A single word that finds something is right. Of several, the search for a wrong one can take long to find nothing.
  const bool is_single = IsOneWord(search.terms);
  std::vector<Correction> corrections;
  if (!is_single) corrections = db::CorrectWords(transaction, search.terms);
  absl::StatusOr<ListPage<db::StoredDataset>> page = read();
  if (is_single && page.ok() && page->resources.empty()) {
    corrections = db::CorrectWords(transaction, search.terms);
    if (!corrections.empty()) page = read();
  }
  if (!page.ok()) return page.status();
  answer.mutable_corrections()->Assign(corrections.begin(), corrections.end());
  const MatchFinder matches(search.terms);
  for (db::StoredDataset& dataset : page->resources) {
    DatasetHit& hit = *answer.add_hits();
    for (almanac::v1::TextMatch& match : matches.FindIn(dataset.Parse())) *hit.add_matches() = std::move(match);
    HandOn(std::move(dataset), DatasetHit::kDatasetFieldNumber, &hit);
  }
  answer.set_next_page_token(page->next_page_token);
  SetTotalSize(transaction, search.list, db::DatasetSource(), page->found, answer);
  if (answer.hits().empty()) {
    if (absl::Status parent = CheckParentExists(transaction, search.list.query.parent); !parent.ok()) return parent;
  }
  return answer;
}

absl::StatusOr<CountFacetsResponse> CountIn(db::Transaction& transaction, const CountFacetsRequest& request,
                                            db::ListQuery query, std::vector<db::QueryTerm> terms, int max_values) {
  if (!terms.empty()) {
    db::CorrectWords(transaction, terms);
    query.search = db::ToTsQuery(terms);
  }
  const CountFacetsResponse answer = db::CountFacets(transaction, query, request.language(), max_values);
  if (answer.total_size() > 0) return answer;
  if (absl::Status parent = CheckParentExists(transaction, request.parent()); !parent.ok()) return parent;
  return answer;
}

// Whether `found`, what is searched for by `terms`, is as good as sure to be too much to be read first.
bool IsMany(db::Transaction& transaction, FrequentWords& words, const db::ListQuery& found,
            const std::vector<db::QueryTerm>& terms) {
  if (IsOneWord(terms)) return words.Has(transaction, terms[0], kMaxFoundFirst);
  return db::EstimateList(transaction, db::DatasetSource(), found) > kSurelyMany;
}

}  // namespace

absl::StatusOr<db::ListPart<db::StoredDataset>> DatasetService::ListByQuery(
    db::Transaction& transaction, db::ListQuery query, const std::optional<db::ListPosition>& after, int limit,
    const db::AsOfRevision<almanac::v1::Dataset>* as_of) {
  const std::vector<db::QueryTerm> terms = db::MoveSearches(&query);
  const db::ListQuery found = {.parent = query.parent, .show_deleted = query.show_deleted, .search = query.search};
  const auto read = [&] { return db::ListDatasetsByQuery(transaction, query, after, limit, as_of); };
  if (terms.empty() || IsMany(transaction, frequent_words_, found, terms)) return read();
  query.max_found = kMaxFoundFirst;
  absl::StatusOr<db::ListPart<db::StoredDataset>> part = read();
  if (!part.ok()) return part;
  // A page without rows does not tell.
  if (!part->found) part->found = db::CountList(transaction, db::DatasetSource(), found, kMaxFoundFirst + 1);
  if (*part->found <= kMaxFoundFirst) return part;
  query.max_found.reset();
  return read();
}

Reactor* DatasetService::SearchDatasets(Context* context, const SearchDatasetsRequest* request,
                                        SearchDatasetsResponse* response) {
  absl::Status valid = db::CheckName("parent", db::kPublisherPattern, request->parent(), db::Wildcard::kAllowed);
  const absl::StatusOr<Search> search = ToSearch(*request);
  if (valid.ok()) valid = search.status();
  return Read(
      database_, context, *request, response, valid,
      [this, search](db::Transaction& transaction) { return SearchIn(transaction, frequent_words_, *search); },
      db::Lane::kSearches);
}

Reactor* DatasetService::CountFacets(Context* context, const CountFacetsRequest* request,
                                     CountFacetsResponse* response) {
  absl::Status valid = db::CheckName("parent", db::kPublisherPattern, request->parent(), db::Wildcard::kAllowed);
  db::ListQuery query = {.parent = request->parent()};
  const absl::StatusOr<db::Condition> condition = CheckFilter(request->filter(), db::DatasetFields(), absl::Now());
  if (valid.ok()) valid = condition.status();
  if (condition.ok()) query.condition = *condition;
  absl::StatusOr<std::vector<db::QueryTerm>> terms = std::vector<db::QueryTerm>();
  if (!request->query().empty()) terms = db::QueryTerms(request->query());
  if (valid.ok()) valid = terms.status();
  const absl::StatusOr<int> max_values =
      CheckSize("max_values", request->max_values(), kDefaultFacetValues, kMaxFacetValues);
  if (valid.ok()) valid = max_values.status();
  return Read(
      database_, context, *request, response, valid,
      [request, query, terms, max_values](db::Transaction& transaction) {
        return CountIn(transaction, *request, query, *terms, *max_values);
      },
      db::Lane::kSearches);
}

}  // namespace almanac::service
