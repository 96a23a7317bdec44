#include "client/documents/table_row.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/documents/plan_warning.h"
#include "client/documents/table_words.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

using Weight = RowProblem::Weight;

constexpr std::size_t kMaxRemarkCharacters = 10'000;
constexpr std::size_t kMaxNoteCharacters = 4'000;
constexpr std::size_t kMaxLinkCharacters = 2'000;
constexpr std::size_t kMaxFormatCharacters = 32;
constexpr int kMaxFormats = 32;
constexpr std::size_t kMaxFormatsCharacters = 2'000;
constexpr int kMaxNumber = 99'999;

std::string Quote(std::string_view text) { return absl::StrCat("\"", Abbreviate(text, 60), "\""); }

// `text` on one line, with single spaces: in a cell lines break wherever its author liked.
std::string OnOneLine(std::string_view text) {
  std::string line;
  for (const absl::string_view word :
       absl::StrSplit(absl::string_view(text.data(), text.size()), absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty())) {
    absl::StrAppend(&line, line.empty() ? "" : " ", word);
  }
  return line;
}

std::string WithPlainLineEnds(std::string_view text) {
  return absl::StrReplaceAll(absl::string_view(text.data(), text.size()), {{"\r\n", "\n"}, {"\r", "\n"}});
}

// Whether a spreadsheet shows this where a formula has no value.
bool IsErrorValue(std::string_view text) {
  constexpr std::string_view kErrors[] = {"#DIV/0!", "#N/A",    "#NAME?",  "#NULL!", "#NUM!",
                                          "#REF!",   "#VALUE!", "#SPILL!", "#CALC!"};
  return std::find(std::begin(kErrors), std::end(kErrors), text) != std::end(kErrors);
}

// The server's rule for links.
bool IsLink(std::string_view text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : text.size();
  return scheme < text.size() && std::none_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isspace(c) || absl::ascii_iscntrl(c);
         });
}

// The server's rule for formats.
bool IsFormat(std::string_view text) {
  return !text.empty() && text.size() <= kMaxFormatCharacters &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '+' || c == '.' || c == '-' || c == '_';
         });
}

}  // namespace

bool RowLine::Has(RowProblem::Weight weight) const {
  return std::any_of(problems.begin(), problems.end(), [&](const RowProblem& one) { return one.weight == weight; });
}

TableRowReader::TableRowReader(const Mapping& mapping, const TableColumns& columns)
    : mapping_(mapping), columns_(columns), dates_(mapping.date_formats) {}

std::optional<RowLine> TableRowReader::Read(const TableRow& row, int width) const {
  for (const TableField field : mapping_.skip_where_empty) {
    if (RawCell(row, field).empty()) return std::nullopt;
  }
  RowLine line;
  line.commitment.set_line(row.line);
  line.commitment.set_column(Column(TableField::kTitle));
  const auto filled =
      std::find_if(row.cells.rbegin(), row.cells.rend(), [](const auto& cell) { return !cell.empty(); });
  const auto used = static_cast<int>(row.cells.rend() - filled);
  if (used > width) {
    line.problems.push_back(
        {used, Weight::kGrave, absl::StrCat("the row has ", used, " cells, but the table has ", width, " columns")});
  } else if (row.is_complete && static_cast<int>(row.cells.size()) < width) {
    line.problems.push_back(
        {0, Weight::kGrave,
         absl::StrCat("the row has ", row.cells.size(), " cells, but the table ", "has ", width, " columns")});
  }
  for (const auto& [field, column] : columns_.numbers) {
    const std::string text = RawCell(row, field);
    if (!IsErrorValue(text)) continue;
    Add(field, Weight::kSlight, absl::StrCat("the cell has the error ", text, " in place of a value"), &line);
  }
  ReadPlace(row, &line);
  ReadTexts(row, &line);
  ReadFate(row, &line);
  ReadFrequency(row, &line);
  ReadFormats(row, &line);
  ReadLink(row, &line);
  std::stable_sort(line.problems.begin(), line.problems.end(),
                   [](const RowProblem& a, const RowProblem& b) { return a.column < b.column; });
  return line;
}

std::string TableRowReader::RawCell(const TableRow& row, TableField field) const {
  const auto index = static_cast<std::size_t>(Column(field));
  return index == 0 || index > row.cells.size() ? "" : row.cells[index - 1];
}

std::string TableRowReader::Cell(const TableRow& row, TableField field) const {
  std::string text = RawCell(row, field);
  return IsErrorValue(text) ? "" : text;
}

int TableRowReader::Column(TableField field) const {
  const auto found = columns_.numbers.find(field);
  return found == columns_.numbers.end() ? 0 : found->second;
}

void TableRowReader::ReadPlace(const TableRow& row, RowLine* line) const {
  line->publisher = mapping_.publisher_title;
  if (Column(TableField::kPublisher) > 0) {
    line->publisher = OnOneLine(Cell(row, TableField::kPublisher));
    if (line->publisher.empty()) Add(TableField::kPublisher, Weight::kGrave, "it has no publisher", line);
    CheckLength(TableField::kPublisher, "the publisher", line->publisher, kMaxTitleCharacters, line);
  }
  line->commitment.set_section("A");
  if (Column(TableField::kSection) > 0) {
    const std::string section = absl::AsciiStrToUpper(FoldWidth(Cell(row, TableField::kSection)));
    line->commitment.set_section(section);
    if (section.size() != 1 || !absl::ascii_isupper(static_cast<unsigned char>(section.front()))) {
      Add(TableField::kSection, Weight::kGrave, absl::StrCat("the section ", Quote(section), " is no letter A to Z"),
          line);
    }
  }
  if (Column(TableField::kNumber) > 0) {
    const std::string text = FoldWidth(Cell(row, TableField::kNumber));
    int number = 0;
    if (!absl::SimpleAtoi(text, &number) || number < 1 || number > kMaxNumber) {
      Add(TableField::kNumber, Weight::kGrave, absl::StrCat(Quote(text), " is not a number from 1 to ", kMaxNumber),
          line);
    }
    line->commitment.set_number(number);
  }
}

void TableRowReader::ReadTexts(const TableRow& row, RowLine* line) const {
  const std::string title = OnOneLine(Cell(row, TableField::kTitle));
  if (title.empty()) Add(TableField::kTitle, Weight::kGrave, "it has no title", line);
  CheckLength(TableField::kTitle, "the title", title, kMaxTitleCharacters, line);
  line->commitment.set_title(title);
  const std::string category = OnOneLine(Cell(row, TableField::kCategory));
  CheckLength(TableField::kCategory, "the category", category, kMaxTitleCharacters, line);
  line->commitment.set_category(category);
  const std::string description = WithPlainLineEnds(Cell(row, TableField::kDescription));
  CheckLength(TableField::kDescription, "the description", description, kMaxRemarkCharacters, line);
  line->commitment.set_remark(description);
}

TableRowReader::Date TableRowReader::ReadDate(const TableRow& row, TableField field) const {
  const std::string text = OnOneLine(Cell(row, field));
  if (text.empty()) return {};
  const TableDate date = dates_.Read(text);
  if (date.kind == TableDate::Kind::kDate) return {date.date, true, std::nullopt};
  const std::string_view what = field == TableField::kTarget ? "the target " : "the release date ";
  const Weight weight = date.kind == TableDate::Kind::kOpen ? Weight::kError : Weight::kSlight;
  return {date.date, true,
          RowProblem{Column(field), weight, absl::StrCat(std::string(what), Quote(text), " ", date.why)}};
}

LineStatus TableRowReader::ReadStatus(const TableRow& row, bool has_release, RowLine* line) const {
  const LineStatus otherwise = has_release ? LineStatus::kReleased : LineStatus::kPlanned;
  const std::string words = OnOneLine(Cell(row, TableField::kStatus));
  if (words.empty()) return otherwise;
  if (const auto own = mapping_.statuses.find(PhraseKey(words)); own != mapping_.statuses.end()) return own->second;
  if (const auto known = FindStatus(words)) return *known;
  Add(TableField::kStatus, Weight::kSlight,
      absl::StrCat("the status ", Quote(words), " is not known; taken as ", has_release ? "released" : "planned",
                   " (statuses in the mapping can say what it means)"),
      line);
  return otherwise;
}

void TableRowReader::ReadFate(const TableRow& row, RowLine* line) const {
  Date target = ReadDate(row, TableField::kTarget);
  Date release = ReadDate(row, TableField::kRelease);
  const LineStatus status = ReadStatus(row, !release.date.empty(), line);
  line->commitment.set_target_date(target.date);
  if (status == LineStatus::kReleased) line->commitment.set_release_date(release.date);
  const bool has_date = !target.date.empty() || !line->commitment.release_date().empty();
  if (!has_date && target.problem && target.problem->weight == Weight::kSlight) target.problem->weight = Weight::kGrave;
  if (target.problem) line->problems.push_back(*target.problem);
  if (release.problem) line->problems.push_back(*release.problem);
  if (status == LineStatus::kReleased && release.date.empty()) {
    Add(release.is_said ? TableField::kRelease : TableField::kStatus, Weight::kSlight,
        "it is released, but without a date: taken as promised", line);
  } else if (status != LineStatus::kReleased && !release.date.empty()) {
    Add(TableField::kRelease, Weight::kSlight,
        absl::StrCat("the release date ", release.date, " is not taken: the status is ",
                     status == LineStatus::kCancelled ? "cancelled" : "planned"),
        line);
  }
  if (!has_date && !target.problem) {
    Add(Column(TableField::kTarget) > 0 ? TableField::kTarget : TableField::kRelease, Weight::kGrave,
        "it has no date, and a promise has one", line);
  }
  const std::string reason = WithPlainLineEnds(Cell(row, TableField::kReason));
  if (status == LineStatus::kCancelled) {
    ReadCancellation(row, line);
  } else if (!reason.empty()) {
    // Nothing that a line says is lost.
    std::string* remark = line->commitment.mutable_remark();
    absl::StrAppend(remark, remark->empty() ? "" : "\n", reason);
    CheckLength(TableField::kReason, "the description with the reason", *remark, kMaxRemarkCharacters, line);
  }
}

void TableRowReader::ReadCancellation(const TableRow& row, RowLine* line) const {
  const std::string reason = WithPlainLineEnds(Cell(row, TableField::kReason));
  const std::string note = reason.empty() ? OnOneLine(Cell(row, TableField::kStatus)) : reason;
  CheckLength(TableField::kReason, "the reason", note, kMaxNoteCharacters, line);
  v1::DocumentCancellation* cancellation = line->commitment.mutable_cancellation();
  cancellation->set_note(note);
  cancellation->set_reason(v1::Commitment::OTHER);
  v1::Commitment::Reason named = v1::Commitment::REASON_UNSPECIFIED;
  const std::string name = absl::StrReplaceAll(absl::AsciiStrToUpper(OnOneLine(note)), {{"-", "_"}, {" ", "_"}});
  if (const auto own = mapping_.reasons.find(PhraseKey(note)); own != mapping_.reasons.end()) {
    cancellation->set_reason(own->second);
  } else if (v1::Commitment::Reason_Parse(name, &named) && named != v1::Commitment::REASON_UNSPECIFIED) {
    cancellation->set_reason(named);
  }
}

void TableRowReader::ReadFrequency(const TableRow& row, RowLine* line) const {
  const std::string words = OnOneLine(Cell(row, TableField::kFrequency));
  if (words.empty()) return;
  CheckLength(TableField::kFrequency, "the frequency", words, kMaxTitleCharacters, line);
  line->commitment.set_frequency_text(words);
  if (const auto own = mapping_.frequencies.find(PhraseKey(words)); own != mapping_.frequencies.end()) {
    line->commitment.set_frequency(own->second);
  } else if (const auto known = FindFrequency(words)) {
    line->commitment.set_frequency(known->frequency);
    line->commitment.set_discontinued(known->discontinued);
  } else if (SaysNotKnown(words)) {
    Add(TableField::kFrequency, Weight::kSlight, absl::StrCat("the frequency ", Quote(words), " is none yet"), line);
  } else {
    line->commitment.set_frequency(v1::OTHER);
    Add(TableField::kFrequency, Weight::kSlight,
        absl::StrCat("the frequency ", Quote(words),
                     " is not known; read as OTHER (frequencies in the mapping can say ", "what it means)"),
        line);
  }
}

void TableRowReader::ReadFormats(const TableRow& row, RowLine* line) const {
  const std::string text =
      absl::StrReplaceAll(Cell(row, TableField::kFormats), {{"、", ","}, {"，", ","}, {"；", ","}});
  if (CountCharacters(text) > kMaxFormatsCharacters) {
    Add(TableField::kFormats, Weight::kSlight,
        absl::StrCat("the formats have ", CountCharacters(text), " characters, but may have at most ",
                     kMaxFormatsCharacters, ", and none is taken"),
        line);
    return;
  }
  for (const absl::string_view part : absl::StrSplit(text, absl::ByAnyChar(",;/|\r\n"))) {
    const std::string_view word = TrimSpaces({part.data(), part.size()});
    if (word.empty()) continue;
    std::vector<std::string> found = formats_.Find(word);
    if (found.empty()) found.push_back(absl::AsciiStrToUpper(FoldWidth(word)));
    for (std::string& format : found) {
      const auto& all = line->commitment.formats();
      if (std::find(all.begin(), all.end(), format) != all.end()) continue;
      if (!IsFormat(format)) {
        Add(TableField::kFormats, Weight::kSlight, absl::StrCat(Quote(word), " is no format such as CSV"), line);
      } else if (all.size() == kMaxFormats) {
        Add(TableField::kFormats, Weight::kSlight, absl::StrCat("only the first ", kMaxFormats, " formats are taken"),
            line);
        return;
      } else {
        line->commitment.add_formats(std::move(format));
      }
    }
  }
}

void TableRowReader::ReadLink(const TableRow& row, RowLine* line) const {
  const std::string link = Cell(row, TableField::kLink);
  if (link.empty()) return;
  if (CountCharacters(link) > kMaxLinkCharacters) {
    Add(TableField::kLink, Weight::kSlight, absl::StrCat("the link has more than ", kMaxLinkCharacters, " characters"),
        line);
  } else if (!IsLink(link)) {
    Add(TableField::kLink, Weight::kSlight, absl::StrCat("the link ", Quote(link), " is not an http or https URL"),
        line);
  } else {
    line->commitment.set_landing_page(link);
  }
}

void TableRowReader::CheckLength(TableField field, std::string_view what, std::string_view text, std::size_t limit,
                                 RowLine* line) const {
  const std::size_t characters = CountCharacters(text);
  if (characters <= limit) return;
  Add(field, Weight::kGrave,
      absl::StrCat(std::string(what), " has ", characters, " characters, but may have at most ", limit), line);
}

void TableRowReader::Add(TableField field, RowProblem::Weight weight, std::string message, RowLine* line) const {
  line->problems.push_back({Column(field), weight, std::move(message)});
}

}  // namespace almanac::client
