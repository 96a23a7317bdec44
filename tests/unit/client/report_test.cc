#include "client/export/report.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/page_testing.h"
#include "tests/unit/client/promise_testing.h"

namespace almanac::client {
namespace {

using absl::CivilDay;
using almanac::testing::Page;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// The path to what is below the section `id`.
std::string In(const std::string& id, const std::string& path) {
  return "//section[@aria-labelledby='" + id + "']" + path;
}

v1::Progress ProgressOf(const std::string& as_of, const std::string& total) {
  return FromText<v1::Progress>("as_of: '" + as_of + "' total { " + total + " }");
}

// What the server says of TwoEditions on 1 July 2025.
Report SwdReport() {
  Report report;
  report.publishers = {TwoEditions()};
  report.as_of = CivilDay(2025, 7, 1);
  report.history = {
      ProgressOf("2024-06-30",
                 "commitment_count: 5 planned_count: 2 released_count: 2 late_count: 1 cancelled_count: 1"
                 " overdue_count: 2"),
      ProgressOf("2025-07-01",
                 "commitment_count: 5 planned_count: 2 released_count: 2 late_count: 1 cancelled_count: 1"
                 " overdue_count: 2 moved_count: 2 max_overdue_days: 823 median_overdue_days: 412 dropped_count: 1"
                 " first_late_count: 1 first_overdue_count: 2 first_on_time_rate: 0 last_on_time_rate: 0"
                 " median_slip_months: 3 move_count: 2 reasoned_move_count: 1 reasoned_move_rate: 0.5"
                 " dropped_rate: 0.5")};
  report.progress = report.history.back();
  report.progress.add_plans()->set_release_plan("publishers/swd/plans/2025-2027");
  report.progress.add_plans()->set_release_plan("publishers/swd/plans/2022-2024");
  report.edition = FromText<v1::Progress>(
      "release_plan: 'publishers/swd/plans/2025-2027'"
      " sections { section: 'A' commitment_count: 1 planned_count: 1 overdue_count: 1 max_overdue_days: 1 }");
  report.freshness.mutable_total()->set_dataset_count(4);
  report.freshness.mutable_total()->set_fresh_count(1);
  report.freshness.mutable_total()->set_overdue_count(1);
  report.freshness.mutable_total()->set_delinquent_count(1);
  report.freshness.mutable_total()->set_as_needed_count(1);
  // Midnight of 1 June and of 1 May 2025 in Hong Kong.
  report.late_datasets = {
      FromText<v1::Dataset>(R"(name: 'publishers/swd/datasets/b' titles { key: 'en' value: 'Later' } frequency: MONTHLY
                                freshness { state: OVERDUE due_time { seconds: 1748707200 } })"),
      FromText<v1::Dataset>(R"(name: 'publishers/swd/datasets/a' titles { key: 'en' value: 'Longer' }
                                frequency: HALF_YEARLY last_update_time { seconds: 1730000000 }
                                freshness { state: DELINQUENT due_time { seconds: 1746028800 }
                                            observed_frequency: YEARLY })")};
  report.time = absl::FromUnixSeconds(1751328000);  // 2025-07-01T00:00:00Z
  report.catalogue_id = "0b6f";
  report.first_revision = report.last_revision = 191;
  return report;
}

TEST(ReportPage, NeedsNothingButItself) {
  const std::string text = ReportPage(SwdReport(), Language());
  const Page page(text);
  EXPECT_THAT(text, StartsWith("<!DOCTYPE html>\n"));
  EXPECT_EQ(page.Count("//script | //link | //img | //iframe | //object | //embed | //form | //@src | //@*[starts-with("
                       "name(), 'on')] | //@href[not(starts-with(., '#'))]"),
            0U);
  EXPECT_EQ(text.find("http:"), std::string::npos);
  EXPECT_EQ(text.find("https:"), std::string::npos);
  EXPECT_EQ(text.find("url("), std::string::npos);
  EXPECT_EQ(text.find("@import"), std::string::npos);
}

TEST(ReportPage, HasAnOutlineThatCanBeRead) {
  const Page page(ReportPage(SwdReport(), Language()));
  EXPECT_THAT(page.Texts("/html/@lang"), ElementsAre("en"));
  EXPECT_THAT(page.Texts("/html/head/title"), ElementsAre("社会福利署: promises kept, 1 July 2025"));
  EXPECT_THAT(page.Texts("//h1"), ElementsAre("社会福利署"));
  EXPECT_THAT(page.Texts("//h2"), ElementsAre("Where it stands", "Over time", "Overdue", "Moved and cancelled",
                                              "Freshness", "Sections and editions"));
  EXPECT_EQ(page.Count("//section"), page.Count("//section[@aria-labelledby = h2/@id]"));
  EXPECT_EQ(page.Count("//table"), page.Count("//table[caption][thead/tr/th[@scope='col']]"));
  EXPECT_EQ(page.Count("//svg"), page.Count("//svg[@role='img'][title != '']"));
  EXPECT_GT(page.Count("//svg"), 2U);
  const std::vector<std::string> ids = page.Texts("//@id");
  EXPECT_EQ(ids.size(), std::set<std::string>(ids.begin(), ids.end()).size()) << "an id names one element";
}

TEST(ReportPage, SumsUpFirst) {
  const Page page(ReportPage(SwdReport(), Language()));
  EXPECT_THAT(page.Texts("//p[@class='lede']"),
              ElementsAre("Of 3 promises settled or due by 1 July 2025, 0 were kept, 1 came late and 2 are overdue, "
                          "the longest for 823 days."));
  EXPECT_THAT(page.Texts(In("standing", "//ul[@class='legend']/li")),
              ElementsAre("Kept 0", "Late 1", "Overdue 2", "Not yet due 0", "Cancelled 1"));
  EXPECT_THAT(page.Texts("//dl/div"),
              ElementsAre("On time, by the first target0 % 0 of 3, as first promised",
                          "On time, by the last target0 % 0 of 3, after all moves",
                          "Median slip+3 months from the first target to the release",
                          "Median time overdue412 days of 2 overdue", "Moves with a reason50 % 1 of 2 moves",
                          "Dropped without a word1 50 % of what was open at the next edition"));
  EXPECT_THAT(page.Texts(In("standing", "/p[@class='note']")),
              ElementsAre(HasSubstr("plans list 1 dataset as released already")));
}

TEST(ReportPage, ListsWhatIsOverdueLongestFirst) {
  const Page page(ReportPage(SwdReport(), Language()));
  EXPECT_THAT(page.Texts(In("overdue", "//tbody/tr/th")),
              ElementsAre("Waiting times dropped 2022-2024/a-4", "Shelters 2025-2027/a-1"));
  EXPECT_THAT(page.Texts(In("overdue", "//tbody/tr[2]/td")),
              ElementsAre("2023", "once", "June 2025", "1 July 2025", "1 day"));
  EXPECT_THAT(page.Texts(In("overdue", "//tbody/tr[1]/td")),
              ElementsAre("March 2023", "never", "March 2023", "1 April 2023", "823 days"));
}

TEST(ReportPage, TellsEveryMoveAndCancellationWithItsReasonLatestFirst) {
  const Page page(ReportPage(SwdReport(), Language()));
  const std::string table = "//table[contains(caption, 'Every move')]/tbody";
  EXPECT_THAT(page.Texts(table + "/tr/th"), ElementsAre("30 December 2024", "10 February 2023", "20 May 2022"));
  EXPECT_THAT(page.Texts(table + "/tr[1]/td"), ElementsAre("Shelters 2025-2027/a-1", "2023 → June 2025 +18 months",
                                                           "none given", "a later edition just said so", ""));
  EXPECT_THAT(page.Texts(table + "/tr[2]/td"), ElementsAre("Case files 2022-2024/a-3", "Cancelled, was due Q4 2022",
                                                           "data quality", "Too many gaps", "siu"));
  EXPECT_THAT(page.Texts(table + "/tr[3]/td"),
              ElementsAre("少数族裔外展队名单 2022-2024/a-1", "June 2022 → September 2022 +3 months", "resources",
                          "Two posts are vacant", "ling"));
  EXPECT_THAT(page.Texts("//table[contains(caption, 'Reasons')]/tbody/tr"),
              ElementsAre("none given10", "resources10", "data quality01"));
}

TEST(ReportPage, TellsACancellationThatALaterEditionUndid) {
  Report report = SwdReport();
  report.publishers = {CancelledAndTakenUpAgain()};
  const Page page(ReportPage(report, Language()));
  const std::string table = "//table[contains(caption, 'Every move')]/tbody";
  EXPECT_THAT(page.Texts(table + "/tr/th"),
              ElementsAre("30 December 2024", "2 May 2023", "10 February 2023", "20 May 2022"));
  EXPECT_THAT(page.Texts(table + "/tr[2]/td"),
              ElementsAre("Shelters 2025-2027/a-1", "Cancelled, was due 2023", "funding", "No money", "mei"));
}

TEST(ReportPage, TellsHowFreshDatasetsAreLongestLateFirst) {
  const Page page(ReportPage(SwdReport(), Language()));
  EXPECT_THAT(page.Texts(In("freshness", "//ul/li")),
              ElementsAre("Fresh 1", "Due 0", "Overdue 1", "Delinquent 1", "Never reported 0", "Without a due date 1",
                          "Discontinued 0"));
  EXPECT_THAT(page.Texts(In("freshness", "//tbody/tr/th")), ElementsAre("Longer a", "Later b"));
  EXPECT_THAT(page.Texts(In("freshness", "//tbody/tr[1]/td")),
              ElementsAre("half-yearly", "yearly", "27 October 2024", "1 May 2025", "delinquent"));
}

TEST(ReportPage, ShowsProgressOverTimeAsAChartAndAsATable) {
  const Page page(ReportPage(SwdReport(), Language()));
  EXPECT_THAT(page.Texts("//svg[@class='areas']/desc"),
              ElementsAre("From 30 June 2024 (Late 1, Overdue 2, Cancelled 1) to 1 July 2025 (Late 1, Overdue 2, "
                          "Cancelled 1)"));
  EXPECT_THAT(page.Texts("//svg[@class='areas']/polygon/@class"),
              ElementsAre("kept", "late", "overdue", "open", "cancelled"));
  EXPECT_THAT(page.Texts("//details//tbody/tr/th"), ElementsAre("1 July 2025", "30 June 2024"));
  EXPECT_THAT(page.Texts("//details//tbody/tr[1]/td"), ElementsAre("0", "1", "2", "0", "1", "1", "0 %"));
}

TEST(ReportPage, NamesSectionsAndEditions) {
  const Page page(ReportPage(SwdReport(), Language()));
  EXPECT_THAT(page.Texts("//table[contains(caption, '2025-2027')]/tbody/tr/th"), ElementsAre("A 将会发放"));
  EXPECT_THAT(page.Texts("//table[contains(caption, 'Editions')]/tbody/tr/th"),
              ElementsAre("swd/2025-2027", "swd/2022-2024"));
}

TEST(ReportPage, NamesTheLanguageOfEachText) {
  const Page page(ReportPage(SwdReport(), Language()));
  EXPECT_THAT(page.Texts("//h1/span/@lang"), ElementsAre("zh-Hans-HK"));
  EXPECT_THAT(page.Texts("//*[@lang='en'][. = 'Waiting times']"), ElementsAre("Waiting times"));
  EXPECT_THAT(Page(ReportPage(SwdReport(), Language("en"))).Texts("//h1/span[@lang='en']"),
              ElementsAre("Social Welfare Department"));
}

TEST(ReportPage, SaysWhenItWasMadeAndOfWhat) {
  Report report = SwdReport();
  EXPECT_THAT(Page(ReportPage(report, Language())).Texts("//footer/p[1]"),
              ElementsAre(HasSubstr("Judged by 1 July 2025. Made on 1 July 2025, 00:00 UTC by almanac 0.1.0 from "
                                    "catalogue 0b6f, revision 191.")));
  report.last_revision = 193;
  EXPECT_THAT(Page(ReportPage(report, Language())).Texts("//footer/p[1]"),
              ElementsAre(HasSubstr("revisions 191 to 193, written while it was read.")));
}

TEST(ReportPage, TakesNoTextForItsOwn) {
  const std::string hostile = "</script></style><script>alert(\"1\")</script>'&amp;<!-- ]]> \x01\x1b[0m\u202e";
  const std::string shown = "</script></style><script>alert(\"1\")</script>'&amp;<!-- ]]> \uFFFD\uFFFD[0m\u202e";
  Report report = SwdReport();
  PublisherPlans& plans = report.publishers[0];
  (*plans.publisher.mutable_titles())["zh-Hans-HK"] = hostile;
  for (v1::Commitment& line : plans.commitments) {
    line.clear_titles();
    (*line.mutable_titles())["x-\"><script>"] = hostile;
  }
  plans.commitments[0].mutable_reschedules(0)->set_note(hostile);
  plans.commitments[0].mutable_reschedules(0)->set_actor(hostile);
  (*plans.plans[1].mutable_sections(0)->mutable_titles())["zh-Hans-HK"] = hostile;
  (*report.late_datasets[0].mutable_titles())["en"] = hostile;
  report.catalogue_id = hostile;
  const Page page(ReportPage(report, Language()));
  EXPECT_EQ(page.Count("//script"), 0U);
  EXPECT_EQ(page.Count("//comment()"), 0U);
  EXPECT_THAT(page.Texts("//h1"), ElementsAre(shown));
  EXPECT_THAT(page.Texts("//table[contains(caption, 'Every move')]/tbody/tr[3]/td[4]"), ElementsAre(shown));
  EXPECT_THAT(page.Texts("//table[contains(caption, 'Every move')]/tbody/tr[3]/td[5]"), ElementsAre(shown));
}

TEST(ReportPage, OfNothingSaysSo) {
  Report report;
  report.publishers = {PublisherPlans()};
  report.publishers[0].publisher = TwoEditions().publisher;
  report.as_of = CivilDay(2025, 7, 1);
  report.history = {ProgressOf("2025-07-01", "")};
  report.progress = report.history[0];
  const Page page(ReportPage(report, Language()));
  EXPECT_THAT(page.Texts("//p[@class='lede']"), ElementsAre("By 1 July 2025 no promise had come due."));
  EXPECT_THAT(
      page.Texts("//p[@class='note']"),
      ElementsAre("There is nothing to look back on yet.", "Nothing is overdue.", "Nothing was moved or cancelled.",
                  "There are no datasets.", "No edition had been published."));
  EXPECT_THAT(page.Texts("//svg"), IsEmpty());
}

TEST(ReportPage, OfAllPublishersKeepsTheirOrderWorstFirst) {
  Report report = SwdReport();
  report.all = true;
  report.edition.reset();
  report.publishers.push_back(
      {FromText<v1::Publisher>("name: 'publishers/td' titles { key: 'en' value: 'Transport' }"), {}, {}});
  report.progress.clear_plans();
  for (const char* name : {"publishers/swd", "publishers/td"}) report.progress.add_publishers()->set_publisher(name);
  (*report.progress.mutable_publishers(0)->mutable_titles())["en"] = "Welfare";
  (*report.progress.mutable_publishers(1)->mutable_titles())["en"] = "Transport";
  report.progress.mutable_publishers(0)->mutable_total()->set_overdue_count(2);
  report.progress.mutable_publishers(0)->mutable_total()->set_max_overdue_days(823);
  *report.freshness.add_publishers() = report.freshness.total();
  report.freshness.mutable_publishers(0)->set_publisher("publishers/swd");
  const Page page(ReportPage(report, Language()));
  EXPECT_THAT(page.Texts("//h1"), ElementsAre("All publishers"));
  EXPECT_THAT(page.Texts(In("publishers", "//tbody/tr/th")), ElementsAre("Welfare", "Transport"));
  EXPECT_THAT(page.Texts(In("publishers", "//tbody/tr/th/a/@href")), ElementsAre("#late-swd"));
  EXPECT_THAT(page.Texts(In("publishers", "//tbody/tr[1]/td[3]")), ElementsAre("2 up to 823 days"));
  EXPECT_THAT(page.Texts("//h3[@id='late-swd']"), ElementsAre("社会福利署"));
  EXPECT_EQ(page.Count("//h3"), 1U) << "Transport has nothing overdue";
  EXPECT_THAT(page.Texts("//table[contains(caption, 'Datasets of each')]/tbody/tr/td[3]"), ElementsAre("2"));
}

TEST(LookBackDays, AreTheEndsOfMonthsAndTheDayItself) {
  const std::vector<PublisherPlans> publishers = {TwoEditions()};
  EXPECT_THAT(LookBackDays(publishers, CivilDay(2022, 3, 15)),
              ElementsAre(CivilDay(2021, 12, 31), CivilDay(2022, 1, 31), CivilDay(2022, 2, 28), CivilDay(2022, 3, 15)));
  EXPECT_THAT(LookBackDays(publishers, CivilDay(2022, 1, 31)),
              ElementsAre(CivilDay(2021, 12, 31), CivilDay(2022, 1, 31)));
  EXPECT_THAT(LookBackDays(publishers, CivilDay(2021, 11, 1)), ElementsAre(CivilDay(2021, 11, 1)));
  EXPECT_THAT(LookBackDays({}, CivilDay(2021, 11, 1)), ElementsAre(CivilDay(2021, 11, 1)));
}

TEST(LookBackDays, AreNotTooMany) {
  const std::vector<PublisherPlans> publishers = {TwoEditions()};
  // December 2021 to December 2025 are 48 months, each with its end, but the last, which is the day itself.
  EXPECT_EQ(LookBackDays(publishers, CivilDay(2025, 12, 31)).size(), 49U);
  const std::vector<CivilDay> thinned = LookBackDays(publishers, CivilDay(2026, 1, 31));
  EXPECT_EQ(thinned.size(), 18U) << "every third month of 49, and the day itself";
  EXPECT_EQ(thinned[1], CivilDay(2022, 3, 31));
  EXPECT_LE(LookBackDays(publishers, CivilDay(9999, 12, 31)).size(), 50U);
}

TEST(LatestEdition, IsTheOneForTheLatestYearsThatWasPublishedByTheDay) {
  const PublisherPlans all = TwoEditions();
  EXPECT_EQ(LatestEdition(all, CivilDay(2021, 11, 30)), nullptr);
  EXPECT_EQ(LatestEdition(all, CivilDay(2024, 12, 29)), &all.plans[0]);
  EXPECT_EQ(LatestEdition(all, CivilDay(2024, 12, 30)), &all.plans[1]);
}

}  // namespace
}  // namespace almanac::client
