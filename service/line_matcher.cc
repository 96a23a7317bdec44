#include "service/line_matcher.h"

#include <algorithm>

#include "service/titles.h"

namespace almanac::service {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::DocumentCommitment;
using almanac::v1::FormerTitle;
using almanac::v1::PlanDocument;

bool HadTitle(const Dataset& dataset, const std::string& key) {
  return std::any_of(dataset.former_titles().begin(), dataset.former_titles().end(),
                     [&](const FormerTitle& title) { return TitleKey(title.text()) == key; });
}

}  // namespace

void LineMatcher::TitleIndex::Add(const std::string& key, const Dataset& dataset, bool in_language) {
  if (in_language) in_language_.emplace(key, &dataset);
  in_any_.emplace(key, &dataset);
}

LineMatcher::Datasets LineMatcher::TitleIndex::Find(const std::string& key) const {
  Datasets found;
  for (const ByTitle* titles : {&in_language_, &in_any_}) {
    const auto [first, last] = titles->equal_range(key);
    for (auto entry = first; entry != last; ++entry) found.emplace(entry->second->name(), entry->second);
    if (!found.empty()) break;
  }
  return found;
}

LineMatcher::LineMatcher(const std::vector<Dataset>& datasets, const std::set<std::string>& unsettled,
                         const std::vector<Commitment>& lines, const PlanDocument& document) {
  const std::string& language = document.language();
  std::set<std::string> said;
  for (const DocumentCommitment& line : document.commitments()) said.insert(TitleKey(line.title()));
  std::map<std::string, const Dataset*> by_name;
  for (const Dataset& dataset : datasets) {
    by_name[dataset.name()] = &dataset;
    const bool is_settled = !dataset.has_delete_time() && !unsettled.contains(dataset.name());
    Index& index = is_settled ? settled_ : others_;
    for (const auto& [tag, title] : dataset.titles()) {
      const std::string key = TitleKey(title);
      index.titles.Add(key, dataset, tag == language);
      if (said.contains(key)) taken_.insert(dataset.name());
    }
    for (const FormerTitle& former : dataset.former_titles()) {
      index.former_titles.Add(TitleKey(former.text()), dataset, former.language() == language);
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
    if (said.contains(key)) held_.insert(line.dataset());
  }
  taken_.insert(held_.begin(), held_.end());
}

LineMatcher::Datasets LineMatcher::FindIn(const Index& index, const DocumentCommitment& line) const {
  const std::string key = TitleKey(line.title());
  const auto is_in = [](const std::set<std::string>& names) {
    return [&names](const auto& entry) { return names.contains(entry.first); };
  };
  Datasets found = index.titles.Find(key);
  std::erase_if(found, is_in(held_));
  const Datasets titled = found;
  for (const std::string& former : line.former_titles()) {
    const std::string former_key = TitleKey(former);
    const bool is_known = std::any_of(titled.begin(), titled.end(),
                                      [&](const auto& entry) { return HadTitle(*entry.second, former_key); });
    if (is_known) continue;
    Datasets renamed = index.titles.Find(former_key);
    std::erase_if(renamed, is_in(taken_));
    found.merge(renamed);
  }
  if (!found.empty()) return found;
  found = index.former_titles.Find(key);
  std::erase_if(found, is_in(taken_));
  return found;
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
