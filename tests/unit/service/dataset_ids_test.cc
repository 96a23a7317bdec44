#include "service/dataset_ids.h"

#include <cctype>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/titles.h"

namespace almanac::service {
namespace {

using ::testing::MatchesRegex;

// The cells with category and title of every row of the sample plan.
std::vector<std::string> SampleTitles() {
  std::ifstream file(ALMANAC_TEST_DATA "/swd-2022-2024.zh-Hans.txt");
  std::vector<std::string> titles;
  for (std::string line; std::getline(file, line);) {
    const std::size_t begin = line.find('\t');
    if (begin == std::string::npos || line.front() == '#') continue;
    titles.push_back(line.substr(begin + 1, line.find('\t', begin + 1) - begin - 1));
  }
  return titles;
}

TEST(TitleKey, KnowsNoSpaces) {
  EXPECT_EQ(TitleKey("早期教育及训练中心 康复服务"), "早期教育及训练中心康复服务");
  EXPECT_EQ(TitleKey(" 甲\t乙\n\u3000丙\u00A0丁\u2009 "), "甲乙丙丁");
  EXPECT_EQ(TitleKey(""), "");
  EXPECT_EQ(TitleKey(" \u3000"), "");
}

TEST(TitleKey, KnowsNeitherWidthNorCase) {
  EXPECT_EQ(TitleKey("\uFF23\uFF33\uFF36\uFF08\uFF11\uFF09"), "csv(1)");
  EXPECT_EQ(TitleKey("Straße"), "strasse");
  EXPECT_EQ(TitleKey("e\u0301"), "\u00E9");
  EXPECT_EQ(TitleKey("e \u0301"), "\u00E9");
}

TEST(TitleKey, TellsTitlesApart) {
  EXPECT_NE(TitleKey("康复服务中心"), TitleKey("康复服务中央"));
  EXPECT_NE(TitleKey("男/女童院"), TitleKey("男女童院"));
}

TEST(TitleKey, OfAKeyIsItself) {
  std::vector<std::string> titles = SampleTitles();
  titles.insert(titles.end(),
                {"\u00A8a", "a\u00A8", "a \u00A8\u00B4", "\u1E9E \u0345", "\uFDFA", "ﬁ Å", "\u03D3 \u0301"});
  for (const std::string& title : titles) EXPECT_EQ(TitleKey(TitleKey(title)), TitleKey(title)) << title;
}

TEST(DatasetId, IsTheTitleInLatinLetters) {
  EXPECT_EQ(MakeDatasetId("少数族裔外展队名单"), "shao-shu-zu-yi-wai-zhan-dui-ming-dan");
  EXPECT_EQ(MakeDatasetId("总目170 - 社会福利署的开支数据"), "zong-mu-170-she-hui-fu-li-shu-de-kai-zhi-shu-ju");
  EXPECT_EQ(MakeDatasetId("妇女庇护中心名单"), "fu-nu-bi-hu-zhong-xin-ming-dan");
  EXPECT_EQ(MakeDatasetId("List of Women\u2019s Centres (CSV)"), "list-of-womens-centres-csv");
  EXPECT_EQ(MakeDatasetId("Größe, Übersicht"), "grosse-ubersicht");
  EXPECT_EQ(MakeDatasetId("Москва"), "moskva");
  EXPECT_EQ(MakeDatasetId("\uFF23\uFF33\uFF36数据"), "csv-shu-ju");
}

TEST(DatasetId, IsCutAfterAWordAndMarkedWhenItWouldBeTooLong) {
  // The digits are those of `printf %s KEY | sha256sum`.
  EXPECT_EQ(MakeDatasetId(std::string(63, 'a')), std::string(63, 'a'));
  EXPECT_EQ(MakeDatasetId(std::string(64, 'a')), std::string(48, 'a') + "-ffe054fe");
  EXPECT_EQ(MakeDatasetId("特殊幼儿中心 康复服务中央转介系统 - 弱能儿童学前服务子系统获选配服务个案的轮候资料"),
            "te-shu-you-er-zhong-xin-kang-fu-fu-wu-zhong-yang-1a827d16");
  // 48 characters and then a hyphen: the word before it is whole.
  EXPECT_EQ(MakeDatasetId(std::string(40, 'a') + " bbbbbbb ccccccccccccccc"),
            std::string(40, 'a') + "-bbbbbbb-a7e95cbe");
}

TEST(DatasetId, OfATitleWithoutLettersIsAHash) {
  EXPECT_EQ(MakeDatasetId("!!!"), "dataset-e84c538e");
  EXPECT_EQ(MakeDatasetId(""), "dataset-e3b0c442");
  EXPECT_NE(MakeDatasetId("!!!"), MakeDatasetId("!!"));
}

TEST(DatasetId, CanAlwaysCarryTheHash) {
  EXPECT_EQ(MakeDistinctDatasetId("a"), "a-ca978112");
  EXPECT_EQ(MakeDistinctDatasetId(std::string(64, 'a')), MakeDatasetId(std::string(64, 'a')));
  EXPECT_NE(MakeDistinctDatasetId("名单甲及"), MakeDistinctDatasetId("名单甲级"));
}

TEST(PublisherId, IsMadeOfItsTitleInTheSameWay) {
  EXPECT_EQ(MakePublisherId("社会福利署"), "she-hui-fu-li-shu");
  EXPECT_EQ(MakePublisherId("Social Welfare Department"), "social-welfare-department");
  EXPECT_EQ(MakePublisherId("!!!"), "publisher-e84c538e");
  EXPECT_EQ(MakeDistinctPublisherId("a"), "a-ca978112");
}

TEST(DatasetId, IsWellFormedAndDistinctForEveryTitleOfThePlan) {
  std::set<std::string> ids;
  const std::vector<std::string> titles = SampleTitles();
  ASSERT_EQ(titles.size(), 89u);
  for (const std::string& title : titles) {
    const std::string id = MakeDatasetId(title);
    EXPECT_LE(id.size(), kMaxDatasetIdLength);
    EXPECT_THAT(id, MatchesRegex("[a-z0-9]+(-[a-z0-9]+)*")) << title;
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), titles.size());
}

TEST(DatasetId, DoesNotDependOnSpacesInChinese) {
  for (const std::string& title : SampleTitles()) {
    const std::string id = MakeDatasetId(title);
    for (std::size_t i = 0; i <= title.size(); ++i) {
      const bool within_character = i < title.size() && (static_cast<unsigned char>(title[i]) & 0xC0) == 0x80;
      const bool within_digits = i > 0 && i < title.size() && std::isdigit(static_cast<unsigned char>(title[i])) &&
                                 std::isdigit(static_cast<unsigned char>(title[i - 1]));
      if (within_character || within_digits) continue;
      EXPECT_EQ(MakeDatasetId(title.substr(0, i) + " " + title.substr(i)), id) << title;
    }
  }
}

TEST(DatasetId, SurvivesWhatIsNoText) {
  for (const std::string& title : {std::string("\xFF\xFE"), std::string("a\0b", 3), std::string(100'000, '\xE9')}) {
    EXPECT_THAT(MakeDatasetId(title), MatchesRegex("[a-z0-9]+(-[a-z0-9]+)*"));
    EXPECT_LE(MakeDatasetId(title).size(), kMaxDatasetIdLength);
  }
}

// To put marks in order takes quadratic time, which a title of nothing else could take from all writers.
TEST(DatasetId, KeepsThirtyMarksInARow) {
  std::string marks = "a", spaced = "a", thirty, fewer;
  for (int i = 0; i < 490; ++i) {
    if (i == 14) fewer = marks;
    if (i == 15) thirty = marks;
    marks += "\u05b1\u05b0";
    spaced += "\u05b1\u05b0 ";
  }
  EXPECT_THAT(MakeDatasetId(marks), MatchesRegex("[a-z0-9]+(-[a-z0-9]+)*"));
  const std::string key = TitleKey(marks);
  EXPECT_EQ(TitleKey(key), key);
  EXPECT_EQ(TitleKey(spaced), key);
  EXPECT_EQ(TitleKey(thirty), key);
  EXPECT_NE(TitleKey(fewer), key);
}

TEST(DatasetId, IsTheSameOnEveryThread) {
  const std::vector<std::string> titles = SampleTitles();
  std::vector<std::string> expected;
  for (const std::string& title : titles) expected.push_back(MakeDatasetId(title));
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (std::vector<std::string>& ids : made) {
    threads.emplace_back([&ids, &titles] {
      for (const std::string& title : titles) ids.push_back(MakeDatasetId(title));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<std::string>& ids : made) EXPECT_EQ(ids, expected);
}

}  // namespace
}  // namespace almanac::service
