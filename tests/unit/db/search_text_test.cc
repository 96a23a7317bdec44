#include "db/search_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "db/errors.h"
#include "db/text_fold.h"
#include "google/rpc/error_details.pb.h"
#include "tests/unit/db/search_testing.h"

namespace almanac::db {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<std::string> TextsOf(const std::vector<Term>& terms) {
  std::vector<std::string> texts;
  for (const Term& term : terms) texts.push_back(term.text);
  return texts;
}

std::string SamplePlan(const std::string& language) {
  std::ifstream file(ALMANAC_TEST_DATA "/swd-2022-2024." + language + ".txt", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string Repeat(std::string_view text, size_t times) {
  std::string repeated;
  for (size_t i = 0; i < times; ++i) repeated += text;
  return repeated;
}

TEST(Terms, OfNothingAreNone) {
  EXPECT_THAT(Terms(""), IsEmpty());
  EXPECT_THAT(Terms(" \n\t\u3000"), IsEmpty());
  EXPECT_THAT(Terms("，。（）-/'\\🙂"), IsEmpty());
  EXPECT_THAT(Terms("\xff\xfe\x80"), IsEmpty());
  EXPECT_THAT(Terms("\u0301"), IsEmpty());
}

TEST(Terms, AreWordsAndDifferentStems) {
  const std::vector<Term> terms = Terms("List Updates");
  EXPECT_THAT(TextsOf(terms), ElementsAre("list", "updates", "updat"));
  EXPECT_EQ(terms[0].position, 0);
  EXPECT_EQ(terms[1].position, 1);
  EXPECT_EQ(terms[2].position, terms[1].position);
}

TEST(Terms, OfIdentifiersFollowOneAnother) {
  EXPECT_THAT(TextsOf(Terms("swd-2022")), ElementsAre("swd", "2022"));
  EXPECT_EQ(Terms("swd-2022")[1].position, 1);
  EXPECT_THAT(TextsOf(Terms("COVID-19")), ElementsAre("covid", "19"));
  EXPECT_THAT(TextsOf(Terms("a-1 b2_c3.csv")), ElementsAre("a", "1", "b2", "c3", "csv"));
}

TEST(Terms, LeavesOutPossessives) {
  EXPECT_THAT(TextsOf(Terms("swd's")), ElementsAre("swd"));
  EXPECT_THAT(TextsOf(Terms("SWD’S")), ElementsAre("swd"));
  EXPECT_THAT(TextsOf(Terms("s 's")), ElementsAre("s", "s")) << "no word is before it";
}

TEST(Terms, OfIdeographsAreEachAndEachTwo) {
  const std::vector<Term> terms = Terms("福利署");
  EXPECT_THAT(TextsOf(terms), ElementsAre("福", "福利", "利", "利署", "署"));
  EXPECT_EQ(terms[0].position, terms[1].position);
  EXPECT_EQ(terms[2].position, 1);
  EXPECT_EQ(terms[4].position, 2);
  EXPECT_THAT(TextsOf(Terms("福")), ElementsAre("福"));
}

TEST(Terms, WhiteSpaceDoesNotPartIdeographs) {
  EXPECT_EQ(TextsOf(Terms("福 利\n 署")), TextsOf(Terms("福利署")));
  EXPECT_EQ(TextsOf(Terms("福\u3000利署")), TextsOf(Terms("福利署")));
}

TEST(Terms, PunctuationAndWordsPartIdeographs) {
  for (const std::string_view between : {"，", " / ", "-", "a", " 1 ", "\xff", "・"}) {
    EXPECT_THAT(TextsOf(Terms("福" + std::string(between) + "利")), Not(Contains("福利"))) << between;
  }
}

TEST(Terms, TakesKanaAndHangulAsIdeographs) {
  EXPECT_THAT(TextsOf(Terms("データ")), Contains("ータ"));
  EXPECT_THAT(TextsOf(Terms("복지")), ElementsAre("복", "복지", "지"));
}

TEST(Terms, OfMixedTextsAreInOrder) {
  const std::vector<Term> terms = Terms("總目170的CSV格式");
  EXPECT_THAT(TextsOf(terms), ElementsAre("总", "总目", "目", "170", "的", "csv", "格", "格式", "式"));
  EXPECT_EQ(terms.back().position, 6);
}

TEST(Terms, KnowTheirBytes) {
  const std::string text = "「社會\n福利」 Ｕpdates\u0301, cafe\u0301s ﬁre \xff ｶﾞｽ 乾隆";
  for (const Term& term : Terms(text)) {
    ASSERT_LT(term.begin, term.end);
    ASSERT_LE(term.end, text.size());
    const std::vector<std::string> again = TextsOf(Terms(text.substr(term.begin, term.end - term.begin)));
    EXPECT_THAT(again, Contains(term.text)) << term.begin;
  }
}

TEST(Terms, CutsLongWordsBetweenCharacters) {
  for (const std::string letter : {"x", "д", "ก"}) {
    const std::string word = Repeat(letter, kMaxLexemeBytes);
    const std::vector<Term> terms = Terms(word);
    ASSERT_THAT(terms, SizeIs(1));
    EXPECT_LE(terms[0].text.size(), kMaxLexemeBytes);
    EXPECT_GT(terms[0].text.size(), kMaxLexemeBytes - letter.size());
    EXPECT_EQ(terms[0].text.size() % letter.size(), 0U);
    EXPECT_EQ(terms[0].end, word.size());
  }
}

TEST(Terms, OfALongTextAreAll) {
  EXPECT_THAT(Terms(Repeat("福", 10'000)), SizeIs(2 * 10'000 - 1));
  EXPECT_THAT(Terms(Repeat("list ", 10'000)), SizeIs(10'000));
  EXPECT_THAT(Terms(Repeat("\xff", 10'000)), IsEmpty());
  EXPECT_THAT(Terms(Repeat("ﷺ", 10'000)), Not(IsEmpty())) << "each of which is 18 characters";
}

TEST(TermsWith, AreThoseThatBeginSo) {
  const std::string text =
      "「社會\n福利」 Updates\u0301, the 福利署 updated ﬁres and 利 cafe\u0301s \xff ｶﾞｽ 乾隆 department's";
  const std::vector<Term> all = Terms(text);
  size_t found = 0;
  for (const std::vector<char32_t>& beginnings :
       std::vector<std::vector<char32_t>>{{}, {U'u'}, {U'利'}, {U'福', U'c'}, {U'f', U'd', U'干'}, {U'z'}}) {
    std::vector<Term> wanted;
    for (const Term& term : all) {
      const char32_t first = FoldCharacters(term.text).front().code;
      if (std::find(beginnings.begin(), beginnings.end(), first) != beginnings.end()) wanted.push_back(term);
    }
    const std::vector<Term> terms = TermsWith(beginnings, text);
    ASSERT_EQ(terms.size(), wanted.size());
    found += terms.size();
    for (size_t i = 0; i < terms.size(); ++i) {
      EXPECT_EQ(terms[i].text, wanted[i].text);
      EXPECT_EQ(terms[i].position, wanted[i].position);
      EXPECT_EQ(terms[i].begin, wanted[i].begin);
      EXPECT_EQ(terms[i].end, wanted[i].end);
    }
  }
  EXPECT_GT(found, 10U);
}

TEST(QueryTerms, AreWordsWithTheirStems) {
  const std::vector<QueryTerm> terms = QueryOrFail("List updates");
  ASSERT_THAT(terms, SizeIs(2));
  ASSERT_THAT(terms[0].phrase, SizeIs(1));
  EXPECT_EQ(terms[0].phrase[0].text, "list");
  EXPECT_THAT(terms[0].phrase[0].others, IsEmpty());
  ASSERT_THAT(terms[1].phrase, SizeIs(1));
  EXPECT_EQ(terms[1].phrase[0].text, "updates");
  EXPECT_THAT(terms[1].phrase[0].others, ElementsAre("updat"));
}

TEST(QueryTerms, OnlyTheWordThatEndsTheQueryMayBeAPrefix) {
  EXPECT_TRUE(QueryOrFail("fir").back().prefix);
  EXPECT_TRUE(QueryOrFail("消防 fir").back().prefix);
  EXPECT_FALSE(QueryOrFail("fir sta").front().prefix);
  for (const std::string_view query : {"fir ", "fir,", "fir 消防", "fir消", "消防"}) {
    for (const QueryTerm& term : QueryOrFail(query)) EXPECT_FALSE(term.prefix) << query;
  }
}

TEST(QueryTerms, OfIdeographsAreThePhraseOfEachTwo) {
  std::vector<QueryTerm> terms = QueryOrFail("維修信息");
  ASSERT_THAT(terms, SizeIs(1));
  EXPECT_THAT(terms[0].phrase,
              ElementsAre(Field(&QueryTerm::Place::text, "维修"), Field(&QueryTerm::Place::text, "修信"),
                          Field(&QueryTerm::Place::text, "信息")));
  terms = QueryOrFail("維");
  ASSERT_THAT(terms, SizeIs(1));
  EXPECT_THAT(terms[0].phrase, ElementsAre(Field(&QueryTerm::Place::text, "维")));
  EXPECT_THAT(QueryOrFail("維修 信息"), SizeIs(2));
  EXPECT_THAT(QueryOrFail("維修csv"), SizeIs(2));
  EXPECT_THAT(QueryOrFail("維修-csv"), SizeIs(2));
}

TEST(QueryTerms, OfWordsJoinedArePhrases) {
  for (const std::string_view query : {"swd-2022", "swd.2022", "swd_2022", "swd’2022", "swd‑2022"}) {
    const std::vector<QueryTerm> terms = QueryOrFail(query);
    ASSERT_THAT(terms, SizeIs(1)) << query;
    EXPECT_THAT(terms[0].phrase, SizeIs(2)) << query;
  }
  EXPECT_THAT(QueryOrFail("csv/xml"), SizeIs(2));
  EXPECT_THAT(QueryOrFail("csv - xml"), SizeIs(2));
}

TEST(QueryTerms, QuotesAndBackslashesOnlyPartWords) {
  EXPECT_THAT(QueryOrFail("a\\b"), SizeIs(2));
  EXPECT_THAT(QueryOrFail("a\"b"), SizeIs(2));
  EXPECT_THAT(QueryOrFail("o'brien").front().phrase, SizeIs(2));
  EXPECT_THAT(QueryOrFail("a:* | !b & (c"), SizeIs(3));
}

void ExpectRefused(const std::string& query) {
  const absl::StatusOr<std::vector<QueryTerm>> terms = QueryTerms(query);
  ASSERT_EQ(terms.status().code(), absl::StatusCode::kInvalidArgument) << query;
  const auto fields = Detail<google::rpc::BadRequest>(terms.status());
  ASSERT_EQ(fields.field_violations_size(), 1);
  EXPECT_EQ(fields.field_violations(0).field(), "query");
}

TEST(QueryTerms, AreRefusedWhereThereAreNone) {
  for (const std::string query : {"", " ", "\n", "，。", "-", "'", "\\", "\xff", "🙂", "\u0301", "\u200B"})
    ExpectRefused(query);
}

TEST(QueryTerms, AreLimited) {
  EXPECT_TRUE(QueryTerms(Repeat("福", kMaxQueryCharacters)).ok());
  ExpectRefused(Repeat("福", kMaxQueryCharacters + 1));
  ExpectRefused(Repeat("\xff", 1'000'000));
  EXPECT_TRUE(QueryTerms(Repeat("a ", kMaxQueryTerms)).ok());
  ExpectRefused(Repeat("a ", kMaxQueryTerms + 1));
}

TEST(Search, FindsInflections) {
  EXPECT_TRUE(Finds("updates", "updating"));
  EXPECT_TRUE(Finds("update", "updates"));
  EXPECT_TRUE(Finds("update", "updating"));
  EXPECT_TRUE(Finds("fires", "fire"));
  EXPECT_TRUE(Finds("fire ", "fires"));
  EXPECT_TRUE(Finds("department's", "Departments"));
  EXPECT_FALSE(Finds("date ", "update"));
}

TEST(Search, FindsHalfAWord) {
  EXPECT_TRUE(Finds("fir", "Fire stations"));
  EXPECT_TRUE(Finds("fire sta", "Fire stations"));
  EXPECT_FALSE(Finds("fir ", "Fire stations"));
  EXPECT_FALSE(Finds("sta fir ", "Fire stations"));
  EXPECT_TRUE(Finds("swd-20", "swd-2022"));
  EXPECT_FALSE(Finds("swd-20", "swd 1 2022"));
}

TEST(Search, FindsOtherSpellings) {
  EXPECT_TRUE(Finds("ＣＳＶ", "csv"));
  EXPECT_TRUE(Finds("cafe", "Café"));
  EXPECT_TRUE(Finds("維修", "维修信息"));
  EXPECT_TRUE(Finds("维修", "維修信息"));
  EXPECT_TRUE(Finds("答覆", "答复"));
  EXPECT_TRUE(Finds("卫生署", "衞生署"));
}

TEST(Search, FindsIdeographsOnlyWhereTheyAreContiguous) {
  EXPECT_TRUE(Finds("维", "维修信息"));
  EXPECT_TRUE(Finds("修信", "维修信息"));
  EXPECT_FALSE(Finds("维信", "维修信息"));
  EXPECT_FALSE(Finds("维修息", "维修信息"));
  EXPECT_FALSE(Finds("修维", "维修"));
  EXPECT_FALSE(Finds("维修信息", "维修、修信、信息")) << "each two of them, but apart";
  EXPECT_TRUE(Finds("维修 信息", "信息与维修"));
  EXPECT_TRUE(Finds("资料更新时", "在资料 更新时"));
}

TEST(Search, FindsAQueryPastedFromTheText) {
  for (const char* language : {"zh-Hans", "zh-Hant", "en"}) {
    const std::string plan = SamplePlan(language);
    ASSERT_FALSE(plan.empty()) << language;
    std::istringstream lines(plan);
    for (std::string line; std::getline(lines, line);) {
      const absl::StatusOr<std::vector<QueryTerm>> query = QueryTerms(line);
      if (!query.ok()) continue;
      EXPECT_TRUE(Finds(line, line)) << line;
    }
  }
}

// A reader who marks two characters of either script finds them.
TEST(Search, FindsAnyTwoNeighboursInEitherScript) {
  std::map<std::string, std::vector<std::string>> lines;
  for (const char* language : {"zh-Hans", "zh-Hant"}) {
    std::istringstream plan(SamplePlan(language));
    for (std::string line; std::getline(plan, line);) lines[language].push_back(line);
  }
  ASSERT_EQ(lines["zh-Hans"].size(), lines["zh-Hant"].size());
  size_t pairs = 0;
  for (size_t i = 0; i < lines["zh-Hans"].size(); ++i) {
    for (const auto& [from, to] : {std::pair("zh-Hans", "zh-Hant"), std::pair("zh-Hant", "zh-Hans")}) {
      std::string text = lines[from][i];
      std::string other = lines[to][i];
      // The one word that the translation words otherwise.
      if (Fold(text) != Fold(other)) other = text;
      const std::vector<Term> terms = Terms(other);
      for (size_t at = 0; at + 6 <= text.size(); ++at) {
        const std::string two = text.substr(at, 6);
        const std::vector<FoldedCharacter> characters = FoldCharacters(two);
        const bool ideographs = characters.size() == 2 && characters[0].code >= 0x4E00 &&
                                characters[0].code <= 0x9FFF && characters[1].code >= 0x4E00 &&
                                characters[1].code <= 0x9FFF;
        if (!ideographs) continue;
        const std::vector<QueryTerm> query = QueryOrFail(two);
        ASSERT_THAT(query, SizeIs(1));
        EXPECT_TRUE(Has(terms, query[0])) << two << " in " << other;
        ++pairs;
      }
    }
  }
  EXPECT_GT(pairs, 1000U);
}

}  // namespace
}  // namespace almanac::db
