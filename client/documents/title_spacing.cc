#include "client/documents/title_spacing.h"

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

// A run of white space between two Chinese characters.
struct Gap {
  int32_t begin;
  int32_t end;
};

icu::UnicodeString FromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
}

std::string ToUtf8(const icu::UnicodeString& text) {
  std::string result;
  text.toUTF8String(result);
  return result;
}

std::vector<Gap> FindGaps(const icu::UnicodeString& text) {
  std::vector<Gap> gaps;
  int32_t begin = -1;
  bool after_han = false;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 character = text.char32At(i);
    if (u_isUWhiteSpace(character)) {
      if (begin < 0) begin = i;
      continue;
    }
    const bool han = IsHan(character);
    if (begin >= 0 && after_han && han) gaps.push_back({begin, i});
    begin = -1;
    after_han = han;
  }
  return gaps;
}

icu::UnicodeString RemoveGaps(const icu::UnicodeString& text, const std::vector<Gap>& gaps) {
  icu::UnicodeString result;
  int32_t copied = 0;
  for (const Gap& gap : gaps) {
    result.append(text, copied, gap.begin - copied);
    copied = gap.end;
  }
  return result.append(text, copied, text.length() - copied);
}

icu::UnicodeString HanBefore(const icu::UnicodeString& text, int32_t end) {
  int32_t begin = end;
  while (begin > 0 && IsHan(text.char32At(text.moveIndex32(begin, -1)))) begin = text.moveIndex32(begin, -1);
  return text.tempSubStringBetween(begin, end);
}

icu::UnicodeString HanAfter(const icu::UnicodeString& text, int32_t begin) {
  int32_t end = begin;
  while (end < text.length() && IsHan(text.char32At(end))) end = text.moveIndex32(end, 1);
  return text.tempSubStringBetween(begin, end);
}

class TitleJoiner {
 public:
  TitleJoiner(std::unique_ptr<icu::BreakIterator> words, std::string_view document)
      : words_(std::move(words)), document_(FromUtf8(document)) {}

  std::vector<std::string> Join(const std::vector<std::string>& titles) {
    std::vector<icu::UnicodeString> joined;
    for (const std::string& title : titles) joined.push_back(FromUtf8(title));
    // Two lines may break one phrase at different places, so that only a joined title shows it unbroken.
    for (bool changed = true; changed;) {
      changed = false;
      icu::UnicodeString found;
      for (icu::UnicodeString& title : joined) {
        const std::vector<Gap> gaps = WrappedGaps(title);
        if (gaps.empty()) continue;
        title = RemoveGaps(title, gaps);
        found.append(u'\n').append(title);
        changed = true;
      }
      document_.append(found);
    }
    std::vector<std::string> result;
    for (const icu::UnicodeString& title : joined) result.push_back(ToUtf8(title));
    return result;
  }

 private:
  std::vector<Gap> WrappedGaps(const icu::UnicodeString& title) {
    std::vector<Gap> wrapped;
    for (const Gap& gap : FindGaps(title)) {
      if (IsWrapped(HanBefore(title, gap.begin), HanAfter(title, gap.end))) wrapped.push_back(gap);
    }
    return wrapped;
  }

  bool IsWrapped(const icu::UnicodeString& before, const icu::UnicodeString& after) {
    const icu::UnicodeString joined = before + after;
    words_->setText(joined);
    if (!words_->isBoundary(before.length())) return true;
    const int32_t begin = words_->preceding(before.length());
    const int32_t end = words_->following(before.length());
    return document_.indexOf(joined.tempSubStringBetween(begin, end)) >= 0;
  }

  std::unique_ptr<icu::BreakIterator> words_;
  icu::UnicodeString document_;
};

}  // namespace

std::string JoinWrapped(std::string_view text) {
  const icu::UnicodeString wrapped = FromUtf8(text);
  return ToUtf8(RemoveGaps(wrapped, FindGaps(wrapped)));
}

absl::StatusOr<std::vector<std::string>> JoinWrappedTitles(std::string_view document,
                                                           const std::vector<std::string>& titles) {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> words(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), error));
  if (U_FAILURE(error)) {
    return absl::InternalError(absl::StrCat("ICU has no data to find the words of a text: ", u_errorName(error)));
  }
  return TitleJoiner(std::move(words), document).Join(titles);
}

}  // namespace almanac::client
