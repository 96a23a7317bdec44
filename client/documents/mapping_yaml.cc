#include "client/documents/mapping_yaml.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/documents/table_rows.h"
#include "client/documents/table_words.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

// How many letters have to be changed, added or taken out to make one word of the other.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row.back();
}

// The word of `known` that somebody who wrote `word` is likely to mean; empty if none is near.
std::string NearestWord(const std::string& word, const std::vector<std::string>& known) {
  constexpr std::size_t kMaxWord = 100;
  if (word.size() > kMaxWord) return "";
  std::string nearest;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = EditDistance(PhraseKey(word), PhraseKey(candidate));
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace

int LineOf(const YAML::Node& node) { return std::max(node.Mark().line, 0) + 1; }

absl::StatusOr<YAML::Node> MappingYaml::Load(std::string_view text) const {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) return Refuse(documents[1], "a second document: all of a mapping stands in one");
    return documents.empty() ? YAML::Node() : documents[0];
  } catch (const YAML::Exception& error) {
    return TableError(file_, std::max(error.mark.line, 0) + 1, 0, absl::StrCat("this is no YAML: ", error.msg));
  }
}

absl::StatusOr<MappingYaml::Entries> MappingYaml::ReadMap(const YAML::Node& node, std::string_view what,
                                                          const std::vector<std::string>& keys) const {
  if (!node.IsMap()) return Refuse(node, absl::StrCat(std::string(what), " is not a list of `key: value`"));
  Entries entries;
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const absl::StatusOr<std::string> key = ReadText(entry.first, absl::StrCat("a key of ", std::string(what)));
    if (!key.ok()) return key.status();
    if (!keys.empty() && std::find(keys.begin(), keys.end(), *key) == keys.end()) {
      return RefuseWord(entry.first, absl::StrCat("key of ", std::string(what)), *key, keys);
    }
    if (!seen.insert(*key).second) {
      return Refuse(entry.first, absl::StrCat(std::string(what), " has the key \"", *key, "\" twice"));
    }
    // Its place is that of what comes next.
    if (entry.second.IsNull()) return Refuse(entry.first, absl::StrCat("\"", Abbreviate(*key, 60), "\" has no value"));
    entries.emplace_back(*key, entry.second);
  }
  return entries;
}

absl::StatusOr<std::string> MappingYaml::ReadText(const YAML::Node& node, std::string_view what) const {
  const std::string text = node.IsScalar() ? std::string(TrimSpaces(node.Scalar())) : "";
  if (text.empty()) return Refuse(node, absl::StrCat(std::string(what), " is not a text"));
  return text;
}

absl::StatusOr<std::vector<std::string>> MappingYaml::ReadTexts(const YAML::Node& node, std::string_view what) const {
  std::vector<std::string> texts;
  const std::vector<YAML::Node> nodes =
      node.IsSequence() ? std::vector<YAML::Node>(node.begin(), node.end()) : std::vector<YAML::Node>{node};
  for (const YAML::Node& one : nodes) {
    absl::StatusOr<std::string> text = ReadText(one, what);
    if (!text.ok()) return text.status();
    texts.push_back(*std::move(text));
  }
  if (texts.empty()) return Refuse(node, absl::StrCat(std::string(what), " is an empty list"));
  return texts;
}

absl::Status MappingYaml::Refuse(const YAML::Node& node, std::string_view what) const {
  return TableError(file_, LineOf(node), 0, what);
}

absl::Status MappingYaml::RefuseWord(const YAML::Node& node, std::string_view what, const std::string& word,
                                     const std::vector<std::string>& known) const {
  const std::string nearest = NearestWord(word, known);
  return Refuse(node, absl::StrCat("\"", Abbreviate(word, 60), "\" is no ", std::string(what),
                                   nearest.empty() ? absl::StrCat("; known are ", absl::StrJoin(known, ", "))
                                                   : absl::StrCat("; did you mean \"", nearest, "\"?")));
}

}  // namespace almanac::client
