#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/frequency.pb.h"
#include "almanac/v1/release_plan.pb.h"
#include "client/documents/table_words.h"

namespace almanac::client {

// What a column of a table may hold.
enum class TableField {
  kPublisher,
  kTitle,
  kDescription,
  kCategory,
  kSection,
  kNumber,
  kTarget,
  kRelease,
  kFrequency,
  kFormats,
  kStatus,
  kReason,
  kLink,
};

// Their keys in a mapping, in the order of the enum.
inline constexpr std::string_view kTableFieldKeys[] = {
    "publisher", "title",     "description", "category", "section", "number", "target",
    "release",   "frequency", "formats",     "status",   "reason",  "link",
};

// How a table is read as plans; docs/tables.md describes each part. Phrases are as PhraseKey gives them.
struct Mapping {
  // The headings of a column, any of which may be in the table, and the line of the mapping that says so.
  struct Column {
    std::vector<std::string> headings;
    int line = 0;
  };

  // The file's name, for messages.
  std::string file;
  std::map<TableField, Column> columns;
  // The publisher of all lines; empty if a column says it.
  std::string publisher_title;
  std::string publisher_id;
  // The ids of publishers by FoldWords of the names that the table has for them.
  std::map<std::string, std::string> publisher_ids;
  // Those names as the mapping writes them, by the same.
  std::map<std::string, std::string> publisher_names;
  // Absent means from the first to the last year of the table's dates.
  std::optional<v1::Period> period;
  std::string title;
  std::string language = "en";
  std::string sheet;
  // 0 means the first row with a text.
  int header_row = 0;
  // Rows in which one of these columns is empty are no lines.
  std::vector<TableField> skip_where_empty;
  std::set<std::string> date_formats;
  std::map<std::string, v1::Frequency> frequencies;
  std::map<std::string, LineStatus> statuses;
  std::map<std::string, v1::Commitment::Reason> reasons;
};

// Reads a mapping in YAML. Returns INVALID_ARGUMENT that begins with `FILE:LINE:` if it is no YAML, for a key that is
// not known, naming the nearest one that is, for a value that cannot be, and if it lacks what every plan needs.
absl::StatusOr<Mapping> ParseMapping(std::string_view text, std::string_view file);

}  // namespace almanac::client
