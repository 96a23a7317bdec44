#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/bench/keyed_random.h"

namespace almanac::fuzz {

// The choices of one case: they depend on the seed and the case's number alone.
class Random : public bench::KeyedRandom {
 public:
  Random(uint64_t seed, uint64_t number) : KeyedRandom(seed, kStream, number) {}

  template <typename T>
  const T& Pick(const std::vector<T>& choices) {
    return choices[Below(choices.size())];
  }
  template <typename T, size_t kSize>
  const T& Pick(const T (&choices)[kSize]) {
    return choices[Below(kSize)];
  }

 private:
  static constexpr uint64_t kStream = 0xF22;
};

}  // namespace almanac::fuzz
