#include "client/export/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/page_testing.h"

namespace almanac::client {
namespace {

using almanac::testing::Page;
using ::testing::ElementsAre;

TEST(Escape, LeavesNothingThatAPageCouldTakeForItsOwn) {
  EXPECT_EQ(Escape("</script><b a='1' b=\"2\">&amp;"),
            "&lt;/script&gt;&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;amp;");
  EXPECT_EQ(Escape("社会福利署\tA\nB\r"), "社会福利署\tA\nB ");
}

TEST(Escape, ReplacesWhatNoPageMayHold) {
  EXPECT_EQ(Escape(std::string("a\0b", 3)), "a\uFFFDb");
  EXPECT_EQ(Escape("\x01\x1b[31m\x7f"), "\uFFFD\uFFFD[31m\uFFFD");
  EXPECT_EQ(Escape("\u0085\uFFFE\uFDD0\U0001FFFF"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(Escape("a\xff\xe4\xb8"), "a\uFFFD\uFFFD\uFFFD") << "bytes that are no UTF-8";
  EXPECT_EQ(Escape("\U0001F4C5"), "\U0001F4C5");
}

TEST(Escape, OfAnyByteIsWellFormed) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  EXPECT_EQ(Page("<p title=\"" + Escape(every) + "\">" + Escape(every) + "</p>").Count("/p[@title]"), 1U);
}

TEST(InLanguage, NamesTheLanguageAndKeepsTheDirection) {
  EXPECT_EQ(InLanguage("zh-Hans-HK", "名单 <1>"), "<span lang=\"zh-Hans-HK\" dir=\"auto\">名单 &lt;1&gt;</span>");
  EXPECT_EQ(InLanguage("", "x"), "<span dir=\"auto\">x</span>");
  EXPECT_EQ(InLanguage("a\"b", "x"), "<span lang=\"a&quot;b\" dir=\"auto\">x</span>");
}

TEST(DateHtml, TellsMachinesTheDatesThatHtmlKnows) {
  EXPECT_EQ(DateHtml("2022-06-30"), "<time datetime=\"2022-06-30\">30 June 2022</time>");
  EXPECT_EQ(DateHtml("2022-06"), "<time datetime=\"2022-06\">June 2022</time>");
  EXPECT_EQ(DateHtml("2022"), "<time datetime=\"2022\">2022</time>");
  EXPECT_EQ(DateHtml("2022-Q2"), "Q2 2022");
  EXPECT_EQ(DateHtml(""), "");
  EXPECT_EQ(DateHtml("<soon>"), "&lt;soon&gt;");
}

TEST(TableHtml, HasACaptionAndNamesItsColumnsAndRows) {
  const Page page(TableHtml("Two", {{"Name"}, {"Count", true}}, {{"a", "1"}, {"<b>b</b>", "2"}}));
  EXPECT_THAT(page.Texts("/table/caption"), ElementsAre("Two"));
  EXPECT_THAT(page.Texts("/table/thead/tr/th[@scope='col']"), ElementsAre("Name", "Count"));
  EXPECT_THAT(page.Texts("/table/tbody/tr/th[@scope='row']"), ElementsAre("a", "b"));
  EXPECT_THAT(page.Texts("/table/tbody/tr/td[@class='number'][@data-label='Count']"), ElementsAre("1", "2"));
}

}  // namespace
}  // namespace almanac::client
