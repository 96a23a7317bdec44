#include "client/documents/plan_text.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/documents/plan_frame.h"
#include "client/documents/plan_language.h"
#include "client/documents/plan_row.h"
#include "client/documents/plan_sections.h"
#include "client/documents/plan_table.h"
#include "client/documents/plan_warning.h"
#include "client/documents/text_lines.h"
#include "client/documents/title_spacing.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

constexpr std::size_t kMaxRows = 5000;
// Room for a category, a title and former titles, and for the spaces of wrapping.
constexpr std::size_t kMaxTitleCellCharacters = 8 * kMaxTitleCharacters;
// Four for each row: no plan wraps all its titles that often.
constexpr std::size_t kMaxTitleSpaces = 4 * kMaxRows;

// Adds a warning for each row whose title cell is too long to be one, and returns the others.
std::vector<PlanRow> LeaveOutLongTitles(const std::vector<PlanRow>& rows, v1::PlanDocument* document) {
  std::vector<PlanRow> kept;
  for (const PlanRow& row : rows) {
    const std::size_t characters = CountCharacters(row.title);
    if (characters <= kMaxTitleCellCharacters) {
      kept.push_back(row);
      continue;
    }
    AddWarning(row.line,
               absl::StrCat("left out: category, title and former titles have ", characters,
                            " characters, but may have at most ", kMaxTitleCellCharacters),
               document);
  }
  return kept;
}

// The titles of `rows` without the spaces that wrapping put there. Where the plan has more spaces than any real one,
// adds a warning, and leaves the titles from there on as they are.
absl::StatusOr<std::vector<std::string>> ReadTitles(std::string_view text, const std::vector<PlanRow>& rows,
                                                    const PlanLanguage& language, v1::PlanDocument* document) {
  std::vector<std::string> titles;
  if (language.has_spaces) {
    for (const PlanRow& row : rows) titles.push_back(UnwrapCell(row.title, language));
    return titles;
  }
  std::vector<std::string> rest;
  std::size_t spaces = 0;
  for (const PlanRow& row : rows) {
    spaces += CountWrapped(row.title);
    if (spaces > kMaxTitleSpaces && rest.empty()) {
      AddWarning(row.line,
                 absl::StrCat("the titles hold more than ", kMaxTitleSpaces,
                              " spaces between Chinese characters; from here on they are left as they are"),
                 document);
    }
    (spaces > kMaxTitleSpaces ? rest : titles).emplace_back(row.title);
  }
  absl::StatusOr<std::vector<std::string>> joined = JoinWrappedTitles(text, titles);
  if (joined.ok()) joined->insert(joined->end(), rest.begin(), rest.end());
  return joined;
}

absl::Status ReadRows(std::string_view text, const std::vector<PlanRow>& all_rows, const PlanLanguage& language,
                      v1::PlanDocument* document) {
  if (all_rows.size() > kMaxRows) {
    return absl::InvalidArgumentError(absl::StrCat("line ", all_rows[kMaxRows].line.number,
                                                   ": a plan may have at most ", kMaxRows,
                                                   " rows, and this is one more; it has ", all_rows.size()));
  }
  const std::vector<PlanRow> rows = LeaveOutLongTitles(all_rows, document);
  const auto titles = ReadTitles(text, rows, language, document);
  if (!titles.ok()) return titles.status();
  PlanRowReader reader(language, document);
  for (std::size_t i = 0; i < rows.size(); ++i) reader.Read(rows[i], (*titles)[i]);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::PlanDocument> ParsePlan(std::string_view text) {
  const auto lines = SplitTextLines(text);
  if (!lines.ok()) return lines.status();
  const auto heading = FindPlanHeading(*lines);
  if (!heading.ok()) return heading.status();
  const PlanLanguage& language = *heading->language;
  v1::PlanDocument document;
  const auto body = ReadPlanFrame(*lines, *heading, &document);
  if (!body.ok()) return body.status();
  const auto rows = ReadPlanSections(*body, language, &document);
  if (!rows.ok()) return rows.status();
  if (absl::Status status = ReadRows(text, *rows, language, &document); !status.ok()) return status;
  std::stable_sort(document.mutable_warnings()->begin(), document.mutable_warnings()->end(),
                   [](const auto& a, const auto& b) { return a.line() < b.line(); });
  return document;
}

}  // namespace almanac::client
