#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "client/values.h"
#include "tests/bench/catalogue_loader.h"
#include "tests/integration/catalogue_fixture.h"
#include "tests/integration/processes.h"

// Finding on the command line: filters, orders and totals of lists, `search` and `dataset facets`.
namespace almanac::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int kDatasets = 3000;
constexpr int kInterrupted = 130;

class SearchProgramTest : public CatalogueTest {
 protected:
  std::string Command(const std::string& arguments) const {
    return absl::StrCat(ALMANAC_BINARY_DIR "/client/almanac ", arguments, " --server ", server_.address());
  }
  // Runs a command; its output has what it tells on standard error, too.
  CommandResult Almanac(const std::string& arguments) const { return Shell(Command(arguments)); }
  // The output of a command that must succeed, without what it tells on standard error.
  CommandResult Results(const std::string& arguments) const {
    CommandResult result = Shell(absl::StrCat("(", Command(arguments), " 2>/dev/null)"));
    EXPECT_EQ(result.code, 0) << Almanac(arguments).output;
    return result;
  }
  // The same on a terminal.
  CommandResult OnTerminal(const std::string& arguments) const {
    CommandResult result = Shell(
        absl::StrCat("env -u NO_COLOR TERM=xterm script -qec \"", Command(arguments), "\" /dev/null < /dev/null"));
    absl::StrReplaceAll({{"\r\n", "\n"}}, &result.output);
    return result;
  }

  // The plan in three languages.
  void ImportPlan() {
    for (const char* language : {"zh-Hans", "zh-Hant", "en"}) {
      const CommandResult result =
          Almanac(absl::StrCat("plan import " ALMANAC_TEST_DATA "/swd-2022-2024.", language, ".txt --publisher swd"));
      ASSERT_EQ(result.code, 0) << result.output;
    }
  }
  void LoadCatalogue() {
    ASSERT_TRUE(
        bench::LoadCatalogue({.database_url = database_.url(), .datasets = kDatasets, .publishers = 20, .seed = 3})
            .ok());
  }
  // How many of them were not deleted.
  int CountLive() const {
    return std::stoi(database_.Sql("select count(*) from datasets where delete_time is null")[0]);
  }
};

TEST_F(SearchProgramTest, ListsAreFilteredAndOrdered) {
  ImportPlan();
  EXPECT_THAT(Results("commitment list --filter 'state = RELEASED' -o name").lines(), SizeIs(80));
  EXPECT_THAT(Results("dataset list --filter 'formats:XML' -o name").lines(), SizeIs(7));
  std::vector<std::string> csv = Results("dataset list --publisher swd --filter 'frequency = MONTHLY' -o csv").lines();
  ASSERT_GT(csv.size(), 1U);
  csv.erase(csv.begin());
  EXPECT_THAT(csv, Each(HasSubstr(",monthly,")));
  const std::string open = "commitment list --filter 'state = PLANNED AND target_date < \"2023-01\"' -o name ";
  std::vector<std::string> names = Results(open + "--order-by target_date").lines();
  EXPECT_THAT(names, SizeIs(5));
  EXPECT_THAT(names.front(), HasSubstr("commitments/a-1"));
  EXPECT_THAT(Results(open + "--order-by 'target_date desc' --limit 1").lines(), ElementsAre(HasSubstr("/a-5")));
  EXPECT_THAT(Results("publisher list --filter 'time_zone = \"Asia/Hong_Kong\"' -o name").lines(),
              ElementsAre("publishers/swd"));
  EXPECT_THAT(Results("plan list --filter 'state = DRAFT' -o name").lines(),
              ElementsAre("publishers/swd/plans/2022-2024"));
  const CommandResult none = Almanac("dataset list --filter 'formats:PDF'");
  EXPECT_EQ(none.code, 0);
  EXPECT_THAT(none.output, EndsWith("there are none\n"));
}

TEST_F(SearchProgramTest, AWrongFilterIsExplained) {
  const CommandResult filter = Almanac("dataset list --filter 'frequency ='");
  EXPECT_EQ(filter.code, 1);
  EXPECT_THAT(filter.output, AllOf(HasSubstr("filter"), HasSubstr("12")));
  EXPECT_EQ(Almanac("dataset list --order-by weather").code, 1);
  EXPECT_EQ(Almanac("search x --filter 'frequency ='").code, 1);
  EXPECT_EQ(Almanac("dataset facets --filter 'frequency ='").code, 1);
}

TEST_F(SearchProgramTest, AllIsEveryPageAsOneList) {
  LoadCatalogue();
  const auto live = static_cast<size_t>(CountLive());
  for (const std::string all : {"", " --all"}) {
    const auto json = nlohmann::json::parse(Results("dataset list -o json" + all).output, nullptr, false);
    EXPECT_THAT(json, SizeIs(live)) << all;
    EXPECT_THAT(Results("dataset list -o name" + all).lines(), SizeIs(live));
    EXPECT_THAT(Results("dataset list" + all).lines(), SizeIs(live + 1)) << "with a header";
  }
  EXPECT_THAT(Results("dataset list -o name --limit 1200").lines(), SizeIs(1200));
  // The last of one page and the first of the next are neighbours, in this order too.
  std::vector<std::string> up = Results("dataset list -o name --all --order-by name").lines();
  const std::vector<std::string> down = Results("dataset list -o name --all --order-by 'name desc'").lines();
  std::reverse(up.begin(), up.end());
  EXPECT_EQ(up, down);
}

TEST_F(SearchProgramTest, OnATerminalAListEndsAndSaysSo) {
  LoadCatalogue();
  const CommandResult list = OnTerminal("dataset list -o name");
  EXPECT_THAT(list.lines(), SizeIs(1001));
  EXPECT_THAT(list.output, HasSubstr(absl::StrCat("the first 1,000 of ", client::GroupedNumber(CountLive()),
                                                  "; --all prints them all, --filter finds some\n")));
  EXPECT_THAT(OnTerminal("dataset list -o name --all").lines(), SizeIs(CountLive()));
  EXPECT_THAT(OnTerminal("dataset list -o name --limit 1500").lines(), SizeIs(1500));
  EXPECT_THAT(OnTerminal("publisher list -o name").lines(), SizeIs(20));
}

TEST_F(SearchProgramTest, CtrlCEndsAListThatStaysWhole) {
  LoadCatalogue();
  const std::string folder = (std::filesystem::path(::testing::TempDir()) / absl::StrCat("find-", getpid())).string();
  std::filesystem::create_directory(folder);
  const std::string pipe = folder + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  BackgroundProgram program(absl::StrCat("sh -c 'exec ", Command("dataset list --all -o json"), " > ", pipe, "'"),
                            folder + "/list");
  std::ifstream list(pipe);
  std::string text(1, static_cast<char>(list.get()));  // The first page is being printed, and the pipe is full.
  program.Signal(SIGINT);
  absl::SleepFor(absl::Seconds(1));
  text.append(std::istreambuf_iterator<char>(list), {});
  EXPECT_EQ(program.Wait(), kInterrupted);
  EXPECT_THAT(nlohmann::json::parse(text, nullptr, false), SizeIs(1000));
  EXPECT_EQ(program.err(),
            absl::StrCat("almanac: interrupted after 1,000 of ", client::GroupedNumber(CountLive()), "\n"));
  std::filesystem::remove_all(folder);
}

TEST_F(SearchProgramTest, FindsInAnyLanguageAndShowsWhere) {
  ImportPlan();
  for (const char* words : {"义工", "義工", "volunteer", "VOLUNT"}) {
    const CommandResult found = Almanac(absl::StrCat("search ", words, " --publisher swd --language en"));
    EXPECT_EQ(found.code, 0) << found.output;
    EXPECT_THAT(found.output, AllOf(HasSubstr("swd/"), HasSubstr(": "))) << words;
  }
  EXPECT_THAT(Almanac("search volunteer service hours --language en").output,
              HasSubstr("title en: Volunteer Service Hours"));
  EXPECT_THAT(Almanac("search 義工服務時數 --language zh-Hans-HK").output, HasSubstr("title zh-Hans-HK: 义工服务时数"));
  EXPECT_THAT(Almanac("search volunteer service hours").output, HasSubstr("title en: Volunteer Service Hours"))
      << "the text that the words are in, though its language is another than the one shown else";
  EXPECT_THAT(OnTerminal("search volunteer --language en").output, HasSubstr("\x1b[7mVolunteer\x1b[27m"));
  EXPECT_THAT(Almanac("search volunteer --language en").output, Not(HasSubstr("\x1b")));
  EXPECT_THAT(Almanac("search voluntear").output, HasSubstr("voluntear: searched for volunteer"));
  EXPECT_THAT(Results("search volunteer --filter 'formats:XML' -o name").lines(), SizeIs(0));
}

TEST_F(SearchProgramTest, TheBestComeFirstAndTheRestOnDemand) {
  ImportPlan();
  const std::vector<std::string> all = Results("search 名单 --all -o name").lines();
  ASSERT_GT(all.size(), 20U);
  EXPECT_THAT(all, Each(StartsWith("publishers/swd/datasets/")));
  const CommandResult best = Almanac("search 名单 -o name");
  EXPECT_THAT(best.lines(), SizeIs(21));
  EXPECT_THAT(best.output, HasSubstr(absl::StrCat("the first 20 of ", all.size(), "; --limit NUMBER prints more")));
  EXPECT_THAT(Almanac("search 名单 --limit 3 -o name").lines(), ElementsAre(all[0], all[1], all[2]));
  EXPECT_THAT(nlohmann::json::parse(Results("search 名单 -o json").output, nullptr, false), SizeIs(20));
  EXPECT_THAT(Results("search 名单 --limit 3 -o csv").lines(), AllOf(SizeIs(4), Contains("name,title,found_in,text")));
}

TEST_F(SearchProgramTest, FindingNothingIsNoError) {
  ImportPlan();
  const CommandResult none = Almanac("search xylophone");
  EXPECT_EQ(none.code, 0);
  EXPECT_THAT(none.output, AllOf(StartsWith("there are none"), HasSubstr("Try fewer words")));
  EXPECT_EQ(Almanac("search xylophone -o json").output, "[]\n");
  EXPECT_EQ(Almanac("search volunteer --publisher none").code, 3);
  EXPECT_EQ(Almanac("search '%&!'").code, 1) << "there is nothing to search for";
}

TEST_F(SearchProgramTest, FacetsCountWhatThereIs) {
  ImportPlan();
  const std::string facets = Results("dataset facets --publisher swd --language en").output;
  EXPECT_THAT(facets, AllOf(StartsWith("88 datasets\n"), HasSubstr("\nPUBLISHER "), HasSubstr("\nswd "),
                            HasSubstr("\nCATEGORIES "), HasSubstr("\nSocial Welfare "), HasSubstr("\nFORMATS "),
                            HasSubstr("\nXML "), HasSubstr("\nFREQUENCY "), HasSubstr("\nFRESHNESS.STATE ")));
  EXPECT_THAT(Results("dataset facets").output, HasSubstr("\n社会福利 "));
  const std::vector<std::string> csv = Results("dataset facets --filter 'formats:XML' -o csv").lines();
  EXPECT_THAT(csv, AllOf(Contains("field,value,datasets,estimated"), Contains("publisher,swd,7,false"),
                         Contains("formats,XML,7,false")));
  const auto json = nlohmann::json::parse(Results("dataset facets volunteer -o json").output, nullptr, false);
  ASSERT_EQ(json["facets"].size(), 5U);
  EXPECT_EQ(json["facets"][0]["values"][0]["count"], json["totalSize"]);
  EXPECT_THAT(Almanac("dataset facets --max-values 1").output, HasSubstr("there are more values"));
}

}  // namespace
}  // namespace almanac::testing
