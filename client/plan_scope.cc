#include "client/plan_scope.h"

#include "absl/strings/str_cat.h"
#include "client/checks.h"
#include "client/date_span.h"
#include "client/errors.h"
#include "client/names.h"

namespace almanac::client {

void PlanScope::AddTo(CLI::App& command) {
  command.add_option("NAME", plan, absl::StrCat("One edition, ", PlanNames().Forms()))
      ->type_name("")
      ->check(NotEmpty());
  command
      .add_option("--publisher", publisher,
                  absl::StrCat("Instead: every promise of this publisher, ", PublisherNames().Forms()))
      ->type_name("NAME")
      ->check(NotEmpty());
}

absl::StatusOr<PlanScope> PlanScope::Complete() const {
  if (plan.empty() == publisher.empty()) {
    return UsageError(
        absl::StrCat("give either a plan, ", PlanNames().Forms(), ", or --publisher ", PublisherNames().Forms()));
  }
  if (plan.empty()) {
    const absl::StatusOr<std::string> whole = PublisherNames().Complete(publisher);
    if (!whole.ok()) return whole.status();
    return PlanScope{"", *whole};
  }
  const absl::StatusOr<std::string> whole = PlanNames().Complete(plan);
  if (!whole.ok()) return whole.status();
  return PlanScope{*whole, SplitName(*whole).first};
}

std::vector<Promise> PlanScope::Read(const PublisherPlans& all, absl::CivilDay day) const {
  return plan.empty() ? PromisesOn(all, day) : LinesOn(all, plan, day);
}

void AddAsOf(CLI::App& command, std::string& as_of) {
  command.add_option("--as-of", as_of, "The day to judge by (today, where the publisher is, if not given)")
      ->type_name("DAY")
      ->check(NotEmpty());
}

void TellLeftOut(const Session& session, int count) {
  session.notes << CountText(count, "line") << " that a plan lists as released without a target left out: "
                << "--released keeps them\n";
}

}  // namespace almanac::client
