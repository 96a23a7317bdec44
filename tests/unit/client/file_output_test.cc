#include "client/file_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "client/errors.h"

namespace almanac::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class WriteOutputTest : public ::testing::Test {
 protected:
  WriteOutputTest() { fs::create_directory(directory_); }
  ~WriteOutputTest() override { fs::remove_all(directory_); }

  static std::string TextOf(const fs::path& file) {
    std::ifstream in(file);
    return std::string((std::istreambuf_iterator<char>(in)), {});
  }

  size_t FileCount() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  const fs::path directory_ = fs::path(::testing::TempDir()) / ("output-" + std::to_string(getpid()));
  std::ostringstream out_;
  Interrupt interrupt_;
};

TEST_F(WriteOutputTest, WritesAFileAndNothingBesideIt) {
  const fs::path file = directory_ / "page.html";
  ASSERT_TRUE(WriteOutput(file, "one", out_, interrupt_).ok());
  EXPECT_EQ(TextOf(file), "one");
  ASSERT_TRUE(WriteOutput(file, "two", out_, interrupt_).ok());
  EXPECT_EQ(TextOf(file), "two");
  EXPECT_EQ(FileCount(), 1U);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(WriteOutputTest, LeavesNothingBehindWhenASignalEndsIt) {
  const fs::path file = directory_ / "page.html";
  const std::string long_text(64 << 20, 'x');
  const auto write = [&] {
    Interrupt interrupt;
    std::thread ends_it([this] {
      while (FileCount() == 0) std::this_thread::yield();
      kill(getpid(), SIGTERM);
    });
    (void)WriteOutput(file, long_text, out_, interrupt);
    ends_it.join();
    pause();
  };
  EXPECT_EXIT(write(), ::testing::ExitedWithCode(kInterruptedExitCode), "");
  // It may have been quicker than the signal.
  EXPECT_EQ(FileCount(), fs::exists(file) ? 1U : 0U);
}

TEST_F(WriteOutputTest, WritesToTheStreamForADash) {
  ASSERT_TRUE(WriteOutput("-", "one", out_, interrupt_).ok());
  EXPECT_EQ(out_.str(), "one");
}

TEST_F(WriteOutputTest, KeepsPermissionsAndGivesNewFilesTheUsualOnes) {
  const fs::path file = directory_ / "page.html";
  const mode_t mask = umask(027);
  ASSERT_TRUE(WriteOutput(file, "one", out_, interrupt_).ok());
  umask(mask);
  EXPECT_EQ(fs::status(file).permissions(), static_cast<fs::perms>(0640));
  fs::permissions(file, static_cast<fs::perms>(0604));
  ASSERT_TRUE(WriteOutput(file, "two", out_, interrupt_).ok());
  EXPECT_EQ(fs::status(file).permissions(), static_cast<fs::perms>(0604));
}

TEST_F(WriteOutputTest, FollowsALink) {
  const fs::path file = directory_ / "page.html";
  const fs::path link = directory_ / "latest.html";
  ASSERT_TRUE(WriteOutput(file, "one", out_, interrupt_).ok());
  fs::create_symlink("page.html", link);
  ASSERT_TRUE(WriteOutput(link, "two", out_, interrupt_).ok());
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(TextOf(file), "two");
}

TEST_F(WriteOutputTest, WritesIntoADeviceWithoutReplacingIt) {
  ASSERT_TRUE(WriteOutput("/dev/null", "one", out_, interrupt_).ok());
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(WriteOutputTest, NamesTheFileThatCannotBeWritten) {
  for (const fs::path& file : {directory_ / "no" / "page.html", directory_, fs::path("/dev/full")}) {
    const absl::Status status = WriteOutput(file, "one", out_, interrupt_);
    EXPECT_EQ(ExitCodeOf(status), kUsage) << file;
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(file), HasSubstr("cannot be written: "))) << file;
  }
  EXPECT_EQ(FileCount(), 0U);
}

}  // namespace
}  // namespace almanac::client
