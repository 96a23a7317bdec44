#pragma once

#include <span>
#include <string_view>

#include "almanac/v1/frequency.pb.h"

// Words of release plans in three languages: the phrases of tests/data/swd-2022-2024.*.txt and, where a comment says
// so, those that the plan of one department lacks and a government's has. What is most frequent comes first.
namespace almanac::bench {

// The same in English, Simplified and Traditional Chinese.
struct Phrase {
  std::string_view en, hans, hant;
};

// With how often the plan has it.
struct CountedPhrase {
  int count;
  Phrase phrase;
};

struct CountedFrequency {
  int count;
  almanac::v1::Frequency value;
  Phrase words;
};

// What a title says about its subject, which stands for `{}`.
std::span<const CountedPhrase> Frames();
// Services, their places and those who do them.
std::span<const Phrase> Subjects();
// What stands before a subject.
std::span<const Phrase> Modifiers();
// Those for whom a service is; before the subject in Chinese, behind `for` in English.
std::span<const Phrase> Groups();
// Before the subject in Chinese, behind `under the` in English.
std::span<const Phrase> Schemes();
// Before the whole title.
std::span<const Phrase> Systems();
// By what figures are broken down: before the whole title in Chinese, behind it in English.
std::span<const Phrase> Breakdowns();
// Behind the whole title.
std::span<const Phrase> Notes();
// What a row of the data holds.
std::span<const Phrase> Fields();

std::span<const Phrase> Categories();
// What is behind the category in the title of a publisher.
std::span<const Phrase> Bodies();

std::span<const CountedFrequency> Frequencies();

}  // namespace almanac::bench
