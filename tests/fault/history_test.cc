#include "tests/fault/history.h"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "almanac/v1/dataset.pb.h"

namespace almanac::fault {
namespace {

class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() {
    char path[] = "/tmp/almanac-history.XXXXXX";
    close(mkstemp(path));
    path_ = path;
  }
  ~HistoryTest() override { std::filesystem::remove(path_); }

  std::vector<Event> Read() {
    std::vector<Event> events;
    const absl::Status read = ReadFrom(path_)([&](int64_t place, const Event& event) {
      EXPECT_EQ(place, static_cast<int64_t>(events.size()));
      events.push_back(event);
    });
    EXPECT_TRUE(read.ok()) << read;
    return events;
  }

  static Event Message(int stream, int64_t revision) {
    Event event;
    event.mutable_stream_message()->set_stream(stream);
    event.mutable_stream_message()->set_revision(revision);
    return event;
  }

  std::string path_;
};

TEST_F(HistoryTest, IsReadBackAsItWasWritten) {
  constexpr int kThreads = 4;
  constexpr int64_t kMessages = 1000;
  {
    const auto recorder = Recorder::Open(path_);
    ASSERT_TRUE(recorder.ok()) << recorder.status();
    std::vector<std::thread> threads;
    for (int stream = 0; stream < kThreads; ++stream) {
      threads.emplace_back([&, stream] {
        for (int64_t i = 0; i < kMessages; ++i) (*recorder)->Add(Message(stream, i));
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE((*recorder)->Flush().ok());
  }
  std::vector<int64_t> next(kThreads, 0);
  for (const Event& event : Read()) {
    // Each thread's events in their order.
    EXPECT_EQ(event.stream_message().revision(), next[event.stream_message().stream()]++);
  }
  EXPECT_THAT(next, ::testing::Each(kMessages));
}

TEST_F(HistoryTest, ALastEventThatWasCutShortIsLeftOut) {
  {
    const auto recorder = Recorder::Open(path_);
    ASSERT_TRUE(recorder.ok()) << recorder.status();
    for (int64_t i = 1; i <= 3; ++i) (*recorder)->Add(Message(1, i));
  }
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 1);
  EXPECT_EQ(Read().size(), 2);
}

TEST_F(HistoryTest, AFileThatIsNoneIsRefused) {
  const auto sink = [](int64_t, const Event&) {};
  EXPECT_EQ(ReadFrom(path_)(sink).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadFrom(path_ + ".none")(sink).code(), absl::StatusCode::kNotFound);
}

TEST_F(HistoryTest, TheClockNeverGoesBack) {
  const auto recorder = Recorder::Open(path_);
  ASSERT_TRUE(recorder.ok()) << recorder.status();
  const int64_t first = (*recorder)->Now();
  EXPECT_GE(first, 0);
  EXPECT_GE((*recorder)->Now(), first);
}

TEST(FingerprintTest, DependsOnTheContentAlone) {
  v1::Dataset a, b;
  for (const char* language : {"en", "fr", "zh-Hans-HK"}) (*a.mutable_titles())[language] = "x";
  for (const char* language : {"zh-Hans-HK", "fr", "en"}) (*b.mutable_titles())[language] = "x";
  EXPECT_EQ(Fingerprint(a), Fingerprint(b));
  b.set_revision(1);
  EXPECT_NE(Fingerprint(a), Fingerprint(b));
  EXPECT_NE(Fingerprint(v1::Dataset()), 0);
}

}  // namespace
}  // namespace almanac::fault
