#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What the spellings of a text have in common: normalisation form KC (full-width letters and digits are the usual ones,
// half-width kana the full ones) without case and invisible characters, no accents on Latin, Greek and Cyrillic
// letters, and one form of every Chinese character (han_variants.h).
namespace almanac::db {

struct FoldedCharacter {
  char32_t code;
  // The bytes of the text that it comes from. Characters that come of one and the same have the same range.
  size_t begin;
  size_t end;
};

// Folds character by character, each with the marks on it: ranges are exact, and a part of a text folds as it does in
// the whole. A byte that is not UTF-8 becomes U+FFFD. Takes time in proportion to the text.
std::vector<FoldedCharacter> FoldCharacters(std::string_view text);

std::string Fold(std::string_view text);

void AppendUtf8(char32_t code, std::string& text);

// How many characters `text` has; a byte that is not UTF-8 is one.
size_t CountCharacters(std::string_view text);

}  // namespace almanac::db
