#pragma once

#include <unicode/umachine.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace almanac::client {

// Functions on UTF-8. White space is what Unicode says it is, among it the ideographic space.

// Whether this is a Chinese character: one of the script Han, so no punctuation, no digit and no Latin letter.
bool IsHan(UChar32 character);

// How many characters (code points) `text` has.
std::size_t CountCharacters(std::string_view text);

// `text` without white space at its ends.
std::string_view TrimSpaces(std::string_view text);

// `text` without any white space.
std::string RemoveSpaces(std::string_view text);

// `text` with each run of white space as one space.
std::string CollapseSpaces(std::string_view text);

// How many bytes at the beginning of `text` say `words`, case and white space after the first character ignored; 0 if
// they say something else.
std::size_t MatchWords(std::string_view text, std::string_view words);

// `text` in normalisation form KC, in which full-width letters and digits are the usual ones.
std::string FoldWidth(std::string_view text);

// The first `limit` characters of `text`, with an ellipsis if that is not all.
std::string Abbreviate(std::string_view text, std::size_t limit);

}  // namespace almanac::client
