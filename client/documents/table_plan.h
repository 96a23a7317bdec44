#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/plan_document.pb.h"
#include "client/documents/mapping.h"
#include "client/documents/table_rows.h"

namespace almanac::client {

// The most lines that one publisher may have in a table.
inline constexpr int kMaxPlanLines = 5'000;

// The plan of one publisher.
struct TablePlan {
  // `publishers/{publisher}` by the mapping, else `publishers/-`.
  std::string parent;
  v1::PlanDocument document;
};

// What a table says.
struct TablePlans {
  // In the order in which their publishers come first; only those with a line.
  std::vector<TablePlan> plans;
  // All warnings in the order of the rows, at most 10,000: those of the documents, and those on rows of nobody.
  std::vector<v1::DocumentWarning> warnings;
  // The headings of the columns that the mapping does not name.
  std::vector<std::string> unread;
  // The publishers to whom the mapping gives ids, but whom the table does not name.
  std::vector<std::string> unnamed;
};

// Reads a table as plans, one for each publisher. What a line says is kept; what cannot be understood becomes a warning
// with line and column. A row that cannot be a line (no title, no date, a text that is too long) is left out, and its
// warning begins with "left out". Lines without a number are numbered in their order, for each publisher and section;
// one that is left out keeps its number, so that the others keep theirs once it is corrected.
//
// Returns INVALID_ARGUMENT, naming line and column of each (of many the first 20), if dates could be read in several
// ways, or if a publisher has a title or a number twice; and if no row is a line, if a publisher has more than
// kMaxPlanLines, or for what FindColumns refuses.
absl::StatusOr<TablePlans> ReadTablePlans(const SourceTable& table, const Mapping& mapping);

}  // namespace almanac::client
