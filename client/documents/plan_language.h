#pragma once

#include <span>
#include <string>
#include <string_view>

#include "almanac/v1/frequency.pb.h"

namespace almanac::client {

// What a column of a plan's table holds.
enum class PlanColumn { kNumber, kTitle, kTargetDate, kReleaseDate, kFrequency, kRemark };

// A column is known by the words that its heading begins with.
struct ColumnWords {
  std::string_view heading;
  PlanColumn column;
};

// A phrase that promises a frequency.
struct FrequencyWords {
  std::string_view phrase;
  v1::Frequency frequency;
};

// The words by which plans in one language are read. Another language is another entry of PlanLanguages().
// Words and phrases are compared by MatchWords: case and white space do not matter. Patterns are those of TextPattern
// and must match the whole line or, where said, are searched for.
struct PlanLanguage {
  // The BCP-47 tag of the documents.
  std::string_view tag;
  // Whether white space separates words, so that a line is wrapped where one is anyway. In Chinese, which has none
  // between words, wrapping leaves spaces that were not there.
  bool has_spaces;
  // The heading of a plan as people would name it, for messages.
  std::string_view title_example;
  // The heading of a plan. Groups: first year, last year.
  std::string_view title_pattern;
  // The line with the date of publication, a DatePattern.
  std::string_view published_pattern;
  std::span<const ColumnWords> columns;
  std::span<const FrequencyWords> frequencies;
  // What a section says that has no lines, the usual phrase first.
  std::span<const std::string_view> not_applicable;
  // The words after an opening parenthesis in a title by which a former title follows.
  std::span<const std::string_view> former_title;
  // The words in a remark by which a dataset is no longer updated.
  std::span<const std::string_view> discontinued;
  // The last update in a remark, a DatePattern, searched for.
  std::string_view last_update_pattern;
};

// The languages that plans can be read in.
std::span<const PlanLanguage> PlanLanguages();

// Whether `text` is one of these phrases.
bool SaysOneOf(std::string_view text, std::span<const std::string_view> phrases);

// Whether one of these phrases stands in `text`.
bool HoldsOneOf(std::string_view text, std::span<const std::string_view> phrases);

// What a cell says, without what wrapping its lines left in it. Not for titles in Chinese: see JoinWrappedTitles.
std::string UnwrapCell(std::string_view cell, const PlanLanguage& language);

}  // namespace almanac::client
