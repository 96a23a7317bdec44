#include "db/search_text.h"

#include <libstemmer.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "db/errors.h"
#include "db/text_fold.h"

namespace almanac::db {
namespace {

enum class Kind : uint8_t { kWord, kIdeograph, kMark, kSpace, kPunctuation };

Kind FindKind(char32_t code) {
  if (code < 0x80) {
    const auto byte = static_cast<unsigned char>(code);
    return absl::ascii_isalnum(byte) ? Kind::kWord : absl::ascii_isspace(byte) ? Kind::kSpace : Kind::kPunctuation;
  }
  const auto character = static_cast<UChar32>(code);
  const uint32_t category = U_GET_GC_MASK(character);
  if ((category & U_GC_M_MASK) != 0) return Kind::kMark;
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(character, &error)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO:
      return Kind::kIdeograph;
    default:
      break;
  }
  constexpr UChar32 kProlongedSound = 0x30FC;  // ー, which two scripts share and neither has.
  if (character == kProlongedSound) return Kind::kIdeograph;
  if ((category & (U_GC_L_MASK | U_GC_N_MASK)) != 0) return Kind::kWord;
  return u_isUWhiteSpace(character) ? Kind::kSpace : Kind::kPunctuation;
}

Kind KindOf(char32_t code) {
  static const std::vector<Kind>& basic = *new std::vector<Kind>([] {
    std::vector<Kind> kinds(0x10000);
    for (char32_t character = 0; character < kinds.size(); ++character) kinds[character] = FindKind(character);
    return kinds;
  }());
  return code < basic.size() ? basic[code] : FindKind(code);
}

struct Character : FoldedCharacter {
  Kind kind;
};

// Marks are part of words, as in Hindi, and nothing elsewhere.
std::vector<Character> Characters(const std::vector<FoldedCharacter>& folded) {
  std::vector<Character> characters;
  characters.reserve(folded.size());
  for (const FoldedCharacter& character : folded) {
    Kind kind = KindOf(character.code);
    if (kind == Kind::kMark) {
      if (characters.empty() || characters.back().kind != Kind::kWord) continue;
      kind = Kind::kWord;
    }
    characters.push_back({character, kind});
  }
  return characters;
}

bool IsApostrophe(char32_t code) { return code == U'\'' || code == U'’'; }
bool JoinsWords(char32_t code) {
  return code == U'-' || code == U'‐' || code == U'.' || code == U'_' || IsApostrophe(code);
}

// Characters [begin, end), which make a word or are ideographs.
struct Run {
  Kind kind;
  size_t begin;
  size_t end;
  // What lies between this run and the one before.
  enum class Link { kApart, kSpaces, kJoined } link;
};

Run::Link LinkOf(const std::vector<Character>& characters, size_t begin, size_t end) {
  if (begin == 0) return Run::Link::kApart;
  if (end - begin == 1 && JoinsWords(characters[begin].code)) return Run::Link::kJoined;
  for (size_t i = begin; i < end; ++i) {
    if (characters[i].kind != Kind::kSpace) return Run::Link::kApart;
  }
  return begin < end ? Run::Link::kSpaces : Run::Link::kApart;
}

// The `s` of `department's`.
bool IsPossessive(const std::vector<Character>& characters, const Run& run) {
  return run.link == Run::Link::kJoined && run.kind == Kind::kWord && run.end - run.begin == 1 &&
         characters[run.begin].code == U's' && IsApostrophe(characters[run.begin - 1].code);
}

std::vector<Run> Runs(const std::vector<Character>& characters) {
  std::vector<Run> runs;
  size_t last_end = 0;
  for (size_t begin = 0; begin < characters.size();) {
    const Kind kind = characters[begin].kind;
    size_t end = begin + 1;
    while (end < characters.size() && characters[end].kind == kind) ++end;
    if (kind == Kind::kWord || kind == Kind::kIdeograph) {
      const Run run{kind, begin, end, LinkOf(characters, last_end, begin)};
      if (!IsPossessive(characters, run)) runs.push_back(run);
      last_end = end;
    }
    begin = end;
  }
  return runs;
}

std::string TextOf(const std::vector<Character>& characters, size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < end; ++i) {
    const size_t size = text.size();
    AppendUtf8(characters[i].code, text);
    if (text.size() > kMaxLexemeBytes) {
      text.resize(size);
      break;
    }
  }
  return text;
}

class Stemmer {
 public:
  // The stem of a folded word if it is another word, else nothing. Only what may be English has one.
  std::string DifferentStem(const std::string& word) const {
    if (stemmer_ == nullptr || !std::all_of(word.begin(), word.end(), absl::ascii_isalpha)) return "";
    const auto* stem =
        sb_stemmer_stem(stemmer_.get(), reinterpret_cast<const sb_symbol*>(word.data()), static_cast<int>(word.size()));
    if (stem == nullptr) return "";
    std::string text(reinterpret_cast<const char*>(stem), static_cast<size_t>(sb_stemmer_length(stemmer_.get())));
    return text == word ? "" : text;
  }

 private:
  struct Delete {
    void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
  };
  std::unique_ptr<sb_stemmer, Delete> stemmer_{sb_stemmer_new("english", "UTF_8")};
};

// This thread's own: the library's stemmers keep the word in work, and to make one takes longer than a word.
const Stemmer& ThisStemmer() {
  static thread_local const Stemmer stemmer;
  return stemmer;
}

bool Continues(const Run& run) { return run.kind == Kind::kIdeograph && run.link == Run::Link::kSpaces; }

std::vector<QueryTerm::Place> PlacesOf(const std::vector<Character>& characters, const Run& run,
                                       const Stemmer& stemmer) {
  if (run.kind == Kind::kWord) {
    const std::string word = TextOf(characters, run.begin, run.end);
    std::string stem = stemmer.DifferentStem(word);
    if (stem.empty()) return {{word}};
    return {{word, {std::move(stem)}}};
  }
  if (run.end - run.begin == 1) return {{TextOf(characters, run.begin, run.end)}};
  std::vector<QueryTerm::Place> places;
  for (size_t i = run.begin; i + 1 < run.end; ++i) places.push_back({TextOf(characters, i, i + 2)});
  return places;
}

// Those whose first character is wanted. That of a stem is its word's.
template <typename IsWanted>
std::vector<Term> TermsOf(const std::vector<Character>& characters, IsWanted is_wanted) {
  const std::vector<Run> runs = Runs(characters);
  const Stemmer& stemmer = ThisStemmer();
  std::vector<Term> terms;
  int position = 0;
  for (size_t r = 0; r < runs.size(); ++r) {
    const Run& run = runs[r];
    if (run.kind == Kind::kWord) {
      if (is_wanted(characters[run.begin].code)) {
        const size_t begin = characters[run.begin].begin;
        const size_t end = characters[run.end - 1].end;
        std::string word = TextOf(characters, run.begin, run.end);
        std::string stem = stemmer.DifferentStem(word);
        terms.push_back({std::move(word), position, begin, end});
        if (!stem.empty()) terms.push_back({std::move(stem), position, begin, end});
      }
      ++position;
      continue;
    }
    const bool goes_on = r + 1 < runs.size() && Continues(runs[r + 1]);
    for (size_t i = run.begin; i < run.end; ++i, ++position) {
      const Character& character = characters[i];
      if (!is_wanted(character.code)) continue;
      std::string one = TextOf(characters, i, i + 1);
      terms.push_back({one, position, character.begin, character.end});
      if (i + 1 == run.end && !goes_on) continue;
      const size_t next = i + 1 < run.end ? i + 1 : runs[r + 1].begin;
      AppendUtf8(characters[next].code, one);
      terms.push_back({std::move(one), position, character.begin, characters[next].end});
    }
  }
  return terms;
}

}  // namespace

std::vector<Term> Terms(std::string_view text) {
  return TermsOf(Characters(FoldCharacters(text)), [](char32_t /*beginning*/) { return true; });
}

std::vector<Term> TermsWith(const std::vector<char32_t>& beginnings, std::string_view text) {
  const std::vector<FoldedCharacter> folded = FoldCharacters(text);
  const auto is_wanted = [&](char32_t beginning) {
    return std::find(beginnings.begin(), beginnings.end(), beginning) != beginnings.end();
  };
  // Most texts have none of them.
  if (std::none_of(folded.begin(), folded.end(),
                   [&](const FoldedCharacter& character) { return is_wanted(character.code); })) {
    return {};
  }
  return TermsOf(Characters(folded), is_wanted);
}

std::string StemOf(const std::string& word) { return ThisStemmer().DifferentStem(word); }

absl::StatusOr<std::vector<QueryTerm>> QueryTerms(std::string_view query) {
  const size_t length = CountCharacters(query);
  if (length > kMaxQueryCharacters) {
    return InvalidField("query", absl::StrCat("has ", length, " characters; at most ", kMaxQueryCharacters, " fit"));
  }
  const std::vector<Character> characters = Characters(FoldCharacters(query));
  const std::vector<Run> runs = Runs(characters);
  const Stemmer& stemmer = ThisStemmer();
  std::vector<QueryTerm> terms;
  for (size_t r = 0; r < runs.size(); ++r) {
    const Run& run = runs[r];
    std::vector<QueryTerm::Place> places = PlacesOf(characters, run, stemmer);
    const bool joined =
        r > 0 && run.link == Run::Link::kJoined && run.kind == Kind::kWord && runs[r - 1].kind == run.kind;
    if (joined) {
      terms.back().phrase.push_back(std::move(places.front()));
    } else {
      terms.push_back({std::move(places), false});
    }
  }
  if (terms.empty()) return InvalidField("query", "is to have a letter, a digit or a character to search for");
  if (terms.size() > kMaxQueryTerms) {
    return InvalidField("query", absl::StrCat("has ", terms.size(), " words; at most ", kMaxQueryTerms, " fit"));
  }
  terms.back().prefix = runs.back().kind == Kind::kWord && runs.back().end == characters.size();
  return terms;
}

}  // namespace almanac::db
