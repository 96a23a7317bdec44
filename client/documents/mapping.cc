#include "client/documents/mapping.h"

#include <unicode/uloc.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/documents/mapping_yaml.h"
#include "client/documents/plan_date.h"
#include "client/documents/plan_warning.h"
#include "client/documents/table_date.h"
#include "client/documents/text_pattern.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

constexpr std::size_t kMaxMappingBytes = 1024 * 1024;

std::vector<std::string> FieldKeys() { return {std::begin(kTableFieldKeys), std::end(kTableFieldKeys)}; }

// The values of an enum as a mapping writes them: `half-yearly`. The one that is not said is not among them.
std::vector<std::string> WordsOf(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 1; i < type.value_count(); ++i) {
    words.push_back(absl::StrReplaceAll(absl::AsciiStrToLower(type.value(i)->name()), {{"_", "-"}}));
  }
  return words;
}

// The canonical form of a BCP-47 tag; empty if it is none, or of no language that has a code.
std::string CanonicalLanguage(const std::string& tag) {
  char locale[ULOC_FULLNAME_CAPACITY];
  char canonical[ULOC_FULLNAME_CAPACITY];
  int32_t parsed = 0;
  UErrorCode error = U_ZERO_ERROR;
  uloc_forLanguageTag(tag.c_str(), locale, sizeof(locale), &parsed, &error);
  if (U_FAILURE(error) || parsed != static_cast<int32_t>(tag.size()) || *uloc_getISO3Language(locale) == 0) return "";
  uloc_toLanguageTag(locale, canonical, sizeof(canonical), /*strict=*/true, &error);
  return U_SUCCESS(error) ? canonical : "";
}

class MappingReader {
 public:
  explicit MappingReader(std::string_view file) : yaml_(file) { mapping_.file = file; }

  absl::StatusOr<Mapping> Read(std::string_view text) {
    const absl::StatusOr<YAML::Node> root = yaml_.Load(text);
    if (!root.ok()) return root.status();
    std::vector<std::string> keys;
    for (const auto& [key, read] : kReaders) keys.emplace_back(key);
    const auto entries = yaml_.ReadMap(*root, "a mapping", keys);
    if (!entries.ok()) return entries.status();
    for (const auto& [key, node] : *entries) {
      const auto* reader = std::find_if(std::begin(kReaders), std::end(kReaders),
                                        [&key = key](const Reader& one) { return key == one.key; });
      if (absl::Status status = (this->*reader->read)(node); !status.ok()) return status;
    }
    if (absl::Status status = CheckWhole(*root); !status.ok()) return status;
    return std::move(mapping_);
  }

 private:
  struct Reader {
    std::string_view key;
    absl::Status (MappingReader::*read)(const YAML::Node&);
  };
  static const Reader kReaders[13];

  absl::Status ReadColumns(const YAML::Node& node) {
    const auto entries = yaml_.ReadMap(node, "columns", FieldKeys());
    if (!entries.ok()) return entries.status();
    for (const auto& [key, value] : *entries) {
      auto headings = yaml_.ReadTexts(value, absl::StrCat("columns.", key));
      if (!headings.ok()) return headings.status();
      mapping_.columns[FieldOf(key)] = {*std::move(headings), LineOf(value)};
    }
    return absl::OkStatus();
  }

  // A title, or title and id.
  absl::Status ReadPublisher(const YAML::Node& node) {
    if (!node.IsMap()) return SetTitle(node, "publisher", &mapping_.publisher_title);
    const auto entries = yaml_.ReadMap(node, "publisher", {"title", "id"});
    if (!entries.ok()) return entries.status();
    for (const auto& [key, value] : *entries) {
      absl::Status status = key == "id" ? SetId(value, &mapping_.publisher_id)
                                        : SetTitle(value, "publisher.title", &mapping_.publisher_title);
      if (!status.ok()) return status;
    }
    if (!mapping_.publisher_title.empty()) return absl::OkStatus();
    return yaml_.Refuse(node, "publisher has no title");
  }

  absl::Status ReadPublishers(const YAML::Node& node) {
    const auto entries = yaml_.ReadMap(node, "publishers", {});
    if (!entries.ok()) return entries.status();
    for (const auto& [name, value] : *entries) {
      const auto [place, is_new] = mapping_.publisher_ids.emplace(FoldWords(name), "");
      if (!is_new) return yaml_.Refuse(value, absl::StrCat("publishers has \"", Abbreviate(name, 60), "\" twice"));
      mapping_.publisher_names[place->first] = name;
      if (absl::Status status = SetId(value, &place->second); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status ReadPeriod(const YAML::Node& node) {
    const absl::StatusOr<std::string> text = yaml_.ReadText(node, "period");
    if (!text.ok()) return text.status();
    const auto years = TextPattern(R"((\d{4})(?:\s*[\-–]\s*(\d{4}))?)").MatchWhole(*text);
    const absl::StatusOr<int> first = ReadYear(years ? years->front() : "");
    const absl::StatusOr<int> last = !years || years->back().empty() ? first : ReadYear(years->back());
    if (!first.ok() || !last.ok() || *first > *last) {
      return yaml_.Refuse(node, absl::StrCat("the period \"", Abbreviate(*text, 40),
                                             "\" is no year, or first and last year, such as 2022-2024"));
    }
    mapping_.period.emplace();
    mapping_.period->set_start_year(*first);
    mapping_.period->set_end_year(*last);
    return absl::OkStatus();
  }

  absl::Status ReadTitle(const YAML::Node& node) { return SetTitle(node, "title", &mapping_.title); }

  absl::Status ReadLanguage(const YAML::Node& node) {
    const absl::StatusOr<std::string> tag = yaml_.ReadText(node, "language");
    if (!tag.ok()) return tag.status();
    mapping_.language = CanonicalLanguage(*tag);
    if (mapping_.language == *tag) return absl::OkStatus();
    return yaml_.Refuse(node, absl::StrCat("\"", Abbreviate(*tag, 40), "\" is no BCP-47 language tag such as ",
                                           mapping_.language.empty() ? "en or zh-Hant-HK" : mapping_.language));
  }

  absl::Status ReadSheet(const YAML::Node& node) {
    const absl::StatusOr<std::string> sheet = yaml_.ReadText(node, "sheet");
    if (sheet.ok()) mapping_.sheet = *sheet;
    return sheet.status();
  }

  absl::Status ReadHeaderRow(const YAML::Node& node) {
    constexpr int kMaxHeaderRow = 1'000'000;
    const absl::StatusOr<std::string> text = yaml_.ReadText(node, "header_row");
    if (!text.ok()) return text.status();
    if (absl::SimpleAtoi(*text, &mapping_.header_row) && mapping_.header_row >= 1 &&
        mapping_.header_row <= kMaxHeaderRow) {
      return absl::OkStatus();
    }
    return yaml_.Refuse(node, "header_row is not the number of a row, counted from 1");
  }

  absl::Status ReadSkip(const YAML::Node& node) {
    const auto keys = yaml_.ReadTexts(node, "skip_rows_where_empty");
    if (!keys.ok()) return keys.status();
    const std::vector<std::string> known = FieldKeys();
    for (const std::string& key : *keys) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        return yaml_.RefuseWord(node, "key of columns", key, known);
      }
      mapping_.skip_where_empty.push_back(FieldOf(key));
    }
    return absl::OkStatus();
  }

  absl::Status ReadDateFormats(const YAML::Node& node) {
    const auto formats = yaml_.ReadTexts(node, "date_formats");
    if (!formats.ok()) return formats.status();
    const std::vector<std::string> known = DateFormats();
    for (const std::string& format : *formats) {
      if (std::find(known.begin(), known.end(), format) == known.end()) {
        return yaml_.RefuseWord(node, "format of dates", format, known);
      }
      mapping_.date_formats.insert(format);
    }
    for (const char* year : {"yyyy", "yy"}) {
      if (mapping_.date_formats.contains(absl::StrCat("dd/mm/", year)) &&
          mapping_.date_formats.contains(absl::StrCat("mm/dd/", year))) {
        return yaml_.Refuse(node, absl::StrCat("date_formats has both dd/mm/", year, " and mm/dd/", year,
                                               ", which leaves open what 03/04 is"));
      }
    }
    return absl::OkStatus();
  }

  // Synonyms: for each word that the mapping knows, the phrases that the table has for it.
  template <typename Value>
  absl::Status ReadSynonyms(const YAML::Node& node, const std::string& what, const std::vector<std::string>& words,
                            const std::function<Value(std::size_t index)>& value_of,
                            std::map<std::string, Value>* synonyms) {
    const auto entries = yaml_.ReadMap(node, what, words);
    if (!entries.ok()) return entries.status();
    for (const auto& [word, value] : *entries) {
      const auto phrases = yaml_.ReadTexts(value, absl::StrCat(what, ".", word));
      if (!phrases.ok()) return phrases.status();
      const auto index = std::find(words.begin(), words.end(), word) - words.begin();
      for (const std::string& phrase : *phrases) {
        if (synonyms->emplace(PhraseKey(phrase), value_of(index)).second) continue;
        return yaml_.Refuse(value, absl::StrCat(what, " has the phrase \"", Abbreviate(phrase, 60), "\" twice"));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadFrequencies(const YAML::Node& node) {
    return ReadSynonyms<v1::Frequency>(
        node, "frequencies", WordsOf(*v1::Frequency_descriptor()),
        [](std::size_t index) { return static_cast<v1::Frequency>(index + 1); }, &mapping_.frequencies);
  }

  absl::Status ReadStatuses(const YAML::Node& node) {
    return ReadSynonyms<LineStatus>(
        node, "statuses", {"planned", "released", "cancelled"},
        [](std::size_t index) { return static_cast<LineStatus>(index); }, &mapping_.statuses);
  }

  absl::Status ReadReasons(const YAML::Node& node) {
    return ReadSynonyms<v1::Commitment::Reason>(
        node, "reasons", WordsOf(*v1::Commitment::Reason_descriptor()),
        [](std::size_t index) { return static_cast<v1::Commitment::Reason>(index + 1); }, &mapping_.reasons);
  }

  absl::Status CheckWhole(const YAML::Node& root) const {
    const auto has = [&](TableField field) { return mapping_.columns.contains(field); };
    if (!has(TableField::kTitle)) return yaml_.Refuse(root, "columns.title is missing: which column has the titles?");
    if (!has(TableField::kTarget) && !has(TableField::kRelease)) {
      return yaml_.Refuse(root, "columns.target is missing: which column has the target dates? (Or columns.release.)");
    }
    if (has(TableField::kPublisher) == !mapping_.publisher_title.empty()) {
      return yaml_.Refuse(root, has(TableField::kPublisher)
                                    ? "both columns.publisher and publisher say whose plan it is: leave one out"
                                    : "who promises? Name a column, columns.publisher, or one publisher for all lines, "
                                      "publisher");
    }
    for (const TableField field : mapping_.skip_where_empty) {
      if (has(field)) continue;
      return yaml_.Refuse(root, absl::StrCat("skip_rows_where_empty names ",
                                             std::string(kTableFieldKeys[static_cast<std::size_t>(field)]),
                                             ", which is not among the columns"));
    }
    return absl::OkStatus();
  }

  static TableField FieldOf(const std::string& key) {
    const auto* found = std::find(std::begin(kTableFieldKeys), std::end(kTableFieldKeys), key);
    return static_cast<TableField>(found - std::begin(kTableFieldKeys));
  }

  absl::Status SetTitle(const YAML::Node& node, std::string_view what, std::string* title) const {
    absl::StatusOr<std::string> text = yaml_.ReadText(node, what);
    if (!text.ok()) return text.status();
    if (CountCharacters(*text) > kMaxTitleCharacters) {
      return yaml_.Refuse(node, absl::StrCat(std::string(what), " has more than ", kMaxTitleCharacters, " characters"));
    }
    *title = *std::move(text);
    return absl::OkStatus();
  }

  // The id of a publisher, alone or as a whole name.
  absl::Status SetId(const YAML::Node& node, std::string* id) const {
    const absl::StatusOr<std::string> text = yaml_.ReadText(node, "the id of a publisher");
    if (!text.ok()) return text.status();
    const auto match = TextPattern("(?:publishers/)?([a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?)").MatchWhole(*text);
    if (!match || match->front() != absl::AsciiStrToLower(match->front())) {
      return yaml_.Refuse(node, absl::StrCat("\"", Abbreviate(*text, 80),
                                             "\" is no id of a publisher: 1 to 63 "
                                             "lower-case letters, digits and hyphens, such as swd"));
    }
    *id = match->front();
    return absl::OkStatus();
  }

  MappingYaml yaml_;
  Mapping mapping_;
};

const MappingReader::Reader MappingReader::kReaders[13] = {
    {"columns", &MappingReader::ReadColumns},
    {"publisher", &MappingReader::ReadPublisher},
    {"publishers", &MappingReader::ReadPublishers},
    {"period", &MappingReader::ReadPeriod},
    {"title", &MappingReader::ReadTitle},
    {"language", &MappingReader::ReadLanguage},
    {"sheet", &MappingReader::ReadSheet},
    {"header_row", &MappingReader::ReadHeaderRow},
    {"skip_rows_where_empty", &MappingReader::ReadSkip},
    {"date_formats", &MappingReader::ReadDateFormats},
    {"frequencies", &MappingReader::ReadFrequencies},
    {"statuses", &MappingReader::ReadStatuses},
    {"reasons", &MappingReader::ReadReasons},
};

}  // namespace

absl::StatusOr<Mapping> ParseMapping(std::string_view text, std::string_view file) {
  if (text.size() > kMaxMappingBytes) {
    return absl::InvalidArgumentError(absl::StrCat(std::string(file), ": is larger than 1 MiB: that is no mapping"));
  }
  return MappingReader(file).Read(text);
}

}  // namespace almanac::client
