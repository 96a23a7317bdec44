#include "client/documents/title_spacing.h"

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <bitset>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <unordered_set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

// Two lines may break one phrase at different places, so that only a joined title shows it unbroken: what one round
// joins, the next one can find.
constexpr int kMaxRounds = 4;

// How far from a gap the words beside it are looked for, in UTF-16 units. No word of the dictionary is longer.
constexpr int32_t kMaxContext = 32;

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

// The Chinese characters that stand before `end`, as far as they can belong to the word there.
icu::UnicodeString HanBefore(const icu::UnicodeString& text, int32_t end) {
  int32_t begin = end;
  while (begin > 0 && end - begin < kMaxContext && IsHan(text.char32At(text.moveIndex32(begin, -1)))) {
    begin = text.moveIndex32(begin, -1);
  }
  return text.tempSubStringBetween(begin, end);
}

icu::UnicodeString HanAfter(const icu::UnicodeString& text, int32_t begin) {
  int32_t end = begin;
  while (end < text.length() && end - begin < kMaxContext && IsHan(text.char32At(end))) end = text.moveIndex32(end, 1);
  return text.tempSubStringBetween(begin, end);
}

// A gap in one of the titles.
struct TitleGap {
  std::size_t title;
  Gap gap;
  // The two words beside the gap as one; empty if the gap falls inside a word.
  std::u16string phrase;
};

// The phrases of `gaps` that stand in `text`. They point into `gaps`.
std::unordered_set<std::u16string_view> FindPhrases(std::u16string_view text, const std::vector<TitleGap>& gaps) {
  std::unordered_set<std::u16string_view> wanted;
  std::set<std::size_t> lengths;
  std::bitset<0x10000> beginnings;
  for (const TitleGap& gap : gaps) {
    if (gap.phrase.empty()) continue;
    wanted.insert(gap.phrase);
    lengths.insert(gap.phrase.size());
    beginnings.set(gap.phrase.front());
  }
  std::unordered_set<std::u16string_view> found;
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (!beginnings.test(text[begin])) continue;
    for (const std::size_t length : lengths) {
      if (begin + length > text.size()) break;
      const auto phrase = wanted.find(text.substr(begin, length));
      if (phrase != wanted.end()) found.insert(*phrase);
    }
  }
  return found;
}

class TitleJoiner {
 public:
  TitleJoiner(std::unique_ptr<icu::BreakIterator> words, std::string_view document,
              const std::vector<std::string>& titles)
      : words_(std::move(words)), document_(FromUtf8(document)) {
    for (const std::string& title : titles) titles_.push_back(FromUtf8(title));
  }

  std::vector<std::string> Join() {
    for (int round = 0; round < kMaxRounds && JoinOnce(); ++round) {
    }
    std::vector<std::string> result;
    for (const icu::UnicodeString& title : titles_) result.push_back(ToUtf8(title));
    return result;
  }

 private:
  // Returns whether any title was changed.
  bool JoinOnce() {
    std::vector<TitleGap> gaps;
    for (std::size_t i = 0; i < titles_.size(); ++i) {
      for (const Gap& gap : FindGaps(titles_[i])) gaps.push_back({i, gap, PhraseAcross(titles_[i], gap)});
    }
    const auto found = FindPhrases({document_.getBuffer(), static_cast<std::size_t>(document_.length())}, gaps);
    std::map<std::size_t, std::vector<Gap>> wrapped;
    for (const TitleGap& gap : gaps) {
      if (gap.phrase.empty() || found.contains(gap.phrase)) wrapped[gap.title].push_back(gap.gap);
    }
    for (const auto& [title, title_gaps] : wrapped) {
      titles_[title] = RemoveGaps(titles_[title], title_gaps);
      document_.append(u'\n').append(titles_[title]);
    }
    return !wrapped.empty();
  }

  // What TitleGap says of its phrase.
  std::u16string PhraseAcross(const icu::UnicodeString& title, const Gap& gap) {
    const icu::UnicodeString before = HanBefore(title, gap.begin);
    const icu::UnicodeString joined = before + HanAfter(title, gap.end);
    words_->setText(joined);
    if (!words_->isBoundary(before.length())) return {};
    const int32_t begin = words_->preceding(before.length());
    const int32_t end = words_->following(before.length());
    return {joined.getBuffer() + begin, static_cast<std::size_t>(end - begin)};
  }

  std::unique_ptr<icu::BreakIterator> words_;
  // What shows phrases unbroken: the document, and the titles that were joined.
  icu::UnicodeString document_;
  std::vector<icu::UnicodeString> titles_;
};

}  // namespace

std::string JoinWrapped(std::string_view text) {
  const icu::UnicodeString wrapped = FromUtf8(text);
  return ToUtf8(RemoveGaps(wrapped, FindGaps(wrapped)));
}

std::size_t CountWrapped(std::string_view text) { return FindGaps(FromUtf8(text)).size(); }

absl::StatusOr<std::vector<std::string>> JoinWrappedTitles(std::string_view document,
                                                           const std::vector<std::string>& titles) {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> words(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), error));
  if (U_FAILURE(error)) {
    return absl::InternalError(absl::StrCat("ICU has no data to find the words of a text: ", u_errorName(error)));
  }
  return TitleJoiner(std::move(words), document, titles).Join();
}

}  // namespace almanac::client
