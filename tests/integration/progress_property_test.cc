#include <algorithm>
#include <map>
#include <optional>
#include <random>

#include "service/rules/dates.h"
#include "tests/integration/progress_fixture.h"

// GetProgress of random catalogues on many days, field by field beside a reference that goes through the resources one
// by one, as the contract's comments read.
namespace almanac::testing {
namespace {

using absl::CivilDay;
using almanac::v1::Commitment;
using almanac::v1::Progress;
using almanac::v1::Publisher;
using almanac::v1::ReleasePlan;
using almanac::v1::SectionProgress;
using service::rules::FormatDay;
using service::rules::ParseDate;

// Ends of months, a leap day, and what lies beside them.
constexpr const char* kDays[] = {"2023-11-30", "2023-12-01", "2023-12-31", "2024-01-01", "2024-01-31", "2024-02-01",
                                 "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01", "2024-04-30"};
constexpr const char* kTargets[] = {"2023",    "2023-Q4", "2024-Q1",    "2023-12",    "2024-01",    "2024-02",
                                    "2024-03", "2024",    "2023-12-31", "2024-01-31", "2024-02-29", "2024-04-30"};
constexpr const char* kZones[] = {"Asia/Hong_Kong", "Pacific/Kiritimati", "Pacific/Pago_Pago", "CET"};
constexpr int kYears[] = {2019, 2022, 2025};
constexpr int kDatasets = 8;

// The plan of a commitment's name.
std::string PlanOf(const std::string& line) { return line.substr(0, line.find("/commitments/")); }

// Everything that was made, as the API returned it at the end.
struct Catalogue {
  std::map<std::string, Publisher> publishers;
  std::map<std::string, ReleasePlan> plans;
  std::map<std::string, Commitment> lines;
};

// The account of one publisher on one day.
class Reference {
 public:
  // What was counted of a set of lines so far.
  struct Account {
    SectionProgress figures;
    std::vector<int> overdue_days;
    std::vector<int> slips;
    int was_open = 0;
  };

  Reference(const Catalogue& catalogue, const Publisher& publisher, CivilDay day)
      : catalogue_(catalogue), publisher_(publisher), day_(day) {
    for (const auto& [name, plan] : catalogue.plans) {
      if (name.starts_with(publisher.name() + "/") && IsPublished(name)) published_.push_back(name);
    }
    std::sort(published_.begin(), published_.end(), [this](const auto& a, const auto& b) { return IsLater(a, b); });
  }

  const std::vector<std::string>& published() const { return published_; }

  // All lines of a plan, or of one of its sections.
  SectionProgress OfLines(const std::string& plan, const std::string& section = "") const {
    Account account;
    for (const auto& [name, line] : catalogue_.lines) {
      if (PlanOf(name) != plan || (!section.empty() && line.section() != section)) continue;
      Add(line, MovesOf(line), ReasonedMovesOf(line), WasOpenWhenSuperseded(line), &account);
    }
    account.figures.set_section(section);
    return Finish(account);
  }

  // Each promise once, by the line that no published one continues, with what the ones before it add.
  void AddPromisesTo(Account* account) const {
    for (const auto& [name, line] : catalogue_.lines) {
      if (!IsOurs(name) || !IsPublished(PlanOf(name)) || IsCarried(line)) continue;
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

  static SectionProgress Finish(Account account) {
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

 private:
  static double Median(std::vector<int> values) {
    std::sort(values.begin(), values.end());
    const size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2.0;
  }

  static bool HasCome(const std::string& date, CivilDay day) { return !date.empty() && ParseDate(date)->first <= day; }

  bool IsOurs(const std::string& name) const { return name.starts_with(publisher_.name() + "/"); }

  const ReleasePlan& PlanNamed(const std::string& name) const { return catalogue_.plans.at(name); }

  // Whether `a` is a later edition than `b`.
  bool IsLater(const std::string& a, const std::string& b) const {
    return PlanNamed(a).period().start_year() > PlanNamed(b).period().start_year();
  }

  std::optional<CivilDay> PublishedDay(const std::string& plan_name) const {
    const ReleasePlan& plan = PlanNamed(plan_name);
    if (plan.state() == ReleasePlan::DRAFT) return std::nullopt;
    if (!plan.published_on().empty()) return ParseDate(plan.published_on())->first;
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone(publisher_.time_zone(), &zone));
    return absl::ToCivilDay(absl::FromUnixSeconds(plan.publish_time().seconds()), zone);
  }

  bool IsPublished(const std::string& plan) const {
    const auto published = PublishedDay(plan);
    return published && *published <= day_;
  }

  // The first day on which both the plan and a later edition were published.
  std::optional<CivilDay> SupersededDay(const std::string& plan) const {
    std::optional<CivilDay> superseded;
    if (!IsPublished(plan)) return superseded;
    for (const std::string& later : published_) {
      if (!IsLater(later, plan)) continue;
      const CivilDay both = std::max(*PublishedDay(plan), *PublishedDay(later));
      superseded = std::min(superseded.value_or(both), both);
    }
    return superseded;
  }

  // Whether an edition that is published continues the line, at once or by way of others.
  bool IsCarried(const Commitment& line) const {
    for (std::string by = line.continued_by(); !by.empty(); by = catalogue_.lines.at(by).continued_by()) {
      if (IsPublished(PlanOf(by))) return true;
    }
    return false;
  }

  Commitment::State StateOf(const Commitment& line) const {
    if (HasCome(line.release_date(), day_)) return Commitment::RELEASED;
    if (HasCome(line.cancellation().cancel_date(), day_)) return Commitment::CANCELLED;
    return HasCome(line.confirm_date(), day_) ? Commitment::CONFIRMED : Commitment::PLANNED;
  }

  std::string TargetOf(const Commitment& line) const {
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

  int ReasonedMovesOf(const Commitment& line) const {
    return static_cast<int>(std::count_if(line.reschedules().begin(), line.reschedules().end(),
                                          [this](const auto& move) { return HasCome(move.reschedule_date(), day_); }));
  }

  int MovesOf(const Commitment& line) const {
    const bool edition_moved_it = !line.continues().empty() && IsPublished(PlanOf(line.name())) &&
                                  !line.first_target_date().empty() &&
                                  line.first_target_date() != catalogue_.lines.at(line.continues()).target_date();
    return ReasonedMovesOf(line) + (edition_moved_it ? 1 : 0);
  }

  bool WasOpenWhenSuperseded(const Commitment& line) const {
    const auto superseded = SupersededDay(PlanOf(line.name()));
    return superseded && !HasCome(line.release_date(), *superseded) &&
           !HasCome(line.cancellation().cancel_date(), *superseded);
  }

  static void AddOne(SectionProgress* figures, int32_t (SectionProgress::*get)() const,
                     void (SectionProgress::*set)(int32_t), int number = 1) {
    (figures->*set)((figures->*get)() + number);
  }
#define ALMANAC_ADD(field, ...) \
  AddOne(&account->figures, &SectionProgress::field, &SectionProgress::set_##field, ##__VA_ARGS__)

  void Add(const Commitment& line, int moves, int reasoned, bool was_open, Account* account) const {
    ALMANAC_ADD(commitment_count);
    if (moves > 0) ALMANAC_ADD(moved_count);
    ALMANAC_ADD(move_count, moves);
    ALMANAC_ADD(reasoned_move_count, reasoned);
    if (was_open) ++account->was_open;
    switch (StateOf(line)) {
      case Commitment::RELEASED:
        ALMANAC_ADD(released_count);
        return AddOutcome(line, account);
      case Commitment::CANCELLED:
        return ALMANAC_ADD(cancelled_count);
      case Commitment::CONFIRMED:
        ALMANAC_ADD(confirmed_count);
        return AddOpen(line, account);
      default:
        ALMANAC_ADD(planned_count);
        return AddOpen(line, account);
    }
  }

  void AddOutcome(const Commitment& line, Account* account) const {
    if (!line.has_outcome()) return;
    const int last = line.outcome().against_last_target().days();
    if (last < 0) ALMANAC_ADD(early_count);
    if (last == 0) ALMANAC_ADD(on_time_count);
    if (last > 0) ALMANAC_ADD(late_count);
    const int first = line.outcome().against_first_target().days();
    if (first < 0) ALMANAC_ADD(first_early_count);
    if (first == 0) ALMANAC_ADD(first_on_time_count);
    if (first > 0) ALMANAC_ADD(first_late_count);
    account->slips.push_back(line.outcome().against_first_target().months());
  }

  void AddOpen(const Commitment& line, Account* account) const {
    if (IsCarried(line)) return ALMANAC_ADD(carried_count);
    if (SupersededDay(PlanOf(line.name()))) ALMANAC_ADD(dropped_count);
    const std::string target = TargetOf(line);
    if (!target.empty() && ParseDate(target)->last < day_) {
      ALMANAC_ADD(overdue_count);
      account->overdue_days.push_back(static_cast<int>(day_ - ParseDate(target)->last));
    }
    const std::string& first = line.original_target_date();
    if (!first.empty() && ParseDate(first)->last < day_) ALMANAC_ADD(first_overdue_count);
  }
#undef ALMANAC_ADD

  const Catalogue& catalogue_;
  const Publisher& publisher_;
  const CivilDay day_;
  // The editions that are, latest first.
  std::vector<std::string> published_;
};

class ProgressPropertyTest : public ProgressTest, public ::testing::WithParamInterface<int> {
 protected:
  template <typename T, size_t kSize>
  T OneOf(const T (&choices)[kSize]) {
    return choices[std::uniform_int_distribution<size_t>(0, kSize - 1)(random_)];
  }
  bool Chance(double share) { return std::bernoulli_distribution(share)(random_); }

  void AddPublisherIn(const std::string& id, const std::string& zone) {
    AddPublisher(id);
    almanac::v1::UpdatePublisherRequest update;
    update.mutable_publisher()->set_name("publishers/" + id);
    update.mutable_publisher()->set_time_zone(zone);
    Do(update);
    for (int i = 1; i <= kDatasets; ++i) AddDataset(absl::StrCat("d", i), id);
  }

  // Promises most of the datasets, in two sections; lists one more as released.
  void AddEdition(const std::string& publisher, int year) {
    const std::string plan = AddPlan(publisher, year, year + 2).name();
    for (int i = 1; i <= kDatasets; ++i) {
      if (Chance(0.3)) continue;
      const std::string dataset = absl::StrCat("publishers/", publisher, "/datasets/d", i);
      Do(NewLine(Chance(0.5) ? "A" : "B", i, dataset, OneOf(kTargets), plan));
    }
    const std::string listed = AddDataset(absl::StrCat("listed-", year), publisher).name();
    auto line = NewLine("B", kDatasets + 1, listed, "", plan);
    line.mutable_commitment()->set_release_date(OneOf(kTargets));
    Do(line);
  }

  // What becomes of a promise, on days that need not be in the order of what was recorded.
  void Live(const std::string& name) {
    std::string moved_on;
    for (int i = 0; i < 2 && Chance(0.5); ++i) {
      auto move = ToMove(name, OneOf(kTargets));
      move.set_reschedule_date(std::max<std::string>(moved_on, OneOf(kDays)));
      if (Try(move).ok()) moved_on = move.reschedule_date();
    }
    if (Chance(0.4)) {
      Confirm(name, FormatDay(ParseDate(GetCommitment(name).target_date())->last), OneOf(kDays));
      if (Chance(0.4)) {
        auto move = ToMove(name, "2024-04-15");
        move.set_reschedule_date(std::max<std::string>(moved_on, OneOf(kDays)));
        Do(move);
      }
    }
    if (Chance(0.4))
      Do(ToRelease(name, OneOf(kDays)));
    else if (Chance(0.3))
      Cancel(name, OneOf(kDays));
  }

  // Publishers in several time zones with two or three editions each, most of them published.
  void AddCatalogue() {
    SetClock(absl::CivilSecond(2023, 11, 30, 9, 45, 0));
    for (int p = 0; const char* zone : kZones) {
      const std::string id = absl::StrCat("p", ++p);
      AddPublisherIn(id, zone);
      for (const int year : kYears) AddEdition(id, year);
    }
    // Some by what their documents say, some by the clock, which is near midnight somewhere.
    absl::CivilSecond now(2023, 12, 31, 10, 15, 0);
    for (const int year : kYears) {
      for (size_t p = 1; p <= std::size(kZones); ++p) {
        SetClock(now += 7 * 3600 + 1800);
        if (year == 2025 && Chance(0.4)) continue;
        const std::string date = Chance(0.5) ? "" : Chance(0.5) ? OneOf(kDays) : OneOf(kTargets);
        Publish(absl::StrCat("publishers/p", p, "/plans/", year, "-", year + 2), date);
      }
    }
    LinkEditions();
    SetClock(absl::CivilSecond(2024, 6, 30, 12, 0, 0));
    for (const Commitment& line : Lines()) {
      if (line.state() == Commitment::PLANNED) Live(line.name());
    }
  }

  std::vector<Commitment> Lines() {
    auto request = Named<almanac::v1::ListCommitmentsRequest>("publishers/-/plans/-");
    request.set_page_size(1000);
    const auto lines = Do(request).commitments();
    EXPECT_LT(lines.size(), 1000);
    return {lines.begin(), lines.end()};
  }

  Catalogue ReadCatalogue() {
    Catalogue catalogue;
    for (const auto& publisher : Do(almanac::v1::ListPublishersRequest()).publishers()) {
      catalogue.publishers[publisher.name()] = publisher;
    }
    for (const auto& plan : Do(Named<almanac::v1::ListReleasePlansRequest>("publishers/-")).release_plans()) {
      catalogue.plans[plan.name()] = plan;
    }
    for (const Commitment& line : Lines()) catalogue.lines[line.name()] = line;
    return catalogue;
  }

  std::mt19937 random_{static_cast<uint32_t>(GetParam())};
};

TEST_P(ProgressPropertyTest, EveryFieldIsWhatTheReferenceCounts) {
  AddCatalogue();
  const Catalogue catalogue = ReadCatalogue();
  std::vector<std::string> days = {"1999-12-31", "2024-06-30", "9999-12-31"};
  days.insert(days.end(), std::begin(kDays), std::end(kDays));
  for (const std::string& day : days) {
    Reference::Account all;
    std::map<std::string, SectionProgress> by_publisher;
    for (const auto& [name, publisher] : catalogue.publishers) {
      const Reference reference(catalogue, publisher, ParseDate(day)->first);
      for (const auto& [plan, unused] : catalogue.plans) {
        if (!plan.starts_with(name + "/")) continue;
        Progress expected;
        expected.set_name(plan);
        expected.set_release_plan(plan);
        expected.set_as_of(day);
        *expected.mutable_total() = reference.OfLines(plan);
        for (const char* section : {"A", "B"}) {
          const SectionProgress figures = reference.OfLines(plan, section);
          if (figures.commitment_count() > 0) *expected.add_sections() = figures;
        }
        ASSERT_EQ(Difference(expected, At(plan, day)), "") << plan << " as of " << day;
      }
      Progress expected;
      expected.set_name(name);
      expected.set_as_of(day);
      for (const std::string& plan : reference.published()) {
        expected.add_plans()->set_release_plan(plan);
        *expected.mutable_plans()->rbegin()->mutable_total() = reference.OfLines(plan);
      }
      Reference::Account promises;
      reference.AddPromisesTo(&promises);
      *expected.mutable_total() = Reference::Finish(promises);
      ASSERT_EQ(Difference(expected, At(name, day)), "") << name << " as of " << day;
      reference.AddPromisesTo(&all);
      if (!expected.plans().empty()) by_publisher[name] = expected.total();
    }
    const Progress progress = At("publishers/-", day);
    EXPECT_EQ(progress.as_of(), day);
    ASSERT_EQ(Difference(Reference::Finish(all), progress.total()), "") << day;
    ASSERT_EQ(static_cast<size_t>(progress.publishers_size()), by_publisher.size()) << day;
    for (const auto& publisher : progress.publishers()) {
      ASSERT_EQ(Difference(by_publisher[publisher.publisher()], publisher.total()), "")
          << publisher.publisher() << " as of " << day;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ProgressPropertyTest, ::testing::Range(1, 5));

}  // namespace
}  // namespace almanac::testing
