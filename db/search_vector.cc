#include "db/search_vector.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace almanac::db {
namespace {

std::string Quoted(const std::string& lexeme) {
  return absl::StrCat("'", absl::StrReplaceAll(lexeme, {{"'", "''"}, {"\\", "\\\\"}}), "'");
}

// The lexemes of a tsvector with their places, in the order of their first ones, within PostgreSQL's limits.
class Vector {
 public:
  // False if there is no room for it.
  bool Add(std::string&& lexeme, int position, char weight) {
    const auto [entry, added] = index_.try_emplace(lexeme, lexemes_.size());
    if (added) {
      // Aligned, with the count of its positions.
      bytes_ += lexeme.size() + 4;
      lexemes_.push_back({std::move(lexeme), {}, 0});
    }
    Lexeme& places = lexemes_[entry->second];
    if (places.count == kMaxLexemePositions) return true;
    bytes_ += 2;
    if (bytes_ > kMaxVectorBytes) {
      if (added) lexemes_.pop_back();
      return false;
    }
    ++places.count;
    absl::StrAppend(&places.positions, places.count == 1 ? ":" : ",", position);
    places.positions += weight;
    return true;
  }

  std::string Text() const {
    return absl::StrJoin(lexemes_, " ", [](std::string* text, const Lexeme& lexeme) {
      absl::StrAppend(text, Quoted(lexeme.text), lexeme.positions);
    });
  }

 private:
  struct Lexeme {
    std::string text;
    std::string positions;
    size_t count;
  };
  std::vector<Lexeme> lexemes_;
  absl::flat_hash_map<std::string, size_t> index_;
  size_t bytes_ = 0;
};

std::string LexemeText(const std::string& lexeme, bool prefix, std::string_view weights) {
  const bool is_marked = prefix || !weights.empty();
  return absl::StrCat(Quoted(lexeme), is_marked ? ":" : "", prefix ? "*" : "",
                      absl::string_view(weights.data(), weights.size()));
}

std::string PlaceText(const QueryTerm::Place& place, bool prefix, std::string_view weights) {
  std::string text = LexemeText(place.text, prefix, weights);
  for (const std::string& other : place.others) absl::StrAppend(&text, " | ", LexemeText(other, false, weights));
  return place.others.empty() ? text : absl::StrCat("(", text, ")");
}

std::string PhraseText(const QueryTerm& term, std::string_view weights) {
  std::string text;
  for (size_t i = 0; i < term.phrase.size(); ++i) {
    const bool last = i + 1 == term.phrase.size();
    absl::StrAppend(&text, i > 0 ? " <-> " : "", PlaceText(term.phrase[i], term.prefix && last, weights));
  }
  return text;
}

}  // namespace

std::string ToTsVector(const std::vector<SearchField>& fields) {
  Vector vector;
  int first = 1;
  for (const SearchField& field : fields) {
    int last = first;
    for (Term& term : Terms(field.text)) {
      last = first + term.position;
      if (last > kMaxPosition || !vector.Add(std::move(term.text), last, field.weight)) return vector.Text();
    }
    first = last + 1 + kFieldGap;
  }
  return vector.Text();
}

std::string ToTsQuery(const std::vector<QueryTerm>& terms, std::string_view weights) {
  return absl::StrJoin(terms, " & ", [&](std::string* text, const QueryTerm& term) {
    const bool is_phrase = term.phrase.size() > 1;
    absl::StrAppend(text, is_phrase ? "(" : "", PhraseText(term, weights), is_phrase ? ")" : "");
  });
}

}  // namespace almanac::db
