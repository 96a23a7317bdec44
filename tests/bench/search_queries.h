#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/dataset_service.grpc.pb.h"

// Questions to the large catalogue, as a client asks them and as one would write them in SQL by hand.
namespace almanac::bench {

struct SearchQuery {
  std::string what = {};
  // A list is asked for if it is empty, else a search.
  std::string query = {};
  std::string parent = "publishers/-";
  std::string filter = {};
  std::string order_by = {};
  // Where the rows of a list are read from in SQL, and what parent and filter are there; empty for all.
  std::string from = "datasets d";
  std::string where = {};
  // What order_by is in SQL; empty for by name.
  std::string order = {};

  int page_size() const { return query.empty() ? 50 : 20; }
};

// `publisher` is the id of the largest one; "days ago" are counted from the day of the database's clock, `today`.
std::vector<SearchQuery> FilterQueries(const std::string& publisher, const std::string& today);
std::vector<SearchQuery> TextQueries(const std::string& publisher);

// A page as the API answers it.
struct Answer {
  std::vector<std::string> names;
  // What words of the query were taken for.
  std::map<std::string, std::vector<std::string>> replacements;
  double milliseconds = 0;
  // The message.
  std::string bytes;
};

// The first page, read strongly.
absl::StatusOr<Answer> Ask(almanac::v1::DatasetService::Stub& datasets, const SearchQuery& query);

// The statement for the same page. What is found by words is ordered by rank if `is_ranked`, else by name.
std::string HandWritten(const SearchQuery& query, const Answer& answer, bool is_ranked);
// How many datasets there are on all pages.
std::string HandCounted(const SearchQuery& query, const Answer& answer);

}  // namespace almanac::bench
