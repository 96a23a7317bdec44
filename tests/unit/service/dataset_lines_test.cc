#include "service/rules/dataset_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace almanac::service::rules {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Dataset;
using ::testing::SizeIs;

Dataset Shelters() {
  Dataset dataset;
  (*dataset.mutable_titles())["en"] = "Shelters";
  (*dataset.mutable_titles())["zh-Hans-HK"] = "庇护所";
  dataset.set_frequency(almanac::v1::YEARLY);
  dataset.add_formats("CSV");
  return dataset;
}

// A line that says of a dataset what Shelters() says.
Commitment SheltersLine() {
  Commitment line;
  *line.mutable_titles() = Shelters().titles();
  line.set_frequency(almanac::v1::YEARLY);
  line.add_formats("CSV");
  return line;
}

// A line in two languages that says everything otherwise.
Commitment RefugesLine() {
  Commitment line;
  (*line.mutable_titles())["en"] = "Refuges";
  (*line.mutable_titles())["zh-Hant-HK"] = "避難所";
  (*line.mutable_remarks())["en"] = "By district";
  line.set_frequency(almanac::v1::MONTHLY);
  line.add_formats("XML");
  auto* former = line.add_former_titles();
  former->set_language("en");
  former->set_text("Safe houses");
  return line;
}

TEST(TakeLineTest, TheDatasetIsWhatTheLineSaysInAllItsLanguages) {
  Commitment line = RefugesLine();
  line.set_release_date("2022-06");
  const Dataset dataset = TakeLine(Shelters(), line, /*is_promised_later=*/false);
  EXPECT_EQ(dataset.titles().at("en"), "Refuges");
  EXPECT_EQ(dataset.titles().at("zh-Hant-HK"), "避難所");
  EXPECT_EQ(dataset.titles().at("zh-Hans-HK"), "庇护所");
  EXPECT_EQ(dataset.remarks().at("en"), "By district");
  EXPECT_EQ(dataset.frequency(), almanac::v1::MONTHLY);
  EXPECT_EQ(dataset.formats(0), "XML");
  EXPECT_EQ(dataset.release_date(), "2022-06");
  ASSERT_THAT(dataset.former_titles(), SizeIs(2));
  EXPECT_EQ(dataset.former_titles(0).text(), "Shelters");
  EXPECT_EQ(dataset.former_titles(1).text(), "Safe houses");
}

TEST(TakeLineTest, OfAnEarlierPlanItTakesOnlyWhatItLacks) {
  const Dataset dataset = TakeLine(Shelters(), RefugesLine(), /*is_promised_later=*/true);
  EXPECT_EQ(dataset.titles().at("en"), "Shelters");
  EXPECT_EQ(dataset.titles().at("zh-Hant-HK"), "避難所");
  EXPECT_EQ(dataset.frequency(), almanac::v1::YEARLY);
  ASSERT_THAT(dataset.former_titles(), SizeIs(1));
  EXPECT_EQ(dataset.former_titles(0).text(), "Refuges");
}

TEST(TakeLineTest, AReleaseOnRecordDatesTheDatasetUnlessItHasADate) {
  Commitment line = SheltersLine();
  line.set_first_target_date("2022-06");
  line.set_target_date("2022-06");
  line.set_release_date("2022-06-10");
  line.mutable_outcome();
  EXPECT_EQ(TakeLine(Shelters(), line, false).release_date(), "2022-06-10");
  Dataset dated = Shelters();
  dated.set_release_date("2021");
  EXPECT_EQ(TakeLine(dated, line, false).release_date(), "2021");
}

TEST(TakeBackLineTest, WhatTheLineSaidIsWhatTheLatestOtherSays) {
  const Dataset taken = TakeLine(Shelters(), RefugesLine(), false);
  Commitment older = SheltersLine();
  older.set_frequency(almanac::v1::DAILY);
  const Dataset back = TakeBackLine(taken, RefugesLine(), {older, SheltersLine()});
  EXPECT_EQ(back.titles().at("en"), "Shelters");
  EXPECT_EQ(back.frequency(), almanac::v1::YEARLY);
  ASSERT_THAT(back.formats(), SizeIs(1));
  EXPECT_EQ(back.formats(0), "CSV");
  EXPECT_THAT(back.former_titles(), SizeIs(0));
}

TEST(TakeBackLineTest, WhatAnOfficerSetStays) {
  Dataset taken = TakeLine(Shelters(), RefugesLine(), false);
  (*taken.mutable_titles())["en"] = "Homes";
  taken.set_frequency(almanac::v1::WEEKLY);
  const Dataset back = TakeBackLine(taken, RefugesLine(), {SheltersLine()});
  EXPECT_EQ(back.titles().at("en"), "Homes");
  EXPECT_EQ(back.frequency(), almanac::v1::WEEKLY);
  ASSERT_THAT(back.former_titles(), SizeIs(1));
  EXPECT_EQ(back.former_titles(0).text(), "Shelters");
}

TEST(TakeBackLineTest, ADateThatTheLineAloneGaveGoes) {
  Commitment line = RefugesLine();
  line.set_release_date("2022-06");
  Dataset dataset = Shelters();
  dataset.set_release_date("2022-06");
  EXPECT_EQ(TakeBackLine(dataset, line, {}).release_date(), "");
  EXPECT_EQ(TakeBackLine(dataset, line, {SheltersLine()}).release_date(), "");
  Commitment released = SheltersLine();
  released.set_release_date("2022-06-10");
  EXPECT_EQ(TakeBackLine(dataset, line, {released}).release_date(), "2022-06");
  dataset.set_release_date("2022-05");
  EXPECT_EQ(TakeBackLine(dataset, line, {}).release_date(), "2022-05");
}

}  // namespace
}  // namespace almanac::service::rules
