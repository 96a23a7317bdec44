#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "client/errors.h"
#include "tests/integration/catalogue_fixture.h"
#include "tests/integration/processes.h"
#include "tests/page_testing.h"

// The commands that show how promises stand, as a user runs them: the timeline, the report and the calendar.
namespace almanac::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// By 15 October 2022: A1 moved, confirmed and released; A2 overdue; A3 cancelled; A4 ahead; D1 listed as released.
class LooksTest : public CatalogueTest {
 protected:
  LooksTest() {
    AddPublisher();
    AddPlan();
    const std::string released = AddLine("A", 1, "2022-06").name();
    AddLine("A", 2, "2022-06");
    const std::string cancelled = AddLine("A", 3, "2022-06").name();
    AddLine("A", 4, "2023");
    auto listed = NewLine("D", 1, AddDataset("d-1").name(), "");
    listed.mutable_commitment()->set_release_date("2021");
    Do(listed);
    almanac::v1::UpdateReleasePlanRequest said;
    said.mutable_release_plan()->set_name("publishers/swd/plans/2022-2024");
    said.mutable_release_plan()->set_published_on("2021-12");
    Do(said);
    Do(Named<almanac::v1::PublishPlanRequest>("publishers/swd/plans/2022-2024"));
    auto move = ToMove(released, "2022-09");
    move.set_reschedule_date("2022-05-20");
    Do(move);
    auto confirm = ToConfirm(released, "2022-09-15");
    confirm.set_confirm_date("2022-09-01");
    Do(confirm);
    Do(ToRelease(released, "2022-09-20"));
    auto cancel = ToCancel(cancelled);
    cancel.set_cancel_date("2022-05-30");
    Do(cancel);
  }
  ~LooksTest() override { std::filesystem::remove(file_); }

  CommandResult Almanac(const std::string& arguments) {
    return Shell(absl::StrCat(ALMANAC_BINARY_DIR "/client/almanac ", arguments, " --server ", server_.address()));
  }

  std::string Written() const {
    std::ifstream in(file_);
    return std::string((std::istreambuf_iterator<char>(in)), {});
  }

  const std::string file_ = absl::StrCat(::testing::TempDir(), "/looks-", getpid());
};

TEST_F(LooksTest, TheTimelineDrawsOneLineForEachPromise) {
  const CommandResult result = Almanac("plan timeline swd/2022-2024 --as-of 2022-10-15");
  EXPECT_EQ(result.code, client::kDone) << result.output;
  const std::vector<std::string> lines = result.lines();
  ASSERT_EQ(lines.size(), 10U) << result.output;
  EXPECT_EQ(lines[0], "publishers/swd/plans/2022-2024 as of 2022-10-15");
  EXPECT_THAT(lines[3], StartsWith("a-1  "));
  EXPECT_THAT(lines[3], HasSubstr("late by 5 days"));
  EXPECT_THAT(lines[4], HasSubstr("overdue 107 days"));  // 31 + 31 + 30 + 15
  EXPECT_THAT(lines[5], HasSubstr("cancelled"));
  EXPECT_THAT(lines[6], HasSubstr("planned"));
  EXPECT_TRUE(result.Says("1 line that a plan lists as released")) << result.output;
  EXPECT_TRUE(Almanac("plan timeline swd/2022-2024 --as-of 2022-10-15 --released").Says("d-1  "));
  EXPECT_FALSE(Almanac("plan timeline swd/2022-2024 --section d").Says("a-1"));
}

TEST_F(LooksTest, TheTimelineGivesItsEventsToPrograms) {
  const CommandResult csv = Almanac("plan timeline swd/2022-2024 --released --as-of 2022-10-15 -o csv");
  EXPECT_EQ(csv.code, client::kDone);
  const std::vector<std::string> lines = csv.lines();
  ASSERT_EQ(lines.size(), 11U) << csv.output;
  EXPECT_EQ(lines[0], "commitment,title,event,date,from_target,target,reason,note,actor");
  const std::string a1 = "publishers/swd/plans/2022-2024/commitments/a-1,Dataset a-1,";
  EXPECT_EQ(lines[1], a1 + "promised,2021-12-01,,2022-06,,,");
  EXPECT_EQ(lines[2], a1 + "moved,2022-05-20,2022-06,2022-09,resources,Two posts are vacant,tester");
  EXPECT_EQ(lines[3], a1 + "confirmed,2022-09-01,,2022-09-15,,,");
  EXPECT_EQ(lines[4], a1 + "released,2022-09-20,,2022-09-15,,,");
  EXPECT_EQ(lines[10], "publishers/swd/plans/2022-2024/commitments/d-1,Dataset d-1,released,2021,,,,,");
  const CommandResult json = Almanac("plan timeline swd/2022-2024 --as-of 2022-05-19 -o json");
  EXPECT_FALSE(json.Says("moved")) << json.output;
  EXPECT_TRUE(json.Says("\"event\": \"promised\"")) << json.output;
}

TEST_F(LooksTest, TheCalendarIsReadByAnotherLibrary) {
  const CommandResult result = Almanac(absl::StrCat("plan calendar swd/2022-2024 --released --ics ", file_));
  EXPECT_EQ(result.code, client::kDone) << result.output;
  EXPECT_TRUE(result.Says("5 events")) << result.output;
  const CommandResult read = Shell(absl::StrCat("/usr/bin/python3 " ALMANAC_TEST_SCRIPTS "/check_calendar.py ", file_));
  EXPECT_EQ(read.code, 0) << read.output;
  EXPECT_THAT(read.lines(),
              ElementsAre("a-1 CONFIRMED 2022-09-20 2022-09-21 3 Dataset a-1",  //
                          "a-2 TENTATIVE 2022-06-01 2022-07-01 0 Dataset a-2",
                          "a-3 CANCELLED 2022-06-01 2022-07-01 1 Dataset a-3",
                          "a-4 TENTATIVE 2023-01-01 2024-01-01 0 Dataset a-4",
                          "d-1 CONFIRMED 2021-01-01 2022-01-01 1 Dataset d-1"));
  const CommandResult again = Almanac("plan calendar swd/2022-2024 --format ics --released");
  EXPECT_EQ(again.output, Written()) << "the same promises give the same bytes, in a file and in the output";
  EXPECT_FALSE(Almanac("plan calendar swd/2022-2024").Says("d-1@"));
}

TEST_F(LooksTest, TheReportTellsWhatBecameOfEachPromise) {
  const CommandResult result = Almanac(absl::StrCat("report --publisher swd --as-of 2022-10-15 --html ", file_));
  ASSERT_EQ(result.code, client::kDone) << result.output;
  const Page page(Written());
  EXPECT_THAT(page.Texts("//section[@aria-labelledby='standing']//ul[@class='legend']/li"),
              ElementsAre("Kept 0", "Late 1", "Overdue 1", "Not yet due 1", "Cancelled 1"));
  EXPECT_EQ(page.Count("//section[@aria-labelledby='overdue']//tbody/tr"), 1U);
  EXPECT_EQ(page.Count("//table[contains(caption, 'Every move')]/tbody/tr"), 2U);
  EXPECT_EQ(page.Count("//details//tbody/tr"), 11U) << "December 2021 to September 2022, and the day itself";
  EXPECT_THAT(page.Texts("//footer/p[1]"), ElementsAre(HasSubstr(absl::StrCat("revision ", HeadRevision(), "."))));
}

TEST_F(LooksTest, TheReportListsAsManyOverdueAsTheProgressCounts) {
  const std::pair<const char*, int> cases[] = {
      {"2022-06-30", 0}, {"2022-07-01", 1},  // A2; A1 was moved and A3 cancelled in May
      {"2022-09-15", 1}, {"2022-09-16", 2},  // A1, confirmed for the 15th
      {"2022-09-20", 1},                     // A1 was released
      {"2023-12-31", 1}, {"2024-01-01", 2},  // A4
  };
  for (const auto& [day, overdue] : cases) {
    auto request = Named<almanac::v1::GetProgressRequest>("publishers/swd");
    request.set_as_of(day);
    EXPECT_EQ(Do(request).total().overdue_count(), overdue) << day;
    const CommandResult result = Almanac(absl::StrCat("report --publisher swd --html - --as-of ", day));
    EXPECT_EQ(Page(result.output).Count("//section[@aria-labelledby='overdue']//tbody/tr"),
              static_cast<size_t>(overdue))
        << day;
  }
}

TEST_F(LooksTest, TheReportOnAllNamesEveryPublisherOnce) {
  AddPublisher("td");
  const CommandResult result = Almanac("report --all --as-of 2022-10-15 --html -");
  ASSERT_EQ(result.code, client::kDone) << result.output;
  const Page page(result.output);
  EXPECT_EQ(page.Count("//section[@aria-labelledby='publishers']//tbody/tr"), 1U) << "td has no published plan";
  EXPECT_THAT(page.Texts("//h3/@id"), ElementsAre("late-swd"));
}

TEST_F(LooksTest, WhatIsWrongIsSaid) {
  EXPECT_EQ(Almanac("plan timeline swd/2030-2032").code, client::kNotFound);
  EXPECT_EQ(Almanac("plan timeline").code, client::kUsage);
  EXPECT_EQ(Almanac("plan timeline swd/2022-2024 --publisher swd").code, client::kUsage);
  const CommandResult day = Almanac("plan timeline swd/2022-2024 --as-of soon");
  EXPECT_EQ(day.code, client::kRefused) << day.output;
  EXPECT_TRUE(day.Says("as_of")) << day.output;
  const CommandResult report = Almanac(absl::StrCat("report --html ", file_));
  EXPECT_EQ(report.code, client::kUsage);
  EXPECT_TRUE(report.Says("--publisher") && report.Says("--all")) << report.output;
  EXPECT_FALSE(std::filesystem::exists(file_));
  const CommandResult unwritable = Almanac("plan calendar swd/2022-2024 --ics /no/such/folder/swd.ics");
  EXPECT_EQ(unwritable.code, client::kUsage);
  EXPECT_TRUE(unwritable.Says("/no/such/folder/swd.ics cannot be written")) << unwritable.output;
  EXPECT_EQ(Almanac("plan calendar swd/2022-2024 -o json").code, client::kUsage);
}

}  // namespace
}  // namespace almanac::testing
