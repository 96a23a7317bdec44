#include "db/text_fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "db/han_variants.h"

namespace almanac::db {
namespace {

// Normalising sorts marks, in quadratic time: longer sequences are folded in pieces. No language comes near it.
constexpr int kMaxSequence = 32;

// Takes the first character off `text` at `offset`, which is less than its size.
UChar32 TakeCharacter(std::string_view text, size_t& offset) {
  UChar32 character;
  U8_NEXT(text, offset, text.size(), character);
  return character < 0 ? 0xFFFD : character;
}

bool IsAscii(UChar32 character) { return character < 0x80; }
bool IsMark(UChar32 character) { return (U_GET_GC_MASK(character) & U_GC_M_MASK) != 0; }

// Whether its marks are accents, and not part of the letter as in が.
bool HasAccents(UChar32 character) {
  if (IsAscii(character)) return absl::ascii_isalpha(static_cast<unsigned char>(character));
  UErrorCode error = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(character, &error);
  return script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC;
}

// What each character of the basic plane folds to if it does so whatever stands beside it; 0 for the others. To look a
// character up here takes a tenth of the time of asking ICU and OpenCC.
const std::vector<char32_t>& FoldedAlone() {
  static const std::vector<char32_t>& folded = *new std::vector<char32_t>([] {
    std::vector<char32_t> all(0x10000, 0);
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* compatible = icu::Normalizer2::getNFKCCasefoldInstance(error);
    for (UChar32 character = 0x80; compatible != nullptr && character < 0x10000; ++character) {
      if (!compatible->isInert(character) || IsMark(character) || HasAccents(character)) continue;
      all[static_cast<size_t>(character)] = FoldHan(static_cast<char32_t>(character));
    }
    return all;
  }());
  return folded;
}

class Folder {
 public:
  explicit Folder(std::string_view text) : text_(text) { characters_.reserve(text.size()); }

  std::vector<FoldedCharacter> Run() && {
    for (size_t offset = 0; offset < text_.size();) offset = FoldAt(offset);
    return std::move(characters_);
  }

 private:
  // Folds the sequence at `begin`; returns its end.
  size_t FoldAt(size_t begin) {
    size_t end = begin;
    const UChar32 first = TakeCharacter(text_, end);
    const bool ascii_follows = end == text_.size() || U8_IS_SINGLE(text_[end]);
    if (IsAscii(first) && ascii_follows) {
      const auto letter = static_cast<unsigned char>(first);
      characters_.push_back({static_cast<unsigned char>(absl::ascii_tolower(letter)), begin, end});
      after_accents_ = absl::ascii_isalpha(letter);
      return end;
    }
    if (const auto place = static_cast<size_t>(first); place < alone_.size() && alone_[place] != 0) {
      characters_.push_back({alone_[place], begin, end});
      after_accents_ = false;
      return end;
    }
    if (compatible_ == nullptr || compatible_->isInert(first)) {
      Append(first, begin, end);
      return end;
    }
    icu::UnicodeString sequence(first);
    for (int size = 1; size < kMaxSequence && end < text_.size(); ++size) {
      size_t next_end = end;
      const UChar32 next = TakeCharacter(text_, next_end);
      if (compatible_->hasBoundaryBefore(next)) break;
      sequence.append(next);
      end = next_end;
    }
    UErrorCode error = U_ZERO_ERROR;
    const icu::UnicodeString folded = compatible_->normalize(sequence, error);
    for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) Append(folded.char32At(i), begin, end);
    return end;
  }

  void Append(UChar32 character, size_t begin, size_t end) {
    if (after_accents_ && IsMark(character)) {
      characters_.back().end = end;
      return;
    }
    after_accents_ = HasAccents(character);
    if (after_accents_ && !IsAscii(character)) character = WithoutAccents(character);
    characters_.push_back({FoldHan(static_cast<char32_t>(character)), begin, end});
  }

  UChar32 WithoutAccents(UChar32 letter) const {
    icu::UnicodeString parts;
    return canonical_ != nullptr && canonical_->getDecomposition(letter, parts) ? parts.char32At(0) : letter;
  }

  std::string_view text_;
  const std::vector<char32_t>& alone_ = FoldedAlone();
  UErrorCode error_ = U_ZERO_ERROR;
  const icu::Normalizer2* compatible_ = icu::Normalizer2::getNFKCCasefoldInstance(error_);
  const icu::Normalizer2* canonical_ = icu::Normalizer2::getNFDInstance(error_);
  std::vector<FoldedCharacter> characters_;
  bool after_accents_ = false;
};

}  // namespace

std::vector<FoldedCharacter> FoldCharacters(std::string_view text) { return Folder(text).Run(); }

std::string Fold(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  for (const FoldedCharacter& character : FoldCharacters(text)) AppendUtf8(character.code, folded);
  return folded;
}

void AppendUtf8(char32_t code, std::string& text) {
  char bytes[U8_MAX_LENGTH];
  size_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, code);
  text.append(bytes, size);
}

size_t CountCharacters(std::string_view text) {
  size_t count = 0;
  for (size_t offset = 0; offset < text.size(); ++count) TakeCharacter(text, offset);
  return count;
}

}  // namespace almanac::db
