#include "client/watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/errors.h"

namespace almanac::client {
namespace {

TEST(Watcher, ThatWasStoppedBeforeItHeardAnythingSaysSo) {
  std::ostringstream out;
  std::ostringstream notes;
  Interrupt interrupt;
  Connection connection({"127.0.0.1:1", "tester", absl::Milliseconds(100)}, notes);
  const Printer printer(out, Format::kTable, Language(), 0);
  Session session{connection, printer, notes, interrupt};
  Watcher watcher({}, session);
  watcher.Stop();
  const absl::Status status = watcher.Follow();
  EXPECT_EQ(ExitCodeOf(status), kInterrupted);
  EXPECT_EQ(Explain(status), "stopped before there was anything to go on from");
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace almanac::client
