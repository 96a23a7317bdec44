#include "service/embedded_postgres.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "service/child_process.h"

namespace almanac::service {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

using Cluster = std::unique_ptr<EmbeddedPostgres>;

// Runs one statement; the answer without column names, or what went wrong.
std::string Query(const std::string& url, const std::string& sql) {
  const auto result = RunChild(Account::Current(), {"/usr/bin/psql", "-XAtq", "-d", url, "-c", sql});
  if (!result.ok()) return result.status().ToString();
  return result->output.substr(0, result->output.find_last_not_of('\n') + 1);
}

// A cluster made once is copied for each test.
class EmbeddedPostgresTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    // Not below TempDir: it may be closed to PostgreSQL's user, and a socket's path is short.
    char name[] = "/tmp/almanac_embedded_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    root_ = name;
    ASSERT_EQ(chmod(name, 0755), 0);
    const absl::StatusOr<Cluster> made = EmbeddedPostgres::Start(absl::StrCat(root_, "/template"));
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_TRUE((*made)->Stop().ok());
  }
  static void TearDownTestSuite() { fs::remove_all(root_); }

  void SetUp() override {
    dir_ = absl::StrCat(root_, "/", ::testing::UnitTest::GetInstance()->current_test_info()->name());
    const auto copied = RunChild(Account::Current(), {"/bin/cp", "-a", absl::StrCat(root_, "/template"), dir_});
    ASSERT_TRUE(copied.ok() && copied->code == 0) << copied->output;
  }
  void TearDown() override {
    if (const pid_t pid = Postmaster(); pid != 0) kill(pid, SIGKILL);
    std::error_code ignored;
    fs::remove_all(dir_, ignored);
  }

  Cluster Start() {
    absl::StatusOr<Cluster> cluster = EmbeddedPostgres::Start(dir_);
    EXPECT_TRUE(cluster.ok()) << cluster.status();
    return cluster.ok() ? *std::move(cluster) : nullptr;
  }

  // The process that the cluster's pid file names, or 0.
  pid_t Postmaster() const {
    std::ifstream file(dir_ + "/data/postmaster.pid");
    pid_t pid = 0;
    return file >> pid ? pid : 0;
  }

  void KillPostmaster() const {
    const pid_t pid = Postmaster();
    ASSERT_GT(pid, 1);
    ASSERT_EQ(kill(pid, SIGKILL), 0);
    // It may stay a zombie for as long as process 1 likes; its socket closes at once.
    const std::string cmdline = absl::StrCat("/proc/", pid, "/cmdline");
    for (int i = 0; i < 500 && std::ifstream(cmdline).peek() != EOF; ++i) absl::SleepFor(absl::Milliseconds(10));
  }

  // Starts the cluster in another process and kills that one.
  void StartAndKillOwner() {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t pid = fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      const absl::StatusOr<Cluster> cluster = EmbeddedPostgres::Start(dir_);
      const char ok = cluster.ok() ? 'y' : 'n';
      if (write(ends[1], &ok, 1) != 1) _exit(1);
      while (true) pause();
    }
    char ok = 0;
    ASSERT_EQ(read(ends[0], &ok, 1), 1);
    EXPECT_EQ(ok, 'y');
    ASSERT_EQ(kill(pid, SIGKILL), 0);
    ASSERT_EQ(waitpid(pid, nullptr, 0), pid);
    close(ends[0]);
    close(ends[1]);
  }

  static inline std::string root_;  // NOLINT(readability-identifier-naming)
  std::string dir_;
};

TEST_F(EmbeddedPostgresTest, ServesADurableDatabaseOnItsSocketOnly) {
  const Cluster cluster = Start();
  ASSERT_NE(cluster, nullptr);
  const auto show = [&](const std::string& name) { return Query(cluster->url(), "SHOW " + name); };
  EXPECT_EQ(Query(cluster->url(), "SELECT current_database()"), "almanac");
  EXPECT_EQ(show("listen_addresses"), "");
  EXPECT_EQ(show("fsync"), "on");
  EXPECT_EQ(show("synchronous_commit"), "on");
  EXPECT_EQ(show("max_connections"), "100");
  EXPECT_EQ(show("server_encoding"), "UTF8");
  struct stat info;
  ASSERT_EQ(stat(dir_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700U);
  EXPECT_NE(info.st_uid, 0U);
}

TEST_F(EmbeddedPostgresTest, StopEndsItAndStartFindsItsDataAgain) {
  Cluster cluster = Start();
  ASSERT_NE(cluster, nullptr);
  ASSERT_EQ(Query(cluster->url(), "CREATE TABLE kept AS SELECT 42 AS n"), "");
  EXPECT_TRUE(cluster->Stop().ok());
  EXPECT_EQ(Postmaster(), 0);
  EXPECT_TRUE(cluster->Stop().ok());
  EXPECT_EQ(cluster->EnsureRunning().code(), absl::StatusCode::kFailedPrecondition);
  cluster = Start();
  ASSERT_NE(cluster, nullptr);
  EXPECT_EQ(Query(cluster->url(), "SELECT n FROM kept"), "42");
}

TEST_F(EmbeddedPostgresTest, AdoptsWhatAKilledOwnerLeft) {
  StartAndKillOwner();
  const pid_t before = Postmaster();
  ASSERT_NE(before, 0);
  const Cluster cluster = Start();
  ASSERT_NE(cluster, nullptr);
  EXPECT_EQ(Postmaster(), before);
  EXPECT_EQ(Query(cluster->url(), "SELECT 1"), "1");
  EXPECT_TRUE(cluster->Stop().ok());
  EXPECT_EQ(Postmaster(), 0);
}

TEST_F(EmbeddedPostgresTest, RecoversWhenOwnerAndPostmasterWereKilled) {
  StartAndKillOwner();
  const std::string url = absl::StrCat("host=", dir_, " user=postgres dbname=almanac");
  ASSERT_EQ(Query(url, "CREATE TABLE kept AS SELECT 42 AS n"), "");
  KillPostmaster();
  ASSERT_TRUE(fs::exists(dir_ + "/data/postmaster.pid"));
  const Cluster cluster = Start();
  ASSERT_NE(cluster, nullptr);
  EXPECT_EQ(Query(cluster->url(), "SELECT n FROM kept"), "42");
}

TEST_F(EmbeddedPostgresTest, AnotherProcessWithTheOldPidIsNoPostmaster) {
  StartAndKillOwner();
  KillPostmaster();
  // PostgreSQL takes any process of its user for a postmaster, so the process is one of that user.
  struct stat info;
  ASSERT_EQ(stat(dir_.c_str(), &info), 0);
  const pid_t other = fork();
  ASSERT_GE(other, 0);
  if (other == 0) {
    if (geteuid() == 0 && setuid(info.st_uid) != 0) _exit(1);
    while (true) pause();
  }
  const std::string path = dir_ + "/data/postmaster.pid";
  std::ifstream in(path);
  std::string first;
  std::getline(in, first);
  const std::string rest(std::istreambuf_iterator<char>(in), {});
  std::ofstream(path) << other << "\n" << rest;
  const Cluster cluster = Start();
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
  ASSERT_NE(cluster, nullptr);
  EXPECT_EQ(Query(cluster->url(), "SELECT 1"), "1");
}

TEST_F(EmbeddedPostgresTest, EnsureRunningStartsAKilledPostmasterAgain) {
  const Cluster cluster = Start();
  ASSERT_NE(cluster, nullptr);
  const pid_t before = Postmaster();
  EXPECT_TRUE(cluster->EnsureRunning().ok());
  EXPECT_EQ(Postmaster(), before);
  KillPostmaster();
  ASSERT_NE(Query(cluster->url(), "SELECT 1"), "1");
  const absl::Status status = cluster->EnsureRunning();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_NE(Postmaster(), before);
  EXPECT_EQ(Query(cluster->url(), "SELECT 1"), "1");
}

TEST_F(EmbeddedPostgresTest, TheLastOfTwoUsersStopsIt) {
  const Cluster first = Start();
  const Cluster second = Start();
  ASSERT_TRUE(first != nullptr && second != nullptr);
  EXPECT_TRUE(first->Stop().ok());
  EXPECT_EQ(Query(second->url(), "SELECT 1"), "1");
  EXPECT_TRUE(second->Stop().ok());
  EXPECT_EQ(Postmaster(), 0);
}

TEST_F(EmbeddedPostgresTest, TwoMakeTheSameNewClusterAtOnce) {
  fs::remove_all(dir_);
  fs::create_directories(dir_ + "/data.new/left-by-an-interrupted-start");
  std::ofstream(dir_ + "/setup.lock").flush();
  Cluster clusters[2];
  std::thread other([&] { clusters[1] = Start(); });
  clusters[0] = Start();
  other.join();
  ASSERT_TRUE(clusters[0] != nullptr && clusters[1] != nullptr);
  ASSERT_EQ(Query(clusters[0]->url(), "CREATE TABLE kept AS SELECT 42 AS n"), "");
  EXPECT_EQ(Query(clusters[1]->url(), "SELECT n FROM kept"), "42");
  EXPECT_FALSE(fs::exists(dir_ + "/data.new"));
}

TEST_F(EmbeddedPostgresTest, AClusterThatDoesNotStartSaysWhy) {
  std::ofstream(dir_ + "/data/postgresql.conf", std::ios::app) << "no_such_setting = 1\n";
  const absl::StatusOr<Cluster> cluster = EmbeddedPostgres::Start(dir_);
  EXPECT_EQ(cluster.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(cluster.status().message()), AllOf(HasSubstr(dir_), HasSubstr("no_such_setting")));
}

TEST_F(EmbeddedPostgresTest, AnotherVersionIsRefused) {
  std::ofstream(dir_ + "/data/PG_VERSION") << "14\n";
  const absl::StatusOr<Cluster> cluster = EmbeddedPostgres::Start(dir_);
  EXPECT_EQ(cluster.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(cluster.status().message()), HasSubstr("PostgreSQL 14"));
}

TEST_F(EmbeddedPostgresTest, MissingProgramsAreNamed) {
  const absl::StatusOr<Cluster> cluster = EmbeddedPostgres::Start(dir_, {.binary_directory = "/nonexistent"});
  EXPECT_EQ(cluster.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(cluster.status().message()), HasSubstr("/nonexistent"));
}

TEST_F(EmbeddedPostgresTest, UnfitDirectoriesAreRefusedAndLeftAlone) {
  const auto error = [](const std::string& dir) {
    const absl::StatusOr<Cluster> cluster = EmbeddedPostgres::Start(dir);
    EXPECT_EQ(cluster.status().code(), absl::StatusCode::kInvalidArgument) << dir;
    return std::string(cluster.status().message());
  };
  EXPECT_THAT(error(""), HasSubstr("empty"));
  EXPECT_THAT(error(dir_ + "/a,b"), HasSubstr("without commas"));
  EXPECT_THAT(error(dir_ + "/a$b"), HasSubstr("without commas"));
  EXPECT_THAT(error(absl::StrCat(root_, "/", std::string(100, 'x'))), HasSubstr("choose a shorter path"));

  const std::string taken = absl::StrCat(root_, "/taken");
  fs::create_directory(taken);
  std::ofstream(taken + "/letter.txt") << "mine";
  struct stat before;
  ASSERT_EQ(stat(taken.c_str(), &before), 0);
  EXPECT_THAT(error(taken), HasSubstr("is not empty"));
  struct stat after;
  ASSERT_EQ(stat(taken.c_str(), &after), 0);
  EXPECT_EQ(after.st_uid, before.st_uid);
  EXPECT_EQ(after.st_mode, before.st_mode);
}

TEST_F(EmbeddedPostgresTest, AParentThatPostgresMayNotPassIsNamed) {
  if (geteuid() != 0) GTEST_SKIP() << "only root starts PostgreSQL as another user";
  const std::string closed = absl::StrCat(root_, "/closed");
  fs::create_directory(closed);
  ASSERT_EQ(chmod(closed.c_str(), 0700), 0);
  const absl::StatusOr<Cluster> cluster = EmbeddedPostgres::Start(closed + "/below/dir");
  EXPECT_EQ(cluster.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(cluster.status().message()), HasSubstr("chmod o+x " + closed));
  EXPECT_FALSE(fs::exists(closed + "/below"));
}

}  // namespace
}  // namespace almanac::service
