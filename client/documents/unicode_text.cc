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
