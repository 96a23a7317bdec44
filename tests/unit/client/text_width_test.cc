#include "client/text_width.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace almanac::client {
namespace {

using ::testing::ElementsAre;

TEST(DisplayWidth, CountsChineseCharactersTwice) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("csv"), 3);
  EXPECT_EQ(DisplayWidth("社会福利署"), 10);
  EXPECT_EQ(DisplayWidth("财经 / CSV格式"), 14);
  EXPECT_EQ(DisplayWidth("，（）"), 6) << "full-width punctuation is as wide as a character";
}

TEST(DisplayWidth, CountsCombiningMarksAsNothing) { EXPECT_EQ(DisplayWidth("e\u0301"), 1); }

TEST(DisplayWidth, CountsBytesThatAreNotUtf8AsOne) { EXPECT_EQ(DisplayWidth("a\xff\xfe"), 3); }

TEST(CutToWidth, LeavesWhatFits) {
  EXPECT_EQ(CutToWidth("名单", 4), "名单");
  EXPECT_EQ(CutToWidth("abc", 3), "abc");
}

TEST(CutToWidth, CutsBetweenCharacters) {
  EXPECT_EQ(CutToWidth("少数族裔", 7), "少数族…");
  EXPECT_EQ(CutToWidth("少数族裔", 6), "少数…") << "half a character is no character";
  EXPECT_EQ(CutToWidth("abcdef", 4), "abc…");
  EXPECT_EQ(CutToWidth("少数", 1), "…");
}

TEST(CutToWidth, NeverExceedsTheWidth) {
  for (int width = 1; width <= 12; ++width) EXPECT_LE(DisplayWidth(CutToWidth("a少b数c族d裔", width)), width);
}

TEST(WrapToWidth, BreaksAtSpacesElseBetweenCharacters) {
  EXPECT_THAT(WrapToWidth("", 10), ElementsAre(""));
  EXPECT_THAT(WrapToWidth("short", 10), ElementsAre("short"));
  EXPECT_THAT(WrapToWidth("the supplier needs more", 12), ElementsAre("the supplier", "needs more"));
  EXPECT_THAT(WrapToWidth("the supplier needs more", 10), ElementsAre("the", "supplier", "needs more"));
  EXPECT_THAT(WrapToWidth("服务单位名称地址", 7), ElementsAre("服务单", "位名称", "地址"));
  EXPECT_THAT(WrapToWidth("abcdefgh", 3), ElementsAre("abc", "def", "gh"));
}

TEST(OneLine, KeepsTheTerminalSafe) {
  EXPECT_EQ(OneLine("a\nb\tc"), "a b c");
  EXPECT_EQ(OneLine("x\x1b[31my"), "x\uFFFD[31my");
  EXPECT_EQ(OneLine("a\xff"
                    "b"),
            "a\uFFFD"
            "b");
  EXPECT_EQ(OneLine("名单"), "名单");
}

TEST(PadToWidth, PadsByDisplayWidth) {
  EXPECT_EQ(PadToWidth("名", 4), "名  ");
  EXPECT_EQ(PadToWidth("7", 3, true), "  7");
  EXPECT_EQ(PadToWidth("toolong", 3), "toolong");
}

}  // namespace
}  // namespace almanac::client
