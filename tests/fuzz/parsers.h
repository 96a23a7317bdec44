#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace almanac::fuzz {

// Gives one strange input each to what reads filters, queries, texts, page tokens and field masks, without a server.
// An error says what came of it that must not.
absl::Status RunParserCase(uint64_t seed, uint64_t number);

// Runs cases from `first` on, for so long or so many, in a process of their own, and returns how many there were. A
// crash or a failure is an error that names the case.
absl::StatusOr<uint64_t> RunParserCases(uint64_t seed, uint64_t first, uint64_t count, absl::Duration duration);

}  // namespace almanac::fuzz
