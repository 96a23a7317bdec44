#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/plan_document.pb.h"
#include "client/documents/plan_language.h"
#include "client/documents/plan_table.h"
#include "client/documents/text_lines.h"

namespace almanac::client {

// Reads the sections of a plan, of which `lines` are all lines: sets the sections of `document`, adds a warning for
// each line that has no place in a section, and returns the rows of all sections in their order. A row that says that
// its section does not apply is not among them.
//
// Returns INVALID_ARGUMENT if there is no section or if a heading or a note below one is too long.
absl::StatusOr<std::vector<PlanRow>> ReadPlanSections(std::span<const TextLine> lines, const PlanLanguage& language,
                                                      v1::PlanDocument* document);

}  // namespace almanac::client
