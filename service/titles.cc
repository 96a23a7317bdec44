#include "service/titles.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstdint>

#include "service/marks.h"

namespace almanac::service {
namespace {

icu::UnicodeString RemoveSpaces(const icu::UnicodeString& text) {
  icu::UnicodeString result;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 character = text.char32At(i);
    if (!u_isUWhiteSpace(character)) result.append(character);
  }
  return result;
}

icu::UnicodeString Fold(const icu::UnicodeString& text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCInstance(error);
  if (U_FAILURE(error)) return text;
  icu::UnicodeString folded = normalizer->normalize(text, error);
  folded.foldCase();
  // Folding can undo the normalisation of a few characters.
  folded = normalizer->normalize(folded, error);
  return U_SUCCESS(error) ? folded : text;
}

}  // namespace

icu::UnicodeString LimitMarks(const icu::UnicodeString& text) {
  constexpr int kMaxMarks = 30;
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCInstance(error);
  if (U_FAILURE(error)) return text;
  icu::UnicodeString result;
  int marks = 0;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 character = text.char32At(i);
    marks = normalizer->hasBoundaryBefore(character) ? 0 : marks + 1;
    if (marks <= kMaxMarks) result.append(character);
  }
  return result;
}

std::string TitleKey(std::string_view title) {
  icu::UnicodeString key = icu::UnicodeString::fromUTF8({title.data(), static_cast<int32_t>(title.size())});
  // Normalising turns some characters into ones with a space, and without the space they may compose anew.
  for (int round = 0; round < 2; ++round) key = Fold(LimitMarks(RemoveSpaces(key)));
  std::string result;
  RemoveSpaces(key).toUTF8String(result);
  return result;
}

}  // namespace almanac::service
