#include "client/documents/plan_text.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/documents/plan_frame.h"
#include "client/documents/plan_language.h"
#include "client/documents/plan_row.h"
#include "client/documents/plan_sections.h"
#include "client/documents/plan_table.h"
#include "client/documents/text_lines.h"
#include "client/documents/title_spacing.h"

namespace almanac::client {
namespace {

constexpr std::size_t kMaxRows = 5000;

absl::Status ReadRows(std::string_view text, const std::vector<PlanRow>& rows, const PlanLanguage& language,
                      v1::PlanDocument* document) {
  if (rows.size() > kMaxRows) {
    return absl::InvalidArgumentError(absl::StrCat("line ", rows[kMaxRows].line.number, ": a plan may have at most ",
                                                   kMaxRows, " rows, and this is one more; it has ", rows.size()));
  }
  std::vector<std::string> wrapped_titles;
  for (const PlanRow& row : rows) wrapped_titles.emplace_back(row.title);
  const auto titles = JoinWrappedTitles(text, wrapped_titles);
  if (!titles.ok()) return titles.status();
  PlanRowReader reader(language, document);
  for (std::size_t i = 0; i < rows.size(); ++i) reader.Read(rows[i], (*titles)[i]);
  return absl::OkStatus();
}

absl::StatusOr<v1::PlanDocument> ParsePlanIn(const PlanLanguage& language, std::string_view text,
                                             std::span<const TextLine> lines) {
  v1::PlanDocument document;
  const auto body = ReadPlanFrame(lines, language, &document);
  if (!body.ok()) return body.status();
  const auto rows = ReadPlanSections(*body, language, &document);
  if (!rows.ok()) return rows.status();
  if (absl::Status status = ReadRows(text, *rows, language, &document); !status.ok()) return status;
  std::stable_sort(document.mutable_warnings()->begin(), document.mutable_warnings()->end(),
                   [](const auto& a, const auto& b) { return a.line() < b.line(); });
  return document;
}

}  // namespace

absl::StatusOr<v1::PlanDocument> ParsePlan(std::string_view text) {
  const auto lines = SplitTextLines(text);
  if (!lines.ok()) return lines.status();
  absl::StatusOr<v1::PlanDocument> document = absl::InvalidArgumentError("no language to read a plan in");
  for (const PlanLanguage& language : PlanLanguages()) {
    document = ParsePlanIn(language, text, *lines);
    if (document.ok()) return document;
  }
  return document;
}

}  // namespace almanac::client
