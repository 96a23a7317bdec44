#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/documents/mapping.h"
#include "client/documents/table_rows.h"

namespace almanac::client {

// Where the columns of a table are.
struct TableColumns {
  // The number of each column that the mapping names, counted from 1.
  std::map<TableField, int> numbers;
  // The headings of the columns that it does not name.
  std::vector<std::string> unread;
};

// Finds the columns of the mapping by the headings of the table, without regard to case, spaces, hyphens, underscores
// and width. Of several headings for one column the first that is there counts. Returns INVALID_ARGUMENT with the line
// of the mapping if none is, if two columns have the heading, or if a column is two things.
absl::StatusOr<TableColumns> FindColumns(const SourceTable& table, const Mapping& mapping);

// A mapping for the table to begin with, in YAML: its headings where they are likely to belong, the others in a
// comment.
std::string SkeletonMapping(const SourceTable& table);

}  // namespace almanac::client
