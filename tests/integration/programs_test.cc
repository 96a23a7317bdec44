#include <filesystem>
#include <fstream>
#include <map>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "tests/integration/harness.h"
#include "tests/integration/processes.h"

// The programs as a user runs them, against a real server. watch_programs_test.cc has those that go on for long.
namespace almanac::testing {
namespace {

using Result = CommandResult;

constexpr char kPlan[] = ALMANAC_TEST_DATA "/swd-2022-2024.zh-Hans.txt";
constexpr char kPlanName[] = "publishers/swd/plans/2022-2024";

// Exit codes, as `almanac --help` documents them.
constexpr int kDone = 0;
constexpr int kRefused = 1;
constexpr int kUsage = 2;
constexpr int kNotFound = 3;
constexpr int kConflict = 4;
constexpr int kUnavailable = 5;
constexpr int kInterrupted = 130;

class ProgramsTest : public ServiceTest {
 protected:
  Result Almanac(const std::string& arguments) {
    return Shell(absl::StrCat(ALMANAC_BINARY_DIR "/client/almanac ", arguments, " --server ", server_.address()));
  }

  void Import() {
    const Result result = Almanac(absl::StrCat("plan import ", kPlan, " --publisher swd"));
    ASSERT_EQ(result.code, kDone) << result.output;
  }

  // A copy of the plan with texts replaced.
  std::string EditedPlan(const std::vector<std::pair<std::string, std::string>>& edits) {
    std::string text = TextOf(kPlan);
    for (const auto& edit : edits) EXPECT_GE(absl::StrReplaceAll({edit}, &text), 1) << edit.first;
    const std::string path = absl::StrCat(::testing::TempDir(), "/plan-", getpid(), ".txt");
    std::ofstream(path) << text;
    return path;
  }
};

TEST_F(ProgramsTest, AnOfficerImportsThePlanTwiceAndEditsIt) {
  Result result = Almanac(absl::StrCat("plan import ", kPlan, " --publisher swd --dry-run"));
  EXPECT_EQ(result.code, kDone) << result.output;
  EXPECT_TRUE(result.Says("88 added, 0 changed, 0 removed, 0 unchanged")) << result.output;
  EXPECT_EQ(HeadRevision(), 0);

  Import();
  const int64_t imported = HeadRevision();
  EXPECT_EQ(imported, 1 + 1 + 88 + 88);  // the publisher, the plan, datasets, commitments
  result = Almanac(absl::StrCat("plan import ", kPlan, " --publisher swd"));
  EXPECT_TRUE(result.Says("0 added, 0 changed, 0 removed, 88 unchanged")) << result.output;
  EXPECT_EQ(HeadRevision(), imported);

  const std::string edited = EditedPlan({
      {"1\t社会福利 / 少数族裔外展队名单\t06/2022", "1\t社会福利 / 少数族裔外展队名单\t07/2022"},  // moved
      {"5\t财经 / 总目170", "6\t财经 / 总目170"},                                                  // renumbered
      {"B. 在 2023", "7\t社会福利 / 全新的数据集\t12/2022\t每年\t全新 (CSV)\n\nB. 在 2023"},       // new
  });
  for (const char* flags : {"--dry-run", ""}) {
    result = Almanac(absl::StrCat("plan import ", edited, " --publisher swd ", flags));
    EXPECT_EQ(result.code, kDone) << result.output;
    EXPECT_TRUE(result.Says("1 added, 2 changed, 0 removed, 86 unchanged")) << result.output;
    EXPECT_TRUE(result.Says("全新的数据集")) << result.output;
    EXPECT_TRUE(result.Says("2022-06 → 2022-07") || result.Says("2022-06 -> 2022-07")) << result.output;
    if (*flags != '\0') {
      EXPECT_EQ(HeadRevision(), imported);
    }
  }
  std::filesystem::remove(edited);
}

TEST_F(ProgramsTest, AnOfficerImportsAPlanInThreeLanguagesAndReadsItInEach) {
  Import();
  const std::string english = ALMANAC_TEST_DATA "/swd-2022-2024.en.txt";
  const std::string hant = ALMANAC_TEST_DATA "/swd-2022-2024.zh-Hant.txt";
  for (const std::string& file : {english, hant}) {
    const Result result = Almanac(absl::StrCat("plan import ", file, " --publisher swd"));
    EXPECT_EQ(result.code, kDone) << result.output;
    EXPECT_TRUE(result.Says("0 added, 88 changed, 0 removed, 0 unchanged")) << result.output;
  }
  // The log has each text as it was then, so this one is new in all three.
  const Result created =
      Almanac("dataset create swd/totals --title zh-Hans-HK=总数 --title zh-Hant-HK=總數 --title en=Totals");
  ASSERT_EQ(created.code, kDone) << created.output;
  const std::string since = absl::StrCat(" --since ", HeadRevision() - 1);
  struct Reading {
    std::string arguments;
    const char* hans;
    const char* hant;
    const char* english;
  };
  const Reading readings[] = {
      {"commitment list --plan swd/2022-2024", "少数族裔外展队名单", "少數族裔外展隊名單", "Ethnic Minority Outreach"},
      {"commitment list --plan swd/2022-2024 -o csv", "社会福利", "社會福利", "Social Welfare"},
      {"commitment get swd/2022-2024/a-1", "在资料更新时", "在資料更新時", "As and when updated"},
      {"dataset list --publisher swd", "义工服务时数", "義工服務時數", "Volunteer Service Hours"},
      {"plan list --publisher swd", "开放数据计划", "開放數據計劃", "Annual Open Data Plans"},
      {"plan get swd/2022-2024", "其他机构", "其他機構", "other organisations"},
      {"publisher list", "社会福利署", "社會福利署", "Social Welfare Department"},
      {"change list" + since, "总数", "總數", "Totals"},
      {"watch --limit 1" + since, "总数", "總數", "Totals"},
  };
  for (const auto& [arguments, in_hans, in_hant, in_english] : readings) {
    const std::map<std::string, std::string> texts = {{"zh-CN", in_hans}, {"zh-Hant-HK", in_hant}, {"en", in_english}};
    for (const auto& [language, text] : texts) {
      const Result result = Almanac(absl::StrCat(arguments, " --language ", language));
      EXPECT_EQ(result.code, kDone) << result.output;
      for (const auto& [other, other_text] : texts) {
        EXPECT_EQ(result.Says(other_text), other == language) << arguments << " in " << language << ":\n" << other_text;
      }
    }
  }

  const std::string edited = absl::StrCat(::testing::TempDir(), "/plan-en-", getpid(), ".txt");
  std::ifstream file(english);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  ASSERT_EQ(
      absl::StrReplaceAll({{"Co-parenting Support Centres\t09/2022", "Co-parenting Support Centres\t10/2022"}}, &text),
      1);
  std::ofstream(edited) << text;
  const Result result = Almanac(absl::StrCat("plan import ", edited, " --publisher swd"));
  EXPECT_EQ(result.code, kDone) << result.output;
  EXPECT_TRUE(result.Says(absl::StrCat(edited,
                                       ":13: A4 List of Co-parenting Support Centres: target_date is 2022-10 here, "
                                       "but 2022-09 in the plan, which stays as it is")))
      << result.output;
  EXPECT_TRUE(result.Says("0 added, 0 changed, 0 removed, 88 unchanged")) << result.output;
  std::filesystem::remove(edited);
}

TEST_F(ProgramsTest, APlanWithLinesThatAreNotUnderstoodIsRefused) {
  const std::string edited =
      EditedPlan({{"名单\t06/2022\t在资料 更新时\t机构名称", "名单\t13/2022\t在资料 更新时\t机构名称"}});
  const Result result = Almanac(absl::StrCat("plan import ", edited, " --publisher swd"));
  EXPECT_EQ(result.code, kRefused) << result.output;
  EXPECT_TRUE(result.Says(absl::StrCat(edited, ":10:"))) << "no line number in:\n" << result.output;
  EXPECT_TRUE(result.Says("--allow-warnings")) << result.output;
  EXPECT_EQ(HeadRevision(), 0);
  std::filesystem::remove(edited);
}

TEST_F(ProgramsTest, AnOfficerSettlesALineThatFitsTwoDatasets) {
  AddPublisher();
  for (const char* id : {"teams", "teams-2"}) {
    EXPECT_EQ(Almanac(absl::StrCat("dataset create swd/", id, " --title zh-Hans-HK=少数族裔外展队名单")).code, kDone);
  }
  const std::string import = absl::StrCat("plan import ", kPlan, " --publisher swd");
  Result result = Almanac(import);
  EXPECT_EQ(result.code, kDone) << result.output;
  EXPECT_TRUE(
      result.Says("? swd/2022-2024/a-1  少数族裔外展队名单  (line 10): fits several datasets; one of\n"
                  "    almanac plan link swd/2022-2024/a-1 --dataset swd/teams\n"
                  "    almanac plan link swd/2022-2024/a-1 --dataset swd/teams-2\n"
                  "    almanac plan link swd/2022-2024/a-1 --none\n"))
      << result.output;
  EXPECT_TRUE(result.Says("1 line fits several datasets; the plan cannot be published")) << result.output;
  EXPECT_TRUE(Almanac(import + " -o csv").Says("1 line fits several datasets")) << "also where only results are read";
  EXPECT_TRUE(Almanac("commitment list --plan swd/2022-2024").lines()[1].find("planned, unsettled") !=
              std::string::npos);
  EXPECT_TRUE(Almanac("commitment get swd/2022-2024/a-1").Says("candidate_datasets")) << result.output;
  const Result refused = Almanac("plan publish swd/2022-2024");
  EXPECT_EQ(refused.code, kRefused);
  EXPECT_TRUE(refused.Says("a-1")) << refused.output;

  EXPECT_EQ(Almanac("plan link swd/2022-2024/a-1").code, kUsage);
  EXPECT_EQ(Almanac("plan link swd/2022-2024/a-1 --none --dataset swd/teams").code, kUsage);
  EXPECT_EQ(Almanac("plan link swd/2022-2024/a-1 --dataset swd/nothing").code, kNotFound);
  result = Almanac("plan link swd/2022-2024/a-1 --none --dry-run -o json");
  EXPECT_EQ(result.code, kDone) << result.output;
  EXPECT_FALSE(result.Says("candidateDatasets")) << result.output;
  result = Almanac("plan link swd/2022-2024/a-1 --dataset swd/teams");
  EXPECT_EQ(result.code, kDone) << result.output;
  EXPECT_TRUE(result.Says("linked to publishers/swd/datasets/teams, revision")) << result.output;
  EXPECT_FALSE(Almanac(import).Says("several datasets"));
  EXPECT_EQ(Almanac("plan publish swd/2022-2024").code, kDone);
}

TEST_F(ProgramsTest, TwoEditionsAreComparedInEveryFormat) {
  Import();
  EXPECT_EQ(Almanac("plan publish swd/2022-2024").code, kDone);
  const std::string next = EditedPlan({
      {"2022至2024年", "2023至2025年"},
      {"1\t社会福利 / 少数族裔外展队名单\t06/2022", "1\t社会福利 / 少数族裔外展队名单\t09/2022"},
      {"2\t社会福利 / 监管释囚计划统计", "2\t社会福利 / 全新的数据集"},
  });
  EXPECT_EQ(Almanac(absl::StrCat("plan import ", next, " --publisher swd")).code, kDone);
  const std::string diff = "plan diff swd/2022-2024 swd/2023-2025";
  const Result table = Almanac(diff);
  EXPECT_EQ(table.code, kDone);
  EXPECT_TRUE(
      table.Says("moved:\n"
                 "~ swd/2022-2024/a-1 -> swd/2023-2025/a-1  少数族裔外展队名单\n"
                 "    target_date: 2022-06 -> 2022-09  (3 months later)\n"))
      << table.output;
  EXPECT_TRUE(table.Says("added:\n+ swd/2023-2025/b-2  全新的数据集\n")) << table.output;
  EXPECT_TRUE(table.Says("dropped without a word:\n- swd/2022-2024/b-2  监管释囚计划统计\n")) << table.output;
  EXPECT_TRUE(
      table.Says("1 added, 1 dropped without a word, 0 cancelled, 0 released, 1 moved, 0 changed otherwise, "
                 "86 unchanged\n"))
      << table.output;
  EXPECT_EQ(Almanac(diff + " -o csv").lines().size(), 4U);  // with the heading
  EXPECT_TRUE(Almanac(diff + " -o json").Says("\"movedMonths\": 3"));
  EXPECT_TRUE(Almanac(diff + " -o yaml").Says("movedMonths: 3"));
  EXPECT_EQ(Almanac("plan diff swd/2022-2024 swd/2022-2024").code, kRefused);
  EXPECT_EQ(Almanac("plan diff swd/2022-2024 swd/2024-2026").code, kNotFound);
  EXPECT_EQ(Almanac("plan diff swd/2022-2024").code, kUsage);

  EXPECT_EQ(Almanac("plan publish swd/2023-2025").code, kDone);
  const Result carried = Almanac("commitment list --plan swd/2022-2024");
  EXPECT_TRUE(carried.lines()[1].find("planned, carried on") != std::string::npos) << carried.lines()[1];
  const Result changes = Almanac("change list --resource publishers/swd/plans/2023-2025/commitments/a-1");
  EXPECT_TRUE(changes.Says("continues swd/2022-2024/a-1, original_target_date 2022-09 -> 2022-06")) << changes.output;
  std::filesystem::remove(next);
}

TEST_F(ProgramsTest, ProgressShowsWhatIsOverdue) {
  Import();
  // Section A: three targets in June and two in September 2022.
  const auto overdue = [&](const std::string& day) {
    const Result result = Almanac(absl::StrCat("plan progress ", kPlanName, " -o json --as-of ", day));
    EXPECT_EQ(result.code, kDone) << result.output;
    const size_t at = result.output.find("\"overdueCount\": ");
    return at == std::string::npos ? 0 : std::atoi(result.output.c_str() + at + 16);
  };
  EXPECT_EQ(overdue("2022-06-30"), 0);
  EXPECT_EQ(overdue("2022-07-01"), 3);
  EXPECT_EQ(overdue("2022-09-30"), 3);
  EXPECT_EQ(overdue("2022-10-01"), 5);
}

TEST_F(ProgramsTest, ExitCodesSayWhatHappened) {
  Import();
  const std::string line = absl::StrCat(kPlanName, "/commitments/a-1");
  EXPECT_EQ(Almanac("commitment get " + line).code, kDone);
  EXPECT_EQ(Almanac("commitment get publishers/swd/plans/2022-2024/commitments/z-9").code, kNotFound);
  EXPECT_EQ(Almanac("commitment fetch " + line).code, kUsage);
  EXPECT_EQ(Almanac("commitment reschedule " + line + " --target 2022-13 --reason funding --note x").code, kRefused);
  EXPECT_EQ(Almanac("plan import /no/such/file --publisher swd").code, kUsage);
  EXPECT_EQ(Almanac("commitment cancel " + line + " --reason funding --note 'No money'").code, kDone);
  const Result illegal = Almanac("commitment release " + line);
  EXPECT_EQ(illegal.code, kRefused);
  EXPECT_TRUE(illegal.Says("was cancelled")) << illegal.output;

  const Result stale = Almanac("publisher update swd --title en=Welfare --etag '\"999\"'");
  EXPECT_EQ(stale.code, kConflict) << stale.output;

  const Result nobody = Shell(ALMANAC_BINARY_DIR "/client/almanac status --server 127.0.0.1:1 --timeout 3");
  EXPECT_EQ(nobody.code, kUnavailable) << nobody.output;
  EXPECT_TRUE(nobody.Says("127.0.0.1:1")) << nobody.output;
}

TEST_F(ProgramsTest, ARepeatedRequestHappensOnce) {
  Import();
  const int64_t head = HeadRevision();
  for (int i = 0; i < 2; ++i) {
    const Result result = Almanac("publisher update swd --title en=Welfare --request-id once");
    EXPECT_EQ(result.code, kDone) << result.output;
    EXPECT_EQ(HeadRevision(), head + 1);
  }
  EXPECT_EQ(Almanac("publisher update swd --title en=Other --request-id once").code, kRefused);
  EXPECT_EQ(HeadRevision(), head + 1);
}

TEST_F(ProgramsTest, EveryOutputHasTheSameResources) {
  Import();
  EXPECT_EQ(Almanac("commitment list --plan publishers/swd/plans/2022-2024 -o name").lines().size(), 88U);
  EXPECT_EQ(Almanac("dataset list -o csv").lines().size(), 89U);  // and the heading
  const Result table = Almanac("commitment list --plan publishers/swd/plans/2022-2024");
  EXPECT_EQ(table.lines().size(), 89U) << table.output;
  EXPECT_EQ(Almanac("publisher list -o name").output, "publishers/swd\n");
}

TEST_F(ProgramsTest, WatchPrintsEachChangeOnce) {
  Import();
  const int64_t head = HeadRevision();
  const Result watch = Almanac(absl::StrCat("watch --since 0 -o name --limit ", head));
  EXPECT_EQ(watch.code, kDone) << watch.output;
  EXPECT_EQ(watch.lines().size(), static_cast<size_t>(head)) << watch.output;
}

TEST_F(ProgramsTest, WatchShowsWhatTimeDoes) {
  database_.SetClock(absl::FromCivil(absl::CivilDay(2022, 6, 1), absl::UTCTimeZone()));
  Import();
  ASSERT_EQ(Almanac(absl::StrCat("plan publish ", kPlanName)).code, kDone);
  ASSERT_EQ(Almanac("dataset create swd/d1 --title en=D --frequency monthly").code, kDone);
  ASSERT_EQ(Almanac("dataset report-update swd/d1").code, kDone);
  const int64_t head = HeadRevision();
  service::Server::Options options;
  options.clock_interval = absl::Milliseconds(100);
  const TestServer clock(database_.url(), options);
  database_.SetClock(absl::FromCivil(absl::CivilDay(2022, 7, 5), absl::UTCTimeZone()));
  // Three targets in June 2022, and the thirty days of a monthly update are over.
  const Result watch = Almanac(absl::StrCat("watch --limit 4 --since ", head));
  EXPECT_EQ(watch.code, kDone) << watch.output;
  EXPECT_TRUE(
      watch.Says("became-overdue     almanacd    publishers/swd/plans/2022-2024/commitments/a-1  since 2022-07-01"))
      << watch.output;
  EXPECT_TRUE(watch.Says("freshness-changed  almanacd    publishers/swd/datasets/d1  freshness fresh -> due"))
      << watch.output;
}

TEST_F(ProgramsTest, UpdatesAreReportedFromAFileAndShown) {
  database_.SetClock(absl::FromCivil(absl::CivilDay(2022, 7, 1), absl::UTCTimeZone()));
  AddPublisher("swd");
  for (const char* id : {"a", "b"}) {
    ASSERT_EQ(Almanac(absl::StrCat("dataset create swd/", id, " --title en=D --frequency daily")).code, kDone);
  }
  const std::string path = absl::StrCat(::testing::TempDir(), "/updates-", getpid(), ".csv");
  const auto write = [&](int rows, const std::string& last) {
    std::ofstream file(path);
    file << "name,time\n";
    for (int i = 0; i < rows; ++i) {
      file << absl::StrFormat("swd/a,2022-06-10T%02d:%02d:00Z\n", i / 60, i % 60);
    }
    file << last;
  };
  write(0, "swd/a,2022-06-30T00:00:01Z\nswd/b,2022-06-29T00:00:00Z\nswd/b,2022-06-28T00:00:00Z\n");
  Result result = Almanac(absl::StrCat("dataset report-updates ", path, " --dry-run"));
  EXPECT_EQ(result.output, "dry run, nothing was changed: 3 rows: 3 new, 0 known before\n");
  result = Almanac(absl::StrCat("dataset report-updates - < ", path));
  EXPECT_EQ(result.output, "3 rows: 3 new, 0 known before; revision 5\n");
  result = Almanac(absl::StrCat("dataset report-updates ", path));
  EXPECT_EQ(result.output, "3 rows: 0 new, 3 known before\n");

  EXPECT_EQ(Almanac("dataset freshness --state fresh --state overdue -o name").output,
            "publishers/swd/datasets/a\npublishers/swd/datasets/b\n");
  EXPECT_EQ(Almanac("dataset freshness --publisher swd --state overdue -o csv").lines().at(1),
            "publishers/swd/datasets/b,D,daily,,,2022-06-29T00:00:00Z,2022-06-30T00:00:00Z,overdue,2,"
            "2022-07-02T00:00:00Z");
  EXPECT_EQ(Almanac("dataset freshness --count -o csv").lines().at(2), "total,2,1,0,1,0,0,0,0,0,0");

  // A wrong row behind the first thousand: these are reported, and the rest is named by its line.
  write(1200, "swd/none,2022-06-29T00:00:00Z\n");
  result = Almanac(absl::StrCat("dataset report-updates ", path));
  EXPECT_EQ(result.code, kNotFound) << result.output;
  EXPECT_TRUE(result.Says("1000 of 1201 rows sent")) << result.output;
  EXPECT_TRUE(result.Says(absl::StrCat(path, ":1202: name: publishers/swd/datasets/none does not exist")))
      << result.output;
  EXPECT_TRUE(result.Says("1000 of 1201 rows were reported before")) << result.output;
  write(1200, "swd/a,2022-07-02T00:00:00Z\n");
  result = Almanac(absl::StrCat("dataset report-updates ", path));
  EXPECT_EQ(result.code, kRefused) << result.output;
  EXPECT_TRUE(result.Says(absl::StrCat(path, ":1202: time: 2022-07-02T00:00:00Z is in the future"))) << result.output;
  write(1200, "");
  result = Almanac(absl::StrCat("dataset report-updates ", path, " -o json"));
  EXPECT_EQ(result.code, kDone) << result.output;
  EXPECT_TRUE(result.Says("\"reportedCount\": 200")) << result.output;
  EXPECT_TRUE(result.Says("\"knownCount\": 1000")) << result.output;

  // Interrupted while the server is held up.
  write(2, "");
  pqxx::connection connection(database_.url());
  pqxx::work holder(connection);
  holder.exec("select * from head for update");
  result = Shell(absl::StrCat("timeout --preserve-status -s INT 1 " ALMANAC_BINARY_DIR
                              "/client/almanac dataset report-updates ",
                              path, " --server ", server_.address()));
  EXPECT_EQ(result.code, kInterrupted) << result.output;
  EXPECT_TRUE(result.Says("interrupted; 0 of 2 rows were reported before; repeat the command")) << result.output;
  std::filesystem::remove(path);
}

TEST(ServerProgramTest, WithoutADatabaseItSaysSoAndEnds) {
  const TestDatabase empty(/*migrate=*/false);
  const auto almanacd = [](const std::string& arguments) {
    return Shell(absl::StrCat("timeout 30 " ALMANAC_BINARY_DIR "/service/almanacd ", arguments));
  };
  const std::string nowhere = " --database-url 'host=/nonexistent dbname=almanac'";
  for (const char* command : {"migrate", "serve --listen 127.0.0.1:0"}) {
    const Result result = almanacd(command + nowhere);
    EXPECT_EQ(result.code, 1) << command;
    EXPECT_TRUE(result.Says("the database cannot be reached")) << result.output;
  }
  const Result old = almanacd(absl::StrCat("serve --listen 127.0.0.1:0 --database-url '", empty.url(), "'"));
  EXPECT_EQ(old.code, 1);
  EXPECT_TRUE(old.Says("run `almanacd migrate` first")) << old.output;
  const Result unnamed = almanacd("serve --listen 127.0.0.1:0");
  EXPECT_EQ(unnamed.code, 2);
  EXPECT_TRUE(unnamed.Says("--database-url")) << unnamed.output;
}

}  // namespace
}  // namespace almanac::testing
