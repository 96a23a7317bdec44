#pragma once

#include <cstddef>
#include <string>

#include "tests/fuzz/random.h"

// Texts as people write them, and as nobody should. None has a word that the judge takes for one of PostgreSQL's:
// errors cite what they refuse.
namespace almanac::fuzz {

// A word of the sample plan, in one of its languages, or a part of one.
std::string Word(Random& random);

// A piece at which parsers, databases or protocols have been known to fail. May be no UTF-8.
std::string Oddity(Random& random);

// Of at most `max_pieces` words, oddities and characters from all of Unicode. May be no UTF-8.
std::string WildText(Random& random, size_t max_pieces);

// `text` with some of its bytes taken out, changed, doubled or moved, or with oddities put in. May be no UTF-8.
std::string Mutated(std::string text, Random& random);

// `text` with U+FFFD for each byte that is not UTF-8: a request with others is refused before anything reads it.
std::string ToUtf8(const std::string& text);

}  // namespace almanac::fuzz
