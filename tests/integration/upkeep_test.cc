#include "service/upkeep.h"

#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <latch>
#include <memory>
#include <sstream>

#include "tests/integration/harness.h"

namespace almanac::testing {
namespace {

using service::Upkeep;

constexpr absl::Duration kInterval = absl::Milliseconds(5);

// What the program logs while this lives, a line each.
class Log {
 public:
  Log() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", std::move(sink_))); }
  ~Log() { spdlog::set_default_logger(former_); }

  // How often `words` were logged. No thread may log meanwhile.
  int Count(const std::string& words) const {
    const std::string text = text_.str();
    int count = 0;
    for (size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
    return count;
  }

 private:
  const std::shared_ptr<spdlog::logger> former_ = spdlog::default_logger();
  std::ostringstream text_;
  std::shared_ptr<spdlog::sinks::sink> sink_ = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
};

TEST(UpkeepTest, WhatFailsAgainAndAgainIsSaidOnce) {
  const Log log;
  std::atomic<int> ticks = 0;
  Upkeep upkeep({.name = "chore", .interval = kInterval, .jitter = 0.25}, [&]() -> absl::Status {
    const int tick = ++ticks;
    return tick == 10 ? absl::OkStatus() : absl::UnavailableError("the database is away");
  });
  EXPECT_TRUE(Eventually([&] { return ticks >= 20; }));
  upkeep.Stop();
  EXPECT_EQ(log.Count("chore: the database is away"), 2) << "before and after it went well";
}

TEST(UpkeepTest, StoppingWaitsForNoAnswer) {
  std::function<void(absl::StatusOr<int>)> answer;
  std::atomic<bool> asked = false;
  absl::StatusOr<int> got = 0;
  {
    std::unique_ptr<Upkeep> upkeep;
    std::latch made(1);
    upkeep = std::make_unique<Upkeep>(Upkeep::Options{.name = "chore", .interval = kInterval}, [&]() -> absl::Status {
      made.wait();
      got = upkeep->Ask<int>([&](auto done) {
        answer = std::move(done);
        asked = true;
      });
      return got.status();
    });
    made.count_down();
    EXPECT_TRUE(Eventually([&] { return asked.load(); }));
    upkeep->Stop();
  }
  EXPECT_EQ(got.status().code(), absl::StatusCode::kCancelled);
  answer(7);  // when nobody is there any more
}

TEST(UpkeepTest, AnswersComeInTheirTypes) {
  std::atomic<int> sum = 0;
  std::unique_ptr<Upkeep> upkeep;
  std::latch made(1);
  upkeep = std::make_unique<Upkeep>(Upkeep::Options{.name = "chore", .interval = kInterval}, [&]() -> absl::Status {
    made.wait();
    const absl::StatusOr<int> number = upkeep->Ask<int>([](auto done) { done(20); });
    const absl::StatusOr<std::string> text =
        upkeep->Ask<std::string>([](auto done) { done(absl::NotFoundError("none")); });
    sum += number.value_or(0) + (absl::IsNotFound(text.status()) ? 1 : 0);
    return absl::OkStatus();
  });
  made.count_down();
  EXPECT_TRUE(Eventually([&] { return sum >= 42; }));
  upkeep->Stop();
  EXPECT_EQ(sum % 21, 0);
}

}  // namespace
}  // namespace almanac::testing
