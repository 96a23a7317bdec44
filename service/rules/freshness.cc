#include "service/rules/freshness.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <cmath>

namespace almanac::service::rules {
namespace {

using almanac::v1::Dataset;
using almanac::v1::Freshness;
using google::protobuf::util::TimeUtil;

// From how many days since the last update on a dataset is in each state.
struct Thresholds {
  almanac::v1::Frequency frequency;
  int due;
  int overdue;
  int delinquent;
};

// Those that the Humanitarian Data Exchange published. Other frequencies have no due date.
constexpr Thresholds kThresholds[] = {
    {almanac::v1::DAILY, 1, 2, 3},
    {almanac::v1::WEEKLY, 7, 14, 21},
    {almanac::v1::MONTHLY, 30, 44, 60},
    {almanac::v1::QUARTERLY, 90, 120, 150},
    {almanac::v1::HALF_YEARLY, 180, 210, 240},
    {almanac::v1::YEARLY, 365, 425, 455},
};

constexpr size_t kFewestObserved = 3;

absl::Duration Days(int days) { return days * absl::Hours(24); }

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

const Thresholds* Find(almanac::v1::Frequency frequency) {
  const auto* found = std::find_if(std::begin(kThresholds), std::end(kThresholds),
                                   [&](const Thresholds& row) { return row.frequency == frequency; });
  return found == std::end(kThresholds) ? nullptr : found;
}

}  // namespace

void Assess(absl::Time now, Dataset* dataset) {
  Freshness& freshness = *dataset->mutable_freshness();
  freshness.clear_due_time();
  freshness.clear_next_state_time();
  const Thresholds* thresholds = Find(dataset->frequency());
  if (dataset->discontinued()) return freshness.set_state(Freshness::DISCONTINUED);
  if (thresholds == nullptr) return freshness.set_state(Freshness::UNSCHEDULED);
  if (!dataset->has_last_update_time()) return freshness.set_state(Freshness::UNKNOWN);

  const absl::Time last = absl::FromUnixMicros(TimeUtil::TimestampToMicroseconds(dataset->last_update_time()));
  *freshness.mutable_due_time() = ToTimestamp(last + Days(thresholds->due));
  freshness.set_state(Freshness::DELINQUENT);
  const struct {
    Freshness::State until;
    int days;
  } steps[] = {{Freshness::FRESH, thresholds->due},
               {Freshness::DUE, thresholds->overdue},
               {Freshness::OVERDUE, thresholds->delinquent}};
  for (const auto& [until, days] : steps) {
    if (now >= last + Days(days)) continue;
    freshness.set_state(until);
    *freshness.mutable_next_state_time() = ToTimestamp(last + Days(days));
    return;
  }
}

void Observe(const std::vector<absl::Time>& updates, Freshness* freshness) {
  freshness->clear_observed_frequency();
  freshness->clear_observed_interval();
  if (updates.size() < kFewestObserved) return;
  std::vector<absl::Duration> gaps;
  for (size_t i = 1; i < updates.size(); ++i) gaps.push_back(updates[i - 1] - updates[i]);
  std::sort(gaps.begin(), gaps.end());
  const absl::Duration median = (gaps[(gaps.size() - 1) / 2] + gaps[gaps.size() / 2]) / 2;
  *freshness->mutable_observed_interval() = TimeUtil::MicrosecondsToDuration(absl::ToInt64Microseconds(median));
  const auto distance = [&](const Thresholds& row) {
    return std::abs(std::log(absl::FDivDuration(median, Days(row.due))));
  };
  const auto* nearest =
      std::min_element(std::begin(kThresholds), std::end(kThresholds),
                       [&](const Thresholds& a, const Thresholds& b) { return distance(a) < distance(b); });
  freshness->set_observed_frequency(nearest->frequency);
}

}  // namespace almanac::service::rules
