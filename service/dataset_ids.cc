#include "service/dataset_ids.h"

#include <openssl/sha.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <array>
#include <cstdint>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "service/marks.h"
#include "service/titles.h"

namespace almanac::service {
namespace {

constexpr std::size_t kShortenedLength = 48;

// How many Latin letters are enough to know that an id must be shortened. Transliterating more takes time, some 10 us
// for each Chinese character, while an import has the catalogue's lock.
constexpr int kEnoughLetters = kMaxDatasetIdLength + 1;

// More marks than these on all its letters together no title has that a person can read; they take as long as letters.
constexpr int kEnoughMarks = 2 * kEnoughLetters;

// At least how many characters of an id a letter becomes; with its hyphen, a Chinese one becomes two or more.
int LatinLength(UChar32 letter) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(letter, &error) == USCRIPT_HAN ? 2 : 1;
}

// The kinds of characters between which a word ends, spaces or not. Marks go with what they stand on.
enum class Kind { kNone, kMark, kLatin, kDigit, kOtherLetter };

Kind KindOf(UChar32 character) {
  if (u_isdigit(character)) return Kind::kDigit;
  if ((U_GET_GC_MASK(character) & U_GC_M_MASK) != 0) return Kind::kMark;
  if (!u_isalpha(character)) return Kind::kNone;
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(character, &error) == USCRIPT_LATIN ? Kind::kLatin : Kind::kOtherLetter;
}

bool IsApostrophe(UChar32 character) { return character == U'\'' || character == U'\u2019'; }

// The beginning of `title`, as much as any id shows, with one space between its words, where a change of kind or
// anything but a letter or digit ends a word. White space between letters of other scripts is no end: Chinese has none
// but what a line break left.
icu::UnicodeString SeparateWords(const icu::UnicodeString& title) {
  icu::UnicodeString words;
  int letters = 0;
  int marks = 0;
  Kind last = Kind::kNone;
  bool after_space = false;
  bool after_sign = false;
  for (int32_t i = 0; i < title.length(); i = title.moveIndex32(i, 1)) {
    const UChar32 character = title.char32At(i);
    const Kind kind = KindOf(character);
    if (kind == Kind::kNone) {
      after_space |= u_isUWhiteSpace(character) != 0;
      after_sign |= u_isUWhiteSpace(character) == 0 && !IsApostrophe(character);
      continue;
    }
    if (kind == Kind::kMark) {
      if (++marks <= kEnoughMarks) words.append(character);
      continue;
    }
    const bool ends_word = kind != last || after_sign || (after_space && kind != Kind::kOtherLetter);
    if (ends_word && last != Kind::kNone) words.append(u' ');
    if (letters >= kEnoughLetters) break;
    letters += LatinLength(character);
    words.append(character);
    last = kind;
    after_space = false;
    after_sign = false;
  }
  return words;
}

// Making a transliterator takes some 100 ms, and one must not be used by two threads at once; with one per thread
// neither a lock nor an owner has to pass through every caller. Null if ICU lacks its data.
icu::Transliterator* ThreadTransliterator() {
  const auto make = [] {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(
        icu::Transliterator::createInstance("Any-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, error));
  };
  thread_local const std::unique_ptr<icu::Transliterator> transliterator = make();
  return transliterator.get();
}

// All words of the title in ASCII, joined by hyphens; empty if there are none.
std::string MakeSlug(std::string_view title) {
  icu::UnicodeString text = icu::UnicodeString::fromUTF8({title.data(), static_cast<int32_t>(title.size())});
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCInstance(error);
  icu::Transliterator* transliterator = ThreadTransliterator();
  if (U_FAILURE(error) || transliterator == nullptr) return "";
  text = SeparateWords(normalizer->normalize(LimitMarks(text), error));
  transliterator->transliterate(text);
  std::string latin;
  text.toUTF8String(latin);
  std::string slug;
  for (const char character : latin) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(character))) {
      slug.push_back(absl::ascii_tolower(static_cast<unsigned char>(character)));
    } else if (character != '\'' && !slug.empty() && slug.back() != '-') {
      slug.push_back('-');
    }
  }
  while (slug.ends_with('-')) slug.pop_back();
  return slug;
}

std::string Shorten(std::string slug) {
  if (slug.size() <= kShortenedLength) return slug;
  const std::size_t word_end = slug.rfind('-', kShortenedLength);
  slug.resize(word_end == std::string::npos ? kShortenedLength : word_end);
  return slug;
}

std::string HashDigits(std::string_view title) {
  constexpr std::size_t kBytes = 4;
  const std::string key = TitleKey(title);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), kBytes});
}

// `what` stands for the words of a title that has none.
std::string WithHash(std::string slug, std::string_view title, const char* what) {
  const std::string words = slug.empty() ? what : Shorten(std::move(slug));
  return absl::StrCat(words, "-", HashDigits(title));
}

std::string MakeId(std::string_view title, const char* what) {
  std::string slug = MakeSlug(title);
  if (slug.empty() || slug.size() > kMaxDatasetIdLength) return WithHash(std::move(slug), title, what);
  return slug;
}

}  // namespace

std::string MakeDatasetId(std::string_view title) { return MakeId(title, "dataset"); }

std::string MakeDistinctDatasetId(std::string_view title) { return WithHash(MakeSlug(title), title, "dataset"); }

std::string MakePublisherId(std::string_view title) { return MakeId(title, "publisher"); }

std::string MakeDistinctPublisherId(std::string_view title) { return WithHash(MakeSlug(title), title, "publisher"); }

}  // namespace almanac::service
