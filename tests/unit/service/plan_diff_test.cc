#include "service/rules/plan_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/rules/lifecycle.h"

namespace almanac::service::rules {
namespace {

using absl::CivilDay;
using almanac::v1::Commitment;
using almanac::v1::PlanDiff;
using almanac::v1::PlanDifference;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Commitment Line(const std::string& plan, const std::string& section, int number, const std::string& dataset) {
  Commitment line;
  line.set_name(absl::StrCat("publishers/swd/plans/", plan, "/commitments/", section, "-", number));
  line.set_dataset("publishers/swd/datasets/" + dataset);
  line.set_section(section);
  line.set_number(number);
  (*line.mutable_titles())["en"] = "Title of " + dataset;
  line.set_frequency(almanac::v1::YEARLY);
  line.add_formats("CSV");
  line.set_state(Commitment::PLANNED);
  return line;
}

Commitment Promised(const std::string& plan, const std::string& section, int number, const std::string& dataset,
                    const std::string& target) {
  Commitment line = Line(plan, section, number, dataset);
  line.set_first_target_date(target);
  line.set_target_date(target);
  return line;
}

// A line of the earlier edition, and one of the later.
Commitment Old(const std::string& target, const std::string& dataset = "d1") {
  return Promised("2022-2024", "A", 1, dataset, target);
}
Commitment New(const std::string& target, const std::string& dataset = "d1") {
  return Promised("2023-2025", "A", 1, dataset, target);
}

Commitment Listed(const std::string& plan, const std::string& release_date, const std::string& dataset = "d1") {
  Commitment line = Line(plan, "A", 1, dataset);
  line.set_state(Commitment::RELEASED);
  line.set_release_date(release_date);
  return line;
}

Justification Why() { return {Commitment::FUNDING, "no money", "alice", absl::UnixEpoch(), CivilDay(2022, 4, 15)}; }

// `MOVED RETITLED a-1>a-2 field: before>after; …` for each difference.
std::vector<std::string> Texts(const PlanDiff& diff) {
  std::vector<std::string> texts;
  for (const PlanDifference& difference : diff.differences()) {
    std::vector<std::string> kinds, fields;
    for (const int kind : difference.kinds()) kinds.push_back(PlanDifference::Kind_Name(kind));
    for (const auto& field : difference.fields()) {
      fields.push_back(absl::StrCat(field.field(), ": ", field.before(), ">", field.after()));
    }
    const auto id = [](const std::string& name) { return name.substr(name.rfind('/') + 1); };
    texts.push_back(absl::StrCat(absl::StrJoin(kinds, " "), " ", id(difference.from_commitment()), ">",
                                 id(difference.to_commitment()), " ", absl::StrJoin(fields, "; ")));
  }
  return texts;
}

TEST(DiffEditionsTest, WhatSaysTheSameIsCountedOnly) {
  const PlanDiff diff = DiffEditions({Old("2023-06"), Listed("2022-2024", "2020-06", "d2")},
                                     {Listed("2023-2025", "2020-06", "d2"), New("2023-06")});
  EXPECT_THAT(Texts(diff), IsEmpty());
  EXPECT_EQ(diff.unchanged_count(), 2);
  EXPECT_EQ(DiffEditions({}, {}).unchanged_count(), 0);
}

TEST(DiffEditionsTest, AddedIsWhatOnlyTheLaterHas) {
  const PlanDiff diff = DiffEditions({}, {New("2023-06"), Listed("2023-2025", "2020-06", "d2")});
  EXPECT_THAT(Texts(diff), ElementsAre("ADDED >A-1 target_date: >2023-06", "ADDED >A-1 release_date: >2020-06"));
  EXPECT_EQ(diff.differences(0).dataset(), "publishers/swd/datasets/d1");
  EXPECT_EQ(diff.differences(0).titles().at("en"), "Title of d1");
}

TEST(DiffEditionsTest, WhatOnlyTheEarlierHasIsDroppedUnlessItWasCancelledOrReleased) {
  Commitment confirmed = *Confirm(Old("2022-06", "d2"), CivilDay(2022, 6, 15), CivilDay(2022, 5, 2));
  const PlanDiff diff = DiffEditions({Old("2022-06"), confirmed, *Cancel(Old("2022-06", "d3"), Why()),
                                      *Release(Old("2022-06", "d4"), "2022-05-10"), Listed("2022-2024", "2020", "d5")},
                                     {});
  EXPECT_THAT(Texts(diff), ElementsAre("DROPPED A-1> target_date: 2022-06>", "DROPPED A-1> target_date: 2022-06-15>",
                                       "CANCELLED A-1> cancellation: >FUNDING: no money",
                                       "RELEASED A-1> release_date: >2022-05-10"));
  EXPECT_EQ(diff.unchanged_count(), 0);
  EXPECT_EQ(diff.differences(3).titles().at("en"), "Title of d4");
}

TEST(DiffEditionsTest, MovedComparesTheLastTargetWithTheFirstOfTheLater) {
  PlanDiff diff = DiffEditions({Old("2022-06")}, {New("2022-12")});
  EXPECT_THAT(Texts(diff), ElementsAre("MOVED A-1>A-1 target_date: 2022-06>2022-12"));
  // From 30 June to 31 December: July to December have 31 + 31 + 30 + 31 + 30 + 31 days.
  EXPECT_EQ(diff.differences(0).moved_months(), 6);
  EXPECT_EQ(diff.differences(0).moved_days(), 184);

  // Moves within an edition are its own history.
  const Commitment moved = *Reschedule(Old("2022-06"), "2022-12", Why());
  EXPECT_THAT(Texts(DiffEditions({moved}, {New("2022-12")})), IsEmpty());
  EXPECT_THAT(Texts(DiffEditions({Old("2022-12")}, {*Reschedule(New("2022-12"), "2023-03", Why())})), IsEmpty());

  // A quarter back to a day; the end of March to 15 February.
  diff = DiffEditions({Old("2024-Q1")}, {New("2024-02-15")});
  EXPECT_EQ(diff.differences(0).moved_months(), -1);
  EXPECT_EQ(diff.differences(0).moved_days(), -45);
}

TEST(DiffEditionsTest, ReleasedIsWhatWasPromisedAndIsThereByNow) {
  const Commitment kept = *Release(Old("2022-06"), "2022-05-10");
  EXPECT_THAT(Texts(DiffEditions({kept}, {Listed("2023-2025", "2022-05")})),
              ElementsAre("RELEASED A-1>A-1 release_date: >2022-05-10"));
  EXPECT_THAT(Texts(DiffEditions({Old("2022-06")}, {Listed("2023-2025", "2022-05")})),
              ElementsAre("RELEASED A-1>A-1 release_date: >2022-05"));
  EXPECT_THAT(Texts(DiffEditions({Old("2022-06")}, {*Release(New("2022-06"), "2022-06-10")})),
              ElementsAre("RELEASED A-1>A-1 release_date: >2022-06-10"));
}

TEST(DiffEditionsTest, WhatWasKeptAndIsPromisedAgainIsTwoPromises) {
  const Commitment kept = *Release(Old("2022-06"), "2022-05-10");
  EXPECT_THAT(Texts(DiffEditions({kept}, {New("2024")})),
              ElementsAre("ADDED >A-1 target_date: >2024", "RELEASED A-1> release_date: >2022-05-10"));
  EXPECT_THAT(Texts(DiffEditions({Listed("2022-2024", "2020-06")}, {New("2024")})),
              ElementsAre("ADDED >A-1 target_date: >2024"));
}

TEST(DiffEditionsTest, CancelledAndYetInTheLaterIsSaidToo) {
  const Commitment cancelled = *Cancel(Old("2022-06"), Why());
  EXPECT_THAT(Texts(DiffEditions({cancelled}, {New("2023-06")})),
              ElementsAre("CANCELLED MOVED A-1>A-1 cancellation: FUNDING: no money>; target_date: 2022-06>2023-06"));
  EXPECT_THAT(Texts(DiffEditions({Old("2022-06")}, {*Cancel(New("2022-06"), Why())})),
              ElementsAre("CANCELLED A-1>A-1 cancellation: >FUNDING: no money"));
}

TEST(DiffEditionsTest, TitlesAreComparedInTheLanguagesThatBothHaveWithoutSpaces) {
  Commitment from = Old("2022-06");
  (*from.mutable_titles())["zh-Hans-HK"] = "名单";
  Commitment to = New("2022-06");
  (*to.mutable_titles())["en"] = "TITLE OF  d1";
  (*to.mutable_titles())["zh-Hant-HK"] = "新名單";
  EXPECT_THAT(Texts(DiffEditions({from}, {to})), IsEmpty());
  (*to.mutable_titles())["zh-Hans-HK"] = "新名单";
  EXPECT_THAT(Texts(DiffEditions({from}, {to})), ElementsAre("RETITLED A-1>A-1 titles.zh-Hans-HK: 名单>新名单"));
}

TEST(DiffEditionsTest, FrequencyFormatsAndSection) {
  Commitment to = New("2022-06");
  to.set_frequency(almanac::v1::MONTHLY);
  EXPECT_THAT(Texts(DiffEditions({Old("2022-06")}, {to})),
              ElementsAre("FREQUENCY_CHANGED A-1>A-1 frequency: YEARLY>MONTHLY"));
  to = New("2022-06");
  to.add_formats("XML");
  Commitment from = Old("2022-06");
  EXPECT_THAT(Texts(DiffEditions({from}, {to})), ElementsAre("FORMATS_CHANGED A-1>A-1 formats: CSV>CSV, XML"));
  from.clear_formats();
  from.add_formats("XML");
  from.add_formats("CSV");
  EXPECT_THAT(Texts(DiffEditions({from}, {to})), IsEmpty());
  to = Promised("2023-2025", "B", 1, "d1", "2022-06");
  EXPECT_THAT(Texts(DiffEditions({Old("2022-06")}, {to})), ElementsAre("SECTION_CHANGED A-1>B-1 section: A>B"));
}

TEST(DiffEditionsTest, WordsOfAFrequencyCountWhereThereIsNoOtherName) {
  Commitment from = Old("2022-06");
  Commitment to = New("2022-06");
  (*from.mutable_frequency_texts())["en"] = "Every year";
  (*to.mutable_frequency_texts())["en"] = "Yearly";
  EXPECT_THAT(Texts(DiffEditions({from}, {to})), IsEmpty());
  from.set_frequency(almanac::v1::OTHER);
  to.set_frequency(almanac::v1::OTHER);
  EXPECT_THAT(Texts(DiffEditions({from}, {to})),
              ElementsAre("FREQUENCY_CHANGED A-1>A-1 frequency_texts.en: Every year>Yearly"));
}

TEST(DiffEditionsTest, OnePromiseCanDifferInManyWaysNamedByNumber) {
  Commitment to = Promised("2023-2025", "B", 2, "d1", "2023-06");
  (*to.mutable_titles())["en"] = "Another title";
  to.set_frequency(almanac::v1::MONTHLY);
  to.clear_formats();
  EXPECT_THAT(Texts(DiffEditions({Old("2022-06")}, {to})),
              ElementsAre("MOVED RETITLED FREQUENCY_CHANGED FORMATS_CHANGED SECTION_CHANGED A-1>B-2 "
                          "target_date: 2022-06>2023-06; titles.en: Title of d1>Another title; "
                          "frequency: YEARLY>MONTHLY; formats: CSV>; section: A>B"));
}

TEST(DiffEditionsTest, TheOrderIsThatOfTheLaterThenOfTheEarlier) {
  const PlanDiff diff = DiffEditions({Old("2022-06", "d1"), Old("2022-06", "d2"), Old("2022-06", "d3")},
                                     {New("2023", "d3"), New("2022-06", "d4"), New("2022-06", "d2")});
  std::vector<std::string> datasets;
  for (const PlanDifference& difference : diff.differences()) datasets.push_back(difference.dataset());
  EXPECT_THAT(datasets,
              ElementsAre("publishers/swd/datasets/d3", "publishers/swd/datasets/d4", "publishers/swd/datasets/d1"));
  EXPECT_EQ(diff.unchanged_count(), 1);
}

TEST(DiffEditionsTest, OfTwoLinesAboutADatasetTheFirstIsComparedWithTheFirst) {
  Commitment second = Promised("2022-2024", "A", 2, "d1", "2022-12");
  EXPECT_THAT(Texts(DiffEditions({Old("2022-06"), second}, {New("2022-06")})),
              ElementsAre("DROPPED A-2> target_date: 2022-12>"));
  EXPECT_THAT(Texts(DiffEditions({Old("2022-06")}, {New("2022-06"), second})),
              ElementsAre("ADDED >A-2 target_date: >2022-12"));
}

TEST(DiffEditionsTest, WhatIsKnownToGoOnIsOnePromiseThoughItWasReleased) {
  const Commitment released = *Release(Old("2022-06"), "2022-05-10");
  EXPECT_THAT(Texts(DiffEditions({released}, {New("2022-09")})),
              ElementsAre("ADDED >A-1 target_date: >2022-09", "RELEASED A-1> release_date: >2022-05-10"));
  EXPECT_THAT(Texts(DiffEditions({released}, {New("2022-09")}, {released.name()})),
              ElementsAre("MOVED RELEASED A-1>A-1 release_date: >2022-05-10; target_date: 2022-06>2022-09"));
}

}  // namespace
}  // namespace almanac::service::rules
