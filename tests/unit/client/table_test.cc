#include "client/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/text_width.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Table, AlignsChineseByDisplayWidth) {
  std::ostringstream out;
  Table table({{"NAME"}, {"TITLE"}, {"NO", false, true}}, 0);
  table.Print({{"a", "社会福利署", "1"}, {"bcdef", "SWD", "12"}}, out);
  EXPECT_THAT(Lines(out.str()), ElementsAre("NAME   TITLE       NO",  //
                                            "a      社会福利署   1",  //
                                            "bcdef  SWD         12"));
}

TEST(Table, LeavesNoSpaceAtTheEndOfALine) {
  std::ostringstream out;
  Table table({{"A"}, {"B"}}, 0);
  table.Print({{"x", ""}, {"y", "long"}}, out);
  EXPECT_THAT(Lines(out.str()), ElementsAre("A  B", "x", "y  long"));
}

TEST(Table, FitsTheTerminal) {
  std::ostringstream out;
  Table table({{"NAME"}, {"TITLE", true}, {"STATE"}}, 40);
  table.Print({{"swd/2022-2024/a-1", "早期教育及训练中心康复服务中央转介系统", "planned"}}, out);
  const std::vector<std::string> lines = Lines(out.str());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_LE(DisplayWidth(lines[1]), 40);
  EXPECT_THAT(lines[1], ::testing::StartsWith("swd/2022-2024/a-1  早期教育")) << "names are cut last";
  EXPECT_THAT(lines[1], ::testing::HasSubstr("…"));
  EXPECT_THAT(lines[1], ::testing::EndsWith("planned"));
}

TEST(Table, CutsNothingWithoutATerminal) {
  std::ostringstream out;
  const std::string title(500, 'x');
  Table table({{"TITLE", true}}, 0);
  table.Print({{title}}, out);
  EXPECT_THAT(out.str(), ::testing::HasSubstr(title));
}

TEST(Table, PrintsTheHeaderOnceAndGrowsFromPageToPage) {
  std::ostringstream out;
  Table table({{"A"}, {"B"}}, 0);
  table.Print({{"x", "1"}}, out);
  table.Print({{"xyz", "2"}}, out);
  table.Print({{"x", "3"}}, out);
  EXPECT_THAT(Lines(out.str()), ElementsAre("A  B", "x  1", "xyz  2", "x    3"));
}

TEST(Table, NeutralisesControlCharacters) {
  std::ostringstream out;
  Table table({{"A"}}, 0);
  table.Print({{"one\ntwo\x1b"}}, out);
  EXPECT_THAT(Lines(out.str()), ElementsAre("A", "one two\uFFFD"));
}

TEST(FitWidths, ShrinksFlexibleColumnsFirstThenAll) {
  const std::vector<TableColumn> columns = {{"A"}, {"B", true}};
  EXPECT_THAT(FitWidths({20, 50}, columns, 60), ElementsAre(20, 38));
  EXPECT_THAT(FitWidths({20, 50}, columns, 30), ElementsAre(20, 8)) << "the first column is cut last";
  EXPECT_THAT(FitWidths({20, 50}, columns, 20), ElementsAre(12, 6));
  EXPECT_THAT(FitWidths({20, 50}, columns, 0), ElementsAre(20, 50));
  EXPECT_THAT(FitWidths({20, 50}, columns, 3), ElementsAre(6, 6)) << "never to nothing";
  EXPECT_THAT(FitWidths({3, 5}, columns, 80), ElementsAre(3, 5)) << "never wider than needed";
}

}  // namespace
}  // namespace almanac::client
