#include "client/documents/table_plan.h"

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/documents/table_columns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/table_testing.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string ReadFile(const std::string& name) {
  std::ifstream file(absl::StrCat(ALMANAC_TEST_DATA "/", name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The headings of a table with every column, and a mapping that names them all.
const char kHeadings[] =
    "publisher,title,description,category,section,number,target,release,frequency,formats,status,reason,link\n";
const char kMapping[] =
    "columns: {publisher: publisher, title: title, description: description, category: category, section: section,\n"
    "  number: number, target: target, release: release, frequency: frequency, formats: formats, status: status,\n"
    "  reason: reason, link: link}\n";
// The same without the columns that most tables lack.
const char kShort[] = "Agency,Name,Date\n";
const char kShortMapping[] = "columns: {publisher: Agency, title: Name, target: Date}\n";

TablePlans ReadOrFailPlans(const std::string& csv, const std::string& yaml) {
  absl::StatusOr<TablePlans> plans = ReadPlans(csv, yaml);
  EXPECT_TRUE(plans.ok()) << plans.status();
  return plans.ok() ? *std::move(plans) : TablePlans();
}

std::string Refusal(const std::string& csv, const std::string& yaml) {
  const absl::StatusOr<TablePlans> plans = ReadPlans(csv, yaml);
  EXPECT_EQ(plans.status().code(), absl::StatusCode::kInvalidArgument) << plans.status();
  return std::string(plans.status().message());
}

std::vector<std::string> Warnings(const TablePlans& plans) {
  std::vector<std::string> warnings;
  for (const v1::DocumentWarning& warning : plans.warnings) {
    warnings.push_back(absl::StrCat(warning.line(), ":", warning.column(), ": ", warning.message()));
  }
  return warnings;
}

// The line that the second row of a table says, whose first is good, in a table with every column.
struct OneLine {
  v1::DocumentCommitment line;
  std::vector<std::string> warnings;
};
OneLine ReadRow(const std::string& row, const std::string& more = "") {
  const TablePlans plans =
      ReadOrFailPlans(absl::StrCat(kHeadings, "P,Good,,,A,99,2022,,,,,,\n", row, "\n"), absl::StrCat(kMapping, more));
  OneLine one{{}, Warnings(plans)};
  if (plans.plans.empty()) return one;
  const v1::PlanDocument& document = plans.plans.front().document;
  if (document.commitments_size() > 1) one.line = document.commitments(1);
  return one;
}

TEST(TablePlan, ReadsThePlansOfSeveralPublishers) {
  const TablePlans plans = ReadOrFailPlans(ReadFile("open-data-plans.csv"), ReadFile("open-data-plans.yaml"));
  EXPECT_THAT(plans.warnings, IsEmpty());
  EXPECT_THAT(plans.unread, IsEmpty());
  ASSERT_THAT(plans.plans, SizeIs(2));
  EXPECT_EQ(plans.plans[0].parent, "publishers/swd");
  const v1::PlanDocument& swd = plans.plans[0].document;
  EXPECT_EQ(swd.publisher_title(), "Social Welfare Department");
  EXPECT_EQ(swd.title(), "Open data plans");
  EXPECT_EQ(swd.language(), "en");
  EXPECT_EQ(swd.period().start_year(), 2022);
  EXPECT_EQ(swd.period().end_year(), 2023);
  ASSERT_THAT(swd.sections(), SizeIs(1));
  EXPECT_EQ(swd.sections(0).code(), "A");
  ASSERT_THAT(swd.commitments(), SizeIs(3));
  const v1::DocumentCommitment& homes = swd.commitments(0);
  EXPECT_EQ(homes.section(), "A");
  EXPECT_EQ(homes.number(), 1);
  EXPECT_EQ(homes.title(), "Residential care homes");
  EXPECT_EQ(homes.remark(), "List of homes, with places");
  EXPECT_EQ(homes.target_date(), "2022-06");
  EXPECT_EQ(homes.release_date(), "2022-06-30");
  EXPECT_EQ(homes.frequency(), v1::QUARTERLY);
  EXPECT_EQ(homes.frequency_text(), "Quarterly");
  EXPECT_THAT(homes.formats(), ElementsAre("CSV", "JSON"));
  EXPECT_EQ(homes.landing_page(), "https://www.swd.gov.hk/homes");
  EXPECT_EQ(homes.line(), 2);
  EXPECT_EQ(homes.column(), 2);
  EXPECT_EQ(swd.commitments(1).target_date(), "2022-Q3");
  EXPECT_EQ(swd.commitments(1).frequency(), v1::YEARLY);
  EXPECT_EQ(swd.commitments(2).number(), 3);
  EXPECT_EQ(swd.commitments(2).line(), 7);
  EXPECT_EQ(swd.commitments(2).frequency(), v1::OTHER);
  EXPECT_EQ(swd.commitments(2).frequency_text(), "Bi-Weekly");

  EXPECT_EQ(plans.plans[1].parent, "publishers/-");
  const v1::PlanDocument& highways = plans.plans[1].document;
  EXPECT_EQ(highways.publisher_title(), "Highways Department");
  EXPECT_EQ(highways.period().end_year(), 2023);
  ASSERT_THAT(highways.commitments(), SizeIs(2));
  EXPECT_EQ(highways.commitments(0).number(), 1);
  EXPECT_EQ(highways.commitments(0).remark(), "Position\nand type");
  EXPECT_EQ(highways.commitments(0).target_date(), "2022-12");
  EXPECT_EQ(highways.commitments(0).frequency(), v1::HALF_YEARLY);
  const v1::DocumentCommitment& slopes = highways.commitments(1);
  EXPECT_EQ(slopes.line(), 6);
  EXPECT_EQ(slopes.target_date(), "2022");
  EXPECT_EQ(slopes.frequency(), v1::OTHER);
  EXPECT_FALSE(slopes.discontinued());
  EXPECT_EQ(slopes.cancellation().reason(), v1::Commitment::PRIVACY);
  EXPECT_EQ(slopes.cancellation().note(), "Contains personal data");
}

TEST(TablePlan, ReadsTheSameOfASpreadsheet) {
  const absl::StatusOr<Mapping> mapping = ParseMapping(ReadFile("open-data-plans.yaml"), "m.yaml");
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  auto of_xlsx = ReadTablePlans(ReadOrFail(ReadFile("open-data-plans.xlsx"), "t.xlsx"), *mapping);
  auto of_csv = ReadTablePlans(ReadOrFail(ReadFile("open-data-plans.csv")), *mapping);
  ASSERT_TRUE(of_xlsx.ok() && of_csv.ok()) << of_xlsx.status() << of_csv.status();
  ASSERT_EQ(of_xlsx->plans.size(), of_csv->plans.size());
  for (std::size_t i = 0; i < of_csv->plans.size(); ++i) {
    EXPECT_EQ(of_xlsx->plans[i].parent, of_csv->plans[i].parent);
    // A cell of two lines puts the rows below it one line further down in CSV only.
    for (TablePlans* plans : {&*of_xlsx, &*of_csv}) {
      for (v1::DocumentCommitment& line : *plans->plans[i].document.mutable_commitments()) line.clear_line();
    }
    EXPECT_EQ(of_xlsx->plans[i].document.DebugString(), of_csv->plans[i].document.DebugString());
  }
}

TEST(TablePlan, ReadsFrequencies) {
  const std::pair<const char*, v1::Frequency> phrases[] = {
      {"Annually", v1::YEARLY},
      {"ANNUAL", v1::YEARLY},
      {"yearly", v1::YEARLY},
      {"每年", v1::YEARLY},
      {"Semi-annually", v1::HALF_YEARLY},
      {"half yearly", v1::HALF_YEARLY},
      {"Quarterly", v1::QUARTERLY},
      {"每季", v1::QUARTERLY},
      {"Monthly", v1::MONTHLY},
      {"Weekly", v1::WEEKLY},
      {"每週", v1::WEEKLY},
      {"Daily", v1::DAILY},
      {"Real-time", v1::CONTINUOUS},
      {"實時", v1::CONTINUOUS},
      {"实时", v1::CONTINUOUS},
      {"As needed", v1::AS_NEEDED},
      {"在資料更新時", v1::AS_NEEDED},
      {"As and when updated", v1::AS_NEEDED},
      {"Bi-Weekly", v1::OTHER},
      {"One Time", v1::OTHER},
      {"Ｄａｉｌｙ", v1::DAILY},
  };
  for (const auto& [phrase, frequency] : phrases) {
    const OneLine one = ReadRow(absl::StrCat("P,T,,,A,1,2022,,", phrase, ",,,,"));
    EXPECT_EQ(one.line.frequency(), frequency) << phrase;
    EXPECT_EQ(one.line.frequency_text(), phrase);
    EXPECT_FALSE(one.line.discontinued()) << phrase;
    EXPECT_THAT(one.warnings, IsEmpty()) << phrase;
  }
  const OneLine historical = ReadRow("P,T,,,A,1,2022,,Historical Data,,,,");
  EXPECT_EQ(historical.line.frequency(), v1::OTHER);
  EXPECT_TRUE(historical.line.discontinued());
  const OneLine open = ReadRow("P,T,,,A,1,2022,,TBD,,,,");
  EXPECT_EQ(open.line.frequency(), v1::FREQUENCY_UNSPECIFIED);
  EXPECT_EQ(open.line.frequency_text(), "TBD");
  EXPECT_THAT(open.warnings, ElementsAre("3:9: the frequency \"TBD\" is none yet"));
  const OneLine unknown = ReadRow("P,T,,,A,1,2022,,Each full moon,,,,");
  EXPECT_EQ(unknown.line.frequency(), v1::OTHER);
  EXPECT_EQ(unknown.line.frequency_text(), "Each full moon");
  EXPECT_THAT(unknown.warnings, ElementsAre("3:9: the frequency \"Each full moon\" is not known; read as OTHER "
                                            "(frequencies in the mapping can say what it means)"));
  const OneLine own = ReadRow("P,T,,,A,1,2022,,Each full moon,,,,", "frequencies: {monthly: each FULL-moon}\n");
  EXPECT_EQ(own.line.frequency(), v1::MONTHLY);
  EXPECT_THAT(own.warnings, IsEmpty());
}

TEST(TablePlan, ReadsWhatBecameOfAPromise) {
  const OneLine released = ReadRow("P,T,,,A,1,06/2022,30/06/2022,,,Released,,");
  EXPECT_EQ(released.line.target_date(), "2022-06");
  EXPECT_EQ(released.line.release_date(), "2022-06-30");
  const OneLine unsaid = ReadRow("P,T,,,A,1,06/2022,30/06/2022,,,,,");
  EXPECT_EQ(unsaid.line.release_date(), "2022-06-30");
  const OneLine listed = ReadRow("P,T,,,A,1,,06/2021,,,已發放,,");
  EXPECT_EQ(listed.line.target_date(), "");
  EXPECT_EQ(listed.line.release_date(), "2021-06");
  for (const OneLine& one : {released, unsaid, listed}) EXPECT_THAT(one.warnings, IsEmpty());

  const OneLine dateless = ReadRow("P,T,,,A,1,06/2022,,,,Released,,");
  EXPECT_EQ(dateless.line.target_date(), "2022-06");
  EXPECT_EQ(dateless.line.release_date(), "");
  EXPECT_THAT(dateless.warnings, ElementsAre("3:11: it is released, but without a date: taken as promised"));
  const OneLine planned = ReadRow("P,T,,,A,1,06/2022,07/2022,,,Scheduled,,");
  EXPECT_EQ(planned.line.release_date(), "");
  EXPECT_THAT(planned.warnings, ElementsAre("3:8: the release date 2022-07 is not taken: the status is planned"));
  const OneLine unknown = ReadRow("P,T,,,A,1,06/2022,,,,Hmm,,");
  EXPECT_EQ(unknown.line.target_date(), "2022-06");
  EXPECT_THAT(unknown.warnings, ElementsAre("3:11: the status \"Hmm\" is not known; taken as planned (statuses in the "
                                            "mapping can say what it means)"));
  const OneLine own = ReadRow("P,T,,,A,1,06/2022,07/2022,,,Hmm,,", "statuses: {released: hmm}\n");
  EXPECT_EQ(own.line.release_date(), "2022-07");
  EXPECT_THAT(own.warnings, IsEmpty());
}

TEST(TablePlan, ReadsCancellations) {
  OneLine one = ReadRow("P,T,,,A,1,06/2022,,,,Cancelled,No funds left,");
  EXPECT_EQ(one.line.target_date(), "2022-06");
  EXPECT_EQ(one.line.cancellation().reason(), v1::Commitment::OTHER);
  EXPECT_EQ(one.line.cancellation().note(), "No funds left");
  EXPECT_THAT(one.warnings, IsEmpty());
  one = ReadRow("P,T,,,A,1,06/2022,,,,Removed from the plan,,");
  EXPECT_EQ(one.line.cancellation().note(), "Removed from the plan");
  one = ReadRow("P,T,,,A,1,06/2022,,,,取消,Data quality,");
  EXPECT_EQ(one.line.cancellation().reason(), v1::Commitment::DATA_QUALITY);
  one = ReadRow("P,T,,,A,1,06/2022,,,,removed,No funds left,", "reasons: {funding: no funds left}\n");
  EXPECT_EQ(one.line.cancellation().reason(), v1::Commitment::FUNDING);
  one = ReadRow("P,T,,,A,1,06/2022,07/2022,,,removed,,");
  EXPECT_EQ(one.line.release_date(), "");
  EXPECT_THAT(one.warnings, ElementsAre("3:8: the release date 2022-07 is not taken: the status is cancelled"));
  // A reason for anything else is kept, too.
  one = ReadRow("P,T,Words,,A,1,06/2022,,,,delayed,Staff moved,");
  EXPECT_FALSE(one.line.has_cancellation());
  EXPECT_EQ(one.line.remark(), "Words\nStaff moved");
}

TEST(TablePlan, LeavesOutARowWithoutWhatAPromiseNeeds) {
  const std::pair<const char*, const char*> rows[] = {
      {"P,T,,,A,1,,,,,,,", "3:7: left out: it has no date, and a promise has one"},
      {"P,T,,,A,1,TBC,,,,,,", "3:7: left out: the target \"TBC\" is no date yet"},
      {"P,T,,,A,1,待定,,,,,,", "3:7: left out: the target \"待定\" is no date yet"},
      {"P,T,,,A,1,FY2022-23,,,,,,",
       "3:7: left out: the target \"FY2022-23\" names a financial year or several years; write the month, quarter or "
       "year in which it ends"},
      {"P,,,,A,1,2022,,,,,,", "3:2: left out: it has no title"},
      {",T,,,A,1,2022,,,,,,", "3:1: left out: it has no publisher"},
      {"P,T,,,AB,1,2022,,,,,,", "3:5: left out: the section \"AB\" is no letter A to Z"},
      {"P,T,,,,1,2022,,,,,,", "3:5: left out: the section \"\" is no letter A to Z"},
      {"P,T,,,A,0,2022,,,,,,", "3:6: left out: \"0\" is not a number from 1 to 99999"},
      {"P,T,,,A,100000,2022,,,,,,", "3:6: left out: \"100000\" is not a number from 1 to 99999"},
      {"P,T,,,A,,2022,,,,,,", "3:6: left out: \"\" is not a number from 1 to 99999"},
      {"P,T,,,A,1,2022", "3:0: left out: the row has 7 cells, but the table has 13 columns"},
      {"P,T,,,A,1,2022,,,,,,,extra", "3:14: left out: the row has 14 cells, but the table has 13 columns"},
      {"P,T,,,A,1,TBC,,,,removed,,", "3:7: left out: the target \"TBC\" is no date yet"},
  };
  for (const auto& [row, warning] : rows) {
    const OneLine one = ReadRow(row);
    EXPECT_THAT(one.warnings, ElementsAre(warning)) << row;
    EXPECT_EQ(one.line.title(), "") << row;
  }
}

TEST(TablePlan, KeepsARowOfWhichSomethingIsUnclear) {
  const std::pair<const char*, const char*> rows[] = {
      {"P,T,,,A,1,mid-2022,,,,,,", "3:7: the target \"mid-2022\" has no exact meaning; taken as the year 2022"},
      {"P,T,,,A,1,2022,,,,,,ftp://x", "3:13: the link \"ftp://x\" is not an http or https URL"},
      {"P,T,,,A,1,2022,,,,,,http://", "3:13: the link \"http://\" is not an http or https URL"},
      {"P,T,,,A,1,2022,,,,,,http://a b", "3:13: the link \"http://a b\" is not an http or https URL"},
      {"P,T,,,A,1,2022,,,Esri REST,,,", "3:10: \"Esri REST\" is no format such as CSV"},
  };
  for (const auto& [row, warning] : rows) {
    const OneLine one = ReadRow(row);
    EXPECT_THAT(one.warnings, ElementsAre(warning)) << row;
    EXPECT_EQ(one.line.target_date(), "2022") << row;
    EXPECT_EQ(one.line.landing_page(), "") << row;
  }
  // A target that is none does not matter once the promise is kept.
  const OneLine kept = ReadRow("P,T,,,A,1,TBC,2022-06-01,,,,,");
  EXPECT_EQ(kept.line.release_date(), "2022-06-01");
  EXPECT_THAT(kept.warnings, ElementsAre("3:7: the target \"TBC\" is no date yet"));
}

TEST(TablePlan, ReadsFormats) {
  EXPECT_THAT(ReadRow("P,T,,,A,1,2022,,,\"csv, Json;XML/csv\",,,").line.formats(), ElementsAre("CSV", "JSON", "XML"));
  EXPECT_THAT(ReadRow("P,T,,,A,1,2022,,,CSV and XLSX、Shapefile,,,").line.formats(),
              ElementsAre("CSV", "XLSX", "SHAPEFILE"));
  std::vector<std::string> formats;
  for (int i = 1; i <= 32; ++i) formats.push_back(absl::StrCat("F", i));
  const OneLine most = ReadRow(absl::StrCat("P,T,,,A,1,2022,,,", absl::StrJoin(formats, "/"), ",,,"));
  EXPECT_THAT(most.line.formats(), SizeIs(32));
  EXPECT_THAT(most.warnings, IsEmpty());
  const OneLine more = ReadRow(absl::StrCat("P,T,,,A,1,2022,,,", absl::StrJoin(formats, "/"), "/F33,,,"));
  EXPECT_THAT(more.line.formats(), SizeIs(32));
  EXPECT_THAT(more.warnings, ElementsAre("3:10: only the first 32 formats are taken"));
  EXPECT_THAT(ReadRow("P,T,,,A,1,2022,,," + std::string(32, 'X') + ",,,").line.formats(), SizeIs(1));
  EXPECT_THAT(ReadRow("P,T,,,A,1,2022,,," + std::string(33, 'X') + ",,,").warnings, SizeIs(1));
}

TEST(TablePlan, TakesNoFormatsOfATextThatIsTooLong) {
  const OneLine longest = ReadRow("P,T,,,A,1,2022,,,CSV" + std::string(1'997, '/') + ",,,");
  EXPECT_THAT(longest.line.formats(), ElementsAre("CSV"));
  const OneLine longer = ReadRow("P,T,,,A,1,2022,,,CSV" + std::string(1'998, '/') + ",,,");
  EXPECT_THAT(longer.line.formats(), IsEmpty());
  EXPECT_THAT(longer.warnings,
              ElementsAre("3:10: the formats have 2001 characters, but may have at most 2000, and none is taken"));
}

TEST(TablePlan, TakesNoErrorOfASpreadsheetForAText) {
  const OneLine title = ReadRow("P,#REF!,,,A,1,2022,,,,,,");
  EXPECT_THAT(title.warnings,
              ElementsAre("3:2: the cell has the error #REF! in place of a value", "3:2: left out: it has no title"));
  const OneLine category = ReadRow("P,T,,#N/A,A,1,2022,,,,,,");
  EXPECT_THAT(category.warnings, ElementsAre("3:4: the cell has the error #N/A in place of a value"));
  EXPECT_EQ(category.line.category(), "");
  // Nor is it a reason to skip the row; the one above is skipped.
  EXPECT_EQ(ReadRow("P,T,,#N/A,A,1,2022,,,,,,", "skip_rows_where_empty: category\n").warnings, category.warnings);
}

TEST(TablePlan, HoldsTheLimitsOfTexts) {
  const auto row = [](std::size_t title, std::size_t description, std::size_t category, std::size_t frequency) {
    return absl::StrCat("P,", Times(title, "长"), ",", Times(description, "描"), ",", Times(category, "类"),
                        ",A,1,2022,,", Times(frequency, "频"), ",,,,");
  };
  const OneLine longest =
      ReadRow(row(1000, 10'000, 1000, 1000), absl::StrCat("frequencies: {other: ", Times(1000, "频"), "}"));
  EXPECT_THAT(longest.warnings, IsEmpty());
  EXPECT_EQ(longest.line.title(), Times(1000, "长"));
  EXPECT_THAT(ReadRow(row(1001, 1, 1, 0)).warnings,
              ElementsAre("3:2: left out: the title has 1001 characters, but may have at most 1000"));
  EXPECT_THAT(ReadRow(row(1, 10'001, 1, 0)).warnings,
              ElementsAre("3:3: left out: the description has 10001 characters, but may have at most 10000"));
  EXPECT_THAT(ReadRow(row(1, 1, 1001, 0)).warnings,
              ElementsAre("3:4: left out: the category has 1001 characters, but may have at most 1000"));
  EXPECT_THAT(ReadRow(row(1, 1, 1, 1001)).warnings,
              ElementsAre("3:9: left out: the frequency has 1001 characters, but may have at most 1000",
                          StartsWith("3:9: the frequency \"频")));
  const auto cancelled = [](std::size_t note) {
    return ReadRow(absl::StrCat("P,T,,,A,1,2022,,,,removed,", Times(note, "因"), ","));
  };
  EXPECT_EQ(cancelled(4000).line.cancellation().note(), Times(4000, "因"));
  EXPECT_THAT(cancelled(4001).warnings,
              ElementsAre("3:12: left out: the reason has 4001 characters, but may have at most 4000"));
  const auto linked = [](std::size_t length) {
    return ReadRow(absl::StrCat("P,T,,,A,1,2022,,,,,,http://", Times(length - 7, "x")));
  };
  EXPECT_EQ(linked(2000).line.landing_page().size(), 2000u);
  EXPECT_THAT(linked(2001).warnings, ElementsAre("3:13: the link has more than 2000 characters"));
  EXPECT_THAT(ReadRow(Times(1001, "P") + ",T,,,A,1,2022,,,,,,").warnings,
              ElementsAre("3:1: left out: the publisher has 1001 characters, but may have at most 1000"));
}

TEST(TablePlan, PutsTitlesOnOneLine) {
  const OneLine one = ReadRow("P,\"Homes \n for   the\r\naged\",,\"Social\nwelfare\",A,1,\"June\n2022\",,,,,,");
  EXPECT_EQ(one.line.title(), "Homes for the aged");
  EXPECT_EQ(one.line.category(), "Social welfare");
  EXPECT_EQ(one.line.target_date(), "2022-06");
}

TEST(TablePlan, NumbersLinesForEachPublisherAndSection) {
  const TablePlans plans =
      ReadOrFailPlans("Agency,Name,Date,Part\nP,a,2022,A\nQ,b,2022,A\nP,c,2022,b\nP,d,TBC,A\nP,e,2022,A\np,f,2022,B\n",
                      "columns: {publisher: Agency, title: Name, target: Date, section: Part}\n");
  ASSERT_THAT(plans.plans, SizeIs(2));
  std::vector<std::string> lines;
  for (const TablePlan& plan : plans.plans) {
    for (const auto& line : plan.document.commitments()) {
      lines.push_back(
          absl::StrCat(plan.document.publisher_title(), " ", line.section(), line.number(), " ", line.title()));
    }
  }
  // The fourth row is left out and keeps its number.
  EXPECT_THAT(lines, ElementsAre("P A1 a", "P B1 c", "P A3 e", "P B2 f", "Q A1 b"));
  ASSERT_THAT(plans.plans[0].document.sections(), SizeIs(2));
  EXPECT_EQ(plans.plans[0].document.sections(1).code(), "B");
  ASSERT_THAT(plans.plans[0].document.warnings(), SizeIs(1));
  EXPECT_EQ(plans.plans[0].document.warnings(0).line(), 5);
  EXPECT_EQ(plans.plans[0].document.warnings(0).column(), 3);
  EXPECT_THAT(plans.plans[1].document.warnings(), IsEmpty());
}

TEST(TablePlan, RefusesATitleThatAPublisherHasTwice) {
  EXPECT_EQ(Refusal(absl::StrCat(kShort, "P,Street lamps,2022\nQ,Street lamps,2022\nP,x,2022\nP,STREET  Lamps,2023\n"),
                    kShortMapping),
            "t.csv:5:2: the title \"STREET Lamps\" stands on line 2 already, for the same publisher");
  EXPECT_EQ(Refusal("Agency,Name,Date,No\nP,a,2022,7\nP,b,2022,7\n",
                    "columns: {publisher: Agency, title: Name, target: Date, number: No}\n"),
            "t.csv:3: the number 7 of section A stands on line 2 already, for the same publisher");
}

TEST(TablePlan, RefusesDatesThatOnlyTheMappingCanRead) {
  const std::string csv = absl::StrCat(kShort, "P,a,03/04/2022\nP,b,30/06/2022\nP,c,Jun-22\n");
  EXPECT_EQ(Refusal(csv, kShortMapping),
            "t.csv:2:3: the target \"03/04/2022\" could be 2022-03-04 or 2022-04-03: say in the mapping how dates are "
            "written, date_formats: dd/mm/yyyy or mm/dd/yyyy\n"
            "t.csv:4:3: the target \"Jun-22\" has a year of two digits and could be 2022-06: say in the mapping how "
            "dates are written, date_formats: mon yy");
  const TablePlans plans = ReadOrFailPlans(csv, absl::StrCat(kShortMapping, "date_formats: [dd/mm/yyyy, mon yy]\n"));
  ASSERT_THAT(plans.plans, SizeIs(1));
  EXPECT_EQ(plans.plans[0].document.commitments(0).target_date(), "2022-04-03");
  EXPECT_EQ(plans.plans[0].document.commitments(2).target_date(), "2022-06");
  std::string many = kShort;
  for (int i = 0; i < 25; ++i) absl::StrAppend(&many, "P,t", i, ",03/04/2022\n");
  EXPECT_THAT(Refusal(many, kShortMapping), ::testing::EndsWith("\nand 5 more"));
}

TEST(TablePlan, TakesThePeriodFromTheMappingElseFromTheDates) {
  const auto period = [](const std::string& csv, const std::string& yaml) {
    const TablePlans plans = ReadOrFailPlans(csv, yaml);
    if (plans.plans.empty()) return std::string();
    const v1::Period& years = plans.plans.back().document.period();
    return absl::StrCat(years.start_year(), "-", years.end_year());
  };
  const std::string targets = absl::StrCat(kShort, "P,a,2022-06\nP,b,Q1 2024\nQ,c,2023\n");
  EXPECT_EQ(period(targets, kShortMapping), "2022-2024");
  EXPECT_EQ(period(targets, absl::StrCat(kShortMapping, "period: 2021-2025\n")), "2021-2025");
  // Releases count only where nothing has a target.
  EXPECT_EQ(period("A,T,D,R\nP,a,2022,2021\nP,b,,2019\n", "columns: {publisher: A, title: T, target: D, release: R}\n"),
            "2022-2022");
  EXPECT_EQ(period("A,T,R\nP,a,2021\nP,b,2019\n", "columns: {publisher: A, title: T, release: R}\n"), "2019-2021");
}

TEST(TablePlan, SkipsTheRowsThatTheMappingSays) {
  const std::string csv = absl::StrCat(kShort, "P,a,2022\nTotal,,1\n,,\nP,b,2022\n");
  EXPECT_THAT(ReadOrFailPlans(csv, kShortMapping).warnings, SizeIs(2));
  const TablePlans plans = ReadOrFailPlans(csv, absl::StrCat(kShortMapping, "skip_rows_where_empty: title\n"));
  EXPECT_THAT(plans.warnings, IsEmpty());
  ASSERT_THAT(plans.plans, SizeIs(1));
  EXPECT_EQ(plans.plans[0].document.commitments(1).number(), 2);
}

TEST(TablePlan, TakesOnePublisherOfTheMapping) {
  const TablePlans plans = ReadOrFailPlans("Name,Date\na,2022\nb,2022\n",
                                           "publisher: {title: Social Welfare Department, id: swd}\n"
                                           "columns: {title: Name, target: Date}\n");
  ASSERT_THAT(plans.plans, SizeIs(1));
  EXPECT_EQ(plans.plans[0].parent, "publishers/swd");
  EXPECT_EQ(plans.plans[0].document.publisher_title(), "Social Welfare Department");
}

TEST(TablePlan, TakesNamesWithOneIdForOnePublisher) {
  const TablePlans plans =
      ReadOrFailPlans(absl::StrCat(kShort, "Welfare Dept.,a,2022\nWelfare Department,b,2022\n"),
                      absl::StrCat(kShortMapping, "publishers: {Welfare Department: swd, ", "welfare dept.: swd}\n"));
  ASSERT_THAT(plans.plans, SizeIs(1));
  EXPECT_EQ(plans.plans[0].document.publisher_title(), "Welfare Dept.");
  EXPECT_EQ(plans.plans[0].document.commitments(1).number(), 2);
}

TEST(TablePlan, TellsThePublishersWhomOnlyTheMappingNames) {
  const TablePlans plans =
      ReadOrFailPlans(absl::StrCat(kShort, "Welfare  Department,a,2022\n"),
                      absl::StrCat(kShortMapping, "publishers: {welfare department: swd, Welfare Dept: swd}\n"));
  EXPECT_EQ(plans.plans[0].parent, "publishers/swd");
  EXPECT_THAT(plans.unnamed, ElementsAre("Welfare Dept"));
}

TEST(TablePlan, FindsColumnsByTheWordsOfTheirHeadings) {
  const TablePlans plans = ReadOrFailPlans("  AGENCY ,Dataset_Name,\"Ｄａｔｅ of\nrelease\",Notes,\nP,a,2022,n,\n",
                                           "columns: {publisher: agency, title: dataset name,\n"
                                           "  target: [Due, \"date of  Release\"]}\n");
  ASSERT_THAT(plans.plans, SizeIs(1));
  EXPECT_EQ(plans.plans[0].document.commitments(0).target_date(), "2022");
  EXPECT_THAT(plans.unread, ElementsAre("Notes"));
}

TEST(TablePlan, NamesTheLineOfAMappingThatDoesNotFit) {
  const std::string row = "P,a,2022\n";
  EXPECT_EQ(Refusal("Agency,Title,Date\n" + row, kShortMapping),
            "m.yaml:1: columns.title is \"Name\", but t.csv:1 has the headings \"Agency\", \"Title\", \"Date\"");
  EXPECT_EQ(Refusal("Agency;Name;Date\nP;a;2022\n", kShortMapping),
            "m.yaml:1: columns.publisher is \"Agency\", but t.csv:1 has the headings \"Agency;Name;Date\"; is there a "
            "comma between its columns?");
  EXPECT_EQ(Refusal("Open data plans,,\nAgency,Name,Date\n" + row, kShortMapping),
            "m.yaml:1: columns.publisher is \"Agency\", but t.csv:1 has the headings \"Open data plans\"; are the "
            "headings in a row below? Then header_row has to say in which");
  // A column without a heading is none that a mapping can name.
  EXPECT_EQ(Refusal("Agency,,Date\n" + row, "columns: {publisher: Agency, title: \"-\", target: Date}\n"),
            "m.yaml:1: columns.title is \"-\", but t.csv:1 has the headings \"Agency\", \"\", \"Date\"");
  EXPECT_EQ(Refusal("Agency,Name,Date,name\n" + row, kShortMapping),
            "m.yaml:1: columns.title: t.csv:1 has the heading \"Name\" in the columns 2 and 4");
  EXPECT_EQ(Refusal(kShort + row, "columns:\n  publisher: Agency\n  title: Name\n  target: Date\n  release: date\n"),
            "m.yaml:5: columns.release and columns.target are both the column \"Date\"");
}

TEST(TablePlan, RefusesATableWithoutLines) {
  EXPECT_EQ(Refusal(kShort, kShortMapping), "t.csv: no row is a line of a plan");
  EXPECT_EQ(Refusal(absl::StrCat(kShort, "P,a,TBC\n"), kShortMapping),
            "t.csv: no row is a line of a plan; the first one: line 2, left out: the target \"TBC\" is no date yet");
}

TEST(TablePlan, HoldsTheLimitOfLinesOfAPublisher) {
  std::string csv = kShort;
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&csv, "P,t", i, ",2022\nQ,t", i, ",2022\n");
  const TablePlans most = ReadOrFailPlans(csv, kShortMapping);
  ASSERT_THAT(most.plans, SizeIs(2));
  EXPECT_THAT(most.plans[0].document.commitments(), SizeIs(5000));
  csv += "Q,one more,2022\n";
  EXPECT_EQ(Refusal(csv, kShortMapping),
            "t.csv:10002: a publisher may have at most 5000 lines, and this is one more; \"Q\" has 5001");
}

TEST(TablePlan, EndsAListOfWarningsThatWouldNotEnd) {
  const std::string csv = absl::StrCat(kShort, "P,a,2022\n", Times(12'000, "P,b,TBC\n"));
  const TablePlans plans = ReadOrFailPlans(csv, kShortMapping);
  ASSERT_THAT(plans.warnings, SizeIs(10'000));
  EXPECT_EQ(plans.warnings[9999].message(), "there are more warnings than these; the last one is here");
}

TEST(TablePlan, ReadsATableOfFullSize) {
  std::string csv = "Agency,Name,Date,Released,Frequency\n";
  for (int i = 0; i < 20'000; ++i) {
    absl::StrAppend(&csv, "P", i % 5, ",t", i, ",by the end of ", 1900 + i % 100, " or later than that,31/31/2022,x", i,
                    "\n");
  }
  const absl::StatusOr<TablePlans> plans = ReadPlans(
      csv, "columns: {publisher: Agency, title: Name, target: Date, release: Released, frequency: Frequency}\n");
  EXPECT_THAT(std::string(plans.status().message()), StartsWith("t.csv: no row is a line of a plan"));
}

TEST(SkeletonMapping, PutsTheHeadingsWhereTheyAreLikelyToBelong) {
  EXPECT_EQ(SkeletonMapping(ReadOrFail("Agency,Dataset,Dataset Description,Update Frequency,Planned Release Date,"
                                       "Release Date,\"Say \"\"x\"\"\",URL\n")),
            "columns:\n"
            "  publisher: \"Agency\"\n"
            "  title: \"Dataset\"\n"
            "  description: \"Dataset Description\"\n"
            "  target: \"Planned Release Date\"\n"
            "  release: \"Release Date\"\n"
            "  frequency: \"Update Frequency\"\n"
            "  link: \"URL\"\n"
            "  # not read: \"Say \"x\"\"\n"
            "language: en\n");
  EXPECT_EQ(
      SkeletonMapping(ReadOrFail("a,b\n")),
      "columns:\n  publisher: \"...\"\n  title: \"...\"\n  target: \"...\"\n  # not read: \"a\", \"b\"\nlanguage: "
      "en\n");
}

TEST(SkeletonMapping, SaysWhereHeadingsMayBe) {
  EXPECT_THAT(SkeletonMapping(ReadOrFail("\nOpen data plans,,\nAgency,Name,Date\n")),
              ::testing::EndsWith("language: en\n# t.csv:2 has only one cell; are the headings in a row below? Then "
                                  "header_row has to say in which\n"));
  EXPECT_THAT(
      SkeletonMapping(ReadOrFail("Agency;Name;Date\n")),
      ::testing::EndsWith("language: en\n# t.csv:1 has only one cell; is there a comma between its columns?\n"));
}

// What is written there by hand is a mapping.
TEST(SkeletonMapping, IsAMappingForTheTable) {
  const std::string csv = "Department,Dataset Name,Planned Release\nP,a,2022\n";
  const TablePlans plans = ReadOrFailPlans(csv, SkeletonMapping(ReadOrFail(csv)));
  ASSERT_THAT(plans.plans, SizeIs(1));
  EXPECT_EQ(plans.plans[0].document.commitments(0).title(), "a");
}

}  // namespace
}  // namespace almanac::client
