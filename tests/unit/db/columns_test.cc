#include "db/columns.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace almanac::db {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kAwkward[] = "\"quoted\" \\ / \b\f\n\r\t\x01 é 數 𠮷 {}[],:null";

TEST(Columns, TextsAreReadAsTheyWereWritten) {
  Texts texts;
  texts["en"] = kAwkward;
  texts["zh-Hant-HK"] = "";
  Texts read;
  TextsFromJson(TextsToJson(texts), &read);
  EXPECT_THAT(read, UnorderedElementsAre(Pair("en", kAwkward), Pair("zh-Hant-HK", "")));
}

TEST(Columns, TextsAreReadAsPostgresWritesThem) {
  Texts read;
  TextsFromJson(R"({"en": "a\\b\u0001", "zh-Hans": "数"})", &read);
  EXPECT_THAT(read, UnorderedElementsAre(Pair("en", "a\\b\x01"), Pair("zh-Hans", "数")));
  TextsFromJson("{}", &read);
  EXPECT_EQ(read.size(), 2);
}

TEST(Columns, ListsAreReadAsTheyWereWritten) {
  Repeated<std::string> list, read;
  *list.Add() = kAwkward;
  *list.Add() = "CSV";
  ListFromJson(ListToJson(list), &read);
  EXPECT_THAT(read, ElementsAre(kAwkward, "CSV"));
}

TEST(Columns, FormerTitlesAndSectionsAreReadAsTheyWereWritten) {
  Repeated<almanac::v1::FormerTitle> titles, read_titles;
  titles.Add()->set_text(kAwkward);
  titles.Add()->set_language("en");
  FormerTitlesFromJson(FormerTitlesToJson(titles), &read_titles);
  ASSERT_EQ(read_titles.size(), 2);
  EXPECT_EQ(read_titles[0].text(), kAwkward);
  EXPECT_EQ(read_titles[1].language(), "en");

  Repeated<almanac::v1::PlanSection> sections, read_sections;
  auto* section = sections.Add();
  section->set_code("A");
  section->set_not_applicable(true);
  (*section->mutable_titles())["en"] = kAwkward;
  (*section->mutable_notes())["en"] = "Note";
  SectionsFromJson(SectionsToJson(sections), &read_sections);
  ASSERT_EQ(read_sections.size(), 1);
  EXPECT_EQ(read_sections[0].SerializeAsString(), section->SerializeAsString());
}

TEST(Columns, WhatIsNoJsonIsAnError) {
  Texts texts;
  for (const char* text : {"", "{", "[]", "{\"en\": 1}", "{\"en\": \"\xff\"}"}) {
    EXPECT_THROW(TextsFromJson(text, &texts), std::exception) << text;
  }
}

}  // namespace
}  // namespace almanac::db
