#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/documents/table_file.h"
#include "client/documents/table_rows.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/table_testing.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The rows below the headings as `line: cell|cell`.
std::vector<std::string> Rows(const SourceTable& table) {
  std::vector<std::string> rows;
  for (const TableRow& row : table.rows) {
    std::string text = absl::StrCat(row.line, ": ");
    for (const std::string& cell : row.cells) absl::StrAppend(&text, &cell == &row.cells.front() ? "" : "|", cell);
    rows.push_back(text);
  }
  return rows;
}

TEST(TableCsv, ReadsCellsWithTheLineOnWhichEachRowBegins) {
  const SourceTable table = ReadOrFail(
      "Name,Note\n"
      "a,b\n"
      "\"two\nlines\",c\n"
      "\n"
      "\" a \"\"quoted\"\" word\",\"x,y\"\n"
      "last,");
  EXPECT_THAT(table.headings.cells, ElementsAre("Name", "Note"));
  EXPECT_EQ(table.headings.line, 1);
  EXPECT_THAT(Rows(table), ElementsAre("2: a|b", "3: two\nlines|c", "6: a \"quoted\" word|x,y", "7: last|"));
}

TEST(TableCsv, TakesEveryLineEndAndLeavesOutAByteOrderMark) {
  for (const char* end : {"\n", "\r\n", "\r"}) {
    const std::string text = absl::StrCat("\xEF\xBB\xBFName,Note", end, "a,b", end, end, "  ", end, "c,d", end);
    const SourceTable table = ReadOrFail(text);
    EXPECT_THAT(table.headings.cells, ElementsAre("Name", "Note"));
    EXPECT_THAT(Rows(table), ElementsAre("2: a|b", "5: c|d")) << testing::PrintToString(end);
  }
}

TEST(TableCsv, SeparatesTsvByTabs) {
  const SourceTable table = ReadOrFail("Name\tNote\na, b\t\"c\td\"\n\te\n", "T.TSV");
  EXPECT_THAT(table.headings.cells, ElementsAre("Name", "Note"));
  EXPECT_THAT(Rows(table), ElementsAre("2: a, b|c\td", "3: |e"));
}

TEST(TableCsv, LeavesOutRowsWithNothingInThem) {
  EXPECT_THAT(Rows(ReadOrFail(",,\n \nName,Note\n,\n\"\",\" \"\na,\n")), ElementsAre("6: a|"));
}

TEST(TableCsv, FindsTheHeadingsWhereTheMappingSays) {
  const std::string text = "Plans of 2022\n\nName,Note\na,b\n";
  EXPECT_THAT(Rows(ReadOrFail(text, "t.csv", "", 3)), ElementsAre("4: a|b"));
  EXPECT_EQ(ReadRefusal(text, "t.csv", "", 2),
            "t.csv:2: header_row says that the headings are here, but no row begins "
            "here");
  EXPECT_EQ(ReadRefusal(text, "t.csv", "", 5),
            "t.csv: there is nothing in row 5, where header_row says that the headings are, or below");
}

TEST(TableCsv, NamesWhereAQuoteOpensThatIsNeverClosed) {
  EXPECT_EQ(ReadRefusal("Name,Note\na,b\nc,\"d\ne,f\n\ng,h\n"), "t.csv:3:2: the quote that opens here is never closed");
  EXPECT_EQ(ReadRefusal("\""), "t.csv:1:1: the quote that opens here is never closed");
  EXPECT_EQ(ReadRefusal("Name\n\"a\nb\",\"c"), "t.csv:3:2: the quote that opens here is never closed");
}

TEST(TableCsv, NamesWhereAQuoteStandsWithinACell) {
  const char why[] = ": a quote within a cell: put the whole cell in quotes, and double each quote in it";
  EXPECT_EQ(ReadRefusal("Name,Note\na,5\" disk\n"), absl::StrCat("t.csv:2:2", why));
  EXPECT_EQ(ReadRefusal("Name,Note\n\"a\"b,c\n"), absl::StrCat("t.csv:2:1", why));
}

TEST(TableCsv, NamesWhereWhatIsNoTextStands) {
  const char not_utf8[] = ": not UTF-8; save the table as UTF-8 (in Excel: \"CSV UTF-8\") and try again";
  EXPECT_EQ(ReadRefusal("Name,Note\na,b\xFF\n"), absl::StrCat("t.csv:2:2", not_utf8));
  // Big5 for 社會.
  EXPECT_EQ(ReadRefusal("Name\n\n\xAA\xC0\xB7\x7C\n"), absl::StrCat("t.csv:3:1", not_utf8));
  // The cell begins on line 2, the byte stands on line 4.
  EXPECT_EQ(ReadRefusal("Name,Note\na,\"b\nc\n\xC0\xAF\"\n"), absl::StrCat("t.csv:4:2", not_utf8));
  EXPECT_EQ(ReadRefusal(std::string_view("Name,Note\na\0,b\n", 15)),
            "t.csv:2:1: a NUL byte, which no text holds; save the table anew, as UTF-8");
}

TEST(TableCsv, SaysWhatToDoWithUtf16) {
  const char why[] = "t.csv:1: the file is UTF-16; save it as UTF-8 (in Excel: \"CSV UTF-8\") and try again";
  EXPECT_EQ(ReadRefusal(std::string_view("\xFF\xFEN\0", 4)), why);
  EXPECT_EQ(ReadRefusal(std::string_view("\xFE\xFF\0N", 4)), why);
}

TEST(TableCsv, SaysThatATableIsEmpty) {
  for (const char* text : {"", "\n\r\n", "\xEF\xBB\xBF", ",,,\n , \n"}) {
    EXPECT_EQ(ReadRefusal(text), "t.csv: the table is empty") << text;
  }
}

TEST(TableCsv, HoldsTheLimitOfColumns) {
  const SourceTable most = ReadOrFail(absl::StrCat("Name", Times(255, ",x"), "\na", Times(255, ",y"), ",,,\n"));
  EXPECT_THAT(most.headings.cells, SizeIs(256));
  EXPECT_EQ(most.rows.front().cells.back(), "y");
  EXPECT_EQ(ReadRefusal(absl::StrCat("Name", Times(256, ",x"), "\n")),
            "t.csv:1:257: a table may have at most 256 columns");
}

TEST(TableCsv, HoldsTheLimitOfRows) {
  const std::string most = "Name\n" + Times(20'000, "a\n\n");
  EXPECT_THAT(ReadOrFail(most).rows, SizeIs(20'000));
  EXPECT_EQ(ReadRefusal(most + "b"),
            "t.csv:40002: a table may have at most 20000 rows below its headings, and this is one more; divide it");
}

TEST(TableCsv, HoldsTheLimitOfBytes) {
  constexpr std::size_t kLimit = 16 * 1024 * 1024;
  std::string text = "Name\na\n";
  text.resize(kLimit, '\n');
  EXPECT_THAT(ReadOrFail(text).rows, SizeIs(1));
  text.push_back('\n');
  EXPECT_EQ(ReadRefusal(text), "t.csv: the file has more than 16 MiB: that is no plan");
}

TEST(TableCsv, ReadsAFullFileOfSeparators) {
  EXPECT_EQ(ReadRefusal(std::string(kMaxTableFileBytes, ',')), "t.csv: the table is empty");
  EXPECT_THAT(ReadOrFail("Name\n" + std::string(kMaxTableFileBytes - 10, ',')).rows, IsEmpty());
}

TEST(TableFile, KnowsTablesByTheirNames) {
  for (const char* file : {"a.csv", "a.CSV", "/x/a.tsv", "a.b.xlsx", "a.xls", "a.ods"}) {
    EXPECT_TRUE(IsTableFile(file)) << file;
  }
  for (const char* file : {"a.txt", "csv", "a.csv.txt", "-", "", "a.pdf"}) EXPECT_FALSE(IsTableFile(file)) << file;
}

TEST(TableFile, SaysWhatToDoWithOtherSpreadsheets) {
  const char why[] = ": only .csv, .tsv and .xlsx without a password are read: save the table as one of these";
  EXPECT_EQ(ReadRefusal("x", "a.ods"), absl::StrCat("a.ods", why));
  // An old or an encrypted one, whatever it is called.
  EXPECT_EQ(ReadRefusal("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "a.xlsx"), absl::StrCat("a.xlsx", why));
  EXPECT_EQ(ReadRefusal("Name\n", "t.csv", "Plans"), "t.csv: the mapping names a sheet, but only .xlsx has sheets");
}

}  // namespace
}  // namespace almanac::client
