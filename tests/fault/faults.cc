#include "tests/fault/faults.h"

#include <utility>

#include "absl/random/random.h"

namespace almanac::testing {

Fault MakeFault(std::string name, Inject inject) {
  const auto run = [inject = std::move(inject)](Cluster& cluster, absl::BitGenRef random) {
    Injection injection;
    injection.status = inject(cluster, random, injection);
    injection.status.Update(cluster.Heal());
    injection.status.Update(cluster.Crashes());
    return injection;
  };
  return {std::move(name), run};
}

absl::Duration Between(absl::BitGenRef random, absl::Duration least, absl::Duration most) {
  return absl::Milliseconds(absl::Uniform<int64_t>(absl::IntervalClosed, random, absl::ToInt64Milliseconds(least),
                                                   absl::ToInt64Milliseconds(most)));
}

int AnyReplica(const Cluster& cluster, absl::BitGenRef random) { return absl::Uniform(random, 0, cluster.size()); }

const std::vector<Fault>& Faults() {
  static const std::vector<Fault>* const all = [] {
    auto* faults = new std::vector<Fault>(ServerFaults());
    for (std::vector<Fault> more : {NetworkFaults(), DatabaseFaults()}) {
      faults->insert(faults->end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    return faults;
  }();
  return *all;
}

}  // namespace almanac::testing
