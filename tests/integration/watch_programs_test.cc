#include "tests/integration/watch_programs.h"

#include <signal.h>

#include <set>

// `almanac watch` as a user runs it for long.
namespace almanac::testing {
namespace {

// Exit codes, as `almanac --help` documents them.
constexpr int kDone = 0;
constexpr int kRefused = 1;
constexpr int kUsage = 2;
constexpr int kInterrupted = 130;

std::vector<std::string> PublishersUpTo(int last) {
  std::vector<std::string> names;
  for (int i = 1; i <= last; ++i) names.push_back(absl::StrCat("publishers/p", i));
  return names;
}

std::vector<std::string> NumbersUpTo(int last) {
  std::vector<std::string> numbers;
  for (int i = 1; i <= last; ++i) numbers.push_back(absl::StrCat(i));
  return numbers;
}

TEST_F(WatchProgramTest, PrintsEachLineOnceHoweverOftenTheServerIsRestarted) {
  ChangeWriter writer(server_.address());
  BackgroundProgram watch(Watch("--since 0 -o name"), In("watch"));
  for (const int signal : {SIGKILL, SIGTERM, SIGKILL, SIGTERM, SIGKILL}) {
    const size_t before = Lines(watch.out()).size();
    EXPECT_TRUE(HasLines("watch.out", before + 10)) << watch.err();
    server_.Signal(signal);
    server_.Start();
  }
  const int written = writer.Stop();
  EXPECT_TRUE(HasLines("watch.out", written)) << watch.err();
  watch.Signal(SIGINT);
  EXPECT_EQ(watch.Wait(), kInterrupted);
  EXPECT_EQ(Lines(watch.out()), PublishersUpTo(written));
  EXPECT_TRUE(watch.err().find("almanac: lost 127.0.0.1") != std::string::npos) << watch.err();
}

TEST_F(WatchProgramTest, SaysWhereToGoOnWithAllItsFilters) {
  Write(1);
  BackgroundProgram watch(
      Watch("--since 0 --resource publishers/p1 --kind publisher --kind dataset --type created --field titles"),
      In("watch"));
  EXPECT_TRUE(HasLines("watch.out", 1)) << watch.err();
  watch.Signal(SIGTERM);
  EXPECT_EQ(watch.Wait(), kInterrupted);
  EXPECT_TRUE(watch.err().find("stopped at revision 1; go on with: almanac watch --since 1 --resource publishers/p1 "
                               "--kind publisher --kind dataset --type created --field titles") != std::string::npos)
      << watch.err();
}

TEST_F(WatchProgramTest, PrintingGoesOnAtItsPosition) {
  const std::string watch = Watch(absl::StrCat("--since 0 -o name --limit 2 --position ", In("watch.pos")));
  for (int i = 1; i <= 4; ++i) Write(i);
  EXPECT_EQ(Shell(watch).output, "publishers/p1\npublishers/p2\n");
  EXPECT_EQ(Shell(watch).output, "publishers/p3\npublishers/p4\n") << "whatever --since says";
}

TEST_F(WatchProgramTest, RunsACommandForEachChangeInOrderAndGoesOnAtItsPosition) {
  for (int i = 1; i <= 5; ++i) Write(i);
  // Each change takes less time than the one before: were they to run together, the order would be another.
  const std::string script = "sleep 0.$((8 - ALMANAC_REVISION)) && cat >> changes && echo $ALMANAC_REVISION >> log";
  CommandResult result = Shell(WatchAndRun(script, "--since 0 --limit 3"));
  EXPECT_EQ(result.code, kDone) << result.output;
  EXPECT_EQ(result.output, "") << "the command's output is all there is";
  EXPECT_EQ(Lines(TextOf(In("log"))), NumbersUpTo(3));
  result = Shell(WatchAndRun(script + " && echo ran && echo told >&2", "--since 0 --limit 2"));
  EXPECT_EQ(result.code, kDone) << result.output;
  EXPECT_EQ(result.output, "ran\ntold\nran\ntold\n");
  EXPECT_EQ(Lines(TextOf(In("log"))), NumbersUpTo(5));
  const std::vector<std::string> changes = Lines(TextOf(In("changes")));
  ASSERT_EQ(changes.size(), 5U);
  for (size_t i = 0; i < changes.size(); ++i) {
    const auto read = Shell(absl::StrCat("sed -n ", i + 1, "p ", In("changes"), " | node -e '",
                                         "const c = JSON.parse(require(\"fs\").readFileSync(0)); ",
                                         "console.log(c.revision, c.resource, c.after.publisher.titles.en)'"));
    EXPECT_EQ(read.output, absl::StrCat(i + 1, " publishers/p", i + 1, " Publisher ", i + 1, "\n"));
  }
}

TEST_F(WatchProgramTest, ACommandIsRunAtLeastOnceForEachChangeHoweverOftenTheWatchAndTheServerAreKilled) {
  constexpr int kChanges = 300;
  ChangeWriter writer(server_.address(), kChanges);
  const std::string watch = WatchAndRun("echo $ALMANAC_REVISION >> log");
  size_t lines = 0;
  for (const int signal : {SIGKILL, SIGTERM, SIGKILL}) {
    BackgroundProgram program(watch, In("watch"));
    EXPECT_TRUE(HasLines("log", lines + 5)) << program.err();
    server_.Signal(signal);
    server_.Start();
    EXPECT_TRUE(HasLines("log", lines + 15)) << program.err();
    program.Signal(SIGKILL);
    program.Wait();
    lines = Lines(TextOf(In("log"))).size();
  }
  BackgroundProgram program(watch, In("watch"));
  const std::string last = absl::StrCat(kChanges);
  EXPECT_TRUE(Eventually([&] { return Lines(TextOf(In("log"))).back() == last; }, absl::Seconds(120))) << program.err();
  program.Signal(SIGINT);
  EXPECT_EQ(program.Wait(), kInterrupted);
  std::set<std::string> known;
  std::vector<std::string> first_times;
  for (const std::string& line : Lines(TextOf(In("log")))) {
    if (known.insert(line).second) first_times.push_back(line);
  }
  EXPECT_EQ(first_times, NumbersUpTo(kChanges));
}

TEST_F(WatchProgramTest, ACommandThatFailsIsTriedAgainAndNothingIsSkipped) {
  for (int i = 1; i <= 3; ++i) Write(i);
  const std::string script = "echo $ALMANAC_REVISION >> log; test $ALMANAC_REVISION != 2 || test -e mended";
  CommandResult result = Shell(WatchAndRun(script, "--since 0 --limit 3 --exec-retries 1"));
  EXPECT_EQ(result.code, kRefused);
  EXPECT_TRUE(result.Says("almanac: the command failed on revision 2 (exit code 1); trying again in "))
      << result.output;
  EXPECT_TRUE(result.Says("almanac: the command failed on revision 2 (exit code 1), 2 times")) << result.output;
  EXPECT_EQ(TextOf(In("log")), "1\n2\n2\n");
  result = Shell(WatchAndRun(script, "--limit 2 --exec-retries 0"));
  EXPECT_EQ(result.code, kRefused);
  EXPECT_EQ(TextOf(In("log")), "1\n2\n2\n2\n") << "the position is before it";

  // Without --exec-retries it goes on for ever.
  BackgroundProgram watch(WatchAndRun(script, "--limit 2"), In("watch"));
  EXPECT_TRUE(HasLines("log", 7)) << watch.err();
  Make("mended");
  EXPECT_EQ(watch.Wait(), kDone) << watch.err();
  const std::vector<std::string> log = Lines(TextOf(In("log")));
  EXPECT_EQ(log.back(), "3");
  EXPECT_EQ(log[log.size() - 2], "2");
}

TEST_F(WatchProgramTest, CtrlCLetsTheCommandEnd) {
  for (int i = 1; i <= 2; ++i) Write(i);
  BackgroundProgram watch(WatchAndRun("trap \"echo caught >> log\" INT; echo begun >> log; "
                                      "until test -e go -o ! -e log; do sleep 0.02; done; echo ended >> log"),
                          In("watch"));
  EXPECT_TRUE(HasLines("log", 1)) << watch.err();
  watch.Signal(SIGINT);
  Make("go");
  EXPECT_EQ(watch.Wait(), kInterrupted);
  EXPECT_EQ(TextOf(In("log")), "begun\nended\n");
  EXPECT_TRUE(watch.err().find("stopped at revision 1; the same command line goes on there") != std::string::npos)
      << watch.err();
  const CommandResult next = Shell(WatchAndRun("echo $ALMANAC_REVISION", "--limit 1"));
  EXPECT_EQ(next.output, "2\n") << "the place of what ended well was kept";
}

TEST_F(WatchProgramTest, ASecondCtrlCEndsTheCommandToo) {
  for (int i = 1; i <= 2; ++i) Write(i);
  BackgroundProgram watch(WatchAndRun("trap \"echo caught >> log; exit 0\" INT; echo begun >> log; "
                                      "while test -e log; do sleep 0.02; done"),
                          In("watch"));
  EXPECT_TRUE(HasLines("log", 1)) << watch.err();
  watch.Signal(SIGINT);
  // Two that are under way at once would be one.
  EXPECT_TRUE(Eventually([&] {
    watch.Signal(SIGINT);
    return Lines(TextOf(In("log"))).size() == 2;
  }));
  EXPECT_EQ(watch.Wait(), kInterrupted);
  EXPECT_EQ(TextOf(In("log")), "begun\ncaught\n");
  const CommandResult next = Shell(WatchAndRun("echo $ALMANAC_REVISION", "--since 0 --limit 1"));
  EXPECT_EQ(next.output, "1\n") << "it was not waited for";
}

TEST_F(WatchProgramTest, APositionIsForOneWatchAndItsFilter) {
  Write(1);
  EXPECT_EQ(Shell(WatchAndRun("true", "--since 0 --limit 1")).code, kDone);
  const CommandResult other = Shell(WatchAndRun("true", "--kind dataset"));
  EXPECT_EQ(other.code, kRefused);
  EXPECT_TRUE(other.Says("resume_token")) << other.output;
  EXPECT_TRUE(other.Says(In("watch.pos") + " is of a watch with another --resource, --kind")) << other.output;

  BackgroundProgram watch(WatchAndRun("echo $ALMANAC_REVISION >> log"), In("watch"));
  Write(2);
  EXPECT_TRUE(HasLines("log", 1)) << watch.err();
  const CommandResult second = Shell(WatchAndRun("true"));
  EXPECT_EQ(second.code, kRefused);
  EXPECT_TRUE(second.Says(In("watch.pos") + " is in use by another almanac watch")) << second.output;

  std::ofstream(In("junk.pos")) << "this is no token\n";
  EXPECT_EQ(Shell(Watch(absl::StrCat("--position ", In("junk.pos")))).code, kUsage);
}

TEST_F(WatchProgramTest, ACompactedPositionIsAnErrorOrASnapshot) {
  for (int i = 1; i <= 2; ++i) Write(i);
  const std::string script = "echo $ALMANAC_EVENT $ALMANAC_RESOURCE $ALMANAC_REVISION >> log";
  EXPECT_EQ(Shell(WatchAndRun(script, "--since 0 --limit 1")).code, kDone);
  Write(3);
  Compact(2);
  const CommandResult compacted = Shell(WatchAndRun(script));
  EXPECT_EQ(compacted.code, kRefused);
  EXPECT_TRUE(compacted.Says("REVISION_COMPACTED")) << compacted.output;
  EXPECT_TRUE(compacted.Says("add --snapshot to begin anew")) << compacted.output;

  // Not patient for the first answer, but this is one.
  BackgroundProgram watch(WatchAndRun(script, "--snapshot --limit 1"), In("watch"));
  EXPECT_TRUE(HasLines("log", 1 + 1 + 3 + 1)) << watch.err();
  Write(4);
  EXPECT_EQ(watch.Wait(), kDone) << watch.err();
  EXPECT_EQ(TextOf(In("log")),
            "CHANGE publishers/p1 1\nSNAPSHOT_BEGIN\nSNAPSHOT_RESOURCE publishers/p1\nSNAPSHOT_RESOURCE publishers/p2\n"
            "SNAPSHOT_RESOURCE publishers/p3\nSNAPSHOT_END 3\nCHANGE publishers/p4 4\n");
  EXPECT_TRUE(watch.err().find("beginning anew with a snapshot") != std::string::npos) << watch.err();
  Write(5);
  const CommandResult next = Shell(WatchAndRun("echo $ALMANAC_EVENT $ALMANAC_REVISION", "--snapshot --limit 1"));
  EXPECT_EQ(next.output, "CHANGE 5\n") << "where there is a position there is no snapshot";
}

// The server ends a stream that is not read on for a second, and a snapshot that was ended begins anew.
TEST_F(WatchProgramTest, ASlowCommandIsRunOnceForEachResourceOfASnapshot) {
  constexpr int kPublishers = 250;
  service::Server::Options options;
  options.feed.slow_watcher_timeout = absl::Seconds(1);
  options.feed.tick = absl::Milliseconds(20);
  const TestServer server(database_.url(), options);
  const auto client = server.NewClient();
  almanac::v1::CreatePublisherRequest create;
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    (*create.mutable_publisher()->mutable_titles())[absl::StrCat("x", std::string(1, letter))] = std::string(1000, 'x');
  }
  for (int i = 0; i < kPublishers && !HasFailure(); ++i) {
    create.set_publisher_id(absl::StrCat("p", i));
    Call(client->publishers.get(), &almanac::v1::PublisherService::Stub::CreatePublisher, create);
  }
  const CommandResult watch = Shell(absl::StrCat(
      "timeout 100 " ALMANAC_BINARY_DIR "/client/almanac watch --snapshot --limit 1 --server ", server.address(),
      " --position ", In("watch.pos"), " --exec 'echo $ALMANAC_EVENT $ALMANAC_RESOURCE; sleep 0.02' & sleep 2; ",
      ALMANAC_BINARY_DIR "/client/almanac publisher delete p0 --server ", server.address(), " > /dev/null; wait"));
  std::vector<std::string> lines = Lines(watch.output);
  ASSERT_EQ(lines.size(), kPublishers + 3) << watch.output;
  EXPECT_EQ(lines.front(), "SNAPSHOT_BEGIN");
  EXPECT_EQ(lines[kPublishers + 1], "SNAPSHOT_END");
  EXPECT_EQ(lines.back(), "CHANGE publishers/p0");
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), kPublishers + 3);
}

TEST_F(WatchProgramTest, ASnapshotThatBeginsAnewIsToldInEveryFormat) {
  Write(1);
  for (const auto& [format, line] : {std::pair("table", "snapshot begins anew, in place of all before"),
                                     std::pair("json", "{\"snapshotBegin\":{}}")}) {
    BackgroundProgram watch(Watch(absl::StrCat("--snapshot -o ", format)), In(format));
    EXPECT_TRUE(HasLines(absl::StrCat(format, ".out"), 2)) << watch.err();
    database_.Sql("update head set epoch = epoch + 1");
    EXPECT_TRUE(HasLines(absl::StrCat(format, ".out"), 5)) << watch.err();
    EXPECT_EQ(Lines(watch.out()).at(2), line);
    EXPECT_TRUE(watch.err().find("beginning anew with a snapshot") != std::string::npos) << watch.err();
  }
}

TEST_F(WatchProgramTest, BookmarksMoveThePositionOfAQuietFilter) {
  service::Server::Options options;
  options.feed.tick = absl::Milliseconds(20);
  options.feed.bookmark_interval = absl::Milliseconds(50);
  const TestServer quick(database_.url(), options);
  for (int i = 1; i <= 2; ++i) WritePublisher(quick.address(), i);
  const std::string watch =
      absl::StrCat(ALMANAC_BINARY_DIR "/client/almanac watch --resource publishers/p4 --position ", In("watch.pos"),
                   " --exec 'echo $ALMANAC_REVISION' --server ", quick.address());
  {
    BackgroundProgram program(watch, In("watch"));
    EXPECT_TRUE(Eventually([&] { return !TextOf(In("watch.pos")).empty(); })) << "from the first answer on";
    const std::string first = TextOf(In("watch.pos"));
    WritePublisher(quick.address(), 3);
    EXPECT_TRUE(Eventually([&] { return TextOf(In("watch.pos")) != first; })) << program.err();
    program.Signal(SIGKILL);
    program.Wait();
  }
  Compact(3);
  WritePublisher(quick.address(), 4);
  EXPECT_EQ(Shell(watch + " --limit 1").output, "4\n");
}

}  // namespace
}  // namespace almanac::testing
