#include "client/documents/table_date.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/documents/plan_date.h"
#include "client/documents/table_words.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

// No date is longer, in characters.
constexpr std::size_t kMaxDateCharacters = 60;

struct FormatRule {
  std::string_view name;
  std::string_view parts;
  // Where $MON is the name of a month, $S what stands between numbers, and $TIME a time of day.
  std::string_view pattern;
  bool needs_mapping = false;
};

constexpr FormatRule kRules[] = {
    {"yyyy-mm-dd", "ymd", R"((\d{4})$S(\d{1,2})$S(\d{1,2})$TIME)"},
    {"yyyy-mm-dd", "ymd", R"((\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號])"},
    {"yyyy-mm", "ym", R"((\d{4})$S(\d{1,2}))"},
    {"yyyy-mm", "ym", R"((\d{4})\s*年\s*(\d{1,2})\s*月份?)"},
    {"mm/yyyy", "my", R"((\d{1,2})$S(\d{4}))"},
    {"dd mon yyyy", "dny", R"((\d{1,2})(?:st|nd|rd|th)?[\s\-]*(?:of\s+)?$MON[\s,\-]*(\d{4}))"},
    {"mon dd yyyy", "ndy", R"($MON\s*(\d{1,2})(?:st|nd|rd|th)?(?:\s*,\s*|\s+)(\d{4}))"},
    {"mon yyyy", "ny", R"((?:end[\s\-]+(?:of\s+)?)?$MON[\s,/\-]*(\d{4}))"},
    {"mon yyyy", "yn", R"((\d{4})[\s,/\-]*$MON)"},
    {"Qn yyyy", "qy", R"(Q\s*([1-4])[\s,/\-]*(\d{4}))"},
    {"Qn yyyy", "yq", R"((\d{4})[\s,/\-]*Q\s*([1-4]))"},
    {"Qn yyyy", "qy", R"(([1-4])Q[\s,/\-]*(\d{4}))"},
    {"Qn yyyy", "qy", R"((1st|2nd|3rd|4th|first|second|third|fourth)\s+quarter[\s,]+(?:of\s+)?(\d{4}))"},
    {"Qn yyyy", "yq", R"((\d{4})\s*年?\s*第?\s*([1-4一二三四])\s*季度?)"},
    {"yyyy", "y", R"((\d{4})\s*年?)"},
    {"dd/mm/yyyy", "dmy", R"((\d{1,2})$S(\d{1,2})$S(\d{4})$TIME)", true},
    {"mm/dd/yyyy", "mdy", R"((\d{1,2})$S(\d{1,2})$S(\d{4})$TIME)", true},
    {"dd/mm/yy", "dmy", R"((\d{1,2})$S(\d{1,2})$S(\d{2})$TIME)", true},
    {"mm/dd/yy", "mdy", R"((\d{1,2})$S(\d{1,2})$S(\d{2})$TIME)", true},
    {"mm/yy", "my", R"((\d{1,2})$S(\d{2}))", true},
    {"mon yy", "ny", R"($MON[\s\-,'’]*(\d{2}))", true},
};

constexpr std::string_view kVague[] = {
    R"((?:the\s+)?(?:early|mid|middle|late|beginning|start|end|spring|summer|autumn|fall|winter)[\s\-]*(?:of\s+)?(\d{4}))",
    R"((?:the\s+)?(?:H[12]|[12]H|(?:first|second|1st|2nd)\s+half(?:\s+of)?)[\s,/\-]*(\d{4}))",
    R"((\d{4})[\s,/\-]*(?:H[12]|[12]H))",
    R"((\d{4})\s*年?\s*(?:年?[初中底末]|上半年|下半年))",
};

constexpr std::string_view kFinancial[] = {
    R"((?:FY|F\.Y\.|fiscal\s+year|financial\s+year)\s*\d{2,4}(?:\s*[\-–/]\s*\d{2,4})?)",
    R"(\d{4}\s*[\-–/至]\s*\d{2,4}\s*(?:年|年度|财政年度|財政年度)?)",
};

std::string PatternOf(std::string_view rule) {
  return absl::StrReplaceAll(
      absl::string_view(rule.data(), rule.size()),
      {{"$MON", R"((Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|)"
                R"(Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?)"},
       {"$S", R"(\s*[\-–/.]\s*)"},
       {"$TIME", R"((?:[T\s]+\d{1,2}:\d{2}[\d:.]*\s*(?:[AP]M)?\s*(?:Z|[+\-]\d{2}:?\d{2})?)?)"}});
}

// The number of a month, by its first three letters, or of a quarter, by a word for it.
std::string NumberOf(const std::string& word) {
  constexpr std::string_view kWords[] = {"jan",   "feb",    "mar",   "apr",    "may", "jun", "jul", "aug",
                                         "sep",   "oct",    "nov",   "dec",    "1st", "2nd", "3rd", "4th",
                                         "first", "second", "third", "fourth", "一",  "二",  "三",  "四"};
  constexpr int kNumbers[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4};
  const std::string lower = absl::AsciiStrToLower(word);
  for (std::size_t i = 0; i < std::size(kWords); ++i) {
    if (lower.starts_with(kWords[i])) return absl::StrCat(kNumbers[i]);
  }
  return word;
}

TableDate NoDate(std::string why) { return {TableDate::Kind::kNone, "", std::move(why)}; }

absl::StatusOr<std::string> DateOf(std::string_view parts, const TextPattern::Groups& groups) {
  std::string year;
  std::string month;
  std::string day;
  std::string quarter;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string& group = groups[i];
    switch (parts[i]) {
      case 'y':
        year = group.size() == 2 ? absl::StrCat("20", group) : group;
        break;
      case 'q':
        quarter = NumberOf(group);
        break;
      case 'd':
        day = group;
        break;
      default:
        month = NumberOf(group);
    }
  }
  if (!month.empty()) return FormatDate(year, month, day);
  if (const absl::StatusOr<int> number = ReadYear(year); !number.ok()) return number.status();
  return quarter.empty() ? year : absl::StrCat(year, "-Q", quarter);
}

}  // namespace

TableDateReader::TableDateReader(const std::set<std::string>& formats)
    : has_order_(formats.contains("dd/mm/yyyy") || formats.contains("mm/dd/yyyy")),
      by_(R"(by\s+(?:the\s+)?(.+))"),
      year_and_one_(R"(\d{4}\s*\.\s*1)") {
  for (const FormatRule& rule : kRules) {
    formats_.push_back({TextPattern(PatternOf(rule.pattern)), rule.parts, rule.name,
                        !rule.needs_mapping || formats.contains(std::string(rule.name))});
  }
  for (const std::string_view pattern : kVague) vague_.emplace_back(pattern);
  for (const std::string_view pattern : kFinancial) financial_.emplace_back(pattern);
}

TableDate TableDateReader::Read(std::string_view text) const {
  text = TrimSpaces(text);
  if (CountCharacters(text) > kMaxDateCharacters) return NoDate("is too long to be a date");
  if (SaysNotKnown(text)) return NoDate("is no date yet");
  std::string rest(text);
  if (const auto by = by_.MatchWhole(text)) rest = by->front();
  if (year_and_one_.MatchWhole(rest)) {
    return NoDate("could be January or October, as a number loses its last zero; write 2022-01 or 2022-10");
  }
  std::string why = "is no date such as 2022-06-30, 06/2022, June 2022, Q2 2022 or 2022";
  for (const Format& format : formats_) {
    if (!format.is_chosen) continue;
    const auto groups = format.pattern.MatchWhole(rest);
    if (!groups) continue;
    absl::StatusOr<std::string> date = DateOf(format.parts, *groups);
    if (date.ok()) return {TableDate::Kind::kDate, *std::move(date), ""};
    why = absl::StrCat("is no date: read as ", std::string(format.name), ", ", date.status().message());
  }
  if (TableDate open = ReadOpen(rest); open.kind != TableDate::Kind::kNone) return open;
  for (const TextPattern& vague : vague_) {
    const auto year = vague.MatchWhole(rest);
    if (!year || !ReadYear(year->front()).ok()) continue;
    return {TableDate::Kind::kVague, year->front(),
            absl::StrCat("has no exact meaning; taken as the year ", year->front())};
  }
  for (const TextPattern& financial : financial_) {
    if (!financial.MatchWhole(rest)) continue;
    return NoDate("names a financial year or several years; write the month, quarter or year in which it ends");
  }
  return NoDate(why);
}

TableDate TableDateReader::ReadOpen(std::string_view text) const {
  std::set<std::string> dates;
  std::string names;
  bool has_short_year = false;
  for (const Format& format : formats_) {
    if (format.is_chosen) continue;
    const auto groups = format.pattern.MatchWhole(text);
    if (!groups) continue;
    const bool is_short = !format.name.ends_with("yyyy");
    if (!is_short && has_order_) continue;
    absl::StatusOr<std::string> date = DateOf(format.parts, *groups);
    if (!date.ok()) continue;
    has_short_year = has_short_year || is_short;
    absl::StrAppend(&names, names.empty() ? "" : " or ", std::string(format.name));
    dates.insert(*std::move(date));
  }
  if (dates.empty()) return {};
  if (dates.size() == 1 && !has_short_year) return {TableDate::Kind::kDate, *dates.begin(), ""};
  std::string readings;
  for (const std::string& date : dates) absl::StrAppend(&readings, readings.empty() ? "" : " or ", date);
  return {TableDate::Kind::kOpen, "",
          absl::StrCat(has_short_year ? "has a year of two digits and " : "", "could be ", readings,
                       ": say in the mapping how dates are written, date_formats: ", names)};
}

std::vector<std::string> DateFormats() {
  std::vector<std::string> names;
  for (const FormatRule& rule : kRules) {
    if (names.empty() || names.back() != rule.name) names.emplace_back(rule.name);
  }
  return names;
}

}  // namespace almanac::client
