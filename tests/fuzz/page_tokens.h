#pragma once

#include <string>

#include "tests/fuzz/random.h"

namespace almanac::fuzz {

// The token as it is, changed as it is, changed inside, or another. May be no UTF-8.
std::string StrangeToken(const std::string& token, Random& random);

}  // namespace almanac::fuzz
