#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "almanac/v1/frequency.pb.h"

namespace almanac::client {

// What a table says became of a promise.
enum class LineStatus { kPlanned, kReleased, kCancelled };

// `text` in the form in which words are compared: without white space, case and width.
std::string FoldWords(std::string_view text);

// The same without hyphens and underscores, for headings and phrases: `Update_frequency` is `update frequency`, and
// `Semi-annually` is `semiannually`.
std::string PhraseKey(std::string_view text);

// What a phrase says that everybody writes, in English or Chinese.
struct KnownFrequency {
  v1::Frequency frequency;
  // Whether it also says that there will be no further updates.
  bool discontinued = false;
};
std::optional<KnownFrequency> FindFrequency(std::string_view phrase);
std::optional<LineStatus> FindStatus(std::string_view phrase);

// Whether the words say that something is not known yet: `TBC`, `待定`.
bool SaysNotKnown(std::string_view words);

}  // namespace almanac::client
