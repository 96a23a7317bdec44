#include "client/backoff.h"

#include <algorithm>

namespace almanac::client {

Backoff::Backoff(absl::Duration first, absl::Duration longest)
    : first_(first), longest_(longest), next_(first), random_(std::random_device()()) {}

absl::Duration Backoff::Next() {
  const absl::Duration pause = next_;
  next_ = std::min(next_ * 2, longest_);
  return pause * std::uniform_real_distribution<double>(0.75, 1.25)(random_);
}

}  // namespace almanac::client
