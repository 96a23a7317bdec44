#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/fault/cluster.h"

namespace almanac::testing {

// What a run of a fault did, for the account of the whole run.
struct Injection {
  std::string fault;
  int replica = -1;  // -1: none in particular
  absl::Time start;
  absl::Time end;       // healed
  std::string what;     // in words: what was done, with its measures
  absl::Status status;  // why it could not be injected, or not be healed; then the run has failed
};

// Something that goes wrong. `run` injects it, holds it for a while, heals it, and returns once all servers answer
// again. It chooses by `random` alone, so that the same seed does the same.
struct Fault {
  std::string name;
  std::string description;
  std::function<Injection(Cluster&, absl::BitGenRef random)> run;
};

// All faults, in the order of docs/faults.md.
const std::vector<Fault>& Faults();

}  // namespace almanac::testing
