#include "tests/bench/made_titles.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/bench/places.h"

namespace almanac::bench {
namespace {

// In how many of a hundred titles there is such a part. Chosen so that titles are as long as the plan's; most of them
// name a place, so that few of a publisher's titles are the same.
constexpr int kModifier = 30;
constexpr int kGroup = 30;
constexpr int kScheme = 12;
constexpr int kPlace = 75;
constexpr int kSystem = 6;
constexpr int kBreakdown = 10;
constexpr int kNote = 8;
constexpr int kYear = 20;

constexpr int kFirstYear = 2012;
constexpr int kYears = 15;

// In how many of a hundred remarks a field is.
constexpr int kField = 30;

std::vector<uint64_t> Counts(std::span<const CountedPhrase> phrases) {
  std::vector<uint64_t> counts;
  for (const CountedPhrase& phrase : phrases) counts.push_back(phrase.count);
  return counts;
}

Weights ByRank(std::span<const Phrase> phrases) { return Weights::Zipf(phrases.size(), 2); }

// Puts `text` into the gap of `frame`.
std::string Fill(std::string_view frame, const std::string& text) {
  return std::string(frame).replace(frame.find("{}"), 2, text);
}

// Puts `prefix` before the Chinese, which says first what English says last.
void Prepend(const MadeText& prefix, MadeText* text) {
  text->hans.insert(0, prefix.hans);
  text->hant.insert(0, prefix.hant);
}

}  // namespace

MadeTitles::MadeTitles()
    : frames_(Counts(Frames())),
      subjects_(ByRank(Subjects())),
      modifiers_(ByRank(Modifiers())),
      groups_(ByRank(Groups())),
      schemes_(ByRank(Schemes())),
      systems_(ByRank(Systems())),
      breakdowns_(ByRank(Breakdowns())),
      notes_(ByRank(Notes())),
      places_(Weights::Zipf(kPlaces, 20)) {}

MadeText MadeTitles::Subject(KeyedRandom& random) const {
  MadeText text;
  if (random.Chance(kModifier)) {
    const Phrase& modifier = Modifiers()[modifiers_.Pick(random)];
    text.Append(modifier.en, modifier.hans, modifier.hant);
    text.en.append(" ");
  }
  const Phrase& subject = Subjects()[subjects_.Pick(random)];
  text.Append(subject.en, subject.hans, subject.hant);
  const auto qualify = [&](const char* link, const MadeText& qualifier) {
    absl::StrAppend(&text.en, link, qualifier.en);
    Prepend(qualifier, &text);
  };
  if (random.Chance(kGroup)) qualify(" for ", ToText(Groups()[groups_.Pick(random)]));
  if (random.Chance(kScheme)) qualify(" under the ", ToText(Schemes()[schemes_.Pick(random)]));
  if (random.Chance(kPlace)) qualify(" in ", PlaceAt(places_.Pick(random)));
  return text;
}

MadeText MadeTitles::Title(KeyedRandom& random, const MadeText& subject) const {
  const Phrase& frame = Frames()[frames_.Pick(random)].phrase;
  MadeText title{Fill(frame.en, subject.en), Fill(frame.hans, subject.hans), Fill(frame.hant, subject.hant)};
  if (random.Chance(kBreakdown)) {
    const MadeText breakdown = ToText(Breakdowns()[breakdowns_.Pick(random)]);
    title.en.append(breakdown.en);
    Prepend(breakdown, &title);
  }
  if (random.Chance(kSystem)) {
    const MadeText system = ToText(Systems()[systems_.Pick(random)]);
    title.en.insert(0, system.en);
    Prepend(system, &title);
  }
  if (random.Chance(kNote)) {
    const Phrase& note = Notes()[notes_.Pick(random)];
    title.Append(note.en, note.hans, note.hant);
  }
  if (random.Chance(kYear)) {
    const std::string year = absl::StrCat(kFirstYear + random.Below(kYears));
    title.Append(absl::StrCat(" (", year, ")"), absl::StrCat(" (", year, "年)"), absl::StrCat(" (", year, "年)"));
  }
  return title;
}

MadeText MadeTitles::Remark(KeyedRandom& random, const std::string& formats) const {
  MadeText remark;
  for (const Phrase& field : Fields()) {
    if (!random.Chance(kField)) continue;
    if (!remark.en.empty()) remark.Append(", ", "、", "、");
    remark.Append(field.en, field.hans, field.hant);
  }
  if (remark.en.empty()) return remark;
  remark.en[0] = absl::ascii_toupper(remark.en[0]);
  const std::string end = absl::StrCat(" (", formats, ")");
  remark.Append(end, end, end);
  return remark;
}

}  // namespace almanac::bench
