#include "service/filter_syntax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace almanac::service {
namespace {

using ::testing::HasSubstr;

std::string Sign(FilterNode::Comparator comparator) {
  switch (comparator) {
    case FilterNode::Comparator::kNone:
      return "";
    case FilterNode::Comparator::kEqual:
      return "=";
    case FilterNode::Comparator::kNotEqual:
      return "!=";
    case FilterNode::Comparator::kLess:
      return "<";
    case FilterNode::Comparator::kLessOrEqual:
      return "<=";
    case FilterNode::Comparator::kGreater:
      return ">";
    case FilterNode::Comparator::kGreaterOrEqual:
      return ">=";
    case FilterNode::Comparator::kHas:
      return ":";
  }
  return "?";
}

std::string Written(const FilterValue& value) {
  std::string text = value.is_quoted ? absl::StrCat("'", value.text(), "'") : value.text();
  if (!value.is_call) return text;
  return absl::StrCat(text, "(",
                      absl::StrJoin(value.arguments, ", ",
                                    [](std::string* out, const FilterValue& argument) { *out += Written(argument); }),
                      ")");
}

// The tree with all its parentheses.
std::string Written(const FilterNode& node) {
  if (node.type == FilterNode::Type::kComparison) {
    return absl::StrCat(absl::StrJoin(node.path, "."), Sign(node.comparator), Written(node.value));
  }
  const char* const name = node.type == FilterNode::Type::kAnd  ? "and"
                           : node.type == FilterNode::Type::kOr ? "or"
                                                                : "not";
  return absl::StrCat(
      "(", name, " ",
      absl::StrJoin(node.operands, " ", [](std::string* out, const FilterNode& operand) { *out += Written(operand); }),
      ")");
}

std::string Parsed(std::string_view filter) {
  const absl::StatusOr<std::optional<FilterNode>> tree = ParseFilter(filter);
  if (!tree.ok()) return absl::StrCat("refused: ", tree.status().message());
  return tree->has_value() ? Written(**tree) : "nothing";
}

TEST(FilterSyntaxTest, NothingIsSaidByWhiteSpace) {
  EXPECT_EQ(Parsed(""), "nothing");
  EXPECT_EQ(Parsed(" \t\n"), "nothing");
}

TEST(FilterSyntaxTest, EveryComparator) {
  for (const char* sign : {"=", "!=", "<", "<=", ">", ">=", ":"}) {
    EXPECT_EQ(Parsed(absl::StrCat("a", sign, "b")), absl::StrCat("a", sign, "b"));
    EXPECT_EQ(Parsed(absl::StrCat("a ", sign, "\n b")), absl::StrCat("a", sign, "b"));
  }
}

// https://google.aip.dev/160: "a AND b OR c" is "a AND (b OR c)".
TEST(FilterSyntaxTest, OrBindsCloserThanAnd) {
  EXPECT_EQ(Parsed("a AND b OR c"), "(and a (or b c))");
  EXPECT_EQ(Parsed("a OR b AND c OR d"), "(and (or a b) (or c d))");
  EXPECT_EQ(Parsed("(a AND b) OR c"), "(or (and a b) c)");
}

TEST(FilterSyntaxTest, FactorsSideBySideAreJoinedByAnd) {
  EXPECT_EQ(Parsed("a b=1 OR c"), "(and a (or b=1 c))");
  EXPECT_EQ(Parsed("a (b OR c)"), "(and a (or b c))");
}

TEST(FilterSyntaxTest, DenialBindsClosest) {
  EXPECT_EQ(Parsed("NOT a AND b"), "(and (not a) b)");
  EXPECT_EQ(Parsed("-a OR b"), "(or (not a) b)");
  EXPECT_EQ(Parsed("NOT (a OR b)"), "(not (or a b))");
  EXPECT_EQ(Parsed("a -b"), "(and a (not b))");
}

TEST(FilterSyntaxTest, HyphensInsideWordsDenyNothing) {
  EXPECT_EQ(Parsed("release_date>=2020-06-30"), "release_date>=2020-06-30");
  EXPECT_EQ(Parsed("titles.zh-Hant-HK:a"), "titles.zh-Hant-HK:a");
  EXPECT_EQ(Parsed("a=-5"), "a=-5");
}

TEST(FilterSyntaxTest, Texts) {
  EXPECT_EQ(Parsed(R"x(a = "b AND (c)")x"), "a='b AND (c)'");
  EXPECT_EQ(Parsed(R"(a = 'say "b"')"), R"(a='say "b"')");
  EXPECT_EQ(Parsed(R"(a = "say \"b\" \\ c")"), R"(a='say "b" \ c')");
  EXPECT_EQ(Parsed("a = 維修"), "a=維修");
  EXPECT_EQ(Parsed("a = 1.5"), "a=1.5");
}

TEST(FilterSyntaxTest, WildcardsUnlessEscaped) {
  const auto parts = [](std::string_view filter) { return (**ParseFilter(filter)).value.parts; };
  EXPECT_THAT(parts("a = \"b*c\""), ::testing::ElementsAre("b", "c"));
  EXPECT_THAT(parts("a = b*"), ::testing::ElementsAre("b", ""));
  EXPECT_THAT(parts("a : *"), ::testing::ElementsAre("", ""));
  EXPECT_THAT(parts(R"(a = "b\*c")"), ::testing::ElementsAre("b*c"));
}

TEST(FilterSyntaxTest, Functions) {
  EXPECT_EQ(Parsed("a < today()"), "a<today()");
  EXPECT_EQ(Parsed("a < f(1, \"x\") AND b"), "(and a<f(1, 'x') b)");
}

TEST(FilterSyntaxTest, ErrorsSayWhereAndWhat) {
  const std::pair<const char*, const char*> wrong[] = {
      {"a = ", "at character 5: a value was expected, and here it ends"},
      {"a = )", "at character 5: a value was expected, and here stands )"},
      {"= 5", "at character 1: a field was expected, and here stands ="},
      {"維 = \"修", "at character 5: the text that begins here has no closing \""},
      {"a = 'b\\", "at character 5: the text that begins here has no closing '"},
      {"(a OR b", "at character 1: this \"(\" is not closed"},
      {"a) b", "at character 2: this \")\" closes nothing"},
      {"a AND", "at character 6: a field was expected, and here it ends"},
      {"a AND AND b", "at character 7: a field was expected, and here stands AND"},
      {"NOT NOT a", "at character 5: a field was expected, and here stands NOT"},
      {"a == b", "at character 3: equality is written \"=\""},
      {"a ! b", "at character 3: \"!\" must be followed by \"=\""},
      {"a and b", "at character 3: write AND in capitals"},
      {"a. = b", "at character 4: a name after the dot was expected"},
      {"f(x) = b", "at character 1: a function can only stand behind a comparator"},
      {"a = f(g())", "at character 7: a function cannot stand within another's parentheses"},
      {"a = f(1,)", "at character 9: a value was expected"},
      {"a = f(1 2)", "at character 9: \",\" or \")\" was expected"},
      {"()", "at character 2: a field was expected"},
      {"a , b", "at character 3: AND, OR or the end was expected, and here stands ,"},
  };
  for (const auto& [filter, problem] : wrong) {
    const absl::Status status = ParseFilter(filter).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << filter;
    EXPECT_THAT(std::string(status.message()), HasSubstr(problem)) << filter;
  }
}

TEST(FilterSyntaxTest, LimitsAtTheirEdges) {
  const std::string name(kMaxFilterCharacters, 'a');
  EXPECT_EQ(Parsed(name), name);
  EXPECT_THAT(Parsed(name + "a"), HasSubstr(absl::StrCat(kMaxFilterCharacters)));
  const std::vector<std::string> comparisons(kMaxFilterComparisons, "a=1");
  EXPECT_TRUE(ParseFilter(absl::StrJoin(comparisons, " AND ")).ok());
  EXPECT_THAT(Parsed(absl::StrJoin(comparisons, " AND ") + " OR a=1"),
              HasSubstr(absl::StrCat("more than ", kMaxFilterComparisons, " comparisons")));
  const std::string open(kMaxFilterDepth, '('), close(kMaxFilterDepth, ')');
  EXPECT_EQ(Parsed(open + "a" + close), "a");
  EXPECT_THAT(Parsed("(" + open + "a" + close + ")"),
              HasSubstr(absl::StrCat("more than ", kMaxFilterDepth, " parentheses")));
}

}  // namespace
}  // namespace almanac::service
