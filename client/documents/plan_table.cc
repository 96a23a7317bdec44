#include "client/documents/plan_table.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

std::optional<PlanColumn> FindColumn(std::string_view heading, const PlanLanguage& language) {
  const std::string words = FoldWidth(heading);
  for (const ColumnWords& column : language.columns) {
    if (MatchWords(words, column.heading) > 0) return column.column;
  }
  return std::nullopt;
}

absl::Status BadHeading(std::string_view why, const PlanLanguage& language) {
  std::string known;
  for (const ColumnWords& column : language.columns) {
    absl::StrAppend(&known, known.empty() ? "" : ", ", "\"", std::string(column.heading), "\"");
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the heading of a table ", std::string(why), "; known are, with one of the dates: ", known));
}

}  // namespace

std::vector<std::string_view> SplitCells(std::string_view text) {
  std::vector<std::string_view> cells;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\t', begin), text.size());
    cells.push_back(TrimSpaces(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return cells;
}

bool IsTableHeading(const std::vector<std::string_view>& cells, const PlanLanguage& language) {
  return FindColumn(cells.front(), language) == PlanColumn::kNumber;
}

absl::StatusOr<std::vector<PlanColumn>> ReadTableHeading(const std::vector<std::string_view>& cells,
                                                         const PlanLanguage& language) {
  std::vector<PlanColumn> columns;
  for (const std::string_view cell : cells) {
    const std::optional<PlanColumn> column = FindColumn(cell, language);
    if (!column) return BadHeading(absl::StrCat("has the unknown column \"", Abbreviate(cell, 60), "\""), language);
    if (std::count(columns.begin(), columns.end(), *column) > 0) {
      return BadHeading(absl::StrCat("has a second column \"", Abbreviate(cell, 60), "\""), language);
    }
    columns.push_back(*column);
  }
  const auto count = [&](PlanColumn column) { return std::count(columns.begin(), columns.end(), column); };
  if (count(PlanColumn::kTargetDate) + count(PlanColumn::kReleaseDate) != 1) {
    return BadHeading("needs one column with a date", language);
  }
  constexpr std::size_t kColumnCount = 5;
  if (columns.size() != kColumnCount) return BadHeading("lacks a column", language);
  return columns;
}

PlanRow ReadTableRow(const std::vector<std::string_view>& cells, const std::vector<PlanColumn>& columns) {
  PlanRow row;
  for (std::size_t i = 0; i < std::min(cells.size(), columns.size()); ++i) {
    switch (columns[i]) {
      case PlanColumn::kNumber:
        row.number = cells[i];
        break;
      case PlanColumn::kTitle:
        row.title = cells[i];
        break;
      case PlanColumn::kTargetDate:
      case PlanColumn::kReleaseDate:
        row.date = cells[i];
        row.is_target = columns[i] == PlanColumn::kTargetDate;
        break;
      case PlanColumn::kFrequency:
        row.frequency = cells[i];
        break;
      case PlanColumn::kRemark:
        row.remark = cells[i];
        break;
    }
  }
  return row;
}

}  // namespace almanac::client
