#include "service/highlights.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "db/dataset_search.h"
#include "db/text_fold.h"

namespace almanac::service {
namespace {

using almanac::v1::Dataset;
using almanac::v1::TextMatch;
using db::QueryTerm;
using db::Term;

struct Range {
  size_t begin;
  size_t end;
};

bool IsAskedFor(const Term& term, const QueryTerm::Place& place, bool is_beginning) {
  return term.text == place.text || (is_beginning && term.text.starts_with(place.text)) ||
         std::find(place.others.begin(), place.others.end(), term.text) != place.others.end();
}

// What of `terms`, which are in the order of their positions, is asked for at one of these; null if nothing is.
const Term* FindAt(const std::vector<Term>& terms, int position, const QueryTerm::Place& place, bool is_beginning) {
  auto term = std::lower_bound(terms.begin(), terms.end(), position,
                               [](const Term& before, int wanted) { return before.position < wanted; });
  while (term != terms.end() && term->position == position && !IsAskedFor(*term, place, is_beginning)) ++term;
  return term == terms.end() || term->position != position ? nullptr : &*term;
}

// Adds where a text of `terms` has what is wanted.
void AddPlaces(const std::vector<Term>& terms, const QueryTerm& wanted, std::vector<Range>* ranges) {
  const size_t size = wanted.phrase.size();
  for (const Term& term : terms) {
    if (!IsAskedFor(term, wanted.phrase[0], wanted.prefix && size == 1)) continue;
    std::vector<Range> places = {{term.begin, term.end}};
    for (size_t i = 1; i < size; ++i) {
      const Term* next =
          FindAt(terms, term.position + static_cast<int>(i), wanted.phrase[i], wanted.prefix && i + 1 == size);
      if (next == nullptr) break;
      places.push_back({next->begin, next->end});
    }
    if (places.size() == size) ranges->insert(ranges->end(), places.begin(), places.end());
  }
}

std::vector<char32_t> Beginnings(const std::vector<QueryTerm>& terms) {
  std::vector<char32_t> beginnings;
  const auto add = [&](std::string_view text) { beginnings.push_back(db::FoldCharacters(text).front().code); };
  for (const QueryTerm& term : terms) {
    for (const QueryTerm::Place& place : term.phrase) {
      add(place.text);
      for (const std::string& other : place.others) add(other);
    }
  }
  std::sort(beginnings.begin(), beginnings.end());
  beginnings.erase(std::unique(beginnings.begin(), beginnings.end()), beginnings.end());
  return beginnings;
}

// In order, and those that touch each other as one.
std::vector<Range> Merge(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::vector<Range> merged;
  for (const Range& range : ranges) {
    if (!merged.empty() && range.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, range.end);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// `at` moved back, or on, by at most `characters`.
size_t Back(std::string_view text, size_t at, int characters) {
  for (; at > 0 && characters > 0; --characters) {
    do --at;
    while (at > 0 && IsContinuation(text[at]));
  }
  return at;
}
size_t On(std::string_view text, size_t at, int characters) {
  for (; at < text.size() && characters > 0; --characters) {
    do ++at;
    while (at < text.size() && IsContinuation(text[at]));
  }
  return at;
}

// The part of a text that is shown: all of a short one; of a long one that where most was found, with some before it.
Range Window(std::string_view text, const std::vector<Range>& found) {
  if (On(text, 0, kMaxMatchCharacters) == text.size()) return {0, text.size()};
  Range best = {0, 0};
  ptrdiff_t most = 0;
  for (auto first = found.begin(); first != found.end(); ++first) {
    const size_t begin = Back(text, first->begin, kMaxMatchCharacters / 4);
    const size_t end = On(text, begin, kMaxMatchCharacters);
    const auto last = std::find_if(first, found.end(), [&](const Range& range) { return range.end > end; });
    if (last - first > most) best = {begin, end}, most = last - first;
  }
  return most > 0 ? best : Range{found.front().begin, On(text, found.front().begin, kMaxMatchCharacters)};
}

void AddPiece(std::string_view text, size_t begin, size_t end, bool is_match, TextMatch* match) {
  if (begin >= end) return;
  almanac::v1::TextPiece& piece = *match->add_pieces();
  piece.set_text(std::string(text.substr(begin, end - begin)));
  piece.set_is_match(is_match);
}

TextMatch ToMatch(std::string field, std::string_view text, const std::vector<Range>& found) {
  TextMatch match;
  match.set_field(std::move(field));
  const Range window = Window(text, found);
  size_t at = window.begin;
  for (const Range& range : found) {
    if (range.begin >= window.end || range.end <= window.begin) continue;
    const size_t begin = std::max(range.begin, at);
    const size_t end = std::min(range.end, window.end);
    AddPiece(text, at, begin, false, &match);
    AddPiece(text, begin, end, true, &match);
    at = std::max(at, end);
  }
  AddPiece(text, at, window.end, false, &match);
  return match;
}

}  // namespace

MatchFinder::MatchFinder(std::vector<QueryTerm> terms) : terms_(std::move(terms)), beginnings_(Beginnings(terms_)) {}

std::vector<TextMatch> MatchFinder::FindIn(const Dataset& dataset) const {
  std::vector<TextMatch> matches;
  for (const auto& [field, text, weight] : db::SearchedTexts(dataset)) {
    if (matches.size() == static_cast<size_t>(kMaxMatches)) break;
    const std::vector<Term> terms = db::TermsWith(beginnings_, text);
    std::vector<Range> found;
    for (const QueryTerm& wanted : terms_) AddPlaces(terms, wanted, &found);
    if (!found.empty()) matches.push_back(ToMatch(field, text, Merge(std::move(found))));
  }
  return matches;
}

}  // namespace almanac::service
