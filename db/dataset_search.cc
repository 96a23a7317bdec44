#include "db/dataset_search.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "db/names.h"
#include "db/search_vector.h"

namespace almanac::db {
namespace {

using almanac::v1::Correction;
using almanac::v1::Dataset;

constexpr size_t kMinWord = 4;
// A longer one is no word that somebody mistypes.
constexpr size_t kMaxWord = 40;
constexpr int kMaxReplacements = 10;

constexpr RowStatements kStoreVectors{
    .many = {"insert into dataset_search (publisher_id, dataset_id, vector, is_deleted)"
             " select p, d, v::tsvector, x from unnest($1::text[], $2::text[], $3::text[], $4::bool[]) as n(p, d, v, x)"
             " on conflict (publisher_id, dataset_id)"
             " do update set vector = excluded.vector, is_deleted = excluded.is_deleted"},
    .rank = 3};

constexpr RowStatements kStoreWords{
    .many = {"insert into search_words (word) select w from unnest($1::text[]) as n(w) on conflict do nothing"},
    .rank = 3};

constexpr Statement kListUnsearchable{
    "select publisher_id, dataset_id from datasets d where not exists"
    " (select from dataset_search s where s.publisher_id = d.publisher_id and s.dataset_id = d.dataset_id) limit $1"};

// The statistics have as many frequencies as words, and then some about all of them.
constexpr Statement kFindFrequent{
    "select e.word, (e.frequency * c.reltuples)::bigint"
    " from pg_stats s join pg_class c on c.oid = 'dataset_search'::regclass"
    " cross join lateral unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) as e(word, frequency)"
    " where s.schemaname = current_schema() and s.tablename = 'dataset_search' and s.attname = 'vector'"
    " and e.word is not null and e.frequency * c.reltuples > $1::bigint"};

// Those of $1 that are in texts, and one that begins with $2, which may be null. '{' sorts after every letter.
constexpr Statement kFindKnown{
    "select word from search_words where word = any($1::text[])"
    " union all (select word from search_words where word >= $2 and word < $2 || '{' limit 1)"};

// Words of about this length that begin or end as the word does.
constexpr Statement kFindSimilar{
    "select word from search_words where word >= $1 and word < $1 || '{' and length(word) between $3 and $4"
    " union select word from search_words where reverse(word) >= $2 and reverse(word) < $2 || '{'"
    " and length(word) between $3 and $4"};

bool CanBeMistyped(std::string_view word) {
  return word.size() >= kMinWord && word.size() <= kMaxWord &&
         std::all_of(word.begin(), word.end(), absl::ascii_isalpha);
}

// Whether `a` becomes `b` by one letter more, one less, another one, or two neighbours in the other order.
bool DifferByOneError(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1 || a == b) return false;
  size_t same = 0;
  while (same < a.size() && a[same] == b[same]) ++same;
  const std::string_view rest_a = a.substr(same);
  const std::string_view rest_b = b.substr(same);
  if (a.size() < b.size()) return rest_a == rest_b.substr(1);
  if (rest_a.substr(1) == rest_b.substr(1)) return true;
  return rest_a.size() > 1 && rest_a[0] == rest_b[1] && rest_a[1] == rest_b[0] && rest_a.substr(2) == rest_b.substr(2);
}

// A place of a term whose word can be mistyped.
struct TypedWord {
  QueryTerm* term;
  QueryTerm::Place* place;

  // Whether longer words that begin with it are meant too.
  bool IsBeginning() const { return term->prefix && place == &term->phrase.back(); }
};

std::vector<TypedWord> TypedWords(std::vector<QueryTerm>& terms) {
  std::vector<TypedWord> words;
  for (QueryTerm& term : terms) {
    for (QueryTerm::Place& place : term.phrase) {
      if (CanBeMistyped(place.text)) words.push_back({&term, &place});
    }
  }
  return words;
}

// Leaves those of `typed` that are in no text, nor their stems, nor, where such are meant, words that begin with them.
void EraseKnown(Transaction& transaction, std::vector<TypedWord>& typed) {
  if (typed.empty()) return;
  std::vector<std::string> asked;
  Param beginning = std::nullopt;
  for (const TypedWord& word : typed) {
    asked.push_back(word.place->text);
    asked.insert(asked.end(), word.place->others.begin(), word.place->others.end());
    if (word.IsBeginning()) beginning = word.place->text;
  }
  const std::vector<std::string> found = ReadAll(transaction.Exec(kFindKnown, {Param::Array(asked), beginning}),
                                                 [](Rows::Reader row) { return row.Text(); });
  std::erase_if(typed, [&](const TypedWord& word) {
    const std::vector<std::string>& others = word.place->others;
    return std::any_of(found.begin(), found.end(), [&](const std::string& known) {
      return known == word.place->text || std::find(others.begin(), others.end(), known) != others.end() ||
             (word.IsBeginning() && known.starts_with(word.place->text));
    });
  });
}

std::vector<std::string> FindSimilar(Transaction& transaction, const std::string& word) {
  // One error touches at most two neighbours, hence not both of these.
  const size_t beginning = (word.size() - 1) / 2;
  const size_t end = word.size() - 1 - beginning;
  const std::string reversed(word.rbegin(), word.rend());
  const auto length = static_cast<int64_t>(word.size());
  const Rows rows =
      transaction.Exec(kFindSimilar, {word.substr(0, beginning), reversed.substr(0, end), length - 1, length + 1});
  std::vector<std::string> similar;
  for (int i = 0; i < rows.size(); ++i) {
    std::string known = rows[i].Text();
    if (DifferByOneError(word, known)) similar.push_back(std::move(known));
  }
  std::sort(similar.begin(), similar.end());
  if (similar.size() > kMaxReplacements) similar.resize(kMaxReplacements);
  return similar;
}

}  // namespace

std::vector<SearchedText> SearchedTexts(const Dataset& dataset) {
  std::vector<SearchedText> texts;
  const auto add = [&](const char* field, const google::protobuf::Map<std::string, std::string>& map, char weight) {
    const std::map<std::string_view, std::string_view> sorted(map.begin(), map.end());
    for (const auto& [tag, text] : sorted) {
      texts.push_back({absl::StrCat(field, ".", absl::string_view(tag.data(), tag.size())), text, weight});
    }
  };
  add("titles", dataset.titles(), 'A');
  const std::string_view name = dataset.name();
  const size_t publisher = name.find('/') + 1;
  texts.push_back({"dataset", name.substr(name.rfind('/') + 1), 'B'});
  texts.push_back({"publisher", name.substr(publisher, name.find('/', publisher) - publisher), 'B'});
  for (int i = 0; i < dataset.former_titles_size(); ++i) {
    texts.push_back({absl::StrCat("former_titles[", i, "]"), dataset.former_titles(i).text(), 'B'});
  }
  add("categories", dataset.categories(), 'C');
  add("remarks", dataset.remarks(), 'D');
  return texts;
}

std::string DatasetVector(const Dataset& dataset) {
  const std::vector<SearchedText> texts = SearchedTexts(dataset);
  std::vector<SearchField> fields;
  for (const SearchedText& searched : texts) fields.push_back({searched.text, searched.weight});
  return ToTsVector(fields);
}

std::vector<std::string> DatasetWords(const Dataset& dataset) {
  std::set<std::string> words;
  for (const SearchedText& searched : SearchedTexts(dataset)) {
    for (Term& term : Terms(searched.text)) {
      if (CanBeMistyped(term.text)) words.insert(std::move(term.text));
    }
  }
  return {words.begin(), words.end()};
}

std::vector<Param> ToSearchRow(const Dataset& dataset) {
  const std::vector<std::string> ids = IdsOf(dataset.name());
  return {ids[0], ids[1], DatasetVector(dataset), dataset.has_delete_time()};
}

void StoreSearch(WriteTransaction& transaction, const Dataset* before, const Dataset& after) {
  if (before != nullptr && before->has_delete_time() == after.has_delete_time() &&
      SearchedTexts(*before) == SearchedTexts(after)) {
    return;
  }
  transaction.Store(kStoreVectors, after.name(), ToSearchRow(after));
  // Those that it had before are there.
  const std::vector<std::string> known = before == nullptr ? std::vector<std::string>() : DatasetWords(*before);
  for (const std::string& word : DatasetWords(after)) {
    if (!std::binary_search(known.begin(), known.end(), word)) transaction.Store(kStoreWords, word, {word});
  }
}

std::map<std::string, int64_t> ListFrequentWords(Transaction& transaction, int64_t more_than) {
  const auto words = ReadAll(transaction.Exec(kFindFrequent, {more_than}), [](Rows::Reader row) {
    std::string word = row.Text();
    return std::pair(std::move(word), row.Int());
  });
  return {words.begin(), words.end()};
}

std::vector<std::string> ListUnsearchable(Transaction& transaction, int limit) {
  return ReadAll(transaction.Exec(kListUnsearchable, {limit}), [](Rows::Reader row) {
    const std::string publisher = row.Text();
    return DatasetName(publisher, row.Text());
  });
}

std::vector<Correction> CorrectWords(Transaction& transaction, std::vector<QueryTerm>& terms) {
  std::vector<TypedWord> unknown = TypedWords(terms);
  EraseKnown(transaction, unknown);
  std::vector<Correction> corrections;
  for (const TypedWord& word : unknown) {
    const std::vector<std::string> similar = FindSimilar(transaction, word.place->text);
    if (similar.empty()) continue;
    Correction& correction = corrections.emplace_back();
    correction.set_word(word.place->text);
    // What is in no text need not be looked for.
    if (word.IsBeginning()) word.term->prefix = false;
    *word.place = {.text = similar.front()};
    for (const std::string& replacement : similar) {
      correction.add_replacements(replacement);
      std::vector<std::string>& others = word.place->others;
      if (replacement != similar.front()) others.push_back(replacement);
      if (std::string stem = StemOf(replacement); !stem.empty()) others.push_back(std::move(stem));
    }
  }
  return corrections;
}

}  // namespace almanac::db
