#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "almanac/v1/plan_document.pb.h"

namespace almanac::client {

// Reads a release plan: text extracted from its PDF, in UTF-8, with tabs between the columns of its tables, in the one
// of PlanLanguages() that its heading is in. What a line says is kept; what cannot be understood becomes a warning with
// the line and its text. A row that cannot be imported as it is (no number, title or date, or a text that is too long)
// is left out of the commitments, and its warning begins with "left out". Warnings are in the order of the lines.
// However a text is made, reading takes time in proportion to its length.
//
// Returns INVALID_ARGUMENT, with the line where there is one, if the text
// - is not UTF-8, holds a NUL byte or is longer than kMaxTextBytes,
// - is no plan: no heading with the years of a plan, or no section below it,
// - has years in its heading outside 1900 to 9999 or upside down,
// - has a heading of more than 1,000 characters or more than 5,000 rows.
absl::StatusOr<v1::PlanDocument> ParsePlan(std::string_view text);

}  // namespace almanac::client
