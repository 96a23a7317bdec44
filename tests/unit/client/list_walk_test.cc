#include "client/list_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include "absl/time/clock.h"
#include "almanac/v1/dataset_service.grpc.pb.h"
#include "client/errors.h"
#include "client/list_flags.h"

namespace almanac::client {
namespace {

using ::testing::HasSubstr;

constexpr char kClear[] = "\x1b[K";

// A session without a server.
class ListWalkTest : public ::testing::Test {
 protected:
  std::ostringstream out_;
  std::ostringstream notes_;
  Interrupt interrupt_;
  Connection connection_{{"127.0.0.1:1", "tester", absl::Milliseconds(100)}, notes_};
  const Printer printer_{out_, Format::kTable, Language(), 0};
  Session session_{connection_, printer_, notes_, interrupt_};
};

TEST_F(ListWalkTest, GoesOnToTheLastPage) {
  ListWalk walk(session_, {});
  EXPECT_TRUE(walk.GoesOn());
  EXPECT_EQ(walk.NextPageSize(), 1000);
  walk.AddPage(1000, false);
  walk.AddPage(0, false);
  EXPECT_TRUE(walk.GoesOn()) << "a page may be empty, and yet more to come";
  walk.AddPage(7, true);
  EXPECT_FALSE(walk.GoesOn());
  EXPECT_EQ(walk.count(), 1007);
  EXPECT_TRUE(walk.Finish().ok());
  EXPECT_EQ(notes_.str(), "");
}

TEST_F(ListWalkTest, ReadsNoMoreThanTheUserWants) {
  ListWalk walk(session_, {.limit = 1200});
  EXPECT_EQ(walk.NextPageSize(), 1000);
  walk.AddPage(1000, false);
  EXPECT_EQ(walk.NextPageSize(), 200);
  walk.AddPage(200, false);
  EXPECT_FALSE(walk.GoesOn());
  EXPECT_TRUE(walk.Finish().ok());
  EXPECT_EQ(notes_.str(), "") << "the limit is the user's own";
}

TEST_F(ListWalkTest, TellsWhatALimitLeavesOutThatIsNotTheUsers) {
  const ListExtent extent = {.limit = 1000, .with_total = true, .how_to_get_more = "--all prints them all"};
  {
    ListWalk walk(session_, extent);
    EXPECT_TRUE(walk.WantsTotal());
    walk.SetTotal({298'413, true});
    walk.AddPage(1000, false);
    EXPECT_FALSE(walk.WantsTotal()) << "the first page has said it";
    EXPECT_TRUE(walk.Finish().ok());
    EXPECT_EQ(notes_.str(), "the first 1,000 of about 300,000; --all prints them all\n");
  }
  notes_.str("");
  {
    ListWalk walk(session_, extent);
    walk.AddPage(1000, false);
    EXPECT_TRUE(walk.Finish().ok());
    EXPECT_EQ(notes_.str(), "the first 1,000, and there are more; --all prints them all\n") << "of an older server";
  }
  notes_.str("");
  ListWalk whole(session_, extent);
  whole.SetTotal({1000, false});
  whole.AddPage(1000, true);
  EXPECT_TRUE(whole.Finish().ok());
  EXPECT_EQ(notes_.str(), "");
}

TEST_F(ListWalkTest, ExplainsHowFarItHadComeWhenAPageFails) {
  ListWalk walk(session_, {});
  EXPECT_EQ(walk.Explain(absl::UnavailableError("gone")).message(), "gone");
  walk.AddPage(2000, false);
  EXPECT_EQ(walk.Explain(absl::UnavailableError("gone")).message(),
            "gone\n  the list is not whole: it ends after 2,000");
}

TEST_F(ListWalkTest, IsEndedByCtrlC) {
  ListWalk walk(session_, {.with_total = true});
  walk.SetTotal({12'000, false});
  walk.AddPage(1000, false);
  kill(getpid(), SIGINT);
  const absl::Time limit = absl::Now() + absl::Seconds(30);
  while (walk.GoesOn() && absl::Now() < limit) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_FALSE(walk.GoesOn());
  EXPECT_TRUE(walk.was_interrupted());
  const auto page = connection_.Call(&v1::DatasetService::Stub::ListDatasets, v1::ListDatasetsRequest());
  EXPECT_EQ(page.status().code(), absl::StatusCode::kCancelled) << "nothing more is waited for";
  const absl::Status status = walk.Finish();
  EXPECT_EQ(ExitCodeOf(status), kInterrupted);
  EXPECT_EQ(status.message(), "interrupted after 1,000 of 12,000");
}

TEST_F(ListWalkTest, EndsWithTheOutput) {
  ListWalk walk(session_, {});
  walk.AddPage(1000, false);
  out_.setstate(std::ios::badbit);
  EXPECT_FALSE(walk.GoesOn());
  EXPECT_TRUE(walk.Finish().ok());
}

TEST(ListProgress, OnATerminalIsALineThatIsWrittenAnew) {
  std::ostringstream notes;
  const absl::Time begin = absl::UnixEpoch();
  {
    ListProgress progress(notes, /*on_terminal=*/true, begin);
    progress.Tell(1000, {}, begin + absl::Milliseconds(500));
    EXPECT_EQ(notes.str(), "") << "so far it is there at once";
    progress.Tell(2000, {298'413, true}, begin + absl::Seconds(1));
    EXPECT_EQ(notes.str(), std::string(kClear) + "2,000 of about 300,000\r");
    notes.str("");
    progress.Tell(3000, {298'413, true}, begin + absl::Milliseconds(1100));
    EXPECT_EQ(notes.str(), "");
    progress.Tell(4000, {298'413, true}, begin + absl::Milliseconds(1200));
    EXPECT_THAT(notes.str(), HasSubstr("4,000 of about"));
    notes.str("");
  }
  EXPECT_EQ(notes.str(), kClear);
}

TEST(ListProgress, ElsewhereIsALineNowAndThen) {
  std::ostringstream notes;
  const absl::Time begin = absl::UnixEpoch();
  {
    ListProgress progress(notes, /*on_terminal=*/false, begin);
    progress.Tell(1000, {}, begin + absl::Seconds(9));
    EXPECT_EQ(notes.str(), "");
    progress.Tell(2000, {}, begin + absl::Seconds(10));
    progress.Tell(3000, {}, begin + absl::Seconds(11));
    progress.Tell(4000, {9000, false}, begin + absl::Seconds(20));
  }
  EXPECT_EQ(notes.str(), "2,000 so far\n4,000 of 9,000\n");
}

TEST(ExtentFlags, AListIsWholeUnlessItIsReadOnATerminal) {
  ExtentFlags flags;
  EXPECT_EQ(flags.Extent(ExtentFlags::Readable(false)).limit, ListExtent().limit);
  const ListExtent readable = flags.Extent(ExtentFlags::Readable(true));
  EXPECT_EQ(readable.limit, 1000);
  EXPECT_TRUE(readable.with_total);
  EXPECT_THAT(readable.how_to_get_more, HasSubstr("--all"));
  flags.limit = 5;
  EXPECT_EQ(flags.Extent(readable).limit, 5);
  EXPECT_EQ(flags.Extent(readable).how_to_get_more, "");
  flags = {.all = true};
  EXPECT_EQ(flags.Extent(readable).limit, ListExtent().limit);
  EXPECT_TRUE(flags.Extent(readable).with_total);
}

}  // namespace
}  // namespace almanac::client
