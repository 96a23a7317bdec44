#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "db/search_text.h"

namespace almanac::db {

inline std::vector<QueryTerm> QueryOrFail(std::string_view query) {
  absl::StatusOr<std::vector<QueryTerm>> terms = QueryTerms(query);
  EXPECT_TRUE(terms.ok()) << query << ": " << terms.status();
  return terms.ok() ? *terms : std::vector<QueryTerm>();
}

// What PostgreSQL does with a tsvector and a tsquery.
inline bool HasAt(const std::vector<Term>& terms, int position, const QueryTerm::Place& place, bool prefix) {
  return std::any_of(terms.begin(), terms.end(), [&](const Term& term) {
    return term.position == position &&
           (term.text == place.text ||
            std::find(place.others.begin(), place.others.end(), term.text) != place.others.end() ||
            (prefix && term.text.starts_with(place.text)));
  });
}

inline bool Has(const std::vector<Term>& terms, const QueryTerm& wanted) {
  const int places = static_cast<int>(wanted.phrase.size());
  return std::any_of(terms.begin(), terms.end(), [&](const Term& term) {
    for (int i = 0; i < places; ++i) {
      if (!HasAt(terms, term.position + i, wanted.phrase[static_cast<size_t>(i)], wanted.prefix && i + 1 == places)) {
        return false;
      }
    }
    return true;
  });
}

inline bool Finds(std::string_view query, std::string_view text) {
  const std::vector<QueryTerm> wanted = QueryOrFail(query);
  const std::vector<Term> terms = Terms(text);
  return !wanted.empty() &&
         std::all_of(wanted.begin(), wanted.end(), [&](const QueryTerm& term) { return Has(terms, term); });
}

}  // namespace almanac::db
