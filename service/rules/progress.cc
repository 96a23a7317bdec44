#include "service/rules/progress.h"

#include <map>
#include <string>

#include "service/rules/dates.h"

namespace almanac::service::rules {
namespace {

using almanac::v1::Commitment;
using almanac::v1::SectionProgress;
using almanac::v1::Slip;

void CountOutcome(const Commitment& commitment, SectionProgress* counts) {
  switch (commitment.outcome().against_last_target().verdict()) {
    case Slip::EARLY:
      return counts->set_early_count(counts->early_count() + 1);
    case Slip::ON_TIME:
      return counts->set_on_time_count(counts->on_time_count() + 1);
    case Slip::LATE:
      return counts->set_late_count(counts->late_count() + 1);
    default:
      return;  // listed as released by the plan itself: there was no target
  }
}

void Count(const Commitment& commitment, absl::CivilDay day, SectionProgress* counts) {
  counts->set_commitment_count(counts->commitment_count() + 1);
  if (commitment.reschedules_size() > 0) counts->set_moved_count(counts->moved_count() + 1);
  const bool is_open = commitment.state() == Commitment::PLANNED || commitment.state() == Commitment::CONFIRMED;
  if (is_open && IsOverdue(*ParseDate(commitment.target_date()), day)) {
    counts->set_overdue_count(counts->overdue_count() + 1);
  }
  switch (commitment.state()) {
    case Commitment::PLANNED:
      return counts->set_planned_count(counts->planned_count() + 1);
    case Commitment::CONFIRMED:
      return counts->set_confirmed_count(counts->confirmed_count() + 1);
    case Commitment::RELEASED:
      counts->set_released_count(counts->released_count() + 1);
      return CountOutcome(commitment, counts);
    case Commitment::CANCELLED:
      return counts->set_cancelled_count(counts->cancelled_count() + 1);
    default:
      return;
  }
}

}  // namespace

almanac::v1::Progress CountProgress(const almanac::v1::ReleasePlan& plan, const std::vector<Commitment>& commitments,
                                    absl::CivilDay day) {
  almanac::v1::Progress progress;
  progress.set_release_plan(plan.name());
  progress.set_as_of(FormatDay(day));
  std::map<std::string, SectionProgress> sections;
  for (const Commitment& commitment : commitments) {
    Count(commitment, day, progress.mutable_total());
    Count(commitment, day, &sections[commitment.section()]);
  }
  progress.mutable_total();
  const auto add = [&](const std::string& code) {
    *progress.add_sections() = sections[code];
    progress.mutable_sections()->rbegin()->set_section(code);
    sections.erase(code);
  };
  for (const auto& section : plan.sections()) add(section.code());
  while (!sections.empty()) add(std::string(sections.begin()->first));
  return progress;
}

}  // namespace almanac::service::rules
