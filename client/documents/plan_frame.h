#pragma once

#include <cstddef>
#include <span>

#include "absl/status/statusor.h"
#include "almanac/v1/plan_document.pb.h"
#include "client/documents/plan_language.h"
#include "client/documents/text_lines.h"
#include "client/documents/text_pattern.h"

namespace almanac::client {

// The heading of a plan, by which its language is known.
struct PlanHeading {
  const PlanLanguage* language;
  // Its place among the lines.
  std::size_t index;
  // What PlanLanguage::title_pattern found.
  TextPattern::Groups years;
};

// The first line that is the heading of a plan in one of PlanLanguages(). Returns INVALID_ARGUMENT if there is none.
absl::StatusOr<PlanHeading> FindPlanHeading(std::span<const TextLine> lines);

// Reads what stands above and below the sections of a plan: sets the publisher's title, title, period, date of
// publication and language of `document`, adds a warning for each line there that was not understood, and returns the
// lines between.
//
// Returns INVALID_ARGUMENT if the years in the heading are none, or if it or the publisher's name is too long.
absl::StatusOr<std::span<const TextLine>> ReadPlanFrame(std::span<const TextLine> lines, const PlanHeading& heading,
                                                        v1::PlanDocument* document);

}  // namespace almanac::client
