#include "client/position_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "client/errors.h"

namespace almanac::client {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class PositionFileTest : public ::testing::Test {
 protected:
  PositionFileTest() { std::filesystem::create_directory(folder_); }
  ~PositionFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Text() const {
    std::ifstream in(file_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  const std::string folder_ =
      (std::filesystem::path(::testing::TempDir()) / absl::StrCat("position-", getpid())).string();
  const std::string file_ = folder_ + "/watch.pos";
};

TEST_F(PositionFileTest, KeepsTheTokenForTheNextOne) {
  for (const auto& [before, token] : {std::pair("", "first"), std::pair("first", "second")}) {
    const auto position = PositionFile::Open(file_);
    ASSERT_TRUE(position.ok()) << position.status();
    EXPECT_EQ((*position)->token(), before);
    EXPECT_TRUE((*position)->Keep("", absl::ZeroDuration()).ok());
    EXPECT_EQ((*position)->token(), before) << "a snapshot has no place";
    EXPECT_TRUE((*position)->Keep(token, absl::ZeroDuration()).ok());
    EXPECT_EQ((*position)->token(), token);
    EXPECT_EQ(Text(), absl::StrCat(token, "\n"));
  }
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) files.push_back(entry.path().filename());
  EXPECT_THAT(files, UnorderedElementsAre("watch.pos", "watch.pos.lock"));
}

TEST_F(PositionFileTest, IsWrittenAtFirstAndThenAsOftenAsAskedForAndAtTheEnd) {
  const auto position = PositionFile::Open(file_);
  ASSERT_TRUE(position.ok()) << position.status();
  EXPECT_TRUE((*position)->Keep("a", absl::Hours(1)).ok());
  EXPECT_EQ(Text(), "a\n") << "there was none";
  EXPECT_TRUE((*position)->Keep("b", absl::Hours(1)).ok());
  EXPECT_EQ(Text(), "a\n");
  EXPECT_TRUE((*position)->Keep("c", absl::Hours(1)).ok());
  EXPECT_TRUE((*position)->Flush().ok());
  EXPECT_EQ(Text(), "c\n");
}

TEST_F(PositionFileTest, IsForOneAtATime) {
  auto position = PositionFile::Open(file_);
  ASSERT_TRUE(position.ok()) << position.status();
  const absl::Status second = PositionFile::Open(file_).status();
  EXPECT_EQ(ExitCodeOf(second), kRefused);
  EXPECT_THAT(Explain(second), HasSubstr(file_ + " is in use by another almanac watch"));
  position->reset();
  EXPECT_TRUE(PositionFile::Open(file_).ok());
}

TEST_F(PositionFileTest, MayBeALink) {
  const std::string link = folder_ + "/link.pos";
  std::ofstream(file_) << "a\n";
  std::filesystem::create_symlink("watch.pos", link);
  const auto position = PositionFile::Open(link);
  ASSERT_TRUE(position.ok()) << position.status();
  EXPECT_EQ((*position)->token(), "a");
  EXPECT_EQ(ExitCodeOf(PositionFile::Open(file_).status()), kRefused) << "it is the same one";
  EXPECT_TRUE((*position)->Keep("b", absl::ZeroDuration()).ok());
  EXPECT_EQ(Text(), "b\n");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST_F(PositionFileTest, ThatCannotBeUsedIsNamedWithTheRemedy) {
  for (const std::string& text : {std::string(), std::string("\n"), std::string("two words"), std::string(5000, 'x')}) {
    std::ofstream(file_) << text;
    const absl::Status status = PositionFile::Open(file_).status();
    EXPECT_EQ(ExitCodeOf(status), kUsage);
    EXPECT_THAT(Explain(status), HasSubstr(file_ + " holds no position of a watch: name another file, or delete it"));
  }
  const absl::Status status = PositionFile::Open(folder_ + "/none/watch.pos").status();
  EXPECT_EQ(ExitCodeOf(status), kUsage);
  EXPECT_THAT(Explain(status), HasSubstr("/none/watch.pos.lock cannot be opened: No such file or directory"));
}

TEST_F(PositionFileTest, ThatCanNoLongerBeWrittenIsAnError) {
  const auto position = PositionFile::Open(file_);
  ASSERT_TRUE(position.ok()) << position.status();
  std::filesystem::remove_all(folder_);
  const absl::Status status = (*position)->Keep("a", absl::ZeroDuration());
  EXPECT_EQ(ExitCodeOf(status), kRefused);
  EXPECT_THAT(Explain(status), HasSubstr("the position could not be written to " + file_));
  EXPECT_EQ((*position)->token(), "");
}

}  // namespace
}  // namespace almanac::client
