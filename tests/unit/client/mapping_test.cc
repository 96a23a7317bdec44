#include "client/documents/mapping.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

// What every mapping needs, on lines 1 to 4.
const char kLeast[] =
    "columns:\n"
    "  publisher: Agency\n"
    "  title: Name\n"
    "  target: Date\n";

Mapping ParseOrFail(const std::string& yaml) {
  const absl::StatusOr<Mapping> mapping = ParseMapping(yaml, "m.yaml");
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  return mapping.ok() ? *mapping : Mapping();
}

std::string Refusal(const std::string& yaml) {
  const absl::StatusOr<Mapping> mapping = ParseMapping(yaml, "m.yaml");
  EXPECT_EQ(mapping.status().code(), absl::StatusCode::kInvalidArgument) << mapping.status();
  return std::string(mapping.status().message());
}

// Why the mapping with `more` from line 5 on is refused.
std::string RefusalOf(const std::string& more) { return Refusal(absl::StrCat(kLeast, more)); }

TEST(Mapping, ReadsEveryKey) {
  const Mapping mapping = ParseOrFail(
      "columns:\n"
      "  publisher: [Agency, 部門]\n"
      "  title: Dataset Name\n"
      "  target: Planned\n"
      "  link:\n"
      "    - URL\n"
      "publishers:\n"
      "  Social Welfare  Department: swd\n"
      "  路政署: publishers/hyd\n"
      "period: 2022 - 2024\n"
      "title: Plans\n"
      "language: zh-Hant-HK\n"
      "sheet: Sheet 2\n"
      "header_row: 3\n"
      "skip_rows_where_empty: [title, target]\n"
      "date_formats: [dd/mm/yyyy, mon yy]\n"
      "frequencies:\n"
      "  half-yearly: [Twice A Year, 6M]\n"
      "  other: Bi-Weekly\n"
      "statuses: {released: Live, cancelled: [Gone]}\n"
      "reasons: {data-quality: Bad data}\n");
  EXPECT_EQ(mapping.file, "m.yaml");
  ASSERT_EQ(mapping.columns.size(), 4u);
  EXPECT_THAT(mapping.columns.at(TableField::kPublisher).headings, ElementsAre("Agency", "部門"));
  EXPECT_EQ(mapping.columns.at(TableField::kTitle).line, 3);
  EXPECT_THAT(mapping.columns.at(TableField::kLink).headings, ElementsAre("URL"));
  EXPECT_THAT(mapping.publisher_ids,
              UnorderedElementsAre(Pair("socialwelfaredepartment", "swd"), Pair("路政署", "hyd")));
  ASSERT_TRUE(mapping.period.has_value());
  EXPECT_EQ(mapping.period->start_year(), 2022);
  EXPECT_EQ(mapping.period->end_year(), 2024);
  EXPECT_EQ(mapping.title, "Plans");
  EXPECT_EQ(mapping.language, "zh-Hant-HK");
  EXPECT_EQ(mapping.sheet, "Sheet 2");
  EXPECT_EQ(mapping.header_row, 3);
  EXPECT_THAT(mapping.skip_where_empty, ElementsAre(TableField::kTitle, TableField::kTarget));
  EXPECT_THAT(mapping.date_formats, UnorderedElementsAre("dd/mm/yyyy", "mon yy"));
  EXPECT_THAT(mapping.frequencies, UnorderedElementsAre(Pair("twiceayear", v1::HALF_YEARLY),
                                                        Pair("6m", v1::HALF_YEARLY), Pair("biweekly", v1::OTHER)));
  EXPECT_THAT(mapping.statuses,
              UnorderedElementsAre(Pair("live", LineStatus::kReleased), Pair("gone", LineStatus::kCancelled)));
  EXPECT_THAT(mapping.reasons, UnorderedElementsAre(Pair("baddata", v1::Commitment::DATA_QUALITY)));
}

TEST(Mapping, HasDefaults) {
  const Mapping mapping = ParseOrFail(kLeast);
  EXPECT_FALSE(mapping.period.has_value());
  EXPECT_EQ(mapping.language, "en");
  EXPECT_EQ(mapping.header_row, 0);
  EXPECT_THAT(mapping.date_formats, IsEmpty());
}

TEST(Mapping, TakesOnePublisherForAllLines) {
  const char columns[] = "columns: {title: Name, release: Date}\n";
  Mapping mapping = ParseOrFail(absl::StrCat(columns, "publisher: {title: Social Welfare Department, id: swd}\n"));
  EXPECT_EQ(mapping.publisher_title, "Social Welfare Department");
  EXPECT_EQ(mapping.publisher_id, "swd");
  mapping = ParseOrFail(absl::StrCat(columns, "publisher: Social Welfare Department\nperiod: 2022\n"));
  EXPECT_EQ(mapping.publisher_title, "Social Welfare Department");
  EXPECT_EQ(mapping.publisher_id, "");
  EXPECT_EQ(mapping.period->end_year(), 2022);
  EXPECT_EQ(Refusal(absl::StrCat(columns, "publisher: {id: swd}\n")), "m.yaml:2: publisher has no title");
}

TEST(Mapping, NamesWhatIsMissing) {
  EXPECT_EQ(Refusal("columns:\n  publisher: A\n  target: B\n"),
            "m.yaml:1: columns.title is missing: which column has the titles?");
  EXPECT_EQ(Refusal("columns:\n  publisher: A\n  title: B\n"),
            "m.yaml:1: columns.target is missing: which column has the target dates? (Or columns.release.)");
  EXPECT_EQ(Refusal("columns:\n  title: A\n  target: B\n"),
            "m.yaml:1: who promises? Name a column, columns.publisher, or one publisher for all lines, publisher");
  EXPECT_EQ(RefusalOf("publisher: X\n"),
            "m.yaml:1: both columns.publisher and publisher say whose plan it is: leave one out");
  EXPECT_EQ(RefusalOf("skip_rows_where_empty: link\n"),
            "m.yaml:1: skip_rows_where_empty names link, which is not among the columns");
}

TEST(Mapping, NamesTheLineAndTheNearestKey) {
  EXPECT_EQ(RefusalOf("\nlanguge: en\n"), "m.yaml:6: \"languge\" is no key of a mapping; did you mean \"language\"?");
  EXPECT_EQ(Refusal("columns:\n  titel: A\n"), "m.yaml:2: \"titel\" is no key of columns; did you mean \"title\"?");
  EXPECT_EQ(Refusal("colunms: {title: A}\n"),
            "m.yaml:1: \"colunms\" is no key of a mapping; did you mean \"columns\"?");
  EXPECT_EQ(RefusalOf("frequencies:\n  anually: X\n"),
            "m.yaml:6: \"anually\" is no key of frequencies; known are continuous, daily, weekly, monthly, quarterly, "
            "half-yearly, yearly, as-needed, other");
  EXPECT_EQ(RefusalOf("frequencies: {half_yearl: X}\n"),
            "m.yaml:5: \"half_yearl\" is no key of frequencies; did you mean \"half-yearly\"?");
  EXPECT_EQ(RefusalOf("statuses: {canceled: X}\n"),
            "m.yaml:5: \"canceled\" is no key of statuses; did you mean \"cancelled\"?");
  EXPECT_EQ(RefusalOf("reasons: {data quality: X}\n"),
            "m.yaml:5: \"data quality\" is no key of reasons; did you mean \"data-quality\"?");
  EXPECT_EQ(RefusalOf("date_formats: dd/mm/yyy\n"),
            "m.yaml:5: \"dd/mm/yyy\" is no format of dates; did you mean \"dd/mm/yyyy\"?");
  EXPECT_EQ(RefusalOf("skip_rows_where_empty: titel\n"),
            "m.yaml:5: \"titel\" is no key of columns; did you mean \"title\"?");
  EXPECT_THAT(RefusalOf("xyzzy: en\n"), StartsWith("m.yaml:5: \"xyzzy\" is no key of a mapping; known are columns, "));
  EXPECT_THAT(RefusalOf(absl::StrCat("? ", std::string(100'000, 'x'), "\n: y\n")), StartsWith("m.yaml:5: \"xxx"));
}

TEST(Mapping, NamesTheLineOfAValueThatCannotBe) {
  EXPECT_EQ(RefusalOf("title: Plans\ntitle: Other\n"), "m.yaml:6: a mapping has the key \"title\" twice");
  EXPECT_EQ(RefusalOf("publishers:\n  SWD: swd\n  s w d: hkpf\n"), "m.yaml:7: publishers has \"s w d\" twice");
  EXPECT_EQ(RefusalOf("---\ndate_formats: dd/mm/yyyy\n"),
            "m.yaml:6: a second document: all of a mapping stands in one");
  EXPECT_EQ(RefusalOf("title: [A, B]\n"), "m.yaml:5: title is not a text");
  EXPECT_EQ(RefusalOf("title:\n"), "m.yaml:5: \"title\" has no value");
  EXPECT_EQ(RefusalOf("title: \" \"\n"), "m.yaml:5: title is not a text");
  EXPECT_EQ(RefusalOf("publishers: swd\n"), "m.yaml:5: publishers is not a list of `key: value`");
  EXPECT_EQ(RefusalOf("publishers: {A: SWD}\n"),
            "m.yaml:5: \"SWD\" is no id of a publisher: 1 to 63 lower-case letters, digits and hyphens, such as swd");
  EXPECT_THAT(RefusalOf("publishers: {A: publishers/-}\n"), StartsWith("m.yaml:5: \"publishers/-\" is no id"));
  for (const char* period : {"2024-2022", "22-24", "1899", "2022-10000", "soon"}) {
    EXPECT_EQ(
        RefusalOf(absl::StrCat("period: ", period, "\n")),
        absl::StrCat("m.yaml:5: the period \"", period, "\" is no year, or first and last year, such as 2022-2024"));
  }
  EXPECT_EQ(RefusalOf("language: zh-hant-hk\n"),
            "m.yaml:5: \"zh-hant-hk\" is no BCP-47 language tag such as zh-Hant-HK");
  for (const char* row : {"0", "-1", "x", "1000001", "99999999999"}) {
    EXPECT_EQ(RefusalOf(absl::StrCat("header_row: ", row, "\n")),
              "m.yaml:5: header_row is not the number of a row, counted from 1");
  }
  EXPECT_EQ(RefusalOf("date_formats: [dd/mm/yyyy, mm/dd/yyyy]\n"),
            "m.yaml:5: date_formats has both dd/mm/yyyy and mm/dd/yyyy, which leaves open what 03/04 is");
  EXPECT_EQ(RefusalOf("statuses:\n  released: Live\n  cancelled: LIVE\n"),
            "m.yaml:7: statuses has the phrase \"LIVE\" twice");
  EXPECT_EQ(RefusalOf("statuses: {released: []}\n"), "m.yaml:5: statuses.released is an empty list");
  EXPECT_EQ(RefusalOf(absl::StrCat("title: ", std::string(1001, 'x'), "\n")),
            "m.yaml:5: title has more than 1000 characters");
  EXPECT_EQ(ParseOrFail(absl::StrCat(kLeast, "title: ", std::string(1000, 'x'), "\n")).title.size(), 1000u);
}

TEST(Mapping, TakesOnlyLanguageTags) {
  for (const char* tag : {"en", "en-GB", "zh-Hans-HK", "yue"}) {
    EXPECT_EQ(ParseOrFail(absl::StrCat(kLeast, "language: ", tag, "\n")).language, tag);
  }
  for (const char* tag : {"english", "en_GB", "x-y", "-", "zh-"}) {
    EXPECT_EQ(RefusalOf(absl::StrCat("language: \"", tag, "\"\n")),
              absl::StrCat("m.yaml:5: \"", tag, "\" is no BCP-47 language tag such as en or zh-Hant-HK"));
  }
}

TEST(Mapping, RefusesWhatIsNoMapping) {
  EXPECT_EQ(Refusal(""), "m.yaml:1: a mapping is not a list of `key: value`");
  EXPECT_EQ(Refusal("- columns\n"), "m.yaml:1: a mapping is not a list of `key: value`");
  EXPECT_THAT(Refusal("columns: {\n  title: A\n"), StartsWith("m.yaml:"));
  EXPECT_THAT(Refusal("title: A\n\tlanguage: en\n"), StartsWith("m.yaml:2: this is no YAML: "));
  EXPECT_THAT(Refusal("columns: *nowhere\n"), StartsWith("m.yaml:1: this is no YAML: "));
  EXPECT_THAT(Refusal(std::string(100'000, '[')), StartsWith("m.yaml:1: this is no YAML: "));
  EXPECT_EQ(Refusal(std::string((1 << 20) + 1, ' ')), "m.yaml: is larger than 1 MiB: that is no mapping");
}

}  // namespace
}  // namespace almanac::client
