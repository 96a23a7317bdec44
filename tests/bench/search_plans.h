#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace almanac::bench {

// A statement and how PostgreSQL ran it.
struct Plan {
  std::string statement;
  // Lines of EXPLAIN's text.
  std::vector<std::string> lines;
};

// What auto_explain says of an almanacd's own statements while `action` runs: of those that read datasets or what they
// are found by. `log_file` is where the cluster logs, with the log_line_prefix '%p '. An error if there are none.
absl::StatusOr<std::vector<Plan>> RecordPlans(const std::string& log_file, const std::function<absl::Status()>& action);

// Whether some table is read from one end to the other.
bool HasSequentialScan(const Plan& plan);

// The plan as an indented block, the columns of a dataset left out and first_day() as it was written.
std::string ToText(const Plan& plan);

}  // namespace almanac::bench
