#include "client/documents/table_columns.h"

#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <iterator>
#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/documents/table_words.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

// The text on one line, in quotes.
std::string Quote(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(Abbreviate(text, 60), {{"\r", " "}, {"\n", " "}}), "\"");
}

std::string QuoteAll(const std::vector<std::string>& texts) {
  const auto add = [](std::string* out, const std::string& text) { absl::StrAppend(out, Quote(text)); };
  return absl::StrJoin(texts, ", ", add);
}

// What may be wrong with headings of which there is only one.
std::string HintOn(const std::vector<std::string>& headings) {
  if (headings.size() != 1) return "";
  if (headings[0].find_first_of(";|\t") != std::string::npos) return "; is there a comma between its columns?";
  return "; are the headings in a row below? Then header_row has to say in which";
}

// The words by which the heading of a column is known, as PhraseKey gives them, the surest first. The fields are in the
// order in which they choose.
struct HeadingWords {
  TableField field;
  std::vector<std::string_view> words;
};

const std::vector<HeadingWords>& LikelyHeadings() {
  static const auto* headings = new std::vector<HeadingWords>{
      {TableField::kFrequency, {"frequency", "频率", "頻率"}},
      {TableField::kTarget, {"target", "planned", "plandate", "expected", "due", "目标", "目標"}},
      {TableField::kRelease, {"releasedate", "releasedon", "dateofrelease", "发放日期", "發放日期"}},
      {TableField::kPublisher, {"publisher", "agency", "department", "bureau", "organi", "部门", "部門"}},
      {TableField::kDescription, {"description", "remark", "描述", "备注", "備註"}},
      {TableField::kStatus, {"status", "状态", "狀態"}},
      {TableField::kReason, {"reason", "justification", "原因"}},
      {TableField::kLink, {"url", "link", "网址", "網址"}},
      {TableField::kFormats, {"format", "格式"}},
      {TableField::kCategory, {"category", "theme", "类别", "類別"}},
      {TableField::kSection, {"section"}},
      {TableField::kTitle, {"datasetname", "title", "dataset", "name", "名称", "名稱"}},
      {TableField::kNumber, {"number", "no.", "#"}},
  };
  return *headings;
}

std::map<TableField, std::string> GuessColumns(const SourceTable& table) {
  std::map<TableField, std::string> guesses;
  std::set<std::string> taken;
  std::vector<std::string> keys;
  for (const std::string& heading : table.headings.cells) keys.push_back(PhraseKey(heading));
  for (const HeadingWords& likely : LikelyHeadings()) {
    for (const std::string_view word : likely.words) {
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::string& heading = table.headings.cells[i];
        if (guesses.contains(likely.field) || taken.contains(heading)) continue;
        if (keys[i].find(word) == std::string::npos) continue;
        guesses[likely.field] = heading;
        taken.insert(heading);
      }
    }
  }
  return guesses;
}

std::string YamlText(const std::string& text) {
  YAML::Emitter out;
  out << YAML::DoubleQuoted << text;
  return out.c_str();
}

}  // namespace

absl::StatusOr<TableColumns> FindColumns(const SourceTable& table, const Mapping& mapping) {
  const std::vector<std::string>& cells = table.headings.cells;
  std::map<std::string, std::vector<int>> by_heading;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    // A column without a heading has no name, not even `-`, of which PhraseKey leaves nothing.
    if (!cells[i].empty()) by_heading[PhraseKey(cells[i])].push_back(static_cast<int>(i) + 1);
  }
  TableColumns columns;
  std::map<int, std::string> keys;
  for (const auto& [field, column] : mapping.columns) {
    const std::string key = absl::StrCat("columns.", std::string(kTableFieldKeys[static_cast<std::size_t>(field)]));
    const auto refuse = [&mapping, line = column.line](const std::string& what) {
      return TableError(mapping.file, line, 0, what);
    };
    const std::vector<int>* found = nullptr;
    for (const std::string& heading : column.headings) {
      const auto numbers = by_heading.find(PhraseKey(heading));
      if (found == nullptr && numbers != by_heading.end()) found = &numbers->second;
    }
    if (found == nullptr) {
      return refuse(absl::StrCat(key, " is ", QuoteAll(column.headings), ", but ",
                                 TablePlace(table.file, table.headings.line), " has the headings ", QuoteAll(cells),
                                 HintOn(cells)));
    }
    if (found->size() > 1) {
      return refuse(absl::StrCat(key, ": ", TablePlace(table.file, table.headings.line), " has the heading ",
                                 Quote(cells[found->front() - 1]), " in the columns ", absl::StrJoin(*found, " and ")));
    }
    const auto [other, is_new] = keys.emplace(found->front(), key);
    if (!is_new) {
      return refuse(absl::StrCat(key, " and ", other->second, " are both the column ", Quote(cells[other->first - 1])));
    }
    columns.numbers[field] = found->front();
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i].empty() && !keys.contains(static_cast<int>(i) + 1)) columns.unread.push_back(cells[i]);
  }
  return columns;
}

std::string SkeletonMapping(const SourceTable& table) {
  const std::map<TableField, std::string> guesses = GuessColumns(table);
  std::set<std::string> taken;
  std::string yaml = "columns:\n";
  for (std::size_t i = 0; i < std::size(kTableFieldKeys); ++i) {
    const auto field = static_cast<TableField>(i);
    const auto guess = guesses.find(field);
    const bool is_needed =
        field == TableField::kPublisher || field == TableField::kTitle || field == TableField::kTarget;
    if (guess == guesses.end() && !is_needed) continue;
    absl::StrAppend(&yaml, "  ", std::string(kTableFieldKeys[i]), ": ",
                    guess == guesses.end() ? "\"...\"" : YamlText(guess->second), "\n");
    if (guess != guesses.end()) taken.insert(guess->second);
  }
  std::vector<std::string> others;
  for (const std::string& heading : table.headings.cells) {
    if (!heading.empty() && !taken.contains(heading)) others.push_back(heading);
  }
  if (!others.empty()) absl::StrAppend(&yaml, "  # not read: ", QuoteAll(others), "\n");
  absl::StrAppend(&yaml, "language: en\n");
  const std::string hint = HintOn(table.headings.cells);
  if (!hint.empty()) {
    absl::StrAppend(&yaml, "# ", TablePlace(table.file, table.headings.line), " has only one cell", hint, "\n");
  }
  return yaml;
}

}  // namespace almanac::client
