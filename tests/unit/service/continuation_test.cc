#include "service/rules/continuation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "service/rules/lifecycle.h"

namespace almanac::service::rules {
namespace {

using absl::CivilDay;
using almanac::v1::Commitment;
using almanac::v1::Period;
using almanac::v1::Slip;
using ::testing::SizeIs;

Period Years(int first, int last) {
  Period period;
  period.set_start_year(first);
  period.set_end_year(last);
  return period;
}

std::string Name(int year, const std::string& plan = "") {
  return absl::StrCat("publishers/swd/plans/", year, "-", year + 2, plan, "/commitments/a-1");
}

// The line of the edition for `year` and the two after, promised for `target`.
EditionLine Promised(int year, const std::string& target, const std::string& plan = "") {
  EditionLine edition{{}, Years(year, year + 2)};
  edition.line.set_name(Name(year, plan));
  edition.line.set_state(Commitment::PLANNED);
  edition.line.set_first_target_date(target);
  edition.line.set_target_date(target);
  return edition;
}

// The same, listed as released by the plan itself.
EditionLine Listed(int year, const std::string& release_date) {
  EditionLine edition{{}, Years(year, year + 2)};
  edition.line.set_name(Name(year));
  edition.line.set_state(Commitment::RELEASED);
  edition.line.set_release_date(release_date);
  return edition;
}

EditionLine ReleasedOn(EditionLine edition, const std::string& day) {
  edition.line = *Release(edition.line, day);
  return edition;
}

EditionLine WithdrawnIn2022(EditionLine edition) {
  edition.line = *Cancel(edition.line, {Commitment::FUNDING, "no money", "alice", absl::UnixEpoch(), CivilDay(2022)});
  return edition;
}

std::string Text(const Slip& slip) {
  return absl::StrCat(Slip::Verdict_Name(slip.verdict()), " ", slip.days(), " days ", slip.months(), " months");
}

TEST(IsEarlierTest, ComparesTheFirstYearsThenTheLast) {
  EXPECT_TRUE(IsEarlier(Years(2021, 2023), Years(2022, 2024)));
  EXPECT_TRUE(IsEarlier(Years(2022, 2023), Years(2022, 2024)));
  EXPECT_TRUE(IsEarlier(Years(2021, 2030), Years(2022, 2022)));
  EXPECT_FALSE(IsEarlier(Years(2022, 2024), Years(2022, 2024)));
  EXPECT_FALSE(IsEarlier(Years(2022, 2024), Years(2022, 2023)));
}

TEST(LinkLinesTest, ALineContinuesThatOfTheEditionBeforeWhateverTheOrder) {
  const std::vector<Commitment> linked = LinkLines({Promised(2022, "2022-12"), Promised(2021, "2022-06")});
  ASSERT_THAT(linked, SizeIs(2));
  EXPECT_EQ(linked[0].name(), Name(2021));
  EXPECT_EQ(linked[0].continues(), "");
  EXPECT_EQ(linked[0].continued_by(), Name(2022));
  EXPECT_EQ(linked[0].original_target_date(), "2022-06");
  EXPECT_EQ(linked[1].continues(), Name(2021));
  EXPECT_EQ(linked[1].continued_by(), "");
  EXPECT_EQ(linked[1].original_target_date(), "2022-06");
  EXPECT_EQ(linked[1].first_target_date(), "2022-12");
  EXPECT_EQ(linked[1].target_date(), "2022-12");
  for (const Commitment& line : linked) EXPECT_EQ(line.state(), Commitment::PLANNED);
}

TEST(LinkLinesTest, TheOriginalTargetIsKeptThroughThreeEditions) {
  const std::vector<Commitment> linked =
      LinkLines({Promised(2021, "2022-06"), Promised(2022, "2022-12"), Promised(2023, "2023-Q2")});
  ASSERT_THAT(linked, SizeIs(3));
  EXPECT_EQ(linked[1].continued_by(), Name(2023));
  EXPECT_EQ(linked[2].continues(), Name(2022));
  for (const Commitment& line : linked) EXPECT_EQ(line.original_target_date(), "2022-06");
}

TEST(LinkLinesTest, AnEditionThatWasSilentIsSkipped) {
  const std::vector<Commitment> linked = LinkLines({Promised(2020, "2022-06"), Promised(2023, "2024")});
  EXPECT_EQ(linked[0].continued_by(), Name(2023));
  EXPECT_EQ(linked[1].continues(), Name(2020));
}

TEST(LinkLinesTest, WhatWasKeptAndIsPromisedAgainIsNew) {
  const EditionLine kept = ReleasedOn(Promised(2021, "2022-06"), "2022-05-10");
  for (const EditionLine& earlier : {kept, Listed(2021, "2020-06")}) {
    const std::vector<Commitment> linked = LinkLines({earlier, Promised(2022, "2023-06")});
    EXPECT_EQ(linked[0].continued_by(), "");
    EXPECT_EQ(linked[1].continues(), "");
    EXPECT_EQ(linked[1].original_target_date(), "2023-06");
    EXPECT_EQ(linked[1].state(), Commitment::PLANNED);
  }
  EXPECT_EQ(Text(LinkLines({kept, Promised(2022, "2023-06")})[0].outcome().against_first_target()),
            "EARLY -22 days -1 months");
}

TEST(LinkLinesTest, AListedReleaseKeepsThePromiseBeforeIt) {
  EditionLine confirmed = Promised(2021, "2022-06");
  confirmed.line = *Confirm(confirmed.line, CivilDay(2022, 6, 15), CivilDay(2022, 5, 2));
  EditionLine overdue = Promised(2021, "2022-06");
  overdue.line.set_overdue_date("2022-07-01");
  for (const EditionLine& promise : {Promised(2021, "2022-06"), confirmed, overdue}) {
    const std::vector<Commitment> linked = LinkLines({promise, Listed(2022, "2022-08")});
    EXPECT_EQ(linked[0].state(), Commitment::RELEASED);
    EXPECT_EQ(linked[0].release_date(), "2022-08");
    EXPECT_EQ(linked[0].overdue_date(), "");
    EXPECT_EQ(linked[0].continued_by(), Name(2022));
    // From 30 June to 1 August.
    EXPECT_EQ(Text(linked[0].outcome().against_first_target()), "LATE 32 days 2 months");
    EXPECT_EQ(linked[1].continues(), Name(2021));
    EXPECT_EQ(linked[1].original_target_date(), "2022-06");
    EXPECT_EQ(linked[1].target_date(), "");
    EXPECT_EQ(linked[1].outcome().DebugString(), linked[0].outcome().DebugString());
  }
}

TEST(LinkLinesTest, AListedReleaseTakesTheOutcomeOnRecord) {
  EditionLine moved = Promised(2021, "2022-06");
  moved.line = *Reschedule(moved.line, "2022-08",
                           {Commitment::RESOURCES, "posts", "alice", absl::UnixEpoch(), CivilDay(2022, 5, 3)});
  moved = ReleasedOn(moved, "2022-07-31");
  const std::vector<Commitment> linked = LinkLines({moved, Listed(2022, "2022-08")});
  EXPECT_EQ(linked[0].release_date(), "2022-07-31");
  EXPECT_EQ(linked[1].release_date(), "2022-08");
  EXPECT_EQ(Text(linked[1].outcome().against_first_target()), "LATE 31 days 1 months");
  EXPECT_EQ(Text(linked[1].outcome().against_last_target()), "EARLY -1 days -1 months");
  EXPECT_EQ(linked[1].original_target_date(), "2022-06");
}

TEST(LinkLinesTest, WhatTwoEditionsListWasPromisedByNeither) {
  const std::vector<Commitment> linked = LinkLines({Listed(2021, "2020-06"), Listed(2022, "2020-06")});
  EXPECT_EQ(linked[1].continues(), Name(2021));
  EXPECT_EQ(linked[1].original_target_date(), "");
  EXPECT_FALSE(linked[1].has_outcome());
}

TEST(LinkLinesTest, AReleaseIsJudgedByTheOriginalTarget) {
  const std::vector<Commitment> linked =
      LinkLines({Promised(2021, "2022-06"), ReleasedOn(Promised(2022, "2022-12"), "2022-12-10")});
  EXPECT_EQ(linked[0].state(), Commitment::PLANNED);  // carried on, and kept there
  EXPECT_EQ(linked[1].continues(), Name(2021));
  // July to November have 31 + 31 + 30 + 31 + 30 days.
  EXPECT_EQ(Text(linked[1].outcome().against_first_target()), "LATE 163 days 6 months");
  EXPECT_EQ(Text(linked[1].outcome().against_last_target()), "ON_TIME 0 days 0 months");
}

TEST(LinkLinesTest, AWithdrawnPromiseThatComesBackIsTheSame) {
  const EditionLine withdrawn = WithdrawnIn2022(Promised(2021, "2022-06"));
  const std::vector<Commitment> revived = LinkLines({withdrawn, Promised(2022, "2023-01")});
  EXPECT_EQ(revived[0].state(), Commitment::CANCELLED);
  EXPECT_EQ(revived[0].continued_by(), Name(2022));
  EXPECT_EQ(revived[1].original_target_date(), "2022-06");
  const std::vector<Commitment> listed = LinkLines({withdrawn, Listed(2022, "2022-05")});
  EXPECT_EQ(listed[0].state(), Commitment::CANCELLED);
  EXPECT_FALSE(listed[0].has_outcome());
  EXPECT_EQ(listed[1].continues(), Name(2021));
  EXPECT_EQ(Text(listed[1].outcome().against_first_target()), "EARLY -1 days -1 months");
  EXPECT_EQ(Text(listed[1].outcome().against_last_target()), "EARLY -1 days -1 months");
}

TEST(LinkLinesTest, LinksThatNoLongerHoldGo) {
  std::vector<Commitment> linked = LinkLines({Promised(2021, "2022-06"), Listed(2022, "2022-08")});
  const Commitment alone = LinkLines({{linked[1], Years(2022, 2024)}})[0];
  EXPECT_EQ(alone.continues(), "");
  EXPECT_EQ(alone.original_target_date(), "");
  EXPECT_FALSE(alone.has_outcome());
  // What was kept stays kept.
  const Commitment kept = LinkLines({{linked[0], Years(2021, 2023)}})[0];
  EXPECT_EQ(kept.continued_by(), "");
  EXPECT_EQ(kept.DebugString(), [&] {
    Commitment expected = linked[0];
    expected.clear_continued_by();
    return expected.DebugString();
  }());

  linked = LinkLines({Promised(2021, "2022-06"), ReleasedOn(Promised(2022, "2022-12"), "2022-12-10")});
  const Commitment own = LinkLines({{linked[1], Years(2022, 2024)}})[0];
  EXPECT_EQ(own.original_target_date(), "2022-12");
  EXPECT_EQ(Text(own.outcome().against_first_target()), "ON_TIME 0 days 0 months");
}

TEST(LinkLinesTest, EditionsOfTheSameYearsDoNotContinueEachOther) {
  const std::vector<Commitment> linked = LinkLines(
      {Promised(2020, "2021"), Promised(2021, "2022-06"), Promised(2021, "2022-06", "b"), Promised(2022, "2022-12")});
  ASSERT_THAT(linked, SizeIs(4));
  std::map<std::string, Commitment> lines;
  for (const Commitment& line : linked) lines[line.name()] = line;
  EXPECT_EQ(lines[Name(2021)].continues(), Name(2020));
  EXPECT_EQ(lines[Name(2021, "b")].continues(), Name(2020));
  EXPECT_EQ(lines[Name(2020)].continued_by(), Name(2021));
  EXPECT_EQ(lines[Name(2022)].continues(), Name(2021));
  EXPECT_EQ(lines[Name(2021, "b")].continued_by(), "");
}

TEST(LinkLinesTest, LinkingAgainChangesNothing) {
  const std::vector<std::vector<EditionLine>> chains = {
      {Promised(2021, "2022-06"), Promised(2022, "2022-12"), Listed(2023, "2023-01")},
      {WithdrawnIn2022(Promised(2021, "2022-06")), Listed(2022, "2022-05")},
      {ReleasedOn(Promised(2021, "2022-06"), "2022-05-10"), Promised(2022, "2023-06")},
      {Listed(2021, "2020-06"), Promised(2022, "2022-12"), Listed(2023, "2020-06")}};
  for (const std::vector<EditionLine>& chain : chains) {
    const std::vector<Commitment> once = LinkLines(chain);
    std::vector<EditionLine> again;
    for (size_t i = 0; i < chain.size(); ++i) again.push_back({once[i], chain[i].period});
    const std::vector<Commitment> twice = LinkLines(again);
    for (size_t i = 0; i < chain.size(); ++i) EXPECT_EQ(twice[i].DebugString(), once[i].DebugString());
  }
}

// The lines by name, once the editions were published in this order and linked each time.
std::map<std::string, Commitment> PublishedInOrder(const std::vector<EditionLine>& editions,
                                                   const std::vector<int>& order) {
  std::vector<EditionLine> published;
  for (const int next : order) {
    published.push_back(editions[next]);
    const std::vector<Commitment> linked = LinkLines(published);
    for (EditionLine& edition : published) {
      edition.line = *std::find_if(linked.begin(), linked.end(),
                                   [&](const Commitment& line) { return line.name() == edition.line.name(); });
    }
  }
  std::map<std::string, Commitment> lines;
  for (const EditionLine& edition : published) lines[edition.line.name()] = edition.line;
  return lines;
}

TEST(LinkLinesTest, WhateverTheOrderOfPublishingThePromiseIsTheSame) {
  const std::vector<EditionLine> editions = {Promised(2021, "2022-06"), Promised(2022, "2022-09"),
                                             Listed(2023, "2022-08")};
  std::vector<int> order = {0, 1, 2};
  do {
    std::map<std::string, Commitment> lines = PublishedInOrder(editions, order);
    SCOPED_TRACE(::testing::PrintToString(order));
    EXPECT_EQ(lines[Name(2021)].continued_by(), Name(2022));
    EXPECT_EQ(lines[Name(2022)].continues(), Name(2021));
    EXPECT_EQ(lines[Name(2022)].continued_by(), Name(2023));
    EXPECT_EQ(lines[Name(2022)].state(), Commitment::RELEASED);
    EXPECT_EQ(lines[Name(2023)].continues(), Name(2022));
    for (const int year : {2022, 2023}) {
      EXPECT_EQ(lines[Name(year)].original_target_date(), "2022-06");
      EXPECT_EQ(Text(lines[Name(year)].outcome().against_first_target()), "LATE 32 days 2 months");
      EXPECT_EQ(Text(lines[Name(year)].outcome().against_last_target()), "EARLY -1 days -1 months");
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(LinkLinesTest, InAnyOrderALongPromiseIsKeptByTheReleaseThatTheLastEditionLists) {
  const std::vector<EditionLine> editions = {Promised(2020, "2021-06"), Promised(2021, "2022-06"),
                                             Promised(2022, "2022-09"), Listed(2023, "2022-08")};
  std::vector<int> order = {0, 1, 2, 3};
  do {
    std::map<std::string, Commitment> lines = PublishedInOrder(editions, order);
    SCOPED_TRACE(::testing::PrintToString(order));
    for (const int year : {2021, 2022, 2023}) {
      EXPECT_EQ(lines[Name(year)].continues(), Name(year - 1));
      EXPECT_EQ(lines[Name(year - 1)].continued_by(), Name(year));
      EXPECT_EQ(lines[Name(year)].original_target_date(), "2021-06");
    }
    EXPECT_EQ(lines[Name(2022)].state(), Commitment::RELEASED);
    for (const int year : {2022, 2023}) {
      // From 30 June 2021 to 1 August 2022: a year of 365 days, and 32.
      EXPECT_EQ(Text(lines[Name(year)].outcome().against_first_target()), "LATE 397 days 14 months");
      EXPECT_EQ(Text(lines[Name(year)].outcome().against_last_target()), "EARLY -1 days -1 months");
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(LinkLinesTest, APromiseMadeAnewAndWithdrawnWasNotKeptByAnOlderRelease) {
  const EditionLine kept = ReleasedOn(Promised(2021, "2022-06"), "2022-05-10");
  const std::vector<Commitment> linked =
      LinkLines({kept, Promised(2022, "2023-06"), WithdrawnIn2022(Promised(2023, "2023-06")), Listed(2024, "2022-05")});
  EXPECT_EQ(linked[1].continues(), "");
  EXPECT_EQ(linked[1].state(), Commitment::PLANNED);
}

TEST(WithEndOfTest, AnOpenLineEndsAsTheLastOneDid) {
  const Commitment open = Promised(2021, "2022-06").line;
  EXPECT_EQ(WithEndOf(open, Promised(2022, "2023-06").line).DebugString(), open.DebugString());
  const Commitment released = WithEndOf(open, ReleasedOn(Promised(2022, "2022-12"), "2022-12-10").line);
  EXPECT_EQ(released.state(), Commitment::RELEASED);
  EXPECT_EQ(released.release_date(), "2022-12-10");
  EXPECT_EQ(released.target_date(), "2022-06");
  const Commitment cancelled = WithEndOf(open, WithdrawnIn2022(Promised(2022, "2022-12")).line);
  EXPECT_EQ(cancelled.state(), Commitment::CANCELLED);
  EXPECT_EQ(cancelled.cancellation().note(), "no money");
}

}  // namespace
}  // namespace almanac::service::rules
