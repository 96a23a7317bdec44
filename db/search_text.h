#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// How texts are searched: what a text is found by, and what a query asks for.
//
// A text is folded (text_fold.h). Of letters and digits it has words; punctuation parts them, as in swd-2022, which is
// two. Of ideographs, which are Han, kana, Hangul and Bopomofo, it has each one and each two that follow one another:
// their words are not told apart. White space, such as a PDF's line breaks, does not part ideographs; punctuation does.
namespace almanac::db {

inline constexpr size_t kMaxQueryCharacters = 200;
inline constexpr size_t kMaxQueryTerms = 16;

// What PostgreSQL takes as a lexeme. A longer word is cut, in texts as in queries.
inline constexpr size_t kMaxLexemeBytes = 2046;

// The words, stems and ideographs that the text is found by are all lexemes of one kind. A word's English stem, where
// it differs from the word, lies at the word's position: `updates` has `updates` and `updat`. A query for a word asks
// for the word or its stem, so every inflection finds every other one; and because a stem that is a word (`fire` of
// `fires`) is that same lexeme, words that are their own stem need no second one.
struct Term {
  std::string text;
  // From 0, not descending. Each word and each ideograph takes one; two ideographs are at the first one's.
  int position;
  // Its bytes in the text as given.
  size_t begin;
  size_t end;
};

std::vector<Term> Terms(std::string_view text);
// Those that begin with one of `beginnings`, which are folded.
std::vector<Term> TermsWith(const std::vector<char32_t>& beginnings, std::string_view text);

// What a query asks for: a text has it if it has what each place of the phrase asks for, at consecutive positions.
struct QueryTerm {
  // Asks for `text` or one of `others`: its stem, or words that it may be a wrong spelling of.
  struct Place {
    std::string text;
    std::vector<std::string> others = {};
  };
  // A word is one place, and several that one hyphen, full stop, underscore or apostrophe joins are a phrase. A run of
  // ideographs is one place for each two, which together are found exactly where the run is, or one for a single one.
  std::vector<Place> phrase;
  // Whether the last place also asks for words that begin with its text: the query ends within this word.
  bool prefix = false;
};

// The English stem of a folded word if it is another word, else nothing.
std::string StemOf(const std::string& word);

// The terms of a query, all of which a text must have. White space does part the ideographs of a query.
// INVALID_ARGUMENT about `query` if it is too long or has no terms.
absl::StatusOr<std::vector<QueryTerm>> QueryTerms(std::string_view query);

}  // namespace almanac::db
