#include "client/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "client/settings.h"

namespace almanac::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kPlan[] = ALMANAC_TEST_DATA "/swd-2022-2024.zh-Hans.txt";
constexpr char kBadPdf[] = ALMANAC_TEST_DATA "/bad-row.zh-Hans.pdf";
constexpr char kPlanPdf[] = ALMANAC_TEST_DATA "/swd-2022-2024.zh-Hans.pdf";

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome RunWith(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "almanac");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  std::ostringstream out;
  std::ostringstream err;
  const int code = Run(static_cast<int>(argv.size()), argv.data(), out, err);
  return {code, out.str(), err.str()};
}

// Commands that would need a server, at an address where there is none.
Outcome RunWithoutServer(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--server", "127.0.0.1:1", "--timeout", "100ms"});
  return RunWith(std::move(arguments));
}

TEST(Help, ExplainsExitCodesAndLanguages) {
  const Outcome help = RunWith({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_EQ(help.err, "");
  EXPECT_THAT(help.out, AllOf(HasSubstr("4  conflict"), HasSubstr("zh-Hans-HK, zh-Hant-HK, en, any"),
                              HasSubstr("ALMANAC_SERVER"), HasSubstr("almanac watch")));
}

TEST(Help, OfEveryCommandHasAnExample) {
  const std::vector<std::vector<std::string>> nouns = {
      {"publisher", "create", "get", "list", "history", "update", "delete", "undelete"},
      {"dataset", "create", "get", "list", "history", "update", "delete", "undelete", "report-update", "freshness",
       "report-updates", "facets"},
      {"plan", "parse", "extract", "import", "create", "get", "list", "history", "update", "publish", "delete",
       "undelete", "progress", "timeline", "calendar", "diff", "link"},
      {"commitment", "create", "get", "list", "history", "update", "delete", "undelete", "reschedule", "confirm",
       "release", "cancel"},
      {"change", "get", "list"},
      {"search"},
      {"watch"},
      {"report"},
      {"status"}};
  for (const auto& noun : nouns) {
    for (size_t i = 0; i < noun.size(); ++i) {
      std::string path = "almanac " + noun[0];
      std::vector<std::string> arguments = {noun[0], "--help"};
      if (i > 0) {
        path += " " + noun[i];
        arguments.insert(arguments.begin() + 1, noun[i]);
      }
      const Outcome help = RunWith(arguments);
      EXPECT_EQ(help.code, 0) << path;
      const size_t example = help.out.find("Example:\n");
      ASSERT_NE(example, std::string::npos) << path;
      EXPECT_THAT(help.out.substr(example), HasSubstr(path));
    }
  }
}

TEST(Usage, ErrorsExitWith2AndSayWhereHelpIs) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"publisher"},
      {"publisher", "gte", "swd"},
      {"publisher", "get"},
      {"publisher", "get", "swd", "hd"},
      {"publisher", "list", "--nonsense"},
      {"publisher", "list", "--limit", "0"},
      {"publisher", "list", "--limit", "many"},
      {"publisher", "list", "--limit", "3", "--all"},
      {"publisher", "list", "--filter", ""},
      {"publisher", "list", "--order-by", ""},
      {"search"},
      {"search", ""},
      {"search", "list", "--limit", "0"},
      {"dataset", "facets", "--max-values", "0"},
      {"dataset", "facets", "--max-values", "99999999999"},
      {"publisher", "list", "--server", ""},
      {"dataset", "list", "--publisher", ""},
      {"publisher", "update", "swd", "--title", "en=X", "--etag", ""},
      {"publisher", "update", "swd", "--title", "en=X", "--request-id", ""},
      {"commitment", "release", "swd/x/a-1", "--date", ""},
      {"change", "list", "--until", "-1"},
      {"change", "list", "--since", "9223372036854775808"},
      {"change", "list", "--resource", ""},
      {"change", "list", "--type", "vanished"},
      {"change", "list", "--by", ""},
      {"dataset", "history"},
      {"dataset", "history", "swd/x", "--limit", "0"},
      {"publisher", "get", "swd", "--at", ""},
      {"change", "get", "12", "--at", "11"},
      {"watch", "--resume-token", ""},
      {"commitment", "reschedule", "swd/x/a-1", "--target", "2022-09", "--reason", "weather", "--note", "x"},
      {"commitment", "reschedule", "swd/x/a-1", "--target", "2022-09"},
      {"dataset", "report-update", "swd/x", "--time", "2022-07-01"},
      {"dataset", "report-updates"},
      {"dataset", "freshness", "--state", "stale"},
      {"dataset", "freshness", "--count", "--state", "due"},
      {"watch", "--since", "-1"},
      {"watch", "--since", "1", "--snapshot"},
      {"watch", "--kind", "weather"},
      {"watch", "--type", "vanished"},
      {"watch", "--field", ""},
      {"watch", "--position", ""},
      {"watch", "--exec", "", "--position", "watch.pos"},
      {"watch", "--exec", "true", "--position", "watch.pos", "--bookmarks"},
      {"watch", "--exec-retries", "1"},
      {"watch", "--exec", "true", "--position", "watch.pos", "--exec-retries", "-1"},
      {"plan", "progress", ""},
      {"plan", "progress", "--publisher", ""},
      {"plan", "progress", "swd/2022-2024", "--as-of", ""},
      {"plan", "timeline", "swd/x", "--as-of", ""},
      {"report", "--all"},
      {"commitment", "confirm", "swd/x/a-1", "--date", "2022-06-15", "--on", ""},
      {"plan", "import", "plan.txt"},
      {"plan", "diff", "swd/2022-2024"},
      {"plan", "link", "swd/2022-2024/a-1"},
      {"plan", "link", "swd/2022-2024/a-1", "--dataset", ""},
      {"plan", "link", "swd/2022-2024/a-1", "--dataset", "swd/teams", "--none"}};
  for (const auto& arguments : wrong) {
    const Outcome outcome = RunWith(arguments);
    EXPECT_EQ(outcome.code, 2) << ::testing::PrintToString(arguments);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, AllOf(StartsWith("almanac: "), HasSubstr("--help")));
  }
}

TEST(Usage, ACommandForEachChangeNeedsAPosition) {
  const Outcome outcome = RunWith({"watch", "--exec", "true"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--exec needs --position FILE"));
}

TEST(Usage, ListsTheVerbsWhereOneIsUnknown) {
  EXPECT_THAT(RunWith({"publisher", "gte", "swd"}).err,
              HasSubstr("unknown command \"gte\": choose one of create, get, list, history, update, delete, undelete"));
}

TEST(Usage, ListsTheReasonsWhereOneIsUnknown) {
  EXPECT_THAT(RunWith({"commitment", "cancel", "swd/x/a-1", "--reason", "weather", "--note", "x"}).err,
              HasSubstr("funding, resources, priorities, approvals, dependency, data-quality, privacy, other"));
}

TEST(Usage, IsCheckedBeforeAnythingIsSent) {
  EXPECT_EQ(RunWithoutServer({"publisher", "get", "a/b"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"publisher", "update", "swd"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"publisher", "create", "swd", "--title", "no tag"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"dataset", "create", "x", "--title", "en=X"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"dataset", "update", "swd/x", "--frequency", "sometimes"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"dataset", "update", "swd/x", "--discontinued", "perhaps"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"plan", "create", "swd/x", "--period", "soon"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"commitment", "update", "swd/x/a-1", "--number", "one"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"dataset", "report-updates", "/no/such/file"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"search", "lifts", "--publisher", "a/b"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"dataset", "facets", "--publisher", "a/b"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"dataset", "facets", "-o", "name"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"dataset", "freshness", "--publisher", "a/b"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"dataset", "freshness", "--count", "-o", "name"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"status", "-o", "name"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"plan", "timeline"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"plan", "calendar", "swd/x", "--publisher", "swd"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"plan", "calendar", "swd/x", "--format", "vcf"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"report", "--html", "-"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"report", "--html", "-", "--all", "--publisher", "swd"}).code, 2);
  EXPECT_EQ(RunWithoutServer({"-o", "json", "report", "--html", "-", "--all"}).code, 2);
  EXPECT_EQ(RunWith({"status", "--server", "nowhere"}).code, 2);
  EXPECT_EQ(RunWith({"status", "--server", "http://127.0.0.1:7461"}).code, 2);
  EXPECT_EQ(RunWith({"status", "--timeout", "soon"}).code, 2);
  for (const char* wrong : {"eventual", "-1", "1.5", "Strong", "9223372036854775808"}) {
    EXPECT_EQ(RunWith({"publisher", "list", "--consistency", wrong}).code, 2) << wrong;
  }
  // These are understood, and find no server.
  for (const char* right : {"strong", "any", "0", "9223372036854775807"}) {
    EXPECT_EQ(RunWithoutServer({"publisher", "list", "--consistency", right}).code, 5) << right;
  }
  EXPECT_EQ(RunWith({"status", "--actor", "陈大文"}).code, 2);
  EXPECT_EQ(RunWith({"publisher", "get", "\xff"}).code, 2);
}

TEST(Usage, OfProgressIsAboutOneThing) {
  const std::vector<std::vector<std::string>> wrong = {{},
                                                       {"swd/2022-2024", "--publisher", "swd"},
                                                       {"swd/2022-2024", "--all"},
                                                       {"--publisher", "swd", "--all"},
                                                       {"swd/2022-2024", "--publisher", "swd", "--all"}};
  for (std::vector<std::string> arguments : wrong) {
    arguments.insert(arguments.begin(), {"plan", "progress"});
    const Outcome outcome = RunWithoutServer(arguments);
    EXPECT_EQ(outcome.code, 2) << ::testing::PrintToString(arguments);
    EXPECT_THAT(outcome.err, HasSubstr("one of the three: the NAME of a plan, --publisher NAME, or --all"));
  }
  // These are understood, and find no server.
  for (const auto& right : std::vector<std::vector<std::string>>{
           {"swd/2022-2024"}, {"--publisher", "swd"}, {"--publisher", "publishers/swd"}, {"--all"}}) {
    std::vector<std::string> arguments = {"plan", "progress"};
    arguments.insert(arguments.end(), right.begin(), right.end());
    EXPECT_EQ(RunWithoutServer(arguments).code, 5) << ::testing::PrintToString(arguments);
  }
  EXPECT_EQ(RunWithoutServer({"plan", "progress", "swd"}).code, 2) << "a publisher is no plan";
  EXPECT_EQ(RunWithoutServer({"plan", "progress", "--publisher", "swd/2022-2024"}).code, 2);
}

TEST(Help, OfUpdateSaysWhatARequestIdMeansForTheEtag) {
  EXPECT_THAT(RunWith({"publisher", "update", "--help"}).out,
              HasSubstr("what others changed since is then refused only with --etag"));
}

TEST(ChangeList, FindsNothingInAnEmptyRange) {
  for (const std::vector<std::string>& range : std::vector<std::vector<std::string>>{
           {"--since", "5", "--until", "5"}, {"--since", "0", "--until", "0"}, {"--until", "0"}}) {
    std::vector<std::string> arguments = {"change", "list"};
    arguments.insert(arguments.end(), range.begin(), range.end());
    const Outcome table = RunWithoutServer(arguments);
    EXPECT_EQ(table.code, 0) << table.err;
    EXPECT_EQ(table.err, "there are none\n");
    arguments.insert(arguments.end(), {"-o", "json"});
    EXPECT_EQ(RunWithoutServer(arguments).out, "[]\n");
  }
}

TEST(ChangeList, RefusesARangeThatIsUpsideDown) {
  const Outcome outcome = RunWithoutServer({"change", "list", "--since", "5", "--until", "4"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--until 4 is before --since 5"));
}

TEST(Moments, ThatAreNoneAreNamedByTheirFlag) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"publisher", "get", "swd", "--at"},
                                             {"publisher", "list", "--at"},
                                             {"dataset", "get", "swd/x", "--at"},
                                             {"plan", "list", "--at"},
                                             {"commitment", "list", "--at"},
                                             {"dataset", "history", "swd/x", "--since"},
                                             {"commitment", "history", "swd/x/a-1", "--until"},
                                             {"change", "list", "--since"},
                                             {"change", "list", "--until"}}) {
    std::vector<std::string> wrong = arguments;
    wrong.emplace_back("yesterday");
    const Outcome outcome = RunWithoutServer(wrong);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err,
                AllOf(HasSubstr(arguments.back() + ": \"yesterday\" is no revision such as 120"), HasSubstr("--help")));
    for (const char* right : {"0", "17", "2022-07-01", "2022-07-01T09:00:00+08:00"}) {
      wrong.back() = right;
      const bool is_nothing = arguments.back() == "--until" && std::string(right) == "0";
      EXPECT_EQ(RunWithoutServer(wrong).code, is_nothing && arguments[0] == "change" ? 0 : 5) << right;
    }
  }
}

TEST(NoServer, ExitsWith5NamingAddressAndRemedy) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"status"},
                                             {"publisher", "get", "swd"},
                                             {"publisher", "delete", "swd"},
                                             {"watch"},
                                             {"plan", "list"},
                                             {"search", "plan", "list"},
                                             {"dataset", "facets", "list"}}) {
    const Outcome outcome = RunWithoutServer(arguments);
    EXPECT_EQ(outcome.code, 5) << arguments[0];
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("start almanacd"), HasSubstr("--server")));
  }
}

TEST(PlanParse, PrintsTheDocumentWithoutAServer) {
  const Outcome outcome = RunWith({"plan", "parse", kPlan, "-o", "json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["commitments"].size(), 88u);
  EXPECT_EQ(json["commitments"][0]["targetDate"], "2022-06");
  EXPECT_EQ(json["commitments"][0]["releaseDate"], "") << "defaults are shown";
}

TEST(PlanParse, ReadsAPdf) {
  const Outcome outcome = RunWith({"plan", "parse", kPlanPdf, "-o", "json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["commitments"].size(), 88u);
  EXPECT_EQ(json["commitments"][4]["targetDate"], "2022-09");
  EXPECT_EQ(json["commitments"][4]["line"], 1009) << "row 9 of page 1";
}

TEST(PlanParse, SaysOnWhichPageAndRowOfAPdfSomethingIsWrong) {
  const Outcome outcome = RunWith({"plan", "parse", kBadPdf});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr(std::string(kBadPdf) + ":2003: left out: "), HasSubstr("13/2023"),
                                 HasSubstr("almanac plan extract " + std::string(kBadPdf) + " > plan.txt")));
}

TEST(PlanParse, RefusesAPdfThatCannotBeRead) {
  const Outcome locked = RunWith({"plan", "parse", ALMANAC_TEST_DATA "/locked.pdf"});
  EXPECT_EQ(locked.code, 1);
  EXPECT_THAT(locked.err, HasSubstr("locked.pdf: the PDF is locked by a password"));
}

TEST(PlanExtract, PrintsTextThatIsThePlan) {
  const Outcome text = RunWith({"plan", "extract", kBadPdf});
  EXPECT_EQ(text.code, 0);
  EXPECT_EQ(text.out,
            "卫生署\n2023至2025年的开放数据计划\nA. 在 2023 年发放的局 / 部门数据集\n"
            "#\t数据种类 / 数据集名称\t目标发放日期 (月/年)\t更新频率\t备注\n"
            "1\t卫生 / 诊所名单\t03/2023\t每年\t诊所名称、地址及电话 (CSV)\n"
            "2\t卫生 / 疫苗接种统计\t13/2023\t每月\t接种人数 (CSV)\n卫生署\n2022年12月\n");
  EXPECT_EQ(RunWith({"plan", "extract", ALMANAC_TEST_DATA "/locked.pdf"}).code, 1);
  const Outcome sheet = RunWith({"plan", "extract", ALMANAC_TEST_DATA "/open-data-plans.xlsx"});
  EXPECT_EQ(sheet.code, 1);
  EXPECT_EQ(sheet.out, "");
  EXPECT_THAT(sheet.err, HasSubstr("open-data-plans.xlsx is no PDF"));
}

TEST(PlanParse, TellsAFileThatIsMissingFromOneThatIsNoPlan) {
  const Outcome missing = RunWith({"plan", "parse", "/nonexistent/plan.txt"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("/nonexistent/plan.txt cannot be read: No such file or directory"));
  EXPECT_EQ(RunWith({"plan", "parse", "/"}).code, 2);
  const Outcome no_plan = RunWith({"plan", "parse", "/dev/null"});
  EXPECT_EQ(no_plan.code, 1);
  EXPECT_THAT(no_plan.err, HasSubstr("/dev/null"));
}

TEST(Settings, FlagsComeBeforeTheEnvironment) {
  setenv("ALMANAC_SERVER", "host:1", 1);
  setenv("ALMANAC_ACTOR", "siu", 1);
  EXPECT_EQ(*ResolveServer(""), "host:1");
  EXPECT_EQ(*ResolveServer("other:2"), "other:2");
  EXPECT_EQ(*ResolveActor(""), "siu");
  EXPECT_EQ(*ResolveActor("ling"), "ling");
  unsetenv("ALMANAC_SERVER");
  unsetenv("ALMANAC_ACTOR");
  EXPECT_EQ(*ResolveServer(""), "127.0.0.1:7461");
  EXPECT_FALSE(ResolveActor("")->empty());
}

TEST(Settings, TheLanguageIsATag) {
  google::protobuf::Map<std::string, std::string> texts;
  texts["en"] = "E";
  texts["zh-Hant-HK"] = "T";
  setenv("ALMANAC_LANGUAGE", "en", 1);
  EXPECT_EQ(ResolveLanguage("")->Pick(texts), "E");
  EXPECT_EQ(ResolveLanguage("zh-TW")->Pick(texts), "T");
  setenv("ALMANAC_LANGUAGE", "en_US.UTF-8", 1);
  EXPECT_THAT(std::string(ResolveLanguage("").status().message()), HasSubstr("\"en_US.UTF-8\" is no BCP-47 tag"));
  unsetenv("ALMANAC_LANGUAGE");
  EXPECT_FALSE(ResolveLanguage("")->IsChosen());
  for (const char* wrong : {"e", "zh_HK", "zh--HK", "zh-", "-zh", "traditional", "中文", "en GB"}) {
    EXPECT_FALSE(ResolveLanguage(wrong).ok()) << wrong;
    EXPECT_EQ(RunWith({"plan", "parse", "/dev/null", "--language", wrong}).code, 2) << wrong;
  }
  EXPECT_TRUE(ResolveLanguage("zh-Hant-HK-x-private").ok());
}

TEST(Settings, TimeoutsAreSecondsOrDurations) {
  EXPECT_EQ(*ResolveTimeout(""), absl::Seconds(30));
  EXPECT_EQ(*ResolveTimeout("1.5"), absl::Milliseconds(1500));
  EXPECT_EQ(*ResolveTimeout("2m"), absl::Minutes(2));
  for (const char* wrong : {"0", "-1", "soon", "48h", "inf", "nan"}) EXPECT_FALSE(ResolveTimeout(wrong).ok()) << wrong;
}

}  // namespace
}  // namespace almanac::client
