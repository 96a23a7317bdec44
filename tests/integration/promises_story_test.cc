#include <gmock/gmock.h>

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/integration/catalogue_fixture.h"
#include "tests/integration/processes.h"

// The whole account of one publisher's promises over two editions in three languages, told in the order in which it
// happened. Every figure is derived by hand from the story; the comments say how.
namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::DocumentCommitment;
using almanac::v1::Freshness;
using almanac::v1::ImportPlanRequest;
using almanac::v1::ImportPlanResponse;
using almanac::v1::PlanDifference;
using almanac::v1::PlanDocument;
using almanac::v1::Progress;
using almanac::v1::SectionProgress;
using almanac::v1::Slip;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kFirst[] = "publishers/swd/plans/2022-2024";
constexpr char kSecond[] = "publishers/swd/plans/2023-2025";

// A line in three languages, and how it is promised.
struct Line {
  const char* section;
  int number;
  std::map<std::string, std::string> titles;
  const char* target_date;
  const char* release_date;
  almanac::v1::Frequency frequency;
  const char* format = "CSV";
  std::map<std::string, std::string> former_titles = {};
};

std::map<std::string, std::string> Titles(const char* hans, const char* hant, const char* en) {
  return {{"zh-Hans-HK", hans}, {"zh-Hant-HK", hant}, {"en", en}};
}

const std::map<std::string, std::string> kOutreach =
    Titles("少数族裔外展队名单", "少數族裔外展隊名單", "Outreach teams");
const std::map<std::string, std::string> kVouchers = Titles("长者服务券名单", "長者服務券名單", "Elderly vouchers");
const std::map<std::string, std::string> kSpending = Titles("开支数据", "開支數據", "Expenditure");
const std::map<std::string, std::string> kOrders =
    Titles("社会服务令统计", "社會服務令統計", "Community service orders");
const std::map<std::string, std::string> kOrdersRetitled =
    Titles("社会服务令计划统计", "社會服務令計劃統計", "Community service order scheme");
const std::map<std::string, std::string> kDischarged = Titles("监管释囚统计", "監管釋囚統計", "Discharged prisoners");
const std::map<std::string, std::string> kProbation = Titles("感化服务统计", "感化服務統計", "Probation");
const std::map<std::string, std::string> kCards = Titles("长者卡总数", "長者卡總數", "Senior citizen cards");
const std::map<std::string, std::string> kYouth = Titles("青少年服务统计", "青少年服務統計", "Youth services");
const std::map<std::string, std::string> kPublisher = Titles("社会福利署", "社會福利署", "Social Welfare Department");

const std::vector<Line> kFirstEdition = {
    {"A", 1, kOutreach, "2022-06", "", almanac::v1::AS_NEEDED},
    {"A", 2, kVouchers, "2022-06", "", almanac::v1::MONTHLY, "XML"},
    {"A", 3, kSpending, "2022-09", "", almanac::v1::QUARTERLY},
    {"B", 1, kOrders, "2023-06", "", almanac::v1::YEARLY},
    {"B", 2, kDischarged, "2024-06", "", almanac::v1::YEARLY},
    {"B", 3, kProbation, "2024-06", "", almanac::v1::YEARLY},
    {"D", 1, kCards, "", "2021-06", almanac::v1::YEARLY},
};

// B1 of the first edition comes back as A1, half a year later and under another title; B2 is dropped without a word.
const std::vector<Line> kSecondEdition = {
    {"A", 1, kOrdersRetitled, "2023-12", "", almanac::v1::YEARLY, "CSV", kOrders},
    {"A", 2, kYouth, "2023-03", "", almanac::v1::YEARLY},
    {"D", 1, kCards, "", "2021-06", almanac::v1::YEARLY},
    {"D", 2, kOutreach, "", "2022-05", almanac::v1::AS_NEEDED},
    {"D", 3, kVouchers, "", "2022-08", almanac::v1::MONTHLY, "XML"},
    {"D", 4, kSpending, "", "2022-12", almanac::v1::QUARTERLY},
};

PlanDocument Document(const std::vector<Line>& lines, const std::string& language, int first_year,
                      const std::string& published_on) {
  PlanDocument document;
  document.set_publisher_title(kPublisher.at(language));
  document.set_language(language);
  document.mutable_period()->set_start_year(first_year);
  document.mutable_period()->set_end_year(first_year + 2);
  document.set_published_on(published_on);
  for (const char* code : {"A", "B", "C", "D"}) document.add_sections()->set_code(code);
  for (const Line& line : lines) {
    DocumentCommitment& said = *document.add_commitments();
    said.set_section(line.section);
    said.set_number(line.number);
    said.set_title(line.titles.at(language));
    said.set_target_date(line.target_date);
    said.set_release_date(line.release_date);
    said.set_frequency(line.frequency);
    said.add_formats(line.format);
    if (!line.former_titles.empty()) said.add_former_titles(line.former_titles.at(language));
    said.set_line(document.commitments_size());
  }
  return document;
}

// The figures of a progress that the story knows: counts by their names in the order of the message, then the rates.
std::string Figures(const SectionProgress& p) {
  std::string text = absl::StrCat(
      "all ", p.commitment_count(), ": planned ", p.planned_count(), ", confirmed ", p.confirmed_count(), ", released ",
      p.released_count(), ", cancelled ", p.cancelled_count(), "; last target: early ", p.early_count(), ", on time ",
      p.on_time_count(), ", late ", p.late_count(), ", overdue ", p.overdue_count(), "; first target: early ",
      p.first_early_count(), ", on time ", p.first_on_time_count(), ", late ", p.first_late_count(), ", overdue ",
      p.first_overdue_count(), "; longest overdue ", p.max_overdue_days(), "; dropped ", p.dropped_count(), "; moved ",
      p.moved_count(), ", moves ", p.move_count(), ", with a reason ", p.reasoned_move_count());
  const auto add = [&text](const char* name, bool has, double value) {
    if (has) absl::StrAppend(&text, "; ", name, " ", value);
  };
  add("first on-time rate", p.has_first_on_time_rate(), p.first_on_time_rate());
  add("last on-time rate", p.has_last_on_time_rate(), p.last_on_time_rate());
  add("median slip", p.has_median_slip_months(), p.median_slip_months());
  add("reasoned", p.has_reasoned_move_rate(), p.reasoned_move_rate());
  add("dropped rate", p.has_dropped_rate(), p.dropped_rate());
  return text;
}

absl::Time HongKong(int year, int month, int day, int hour = 12) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Asia/Hong_Kong", &zone));
  return absl::FromCivil(absl::CivilHour(year, month, day, hour), zone);
}

class PromisesStoryTest : public CatalogueTest {
 protected:
  ImportPlanResponse Import(const PlanDocument& document) {
    ImportPlanRequest request;
    request.set_parent("publishers/swd");
    *request.mutable_document() = document;
    return Do(request);
  }

  // Imports an edition in all three languages and publishes it.
  void Publish(const std::vector<Line>& lines, int first_year, const std::string& published_on) {
    for (const char* language : {"zh-Hans-HK", "en", "zh-Hant-HK"}) {
      const ImportPlanResponse imported = Import(Document(lines, language, first_year, published_on));
      EXPECT_THAT(imported.warnings(), IsEmpty()) << language;
      EXPECT_THAT(imported.ambiguous_lines(), IsEmpty()) << language;
    }
    Do(Named<almanac::v1::PublishPlanRequest>(absl::StrCat("publishers/swd/plans/", first_year, "-", first_year + 2)));
  }

  std::string DatasetOf(const std::string& commitment) { return GetCommitment(commitment).dataset(); }

  void Report(const std::string& dataset, absl::Time time) {
    auto request = Named<almanac::v1::ReportUpdateRequest>(dataset);
    request.mutable_data_time()->set_seconds(absl::ToUnixSeconds(time));
    Do(request);
  }

  Progress ProgressOf(const std::string& name, const std::string& as_of) {
    auto request = Named<almanac::v1::GetProgressRequest>(name);
    request.set_as_of(as_of);
    return Do(request);
  }
  std::string FiguresOf(const std::string& name, const std::string& as_of) {
    return Figures(ProgressOf(name, as_of).total());
  }

  // What was promised, and what became of it in 2022.
  void TheFirstYear() {
    database_.SetClock(HongKong(2021, 12, 20));
    Publish(kFirstEdition, 2022, "2021-12");

    database_.SetClock(HongKong(2022, 5, 31));
    Do(ToRelease(Line1("a-1"), ""));  // a day before June begins

    database_.SetClock(HongKong(2022, 6, 15));
    Do(ToMove(Line1("a-2"), "2022-08"));

    database_.SetClock(HongKong(2022, 8, 20));
    Do(ToRelease(Line1("a-2"), ""));
    for (const int day : {0, 30, 60}) {
      database_.SetClock(HongKong(2022, 8, 20) + absl::Hours(24 * day));
      Report(DatasetOf(Line1("a-2")), HongKong(2022, 8, 20) + absl::Hours(24 * day));
    }

    database_.SetClock(HongKong(2022, 11, 10));
    Do(ToCancel(Line1("b-3")));

    database_.SetClock(HongKong(2022, 12, 5));
    Do(ToRelease(Line1("a-3"), ""));  // 31 days of October, 30 of November and 5 after 30 September
    Report(DatasetOf(Line1("a-3")), HongKong(2022, 12, 5));
  }

  void TheSecondYear() {
    database_.SetClock(HongKong(2023, 1, 15));
    Publish(kSecondEdition, 2023, "2023-01");
    database_.SetClock(HongKong(2023, 4, 10));
    Do(ToRelease(Line2("a-2"), ""));  // 10 days after 31 March
  }

  static service::Server::Options WithClock() {
    service::Server::Options options;
    options.clock_interval = absl::Milliseconds(100);
    return options;
  }

  static std::string Line1(const std::string& id) { return absl::StrCat(kFirst, "/commitments/", id); }
  static std::string Line2(const std::string& id) { return absl::StrCat(kSecond, "/commitments/", id); }
};

TEST_F(PromisesStoryTest, ThreeLanguagesAreOnePlan) {
  TheFirstYear();
  const Commitment line = GetCommitment(Line1("a-2"));
  EXPECT_EQ((std::map<std::string, std::string>(line.titles().begin(), line.titles().end())), kVouchers);
  almanac::v1::ListDatasetsRequest datasets;
  datasets.set_parent("publishers/swd");
  EXPECT_THAT(Do(datasets).datasets(), SizeIs(7));
  EXPECT_THAT(GetPublisher("publishers/swd").titles(), SizeIs(3));
}

TEST_F(PromisesStoryTest, TheFirstYearAsItWentOn) {
  TheFirstYear();
  // Early: a-1. Moved in June, and so past its first target but not its last: a-2. Listed as released: d-1.
  EXPECT_EQ(
      FiguresOf(kFirst, "2022-07-01"),
      "all 7: planned 5, confirmed 0, released 2, cancelled 0; last target: early 1, on time 0, late 0, overdue 0;"
      " first target: early 1, on time 0, late 0, overdue 1; longest overdue 0; dropped 0; moved 1, moves 1, with a"
      " reason 1; first on-time rate 0.5; last on-time rate 1; median slip -1; reasoned 1");
  // Not yet moved on the day before; a-1 was released on 31 May.
  EXPECT_EQ(
      FiguresOf(kFirst, "2022-06-14"),
      "all 7: planned 5, confirmed 0, released 2, cancelled 0; last target: early 1, on time 0, late 0, overdue 0;"
      " first target: early 1, on time 0, late 0, overdue 0; longest overdue 0; dropped 0; moved 0, moves 0, with a"
      " reason 0; first on-time rate 1; last on-time rate 1; median slip -1");
  // a-2 came in August: on time by its last target, 2 months late by its first. a-3 is overdue since today. Median of
  // -1 and 2.
  const Progress october = ProgressOf(kFirst, "2022-10-01");
  EXPECT_EQ(
      Figures(october.total()),
      absl::StrCat("all 7: planned 4, confirmed 0, released 3, cancelled 0; last target: early 1, on time 1, late 0,"
                   " overdue 1; first target: early 1, on time 0, late 1, overdue 1; longest overdue 1; dropped 0;"
                   " moved 1, moves 1, with a reason 1; first on-time rate ",
                   1.0 / 3, "; last on-time rate ", 2.0 / 3, "; median slip 0.5; reasoned 1"));
  ASSERT_THAT(october.sections(), SizeIs(4));
  EXPECT_EQ(october.sections(0).overdue_count(), 1);
  EXPECT_EQ(october.sections(1).commitment_count(), 3);
  EXPECT_EQ(october.sections(2).commitment_count(), 0);
  EXPECT_EQ(october.sections(3).released_count(), 1);
  // a-3 came 3 months late; b-3 was cancelled. Median of -1, 2 and 3.
  EXPECT_EQ(
      FiguresOf(kFirst, "2022-12-31"),
      absl::StrCat("all 7: planned 2, confirmed 0, released 4, cancelled 1; last target: early 1, on time 1, late 1,"
                   " overdue 0; first target: early 1, on time 0, late 2, overdue 0; longest overdue 0; dropped 0;"
                   " moved 1, moves 1, with a reason 1; first on-time rate ",
                   1.0 / 3, "; last on-time rate ", 2.0 / 3, "; median slip 2; reasoned 1"));
}

TEST_F(PromisesStoryTest, OutcomesAreKept) {
  TheFirstYear();
  const auto text = [](const Slip& slip) {
    return absl::StrCat(Slip::Verdict_Name(slip.verdict()), " ", slip.days(), " days ", slip.months(), " months");
  };
  const auto outcome = [&](const std::string& id) { return GetCommitment(Line1(id)).outcome(); };
  EXPECT_EQ(text(outcome("a-1").against_first_target()), "EARLY -1 days -1 months");
  // 31 days of July and 20 of August.
  EXPECT_EQ(text(outcome("a-2").against_first_target()), "LATE 51 days 2 months");
  EXPECT_EQ(text(outcome("a-2").against_last_target()), "ON_TIME 0 days 0 months");
  EXPECT_EQ(text(outcome("a-3").against_last_target()), "LATE 66 days 3 months");
}

TEST_F(PromisesStoryTest, TheNextEditionContinuesThePromises) {
  TheFirstYear();
  TheSecondYear();
  EXPECT_EQ(GetPlan(kFirst).state(), almanac::v1::ReleasePlan::SUPERSEDED);
  EXPECT_EQ(GetPlan(kSecond).state(), almanac::v1::ReleasePlan::PUBLISHED);
  const Commitment orders = GetCommitment(Line2("a-1"));
  EXPECT_EQ(orders.continues(), Line1("b-1"));
  EXPECT_EQ(orders.original_target_date(), "2023-06");
  EXPECT_EQ(orders.dataset(), DatasetOf(Line1("b-1")));
  EXPECT_EQ(GetCommitment(Line1("b-1")).continued_by(), Line2("a-1"));
  EXPECT_EQ(GetCommitment(Line1("b-2")).continued_by(), "");
  EXPECT_EQ(GetCommitment(Line2("d-3")).outcome().DebugString(), GetCommitment(Line1("a-2")).outcome().DebugString());

  auto diff = Named<almanac::v1::DiffPlansRequest>(kFirst);
  diff.set_other_plan(kSecond);
  std::map<std::string, std::string> found;
  const almanac::v1::PlanDiff differences = Do(diff);
  for (const PlanDifference& difference : differences.differences()) {
    std::vector<std::string> kinds;
    for (const int kind : difference.kinds()) kinds.push_back(PlanDifference::Kind_Name(kind));
    std::string text = absl::StrJoin(kinds, " ");
    if (difference.moved_days() != 0) {
      absl::StrAppend(&text, " ", difference.moved_months(), " months ", difference.moved_days(), " days");
    }
    found[difference.titles().at("en")] = text;
  }
  const std::map<std::string, std::string> expected = {
      // From 30 June to 31 December 2023.
      {"Community service order scheme", "MOVED RETITLED SECTION_CHANGED 6 months 184 days"},
      {"Youth services", "ADDED"},
      {"Outreach teams", "RELEASED SECTION_CHANGED"},
      {"Elderly vouchers", "RELEASED SECTION_CHANGED"},
      {"Expenditure", "RELEASED SECTION_CHANGED"},
      {"Discharged prisoners", "DROPPED"},
      {"Probation", "CANCELLED"},
  };
  EXPECT_EQ(found, expected);
  EXPECT_EQ(differences.unchanged_count(), 1);  // the cards
}

TEST_F(PromisesStoryTest, ThePublishersPromisesCountOnce) {
  TheFirstYear();
  TheSecondYear();
  // Six lines of the second edition, and of the first b-2, which was dropped, and b-3, which was cancelled. Against the
  // first target: a-1 of the first edition -1 month, its a-2 2 months, its a-3 3 months, a-2 of the second 1 month.
  // Moved: the vouchers, with a reason, and the orders by the second edition, without. Open at its publication were
  // b-1, which it carries on, and b-2.
  const std::string year_end = "; dropped 1; moved 2, moves 2, with a reason 1; first on-time rate ";
  EXPECT_EQ(
      FiguresOf("publishers/swd", "2023-06-30"),
      absl::StrCat("all 8: planned 2, confirmed 0, released 5, cancelled 1; last target: early 1, on time 1, late 2,"
                   " overdue 0; first target: early 1, on time 0, late 3, overdue 0; longest overdue 0",
                   year_end, 0.25, "; last on-time rate 0.5; median slip 1.5; reasoned 0.5; dropped rate 0.5"));
  // The orders are past June, their first target, and then past December.
  EXPECT_EQ(
      FiguresOf("publishers/swd", "2023-07-01"),
      absl::StrCat("all 8: planned 2, confirmed 0, released 5, cancelled 1; last target: early 1, on time 1, late 2,"
                   " overdue 0; first target: early 1, on time 0, late 3, overdue 1; longest overdue 0",
                   year_end, 0.2, "; last on-time rate 0.5; median slip 1.5; reasoned 0.5; dropped rate 0.5"));
  EXPECT_EQ(
      FiguresOf("publishers/swd", "2024-01-01"),
      absl::StrCat("all 8: planned 2, confirmed 0, released 5, cancelled 1; last target: early 1, on time 1, late 2,"
                   " overdue 1; first target: early 1, on time 0, late 3, overdue 1; longest overdue 1",
                   year_end, 0.2, "; last on-time rate 0.4; median slip 1.5; reasoned 0.5; dropped rate 0.5"));
  // Before the second edition nothing of it counts.
  EXPECT_EQ(FiguresOf("publishers/swd", "2022-10-01"), FiguresOf(kFirst, "2022-10-01"));
  const Progress government = ProgressOf("publishers/-", "2024-01-01");
  ASSERT_THAT(government.publishers(), SizeIs(1));
  EXPECT_EQ(Figures(government.publishers(0).total()), FiguresOf("publishers/swd", "2024-01-01"));
  EXPECT_EQ(Figures(government.total()), FiguresOf("publishers/swd", "2024-01-01"));
}

TEST_F(PromisesStoryTest, UpdatesReportedAndMissed) {
  TheFirstYear();
  const std::string vouchers = DatasetOf(Line1("a-2"));
  // Reported on 20 August, 19 September and 19 October: every 30 days, as promised by a monthly frequency.
  const absl::Time last = HongKong(2022, 10, 19);
  EXPECT_EQ(GetDataset(vouchers).freshness().observed_frequency(), almanac::v1::MONTHLY);
  EXPECT_EQ(GetDataset(vouchers).freshness().observed_interval().seconds(), 30 * 86400);
  EXPECT_EQ(GetDataset(vouchers).freshness().due_time().seconds(), absl::ToUnixSeconds(last + absl::Hours(24 * 30)));
  EXPECT_EQ(GetDataset(DatasetOf(Line1("a-1"))).freshness().state(), Freshness::UNSCHEDULED);
  EXPECT_EQ(GetDataset(DatasetOf(Line1("b-1"))).freshness().state(), Freshness::UNKNOWN);

  // The clock, which nobody let speak until now, says once what became of both datasets that have a due date: the
  // vouchers are delinquent 60 days after the last update, the spending is due 90 days after 5 December.
  const auto state = [&](const std::string& dataset) {
    return Freshness::State_Name(GetDataset(dataset).freshness().state());
  };
  const std::string spending = DatasetOf(Line1("a-3"));
  database_.SetClock(HongKong(2023, 3, 5));
  const TestServer clock(database_.url(), WithClock());
  EXPECT_TRUE(Eventually([&] { return state(vouchers) == "DELINQUENT" && state(spending) == "DUE"; }));
  EXPECT_EQ(state(DatasetOf(Line1("a-1"))), "UNSCHEDULED");

  almanac::v1::CountFreshnessRequest request;
  request.set_parent("publishers/swd");
  const auto counts = Do(request).total();
  EXPECT_EQ(counts.dataset_count(), 7);
  EXPECT_EQ(counts.delinquent_count(), 1);
  EXPECT_EQ(counts.due_count(), 1);
  EXPECT_EQ(counts.as_needed_count(), 1);
  EXPECT_EQ(counts.unknown_count(), 4);
}

TEST_F(PromisesStoryTest, TheClockSpeaksOnceWhenTheOrdersAreOverdue) {
  TheFirstYear();
  TheSecondYear();
  const std::string orders = Line2("a-1");
  const auto changes = [&] {
    std::vector<std::string> found;
    for (const Change& change : ChangesAfter(0)) {
      if (change.type() == Change::BECAME_OVERDUE) found.push_back(change.resource());
    }
    return found;
  };
  const TestServer first(database_.url(), WithClock());
  const TestServer second(database_.url(), WithClock());
  database_.SetClock(HongKong(2024, 1, 1, 0) - absl::Seconds(1));
  absl::SleepFor(absl::Milliseconds(500));
  EXPECT_THAT(changes(), IsEmpty());
  database_.SetClock(HongKong(2024, 1, 1, 0));
  EXPECT_TRUE(Eventually([&] { return GetCommitment(orders).overdue_date() == "2024-01-01"; }));
  absl::SleepFor(absl::Milliseconds(500));
  EXPECT_THAT(changes(), ElementsAre(orders));
  Do(ToRelease(orders, ""));
  EXPECT_EQ(GetCommitment(orders).overdue_date(), "");
}

TEST_F(PromisesStoryTest, TheReportSaysTheSame) {
  TheFirstYear();
  TheSecondYear();
  const CommandResult report = Shell(absl::StrCat(ALMANAC_BINARY_DIR "/client/almanac report --html - --publisher swd",
                                                  " --as-of 2024-01-01 --language en --server ", server_.address()));
  ASSERT_EQ(report.code, 0) << report.output;
  // The page's text without its tags, in one line.
  std::string text;
  for (const absl::string_view part : absl::StrSplit(report.output, '<')) {
    const auto end = part.find('>');
    if (end != absl::string_view::npos) absl::StrAppend(&text, part.substr(end + 1), " ");
  }
  absl::RemoveExtraAsciiWhitespace(&text);
  // Early a-1, on time a-2; late a-3 and the youth services; overdue since today the orders.
  for (const char* words : {"5 promises", "2 were kept, 2 came late and 1 is overdue", "for 1 day"}) {
    EXPECT_THAT(text, HasSubstr(words));
  }
  for (const char* words :
       {"On time, by the first target 20 % 1 of 5", "On time, by the last target 40 % 2 of 5",
        "Median slip +1.5 months", "Median time overdue 1 day of 1 overdue", "Moves with a reason 50 % 1 of 2 moves",
        "Dropped without a word 1 50 % of what was open at the next edition"}) {
    EXPECT_THAT(text, HasSubstr(words));
  }
  for (const char* words : {"Community service order scheme", "Two posts are vacant", "The vote was cut"}) {
    EXPECT_THAT(text, HasSubstr(words));
  }
}

}  // namespace
}  // namespace almanac::testing
