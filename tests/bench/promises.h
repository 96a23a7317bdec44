#pragma once

#include <vector>

#include "tests/bench/workloads.h"

namespace almanac::bench {

// Gives each publisher a published plan with a promise for each of its datasets: a quarter each was released, moved,
// cancelled, and left as it was.
absl::Status FillPromises(const Server& server);

// GetProgress of all publishers.
class Accounts {
 public:
  Accounts(const Server& server, int slots) : server_(server), calls_(slots) {}
  void Start(int slot, Done done);
  const almanac::v1::Progress& answer(int slot) const { return calls_[slot].response; }

 private:
  const Server& server_;
  std::vector<Call<almanac::v1::GetProgressRequest, almanac::v1::Progress>> calls_;
};

}  // namespace almanac::bench
