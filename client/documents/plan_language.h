#pragma once

#include <span>
#include <string_view>

#include "almanac/v1/frequency.pb.h"

namespace almanac::client {

// What a column of a plan's table holds.
enum class PlanColumn { kNumber, kTitle, kTargetDate, kReleaseDate, kFrequency, kRemark };

// A column is known by the words that its heading begins with; white space in headings is ignored.
struct ColumnWords {
  std::string_view heading;
  PlanColumn column;
};

// A phrase that promises a frequency; white space in it is ignored.
struct FrequencyWords {
  std::string_view phrase;
  v1::Frequency frequency;
};

// The words by which plans in one language are read. Another language is another entry of PlanLanguages().
// Patterns are ICU regular expressions in UTF-8 that must match the whole line or, where said, are searched for.
struct PlanLanguage {
  // The BCP-47 tag of the documents.
  std::string_view tag;
  // The heading of a plan as people would name it, for messages.
  std::string_view title_example;
  // The heading of a plan. Groups: first year, last year.
  std::string_view title_pattern;
  // The line with the date of publication. Groups: year, month, day; the last may match nothing.
  std::string_view published_pattern;
  std::span<const ColumnWords> columns;
  std::span<const FrequencyWords> frequencies;
  // What a section says that has no lines.
  std::string_view not_applicable;
  // The words after an opening parenthesis in a title by which a former title follows.
  std::string_view former_title;
  // The words in a remark by which a dataset is no longer updated.
  std::string_view discontinued;
  // The last update in a remark, searched for. Groups: year, month.
  std::string_view last_update_pattern;
};

// The languages that plans can be read in.
std::span<const PlanLanguage> PlanLanguages();

}  // namespace almanac::client
