#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/documents/table_number_format.h"
#include "client/documents/table_rows.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/table_testing.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

SourceTable ReadSheet(const std::string& rows, const std::string& strings = "", const std::string& styles = "") {
  return ReadOrFail(MakeZip(XlsxParts(rows, strings, styles)), "t.xlsx");
}

std::string SheetRefusal(const std::string& rows, const std::string& strings = "") {
  return ReadRefusal(MakeZip(XlsxParts(rows, strings)), "t.xlsx");
}

// The parts of a sheet with one cell, the part called `name` replaced.
std::string WithPart(const std::string& name, const std::string& content) {
  auto parts = XlsxParts("<row r='1'><c r='A1'><v>1</v></c></row>");
  for (auto& part : parts) {
    if (part.first == name) part.second = content;
  }
  return MakeZip(parts);
}

// Made by openpyxl of the same table in CSV; see tests/data/README.md.
TEST(TableXlsx, ReadsWhatAnotherProgramWrote) {
  std::ifstream file(ALMANAC_TEST_DATA "/open-data-plans.xlsx", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const SourceTable table = ReadOrFail(bytes, "t.xlsx");
  ASSERT_THAT(table.headings.cells, SizeIs(10));
  EXPECT_EQ(table.headings.cells[1], "Dataset Name");
  ASSERT_THAT(table.rows, SizeIs(5));
  EXPECT_THAT(table.rows[0].cells, ElementsAre("Social Welfare Department", "Residential care homes",
                                               "List of homes, with places", "Quarterly", "2022-06", "2022-06-30",
                                               "Released", "", "CSV, JSON", "https://www.swd.gov.hk/homes"));
  EXPECT_EQ(table.rows[2].cells[2], "Position\nand type");
  EXPECT_EQ(table.rows[3].line, 5);
  EXPECT_EQ(table.rows[3].cells[4], "2022");
  EXPECT_EQ(table.rows[4].cells[4], "2023-12-31");
  EXPECT_THAT(ReadOrFail(bytes, "t.xlsx", "Notes").headings.cells, ElementsAre("These are notes."));
  EXPECT_EQ(ReadRefusal(bytes, "t.xlsx", "Plan"),
            "t.xlsx: cannot be read as .xlsx: it has no sheet \"Plan\"; its sheets are \"Notes\", \"Plans\"");
}

TEST(TableXlsx, ReadsEveryKindOfCell) {
  const SourceTable table = ReadSheet(
      "<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c><c t='inlineStr'><is><r><t>in</t></r><r><t>line</t></r></is></c>"
      "<c t='str'><f>A1</f><v>formula</v></c><c><v>2022</v></c><c><v>1.5</v></c><c><v>2.0220000000000001E3</v></c>"
      "<c t='b'><v>1</v></c><c t='e'><v>#REF!</v></c><c t='d'><v>2022-06-30T00:00:00</v></c><c t='s'/></row>"
      "<row r='4'><c r='C4'><v>3</v></c><c><v>4</v></c></row>",
      "<si><t xml:space='preserve'> a &amp; b </t></si>"
      "<si><r><t>東</t></r><rPh><t>ひがし</t></rPh><r><t>京_x000D_\n都</t></r></si>");
  EXPECT_THAT(table.headings.cells, ElementsAre("a & b", "東京\n都", "inline", "formula", "2022", "1.5", "2022", "TRUE",
                                                "#REF!", "2022-06-30T00:00:00"));
  ASSERT_THAT(table.rows, SizeIs(1));
  EXPECT_EQ(table.rows[0].line, 4);
  EXPECT_THAT(table.rows[0].cells, ElementsAre("", "", "3", "4"));
}

TEST(TableXlsx, ReadsDatesAsPreciselyAsTheyAreShown) {
  // 44727 is 2022-06-15: 44562 is 2022-01-01, and 31 + 28 + 31 + 30 + 31 + 14 days are 165.
  const std::string styles =
      "<numFmts><numFmt numFmtId='164' formatCode='mmm\\-yy'/><numFmt numFmtId='165' formatCode='yyyy'/>"
      "<numFmt numFmtId='166' formatCode='[$-404]yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@'/></numFmts>"
      "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"
      "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='165'/><xf "
      "numFmtId='166'/></cellXfs>";
  const SourceTable table = ReadSheet(
      "<row><c s='0'><v>44727</v></c><c s='1'><v>44727.75</v></c><c s='2'><v>44727</v></c><c s='3'><v>44727</v></c>"
      "<c s='4'><v>44727</v></c><c s='9'><v>44727</v></c><c s='1'><v>-1</v></c></row>",
      "", styles);
  EXPECT_THAT(table.headings.cells, ElementsAre("44727", "2022-06-15", "2022-06", "2022", "2022-06-15", "44727", "-1"));
}

TEST(TableXlsx, CountsDaysFrom1904WhereTheWorkbookSaysSo) {
  auto parts = XlsxParts("<row><c s='0'><v>43265</v></c></row>", "", "<cellXfs><xf numFmtId='14'/></cellXfs>");
  parts[1].second =
      "<workbook xmlns:r='r'><workbookPr date1904='1'/><sheets><sheet name='Plans' r:id='r1'/></sheets></workbook>";
  // 1462 days lie between the two beginnings: 43265 is 44727.
  EXPECT_THAT(ReadOrFail(MakeZip(parts), "t.xlsx").headings.cells, ElementsAre("2022-06-15"));
}

TEST(NumberFormat, TellsDatesFromNumbersAndTimes) {
  EXPECT_EQ(PrecisionOf(14, ""), DatePrecision::kDay);
  EXPECT_EQ(PrecisionOf(17, ""), DatePrecision::kMonth);
  for (const int number : {0, 1, 4, 9, 11, 18, 21, 45, 49}) EXPECT_EQ(PrecisionOf(number, ""), DatePrecision::kNone);
  for (const char* code : {"dd/mm/yyyy", "d", "yyyy\\-mm\\-dd", "m/d/yy h:mm;@", "[Red]DD.MM.YYYY"}) {
    EXPECT_EQ(PrecisionOf(164, code), DatePrecision::kDay) << code;
  }
  for (const char* code : {"mm/yyyy", "mmmm yyyy", "yyyy\"年\"m\"月\"", "e\"年\"m\"月\"", "mmm"}) {
    EXPECT_EQ(PrecisionOf(164, code), DatePrecision::kMonth) << code;
  }
  for (const char* code : {"General", "0.00", "0.00E+00", "#,##0\" days\"", "h:mm:ss", "[mm]:ss", "[h]:mm", "[HH]:MM",
                           "\"dd\"0", "@", "[$-409]0", "\"never closed", "0\\d"}) {
    EXPECT_EQ(PrecisionOf(164, code), DatePrecision::kNone) << code;
  }
  EXPECT_EQ(PrecisionOf(164, "yyyy"), DatePrecision::kYear);
}

TEST(NumberFormat, CountsDays) {
  const auto day = [](double serial) { return DateOfSerial(serial, DatePrecision::kDay, false); };
  EXPECT_EQ(day(1), "1900-01-01");
  EXPECT_EQ(day(59), "1900-02-28");
  EXPECT_EQ(day(61), "1900-03-01");
  EXPECT_EQ(day(2'958'465), "9999-12-31");
  // 60 is 29 February 1900, which never was.
  for (const double none : {0.0, 0.99, 60.0, 60.5, -5.0, 2'958'466.0, 1e300}) EXPECT_EQ(day(none), "") << none;
  EXPECT_EQ(DateOfSerial(2'958'465, DatePrecision::kDay, true), "");
}

TEST(TableXlsx, RefusesWhatIsNone) {
  EXPECT_THAT(ReadRefusal("Name,Note\n", "t.xlsx"), StartsWith("t.xlsx: cannot be read as .xlsx: "));
  EXPECT_THAT(ReadRefusal("PK\x03\x04", "t.csv"), StartsWith("t.csv: cannot be read as .xlsx: "));
  EXPECT_EQ(ReadRefusal(MakeZip({{"word/document.xml", "<w/>"}}), "t.xlsx"),
            "t.xlsx: cannot be read as .xlsx: it has no part _rels/.rels");
  const std::string whole = MakeZip(XlsxParts("<row><c><v>1</v></c></row>"));
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    EXPECT_THAT(ReadRefusal(whole.substr(0, size), "t.xlsx"), StartsWith("t.xlsx: cannot be read as .xlsx: ")) << size;
  }
}

TEST(TableXlsx, RefusesPartsThatAreDamaged) {
  EXPECT_THAT(ReadRefusal(WithPart("xl/workbook.xml", "<workbook><sheets>"), "t.xlsx"),
              HasSubstr("xl/workbook.xml: line 1 of its XML: "));
  EXPECT_THAT(ReadRefusal(WithPart("xl/worksheets/sheet1.xml", "<worksheet>\n<sheetData></row>"), "t.xlsx"),
              HasSubstr("line 2 of its XML: mismatched tag"));
  EXPECT_THAT(ReadRefusal(WithPart("xl/workbook.xml", "<workbook/>"), "t.xlsx"), HasSubstr("no sheet"));
  EXPECT_THAT(ReadRefusal(WithPart("xl/_rels/workbook.xml.rels", "<Relationships/>"), "t.xlsx"), HasSubstr("no part"));
  EXPECT_THAT(SheetRefusal("<row r='2'><c><v>1</v></c></row><row r='2'><c><v>1</v></c></row>"),
              StartsWith("t.xlsx:2: after this row comes one that is not below it"));
  EXPECT_THAT(SheetRefusal("<row r='2'><c r='B2'><v>1</v></c><c r='A2'><v>1</v></c></row>"),
              StartsWith("t.xlsx:2: the cells of the row are not in the order of their columns"));
  for (const char* reference : {"AAAAAAAAAAAAAAA1", "1", "a1", "ZZZZ1"}) {
    EXPECT_THAT(SheetRefusal(absl::StrCat("<row><c r='", reference, "'><v>1</v></c></row>")), HasSubstr("order"));
  }
  EXPECT_THAT(SheetRefusal("<row r='99999999999'><c><v>1</v></c></row>"), HasSubstr("not below it"));
}

TEST(TableXlsx, UnpacksNoMoreThanAPlanCanBe) {
  // A part of 64 MiB, which with the other parts is too much, in an archive of less than 100 KiB.
  const std::string bomb = WithPart("xl/worksheets/sheet1.xml", std::string(64 << 20, ' '));
  EXPECT_LT(bomb.size(), 100'000u);
  EXPECT_EQ(ReadRefusal(bomb, "t.xlsx"),
            "t.xlsx: cannot be read as .xlsx: xl/worksheets/sheet1.xml: it unpacks to more than any plan can be");
}

TEST(TableXlsx, RefusesADocumentType) {
  const std::string laughs =
      "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><worksheet>&b;</worksheet>";
  EXPECT_THAT(ReadRefusal(WithPart("xl/worksheets/sheet1.xml", laughs), "t.xlsx"),
              HasSubstr("line 1 of its XML: a document type, which no spreadsheet has"));
}

TEST(TableXlsx, HoldsTheLimitOfTextThatCellsShare) {
  // 32 cells of 1 MiB, all the same text, are as much as may be.
  const std::string cell = "<c t='s'><v>0</v></c>";
  const std::string text = "<si><t>" + std::string(1 << 20, 'x') + "</t></si>";
  EXPECT_THAT(ReadSheet("<row>" + Times(32, cell) + "</row>", text).headings.cells, SizeIs(32));
  EXPECT_EQ(SheetRefusal("<row>" + Times(200, cell) + "</row>", text),
            "t.xlsx:1:33: up to here the table holds more than 32 MiB of text");
}

// A cell that seems empty would be taken for one in which nothing was said.
TEST(TableXlsx, RefusesACellOfWhichTheTextIsMissing) {
  const std::string one = "<si><t>a</t></si>";
  for (const char* index : {"1", "99999999999999999999", "-1", "x"}) {
    EXPECT_EQ(SheetRefusal(absl::StrCat("<row><c t='s'><v>0</v></c><c t='s'><v>", index, "</v></c></row>"), one),
              "t.xlsx:1:2: the text of this cell is missing: the file is damaged")
        << index;
  }
}

TEST(TableXlsx, RefusesAFormulaWithoutItsValue) {
  EXPECT_EQ(SheetRefusal("<row><c><v>1</v></c></row><row><c/><c r='B2'><f>A1&amp;A1</f></c></row>"),
            "t.xlsx:2:2: a formula without its value: open the file in a spreadsheet program, save it, and try again");
  // One whose value is the empty text has it.
  EXPECT_THAT(ReadSheet("<row><c><v>1</v></c><c t='str'><f>A9</f><v></v></c><c><v>3</v></c></row>").headings.cells,
              ElementsAre("1", "", "3"));
}

TEST(TableXlsx, FillsCellsThatAreMergedWithTheOneAbove) {
  auto parts = XlsxParts(
      "<row r='1'><c><v>1</v></c><c><v>2</v></c></row>"
      "<row r='3'><c><v>7</v></c><c><v>31</v></c></row><row r='4'><c r='B4'><v>41</v></c></row>"
      "<row r='5'><c r='A5'/><c r='B5'><v>51</v></c><c r='C5'><v>53</v></c></row>"
      "<row r='6'><c r='B6'><v>61</v></c></row>");
  std::string& sheet = parts.back().second;
  // Merged headings and cells beside each other stay as they are, as does what no spreadsheet writes.
  sheet.insert(sheet.find("</worksheet>"),
               "<mergeCells><mergeCell ref='A3:A5'/><mergeCell ref='B1:B3'/><mergeCell ref='B5:C6'/>"
               "<mergeCell ref='A5'/><mergeCell ref=':'/><mergeCell ref='A0:A99999999999'/><mergeCell/></mergeCells>");
  const SourceTable table = ReadOrFail(MakeZip(parts), "t.xlsx");
  ASSERT_THAT(table.rows, SizeIs(4));
  EXPECT_THAT(table.rows[0].cells, ElementsAre("7", "31"));
  EXPECT_THAT(table.rows[1].cells, ElementsAre("7", "41"));
  EXPECT_THAT(table.rows[2].cells, ElementsAre("7", "51", "53"));
  EXPECT_THAT(table.rows[3].cells, ElementsAre("", "61"));
}

TEST(TableXlsx, HoldsTheLimitsOfMergedCells) {
  const std::string rows =
      "<row><c><v>1</v></c></row><row><c><v>7</v></c></row>" + Times(19'999, "<row><c/><c><v>1</v></c></row>");
  auto parts = XlsxParts(rows);
  std::string& sheet = parts.back().second;
  // Far more than 256 times, once for each column that there may be.
  sheet.insert(sheet.find("</worksheet>"), Times(1'000'000, "<mergeCell ref='A2:A20001'/>"));
  EXPECT_EQ(ReadRefusal(MakeZip(parts), "t.xlsx"), "t.xlsx:2:1: the merged cells overlap: the file is damaged");
  // 33 cells of 1 MiB.
  const std::string text = "<si><t>" + std::string(1 << 20, 'x') + "</t></si>";
  auto large = XlsxParts(
      "<row><c><v>1</v></c></row><row><c t='s'><v>0</v></c></row>" + Times(32, "<row><c/><c><v>1</v></c></row>"), text);
  large.back().second.insert(large.back().second.find("</worksheet>"), "<mergeCell ref='A2:A40'/>");
  EXPECT_EQ(ReadRefusal(MakeZip(large), "t.xlsx"), "t.xlsx:33:1: up to here the table holds more than 32 MiB of text");
}

// Each of these kept the reader busy for hours, or took most of a gigabyte.
TEST(TableXlsx, LooksAtWhatCellsShareOnce) {
  const std::string style = "<numFmt numFmtId='164' formatCode='" + std::string(16 << 20, '0') + "'/><cellXfs>" +
                            Times(500'000, "<xf numFmtId='164'/>") + "</cellXfs>";
  EXPECT_THAT(ReadSheet("<row><c s='9'><v>44727</v></c></row>", "", style).headings.cells, ElementsAre("44727"));
  const std::string spaces = "<si><t>" + std::string(16 << 20, ' ') + "</t></si>";
  EXPECT_EQ(SheetRefusal(Times(100'000, "<row><c t='s'><v>0</v></c></row>"), spaces),
            "t.xlsx:3:1: up to here the table holds more than 32 MiB of text");
}

TEST(TableXlsx, HoldsTheLimitOfSharedTexts) {
  const std::string last = "<row><c t='s'><v>999999</v></c></row>";
  const std::string texts = Times(999'999, "<si/>");
  EXPECT_THAT(ReadSheet(last, texts + "<si><t>a</t></si>").headings.cells, ElementsAre("a"));
  EXPECT_EQ(SheetRefusal(last, texts + "<si/><si><t>a</t></si>"),
            "t.xlsx: cannot be read as .xlsx: xl/sharedStrings.xml: it has more than 1000000 texts; save the sheet "
            "with the plans alone");
}

TEST(TableXlsx, HoldsTheLimitsOfRowsAndColumns) {
  // IV is column 256, IW is 257.
  const std::string headings = "<row r='1'><c r='A1'><v>1</v></c><c r='IV1'><v>2</v></c><c r='IW1'/></row>";
  EXPECT_THAT(ReadSheet(headings).headings.cells, SizeIs(256));
  EXPECT_EQ(SheetRefusal("<row r='3'><c r='IW3'><v>2</v></c></row>"),
            "t.xlsx:3:257: a table may have at most 256 columns");
  const std::string rows = headings + Times(20'000, "<row><c><v>1</v></c></row>");
  EXPECT_THAT(ReadSheet(rows + Times(10, "<row><c/></row>")).rows, SizeIs(20'000));
  EXPECT_THAT(SheetRefusal(rows + "<row><c/></row><row><c><v>1</v></c></row>"),
              StartsWith("t.xlsx:20003: a table may have at most 20000 rows"));
}

TEST(TableXlsx, ReadsOneTagThatFillsAPart) {
  const std::string rows = "<row><c r='A1' x='" + std::string(30 << 20, 'y') + "'><v>1</v></c></row>";
  EXPECT_THAT(ReadSheet(rows).headings.cells, ElementsAre("1"));
}

TEST(TableXlsx, ReadsElementsInEachOther) {
  const std::string deep = Times(1'000'000, "<a>") + Times(1'000'000, "</a>");
  EXPECT_THAT(ReadSheet("<row><c><v>1</v></c>" + deep + "</row>").headings.cells, ElementsAre("1"));
}

}  // namespace
}  // namespace almanac::client
