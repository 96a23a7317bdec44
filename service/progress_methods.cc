#include <map>

#include "absl/strings/str_cat.h"
#include "db/names.h"
#include "db/plans.h"
#include "db/progress.h"
#include "db/publishers.h"
#include "service/release_plan_service.h"
#include "service/rules/dates.h"
#include "service/rules/progress.h"
#include "service/standard_methods.h"

namespace almanac::service {
namespace {

using almanac::v1::GetProgressRequest;
using almanac::v1::Progress;
using almanac::v1::Publisher;
using almanac::v1::PublisherProgress;
using almanac::v1::ReleasePlan;

constexpr char kAllPublishers[] = "publishers/-";

db::Page All() { return {.after = "", .limit = INT32_MAX, .show_deleted = false}; }

bool IsPlanName(const std::string& name) { return db::CheckName("name", db::kPlanPattern, name).ok(); }

absl::Status CheckScope(const std::string& name) {
  if (IsPlanName(name) || db::CheckName("name", db::kPublisherPattern, name, db::Wildcard::kAllowed).ok()) {
    return absl::OkStatus();
  }
  const std::string wanted =
      "a plan, publishers/{publisher}/plans/{plan}, a publisher, publishers/{publisher}, or publishers/- for all";
  return db::InvalidField("name", name.empty()
                                      ? absl::StrCat("is required: the name of ", wanted)
                                      : absl::StrCat("\"", db::Excerpt(name, 200), "\" is not the name of ", wanted));
}

// The day to judge a publisher by.
class Clock {
 public:
  Clock(db::Transaction& transaction, const std::string& as_of) {
    if (as_of.empty())
      now_ = db::ReadClock(transaction);
    else
      day_ = rules::ParseDate(as_of)->first;
  }

  absl::CivilDay DayIn(const std::string& time_zone) const { return day_ ? *day_ : rules::DayIn(time_zone, now_); }

 private:
  absl::Time now_;
  std::optional<absl::CivilDay> day_;
};

absl::StatusOr<Progress> ProgressOfPlan(db::Transaction& transaction, const std::string& name, const Clock& clock) {
  const std::string publisher_name = db::PublisherName(db::IdsOf(name)[0]);
  const auto publisher = db::ReadPublisher(transaction, publisher_name);
  if (!publisher.ok()) return db::NotFound(name);
  const absl::CivilDay day = clock.DayIn(publisher->time_zone());
  const std::vector<db::Counts> counts =
      db::CountLines(transaction,
                     rules::EditionsOn(day, db::ListPlans(transaction, publisher_name, All()), publisher->time_zone(),
                                       /*asked=*/name),
                     name);
  // The plan after its lines: one that is deleted meanwhile is not found, rather than empty.
  const auto plan = Live(db::ReadPlan(transaction, name));
  if (!plan.ok()) return plan.status();
  Progress progress;
  progress.set_release_plan(name);
  progress.set_as_of(rules::FormatDay(day));
  progress.mutable_total();
  for (const db::Counts& set : counts) {
    if (set.section.empty()) *progress.mutable_total() = rules::WithRates(set);
  }
  for (auto& section : rules::InPlanOrder(*plan, counts)) *progress.add_sections() = std::move(section);
  return progress;
}

absl::StatusOr<Progress> ProgressOfPublisher(db::Transaction& transaction, const std::string& name,
                                             const Clock& clock) {
  const auto publisher = Live(db::ReadPublisher(transaction, name));
  if (!publisher.ok()) return publisher.status();
  const absl::CivilDay day = clock.DayIn(publisher->time_zone());
  const std::vector<db::Edition> editions =
      rules::EditionsOn(day, db::ListPlans(transaction, name, All()), publisher->time_zone());
  std::map<std::string, db::Counts> lines;
  for (db::Counts& set : db::CountLines(transaction, editions, /*plan_name=*/"")) {
    if (set.section.empty()) lines[set.plan] = std::move(set);
  }
  Progress progress;
  progress.set_as_of(rules::FormatDay(day));
  for (const db::Edition& edition : editions) {
    auto* plan = progress.add_plans();
    plan->set_release_plan(edition.plan);
    *plan->mutable_total() = rules::WithRates(lines[db::IdsOf(edition.plan)[1]]);
  }
  for (const db::Counts& set : db::CountPromises(transaction, editions)) {
    if (set.publisher.empty()) *progress.mutable_total() = rules::WithRates(set);
  }
  return progress;
}

absl::StatusOr<Progress> ProgressOfAll(db::Transaction& transaction, const Clock& clock) {
  std::map<std::string, std::vector<ReleasePlan>> plans;
  for (ReleasePlan& plan : db::ListPlans(transaction, kAllPublishers, All())) {
    plans[db::IdsOf(plan.name())[0]].push_back(std::move(plan));
  }
  absl::CivilDay latest = clock.DayIn("UTC");
  bool is_first = true;
  std::vector<db::Edition> editions;
  std::map<std::string, PublisherProgress> publishers;
  for (const Publisher& publisher : db::ListPublishers(transaction, All())) {
    const std::string id = db::IdsOf(publisher.name())[0];
    const absl::CivilDay day = clock.DayIn(publisher.time_zone());
    latest = is_first ? day : std::max(latest, day);
    is_first = false;
    const auto published = rules::EditionsOn(day, plans[id], publisher.time_zone());
    editions.insert(editions.end(), published.begin(), published.end());
    PublisherProgress& progress = publishers[id];
    progress.set_publisher(publisher.name());
    *progress.mutable_titles() = publisher.titles();
    progress.set_as_of(rules::FormatDay(day));
  }
  Progress progress;
  progress.set_as_of(rules::FormatDay(latest));
  for (const db::Counts& set : db::CountPromises(transaction, editions)) {
    if (set.publisher.empty()) {
      *progress.mutable_total() = rules::WithRates(set);
      continue;
    }
    *publishers[set.publisher].mutable_total() = rules::WithRates(set);
    *progress.add_publishers() = publishers[set.publisher];
  }
  rules::SortWorstFirst(progress.mutable_publishers());
  return progress;
}

}  // namespace

Reactor* ReleasePlanService::GetProgress(Context* context, const GetProgressRequest* request, Progress* response) {
  absl::Status valid = CheckScope(request->name());
  if (valid.ok()) valid = CheckOptionalDay("as_of", request->as_of());
  return Read(database_, context, *request, response, valid,
              [request](db::Transaction& transaction) -> absl::StatusOr<Progress> {
                const Clock clock(transaction, request->as_of());
                absl::StatusOr<Progress> progress =
                    IsPlanName(request->name())         ? ProgressOfPlan(transaction, request->name(), clock)
                    : request->name() == kAllPublishers ? ProgressOfAll(transaction, clock)
                                                        : ProgressOfPublisher(transaction, request->name(), clock);
                if (progress.ok()) progress->set_name(request->name());
                return progress;
              });
}

}  // namespace almanac::service
