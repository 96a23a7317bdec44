#include "service/rules/progress.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace almanac::service::rules {
namespace {

using absl::CivilDay;
using almanac::v1::PublisherProgress;
using almanac::v1::ReleasePlan;
using almanac::v1::SectionProgress;
using google::protobuf::util::TimeUtil;
using ::testing::DoubleEq;
using ::testing::ElementsAre;

constexpr char kZone[] = "Asia/Hong_Kong";

ReleasePlan Plan(int first_year, int last_year, ReleasePlan::State state, const std::string& published_on) {
  ReleasePlan plan;
  plan.set_name(absl::StrCat("publishers/swd/plans/", first_year, "-", last_year));
  plan.mutable_period()->set_start_year(first_year);
  plan.mutable_period()->set_end_year(last_year);
  plan.set_state(state);
  plan.set_published_on(published_on);
  return plan;
}

ReleasePlan Published(int first_year, int last_year, const std::string& published_on) {
  return Plan(first_year, last_year, ReleasePlan::PUBLISHED, published_on);
}

// `2022-2024 superseded 2024-12-01` and so on; `unpublished` in place of an edition that was not.
std::vector<std::string> Shown(const std::vector<db::Edition>& editions) {
  std::vector<std::string> texts;
  for (const db::Edition& edition : editions) {
    std::string text = edition.plan.substr(edition.plan.rfind('/') + 1);
    if (!edition.published) absl::StrAppend(&text, " unpublished");
    if (!edition.superseded_on.empty()) absl::StrAppend(&text, " superseded ", edition.superseded_on);
    texts.push_back(text);
  }
  return texts;
}

TEST(PublishedDayTest, IsTheFirstThatTheDocumentNames) {
  EXPECT_EQ(PublishedDay(Published(2022, 2024, "2021"), kZone), CivilDay(2021, 1, 1));
  EXPECT_EQ(PublishedDay(Published(2022, 2024, "2021-Q4"), kZone), CivilDay(2021, 10, 1));
  EXPECT_EQ(PublishedDay(Published(2022, 2024, "2021-12"), kZone), CivilDay(2021, 12, 1));
  EXPECT_EQ(PublishedDay(Published(2022, 2024, "2021-12-30"), kZone), CivilDay(2021, 12, 30));
}

TEST(PublishedDayTest, IsElseThatOfItsPublicationHereWhereThePublisherIs) {
  ReleasePlan plan = Published(2022, 2024, "");
  ASSERT_TRUE(TimeUtil::FromString("2021-12-30T16:00:00Z", plan.mutable_publish_time()));
  EXPECT_EQ(PublishedDay(plan, "Asia/Hong_Kong"), CivilDay(2021, 12, 31));
  EXPECT_EQ(PublishedDay(plan, "UTC"), CivilDay(2021, 12, 30));
  // On that day one hour ahead of UTC; two in summer, which an abbreviation of the same name would not be.
  ASSERT_TRUE(TimeUtil::FromString("2022-06-30T22:00:00Z", plan.mutable_publish_time()));
  EXPECT_EQ(PublishedDay(plan, "CET"), CivilDay(2022, 7, 1));
}

TEST(EditionsTest, CountFromTheDayOnWhichTheyWerePublished) {
  const std::vector<ReleasePlan> plans = {Published(2022, 2024, "2021-12")};
  EXPECT_THAT(Shown(EditionsOn(CivilDay(2021, 11, 30), plans, kZone)), ElementsAre());
  EXPECT_THAT(Shown(EditionsOn(CivilDay(2021, 12, 1), plans, kZone)), ElementsAre("2022-2024"));
}

TEST(EditionsTest, ComeTheLatestFirst) {
  const std::vector<ReleasePlan> plans = {Published(2019, 2021, "2018"), Published(2022, 2024, "2021"),
                                          Published(2020, 2022, "2019"), Published(2020, 2021, "2019")};
  std::vector<std::string> names;
  for (const db::Edition& edition : EditionsOn(CivilDay(2030, 1, 1), plans, kZone)) {
    names.push_back(edition.plan.substr(edition.plan.rfind('/') + 1));
    EXPECT_EQ(edition.day, "2030-01-01");
  }
  EXPECT_THAT(names, ElementsAre("2022-2024", "2020-2022", "2020-2021", "2019-2021"));
}

TEST(EditionsTest, AreSupersededFromTheDayOfTheFirstLaterOne) {
  const std::vector<ReleasePlan> plans = {Published(2019, 2021, "2018-12"), Published(2022, 2024, "2021-12"),
                                          Plan(2025, 2027, ReleasePlan::SUPERSEDED, "2024-12")};
  EXPECT_THAT(Shown(EditionsOn(CivilDay(2021, 11, 30), plans, kZone)), ElementsAre("2019-2021"));
  EXPECT_THAT(Shown(EditionsOn(CivilDay(2021, 12, 1), plans, kZone)),
              ElementsAre("2022-2024", "2019-2021 superseded 2021-12-01"));
  EXPECT_THAT(Shown(EditionsOn(CivilDay(2024, 12, 1), plans, kZone)),
              ElementsAre("2025-2027", "2022-2024 superseded 2024-12-01", "2019-2021 superseded 2021-12-01"));
}

TEST(EditionsTest, OneThatComesAfterALaterOneIsSupersededAtOnce) {
  const std::vector<ReleasePlan> plans = {Published(2019, 2021, "2022-03"), Published(2022, 2024, "2021-12")};
  EXPECT_THAT(Shown(EditionsOn(CivilDay(2022, 3, 1), plans, kZone)),
              ElementsAre("2022-2024", "2019-2021 superseded 2022-03-01"));
}

TEST(EditionsTest, OneForTheSameYearsIsNotLater) {
  std::vector<ReleasePlan> plans = {Published(2022, 2024, "2021-12"), Published(2022, 2024, "2022-03"),
                                    Published(2019, 2021, "2018-12")};
  plans[1].set_name("publishers/swd/plans/corrected");
  EXPECT_THAT(Shown(EditionsOn(CivilDay(2022, 3, 1), plans, kZone)),
              ElementsAre("2022-2024", "corrected", "2019-2021 superseded 2021-12-01"));
}

TEST(EditionsTest, DraftsCountOnlyWhereTheyWereAskedFor) {
  const std::vector<ReleasePlan> plans = {Published(2022, 2024, "2021-12"),
                                          Plan(2019, 2021, ReleasePlan::DRAFT, "2018-12")};
  EXPECT_THAT(Shown(EditionsOn(CivilDay(2022, 3, 1), plans, kZone)), ElementsAre("2022-2024"));
  EXPECT_THAT(Shown(EditionsOn(CivilDay(2022, 3, 1), plans, kZone, plans[1].name())),
              ElementsAre("2022-2024", "2019-2021 unpublished"));
  EXPECT_THAT(Shown(EditionsOn(CivilDay(2021, 3, 1), plans, kZone, plans[0].name())),
              ElementsAre("2022-2024 unpublished"));
}

TEST(RatesTest, AreAbsentWhereThereIsNothingToDivideBy) {
  const SectionProgress figures = WithRates({});
  EXPECT_FALSE(figures.has_first_on_time_rate());
  EXPECT_FALSE(figures.has_last_on_time_rate());
  EXPECT_FALSE(figures.has_reasoned_move_rate());
  EXPECT_FALSE(figures.has_dropped_rate());
}

TEST(RatesTest, DivideByWhatWasDue) {
  db::Counts counts;
  counts.figures.set_first_early_count(1);
  counts.figures.set_first_on_time_count(2);
  counts.figures.set_first_late_count(3);
  counts.figures.set_first_overdue_count(6);
  counts.figures.set_early_count(2);
  counts.figures.set_on_time_count(3);
  counts.figures.set_late_count(1);
  counts.figures.set_overdue_count(4);
  counts.figures.set_move_count(8);
  counts.figures.set_reasoned_move_count(6);
  counts.figures.set_dropped_count(1);
  counts.was_open_count = 5;
  const SectionProgress figures = WithRates(counts);
  EXPECT_THAT(figures.first_on_time_rate(), DoubleEq(0.25));  // 3 of 12
  EXPECT_THAT(figures.last_on_time_rate(), DoubleEq(0.5));    // 5 of 10
  EXPECT_THAT(figures.reasoned_move_rate(), DoubleEq(0.75));  // 6 of 8
  EXPECT_THAT(figures.dropped_rate(), DoubleEq(0.2));         // 1 of 5
}

TEST(RatesTest, OfNothingKeptAreZero) {
  db::Counts counts;
  counts.figures.set_overdue_count(1);
  counts.figures.set_first_overdue_count(1);
  counts.figures.set_move_count(1);
  counts.was_open_count = 1;
  const SectionProgress figures = WithRates(counts);
  EXPECT_TRUE(figures.has_first_on_time_rate() && figures.has_last_on_time_rate());
  EXPECT_TRUE(figures.has_reasoned_move_rate() && figures.has_dropped_rate());
  EXPECT_EQ(figures.first_on_time_rate() + figures.last_on_time_rate() + figures.reasoned_move_rate() +
                figures.dropped_rate(),
            0);
}

TEST(SectionsTest, ComeInThePlansOrderEmptyOnesTooThenOthers) {
  ReleasePlan plan;
  for (const char* code : {"D", "A", "C"}) plan.add_sections()->set_code(code);
  std::vector<db::Counts> counts(4);
  for (int i = 0; i < 3; ++i) {
    counts[i].section = std::string(1, "BAE"[i]);
    counts[i].figures.set_section(counts[i].section);
    counts[i].figures.set_commitment_count(i + 1);
  }
  counts[3].figures.set_commitment_count(6);  // the whole plan's
  std::vector<std::string> sections;
  for (const SectionProgress& section : InPlanOrder(plan, counts)) {
    sections.push_back(absl::StrCat(section.section(), section.commitment_count()));
  }
  EXPECT_THAT(sections, ElementsAre("D0", "A2", "C0", "B1", "E3"));
}

PublisherProgress Publisher(const std::string& id, int kept, int late, int overdue) {
  PublisherProgress publisher;
  publisher.set_publisher("publishers/" + id);
  publisher.mutable_total()->set_on_time_count(kept);
  publisher.mutable_total()->set_late_count(late);
  publisher.mutable_total()->set_overdue_count(overdue);
  return publisher;
}

std::string Sorted(const std::vector<PublisherProgress>& publishers) {
  google::protobuf::RepeatedPtrField<PublisherProgress> list(publishers.begin(), publishers.end());
  SortWorstFirst(&list);
  return absl::StrJoin(list, " ", [](std::string* out, const PublisherProgress& publisher) {
    absl::StrAppend(out, publisher.publisher().substr(sizeof("publishers/") - 1));
  });
}

TEST(WorstFirstTest, GoesByTheShareThatWasMissed) {
  // A third, a half, all, nothing.
  EXPECT_EQ(
      Sorted({Publisher("a", 2, 1, 0), Publisher("b", 50, 25, 25), Publisher("c", 0, 0, 1), Publisher("d", 1, 0, 0)}),
      "c b a d");
}

TEST(WorstFirstTest, EarlyReleasesWereKept) {
  PublisherProgress early = Publisher("a", 0, 1, 0);
  early.mutable_total()->set_early_count(3);
  EXPECT_EQ(Sorted({early, Publisher("b", 1, 1, 0)}), "b a");
}

TEST(WorstFirstTest, ThenByHowMuchIsOverdueThenByName) {
  EXPECT_EQ(Sorted({Publisher("d", 3, 2, 1), Publisher("c", 1, 0, 1), Publisher("b", 2, 0, 2), Publisher("a", 1, 1, 0),
                    Publisher("e", 2, 0, 2)}),
            "b e c d a");
}

TEST(WorstFirstTest, WhereNothingWasDueNothingWasMissed) {
  EXPECT_EQ(Sorted({Publisher("b", 0, 0, 0), Publisher("a", 4, 0, 0), Publisher("c", 99, 1, 0)}), "c a b");
}

TEST(WorstFirstTest, EqualSharesOfDifferentSizesAreEqual) {
  // A third each: then more that is overdue is worse.
  EXPECT_EQ(Sorted({Publisher("a", 2, 1, 0), Publisher("b", 666666, 333332, 1), Publisher("c", 4, 0, 2)}), "c b a");
}

}  // namespace
}  // namespace almanac::service::rules
