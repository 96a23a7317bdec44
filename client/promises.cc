#include "client/promises.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "client/date_span.h"
#include "client/names.h"
#include "client/values.h"

namespace almanac::client {
namespace {

using v1::Commitment;

std::string PlanOf(const std::string& line) { return SplitName(line).first; }

std::string PlanOf(const Commitment& line) { return PlanOf(line.name()); }

// Whether what is dated `date` had happened by the end of `day`.
bool HappenedBy(const std::string& date, absl::CivilDay day) {
  const std::optional<DateSpan> span = ParseDateSpan(date);
  return span.has_value() && span->first <= day;
}

// The target of one line at the end of `day`.
std::string TargetOn(const Commitment& line, absl::CivilDay day) {
  const bool confirmed = HappenedBy(line.confirm_date(), day);
  std::string target = confirmed ? line.target_date() : line.first_target_date();
  for (const v1::Reschedule& move : line.reschedules()) {
    const bool made = HappenedBy(move.reschedule_date(), day);
    // A move from before the confirmation says what was then confirmed; the first later one says from which day.
    if (confirmed && !made) return move.from_target_date();
    if (!confirmed && made) target = move.to_target_date();
  }
  return target;
}

// What all lines of one publisher have in common.
class Reader {
 public:
  Reader(const PublisherPlans& all, absl::CivilDay day) : days_(PublicationDays(all)), day_(day) {
    for (const Commitment& line : all.commitments) lines_[line.name()] = &line;
    for (const v1::ReleasePlan& plan : all.plans) {
      periods_[plan.name()] = {plan.period().start_year(), plan.period().end_year()};
      if (Published(plan.name())) latest_ = std::max(latest_, periods_[plan.name()]);
    }
  }

  // Whether the plan was published by the end of the day.
  bool Published(const std::string& plan) const {
    const auto published = days_.find(plan);
    return published != days_.end() && published->second <= day_;
  }

  // Whether a later edition had the promise by the end of the day. One between them may have been published after it.
  bool CarriedOn(const Commitment& line) const {
    auto next = lines_.find(line.name());
    // Bounded by the number of lines, whatever the links say.
    for (size_t i = 0; i < lines_.size() && next != lines_.end(); ++i) {
      const std::string& later = next->second->continued_by();
      if (later.empty()) return false;
      if (Published(PlanOf(later))) return true;
      next = lines_.find(later);
    }
    return false;
  }

  Promise Read(const Commitment& line) const {
    Promise promise;
    promise.lines = {&line};
    // Bounded by the number of lines, whatever the links say.
    while (promise.lines.size() <= lines_.size()) {
      const auto before = lines_.find(promise.lines.front()->continues());
      if (before == lines_.end()) break;
      promise.lines.insert(promise.lines.begin(), before->second);
    }
    promise.promise_date = PromiseDate(promise);
    promise.first_target = promise.lines.front()->first_target_date();
    for (size_t i = 0; i < promise.lines.size(); ++i) {
      const Commitment& told = *promise.lines[i];
      const bool published = Published(PlanOf(told));
      if (published && i > 0) AddEditionMove(*promise.lines[i - 1], told, promise);
      if (!published && &told != &line) continue;
      AddMoves(told, promise);
      AddCancellation(told, promise);
    }
    if (promise.first_target.empty()) promise.first_target = line.first_target_date();
    SetState(promise);
    return promise;
  }

 private:
  // Editions are not always published in the order of their years.
  std::string PromiseDate(const Promise& promise) const {
    std::string first;
    for (const Commitment* line : promise.lines) {
      const auto published = days_.find(PlanOf(*line));
      if (published == days_.end()) continue;
      const std::string day = DayText(published->second);
      if (first.empty() || day < first) first = day;
    }
    return first;
  }

  // Of a published line.
  void AddEditionMove(const Commitment& from, const Commitment& to, Promise& promise) const {
    // What the earlier edition said last, as the server counts moves.
    const std::string& before = from.target_date();
    if (before.empty() || to.first_target_date().empty() || before == to.first_target_date()) return;
    Move move;
    move.day = DayText(days_.at(PlanOf(to)));
    move.from = before;
    move.to = to.first_target_date();
    move.by_edition = true;
    promise.moves.push_back(std::move(move));
  }

  void AddMoves(const Commitment& line, Promise& promise) const {
    for (const v1::Reschedule& move : line.reschedules()) {
      if (!HappenedBy(move.reschedule_date(), day_)) continue;
      promise.moves.push_back({move.reschedule_date(), move.from_target_date(), move.to_target_date(), move.reason(),
                               move.note(), move.actor(), false});
    }
  }

  void AddCancellation(const Commitment& line, Promise& promise) const {
    const v1::Cancellation& why = line.cancellation();
    if (!line.has_cancellation() || !HappenedBy(why.cancel_date(), day_)) return;
    promise.cancellations.push_back(
        {why.cancel_date(), TargetOn(line, day_), "", why.reason(), why.note(), why.actor(), false});
  }

  void SetState(Promise& promise) const {
    const Commitment& line = promise.line();
    promise.target = TargetOn(line, day_);
    // A line that only lists the release of what was promised before.
    if (promise.target.empty() && promise.lines.size() > 1) {
      promise.target = TargetOn(*promise.lines[promise.lines.size() - 2], day_);
    }
    if (HappenedBy(line.confirm_date(), day_)) {
      promise.state = Commitment::CONFIRMED;
      promise.confirm_date = line.confirm_date();
    }
    if (line.state() == Commitment::RELEASED && HappenedBy(line.release_date(), day_)) {
      promise.state = Commitment::RELEASED;
      promise.release_date = line.release_date();
    }
    if (line.has_cancellation() && HappenedBy(line.cancellation().cancel_date(), day_)) {
      promise.state = Commitment::CANCELLED;
      promise.cancel_date = line.cancellation().cancel_date();
    }
    if (!promise.open()) return;
    promise.carried = CarriedOn(line);
    const auto period = periods_.find(PlanOf(line));
    promise.dropped =
        !promise.carried && period != periods_.end() && Published(period->first) && period->second < latest_;
    const std::optional<DateSpan> target = ParseDateSpan(promise.target);
    if (!promise.carried && target.has_value()) {
      promise.overdue_days = static_cast<int>(std::max<absl::civil_diff_t>(0, day_ - target->last));
    }
  }

  const std::map<std::string, absl::CivilDay> days_;
  const absl::CivilDay day_;
  std::map<std::string, const Commitment*> lines_;
  std::map<std::string, std::pair<int, int>> periods_;
  // The period of the latest edition that was published by the day.
  std::pair<int, int> latest_{0, 0};
};

}  // namespace

std::string Promise::OverdueSince() const {
  const std::optional<DateSpan> span = ParseDateSpan(target);
  return overdue_days > 0 && span.has_value() ? DayText(span->last + 1) : "";
}

std::map<std::string, absl::CivilDay> PublicationDays(const PublisherPlans& all) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(all.publisher.time_zone(), &zone)) zone = absl::UTCTimeZone();
  std::map<std::string, absl::CivilDay> days;
  for (const v1::ReleasePlan& plan : all.plans) {
    if (plan.state() != v1::ReleasePlan::PUBLISHED && plan.state() != v1::ReleasePlan::SUPERSEDED) continue;
    const std::optional<DateSpan> said = ParseDateSpan(plan.published_on());
    const absl::Time time = absl::FromUnixSeconds(plan.publish_time().seconds());
    days[plan.name()] = said.has_value() ? said->first : absl::ToCivilDay(time, zone);
  }
  return days;
}

std::vector<Promise> PromisesOn(const PublisherPlans& all, absl::CivilDay day) {
  const Reader reader(all, day);
  std::vector<Promise> promises;
  for (const Commitment& line : all.commitments) {
    if (reader.Published(PlanOf(line)) && !reader.CarriedOn(line)) promises.push_back(reader.Read(line));
  }
  return promises;
}

std::vector<Promise> LinesOn(const PublisherPlans& all, const std::string& plan, absl::CivilDay day) {
  const Reader reader(all, day);
  std::vector<Promise> lines;
  for (const Commitment& line : all.commitments) {
    if (PlanOf(line) == plan) lines.push_back(reader.Read(line));
  }
  return lines;
}

std::string StandingText(const Promise& promise) {
  if (promise.carried) return "carried on";
  if (promise.dropped) return "dropped";
  if (promise.overdue_days > 0) return absl::StrCat("overdue ", CountText(promise.overdue_days, "day"));
  if (promise.state != Commitment::RELEASED || !promise.line().has_outcome()) return EnumText(promise.state);
  return SlipText(promise.line().outcome().against_last_target());
}

std::string SlipText(const v1::Slip& slip) {
  const std::string verdict = EnumText(slip.verdict());
  if (slip.days() == 0) return absl::StrReplaceAll(verdict, {{"-", " "}});
  const int count = std::abs(slip.months() != 0 ? slip.months() : slip.days());
  return absl::StrCat(verdict, " by ", CountText(count, slip.months() != 0 ? "month" : "day"));
}

}  // namespace almanac::client
