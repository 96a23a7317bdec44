#include "db/text_fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "db/han_variants.h"

namespace almanac::db {
namespace {

using ::testing::Each;

TEST(HanVariants, AreThere) { EXPECT_TRUE(LoadHanVariants().ok()) << LoadHanVariants(); }

TEST(HanVariants, HaveOneForm) {
  const std::vector<std::u32string> classes = {U"裏裡里", U"衞衛卫", U"着著",     U"台臺颱檯", U"綫線线",
                                               U"羣群",   U"牀床",   U"啓啟启",   U"説說说",   U"税稅",
                                               U"爲為为", U"戶户",   U"發髮发",   U"後后",     U"餘余馀",
                                               U"閲閱阅", U"衆眾众", U"滙匯彙汇", U"復複覆复", U"鐘鍾钟"};
  for (const std::u32string& variants : classes) {
    std::vector<char32_t> folded;
    for (const char32_t variant : variants) folded.push_back(FoldHan(variant));
    EXPECT_THAT(folded, Each(folded.front())) << static_cast<uint32_t>(variants.front());
  }
}

TEST(HanVariants, KeepsApartWhatIsNoVariant) {
  for (const std::u32string& pair :
       {std::u32string(U"划画"), std::u32string(U"连联"), std::u32string(U"沪滤"), std::u32string(U"己已")}) {
    EXPECT_NE(FoldHan(pair[0]), FoldHan(pair[1])) << static_cast<uint32_t>(pair[0]);
  }
}

TEST(HanVariants, WhatStandsForACharacterStandsForItself) {
  size_t changed = 0;
  for (char32_t character = 0; character <= 0x3FFFF; ++character) {
    const char32_t folded = FoldHan(character);
    ASSERT_EQ(FoldHan(folded), folded) << static_cast<uint32_t>(character);
    changed += folded != character;
  }
  EXPECT_GT(changed, 4000U) << "OpenCC knows more than that";
}

TEST(HanVariants, LeavesOtherCharacters) {
  for (const char32_t character : U"az09éあ가福利，") EXPECT_EQ(FoldHan(character), character);
}

TEST(HanVariants, AnyThreadMayAsk) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&wrong] {
      for (char32_t character = 0x4E00; character < 0x9FFF; ++character) {
        if (FoldHan(FoldHan(character)) != FoldHan(character)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Fold, IgnoresWidthCaseAndAccents) {
  EXPECT_EQ(Fold("ＣＳＶ，２０２２"), Fold("csv,2022"));
  EXPECT_EQ(Fold("Straße"), Fold("STRASSE"));
  EXPECT_EQ(Fold("Café"), "cafe");
  EXPECT_EQ(Fold("Cafe\u0301"), "cafe") << "a mark of its own";
  EXPECT_EQ(Fold("Việt"), "viet") << "two marks on a letter";
  EXPECT_EQ(Fold("ΆΣΣΟΣ"), Fold("άσσος"));
  EXPECT_EQ(Fold("Ёлка"), Fold("елка"));
}

TEST(Fold, LeavesMarksThatMakeAnotherLetter) {
  EXPECT_NE(Fold("が"), Fold("か"));
  EXPECT_EQ(Fold("か\u3099"), Fold("が"));
  EXPECT_EQ(Fold("ｶﾞｽ"), Fold("ガス"));
  EXPECT_EQ(Fold("\u1100\u1161"), Fold("가")) << "the parts of a syllable";
  EXPECT_NE(Fold("가"), Fold("\u1100"));
}

TEST(Fold, DropsWhatCannotBeSeen) {
  EXPECT_EQ(Fold("up\u00ADdate"), "update") << "a soft hyphen";
  EXPECT_EQ(Fold("\uFEFF福\u200B利"), "福利");
}

TEST(Fold, TakesEitherScript) {
  EXPECT_EQ(Fold("社會福利署開放數據計劃"), "社会福利署开放数据计划");
  EXPECT_EQ(Fold("⼾⼝"), Fold("戶口")) << "radicals that some PDFs have for characters";
}

TEST(Fold, TakesTextsThatAreNotUtf8) {
  EXPECT_EQ(Fold(""), "");
  EXPECT_EQ(Fold("a\xff"
                 "B"),
            "a\uFFFDb");
  EXPECT_EQ(Fold("\xE7\xA6"), "\uFFFD") << "the beginning of a character";
  for (int byte = 0x80; byte < 0x100; ++byte) {
    for (const std::string& text : {std::string(1, static_cast<char>(byte)), std::string(5, static_cast<char>(byte))}) {
      EXPECT_FALSE(Fold(text).empty());
      EXPECT_FALSE(Fold("é" + text + "福").empty());
    }
  }
}

TEST(FoldCharacters, KnowsWhereEachComesFrom) {
  for (const std::string text : {"Cafe\u0301 ﬁn 社會\u00AD福利 \xff ㈱ｶﾞｽ", "e\u0301\u0301\u0301x", "\u0301", "ﷺ"}) {
    size_t begin = 0;
    size_t end = 0;
    for (const FoldedCharacter& character : FoldCharacters(text)) {
      EXPECT_LT(character.begin, character.end);
      EXPECT_LE(character.end, text.size());
      EXPECT_GE(character.begin, begin);
      EXPECT_TRUE(character.begin >= end || character.begin == begin) << "ranges are the same or apart";
      begin = character.begin;
      end = character.end;
      std::string folded;
      AppendUtf8(character.code, folded);
      EXPECT_NE(Fold(text.substr(begin, end - begin)).find(folded), std::string::npos);
    }
  }
}

TEST(FoldCharacters, TakesAnyNumberOfMarks) {
  std::string marks = "a";
  for (int i = 0; i < 50'000; ++i) marks += i % 2 == 0 ? "\u0301" : "\u0323";
  const std::vector<FoldedCharacter> folded = FoldCharacters(marks);
  ASSERT_EQ(folded.size(), 1U);
  EXPECT_EQ(folded[0].code, U'a');
  EXPECT_EQ(folded[0].end, marks.size());
}

TEST(CountCharacters, CountsBadBytesToo) {
  EXPECT_EQ(CountCharacters(""), 0U);
  EXPECT_EQ(CountCharacters("福利é"), 3U);
  EXPECT_EQ(CountCharacters("\xff\xff"), 2U);
}

}  // namespace
}  // namespace almanac::db
