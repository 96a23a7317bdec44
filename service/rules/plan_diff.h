#pragma once

#include <set>
#include <string>
#include <vector>

#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/release_plan_service.pb.h"

namespace almanac::service::rules {

// How the lines `to` of an edition differ from the lines `from` of another, each in the order of its plan. Lines about
// one dataset are one promise, but for a promise that was kept and is made anew. The target that `from` had last is
// compared with the one that `to` said first: moves within an edition are its own history. A line that only `from` has
// and that listed a release makes no difference, since it promised nothing. The names of the plans are left to the
// caller. `carried` names lines of `from` whose promises `to` is known to carry on, whatever became of them. Pure.
almanac::v1::PlanDiff DiffEditions(const std::vector<almanac::v1::Commitment>& from,
                                   const std::vector<almanac::v1::Commitment>& to,
                                   const std::set<std::string>& carried = {});

}  // namespace almanac::service::rules
