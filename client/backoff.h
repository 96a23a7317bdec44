#pragma once

#include <random>

#include "absl/time/time.h"

namespace almanac::client {

// The pauses between tries of something that others try too: each about twice as long as the one before, and no two
// clients keep in step.
class Backoff {
 public:
  // Both more than zero.
  Backoff(absl::Duration first, absl::Duration longest);

  // The next pause: what it is due, up to a quarter more or less.
  absl::Duration Next();
  // Begins with the first pause again, after a success.
  void Reset() { next_ = first_; }

 private:
  const absl::Duration first_;
  const absl::Duration longest_;
  absl::Duration next_;
  std::mt19937 random_;
};

}  // namespace almanac::client
