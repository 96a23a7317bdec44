#include "client/documents/plan_warning.h"

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {

void AddWarning(const TextLine& line, std::string_view what, v1::PlanDocument* document) {
  constexpr int kMaxWarnings = 10'000;
  constexpr std::size_t kMaxQuotedCharacters = 1000;
  if (document->warnings_size() >= kMaxWarnings) return;
  if (document->warnings_size() == kMaxWarnings - 1) what = "there are more warnings than these; the last one is on";
  v1::DocumentWarning* warning = document->add_warnings();
  warning->set_line(line.number);
  warning->set_message(absl::StrCat(std::string(what), ": ", Abbreviate(TrimSpaces(line.text), kMaxQuotedCharacters)));
}

absl::Status CheckHeading(const TextLine& line, std::string_view what, std::string_view text) {
  const std::size_t characters = CountCharacters(text);
  if (characters <= kMaxTitleCharacters) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("line ", line.number, ": ", std::string(what), " has ", characters,
                                                 " characters, but may have at most ", kMaxTitleCharacters, ": ",
                                                 Abbreviate(text, 60)));
}

}  // namespace almanac::client
