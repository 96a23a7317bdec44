#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "client/facet_tables.h"
#include "client/highlight.h"
#include "client/hit_output.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// What is printed and told in one format.
struct Output {
  explicit Output(Format format, const std::string& language = "", int width = 0)
      : printer(out, format, Language(language), width) {}

  std::ostringstream out;
  std::ostringstream notes;
  Interrupt interrupt;
  Connection connection{{"127.0.0.1:1", "tester", absl::Milliseconds(100)}, notes};
  const Printer printer;
  Session session{connection, printer, notes, interrupt};
};

// Two hits: by a title in two languages, and by a category and a former title.
v1::SearchDatasetsResponse Found() {
  return Parse<v1::SearchDatasetsResponse>(R"(
    hits {
      dataset {
        name: "publishers/swd/datasets/lifts"
        titles { key: "en" value: "Lift maintenance" } titles { key: "zh-Hans-HK" value: "升降机维修" }
      }
      matches { field: "titles.en" pieces { text: "Lift " } pieces { text: "maintenance" is_match: true } }
      matches { field: "titles.zh-Hans-HK" pieces { text: "升降机" } pieces { text: "维修" is_match: true } }
    }
    hits {
      dataset { name: "publishers/td/datasets/roads" titles { key: "en" value: "Roads" } }
      matches { field: "former_titles[0]" pieces { text: "maintained" is_match: true } pieces { text: " roads" } }
      matches { field: "categories.en" pieces { text: "Maintenance" is_match: true } }
    })");
}

std::string Printed(const v1::SearchDatasetsResponse& found, Output& output, bool highlight = false) {
  HitOutput hits(output.session, highlight);
  hits.BeginPage(found);
  hits.Add(found.hits());
  hits.Finish();
  return output.out.str();
}

TEST(FieldWords, AreWhatPeopleSay) {
  EXPECT_EQ(FieldWords("titles.zh-Hant-HK"), "title zh-Hant-HK");
  EXPECT_EQ(FieldWords("former_titles[12]"), "former title");
  EXPECT_EQ(FieldWords("categories.en"), "category en");
  EXPECT_EQ(FieldWords("remarks.en"), "remark en");
  EXPECT_EQ(FieldWords("name"), "name");
}

TEST(HitOutput, ShowsWhereTheWordsAre) {
  Output output(Format::kTable, "en");
  EXPECT_EQ(Printed(Found(), output),
            "swd/lifts\n"
            "    title en: Lift maintenance\n"
            "td/roads\n"
            "    Roads\n"
            "    former title: maintained roads\n"
            "    category en: Maintenance\n");
  EXPECT_EQ(output.notes.str(), "");
}

TEST(HitOutput, ShowsTheTextThatTheWordsAreInThoughItsLanguageIsAnother) {
  Output chinese(Format::kTable, "zh-Hans-HK");
  EXPECT_THAT(Printed(Found(), chinese), HasSubstr("    title zh-Hans-HK: 升降机维修\ntd/roads"));
  v1::SearchDatasetsResponse found = Found();
  found.mutable_hits(0)->mutable_matches()->DeleteSubrange(1, 1);
  Output other(Format::kTable, "zh-Hans-HK");
  EXPECT_THAT(Printed(found, other), HasSubstr("    title en: Lift maintenance\ntd/roads"));
}

TEST(HitOutput, WordsStandOutWhereTheyMay) {
  Output output(Format::kTable, "en");
  EXPECT_THAT(Printed(Found(), output, /*highlight=*/true),
              HasSubstr("title en: Lift \x1b[7mmaintenance\x1b[27m\ntd/roads"));
}

TEST(HitOutput, LongTextsStandBelowEachOther) {
  Output output(Format::kTable, "en", /*width=*/38);
  EXPECT_THAT(Printed(Found(), output),
              HasSubstr("    former title: maintained roads\n    category en: Maintenance\n"));
  Output narrow(Format::kTable, "zh-Hans-HK", /*width=*/20);
  v1::SearchDatasetsResponse found = Found();
  auto& pieces = *found.mutable_hits(0)->mutable_matches(1)->mutable_pieces();
  pieces[0].set_text("长者院舍的升降机的");
  EXPECT_THAT(Printed(found, narrow),
              HasSubstr("    title zh-Hans-HK: 长者院舍的升降机的维\n                      修\n"));
}

TEST(HitOutput, OfTheOtherFormats) {
  Output csv(Format::kCsv, "en");
  EXPECT_EQ(Printed(Found(), csv, /*highlight=*/true),
            "name,title,found_in,text\n"
            "publishers/swd/datasets/lifts,Lift maintenance,titles.en,Lift maintenance\n"
            "publishers/td/datasets/roads,Roads,former_titles[0],maintained roads\n");
  Output names(Format::kName);
  EXPECT_EQ(Printed(Found(), names), "publishers/swd/datasets/lifts\npublishers/td/datasets/roads\n");
  Output json(Format::kJson);
  const auto hits = nlohmann::json::parse(Printed(Found(), json));
  ASSERT_EQ(hits.size(), 2U);
  EXPECT_EQ(hits[0]["matches"][0]["pieces"][1]["isMatch"], true);
  EXPECT_EQ(hits[1]["dataset"]["name"], "publishers/td/datasets/roads");
}

TEST(HitOutput, TellsOnceWhatElseWasSearchedFor) {
  Output output(Format::kJson);
  const auto page = Parse<v1::SearchDatasetsResponse>(R"(
    corrections { word: "mainenance" replacements: "maintenance" }
    corrections { word: "rods" replacements: "roads" replacements: "rows" })");
  HitOutput hits(output.session, false);
  hits.BeginPage(page);
  hits.BeginPage(page);
  EXPECT_EQ(output.notes.str(), "mainenance: searched for maintenance\nrods: searched for roads or rows\n");
}

TEST(HitOutput, OfNothingSaysWhatToTry) {
  Output table(Format::kTable);
  HitOutput none(table.session, false);
  EXPECT_TRUE(PrintNone(table.session, none).ok());
  EXPECT_EQ(table.out.str(), "");
  EXPECT_THAT(table.notes.str(), HasSubstr("Try fewer words"));
  Output json(Format::kJson);
  HitOutput empty(json.session, false);
  EXPECT_TRUE(PrintNone(json.session, empty).ok());
  EXPECT_EQ(json.out.str(), "[]\n");
  EXPECT_EQ(json.notes.str(), "");
}

TEST(LinesOf, AreBrokenWithoutLosingWhatStandsOut) {
  const auto match = Parse<v1::TextMatch>(R"(
    pieces { text: "the " } pieces { text: "maintenance of" is_match: true } pieces { text: " lifts" })");
  EXPECT_EQ(TextOf(match.pieces()), "the maintenance of lifts");
  EXPECT_THAT(LinesOf(match.pieces(), 0, false), ElementsAre("the maintenance of lifts"));
  EXPECT_THAT(LinesOf(match.pieces(), 0, true), ElementsAre("the \x1b[7mmaintenance of\x1b[27m lifts"));
  EXPECT_THAT(LinesOf(match.pieces(), 16, true),
              ElementsAre("the \x1b[7mmaintenance\x1b[27m", "\x1b[7mof\x1b[27m lifts"));
  const auto chinese = Parse<v1::TextMatch>(R"(pieces { text: "升降机" } pieces { text: "维修名单" is_match: true })");
  EXPECT_THAT(LinesOf(chinese.pieces(), 8, true), ElementsAre("升降机\x1b[7m维\x1b[27m", "\x1b[7m修名单\x1b[27m"));
}

TEST(LinesOf, LetNoTextSteerTheTerminal) {
  const auto match = Parse<v1::TextMatch>(R"(pieces { text: "a\033[2Jb\nc" is_match: true })");
  EXPECT_THAT(LinesOf(match.pieces(), 0, true), ElementsAre("\x1b[7ma\uFFFD[2Jb c\x1b[27m"));
  EXPECT_THAT(LinesOf({}, 10, true), ElementsAre(""));
}

v1::CountFacetsResponse Counts(bool is_estimated) {
  auto counts = Parse<v1::CountFacetsResponse>(R"(
    facets { field: "publisher" values { value: "publishers/swd" count: 8888 } }
    facets {
      field: "categories" has_more: true
      values { value: "Social Welfare" count: 4444 } values { value: "" count: 1111 }
    }
    facets { field: "formats" }
    total_size: 8888)");
  counts.set_is_estimated(is_estimated);
  return counts;
}

TEST(PrintFacets, IsATableForEachField) {
  Output output(Format::kTable);
  PrintFacets(Counts(false), output.session);
  EXPECT_EQ(output.out.str(),
            "8,888 datasets\n"
            "\n"
            "PUBLISHER       DATASETS           OF ALL\n"
            "publishers/swd     8,888  100% ██████████\n"
            "\n"
            "CATEGORIES      DATASETS           OF ALL\n"
            "Social Welfare     4,444   50% █████░░░░░\n"
            "(none)             1,111   12% █░░░░░░░░░\n"
            "there are more values: --max-values NUMBER prints them\n");
  EXPECT_EQ(output.notes.str(), "");
}

TEST(PrintFacets, SaysWhatIsEstimated) {
  Output output(Format::kTable);
  PrintFacets(Counts(true), output.session);
  EXPECT_THAT(output.out.str(),
              HasSubstr("about 8,900 datasets; all counts are estimates, made from a sample of them\n"));
  Output csv(Format::kCsv);
  PrintFacets(Counts(true), csv.session);
  EXPECT_EQ(csv.out.str(),
            "field,value,datasets,estimated\n"
            "publisher,publishers/swd,8888,true\n"
            "categories,Social Welfare,4444,true\n"
            "categories,,1111,true\n");
  EXPECT_THAT(csv.notes.str(), HasSubstr("categories: there are more values"));
  Output json(Format::kJson);
  PrintFacets(Counts(true), json.session);
  EXPECT_EQ(nlohmann::json::parse(json.out.str())["facets"][1]["values"][0]["count"], "4444");
}

}  // namespace
}  // namespace almanac::client
