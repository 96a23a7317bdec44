#pragma once

#include <cstddef>

#include "tests/bench/made_text.h"

namespace almanac::bench {

// How many places there are, each with a name of its own in every language.
inline constexpr size_t kPlaces = 30000;

// The place at `rank`, from 0 on. The first are the districts of Hong Kong; the names of the others are put together of
// two or three syllables of its place names, each of which is one Chinese character.
//
// Places make the long tail of words, which a plan of one department lacks and a government's catalogue has.
MadeText PlaceAt(size_t rank);

}  // namespace almanac::bench
