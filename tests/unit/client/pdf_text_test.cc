#include "client/documents/pdf_text.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/documents/pdf_boxes.h"
#include "client/documents/unicode_text.h"
#include "tests/unit/client/pdf_testing.h"
#include "tests/unit/client/plan_testing.h"

namespace almanac::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::string ReadData(const std::string& name) {
  std::ifstream in(absl::StrCat(ALMANAC_TEST_DATA "/", name), std::ios::binary);
  EXPECT_TRUE(in.good()) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

// The lines of the PDF's text by their numbers, without empty ones.
std::map<int, std::string> LinesOf(const std::string& pdf) {
  const absl::StatusOr<std::string> text = PdfToText(pdf);
  EXPECT_TRUE(text.ok()) << text.status();
  std::map<int, std::string> lines;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text.ok() ? *text : "", '\n')) {
    ++number;
    if (!line.empty()) lines[number] = std::string(line);
  }
  return lines;
}

std::string ErrorOf(const std::string& pdf) {
  const absl::StatusOr<std::string> text = PdfToText(pdf);
  EXPECT_TRUE(absl::IsInvalidArgument(text.status())) << text.status();
  return std::string(text.status().message());
}

const std::vector<std::string> kHeading = {"#", "Name of dataset", "Target Date", "Frequency", "Remarks"};
constexpr char kHeadingLine[] = "#\tName of dataset\tTarget Date\tFrequency\tRemarks";

// A document without what a PDF cannot give: the lines of the text, and the spaces at which it wrapped.
v1::PlanDocument Comparable(v1::PlanDocument document) {
  for (v1::DocumentCommitment& line : *document.mutable_commitments()) {
    line.clear_line();
    line.set_title(RemoveSpaces(line.title()));
    line.set_remark(RemoveSpaces(line.remark()));
    for (std::string& title : *line.mutable_former_titles()) title = RemoveSpaces(title);
  }
  return document;
}

TEST(PdfText, OfTheSampleIsTheSamePlan) {
  const absl::StatusOr<std::string> text = PdfToText(ReadData("swd-2022-2024.zh-Hans.pdf"));
  ASSERT_TRUE(text.ok()) << text.status();
  const v1::PlanDocument from_pdf = ParseOrFail(*text);
  EXPECT_EQ(from_pdf.warnings_size(), 0) << from_pdf.warnings(0).ShortDebugString();
  ASSERT_EQ(from_pdf.commitments_size(), 88);
  const v1::PlanDocument expected = Comparable(ParseOrFail(SamplePlan()));
  google::protobuf::util::MessageDifferencer differencer;
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  EXPECT_TRUE(differencer.Compare(expected, Comparable(from_pdf))) << differences;
}

TEST(PdfText, LinesSayOnWhichPageTheyBegin) {
  const std::map<int, std::string> lines = LinesOf(ReadData("swd-2022-2024.zh-Hans.pdf"));
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.begin()->first, 1001);
  EXPECT_EQ(lines.at(1001), "社会福利署");
  EXPECT_EQ(lines.at(1002), "2022至2024年的开放数据计划");
  // Below the heading of the section and that of its table.
  EXPECT_THAT(lines.at(1005), ::testing::StartsWith("1\t社会福利 / 少数族裔外展"));
}

// In English, on small pages; every cell stands in the middle of its row, numbers at the right, headings centred.
TEST(PdfText, ReadsCellsThatStandInTheMiddleOfTheirRows) {
  std::string text;
  for (const auto& [number, line] : LinesOf(ReadData("fire-services-2023.en.pdf"))) text += line + "\n";
  EXPECT_EQ(text, ReadData("fire-services-2023.en.txt"));
}

TEST(PdfText, JoinsWrappedCellsAndRowsThatAPageBreakCuts) {
  PdfBuilder pdf;
  pdf.Page().Text(50, 50, "Fire Services Department").Row(80, kHeading);
  pdf.Row(100, {"1", "Fire stations and", "06/2023", "As and when", "Names"}).Row(112, {"", "depots", "", "updated"});
  pdf.Row(760, {"2", "Fire calls", "07/2023", "Real-", "Calls by type,"}).Text(300, 785, "1");
  pdf.Page().Row(50, {"", "and alarms", "", "time", "district/"}).Row(62, {"", "", "", "", "station"});
  pdf.Row(80, {"3", "Ambulances", "08/2023", "Daily", "Calls"}).Text(300, 785, "2");
  EXPECT_THAT(LinesOf(pdf.Build()),
              UnorderedElementsAre(Pair(1001, "Fire Services Department"), Pair(1002, kHeadingLine),
                                   Pair(1003, "1\tFire stations and depots\t06/2023\tAs and when updated\tNames"),
                                   Pair(1004,
                                        "2\tFire calls and alarms\t07/2023\tReal-time\tCalls by type, "
                                        "district/station"),
                                   // Row 1 of page 2 is the rest of the row before.
                                   Pair(2002, "3\tAmbulances\t08/2023\tDaily\tCalls")));
}

TEST(PdfText, LeavesOutHeadingsThatAreRepeatedOnEachPage) {
  PdfBuilder pdf;
  for (int page = 1; page <= 3; ++page) {
    pdf.Page().Text(50, 20, "Annual Open Data Plan").Row(50, kHeading).Row(62, {"", "", "(mm/yyyy)"});
    // The second row goes on below the heading of the next page.
    if (page > 1) pdf.Row(80, {"", "", "", "", absl::StrCat("end of ", page - 1)});
    pdf.Row(100, {absl::StrCat(page), absl::StrCat("Dataset ", page), "06/2023", "Daily", "begin and"});
    pdf.Text(280, 780, absl::StrCat("Page ", page, " of 3"));
  }
  EXPECT_THAT(LinesOf(pdf.Build()),
              UnorderedElementsAre(Pair(1001, "Annual Open Data Plan"),
                                   Pair(1002, "#\tName of dataset\tTarget Date (mm/yyyy)\tFrequency\tRemarks"),
                                   Pair(1003, "1\tDataset 1\t06/2023\tDaily\tbegin and end of 1"),
                                   // Below the heading and the rest of the row before.
                                   Pair(2003, "2\tDataset 2\t06/2023\tDaily\tbegin and end of 2"),
                                   Pair(3003, "3\tDataset 3\t06/2023\tDaily\tbegin and")));
}

TEST(PdfText, KnowsTextFromRows) {
  PdfBuilder pdf;
  pdf.Page().Text(50, 40, "A. Datasets to be released in 2023").Row(60, kHeading);
  pdf.Row(80, {"1", "Fire stations", "06/2023", "Daily", "Names"});
  pdf.Text(50, 110, "B. Datasets to be released in 2024").Text(60, 130, "Hospital Authority").Row(150, kHeading);
  pdf.Row(170, {"1", "Not applicable"});
  pdf.Text(440, 230, "December 2022");
  EXPECT_THAT(LinesOf(pdf.Build()),
              UnorderedElementsAre(Pair(1001, "A. Datasets to be released in 2023"), Pair(1002, kHeadingLine),
                                   Pair(1003, "1\tFire stations\t06/2023\tDaily\tNames"),
                                   Pair(1004, "B. Datasets to be released in 2024"), Pair(1005, "Hospital Authority"),
                                   Pair(1006, kHeadingLine), Pair(1007, "1\tNot applicable\t\t\t"),
                                   Pair(1008, "December 2022")));
}

TEST(PdfText, JoinsALongHeadingButNoTwoOfThem) {
  PdfBuilder pdf;
  pdf.Page().Text(50, 40,
                  "D. Progress: datasets of the department and of other organisations that have been put on the");
  pdf.Text(50, 53, "website of open data already").Text(50, 66, "E. Other datasets");
  EXPECT_THAT(LinesOf(pdf.Build()),
              UnorderedElementsAre(Pair(1001,
                                        "D. Progress: datasets of the department and of other organisations that "
                                        "have been put on the website of open data already"),
                                   Pair(1002, "E. Other datasets")));
}

// Each heading once took another look at all lines below it: a PDF of 500 pages took a quarter of an hour.
TEST(PdfText, ReadsManyHeadings) {
  PdfBuilder pdf(600, 14'000);
  for (int page = 1; page <= 150; ++page) {
    pdf.Page();
    for (int i = 1; i <= 116; ++i) {
      pdf.Text(50, 120 * i - 60, "#").Text(80, 120 * i - 60, "Title");
      // Every other table has one more column.
      if (i % 2 == 0) pdf.Text(250, 120 * i - 60, "Date");
      pdf.Text(50, 120 * i, absl::StrCat("This is line ", i, " of page ", page, " and no row of a table"));
    }
  }
  const std::map<int, std::string> lines = LinesOf(pdf.Build());
  EXPECT_EQ(lines.size(), 150u * 116 * 2);
  EXPECT_EQ(lines.at(1001), "#\tTitle");
  EXPECT_EQ(lines.at(1002), "This is line 1 of page 1 and no row of a table");
  EXPECT_EQ(lines.at(150'231), "#\tTitle\tDate");
}

TEST(PdfText, HasAtMost999RowsOnAPage) {
  PdfBuilder pdf(600, 10'020);
  pdf.Page();
  for (int i = 1; i <= 999; ++i) pdf.Text(50, 10 * i, "Row");
  EXPECT_EQ(LinesOf(pdf.Build()).size(), 999u);
  pdf.Text(50, 10'000, "Row");
  EXPECT_EQ(ErrorOf(pdf.Build()), "page 1 of the PDF has more than 999 rows: that is no plan");
}

TEST(PdfText, HasAtMost500Pages) {
  PdfBuilder pdf;
  for (int i = 1; i <= 500; ++i) pdf.Page().Text(50, 50, absl::StrCat("Row of page ", i));
  EXPECT_EQ(LinesOf(pdf.Build()).at(500'001), "Row of page 500");
  pdf.Page();
  EXPECT_THAT(ErrorOf(pdf.Build()), HasSubstr("the PDF has 501 pages; at most 500 are read"));
}

TEST(PdfText, HasAtMost5000WordsOnAPage) {
  PdfBuilder pdf(10'100, 800);
  pdf.Page();
  for (int row = 0; row < 25; ++row) {
    for (int word = 0; word < 200; ++word) pdf.Text(50 * word, 20 + 20 * row, "word");
  }
  EXPECT_EQ(LinesOf(pdf.Build()).size(), 25u);
  pdf.Text(50, 700, "word");
  EXPECT_THAT(ErrorOf(pdf.Build()), HasSubstr("page 1 of the PDF has more than 5000 words"));
}

TEST(PdfText, OfAScanIsAsked) {
  EXPECT_THAT(ErrorOf(PdfBuilder().Page().Rectangle().Page().Rectangle().Build()), HasSubstr("it was scanned"));
  EXPECT_THAT(ErrorOf(PdfBuilder().Build()), HasSubstr("no pages"));
}

TEST(PdfText, OfALockedPdfIsRefused) {
  EXPECT_THAT(ErrorOf(ReadData("locked.pdf")), HasSubstr("locked by a password; save a copy without one"));
}

TEST(PdfText, OfADamagedPdfIsNeverAPartOfIt) {
  const std::string whole = ReadData("fire-services-2023.en.pdf");
  for (size_t size = 20; size + 100 < whole.size(); size += whole.size() / 12) {
    EXPECT_THAT(ErrorOf(whole.substr(0, size)), HasSubstr("cut off"));
  }
  EXPECT_THAT(ErrorOf("%PDF-1.7\nThis is none.\n%%EOF\n"), HasSubstr("damaged"));
  EXPECT_THAT(ErrorOf(absl::StrCat("%PDF-1.7\n", std::string(100'000, '\xFF'), "\n%%EOF\n")), HasSubstr("damaged"));
}

// What poppler thinks of a damaged file would stand between the lines of the terminal.
TEST(PdfText, LetsPopplerPrintNothing) {
  std::string damaged = ReadData("fire-services-2023.en.pdf");
  for (size_t i = 100; i + 2000 < damaged.size(); i += 97) damaged[i] = '\0';
  ::testing::internal::CaptureStderr();
  PdfToText(damaged).status().IgnoreError();
  PdfToText("%PDF-1.7\nThis is none.\n%%EOF\n").status().IgnoreError();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(IsPdf, GoesByTheFirstBytes) {
  EXPECT_TRUE(IsPdf("%PDF-1.4\n"));
  EXPECT_TRUE(IsPdf("\xEF\xBB\xBF%PDF-1.4\n"));
  EXPECT_FALSE(IsPdf("社会福利署\n"));
  EXPECT_FALSE(IsPdf(absl::StrCat(std::string(2000, ' '), "%PDF-1.4\n")));
}

}  // namespace
}  // namespace almanac::client
