#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "almanac/v1/publisher.pb.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "db/progress.h"

// What became of promises: which editions count on a day, and what follows from the figures. Pure.
namespace almanac::service::rules {

// The day on which `plan`, which is no draft, was published where its publisher is: the first day that its document
// names, or else the day on which it was published here.
absl::CivilDay PublishedDay(const almanac::v1::ReleasePlan& plan, const std::string& time_zone);

// The editions among `plans`, all of one publisher, that were published by `day`, the latest first; and the plan of the
// name `asked` even if it was not. A later edition is one for later years.
std::vector<db::Edition> EditionsOn(absl::CivilDay day, const std::vector<almanac::v1::ReleasePlan>& plans,
                                    const std::string& time_zone, const std::string& asked = "");

// The figures with their rates; a rate is absent where there is nothing to divide by.
almanac::v1::SectionProgress WithRates(const db::Counts& counts);

// The sections among `counts` in the order of `plan`, empty ones too, and then those that only lines name.
std::vector<almanac::v1::SectionProgress> InPlanOrder(const almanac::v1::ReleasePlan& plan,
                                                      const std::vector<db::Counts>& counts);

// Orders publishers by the share of what was due that is overdue or was late, then by how many are overdue, the worst
// first; then by name.
void SortWorstFirst(google::protobuf::RepeatedPtrField<almanac::v1::PublisherProgress>* publishers);

}  // namespace almanac::service::rules
