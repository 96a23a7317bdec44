#include "service/rules/dataset_lines.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "service/rules/document_lines.h"
#include "service/titles.h"

namespace almanac::service::rules {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::FormerTitle;
using Texts = google::protobuf::Map<std::string, std::string>;

// Texts that are those of the line become those of `other`.
void TakeBackTexts(const Texts& line, const Texts& other, Texts* texts) {
  for (const auto& [language, text] : line) {
    const auto found = texts->find(language);
    if (found == texts->end() || found->second != text) continue;
    if (const auto said = other.find(language); said != other.end()) {
      found->second = said->second;
    }
  }
}

// The titles that `line` says the dataset had or has, as far as `others` do not say so too.
std::set<std::string> TitlesOfLineAlone(const Commitment& line, const std::vector<Commitment>& others) {
  std::set<std::string> keys;
  const auto for_each_title = [](const Commitment& said, const auto& visit) {
    for (const auto& [language, title] : said.titles()) visit(TitleKey(title));
    for (const FormerTitle& title : said.former_titles()) visit(TitleKey(title.text()));
  };
  for_each_title(line, [&](const std::string& key) { keys.insert(key); });
  for (const Commitment& other : others) for_each_title(other, [&](const std::string& key) { keys.erase(key); });
  return keys;
}

// Former titles go that only the line named, or that the dataset has again.
void TakeBackFormerTitles(const Commitment& line, const std::vector<Commitment>& others, Dataset* dataset) {
  std::set<std::string> gone = TitlesOfLineAlone(line, others);
  for (const auto& [language, title] : dataset->titles()) gone.insert(TitleKey(title));
  auto& titles = *dataset->mutable_former_titles();
  titles.erase(std::remove_if(titles.begin(), titles.end(),
                              [&](const FormerTitle& title) { return gone.contains(TitleKey(title.text())); }),
               titles.end());
}

}  // namespace

Dataset TakeLine(Dataset dataset, const Commitment& line, bool is_promised_later) {
  std::set<std::string> languages;
  for (const auto& [language, title] : line.titles()) languages.insert(language);
  for (const std::string& language : languages) {
    dataset = is_promised_later ? ApplyEarlierLine(std::move(dataset), LineOf(line, language), language)
                                : ApplyToDataset(std::move(dataset), LineOf(line, language), language);
  }
  if (dataset.release_date().empty()) dataset.set_release_date(line.release_date());
  return dataset;
}

Dataset TakeBackLine(Dataset dataset, const Commitment& line, const std::vector<Commitment>& others) {
  const bool is_released =
      std::any_of(others.begin(), others.end(), [](const Commitment& other) { return !other.release_date().empty(); });
  if (!is_released && dataset.release_date() == line.release_date()) dataset.clear_release_date();
  if (others.empty()) return dataset;
  const Commitment& latest = others.back();
  TakeBackTexts(line.titles(), latest.titles(), dataset.mutable_titles());
  TakeBackTexts(line.categories(), latest.categories(), dataset.mutable_categories());
  TakeBackTexts(line.remarks(), latest.remarks(), dataset.mutable_remarks());
  TakeBackTexts(line.frequency_texts(), latest.frequency_texts(), dataset.mutable_frequency_texts());
  TakeBackFormerTitles(line, others, &dataset);
  if (dataset.frequency() == line.frequency()) dataset.set_frequency(latest.frequency());
  const bool same_formats =
      std::equal(dataset.formats().begin(), dataset.formats().end(), line.formats().begin(), line.formats().end());
  if (same_formats) *dataset.mutable_formats() = latest.formats();
  if (dataset.discontinued() == line.discontinued()) dataset.set_discontinued(latest.discontinued());
  return dataset;
}

}  // namespace almanac::service::rules
