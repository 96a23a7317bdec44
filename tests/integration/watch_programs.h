#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/integration/change_writer.h"
#include "tests/integration/harness.h"
#include "tests/integration/processes.h"

namespace almanac::testing {

inline std::vector<std::string> Lines(const std::string& text) { return absl::StrSplit(text, '\n', absl::SkipEmpty()); }

// A server of its own, without any publishers, and a folder.
class WatchProgramTest : public ::testing::Test {
 protected:
  WatchProgramTest() { std::filesystem::create_directory(folder_); }
  ~WatchProgramTest() override { std::filesystem::remove_all(folder_); }

  std::string Watch(const std::string& flags) const {
    return absl::StrCat(ALMANAC_BINARY_DIR "/client/almanac watch ", flags, " --server ", server_.address());
  }
  // A watch that keeps its place in the folder and runs `script` there for each change.
  std::string WatchAndRun(const std::string& script, const std::string& flags = "--since 0") const {
    return Watch(absl::StrCat(flags, " --position ", In("watch.pos"), " --exec 'cd ", folder_, " && ", script, "'"));
  }
  std::string In(const std::string& file) const { return absl::StrCat(folder_, "/", file); }
  void Make(const std::string& file) const { std::ofstream(In(file)) << "x\n"; }
  // Waits until `file` in the folder has `count` lines.
  ::testing::AssertionResult HasLines(const std::string& file, size_t count) const {
    const bool has = Eventually([&] { return Lines(TextOf(In(file))).size() >= count; }, absl::Seconds(120));
    return has ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << TextOf(In(file));
  }
  void Write(int number) const { WritePublisher(server_.address(), number); }
  // Takes all changes up to and with `revision` out of the log.
  void Compact(int revision) const {
    database_.Sql(absl::StrCat("with gone as (delete from changes where revision <= ", revision,
                               ") update head set compacted_revision = ", revision));
  }

  const std::string folder_ = (std::filesystem::path(::testing::TempDir()) / absl::StrCat("watch-", getpid())).string();
  TestDatabase database_;
  ServerProcess server_{database_.url()};
};

}  // namespace almanac::testing
