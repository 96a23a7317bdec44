// Text on a terminal, where a Chinese character takes two columns.
#ifndef ALMANAC_CLIENT_TEXT_WIDTH_H_
#define ALMANAC_CLIENT_TEXT_WIDTH_H_

#include <string>
#include <string_view>
#include <vector>

namespace almanac::client {

// The columns that `text` takes on a terminal. A byte that is not UTF-8 counts as one.
int DisplayWidth(std::string_view text);

// `text`, cut with `…` if it takes more than `width` columns; never splits a character. `width` is at least 1.
std::string CutToWidth(std::string_view text, int width);

// `text` in lines of at most `width` columns, broken at spaces where there are any, else between characters. At least
// one line. `width` is at least 2.
std::vector<std::string> WrapToWidth(std::string_view text, int width);

// `text` on one line: white space becomes a space, and every other control character, which could steer the terminal,
// the replacement character.
std::string OneLine(std::string_view text);

// `text` with spaces up to `width` columns, behind it or, for `right`, before it.
std::string PadToWidth(std::string_view text, int width, bool right = false);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_TEXT_WIDTH_H_
