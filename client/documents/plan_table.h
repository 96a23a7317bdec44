#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/documents/plan_language.h"
#include "client/documents/text_lines.h"

namespace almanac::client {

// A row of a section's table, its cells without white space at their ends. It points into the text of the plan.
struct PlanRow {
  TextLine line;
  // The letter of the section.
  char section = 0;
  std::string_view number;
  // Category and title.
  std::string_view title;
  std::string_view date;
  // Whether `date` is the target of a promise, by the heading of its column; else it is a release date.
  bool is_target = false;
  std::string_view frequency;
  std::string_view remark;
};

// The cells of a line, which tabs separate, without white space at their ends.
std::vector<std::string_view> SplitCells(std::string_view text);

// Whether these cells are meant to be the heading of a table.
bool IsTableHeading(const std::vector<std::string_view>& cells, const PlanLanguage& language);

// What the columns below this heading hold. Returns INVALID_ARGUMENT unless each of number, title, frequency, remark
// and either target date or release date is there once and nothing else is.
absl::StatusOr<std::vector<PlanColumn>> ReadTableHeading(const std::vector<std::string_view>& cells,
                                                         const PlanLanguage& language);

// The row that these cells are, as far as they go; `line` and `section` are left to the caller.
PlanRow ReadTableRow(const std::vector<std::string_view>& cells, const std::vector<PlanColumn>& columns);

}  // namespace almanac::client
