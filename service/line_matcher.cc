#include "service/line_matcher.h"

#include <algorithm>
#include <iterator>

#include "service/titles.h"

namespace almanac::service {

using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::DocumentCommitment;
using almanac::v1::FormerTitle;
using almanac::v1::PlanDocument;

void LineMatcher::TitleIndex::Add(const std::string& key, const Dataset& dataset, bool in_language, bool is_free) {
  Entry& entry = entries_[key];
  entry.is_in_language |= in_language;
  if (!is_free) return;
  const auto keep = [&dataset](Datasets& found) {
    found.emplace(dataset.name(), &dataset);
    if (found.size() > kMaxCandidates + 1) found.erase(std::prev(found.end()));
  };
  if (in_language) keep(entry.in_language);
  keep(entry.in_any);
}

const LineMatcher::Datasets& LineMatcher::TitleIndex::Find(const std::string& key) const {
  static const Datasets& nothing = *new Datasets;
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nothing;
  return found->second.is_in_language ? found->second.in_language : found->second.in_any;
}

LineMatcher::LineMatcher(const std::vector<Dataset>& datasets, const std::set<std::string>& unsettled,
                         const std::vector<Commitment>& lines, const PlanDocument& document) {
  const std::string& language = document.language();
  std::set<std::string> said;
  for (const DocumentCommitment& line : document.commitments()) said.insert(TitleKey(line.title()));
  std::set<std::string> held;   // names of the datasets of lines that the plan has and the document too
  std::set<std::string> taken;  // these, and those with the title of a line of the document
  std::map<std::string, const Dataset*> by_name;
  for (const Dataset& dataset : datasets) {
    by_name[dataset.name()] = &dataset;
    Keys& keys = keys_[&dataset];
    for (const auto& [tag, title] : dataset.titles()) {
      const std::string& key = keys.titles[tag] = TitleKey(title);
      if (said.contains(key)) taken.insert(dataset.name());
    }
    for (const FormerTitle& former : dataset.former_titles()) {
      keys.former_titles.emplace_back(former.language(), TitleKey(former.text()));
    }
  }
  for (const Commitment& line : lines) {
    const Dataset* dataset = by_name[line.dataset()];
    const auto title = line.titles().find(language);
    if (title == line.titles().end()) {
      by_number_[{line.section(), line.number()}] = dataset;
      continue;
    }
    const std::string key = TitleKey(title->second);
    by_line_title_.emplace(key, dataset);
    if (said.contains(key)) held.insert(line.dataset());
  }
  taken.insert(held.begin(), held.end());
  for (const Dataset& dataset : datasets) {
    const bool is_settled = !dataset.has_delete_time() && !unsettled.contains(dataset.name());
    Index& index = is_settled ? settled_ : others_;
    const bool is_held = held.contains(dataset.name());
    const bool is_taken = taken.contains(dataset.name());
    const Keys& keys = keys_.at(&dataset);
    for (const auto& [tag, key] : keys.titles) {
      index.titles.Add(key, dataset, tag == language, !is_held);
      index.free_titles.Add(key, dataset, tag == language, !is_taken);
    }
    for (const auto& [tag, key] : keys.former_titles) index.former_titles.Add(key, dataset, tag == language, !is_taken);
  }
}

bool LineMatcher::HadTitle(const Dataset& dataset, const std::string& key) const {
  const Keys& keys = keys_.at(&dataset);
  return std::any_of(keys.former_titles.begin(), keys.former_titles.end(),
                     [&](const auto& former) { return former.second == key; });
}

LineMatcher::Datasets LineMatcher::FindIn(const Index& index, const DocumentCommitment& line) const {
  const std::string key = TitleKey(line.title());
  const Datasets& titled = index.titles.Find(key);
  Datasets found = titled;
  for (const std::string& former : line.former_titles()) {
    const std::string former_key = TitleKey(former);
    const bool is_known = std::any_of(titled.begin(), titled.end(),
                                      [&](const auto& entry) { return HadTitle(*entry.second, former_key); });
    if (is_known) continue;
    const Datasets& renamed = index.free_titles.Find(former_key);
    found.insert(renamed.begin(), renamed.end());
  }
  return found.empty() ? index.former_titles.Find(key) : found;
}

LineMatcher::Match LineMatcher::Find(const DocumentCommitment& line) const {
  if (const auto same = by_line_title_.find(TitleKey(line.title())); same != by_line_title_.end()) {
    return {same->second, {}};
  }
  const Datasets found = FindIn(settled_, line);
  if (found.size() == 1) return {found.begin()->second, {}};
  Match match;
  for (const auto& [name, dataset] : found) {
    if (static_cast<int>(match.candidates.size()) < kMaxCandidates) match.candidates.push_back(name);
  }
  if (!found.empty()) return match;
  if (const auto same = by_number_.find({line.section(), line.number()}); same != by_number_.end()) {
    return {same->second, {}};
  }
  const Datasets others = FindIn(others_, line);
  if (others.size() == 1) match.dataset = others.begin()->second;
  return match;
}

}  // namespace almanac::service
