#include "client/documents/unicode_text.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace almanac::client {

bool IsHan(UChar32 character) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(character, &error) == USCRIPT_HAN;
}

std::size_t CountCharacters(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += U8_IS_TRAIL(byte) ? 0 : 1;
  return count;
}

std::string_view TrimSpaces(std::string_view text) {
  const auto length = static_cast<int32_t>(text.size());
  int32_t begin = 0;
  for (int32_t next = 0; next < length; begin = next) {
    UChar32 character = 0;
    U8_NEXT(text.data(), next, length, character);
    if (!u_isUWhiteSpace(character)) break;
  }
  int32_t end = length;
  for (int32_t previous = length; previous > begin; end = previous) {
    UChar32 character = 0;
    U8_PREV(text.data(), begin, previous, character);
    if (!u_isUWhiteSpace(character)) break;
  }
  return text.substr(begin, end - begin);
}

std::string RemoveSpaces(std::string_view text) {
  std::string result;
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t offset = 0; offset < length;) {
    const int32_t start = offset;
    UChar32 character = 0;
    U8_NEXT(text.data(), offset, length, character);
    if (!u_isUWhiteSpace(character)) result.append(text.substr(start, offset - start));
  }
  return result;
}

std::string CollapseSpaces(std::string_view text) {
  std::string result;
  bool after_space = false;
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t offset = 0; offset < length;) {
    const int32_t start = offset;
    UChar32 character = 0;
    U8_NEXT(text.data(), offset, length, character);
    const bool is_space = u_isUWhiteSpace(character);
    if (!is_space) result.append(text.substr(start, offset - start));
    if (is_space && !after_space) result.push_back(' ');
    after_space = is_space;
  }
  return result;
}

std::size_t MatchWords(std::string_view text, std::string_view words) {
  const auto length = static_cast<int32_t>(text.size());
  const auto words_length = static_cast<int32_t>(words.size());
  int32_t end = 0;
  for (int32_t offset = 0; offset < words_length;) {
    UChar32 wanted = 0;
    U8_NEXT(words.data(), offset, words_length, wanted);
    if (u_isUWhiteSpace(wanted)) continue;
    UChar32 character = U_SENTINEL;
    int32_t next = end;
    do {
      if (next == length) return 0;
      U8_NEXT(text.data(), next, length, character);
    } while (end > 0 && u_isUWhiteSpace(character));
    if (u_foldCase(character, U_FOLD_CASE_DEFAULT) != u_foldCase(wanted, U_FOLD_CASE_DEFAULT)) return 0;
    end = next;
  }
  return static_cast<std::size_t>(end);
}

std::string FoldWidth(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCInstance(error);
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded);
  if (U_SUCCESS(error)) {
    normalizer->normalizeUTF8(0, {text.data(), static_cast<int32_t>(text.size())}, sink, nullptr, error);
  }
  return U_SUCCESS(error) ? folded : std::string(text);
}

std::string Abbreviate(std::string_view text, std::size_t limit) {
  std::size_t count = 0;
  for (std::size_t offset = 0; offset < text.size(); ++offset) {
    if (!U8_IS_TRAIL(text[offset]) && ++count > limit) {
      return std::string(text.substr(0, offset)) + "…";
    }
  }
  return std::string(text);
}

}  // namespace almanac::client
