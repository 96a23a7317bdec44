#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/catalogue_fixture.h"
#include "tests/integration/log_lock.h"
#include "tests/integration/processes.h"

// The past on the command line: `history`, `--at`, and the filters of `change list`.
namespace almanac::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// 00:30 on 2 July 2022 in Hong Kong.
const absl::Time kNow = absl::FromUnixSeconds(1'656'693'000);

class HistoryProgramTest : public CatalogueTest {
 protected:
  HistoryProgramTest() { database_.SetClock(kNow); }

  // Runs a command in Hong Kong.
  CommandResult Almanac(const std::string& arguments) {
    return Shell(absl::StrCat("TZ=Asia/Hong_Kong ALMANAC_ACTOR=siu " ALMANAC_BINARY_DIR "/client/almanac ", arguments,
                              " --server ", server_.address()));
  }
  // The output of a command that must succeed.
  std::vector<std::string> Lines(const std::string& arguments) {
    const CommandResult result = Almanac(arguments);
    EXPECT_EQ(result.code, 0) << arguments << "\n" << result.output;
    return result.lines();
  }

  // The dataset swd/shelters, from its creation over two changes to its deletion: revisions 2 to 5, each a day later.
  void AddStory() {
    ASSERT_EQ(Almanac("publisher create swd --title en=Welfare").code, 0);
    ASSERT_EQ(Almanac("dataset create swd/shelters --title en=Shelters --format CSV").code, 0);
    database_.SetClock(kNow + absl::Hours(24));
    ASSERT_EQ(
        Almanac("dataset update swd/shelters --title en='Night shelters' --title zh-Hans-HK=庇护中心 --actor ling")
            .code,
        0);
    database_.SetClock(kNow + absl::Hours(48));
    ASSERT_EQ(Almanac("dataset update swd/shelters --format XML").code, 0);
    database_.SetClock(kNow + absl::Hours(72));
    ASSERT_EQ(Almanac("dataset delete swd/shelters").code, 0);
    database_.SetClock(kNow + absl::Hours(240));
  }
};

TEST_F(HistoryProgramTest, TellsWhoChangedWhatWhenFromWhatToWhat) {
  AddStory();
  EXPECT_THAT(Lines("dataset history swd/shelters"),
              ElementsAre("      2  2022-07-02T00:30:00+08:00  created by siu",   //
                          "         formats: CSV",                                //
                          "         freshness.state: unscheduled",                //
                          "         titles.en: Shelters",                         //
                          "      3  2022-07-03T00:30:00+08:00  updated by ling",  //
                          "         titles.en: Shelters -> Night shelters",       //
                          "         titles.zh-Hans-HK: (none) -> 庇护中心",       //
                          "      4  2022-07-04T00:30:00+08:00  updated by siu",   //
                          "         formats: removed CSV",                        //
                          "         formats: added XML",                          //
                          "      5  2022-07-05T00:30:00+08:00  deleted by siu"));
  // A publisher's own, without its datasets.
  EXPECT_THAT(Lines("publisher history swd -o name"), ElementsAre("changes/1"));
  EXPECT_EQ(Almanac("dataset history swd/none").code, 3);
}

TEST_F(HistoryProgramTest, IsFilteredBySpanActorAndType) {
  AddStory();
  const std::string history = "dataset history swd/shelters -o name ";
  EXPECT_THAT(Lines(history + "--since 3"), ElementsAre("changes/4", "changes/5"));
  EXPECT_THAT(Lines(history + "--until 3"), ElementsAre("changes/2", "changes/3"));
  EXPECT_THAT(Lines(history + "--since 2022-07-03 --until 2022-07-04"), ElementsAre("changes/3", "changes/4"));
  EXPECT_THAT(Lines(history + "--since 2022-07-03T00:30:01+08:00 --limit 1"), ElementsAre("changes/4"));
  EXPECT_THAT(Lines(history + "--by ling"), ElementsAre("changes/3"));
  EXPECT_THAT(Lines(history + "--type deleted --type created"), ElementsAre("changes/2", "changes/5"));
  EXPECT_THAT(Lines(history + "--field formats --type updated"), ElementsAre("changes/4"));
  EXPECT_THAT(Lines("dataset history swd/shelters --by nobody"), ElementsAre("there are none"));
  EXPECT_THAT(Lines("change list -o name --by siu --until 2022-07-02"), ElementsAre("changes/1", "changes/2"));
  EXPECT_THAT(Lines("change list -o name --field titles --since 1"), ElementsAre("changes/2", "changes/3"));
}

TEST_F(HistoryProgramTest, ComesInEveryFormat) {
  AddStory();
  const std::vector<std::string> csv = Lines("dataset history swd/shelters -o csv");
  ASSERT_EQ(csv.size(), 5U);
  EXPECT_THAT(csv[0], StartsWith("revision,time,type,actor"));
  EXPECT_THAT(csv[2], StartsWith("3,2022-07-02T16:30:00.000001Z,updated,ling"));
  EXPECT_THAT(Almanac("dataset history swd/shelters -o json").output, HasSubstr("\"title"));
  EXPECT_THAT(Almanac("dataset history swd/shelters -o yaml").output, HasSubstr("Night shelters"));
  EXPECT_EQ(Almanac("dataset history swd/shelters --since 5 -o json").output, "[]\n");
}

TEST_F(HistoryProgramTest, GoesOnBeyondWhatTheLogHas) {
  AddStory();
  database_.Sql(CompactSql(3));
  EXPECT_THAT(Lines("dataset history swd/shelters --until 4"),
              ElementsAre("      2  2022-07-02T00:30:00+08:00  created by siu",
                          "         changed formats, freshness, titles; the values are no longer kept",
                          "      3  2022-07-03T00:30:00+08:00  updated by ling",
                          "         changed titles; the values are no longer kept",
                          "      4  2022-07-04T00:30:00+08:00  updated by siu",  //
                          "         formats: removed CSV",                       //
                          "         formats: added XML"));
  const CommandResult gone = Almanac("dataset get swd/shelters --at 2");
  EXPECT_EQ(gone.code, 1);
  EXPECT_THAT(gone.output, HasSubstr("can be read as it was from revision 3 on"));
  EXPECT_EQ(Almanac("dataset get swd/shelters --at 3").code, 0);
}

TEST_F(HistoryProgramTest, EveryNounIsReadAsItWas) {
  AddStory();
  const auto title_at = [&](const std::string& at) {
    const std::vector<std::string> lines = Lines("dataset list --publisher swd -o csv --language en --at " + at);
    return lines.size() < 2 ? "" : lines[1].substr(0, 45);
  };
  EXPECT_EQ(title_at("1"), "");
  EXPECT_EQ(title_at("2"), "publishers/swd/datasets/shelters,Shelters,,,C");
  EXPECT_EQ(title_at("3"), "publishers/swd/datasets/shelters,Night shelte");
  EXPECT_EQ(title_at("5"), "") << "deleted then";
  // A day is its end where the officer is, a time that moment.
  EXPECT_EQ(Almanac("dataset list --publisher swd --at 2022-07-01").code, 3) << "before all";
  EXPECT_EQ(title_at("2022-07-02"), title_at("2"));
  EXPECT_EQ(title_at("2022-07-03"), title_at("3"));
  EXPECT_EQ(title_at("2022-07-03T00:29:59+08:00"), title_at("2"));
  EXPECT_EQ(title_at("2022-07-02T16:30:01Z"), title_at("3"));
  EXPECT_EQ(title_at("2022-07-05"), "");
  EXPECT_THAT(Almanac("dataset get swd/shelters --at 2022-07-02").output, HasSubstr("Shelters"));
  EXPECT_EQ(Almanac("dataset get swd/shelters --at 1").code, 3);
  const CommandResult future = Almanac("dataset get swd/shelters --at 6");
  EXPECT_EQ(future.code, 1);
  EXPECT_THAT(future.output, HasSubstr("whose head is 5"));

  ASSERT_EQ(Almanac("dataset undelete swd/shelters").code, 0);
  ASSERT_EQ(Almanac("plan create swd/p --period 2022-2024 --title en=Plan").code, 0);
  ASSERT_EQ(Almanac("commitment create swd/p/a-1 --dataset publishers/swd/datasets/shelters --section A --number 1 "
                    "--target 2022-09")
                .code,
            0);
  ASSERT_EQ(
      Almanac("commitment reschedule swd/p/a-1 --target 2022-12 --reason resources --note 'Two posts are vacant'").code,
      0);
  ASSERT_EQ(Almanac("publisher update swd --homepage https://example.org/").code, 0);
  EXPECT_THAT(Almanac("commitment get swd/p/a-1 --at 8 -o json").output, HasSubstr("\"targetDate\": \"2022-09\""));
  EXPECT_THAT(Almanac("commitment list --plan swd/p --at 8 -o csv").output, HasSubstr(",2022-09,"));
  EXPECT_EQ(Lines("plan list --at 6 -o name").size(), 0U);
  EXPECT_THAT(Lines("plan list --at 7 -o name"), ElementsAre("publishers/swd/plans/p"));
  EXPECT_EQ(Almanac("plan get swd/p --at 6").code, 3);
  EXPECT_EQ(Almanac("publisher get swd --at 9 -o json").output.find("example.org"), std::string::npos);
  EXPECT_THAT(Almanac("publisher list --at 10 -o csv").output, HasSubstr("example.org"));
  EXPECT_THAT(Almanac("commitment history swd/p/a-1 --type rescheduled").output,
              HasSubstr("reschedules: added 2022-09 -> 2022-12, resources: Two posts are vacant\n"
                        "         target_date: 2022-09 -> 2022-12\n"));
  EXPECT_THAT(Lines("plan history swd/p -o name"), ElementsAre("changes/7"));
}

}  // namespace
}  // namespace almanac::testing
