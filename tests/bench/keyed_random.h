#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace almanac::bench {

// Numbers that depend on a key alone and are the same on every machine, which the standard library does not promise of
// its distributions: SplitMix64 (Steele, Lea and Flood, 2014), begun anew for each key.
class KeyedRandom {
 public:
  // `stream` keeps apart what is made for different purposes under the same index.
  KeyedRandom(uint64_t seed, uint64_t stream, uint64_t index) : state_(Mix(Mix(Mix(seed) + stream) + index)) {}

  uint64_t Next() { return Mix(state_ += 0x9E3779B97F4A7C15); }

  // A number from 0 to `limit` - 1; `limit` is at most 2^32.
  uint64_t Below(uint64_t limit) { return ((Next() >> 32) * limit) >> 32; }

  bool Chance(uint64_t percent) { return Below(100) < percent; }

 private:
  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

// Picks among things that have weights.
class Weights {
 public:
  // The sum of the weights is at most 2^32.
  explicit Weights(std::vector<uint64_t> weights) : sums_(std::move(weights)) {
    for (size_t i = 1; i < sums_.size(); ++i) sums_[i] += sums_[i - 1];
  }

  // Weights 1 / (rank + offset), after Zipf and Mandelbrot; ranks count from 1.
  static Weights Zipf(size_t size, uint64_t offset) {
    std::vector<uint64_t> weights;
    for (size_t rank = 1; rank <= size; ++rank) weights.push_back((uint64_t{1} << 28) / (rank + offset));
    return Weights(std::move(weights));
  }

  size_t Pick(KeyedRandom& random) const {
    return std::upper_bound(sums_.begin(), sums_.end(), random.Below(sums_.back())) - sums_.begin();
  }

 private:
  std::vector<uint64_t> sums_;
};

}  // namespace almanac::bench
