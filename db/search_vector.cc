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

std::string PlaceText(const QueryTerm::Place& place, bool prefix) {
  std::string text = absl::StrCat(Quoted(place.text), prefix ? ":*" : "");
  if (!place.stem.empty()) text = absl::StrCat("(", text, " | ", Quoted(place.stem), ")");
  return text;
}

std::string PhraseText(const QueryTerm& term) {
  std::string text;
  for (size_t i = 0; i < term.phrase.size(); ++i) {
    const bool last = i + 1 == term.phrase.size();
    absl::StrAppend(&text, i > 0 ? " <-> " : "", PlaceText(term.phrase[i], term.prefix && last));
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

std::string ToTsQuery(const std::vector<QueryTerm>& terms) {
  return absl::StrJoin(terms, " & ", [](std::string* text, const QueryTerm& term) {
    absl::StrAppend(text, term.phrase.size() > 1 ? "(" : "", PhraseText(term), term.phrase.size() > 1 ? ")" : "");
  });
}

}  // namespace almanac::db
