#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/dataset_service.pb.h"
#include "db/search_text.h"
#include "db/transaction.h"

// The words by which datasets are found.
namespace almanac::db {

// A text by which a dataset is found.
struct SearchedText {
  // `titles.en`, `former_titles[0]`, or `dataset` and `publisher` for the ids in its name.
  std::string field;
  // A part of the dataset.
  std::string_view text;
  // Of its words, as PostgreSQL has it.
  char weight;

  bool operator==(const SearchedText&) const = default;
};

// In the order in which they matter: titles, weight A; the ids and former titles, B; categories, C; remarks, D.
std::vector<SearchedText> SearchedTexts(const almanac::v1::Dataset& dataset);

// The tsvector of these texts.
std::string DatasetVector(const almanac::v1::Dataset& dataset);

// The words of a dataset's texts of which others may be wrong spellings, each once.
std::vector<std::string> DatasetWords(const almanac::v1::Dataset& dataset);

// Its row of dataset_search.
std::vector<Param> ToSearchRow(const almanac::v1::Dataset& dataset);

// Keeps what is searched as `after` has it, which was `before`, or null if it is new.
void StoreSearch(WriteTransaction& transaction, const almanac::v1::Dataset* before, const almanac::v1::Dataset& after);

// Names of at most `limit` datasets that cannot be searched yet, for they were there before there was search.
std::vector<std::string> ListUnsearchable(Transaction& transaction, int limit);

// The words, stems and ideographs that more than so many datasets have, with how many have them, by PostgreSQL's
// statistics.
std::map<std::string, int64_t> ListFrequentWords(Transaction& transaction, int64_t more_than);

// Puts words from texts in the place of the words of `terms` that are in none and differ from them by one typing error,
// and says which. Words of fewer than four letters are left alone.
std::vector<almanac::v1::Correction> CorrectWords(Transaction& transaction, std::vector<QueryTerm>& terms);

}  // namespace almanac::db
