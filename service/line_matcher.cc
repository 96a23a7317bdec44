#include "service/line_matcher.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "db/errors.h"
#include "service/rules/document_lines.h"
#include "service/titles.h"

namespace almanac::service {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::DocumentCommitment;
using almanac::v1::PlanDocument;

// The one dataset with this title, null if there is none.
absl::StatusOr<const Dataset*> TheOne(const std::multimap<std::string, const Dataset*>& by_title,
                                      const std::string& title, const DocumentCommitment& line) {
  std::vector<const Dataset*> live, deleted;
  const auto [first, last] = by_title.equal_range(TitleKey(title));
  for (auto entry = first; entry != last; ++entry) {
    (entry->second->has_delete_time() ? deleted : live).push_back(entry->second);
  }
  const std::vector<const Dataset*>& found = live.empty() ? deleted : live;
  if (found.empty()) return nullptr;
  if (found.size() == 1) return found.front();
  return db::FailedPrecondition("AMBIGUOUS_TITLE", found[0]->name(),
                                absl::StrCat(rules::Describe(line), " could be ", found[0]->name(), " or ",
                                             found[1]->name(), "; give one of them another title"));
}

}  // namespace

LineMatcher::LineMatcher(const std::vector<Dataset>& datasets, const std::vector<Commitment>& lines,
                         const PlanDocument& document) {
  const std::string& language = document.language();
  std::set<std::string> said;
  for (const DocumentCommitment& line : document.commitments()) said.insert(TitleKey(line.title()));
  std::map<std::string, const Dataset*> by_name;
  for (const Dataset& dataset : datasets) {
    by_name[dataset.name()] = &dataset;
    const auto title = dataset.titles().find(language);
    const std::string key = title == dataset.titles().end() ? "" : TitleKey(title->second);
    if (!key.empty()) by_title_.emplace(key, &dataset);
    if (said.contains(key)) continue;
    for (const auto& former : dataset.former_titles()) {
      if (former.language() == language) by_former_title_.emplace(TitleKey(former.text()), &dataset);
    }
  }
  for (const Commitment& line : lines) {
    const Dataset* dataset = by_name[line.dataset()];
    if (const auto title = line.titles().find(language); title != line.titles().end()) {
      by_line_title_.emplace(TitleKey(title->second), dataset);
    } else {
      by_number_[{line.section(), line.number()}] = dataset;
    }
  }
}

absl::StatusOr<const Dataset*> LineMatcher::Find(const DocumentCommitment& line) const {
  if (const auto same = by_line_title_.find(TitleKey(line.title())); same != by_line_title_.end()) return same->second;
  absl::StatusOr<const Dataset*> found = TheOne(by_title_, line.title(), line);
  for (int i = 0; i < line.former_titles_size() && found.ok() && *found == nullptr; ++i) {
    found = TheOne(by_title_, line.former_titles(i), line);
  }
  if (found.ok() && *found == nullptr) found = TheOne(by_former_title_, line.title(), line);
  if (!found.ok() || *found != nullptr) return found;
  const auto same = by_number_.find({line.section(), line.number()});
  return same == by_number_.end() ? nullptr : same->second;
}

}  // namespace almanac::service
