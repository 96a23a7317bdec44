#include "service/rules/translation.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/errors.h"
#include "service/rules/document_lines.h"
#include "service/titles.h"

namespace almanac::service::rules {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::DocumentCommitment;
using almanac::v1::FieldChange;
using almanac::v1::PlanDocument;
using almanac::v1::PlanSection;
using almanac::v1::ReleasePlan;

constexpr int kMaxWarnings = 1000;

void AddWarning(int line, const std::string& message, DocumentWarnings* warnings) {
  if (warnings->size() >= kMaxWarnings) return;
  auto* warning = warnings->Add();
  warning->set_line(line);
  const bool is_last = warnings->size() == kMaxWarnings;
  warning->set_message(
      absl::StrCat(is_last ? "there may be more warnings than these 1000; the last one is: " : "", message));
}

// The columns that a line has in every language alike.
constexpr std::string_view kSharedColumns[] = {"section",   "number",  "target_date",  "release_date",
                                               "frequency", "formats", "discontinued", "last_update_date"};

// "A4 List of centres".
std::string Label(const DocumentCommitment& line) {
  return absl::StrCat(line.section(), line.number(), " ", db::Excerpt(line.title(), kShownTitle));
}

std::string Disagreement(std::string_view what, const std::string& here, const std::string& in_the_plan) {
  const auto value = [](const std::string& text) { return text.empty() ? "(none)" : db::Excerpt(text, kShownTitle); };
  return absl::StrCat(absl::string_view(what.data(), what.size()), " is ", value(here), " here, but ",
                      value(in_the_plan), " in the plan");
}

// `formats` without regard to their order.
DocumentCommitment WithSortedFormats(DocumentCommitment line) {
  std::sort(line.mutable_formats()->begin(), line.mutable_formats()->end());
  return line;
}

// The columns in which the line disagrees with what the plan says: before is the plan's, after the line's.
std::vector<FieldChange> Disagreements(const Commitment& commitment, const DocumentCommitment& line,
                                       const std::string& language) {
  std::vector<FieldChange> columns =
      DiffLines(WithSortedFormats(LineOf(commitment, language)), WithSortedFormats(line));
  std::erase_if(columns, [](const FieldChange& column) {
    return std::find(std::begin(kSharedColumns), std::end(kSharedColumns), column.field()) == std::end(kSharedColumns);
  });
  return columns;
}

bool IsDate(const FieldChange& column) { return column.field() == "target_date" || column.field() == "release_date"; }

// Whether so much is different that the line may be about something else.
bool MayBeAnother(const std::vector<FieldChange>& columns) {
  const auto dates = std::count_if(columns.begin(), columns.end(), IsDate);
  return dates > 0 && static_cast<std::ptrdiff_t>(columns.size()) - dates > 1;
}

// Says in which columns the line disagrees.
std::string DisagreementText(const std::vector<FieldChange>& columns) {
  std::vector<std::string> texts;
  for (const FieldChange& column : columns) {
    texts.push_back(Disagreement(column.field(), column.after(), column.before()));
  }
  return absl::StrJoin(texts, "; ");
}

using TextsOf = const Texts& (Commitment::*)() const;

// Whether the line says `text` in `language`.
bool Says(const Commitment& line, TextsOf texts, const std::string& language, const std::string& text) {
  const auto found = (line.*texts)().find(language);
  return found != (line.*texts)().end() && found->second == text;
}

bool HasAll(const Texts& before, const Texts& after) {
  return std::all_of(before.begin(), before.end(), [&](const auto& entry) {
    const auto found = after.find(entry.first);
    return found != after.end() && found->second == entry.second;
  });
}

}  // namespace

bool IsTranslation(const ReleasePlan& plan, const std::string& language) {
  if (!plan.language().empty()) return plan.language() != language;
  return plan.state() != ReleasePlan::DRAFT && !plan.titles().contains(language);
}

ReleasePlan TranslatePlan(ReleasePlan plan, const PlanDocument& document, DocumentWarnings* warnings) {
  const std::string& language = document.language();
  if (!document.title().empty()) (*plan.mutable_titles())[language] = document.title();
  if (!document.published_on().empty() && document.published_on() != plan.published_on()) {
    AddWarning(0, Disagreement("published_on", document.published_on(), plan.published_on()), warnings);
  }
  std::map<std::string, PlanSection*> sections;
  for (PlanSection& section : *plan.mutable_sections()) sections[section.code()] = &section;
  for (const auto& said : document.sections()) {
    const auto found = sections.find(said.code());
    if (found == sections.end()) {
      AddWarning(0, absl::StrCat("section ", said.code(), " is not in the plan; left out"), warnings);
      continue;
    }
    PlanSection* section = found->second;
    sections.erase(found);
    if (!said.title().empty()) (*section->mutable_titles())[language] = said.title();
    if (!said.note().empty()) (*section->mutable_notes())[language] = said.note();
    if (said.not_applicable() == section->not_applicable()) continue;
    const auto text = [](bool not_applicable) { return std::string(not_applicable ? "not applicable" : "applicable"); };
    AddWarning(0, Disagreement("section " + said.code(), text(said.not_applicable()), text(section->not_applicable())),
               warnings);
  }
  for (const auto& [code, section] : sections) {
    AddWarning(0, absl::StrCat("section ", code, " of the plan is not here"), warnings);
  }
  return plan;
}

std::vector<const Commitment*> MatchTranslation(const std::vector<Commitment>& lines, const PlanDocument& document,
                                                DocumentWarnings* warnings) {
  const std::string& language = document.language();
  std::map<std::string, const Commitment*> by_title;
  std::map<std::pair<std::string, int32_t>, const Commitment*> by_number;
  for (const Commitment& commitment : lines) {
    by_number[{commitment.section(), commitment.number()}] = &commitment;
    const auto title = commitment.titles().find(language);
    if (title != commitment.titles().end()) by_title.emplace(TitleKey(title->second), &commitment);
  }
  std::vector<const Commitment*> matches;
  std::set<const Commitment*> known;
  for (const DocumentCommitment& line : document.commitments()) {
    const auto same = by_title.find(TitleKey(line.title()));
    matches.push_back(same == by_title.end() ? nullptr : same->second);
    known.insert(matches.back());
  }
  for (int i = 0; i < document.commitments_size(); ++i) {
    const DocumentCommitment& line = document.commitments(i);
    const auto warn = [&](const std::string& what) {
      AddWarning(line.line(), absl::StrCat(Label(line), ": ", what), warnings);
    };
    const Commitment*& match = matches[i];
    const bool by_its_title = match != nullptr;
    const auto same = by_number.find({line.section(), line.number()});
    if (!by_its_title && same != by_number.end() && known.insert(same->second).second) match = same->second;
    if (match == nullptr) {
      warn(same == by_number.end() ? "the plan has no such line; left out"
                                   : "the title of the plan's line with this number is on another line here; left out");
      continue;
    }
    const std::vector<FieldChange> columns = Disagreements(*match, line, language);
    if (!by_its_title && MayBeAnother(columns)) {
      warn(absl::StrCat("left out, since it may be about something else: ", DisagreementText(columns)));
      match = nullptr;
    } else if (!columns.empty()) {
      warn(absl::StrCat(DisagreementText(columns), ", which stays as it is"));
    }
  }
  for (const auto& [number, commitment] : by_number) {
    if (known.contains(commitment)) continue;
    AddWarning(0, absl::StrCat(number.first, number.second, " (", commitment->name(), ") of the plan is not here"),
               warnings);
  }
  return matches;
}

Commitment TranslateCommitment(Commitment commitment, const DocumentCommitment& line, const std::string& language) {
  SetText(commitment.mutable_titles(), language, line.title());
  SetText(commitment.mutable_categories(), language, line.category());
  SetText(commitment.mutable_remarks(), language, line.remark());
  SetText(commitment.mutable_frequency_texts(), language, line.frequency_text());
  SetFormerTitles(line, language, commitment.mutable_former_titles());
  return commitment;
}

Dataset TranslateDataset(Dataset dataset, const Commitment& before, const DocumentCommitment& line,
                         const std::string& language, const std::vector<Commitment>& earlier) {
  const auto says = [&](TextsOf texts, const std::string& text) {
    return std::any_of(earlier.begin(), earlier.end(),
                       [&](const Commitment& other) { return Says(other, texts, language, text); });
  };
  const auto follow = [&](TextsOf texts, const std::string& text, Texts* now) {
    const auto found = now->find(language);
    const bool follows =
        found == now->end() || Says(before, texts, language, found->second) || says(texts, found->second);
    if (follows) SetText(now, language, text);
  };
  const auto title = dataset.titles().find(language);
  const std::string old_title = title == dataset.titles().end() ? "" : title->second;
  follow(&Commitment::titles, line.title(), dataset.mutable_titles());
  follow(&Commitment::categories, line.category(), dataset.mutable_categories());
  follow(&Commitment::remarks, line.remark(), dataset.mutable_remarks());
  follow(&Commitment::frequency_texts, line.frequency_text(), dataset.mutable_frequency_texts());
  const bool is_retitled = !old_title.empty() && TitleKey(old_title) != TitleKey(dataset.titles().at(language));
  if (is_retitled && says(&Commitment::titles, old_title)) AddFormerTitle(language, old_title, &dataset);
  for (const std::string& former : line.former_titles()) AddFormerTitle(language, former, &dataset);
  return dataset;
}

bool OnlyAddsTexts(const ReleasePlan& before, const ReleasePlan& after) {
  bool adds = HasAll(before.titles(), after.titles());
  for (int i = 0; i < before.sections_size() && adds; ++i) {
    adds = HasAll(before.sections(i).titles(), after.sections(i).titles()) &&
           HasAll(before.sections(i).notes(), after.sections(i).notes());
  }
  return adds;
}

bool OnlyAddsTexts(const Commitment& before, const Commitment& after) {
  const auto has_title = [&](const auto& title) {
    return std::any_of(after.former_titles().begin(), after.former_titles().end(), [&](const auto& other) {
      return other.language() == title.language() && other.text() == title.text();
    });
  };
  return HasAll(before.titles(), after.titles()) && HasAll(before.categories(), after.categories()) &&
         HasAll(before.remarks(), after.remarks()) && HasAll(before.frequency_texts(), after.frequency_texts()) &&
         std::all_of(before.former_titles().begin(), before.former_titles().end(), has_title);
}

}  // namespace almanac::service::rules
