#pragma once

#include <vector>

#include "absl/time/civil_time.h"
#include "almanac/v1/release_plan_service.pb.h"

namespace almanac::service::rules {

// What became of the commitments of `plan` as of `day`: per section of the plan, in its order and then those
// that only lines name, and in total. Pure.
almanac::v1::Progress CountProgress(const almanac::v1::ReleasePlan& plan,
                                    const std::vector<almanac::v1::Commitment>& commitments, absl::CivilDay day);

}  // namespace almanac::service::rules
