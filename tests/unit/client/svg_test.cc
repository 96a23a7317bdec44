#include "client/export/svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/page_testing.h"

namespace almanac::client {
namespace {

using almanac::testing::Page;
using ::testing::ElementsAre;

std::vector<std::string> LabelsOf(int top) {
  std::vector<std::string> labels;
  for (const ChartTick& tick : CountTicks(top)) labels.push_back(tick.label);
  return labels;
}

TEST(BarSvg, GivesEachPartItsShare) {
  const Page page(BarSvg("3 <kept>", {{"kept", "Kept", 3}, {"late", "Late", 0}, {"overdue", "Overdue", 1}}));
  EXPECT_THAT(page.Texts("/svg[@role='img']/title"), ElementsAre("3 <kept>"));
  EXPECT_THAT(page.Texts("//rect/@class"), ElementsAre("kept", "overdue"));
  EXPECT_THAT(page.Texts("//rect/@x"), ElementsAre("0", "75"));
  EXPECT_THAT(page.Texts("//rect/@width"), ElementsAre("75", "25"));
}

TEST(BarSvg, IsNothingWhereThereIsNothing) { EXPECT_EQ(BarSvg("none", {{"kept", "Kept", 0}}), ""); }

TEST(CountTicks, AreWholeAndFew) {
  EXPECT_THAT(LabelsOf(1), ElementsAre("0", "1"));
  EXPECT_THAT(LabelsOf(5), ElementsAre("0", "1", "2", "3", "4", "5"));
  EXPECT_THAT(LabelsOf(6), ElementsAre("0", "2", "4", "6"));
  EXPECT_THAT(LabelsOf(12), ElementsAre("0", "5", "10"));
  EXPECT_THAT(LabelsOf(88), ElementsAre("0", "20", "40", "60", "80"));
  EXPECT_THAT(LabelsOf(10000), ElementsAre("0", "2000", "4000", "6000", "8000", "10000"));
  EXPECT_DOUBLE_EQ(CountTicks(12)[1].at, 5.0 / 12);
}

// The chart is 1000 wide and 400 high; its zero is at the bottom.
TEST(AreasSvg, StacksItsParts) {
  const std::vector<ChartPoint> points = {{0, {{"kept", "Kept", 0}, {"open", "Open", 4}}},
                                          {0.5, {{"kept", "Kept", 1}, {"open", "Open", 3}}},
                                          {1, {{"kept", "Kept", 2}, {"open", "Open", 2}}}};
  const Page page(AreasSvg("Title", "More", points, 4, {{0.25, "2023"}}, CountTicks(4)));
  EXPECT_THAT(page.Texts("/svg/title | /svg/desc"), ElementsAre("Title", "More"));
  EXPECT_THAT(page.Texts("//polygon[@class='kept']/@points"),
              ElementsAre("0.0,400.0 500.0,300.0 1000.0,200.0 1000.0,400.0 500.0,400.0 0.0,400.0"));
  EXPECT_THAT(page.Texts("//polygon[@class='open']/@points"),
              ElementsAre("0.0,0.0 500.0,0.0 1000.0,0.0 1000.0,200.0 500.0,300.0 0.0,400.0"));
  EXPECT_THAT(page.Texts("//line[@x1='250.0']/@x2"), ElementsAre("250.0"));
  EXPECT_EQ(page.Count("//line[@x1='0.0'][@x2='1000.0']"), 5U);
}

}  // namespace
}  // namespace almanac::client
