#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include "client/output.h"

namespace almanac::client {
namespace {

// Standard output is the file of this descriptor while it lives.
class StandardOutput {
 public:
  explicit StandardOutput(int file) : before_(dup(STDOUT_FILENO)) {
    std::cout.flush();
    dup2(file, STDOUT_FILENO);
  }
  ~StandardOutput() {
    dup2(before_, STDOUT_FILENO);
    close(before_);
  }

 private:
  int before_;
};

class TerminalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("COLUMNS", "60", 1);
    ASSERT_EQ(pipe(pipe_), 0);
  }
  void TearDown() override {
    unsetenv("COLUMNS");
    for (const int file : pipe_) close(file);
  }

  // The width where standard output is a terminal that says it has so many columns.
  int WidthOnTerminal(unsigned short columns) {
    winsize size{};
    size.ws_col = columns;
    int controller = -1;
    int terminal = -1;
    EXPECT_EQ(openpty(&controller, &terminal, nullptr, nullptr, &size), 0);
    int width = -1;
    {
      const StandardOutput output(terminal);
      width = TerminalWidth(std::cout);
    }
    close(controller);
    close(terminal);
    return width;
  }

  int pipe_[2] = {-1, -1};
};

TEST_F(TerminalTest, WidthIsWhatTheTerminalSaysElseColumns) {
  EXPECT_EQ(WidthOnTerminal(80), 80);
  EXPECT_EQ(WidthOnTerminal(0), 60);
  setenv("COLUMNS", "wide", 1);
  EXPECT_EQ(WidthOnTerminal(0), 0);
}

TEST_F(TerminalTest, TextsStandOutOnlyWhereTheUserAndTheTerminalLetThem) {
  int controller = -1;
  int terminal = -1;
  ASSERT_EQ(openpty(&controller, &terminal, nullptr, nullptr, nullptr), 0);
  const char* before = getenv("TERM");
  const std::string term = before == nullptr ? "" : before;
  setenv("TERM", "xterm", 1);
  unsetenv("NO_COLOR");
  {
    const StandardOutput output(terminal);
    EXPECT_TRUE(IsTerminal(std::cout));
    EXPECT_TRUE(MayHighlight(std::cout));
    setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(MayHighlight(std::cout));
    setenv("NO_COLOR", "", 1);
    EXPECT_TRUE(MayHighlight(std::cout));
    setenv("TERM", "dumb", 1);
    EXPECT_FALSE(MayHighlight(std::cout));
    setenv("TERM", "xterm", 1);
  }
  {
    const StandardOutput output(pipe_[1]);
    EXPECT_FALSE(IsTerminal(std::cout));
    EXPECT_FALSE(MayHighlight(std::cout));
  }
  std::ostringstream text;
  EXPECT_FALSE(IsTerminal(text));
  unsetenv("NO_COLOR");
  before == nullptr ? unsetenv("TERM") : setenv("TERM", term.c_str(), 1);
  close(controller);
  close(terminal);
}

TEST_F(TerminalTest, WidthOfWhatIsNoTerminalIsUnlimited) {
  const StandardOutput output(pipe_[1]);
  EXPECT_EQ(TerminalWidth(std::cout), 0);
  std::ostringstream text;
  EXPECT_EQ(TerminalWidth(text), 0);
}

TEST_F(TerminalTest, ReaderHasGoneWhenItClosesThePipe) {
  const StandardOutput output(pipe_[1]);
  EXPECT_FALSE(ReaderHasGone(std::cout));
  close(pipe_[0]);
  EXPECT_TRUE(ReaderHasGone(std::cout));
  std::ostringstream text;
  EXPECT_FALSE(ReaderHasGone(text)) << "nothing else is read by anyone";
  pipe_[0] = dup(pipe_[1]);
}

}  // namespace
}  // namespace almanac::client
