#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "almanac/v1/plan_document.pb.h"
#include "client/documents/text_lines.h"

namespace almanac::client {

// The longest title, heading or note, in characters.
inline constexpr int kMaxTitleCharacters = 1000;

// Adds a warning on `line` to `document`: what is wrong, a colon and the text of the line, of a very long one its first
// 1,000 characters. The 10,000th warning says that there are more, and those are not added.
void AddWarning(const TextLine& line, std::string_view what, v1::PlanDocument* document);

// Returns INVALID_ARGUMENT naming the line if `text`, which is `what`, is longer than kMaxTitleCharacters.
absl::Status CheckHeading(const TextLine& line, std::string_view what, std::string_view text);

}  // namespace almanac::client
