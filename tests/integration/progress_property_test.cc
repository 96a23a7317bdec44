#include <map>
#include <random>

#include "service/rules/dates.h"
#include "tests/integration/progress_fixture.h"
#include "tests/integration/progress_reference.h"

// GetProgress of random catalogues on many days, field by field beside a reference.
namespace almanac::testing {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Progress;
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

// What is expected of one plan, which names no sections of its own.
Progress OfPlan(const ProgressReference& reference, const std::string& plan, const std::string& day) {
  Progress expected;
  expected.set_name(plan);
  expected.set_release_plan(plan);
  expected.set_as_of(day);
  *expected.mutable_total() = reference.OfLines(plan);
  for (const char* section : {"A", "B"}) {
    const SectionProgress figures = reference.OfLines(plan, section);
    if (figures.commitment_count() > 0) *expected.add_sections() = figures;
  }
  return expected;
}

Progress OfPublisher(const ProgressReference& reference, const std::string& publisher, const std::string& day) {
  Progress expected;
  expected.set_name(publisher);
  expected.set_as_of(day);
  for (const std::string& plan : reference.published()) {
    expected.add_plans()->set_release_plan(plan);
    *expected.mutable_plans()->rbegin()->mutable_total() = reference.OfLines(plan);
  }
  ProgressReference::Account promises;
  reference.AddPromises(&promises);
  *expected.mutable_total() = ProgressReference::Finish(promises);
  return expected;
}

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
    if (!GetCommitment(name).continued_by().empty()) return;  // it ends in the later edition
    if (Chance(0.4)) {
      Do(ToRelease(name, OneOf(kDays)));
    } else if (Chance(0.3)) {
      Cancel(name, OneOf(kDays));
    }
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
    const auto publishers = Do(almanac::v1::ListPublishersRequest());
    for (const auto& publisher : publishers.publishers()) catalogue.publishers[publisher.name()] = publisher;
    const auto plans = Do(Named<almanac::v1::ListReleasePlansRequest>("publishers/-"));
    for (const auto& plan : plans.release_plans()) catalogue.plans[plan.name()] = plan;
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
    ProgressReference::Account all;
    std::map<std::string, SectionProgress> totals;
    for (const auto& [name, publisher] : catalogue.publishers) {
      const ProgressReference reference(catalogue, publisher, ParseDate(day)->first);
      for (const auto& [plan, unused] : catalogue.plans) {
        if (!plan.starts_with(name + "/")) continue;
        ASSERT_EQ(Difference(OfPlan(reference, plan, day), At(plan, day)), "") << plan << " " << day;
      }
      const Progress expected = OfPublisher(reference, name, day);
      ASSERT_EQ(Difference(expected, At(name, day)), "") << day;
      if (!expected.plans().empty()) totals[name] = expected.total();
      reference.AddPromises(&all);
    }
    const Progress progress = At("publishers/-", day);
    ASSERT_EQ(Difference(ProgressReference::Finish(all), progress.total()), "") << day;
    ASSERT_EQ(static_cast<size_t>(progress.publishers_size()), totals.size()) << day;
    for (const auto& publisher : progress.publishers()) {
      ASSERT_EQ(publisher.as_of(), day);
      ASSERT_EQ(Difference(totals[publisher.publisher()], publisher.total()), "") << publisher.publisher() << day;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ProgressPropertyTest, ::testing::Range(1, 5));

}  // namespace
}  // namespace almanac::testing
