#include "tests/integration/progress_reference.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/time/time.h"
#include "service/rules/dates.h"

namespace almanac::testing {
namespace {

using absl::CivilDay;
using almanac::v1::Commitment;
using almanac::v1::Publisher;
using almanac::v1::ReleasePlan;
using almanac::v1::SectionProgress;
using service::rules::ParseDate;

// The plan of a commitment's name.
std::string PlanOf(const std::string& line) { return line.substr(0, line.find("/commitments/")); }

bool HasCome(const std::string& date, CivilDay day) { return !date.empty() && ParseDate(date)->first <= day; }

double Median(std::vector<int> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2.0;
}

// Adds to the count `field` of `account`.
#define ALMANAC_ADD(field, number) account->figures.set_##field(account->figures.field() + (number))

void AddOutcome(const Commitment& line, ProgressReference::Account* account) {
  if (!line.has_outcome()) return;
  const int last = line.outcome().against_last_target().days();
  ALMANAC_ADD(early_count, last < 0);
  ALMANAC_ADD(on_time_count, last == 0);
  ALMANAC_ADD(late_count, last > 0);
  const int first = line.outcome().against_first_target().days();
  ALMANAC_ADD(first_early_count, first < 0);
  ALMANAC_ADD(first_on_time_count, first == 0);
  ALMANAC_ADD(first_late_count, first > 0);
  account->slips.push_back(line.outcome().against_first_target().months());
}

}  // namespace

ProgressReference::ProgressReference(const Catalogue& catalogue, const Publisher& publisher, CivilDay day)
    : catalogue_(catalogue), publisher_(publisher), day_(day) {
  for (const auto& [name, plan] : catalogue.plans) {
    if (name.starts_with(publisher.name() + "/") && IsPublished(name)) published_.push_back(name);
  }
  std::sort(published_.begin(), published_.end(), [this](const auto& a, const auto& b) { return IsLater(a, b); });
}

SectionProgress ProgressReference::OfLines(const std::string& plan, const std::string& section) const {
  Account account;
  for (const auto& [name, line] : catalogue_.lines) {
    if (PlanOf(name) != plan || (!section.empty() && line.section() != section)) continue;
    Add(line, MovesOf(line), ReasonedMovesOf(line), WasOpenWhenSuperseded(line), &account);
  }
  account.figures.set_section(section);
  return Finish(account);
}

void ProgressReference::AddPromises(Account* account) const {
  for (const auto& [name, line] : catalogue_.lines) {
    if (!name.starts_with(publisher_.name() + "/") || !IsPublished(PlanOf(name)) || IsCarried(line)) continue;
    int moves = 0;
    int reasoned = 0;
    bool was_open = false;
    for (std::string part = name; !part.empty(); part = catalogue_.lines.at(part).continues()) {
      if (!IsPublished(PlanOf(part))) continue;
      const Commitment& made = catalogue_.lines.at(part);
      moves += MovesOf(made);
      reasoned += ReasonedMovesOf(made);
      was_open = was_open || WasOpenWhenSuperseded(made);
    }
    Add(line, moves, reasoned, was_open, account);
  }
}

SectionProgress ProgressReference::Finish(const Account& account) {
  SectionProgress figures = account.figures;
  if (!account.overdue_days.empty()) {
    figures.set_max_overdue_days(*std::max_element(account.overdue_days.begin(), account.overdue_days.end()));
    figures.set_median_overdue_days(static_cast<int>(Median(account.overdue_days)));
  }
  if (!account.slips.empty()) figures.set_median_slip_months(Median(account.slips));
  const double first_kept = figures.first_early_count() + figures.first_on_time_count();
  const double first_due = first_kept + figures.first_late_count() + figures.first_overdue_count();
  if (first_due > 0) figures.set_first_on_time_rate(first_kept / first_due);
  const double last_kept = figures.early_count() + figures.on_time_count();
  const double last_due = last_kept + figures.late_count() + figures.overdue_count();
  if (last_due > 0) figures.set_last_on_time_rate(last_kept / last_due);
  const double reasoned = figures.reasoned_move_count();
  if (figures.move_count() > 0) figures.set_reasoned_move_rate(reasoned / figures.move_count());
  const double dropped = figures.dropped_count();
  if (account.was_open > 0) figures.set_dropped_rate(dropped / account.was_open);
  return figures;
}

bool ProgressReference::IsLater(const std::string& a, const std::string& b) const {
  return catalogue_.plans.at(a).period().start_year() > catalogue_.plans.at(b).period().start_year();
}

std::optional<CivilDay> ProgressReference::PublishedDay(const std::string& plan_name) const {
  const ReleasePlan& plan = catalogue_.plans.at(plan_name);
  if (plan.state() == ReleasePlan::DRAFT) return std::nullopt;
  if (!plan.published_on().empty()) return ParseDate(plan.published_on())->first;
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(publisher_.time_zone(), &zone));
  return absl::ToCivilDay(absl::FromUnixSeconds(plan.publish_time().seconds()), zone);
}

bool ProgressReference::IsPublished(const std::string& plan) const {
  const auto published = PublishedDay(plan);
  return published && *published <= day_;
}

std::optional<CivilDay> ProgressReference::SupersededDay(const std::string& plan) const {
  std::optional<CivilDay> superseded;
  if (!IsPublished(plan)) return superseded;
  for (const std::string& later : published_) {
    if (!IsLater(later, plan)) continue;
    const CivilDay both = std::max(*PublishedDay(plan), *PublishedDay(later));
    superseded = std::min(superseded.value_or(both), both);
  }
  return superseded;
}

bool ProgressReference::IsCarried(const Commitment& line) const {
  for (std::string by = line.continued_by(); !by.empty(); by = catalogue_.lines.at(by).continued_by()) {
    if (IsPublished(PlanOf(by))) return true;
  }
  return false;
}

Commitment::State ProgressReference::StateOf(const Commitment& line) const {
  if (HasCome(line.release_date(), day_)) return Commitment::RELEASED;
  if (HasCome(line.cancellation().cancel_date(), day_)) return Commitment::CANCELLED;
  return HasCome(line.confirm_date(), day_) ? Commitment::CONFIRMED : Commitment::PLANNED;
}

std::string ProgressReference::TargetOf(const Commitment& line) const {
  if (HasCome(line.confirm_date(), day_)) {
    for (const auto& move : line.reschedules()) {
      if (!HasCome(move.reschedule_date(), day_)) return move.from_target_date();
    }
    return line.target_date();
  }
  std::string target = line.first_target_date();
  for (const auto& move : line.reschedules()) {
    if (HasCome(move.reschedule_date(), day_)) target = move.to_target_date();
  }
  return target;
}

int ProgressReference::ReasonedMovesOf(const Commitment& line) const {
  int moves = 0;
  for (const auto& move : line.reschedules()) moves += HasCome(move.reschedule_date(), day_) ? 1 : 0;
  return moves;
}

int ProgressReference::MovesOf(const Commitment& line) const {
  const bool edition_moved_it = !line.continues().empty() && IsPublished(PlanOf(line.name())) &&
                                !line.first_target_date().empty() &&
                                line.first_target_date() != TargetOf(catalogue_.lines.at(line.continues()));
  return ReasonedMovesOf(line) + (edition_moved_it ? 1 : 0);
}

bool ProgressReference::WasOpenWhenSuperseded(const Commitment& line) const {
  const auto superseded = SupersededDay(PlanOf(line.name()));
  return superseded && !HasCome(line.release_date(), *superseded) &&
         !HasCome(line.cancellation().cancel_date(), *superseded);
}

void ProgressReference::Add(const Commitment& line, int moves, int reasoned, bool was_open, Account* account) const {
  const Commitment::State state = StateOf(line);
  ALMANAC_ADD(commitment_count, 1);
  ALMANAC_ADD(planned_count, state == Commitment::PLANNED);
  ALMANAC_ADD(confirmed_count, state == Commitment::CONFIRMED);
  ALMANAC_ADD(released_count, state == Commitment::RELEASED);
  ALMANAC_ADD(cancelled_count, state == Commitment::CANCELLED);
  ALMANAC_ADD(moved_count, moves > 0);
  ALMANAC_ADD(move_count, moves);
  ALMANAC_ADD(reasoned_move_count, reasoned);
  account->was_open += was_open ? 1 : 0;
  if (state == Commitment::RELEASED) AddOutcome(line, account);
  if (state == Commitment::PLANNED || state == Commitment::CONFIRMED) AddOpen(line, account);
}

void ProgressReference::AddOpen(const Commitment& line, Account* account) const {
  if (IsCarried(line)) {
    ALMANAC_ADD(carried_count, 1);
    return;
  }
  ALMANAC_ADD(dropped_count, SupersededDay(PlanOf(line.name())).has_value());
  const std::string target = TargetOf(line);
  if (!target.empty() && ParseDate(target)->last < day_) {
    ALMANAC_ADD(overdue_count, 1);
    account->overdue_days.push_back(static_cast<int>(day_ - ParseDate(target)->last));
  }
  const std::string& first = line.original_target_date();
  ALMANAC_ADD(first_overdue_count, !first.empty() && ParseDate(first)->last < day_);
}

#undef ALMANAC_ADD

}  // namespace almanac::testing
