#pragma once

#include <span>

#include "absl/status/statusor.h"
#include "almanac/v1/plan_document.pb.h"
#include "client/documents/plan_language.h"
#include "client/documents/text_lines.h"

namespace almanac::client {

// Reads what stands above and below the sections of a plan: sets the publisher's title, title, period, date of
// publication and language of `document`, adds a warning for each line there that was not understood, and returns the
// lines between.
//
// Returns INVALID_ARGUMENT if there is no heading of a plan, if the years in it are none, or if it or the publisher's
// name is too long.
absl::StatusOr<std::span<const TextLine>> ReadPlanFrame(std::span<const TextLine> lines, const PlanLanguage& language,
                                                        v1::PlanDocument* document);

}  // namespace almanac::client
