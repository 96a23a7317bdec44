#include "service/rules/progress.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "service/rules/dates.h"

namespace almanac::service::rules {
namespace {

using almanac::v1::PublisherProgress;
using almanac::v1::ReleasePlan;
using almanac::v1::SectionProgress;

std::pair<int, int> YearsOf(const ReleasePlan& plan) { return {plan.period().start_year(), plan.period().end_year()}; }

// What was due by the last targets, and how much of it was not kept.
std::pair<int64_t, int64_t> DueAndMissed(const SectionProgress& figures) {
  const int64_t missed = int64_t{figures.late_count()} + figures.overdue_count();
  return {missed + figures.early_count() + figures.on_time_count(), missed};
}

bool IsWorse(const PublisherProgress& a, const PublisherProgress& b) {
  const auto [due_a, missed_a] = DueAndMissed(a.total());
  const auto [due_b, missed_b] = DueAndMissed(b.total());
  // Shares by cross-multiplication, since no rounding may decide. Of nothing due, nothing was missed.
  const int64_t share_a = missed_a * std::max<int64_t>(due_b, 1);
  const int64_t share_b = missed_b * std::max<int64_t>(due_a, 1);
  if (share_a != share_b) return share_a > share_b;
  if (a.total().overdue_count() != b.total().overdue_count()) {
    return a.total().overdue_count() > b.total().overdue_count();
  }
  return a.publisher() < b.publisher();
}

}  // namespace

absl::CivilDay PublishedDay(const ReleasePlan& plan, const std::string& time_zone) {
  if (!plan.published_on().empty()) return ParseDate(plan.published_on())->first;
  return DayIn(time_zone,
               absl::FromUnixMicros(google::protobuf::util::TimeUtil::TimestampToMicroseconds(plan.publish_time())));
}

std::vector<db::Edition> EditionsOn(absl::CivilDay day, const std::vector<ReleasePlan>& plans,
                                    const std::string& time_zone, const std::string& asked) {
  std::vector<const ReleasePlan*> latest_first;
  for (const ReleasePlan& plan : plans) latest_first.push_back(&plan);
  std::sort(latest_first.begin(), latest_first.end(), [](const ReleasePlan* a, const ReleasePlan* b) {
    return std::make_tuple(YearsOf(*b), a->name()) < std::make_tuple(YearsOf(*a), b->name());
  });
  // By their years, the first day on which an edition for these was published.
  std::map<std::pair<int, int>, absl::CivilDay> published;
  std::vector<db::Edition> editions;
  for (const ReleasePlan* plan : latest_first) {
    db::Edition edition{.plan = plan->name(), .day = FormatDay(day), .published = false, .superseded_on = ""};
    if (plan->state() != ReleasePlan::DRAFT) {
      const absl::CivilDay own_day = PublishedDay(*plan, time_zone);
      edition.published = own_day <= day;
      if (edition.published) {
        std::optional<absl::CivilDay> superseded;
        for (auto later = published.upper_bound(YearsOf(*plan)); later != published.end(); ++later) {
          superseded = std::min(superseded.value_or(later->second), later->second);
        }
        if (superseded) edition.superseded_on = FormatDay(std::max(own_day, *superseded));
        const auto [first, is_new] = published.try_emplace(YearsOf(*plan), own_day);
        if (!is_new) first->second = std::min(first->second, own_day);
      }
    }
    if (edition.published || edition.plan == asked) editions.push_back(std::move(edition));
  }
  return editions;
}

SectionProgress WithRates(const db::Counts& counts) {
  SectionProgress figures = counts.figures;
  const auto set_rate = [&figures](void (SectionProgress::*set)(double), int part, int whole) {
    if (whole > 0) (figures.*set)(static_cast<double>(part) / whole);
  };
  const int first_kept = figures.first_early_count() + figures.first_on_time_count();
  const int last_kept = figures.early_count() + figures.on_time_count();
  set_rate(&SectionProgress::set_first_on_time_rate, first_kept,
           first_kept + figures.first_late_count() + figures.first_overdue_count());
  set_rate(&SectionProgress::set_last_on_time_rate, last_kept,
           last_kept + figures.late_count() + figures.overdue_count());
  set_rate(&SectionProgress::set_reasoned_move_rate, figures.reasoned_move_count(), figures.move_count());
  set_rate(&SectionProgress::set_dropped_rate, figures.dropped_count(), counts.was_open_count);
  return figures;
}

std::vector<SectionProgress> InPlanOrder(const ReleasePlan& plan, const std::vector<db::Counts>& counts) {
  std::map<std::string, SectionProgress> sections;
  for (const db::Counts& section : counts) {
    if (!section.section.empty()) sections[section.section] = WithRates(section);
  }
  std::vector<SectionProgress> ordered;
  const auto add = [&](const std::string& code) {
    ordered.push_back(sections[code]);
    ordered.back().set_section(code);
    sections.erase(code);
  };
  for (const auto& section : plan.sections()) add(section.code());
  while (!sections.empty()) add(std::string(sections.begin()->first));
  return ordered;
}

void SortWorstFirst(google::protobuf::RepeatedPtrField<PublisherProgress>* publishers) {
  std::sort(publishers->begin(), publishers->end(), IsWorse);
}

}  // namespace almanac::service::rules
