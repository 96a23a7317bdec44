#include "client/documents/plan_row.h"

#include <cstddef>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/documents/plan_title.h"
#include "client/documents/plan_warning.h"
#include "client/documents/title_spacing.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

constexpr int kMaxRemarkCharacters = 10'000;
constexpr std::size_t kQuotedCharacters = 60;

std::string Quote(std::string_view text) { return absl::StrCat("\"", Abbreviate(text, kQuotedCharacters), "\""); }

// Adds a problem and returns false if `text` is longer than `limit`.
bool CheckLength(std::string_view what, std::string_view text, std::size_t limit, std::vector<std::string>* problems) {
  const std::size_t characters = CountCharacters(text);
  if (characters <= limit) return true;
  problems->push_back(
      absl::StrCat(std::string(what), " has ", characters, " characters, but may have at most ", limit));
  return false;
}

v1::Frequency FindFrequency(std::string_view text, const PlanLanguage& language) {
  const std::string phrase = FoldWidth(text);
  for (const FrequencyWords& words : language.frequencies) {
    if (MatchWords(phrase, words.phrase) == phrase.size()) return words.frequency;
  }
  return v1::OTHER;
}

}  // namespace

PlanRowReader::PlanRowReader(const PlanLanguage& language, v1::PlanDocument* document)
    : language_(language),
      document_(document),
      number_("([0-9]{1,5})"),
      month_(R"(([0-9]{1,2})\s*/\s*([0-9]{1,4}))"),
      last_update_(language.last_update_pattern) {}

void PlanRowReader::Read(const PlanRow& row, std::string_view title) {
  v1::DocumentCommitment commitment;
  Problems problems;
  commitment.set_section(std::string(1, row.section));
  commitment.set_line(row.line.number);
  ReadNumber(row, &commitment, &problems);
  ReadTitle(title, &commitment, &problems);
  ReadDate(row, &commitment, &problems);
  ReadFrequency(row, &commitment, &problems);
  ReadRemark(row, &commitment, &problems);
  Warn(row, problems);
  if (!problems.grave.empty()) return;
  numbers_.insert({row.section, commitment.number()});
  *document_->add_commitments() = std::move(commitment);
}

void PlanRowReader::ReadNumber(const PlanRow& row, v1::DocumentCommitment* commitment, Problems* problems) const {
  const std::optional<TextPattern::Groups> digits = number_.MatchWhole(row.number);
  int number = 0;
  if (!digits || !absl::SimpleAtoi(digits->front(), &number) || number == 0) {
    problems->grave.push_back(row.number.empty() ? "it has no number"
                                                 : absl::StrCat(Quote(row.number), " is not a number from 1 to 99999"));
  } else if (numbers_.contains({row.section, number})) {
    problems->grave.push_back(
        absl::StrCat("section ", std::string(1, row.section), " has a row with the number ", number, " already"));
  }
  commitment->set_number(number);
}

void PlanRowReader::ReadTitle(std::string_view title, v1::DocumentCommitment* commitment, Problems* problems) const {
  const PlanTitle parts = ReadPlanTitle(title, language_.former_title);
  CheckLength("the category", parts.category, kMaxTitleCharacters, &problems->grave);
  CheckLength("the title", parts.title, kMaxTitleCharacters, &problems->grave);
  bool has_empty_parenthesis = false;
  for (const std::string& former : parts.former_titles) {
    CheckLength("the former title", former, kMaxTitleCharacters, &problems->grave);
    has_empty_parenthesis = has_empty_parenthesis || former.empty();
    if (!former.empty()) commitment->add_former_titles(former);
  }
  if (has_empty_parenthesis) problems->slight.push_back("the parenthesis for a former title names none");
  if (parts.title.empty()) {
    problems->grave.push_back("it has no title");
  } else if (parts.category.empty()) {
    problems->slight.push_back("no \" / \" with a category before it and the title after it; read as a title");
  }
  if (parts.has_open_parenthesis) {
    problems->slight.push_back("the parenthesis with the former title is not closed; left in the title");
  }
  commitment->set_category(parts.category);
  commitment->set_title(parts.title);
}

void PlanRowReader::ReadDate(const PlanRow& row, v1::DocumentCommitment* commitment, Problems* problems) const {
  const std::optional<TextPattern::Groups> parts = month_.MatchWhole(row.date);
  if (!parts) {
    problems->grave.push_back(
        row.date.empty() ? "it has no date"
                         : absl::StrCat("the date ", Quote(row.date), " is not a month and a year such as 06/2022"));
    return;
  }
  const absl::StatusOr<std::string> date = FormatDate(/*year=*/(*parts)[1], /*month=*/(*parts)[0]);
  if (!date.ok()) {
    problems->grave.emplace_back(date.status().message());
  } else if (row.is_target) {
    commitment->set_target_date(*date);
  } else {
    commitment->set_release_date(*date);
  }
}

void PlanRowReader::ReadFrequency(const PlanRow& row, v1::DocumentCommitment* commitment, Problems* problems) const {
  const std::string text = UnwrapCell(row.frequency, language_);
  CheckLength("the frequency", text, kMaxTitleCharacters, &problems->grave);
  if (text.empty()) {
    problems->slight.push_back("it has no frequency");
    return;
  }
  commitment->set_frequency(FindFrequency(text, language_));
  if (commitment->frequency() == v1::OTHER) {
    problems->slight.push_back(absl::StrCat("the frequency ", Quote(text), " is not known; read as OTHER"));
  }
  commitment->set_frequency_text(text);
}

void PlanRowReader::ReadRemark(const PlanRow& row, v1::DocumentCommitment* commitment, Problems* problems) const {
  const std::string remark = UnwrapCell(row.remark, language_);
  if (!CheckLength("the remark", remark, kMaxRemarkCharacters, &problems->grave)) return;
  for (std::string& format : formats_.Find(remark)) commitment->add_formats(std::move(format));
  commitment->set_discontinued(HoldsOneOf(remark, language_.discontinued));
  if (const auto date = last_update_.FindLast(remark); date && date->ok()) {
    commitment->set_last_update_date(**date);
  } else if (date) {
    problems->slight.push_back(absl::StrCat("the last update: ", date->status().message()));
  }
  commitment->set_remark(remark);
}

void PlanRowReader::Warn(const PlanRow& row, const Problems& problems) {
  std::vector<std::string> all = problems.grave;
  all.insert(all.end(), problems.slight.begin(), problems.slight.end());
  if (all.empty()) return;
  AddWarning(row.line, absl::StrCat(problems.grave.empty() ? "" : "left out: ", absl::StrJoin(all, "; ")), document_);
}

}  // namespace almanac::client
