#include "client/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/errors.h"
#include "client/standard_verbs.h"

namespace almanac::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Complete, TakesWholeNamesAndIdsAlone) {
  EXPECT_EQ(*PublisherNames().Complete("swd"), "publishers/swd");
  EXPECT_EQ(*PublisherNames().Complete("publishers/swd"), "publishers/swd");
  EXPECT_EQ(*DatasetNames().Complete("swd/x"), "publishers/swd/datasets/x");
  EXPECT_EQ(*PlanNames().Complete("publishers/-/plans/-"), "publishers/-/plans/-");
  EXPECT_EQ(*CommitmentNames().Complete("swd/2022-2024/a-1"), "publishers/swd/plans/2022-2024/commitments/a-1");
  EXPECT_EQ(*ChangeNames().Complete("12"), "changes/12");
}

TEST(Complete, RefusesWhatIsNeitherAndSaysWhatWouldBeRight) {
  for (const char* text : {"", "/", "swd/", "a/b/c", "publishers/swd/plans/x", "publishers//datasets/x", "x/y/z/w/v"}) {
    const auto name = DatasetNames().Complete(text);
    ASSERT_FALSE(name.ok()) << text;
    EXPECT_EQ(ExitCodeOf(name.status()), kUsage);
    EXPECT_THAT(Explain(name.status()), HasSubstr("publishers/PUBLISHER/datasets/DATASET or PUBLISHER/DATASET"));
  }
}

TEST(Complete, TellsTheBeginningOfAWholeNameFromIds) {
  for (const auto& [names, text] :
       std::vector<std::pair<NamePattern, const char*>>{{DatasetNames(), "publishers/swd"},
                                                        {PlanNames(), "publishers/swd"},
                                                        {CommitmentNames(), "publishers/swd/plans"},
                                                        {ChangeNames(), "changes"}}) {
    const auto name = names.Complete(text);
    EXPECT_EQ(ExitCodeOf(name.status()), kUsage) << text;
    EXPECT_THAT(Explain(name.status()), HasSubstr("write " + names.Forms()));
  }
  EXPECT_EQ(*PublisherNames().Complete("publishers/publishers"), "publishers/publishers");
}

TEST(Forms, AreTheWholeNameAndTheIds) {
  EXPECT_EQ(PublisherNames().Forms(), "publishers/PUBLISHER or PUBLISHER");
  EXPECT_EQ(PlanNames().Forms(), "publishers/PUBLISHER/plans/PLAN or PUBLISHER/PLAN");
}

TEST(Short, IsTheIdsAlone) {
  EXPECT_EQ(CommitmentNames().Short("publishers/swd/plans/2022-2024/commitments/a-1"), "swd/2022-2024/a-1");
  EXPECT_EQ(PublisherNames().Short("publishers/swd"), "swd");
  EXPECT_EQ(PublisherNames().Short("odd"), "odd");
}

TEST(Wildcard, StandsForEveryParent) {
  EXPECT_EQ(DatasetNames().Parent().Wildcard(), "publishers/-");
  EXPECT_EQ(CommitmentNames().Parent().Wildcard(), "publishers/-/plans/-");
}

TEST(SplitName, GivesParentAndId) {
  EXPECT_THAT(SplitName("publishers/swd/datasets/x"), Pair("publishers/swd", "x"));
  EXPECT_THAT(SplitName("publishers/swd"), Pair("", "swd"));
}

TEST(CompletePrefix, TakesAPublishersIdAlone) {
  EXPECT_EQ(CompletePrefix("swd"), "publishers/swd");
  EXPECT_EQ(CompletePrefix("publishers/swd/"), "publishers/swd");
  EXPECT_EQ(CompletePrefix("publishers/"), "publishers") << "no publisher of that id is meant";
  EXPECT_EQ(CompletePrefix("publishers/swd/plans/2022-2024"), "publishers/swd/plans/2022-2024");
  EXPECT_EQ(CompletePrefix(""), "");
}

TEST(ResolveNewName, CombinesNameAndParent) {
  EXPECT_THAT(*ResolveNewName(PublisherNames(), "swd", ""), Pair("", "swd"));
  EXPECT_THAT(*ResolveNewName(DatasetNames(), "swd/x", ""), Pair("publishers/swd", "x"));
  EXPECT_THAT(*ResolveNewName(DatasetNames(), "x", "swd"), Pair("publishers/swd", "x"));
  EXPECT_THAT(*ResolveNewName(DatasetNames(), "", "publishers/swd"), Pair("publishers/swd", ""));
  EXPECT_THAT(*ResolveNewName(CommitmentNames(), "", "swd/2022-2024"), Pair("publishers/swd/plans/2022-2024", ""));
}

TEST(ResolveNewName, RefusesWhatDoesNotSayWhere) {
  EXPECT_THAT(Explain(ResolveNewName(DatasetNames(), "x", "").status()), HasSubstr("--publisher"));
  EXPECT_THAT(Explain(ResolveNewName(DatasetNames(), "", "").status()), HasSubstr("--publisher"));
  EXPECT_THAT(Explain(ResolveNewName(DatasetNames(), "hd/x", "swd").status()), HasSubstr("does not lie in"));
}

}  // namespace
}  // namespace almanac::client
