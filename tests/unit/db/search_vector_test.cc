#include "db/search_vector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/unit/db/search_testing.h"

namespace almanac::db {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;

std::string QueryText(std::string_view query) { return ToTsQuery(QueryOrFail(query)); }

// The positions that a tsvector gives a lexeme, without their weights.
std::vector<int> PositionsOf(const std::string& vector, const std::string& lexeme) {
  const std::vector<std::string> entries = absl::StrSplit(vector, ' ');
  for (const std::string& entry : entries) {
    const std::vector<std::string> parts = absl::StrSplit(entry, ':');
    if (parts.size() != 2 || parts[0] != "'" + lexeme + "'") continue;
    const std::vector<std::string> texts = absl::StrSplit(parts[1], ',');
    std::vector<int> positions;
    for (const std::string& text : texts) positions.push_back(std::stoi(text));
    return positions;
  }
  return {};
}

std::string Words(int count, const std::string& word) {
  std::string text;
  for (int i = 0; i < count; ++i) absl::StrAppend(&text, word, i, " ");
  return text;
}

TEST(ToTsVector, OfNothingIsEmpty) {
  EXPECT_EQ(ToTsVector({}), "");
  EXPECT_EQ(ToTsVector({{"", 'A'}, {"，", 'B'}}), "");
}

TEST(ToTsVector, GivesPositionsFromOneAndWeights) {
  EXPECT_EQ(ToTsVector({{"維修", 'A'}}), "'维':1A '维修':1A '修':2A");
  EXPECT_EQ(ToTsVector({{"list of list", 'D'}}), "'list':1D,3D 'of':2D");
}

TEST(ToTsVector, PartsFields) {
  const std::string vector = ToTsVector({{"福利", 'A'}, {"", 'B'}, {"署", 'C'}});
  EXPECT_THAT(vector, Not(HasSubstr("利署")));
  const int last = PositionsOf(vector, "利").back();
  EXPECT_GT(PositionsOf(vector, "署").front(), last + kFieldGap);
}

TEST(ToTsVector, EndsAtTheLastPosition) {
  const std::string vector = ToTsVector({{Words(kMaxPosition + 2, "w"), 'D'}, {"end", 'D'}});
  EXPECT_EQ(PositionsOf(vector, absl::StrCat("w", kMaxPosition - 1)), std::vector<int>{kMaxPosition});
  EXPECT_THAT(PositionsOf(vector, absl::StrCat("w", kMaxPosition)), SizeIs(0));
  EXPECT_THAT(PositionsOf(vector, "end"), SizeIs(0));
}

TEST(ToTsVector, KeepsTheFirstPositionsOfALexeme) {
  std::string text;
  for (size_t i = 0; i < kMaxLexemePositions + 10; ++i) text += "of ";
  const std::string vector = ToTsVector({{text + "end", 'D'}});
  EXPECT_THAT(PositionsOf(vector, "of"), SizeIs(kMaxLexemePositions));
  EXPECT_THAT(PositionsOf(vector, "of"), ::testing::Each(AllOf(Ge(1), Le(static_cast<int>(kMaxLexemePositions)))));
  EXPECT_THAT(PositionsOf(vector, "end"), SizeIs(1)) << "what follows is found";
}

TEST(ToTsVector, EndsAtTheLastByte) {
  const std::string vector = ToTsVector({{Words(2000, std::string(1500, 'x')), 'D'}});
  EXPECT_LE(vector.size(), kMaxVectorBytes * 11 / 10);
  EXPECT_GE(vector.size(), kMaxVectorBytes * 9 / 10);
}

TEST(ToTsQuery, JoinsTermsAndPlaces) {
  EXPECT_EQ(ToTsQuery({}), "");
  EXPECT_EQ(QueryText("維"), "'维'");
  EXPECT_EQ(QueryText("list "), "'list'");
  EXPECT_EQ(QueryText("lis"), "'lis':*");
  EXPECT_EQ(QueryText("維修信息 update"), "('维修' <-> '修信' <-> '信息') & ('update':* | 'updat')");
  EXPECT_EQ(QueryText("swd-20"), "('swd' <-> '20':*)");
}

TEST(ToTsQuery, QuotesWhatPostgresWouldRead) {
  EXPECT_EQ(ToTsQuery({{{{"o'b\\c"}}, false}}), R"('o''b\\c')");
  EXPECT_EQ(ToTsQuery({{{{"a:* | b", {"!c"}}}, true}}), "('a:* | b':* | '!c')");
}

TEST(ToTsQuery, QueryWordsNeverHoldSyntax) {
  for (const char* query : {"o'brien", "a\\", "a\\'b", "'a", "a:*", "!a", "(a", "a|b", "a<->b", "a&b", "''a''"}) {
    for (const QueryTerm& term : QueryOrFail(query)) {
      for (const QueryTerm::Place& place : term.phrase) {
        EXPECT_EQ(place.text.find_first_of("'\\:*!()|<>&"), std::string::npos) << query;
      }
    }
  }
}

}  // namespace
}  // namespace almanac::db
