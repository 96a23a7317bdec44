#pragma once

#include <vector>

#include "absl/time/time.h"
#include "almanac/v1/dataset.pb.h"

// How fresh a dataset is, by what was promised and what was reported. Pure.
namespace almanac::service::rules {

// Of how many of the latest updates the observed frequency is made.
inline constexpr int kObservedUpdates = 13;

// Says in the dataset's freshness where it stands at `now`, by its frequency, its last reported update, and whether it
// is discontinued. A state begins exactly so many times 24 hours after the last update as freshness.proto says. One
// that is discontinued or has no due date is that whatever was reported. What was observed stays.
void Assess(absl::Time now, almanac::v1::Dataset* dataset);

// Says in `freshness` what `updates`, the times of the latest ones, newest first, tell of how often the data are
// updated: the median of the times between them (of the middle two the mean), and of the promised frequencies with a
// due date the one whose days until it are nearest to that by ratio. Nothing for fewer than three updates.
void Observe(const std::vector<absl::Time>& updates, almanac::v1::Freshness* freshness);

}  // namespace almanac::service::rules
