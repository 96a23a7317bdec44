#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "db/search_text.h"

// The text forms of PostgreSQL's tsvector and tsquery, to be given as parameters with these casts.
namespace almanac::db {

// PostgreSQL's limits of a tsvector.
inline constexpr int kMaxPosition = 16383;
inline constexpr size_t kMaxLexemePositions = 255;
// Of 1 MB that lexemes and positions may take.
inline constexpr size_t kMaxVectorBytes = 1'000'000;

// The positions between two fields: no phrase goes from one to the next, and what is found in both is not taken as
// near.
inline constexpr int kFieldGap = 10;

struct SearchField {
  std::string_view text;
  // One of PostgreSQL's weights, 'A' to 'D'.
  char weight;
};

// The tsvector by which a resource with these fields is found. Give the fields that matter most first: what lies beyond
// the last position or the last byte that a tsvector can hold is not found. Of a lexeme that occurs more often than
// PostgreSQL keeps, later places are not found in a phrase.
std::string ToTsVector(const std::vector<SearchField>& fields);

// The tsquery that matches the tsvectors of what has all `terms`; empty for none. With `weights`, in fields of one of
// these weights.
std::string ToTsQuery(const std::vector<QueryTerm>& terms, std::string_view weights = "");

}  // namespace almanac::db
