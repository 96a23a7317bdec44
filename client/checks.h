// Checks of the values of flags that say nothing in the help of the flag.
#ifndef ALMANAC_CLIENT_CHECKS_H_
#define ALMANAC_CLIENT_CHECKS_H_

#include <CLI/CLI.hpp>
#include <cstdint>

namespace almanac::client {

// Refuses an empty text. A shell makes it of a variable that is not set, and it would count as a flag not given.
CLI::Validator NotEmpty();

// Refuses what is no whole number from `least` to the greatest there is.
CLI::Validator AtLeast(int64_t least);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_CHECKS_H_
