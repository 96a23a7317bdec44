#include "client/documents/plan_title.h"

#include <cstddef>
#include <optional>

#include "absl/strings/str_cat.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

struct Parenthesis {
  // From the opening sign to after the closing one; npos if that is missing.
  std::size_t begin;
  std::size_t end;
  // What it holds after the words.
  std::string_view content;
};

// How many bytes at the beginning of `text` are this sign, in ASCII or in full width: 0 if it is another.
std::size_t SignLength(std::string_view text, char ascii, std::string_view wide) {
  if (text.starts_with(ascii)) return 1;
  return text.starts_with(wide) ? wide.size() : 0;
}
std::size_t OpeningLength(std::string_view text) { return SignLength(text, '(', "\uFF08"); }
std::size_t ClosingLength(std::string_view text) { return SignLength(text, ')', "\uFF09"); }

// The end of the parenthesis whose content begins at `begin`: the position of its closing sign, npos if there is none.
std::size_t FindClosing(std::string_view text, std::size_t begin) {
  int depth = 1;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (OpeningLength(text.substr(i)) > 0) ++depth;
    if (ClosingLength(text.substr(i)) > 0 && --depth == 0) return i;
  }
  return std::string_view::npos;
}

// How many bytes at the beginning of `text` are one of `phrases`: 0 if it says something else.
std::size_t PhraseLength(std::string_view text, std::span<const std::string_view> phrases) {
  for (const std::string_view phrase : phrases) {
    if (const std::size_t length = MatchWords(text, phrase); length > 0) return length;
  }
  return 0;
}

std::optional<Parenthesis> FindFormerTitle(std::string_view text, std::span<const std::string_view> former_words) {
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    const std::size_t opening = OpeningLength(text.substr(begin));
    if (opening == 0) continue;
    const std::string_view inside = TrimSpaces(text.substr(begin + opening));
    const std::size_t words = PhraseLength(inside, former_words);
    if (words == 0) continue;
    const std::size_t content = static_cast<std::size_t>(inside.data() - text.data()) + words;
    const std::size_t closing = FindClosing(text, content);
    if (closing == std::string_view::npos) return Parenthesis{.begin = begin, .end = closing, .content = {}};
    std::string_view former = TrimSpaces(text.substr(content, closing - content));
    former.remove_prefix(SignLength(former, ':', "\uFF1A"));
    return Parenthesis{
        .begin = begin, .end = closing + ClosingLength(text.substr(closing)), .content = TrimSpaces(former)};
  }
  return std::nullopt;
}

}  // namespace

PlanTitle ReadPlanTitle(std::string_view cell, std::span<const std::string_view> former_words) {
  PlanTitle result;
  // The ends of a cell are trimmed, so that a missing category or title leaves a slash there.
  const std::string padded = absl::StrCat(" ", std::string(cell), " ");
  std::string_view rest = padded;
  if (const std::size_t slash = rest.find(" / "); slash != std::string_view::npos) {
    result.category = std::string(TrimSpaces(rest.substr(0, slash)));
    rest.remove_prefix(slash + 3);
  }
  rest = TrimSpaces(rest);
  while (const auto former = FindFormerTitle(rest, former_words)) {
    result.has_open_parenthesis = former->end == std::string_view::npos;
    if (result.has_open_parenthesis) break;
    result.former_titles.emplace_back(former->content);
    result.title.append(rest.substr(0, former->begin));
    const std::size_t length = TrimSpaces(result.title).size();
    const bool has_space = length < result.title.size();
    result.title.resize(length);
    rest = TrimSpaces(rest.substr(former->end));
    if (has_space && length > 0 && !rest.empty()) result.title += ' ';
  }
  result.title.append(rest);
  return result;
}

}  // namespace almanac::client
