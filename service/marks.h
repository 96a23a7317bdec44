#pragma once

#include <unicode/unistr.h>

namespace almanac::service {

// `text` without the marks that follow 30 others in a row, which no text has (UAX #15, Stream-Safe Text): normalising
// takes time by the square of how many there are.
icu::UnicodeString LimitMarks(const icu::UnicodeString& text);

}  // namespace almanac::service
