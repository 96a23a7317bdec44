#include "client/interrupt.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace almanac::client {
namespace {

TEST(Interrupt, CallsTheScopeInsteadOfEndingTheProcess) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Interrupt interrupt;
    absl::Notification told;
    const Interrupt::Scope scope(interrupt, [&told] { told.Notify(); });
    kill(getpid(), signal);
    EXPECT_TRUE(told.WaitForNotificationWithTimeout(absl::Seconds(30))) << signal;
  }
}

TEST(InterruptDeathTest, EndsTheProcessAtTheSecondSignalOrWithoutAScope) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        Interrupt interrupt;
        absl::Notification told;
        const Interrupt::Scope scope(interrupt, [&told] { told.Notify(); });
        kill(getpid(), SIGINT);
        told.WaitForNotification();
        kill(getpid(), SIGINT);
        pause();
      },
      testing::ExitedWithCode(kInterruptedExitCode), "");
  EXPECT_EXIT(
      {
        Interrupt interrupt;
        absl::Notification told;
        const auto before_end = [] { static_cast<void>(write(STDERR_FILENO, "the last word", 13)); };
        const Interrupt::Scope scope(
            interrupt, [&told] { told.Notify(); }, before_end);
        kill(getpid(), SIGTERM);
        told.WaitForNotification();
        kill(getpid(), SIGTERM);
        pause();
      },
      testing::ExitedWithCode(kInterruptedExitCode), "the last word");
  EXPECT_EXIT(
      {
        Interrupt interrupt;
        kill(getpid(), SIGINT);
        pause();
      },
      testing::ExitedWithCode(kInterruptedExitCode), "");
}

}  // namespace
}  // namespace almanac::client
