#include "client/update_file.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>

#include <sstream>

#include "absl/strings/str_cat.h"
#include "client/errors.h"

namespace almanac::client {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<std::vector<UpdateRow>> Parse(const std::string& text) {
  std::istringstream in(text);
  return ParseUpdates(in, "updates.csv");
}

std::string ErrorOf(const std::string& text) {
  const auto rows = Parse(text);
  EXPECT_EQ(ExitCodeOf(rows.status()), kRefused) << text;
  return std::string(rows.status().message());
}

TEST(ParseUpdates, ReadsNamesAndTimesWithTheirLines) {
  // With a byte order mark, CRLF, quotes, a blank line, and no line break at the end.
  const auto rows = Parse(
      "\xEF\xBB\xBF\"name\",time\r\nswd/shelters,2022-07-01T09:00:00+08:00\r\n\r\n"
      "\"publishers/swd/datasets/visits\",\"2022-06-30T00:00:00.5Z\"");
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 2U);
  using google::protobuf::util::TimeUtil;
  EXPECT_EQ((*rows)[0].line, 2);
  EXPECT_EQ((*rows)[0].update.name(), "publishers/swd/datasets/shelters");
  EXPECT_EQ(TimeUtil::ToString((*rows)[0].update.data_time()), "2022-07-01T01:00:00Z");
  EXPECT_EQ((*rows)[1].line, 4);
  EXPECT_EQ((*rows)[1].update.name(), "publishers/swd/datasets/visits");
  EXPECT_EQ(TimeUtil::ToString((*rows)[1].update.data_time()), "2022-06-30T00:00:00.500Z");
}

TEST(ParseUpdates, AHeadingAloneIsNoRow) {
  const auto rows = Parse("name,time\n");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_TRUE(rows->empty());
}

TEST(ParseUpdates, TellsWhichLineIsWrongAndWhy) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("updates.csv is empty; it needs the heading name,time"));
  EXPECT_THAT(ErrorOf("swd/a,2022-07-01T09:00:00Z\n"), HasSubstr("updates.csv:1: the first line is not the heading"));
  EXPECT_THAT(ErrorOf("name;time\n"), HasSubstr("updates.csv:1: "));
  const auto error_of_row = [](const std::string& row) { return ErrorOf("name,time\n\n" + row + "\n"); };
  EXPECT_THAT(error_of_row("swd/a"), HasSubstr("updates.csv:3: has 1 fields and not two"));
  EXPECT_THAT(error_of_row("swd/a,2022-07-01T09:00:00Z,x"), HasSubstr("updates.csv:3: has 3 fields and not two"));
  EXPECT_THAT(error_of_row("swd,2022-07-01T09:00:00Z"), HasSubstr("updates.csv:3: name: "));
  EXPECT_THAT(error_of_row("swd/a,2022-07-01"), HasSubstr("updates.csv:3: time: \"2022-07-01\" is no time"));
  EXPECT_THAT(error_of_row("swd/a,"), HasSubstr("updates.csv:3: time: \"\" is no time"));
  EXPECT_THAT(error_of_row("\"swd/a,2022-07-01T09:00:00Z"), HasSubstr("updates.csv:3: a quote does not end"));
}

TEST(ParseUpdates, ALineHasAtMostTenThousandBytes) {
  const auto of_length = [](size_t bytes) { return "name,time\n" + std::string(bytes, 'x') + "\n"; };
  EXPECT_THAT(ErrorOf(of_length(10'000)), HasSubstr("updates.csv:2: has 1 fields"));
  EXPECT_THAT(ErrorOf(of_length(10'001)), HasSubstr("updates.csv:2: the line is longer than 10,000 bytes"));
}

TEST(ReadUpdateFile, SaysThatAFileCannotBeRead) {
  for (const char* path : {"/no/such/file", "/"}) {
    const auto rows = ReadUpdateFile(path);
    EXPECT_EQ(ExitCodeOf(rows.status()), kUsage) << path;
    EXPECT_THAT(std::string(rows.status().message()), HasSubstr(absl::StrCat(path, " cannot be read: ")));
  }
}

}  // namespace
}  // namespace almanac::client
