#include "db/search_vector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/harness.h"

// What PostgreSQL makes of the texts that search gives it.
namespace almanac::db {
namespace {

using ::testing::ElementsAre;
using testing::TestDatabase;

class SearchVectorTest : public ::testing::Test {
 protected:
  // No lexeme has a dollar sign.
  std::string Literal(const std::string& text) { return absl::StrCat("$text$", text, "$text$"); }
  std::string VectorOf(const std::vector<SearchField>& fields) {
    return absl::StrCat(Literal(ToTsVector(fields)), "::tsvector");
  }
  std::string MatchOf(std::string_view query, const std::vector<SearchField>& fields) {
    const absl::StatusOr<std::vector<QueryTerm>> terms = QueryTerms(query);
    EXPECT_TRUE(terms.ok()) << query << ": " << terms.status();
    return absl::StrCat(VectorOf(fields), " @@ ", Literal(terms.ok() ? ToTsQuery(*terms) : ""), "::tsquery");
  }
  bool Finds(std::string_view query, const std::vector<SearchField>& fields) {
    return database_.Sql("SELECT " + MatchOf(query, fields)) == std::vector<std::string>{"t"};
  }
  bool Finds(std::string_view query, std::string_view text) { return Finds(query, {{text, 'A'}}); }

  TestDatabase database_{/*migrate=*/false};
};

TEST_F(SearchVectorTest, FindsOtherSpellingsAndScripts) {
  EXPECT_TRUE(Finds("维修", "維修信息"));
  EXPECT_TRUE(Finds("維修信息", "维修信息"));
  EXPECT_TRUE(Finds("息", "維修信息"));
  EXPECT_TRUE(Finds("ＣＳＶ", "csv"));
  EXPECT_TRUE(Finds("cafe", "Café"));
  EXPECT_FALSE(Finds("维信", "維修信息"));
  EXPECT_FALSE(Finds("维修信息", "维修、修信、信息"));
}

TEST_F(SearchVectorTest, FindsInflectionsAndHalfWords) {
  EXPECT_TRUE(Finds("updates", "updating"));
  EXPECT_TRUE(Finds("update", "updating"));
  EXPECT_TRUE(Finds("fir", "Fire stations"));
  EXPECT_FALSE(Finds("fir ", "Fire stations"));
  EXPECT_TRUE(Finds("swd-20", "SWD-2022"));
  EXPECT_FALSE(Finds("swd-20", "2022 SWD"));
  EXPECT_TRUE(Finds("updated-plan", "updating plans")) << "stems in a phrase";
}

TEST_F(SearchVectorTest, FindsNoPhraseAcrossFields) {
  EXPECT_TRUE(Finds("福利 署", {{"福利", 'A'}, {"署", 'B'}}));
  EXPECT_FALSE(Finds("利署", {{"福利", 'A'}, {"署", 'B'}}));
  EXPECT_FALSE(Finds("swd-2022", {{"swd", 'A'}, {"2022", 'B'}}));
}

TEST_F(SearchVectorTest, FindsRunsExactlyWhereTheTextHasThem) {
  constexpr std::array<const char*, 4> kCharacters = {"福", "利", "署", "修"};
  std::mt19937 random(20220630);
  const auto run = [&](size_t longest) {
    std::string text;
    for (size_t length = 1 + random() % longest; length > 0; --length)
      text += kCharacters[random() % kCharacters.size()];
    return text;
  };
  std::string sql;
  std::vector<std::string> expected;
  for (int i = 0; i < 500; ++i) {
    const std::string text = run(14);
    const std::string query = run(4);
    absl::StrAppend(&sql, i > 0 ? " UNION ALL " : "", "SELECT ", i, " AS i, ", MatchOf(query, {{text, 'A'}}),
                    " AS found");
    expected.push_back(text.find(query) != std::string::npos ? "t" : "f");
  }
  EXPECT_EQ(database_.Sql(absl::StrCat("SELECT found FROM (", sql, ") AS runs ORDER BY i")), expected);
}

TEST_F(SearchVectorTest, StaysWithinWhatPostgresKeeps) {
  std::string long_words;
  std::string many_words;
  std::string one_word;
  for (int i = 0; i < 20'000; ++i) {
    if (i < 1000) absl::StrAppend(&long_words, i, std::string(2 * kMaxLexemeBytes, 'x'), " ");
    absl::StrAppend(&many_words, "w", i, " ");
    one_word += "福";
  }
  for (const std::string& text : {long_words, many_words, one_word}) {
    const std::string vector = ToTsVector({{text, 'A'}});
    const auto positions = std::count(vector.begin(), vector.end(), 'A');
    EXPECT_THAT(
        database_.Sql(absl::StrCat("SELECT sum(cardinality(positions)) FROM unnest(", Literal(vector), "::tsvector)")),
        ElementsAre(absl::StrCat(positions)))
        << "PostgreSQL drops none";
    EXPECT_THAT(database_.Sql(absl::StrCat("SELECT max(octet_length(lexeme)) <= ", kMaxLexemeBytes, " FROM unnest(",
                                           Literal(vector), "::tsvector)")),
                ElementsAre("t"));
  }
}

TEST_F(SearchVectorTest, TakesTheLongestQueries) {
  std::string ideographs;
  for (size_t i = 0; i < kMaxQueryCharacters; ++i) ideographs += "福";
  EXPECT_TRUE(Finds(ideographs, ideographs));
  std::string ligatures;
  for (size_t i = 0; i < kMaxQueryCharacters; ++i) ligatures += "ﷲ";
  EXPECT_TRUE(Finds(ligatures, ligatures)) << "a word beyond a lexeme";
  EXPECT_TRUE(Finds("o'brien a\\b 'c'", "O’Brien a\\b 'c'"));
}

}  // namespace
}  // namespace almanac::db
