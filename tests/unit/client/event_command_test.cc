#include "client/event_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/errors.h"
#include "client/json.h"

namespace almanac::client {
namespace {

using ::testing::HasSubstr;
using Event = Follower::Event;

class EventCommandTest : public ::testing::Test {
 protected:
  EventCommandTest() { std::filesystem::create_directory(folder_); }
  ~EventCommandTest() override { std::filesystem::remove_all(folder_); }

  // What `file` in the folder says.
  std::string Text(const std::string& file) const {
    std::ifstream in(folder_ + "/" + file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  // A command that begins in the folder.
  EventCommand::Options Script(const std::string& script, int64_t max_retries = 0) const {
    return {absl::StrCat("cd '", folder_, "' && ", script), "almanac.example:7461", max_retries};
  }

  const std::string folder_ = absl::StrCat(::testing::TempDir(), "/event-command-", getpid());
  std::ostringstream notes_;
};

Event ChangeEvent() {
  Event event;
  event.type = Event::kChange;
  v1::Change& change = *event.response.mutable_change();
  change.set_revision(12);
  change.set_actor("it's \"me\" $HOME\n2");
  change.set_type(v1::Change::RESCHEDULED);
  change.set_kind(v1::COMMITMENT);
  change.set_resource("publishers/swd/plans/2022-2024/commitments/a-1");
  return event;
}

constexpr char kShow[] =
    "cat > input && printf '%s|' \"$ALMANAC_EVENT\" \"$ALMANAC_REVISION\" \"$ALMANAC_RESOURCE\" \"$ALMANAC_KIND\" "
    "\"$ALMANAC_TYPE\" \"$ALMANAC_CHANGE_ACTOR\" \"$ALMANAC_SERVER\" \"$ALMANAC_ACTOR\" > environment";

TEST_F(EventCommandTest, GetsTheChangeAsJsonAndInItsEnvironment) {
  setenv("ALMANAC_ACTOR", "desk", 1);
  setenv("ALMANAC_TYPE", "of another watch", 1);
  const Event event = ChangeEvent();
  EventCommand command(Script(kShow), notes_);
  EXPECT_TRUE(command.Run(event).ok()) << notes_.str();
  EXPECT_EQ(Text("input"), ToJson(event.response.change(), -1) + "\n");
  EXPECT_EQ(Text("environment"),
            "CHANGE|12|publishers/swd/plans/2022-2024/commitments/a-1|COMMITMENT|RESCHEDULED|it's \"me\" $HOME\n2|"
            "almanac.example:7461|desk|");

  Event snapshot;
  snapshot.type = Event::kSnapshotBegin;
  EXPECT_TRUE(command.Run(snapshot).ok()) << notes_.str();
  EXPECT_EQ(Text("input"), "{}\n");
  EXPECT_EQ(Text("environment"), "SNAPSHOT_BEGIN||||||almanac.example:7461|desk|");
  snapshot.type = Event::kSnapshotResource;
  snapshot.response.mutable_snapshot_resource()->mutable_release_plan()->set_name("publishers/swd/plans/2022-2024");
  EXPECT_TRUE(command.Run(snapshot).ok()) << notes_.str();
  EXPECT_EQ(Text("input"), "{\"releasePlan\":{\"name\":\"publishers/swd/plans/2022-2024\"}}\n");
  EXPECT_EQ(Text("environment"),
            "SNAPSHOT_RESOURCE||publishers/swd/plans/2022-2024|RELEASE_PLAN|||almanac.example:7461|desk|");
  snapshot.type = Event::kSnapshotEnd;
  snapshot.response.mutable_snapshot_end()->set_revision(7);
  EXPECT_TRUE(command.Run(snapshot).ok()) << notes_.str();
  EXPECT_EQ(Text("input"), "{\"revision\":\"7\"}\n");
  EXPECT_EQ(Text("environment"), "SNAPSHOT_END|7|||||almanac.example:7461|desk|");
  EXPECT_EQ(notes_.str(), "");
}

TEST_F(EventCommandTest, MayLeaveALargeInputUnread) {
  Event event = ChangeEvent();
  (*event.response.mutable_change()->mutable_after()->mutable_publisher()->mutable_titles())["en"] =
      std::string(4 << 20, 'x');
  EventCommand command(Script("true"), notes_);
  EXPECT_TRUE(command.Run(event).ok()) << notes_.str();
  EventCommand counting(Script("wc -c > size"), notes_);
  EXPECT_TRUE(counting.Run(event).ok()) << notes_.str();
  EXPECT_GT(std::stoi(Text("size")), 4 << 20);
}

TEST_F(EventCommandTest, IsTriedAgainUntilItSucceeds) {
  EventCommand command(Script("echo x >> tries; test $(wc -l < tries) -ge 3", 2), notes_);
  EXPECT_TRUE(command.Run(ChangeEvent()).ok());
  EXPECT_EQ(Text("tries"), "x\nx\nx\n");
  EXPECT_THAT(notes_.str(), HasSubstr("almanac: the command failed on revision 12 (exit code 1); trying again in 0."));
}

TEST_F(EventCommandTest, ThatFailsToTheLastTryIsAnError) {
  EventCommand never(Script("echo x >> tries; exit 7"), notes_);
  absl::Status status = never.Run(ChangeEvent());
  EXPECT_EQ(ExitCodeOf(status), kRefused);
  EXPECT_THAT(Explain(status), HasSubstr("the command failed on revision 12 (exit code 7)\n  nothing was skipped"));
  EXPECT_EQ(Text("tries"), "x\n");

  EventCommand once(Script("echo x >> tries; kill -KILL $$", 1), notes_);
  status = once.Run(ChangeEvent());
  EXPECT_THAT(Explain(status), HasSubstr("the command failed on revision 12 (ended by signal 9), 2 times"));
  EXPECT_EQ(Text("tries"), "x\nx\nx\n");

  EventCommand unknown({"/no/such/command", "", 0}, notes_);
  EXPECT_THAT(Explain(unknown.Run(ChangeEvent())), HasSubstr("(exit code 127)"));
}

TEST_F(EventCommandTest, IsLetEndWhenStoppedAndNotTriedAgain) {
  for (const auto& [code, ended] : {std::pair(0, absl::StatusCode::kOk), std::pair(1, absl::StatusCode::kCancelled)}) {
    EventCommand stopped(Script("echo x >> tries; until test -e go; do sleep 0.01; done; exit $(cat go)", 1000),
                         notes_);
    std::filesystem::remove(folder_ + "/tries");
    std::filesystem::remove(folder_ + "/go");
    absl::Status status;
    std::thread run([&] { status = stopped.Run(ChangeEvent()); });
    while (Text("tries").empty()) absl::SleepFor(absl::Milliseconds(5));
    stopped.Stop();
    std::ofstream(folder_ + "/new") << code;
    std::filesystem::rename(folder_ + "/new", folder_ + "/go");
    run.join();
    EXPECT_EQ(status.code(), ended);
    EXPECT_EQ(Text("tries"), "x\n");
    EXPECT_EQ(stopped.Run(ChangeEvent()).code(), absl::StatusCode::kCancelled) << "no more after Stop";
    EXPECT_EQ(Text("tries"), "x\n");
  }
}

TEST_F(EventCommandTest, GetsSignalsOnlyWhenTheyAreSentToIt) {
  // As `almanac` is: without SIGPIPE, and with SIGINT blocked for a thread that waits for it.
  signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  EventCommand piped(Script("grep Sig[BI] /proc/self/status > signals; test $(cut -d' ' -f5 /proc/$$/stat) = $$"),
                     notes_);
  EXPECT_TRUE(piped.Run(ChangeEvent()).ok()) << "a group of its own";
  std::istringstream signals(Text("signals"));
  std::string field;
  std::string bits;
  while (signals >> field >> bits) {
    EXPECT_EQ(std::stoull(bits, nullptr, 16) & ((1U << (SIGPIPE - 1)) | (1U << (SIGINT - 1))), 0U) << field << bits;
  }
  EXPECT_EQ(field, "SigIgn:");

  EventCommand command(Script("trap 'echo caught > trap; exit 0' INT; echo x > started; while :; do sleep 0.01; done"),
                       notes_);
  std::thread run([&] { EXPECT_TRUE(command.Run(ChangeEvent()).ok()); });
  while (Text("started").empty()) absl::SleepFor(absl::Milliseconds(5));
  command.Signal(SIGINT);
  run.join();
  EXPECT_EQ(Text("trap"), "caught\n");
  command.Signal(SIGINT);  // to nobody
}

}  // namespace
}  // namespace almanac::client
