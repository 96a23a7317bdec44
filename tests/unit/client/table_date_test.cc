#include "client/documents/table_date.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace almanac::client {
namespace {

using Kind = TableDate::Kind;

struct Reading {
  const char* text;
  const char* date;
};

TEST(TableDate, ReadsDatesAsPeopleWriteThem) {
  const Reading readings[] = {
      {"6/2022", "2022-06"},
      {"06/2022", "2022-06"},
      {" 6 / 2022 ", "2022-06"},
      {"06-2022", "2022-06"},
      {"6.2022", "2022-06"},
      {"０６／２０２２", "2022-06"},
      {"2022-06", "2022-06"},
      {"2022/6", "2022-06"},
      {"2022年6月", "2022-06"},
      {"２０２２年６月", "2022-06"},
      {"2022 年 6 月份", "2022-06"},
      {"2022年6月30日", "2022-06-30"},
      {"2022年6月30號", "2022-06-30"},
      {"Jun 2022", "2022-06"},
      {"June 2022", "2022-06"},
      {"JUNE, 2022", "2022-06"},
      {"Jun-2022", "2022-06"},
      {"Sept. 2022", "2022-09"},
      {"May2022", "2022-05"},
      {"2022 June", "2022-06"},
      {"by June 2022", "2022-06"},
      {"By the end of June 2022", "2022-06"},
      {"end June 2022", "2022-06"},
      {"2022-06-30", "2022-06-30"},
      {"2022/6/3", "2022-06-03"},
      {"2022-06-30T00:00:00.000", "2022-06-30"},
      {"2022-06-30 12:30:00Z", "2022-06-30"},
      {"30 June 2022", "2022-06-30"},
      {"30th of June, 2022", "2022-06-30"},
      {"1-Jul-2022", "2022-07-01"},
      {"June 30, 2022", "2022-06-30"},
      {"Jun 3rd 2022", "2022-06-03"},
      {"29 Feb 2024", "2024-02-29"},
      {"Q2 2022", "2022-Q2"},
      {"2022 Q2", "2022-Q2"},
      {"2022-Q2", "2022-Q2"},
      {"q4/2022", "2022-Q4"},
      {"2Q 2022", "2022-Q2"},
      {"2nd quarter of 2022", "2022-Q2"},
      {"Fourth Quarter 2022", "2022-Q4"},
      {"2022年第二季", "2022-Q2"},
      {"2022年第3季度", "2022-Q3"},
      {"2022", "2022"},
      {"2022年", "2022"},
      // Only one order is possible.
      {"30/06/2022", "2022-06-30"},
      {"6/30/2022", "2022-06-30"},
      {"06/30/2022 12:00:00 AM", "2022-06-30"},
      {"5.5.2022", "2022-05-05"},
  };
  const TableDateReader reader({});
  for (const auto& [text, date] : readings) {
    const TableDate read = reader.Read(text);
    EXPECT_EQ(read.date, date) << text << ": " << read.why;
    EXPECT_EQ(read.kind, Kind::kDate) << text;
  }
}

TEST(TableDate, LeavesOpenWhatOnlyTheMappingCanSay) {
  const Reading readings[] = {
      {"03/04/2022",
       "could be 2022-03-04 or 2022-04-03: say in the mapping how dates are written, date_formats: "
       "dd/mm/yyyy or mm/dd/yyyy"},
      {"3-4-2022",
       "could be 2022-03-04 or 2022-04-03: say in the mapping how dates are written, date_formats: "
       "dd/mm/yyyy or mm/dd/yyyy"},
      {"30/06/22",
       "has a year of two digits and could be 2022-06-30: say in the mapping how dates are written, "
       "date_formats: dd/mm/yy"},
      {"6/22",
       "has a year of two digits and could be 2022-06: say in the mapping how dates are written, date_formats: "
       "mm/yy"},
      {"Jun-22",
       "has a year of two digits and could be 2022-06: say in the mapping how dates are written, "
       "date_formats: mon yy"},
  };
  const TableDateReader reader({});
  for (const auto& [text, why] : readings) {
    const TableDate read = reader.Read(text);
    EXPECT_EQ(read.kind, Kind::kOpen) << text;
    EXPECT_EQ(read.date, "") << text;
    EXPECT_EQ(read.why, why);
  }
}

TEST(TableDate, ReadsWhatTheMappingSays) {
  EXPECT_EQ(TableDateReader({"dd/mm/yyyy"}).Read("03/04/2022").date, "2022-04-03");
  EXPECT_EQ(TableDateReader({"mm/dd/yyyy"}).Read("03/04/2022").date, "2022-03-04");
  EXPECT_EQ(TableDateReader({"dd/mm/yy"}).Read("03/04/22").date, "2022-04-03");
  EXPECT_EQ(TableDateReader({"mm/dd/yy"}).Read("03/04/22").date, "2022-03-04");
  EXPECT_EQ(TableDateReader({"mm/yy"}).Read("06/22").date, "2022-06");
  EXPECT_EQ(TableDateReader({"mon yy"}).Read("Jun-22").date, "2022-06");
  EXPECT_EQ(TableDateReader({"mon yy"}).Read("June '22").date, "2022-06");
  // Once the order is said, no other is taken.
  const TableDate read = TableDateReader({"mm/dd/yyyy"}).Read("30/06/2022");
  EXPECT_EQ(read.kind, Kind::kNone);
  EXPECT_EQ(read.why, "is no date: read as mm/dd/yyyy, the month 30 is not 1 to 12");
}

TEST(TableDate, TakesTheYearOfWhatHasNoExactMeaning) {
  const TableDateReader reader({});
  for (const char* text :
       {"mid-2022", "Mid 2022", "early 2022", "late 2022", "end of 2022", "by the end of 2022", "summer 2022",
        "H1 2022", "2022 H2", "first half of 2022", "2022年中", "2022年底", "2022年上半年", "2022年下半年"}) {
    const TableDate read = reader.Read(text);
    EXPECT_EQ(read.kind, Kind::kVague) << text << ": " << read.why;
    EXPECT_EQ(read.date, "2022") << text;
    EXPECT_EQ(read.why, "has no exact meaning; taken as the year 2022") << text;
  }
}

TEST(TableDate, SaysWhyAnythingElseIsNone) {
  const char financial[] = "names a financial year or several years; write the month, quarter or year in which it ends";
  const char none[] = "is no date such as 2022-06-30, 06/2022, June 2022, Q2 2022 or 2022";
  const Reading readings[] = {
      {"TBC", "is no date yet"},
      {"tbd", "is no date yet"},
      {"To be confirmed", "is no date yet"},
      {"待定", "is no date yet"},
      {"待確定", "is no date yet"},
      {"N/A", "is no date yet"},
      {"-", "is no date yet"},
      {"—", "is no date yet"},
      {"FY2022-23", financial},
      {"FY 2023", financial},
      {"Financial Year 2022/23", financial},
      {"2022-23", financial},
      {"2022-2024", financial},
      {"2022/23年度", financial},
      {"13/2022", "is no date: read as mm/yyyy, the month 13 is not 1 to 12"},
      {"0/2022", "is no date: read as mm/yyyy, the month 0 is not 1 to 12"},
      {"2022-02-30", "is no date: read as yyyy-mm-dd, there is no day 30 in 2022-02"},
      {"29 Feb 2022", "is no date: read as dd mon yyyy, there is no day 29 in 2022-02"},
      {"June 0202", "is no date: read as mon yyyy, the year 0202 is not 1900 to 9999"},
      {"Q2 1800", "is no date: read as Qn yyyy, the year 1800 is not 1900 to 9999"},
      {"Q5 2022", none},
      {"44727", none},
      {"June", none},
      {"soon", none},
      {"31/31/2022", none},
      {"2022-06-30 or later", none},
      {"2022.1", "could be January or October, as a number loses its last zero; write 2022-01 or 2022-10"},
  };
  const TableDateReader reader({});
  for (const auto& [text, why] : readings) {
    const TableDate read = reader.Read(text);
    EXPECT_EQ(read.kind, Kind::kNone) << text << ": " << read.date;
    EXPECT_EQ(read.date, "") << text;
    EXPECT_EQ(read.why, why) << text;
  }
}

TEST(TableDate, ReadsNothingThatIsTooLongToBeOne) {
  const TableDateReader reader({});
  EXPECT_EQ(reader.Read(absl::StrCat(std::string(56, ' '), "2022")).date, "2022");
  EXPECT_EQ(reader.Read("2022" + std::string(57, '.')).why, "is too long to be a date");
  EXPECT_EQ(reader.Read("2022" + std::string(8'000'000, ' ')).date, "2022");
}

TEST(TableDate, NamesTheFormatsOfAMapping) {
  EXPECT_THAT(DateFormats(), ::testing::IsSupersetOf({"dd/mm/yyyy", "mm/dd/yyyy", "dd/mm/yy", "mm/dd/yy", "mm/yy",
                                                      "mon yy", "mm/yyyy", "yyyy-mm-dd", "mon yyyy", "Qn yyyy"}));
}

}  // namespace
}  // namespace almanac::client
