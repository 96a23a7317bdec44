#include "service/line_matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace almanac::service {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::DocumentCommitment;
using almanac::v1::PlanDocument;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kLanguage[] = "zh-Hans-HK";

Dataset NewDataset(const std::string& id, const std::string& title, const std::string& language = kLanguage) {
  Dataset dataset;
  dataset.set_name("publishers/swd/datasets/" + id);
  (*dataset.mutable_titles())[language] = title;
  return dataset;
}

Dataset Formerly(Dataset dataset, const std::string& title, const std::string& language = kLanguage) {
  auto* former = dataset.add_former_titles();
  former->set_language(language);
  former->set_text(title);
  return dataset;
}

Dataset Deleted(Dataset dataset) {
  dataset.mutable_delete_time()->set_seconds(1);
  return dataset;
}

Commitment LineAbout(const std::string& dataset, int number, const std::string& title,
                     const std::string& language = kLanguage) {
  Commitment line;
  line.set_dataset("publishers/swd/datasets/" + dataset);
  line.set_section("A");
  line.set_number(number);
  (*line.mutable_titles())[language] = title;
  return line;
}

class LineMatcherTest : public ::testing::Test {
 protected:
  // Adds a line to the document, numbered in turn.
  void Say(const std::string& title, const std::vector<std::string>& former_titles = {}) {
    DocumentCommitment& line = *document_.add_commitments();
    line.set_section("A");
    line.set_number(document_.commitments_size());
    line.set_title(title);
    for (const std::string& former : former_titles) line.add_former_titles(former);
  }

  // What a line of the document is found to be about: the id of the dataset; `?` and the ids of the candidates; or "".
  std::string Found(int index = 0) {
    const LineMatcher matcher(datasets_, unsettled_, lines_, document_);
    const LineMatcher::Match match = matcher.Find(document_.commitments(index));
    const auto id = [](const std::string& name) { return name.substr(name.rfind('/') + 1); };
    if (match.dataset != nullptr) {
      EXPECT_THAT(match.candidates, IsEmpty());
      return id(match.dataset->name());
    }
    std::string found = match.candidates.empty() ? "" : "?";
    for (const std::string& name : match.candidates) absl::StrAppend(&found, " ", id(name));
    return found;
  }

  LineMatcherTest() { document_.set_language(kLanguage); }

  std::vector<Dataset> datasets_;
  std::set<std::string> unsettled_;
  std::vector<Commitment> lines_;
  PlanDocument document_;
};

TEST_F(LineMatcherTest, ATitleNobodyHasIsNew) {
  datasets_ = {NewDataset("d1", "外展队")};
  Say("名单");
  EXPECT_EQ(Found(), "");
}

TEST_F(LineMatcherTest, TheLineOfThePlanGoesBeforeAnyTitle) {
  datasets_ = {NewDataset("d1", "外展队"), NewDataset("d2", "名单")};
  lines_ = {LineAbout("d1", 7, "名单")};
  Say(" 名 单");
  EXPECT_EQ(Found(), "d1");
}

TEST_F(LineMatcherTest, ATitleIsFoundInTheDocumentsLanguageFirstThenInAny) {
  datasets_ = {NewDataset("d1", "HIV", "en"), NewDataset("d2", "HIV")};
  Say("hiv");
  EXPECT_EQ(Found(), "d2");
  datasets_ = {NewDataset("d1", "HIV", "en"), NewDataset("d2", "爱滋病")};
  EXPECT_EQ(Found(), "d1");
}

TEST_F(LineMatcherTest, AFormerTitleOfTheLineLeadsToItsDataset) {
  datasets_ = {NewDataset("d1", "名单")};
  Say("新名单", {"旧名单", "名单"});
  EXPECT_EQ(Found(), "d1");
  datasets_ = {NewDataset("d1", "名单", "zh-Hant-HK")};
  EXPECT_EQ(Found(), "d1");
}

TEST_F(LineMatcherTest, AFormerTitleOfTheDatasetIsFoundInAnyLanguage) {
  datasets_ = {Formerly(NewDataset("d1", "新名单"), "名单")};
  Say("名单");
  EXPECT_EQ(Found(), "d1");
  datasets_ = {Formerly(NewDataset("d1", "New list", "en"), "名单", "zh-Hant-HK")};
  EXPECT_EQ(Found(), "d1");
  datasets_.push_back(Formerly(NewDataset("d2", "别的"), "名单"));
  EXPECT_EQ(Found(), "d2") << "the document's language goes first";
}

TEST_F(LineMatcherTest, ALineThatFitsSeveralIsAmbiguous) {
  datasets_ = {NewDataset("d2", "名单"), NewDataset("d1", "名单")};
  Say("名单");
  EXPECT_EQ(Found(), "? d1 d2");
  datasets_ = {Formerly(NewDataset("d2", "乙"), "名单"), Formerly(NewDataset("d1", "甲"), "名单")};
  EXPECT_EQ(Found(), "? d1 d2");
}

TEST_F(LineMatcherTest, ATitleOfOneAndAFormerTitleOfAnotherIsAmbiguous) {
  datasets_ = {NewDataset("d1", "新名单"), NewDataset("d2", "名单")};
  Say("新名单", {"名单"});
  EXPECT_EQ(Found(), "? d1 d2");
}

TEST_F(LineMatcherTest, ADatasetThatHadTheFormerTitleTooIsMeant) {
  datasets_ = {Formerly(NewDataset("d1", "新名单"), "名单"), NewDataset("d2", "名单")};
  Say("新名单", {"名单"});
  EXPECT_EQ(Found(), "d1");
}

TEST_F(LineMatcherTest, WhatAnotherLineOfTheDocumentIsAboutIsLeftOut) {
  datasets_ = {NewDataset("d1", "名单")};
  Say("新名单", {"名单"});
  Say("名单");
  EXPECT_EQ(Found(0), "");
  EXPECT_EQ(Found(1), "d1");
  // The same where the plan's line says so, and the dataset has another title by now.
  datasets_ = {Formerly(NewDataset("d1", "外展队"), "新名单")};
  lines_ = {LineAbout("d1", 2, "名单")};
  EXPECT_EQ(Found(0), "");
  EXPECT_EQ(Found(1), "d1");
}

TEST_F(LineMatcherTest, ALiveDatasetGoesBeforeDeletedAndUnsettledOnes) {
  datasets_ = {Deleted(NewDataset("d1", "名单")), NewDataset("d2", "名单"), NewDataset("d3", "名单")};
  unsettled_ = {"publishers/swd/datasets/d3"};
  Say("名单");
  EXPECT_EQ(Found(), "d2");
  datasets_[1] = Formerly(NewDataset("d2", "新名单"), "名单");
  EXPECT_EQ(Found(), "d2") << "by any of its titles";
  datasets_.erase(datasets_.begin() + 1);
  EXPECT_EQ(Found(), "") << "one of two deleted or unsettled ones is not chosen";
  datasets_.pop_back();
  EXPECT_EQ(Found(), "d1");
}

TEST_F(LineMatcherTest, InAPlanOfAnotherLanguageTheNumberTells) {
  datasets_ = {NewDataset("d1", "List", "en"), Deleted(NewDataset("d2", "名单"))};
  lines_ = {LineAbout("d1", 1, "List", "en")};
  Say("名单");
  Say("别的");
  EXPECT_EQ(Found(0), "d1");
  EXPECT_EQ(Found(1), "");
}

TEST_F(LineMatcherTest, ALineHasAtMostSixteenCandidates) {
  for (int i = 0; i < kMaxCandidates + 1; ++i) datasets_.push_back(NewDataset(absl::StrCat("d", 30 - i), "名单"));
  Say("名单");
  const std::vector<std::string> candidates =
      LineMatcher(datasets_, unsettled_, lines_, document_).Find(document_.commitments(0)).candidates;
  ASSERT_THAT(candidates, SizeIs(16));
  EXPECT_EQ(candidates.front(), "publishers/swd/datasets/d14");
  EXPECT_EQ(candidates.back(), "publishers/swd/datasets/d29");
  datasets_.pop_back();
  EXPECT_EQ(LineMatcher(datasets_, unsettled_, lines_, document_).Find(document_.commitments(0)).candidates.size(), 16);
}

TEST_F(LineMatcherTest, OfThousandsOfDatasetsWithOneTitleAFewAreCandidates) {
  for (int i = 0; i < 5000; ++i) datasets_.push_back(NewDataset(absl::StrCat("d", 10'000 + i), "名单"));
  for (int i = 0; i < 5000; ++i) Say(absl::StrCat("中心", i), {"名单"});
  const LineMatcher matcher(datasets_, unsettled_, lines_, document_);
  for (const DocumentCommitment& line : document_.commitments()) {
    const std::vector<std::string> candidates = matcher.Find(line).candidates;
    ASSERT_THAT(candidates, SizeIs(16));
    ASSERT_EQ(candidates.back(), "publishers/swd/datasets/d10015");
  }
}

}  // namespace
}  // namespace almanac::service
