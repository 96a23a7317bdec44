#include "client/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "almanac/v1/publisher.pb.h"
#include "client/columns.h"
#include "client/csv.h"
#include "client/fields.h"
#include "client/json.h"
#include "client/values.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using v1::Publisher;

Publisher Swd() {
  Publisher publisher;
  publisher.set_name("publishers/swd");
  (*publisher.mutable_titles())["zh-Hans-HK"] = "社会福利署";
  (*publisher.mutable_titles())["en"] = "Social Welfare Department";
  publisher.set_time_zone("Asia/Hong_Kong");
  publisher.set_revision(12);
  return publisher;
}

Columns<Publisher> TestColumns() {
  return {NameColumn<Publisher>(PublisherNames()),
          {{"TITLE"}, [](const Publisher& p, const Style& style) { return style.language.Pick(p.titles()); }},
          {{"TIME ZONE"}, [](const Publisher& p, const Style&) { return p.time_zone(); }, Show::kCsvOnly}};
}

std::string ListOf(Format format, const std::vector<Publisher>& publishers) {
  std::ostringstream out;
  const Printer printer(out, format, Language(), 0);
  const Columns<Publisher> columns = TestColumns();
  ListOutput<Publisher> list(printer, columns);
  list.Add(publishers);
  list.Finish();
  return out.str();
}

TEST(CsvRecord, QuotesAsRfc4180Says) {
  EXPECT_EQ(CsvRecord({"a", "b"}), "a,b");
  EXPECT_EQ(CsvRecord({"a,b", "say \"hi\"", "two\nlines", ""}), "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",");
  EXPECT_EQ(CsvRecord({"=1+1", " x"}), "=1+1, x") << "nothing else is changed";
}

TEST(ParseCsvRecord, ReadsWhatCsvRecordWrites) {
  for (const std::vector<std::string>& fields : std::vector<std::vector<std::string>>{
           {"a", "b"}, {""}, {"", ""}, {"a,b", "say \"hi\"", ""}, {"\"", ","}, {"=1+1", " x "}, {"名单"}}) {
    const auto read = ParseCsvRecord(CsvRecord(fields));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, fields);
  }
}

TEST(ParseCsvRecord, TellsWhichQuoteIsWrong) {
  const auto error = [](std::string_view line) { return std::string(ParseCsvRecord(line).status().message()); };
  EXPECT_THAT(error("a,\"b"), HasSubstr("does not end on this line"));
  EXPECT_THAT(error("a,\"b\"\""), HasSubstr("does not end on this line"));
  EXPECT_THAT(error("\"a\" ,b"), HasSubstr("behind the closing quote"));
  EXPECT_THAT(error("a \"b\",c"), HasSubstr("inside a field that does not begin with one"));
}

TEST(ToJson, IsTheJsonMapping) {
  const auto json = nlohmann::json::parse(ToJson(Swd(), 2));
  EXPECT_EQ(json["timeZone"], "Asia/Hong_Kong");
  EXPECT_EQ(json["titles"]["zh-Hans-HK"], "社会福利署");
  EXPECT_EQ(json["revision"], "12") << "64-bit numbers are strings in JSON";
  EXPECT_FALSE(json.contains("homepage"));
  EXPECT_EQ(ToJson(Swd(), -1).find('\n'), std::string::npos);
}

TEST(JsonToYaml, KeepsStringsStrings) {
  EXPECT_EQ(JsonToYaml(R"({"a":"2022-06","b":"yes","c":"text","d":true,"e":3,"f":[],"g":"12","h":"社会: 福利"})"),
            "a: \"2022-06\"\nb: \"yes\"\nc: text\nd: true\ne: 3\nf: []\ng: \"12\"\nh: \"社会: 福利\"");
}

TEST(JsonToYaml, NestsInBlocks) {
  EXPECT_EQ(JsonToYaml(R"([{"name":"x","titles":{"en":"X"}}])"), "- name: x\n  titles:\n    en: X");
}

TEST(List, OfEachFormat) {
  Publisher other;
  other.set_name("publishers/hd");
  EXPECT_EQ(ListOf(Format::kTable, {Swd(), other}), "NAME  TITLE\nswd   社会福利署\nhd\n");
  EXPECT_EQ(ListOf(Format::kName, {Swd(), other}), "publishers/swd\npublishers/hd\n");
  EXPECT_EQ(ListOf(Format::kCsv, {Swd(), other}),
            "name,title,time_zone\npublishers/swd,社会福利署,Asia/Hong_Kong\npublishers/hd,,\n");
  const auto json = nlohmann::json::parse(ListOf(Format::kJson, {Swd(), other}));
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[1]["name"], "publishers/hd");
  EXPECT_EQ(ListOf(Format::kYaml, {other, other}), "- name: publishers/hd\n- name: publishers/hd\n");
}

TEST(List, EmptyIsStillAList) {
  EXPECT_EQ(ListOf(Format::kJson, {}), "[]\n");
  EXPECT_EQ(ListOf(Format::kYaml, {}), "[]\n");
  EXPECT_EQ(ListOf(Format::kCsv, {}), "name,title,time_zone\n");
  EXPECT_EQ(ListOf(Format::kName, {}), "");
}

TEST(PrintOne, ShowsEveryFieldInATable) {
  std::ostringstream out;
  Printer(out, Format::kTable, Language(), 0).PrintOne(Swd(), TestColumns());
  EXPECT_THAT(out.str(), HasSubstr("titles.en          Social Welfare Department"));
  EXPECT_THAT(out.str(), HasSubstr("titles.zh-Hans-HK  社会福利署"));
  EXPECT_THAT(out.str(), HasSubstr("name               publishers/swd"));
}

TEST(PrintOne, IsAnObjectInJson) {
  std::ostringstream out;
  Printer(out, Format::kJson, Language(), 0).PrintOne(Swd(), TestColumns());
  EXPECT_EQ(nlohmann::json::parse(out.str())["name"], "publishers/swd");
}

TEST(FieldsOf, ShowsOnlyTheChosenLanguage) {
  EXPECT_THAT(FieldsOf(Swd(), Language("en"), false),
              ElementsAre(Pair("name", "publishers/swd"), Pair("titles.en", "Social Welfare Department"),
                          Pair("time_zone", "Asia/Hong_Kong"), Pair("revision", "12")));
}

TEST(FieldsOf, ShowsZerosWhereAsked) {
  Publisher publisher;
  EXPECT_TRUE(FieldsOf(publisher, Language(), false).empty());
  EXPECT_THAT(FieldsOf(publisher, Language(), true), ::testing::Contains(Pair("revision", "0")));
}

google::protobuf::Map<std::string, std::string> TextsIn(const std::vector<std::string>& tags) {
  google::protobuf::Map<std::string, std::string> texts;
  for (const std::string& tag : tags) texts[tag] = "text in " + tag;
  return texts;
}

TEST(Language, FallsBackInTheOrderOfTheDocumentation) {
  struct Case {
    const char* wanted;
    std::vector<std::string> tags;
    const char* shown;
  };
  const std::vector<Case> cases = {
      {"zh-Hant-HK", {"en", "zh-Hans-HK", "zh-Hant-HK"}, "zh-Hant-HK"},
      {"ZH-hant-hk", {"en", "zh-Hans-HK", "zh-Hant-HK"}, "zh-Hant-HK"},
      // One that begins with it, the alphabetically first of several.
      {"zh", {"en", "zh-Hant-HK", "zh-Hans-HK"}, "zh-Hans-HK"},
      {"zh-Hant", {"zh-Hans-HK", "zh-Hant-TW", "zh-Hant-HK"}, "zh-Hant-HK"},
      {"e", {"en", "zh-Hans-HK"}, "zh-Hans-HK"},
      // One of the same language and script.
      {"zh-Hant-TW", {"zh-Hans-HK", "zh-Hant-HK"}, "zh-Hant-HK"},
      {"zh-TW", {"zh-Hans-HK", "zh-Hant-HK"}, "zh-Hant-HK"},
      {"zh-HK", {"zh-Hans-HK", "zh-Hant-MO"}, "zh-Hant-MO"},
      {"zh-CN", {"zh-Hant-HK", "zh-Hans-HK"}, "zh-Hans-HK"},
      {"zh-Hant-HK", {"en", "zh-Hans-HK", "zh-TW"}, "zh-TW"},
      {"zh-Hans-HK", {"en", "zh-Hans"}, "zh-Hans"},
      {"en-GB", {"en-US", "zh-Hans-HK"}, "en-US"},
      // One of the same language.
      {"zh-Hant-HK", {"en", "zh-Hans-HK"}, "zh-Hans-HK"},
      {"sr-Latn", {"en", "sr-Cyrl"}, "sr-Cyrl"},
      // The default order.
      {"fr", {"en", "zh-Hant-HK", "zh-Hans-HK"}, "zh-Hans-HK"},
      {"fr", {"en", "zh-Hans"}, "zh-Hans"},
      {"fr", {"en", "zh-Hant-TW"}, "zh-Hant-TW"},
      {"fr", {"de", "en-GB"}, "en-GB"},
      {"fr", {"pt", "de"}, "de"},
      {"", {"en", "zh-Hant-HK"}, "zh-Hant-HK"},
      {"", {"pt", "de"}, "de"},
      {"en", {}, ""},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(Language(one.wanted).PickTag(TextsIn(one.tags)), one.shown) << one.wanted;
  }
}

TEST(Language, PicksTheWantedElseTheDefaultOrder) {
  google::protobuf::Map<std::string, std::string> texts;
  EXPECT_EQ(Language().Pick(texts), "");
  texts["pt"] = "P";
  EXPECT_EQ(Language().Pick(texts), "P");
  texts["en"] = "E";
  EXPECT_EQ(Language().Pick(texts), "E");
  texts["zh-Hant-HK"] = "T";
  EXPECT_EQ(Language().Pick(texts), "T");
  texts["zh-Hans-HK"] = "S";
  EXPECT_EQ(Language().Pick(texts), "S");
  EXPECT_EQ(Language("EN").Pick(texts), "E");
  EXPECT_EQ(Language("zh-Hant").Pick(texts), "T");
  EXPECT_EQ(Language("fr").Pick(texts), "S") << "some text is better than none";
}

TEST(Bar, IsFullOnlyWhenAllIsDone) {
  EXPECT_EQ(Bar(0, 0), "");
  EXPECT_EQ(Bar(0, 5), "  0% ░░░░░░░░░░");
  EXPECT_EQ(Bar(1, 2), " 50% █████░░░░░");
  EXPECT_EQ(Bar(999, 1000), " 99% █████████░");
  EXPECT_EQ(Bar(5, 5), "100% ██████████");
  EXPECT_EQ(Bar(1'000'000'000'000, 2'000'000'000'000), " 50% █████░░░░░");
}

TEST(GroupedNumber, HasACommaBeforeEveryThreeDigits) {
  EXPECT_EQ(GroupedNumber(0), "0");
  EXPECT_EQ(GroupedNumber(999), "999");
  EXPECT_EQ(GroupedNumber(1000), "1,000");
  EXPECT_EQ(GroupedNumber(1234567), "1,234,567");
  EXPECT_EQ(GroupedNumber(-123), "-123");
  EXPECT_EQ(GroupedNumber(-1234), "-1,234");
}

TEST(TotalText, OfAnEstimateIsNoMorePreciseThanThat) {
  EXPECT_EQ(TotalText(298'413, false), "298,413");
  EXPECT_EQ(TotalText(298'413, true), "about 300,000");
  EXPECT_EQ(TotalText(12'345'678, true), "about 12,000,000");
  EXPECT_EQ(TotalText(99, true), "about 99");
  EXPECT_EQ(TotalText(996, true), "about 1,000");
}

}  // namespace
}  // namespace almanac::client
