#include "db/han_variants.h"

#include <unicode/unistr.h>

#include <exception>
#include <list>
#include <opencc/Config.hpp>
#include <opencc/Conversion.hpp>
#include <opencc/ConversionChain.hpp>
#include <opencc/Converter.hpp>
#include <opencc/Dict.hpp>
#include <opencc/DictEntry.hpp>
#include <opencc/Exception.hpp>
#include <opencc/Lexicon.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace almanac::db {
namespace {

// The tables of single characters alone: OpenCC's own configurations read those of words too, which takes 50 times as
// long. From Traditional to Simplified comes first: a class is named by its Simplified member. Of the last one all
// values count: a Simplified character may stand for any of them. In the first one, those after the first are rare
// uses, such as 划 of 畫, which would make 画 of every 划.
constexpr char kTables[] = R"({
  "name": "variants",
  "segmentation": {"type": "mmseg", "dict": {"type": "ocd2", "file": "TSCharacters.ocd2"}},
  "conversion_chain": [
    {"dict": {"type": "ocd2", "file": "TSCharacters.ocd2"}},
    {"dict": {"type": "ocd2", "file": "HKVariantsRev.ocd2"}},
    {"dict": {"type": "ocd2", "file": "TWVariantsRev.ocd2"}},
    {"dict": {"type": "ocd2", "file": "STCharacters.ocd2"}}
  ]
})";

using Variants = absl::flat_hash_map<char32_t, char32_t>;

std::optional<char32_t> SingleCharacter(const std::string& text) {
  const icu::UnicodeString characters = icu::UnicodeString::fromUTF8(text);
  if (characters.countChar32() != 1) return std::nullopt;
  return static_cast<char32_t>(characters.char32At(0));
}

char32_t Root(const Variants& variants, char32_t character) {
  for (auto next = variants.find(character); next != variants.end(); next = variants.find(character)) {
    character = next->second;
  }
  return character;
}

// Makes a class of each entry's character and its first or all its values, named as the first one's was.
void AddTable(const opencc::Dict& table, bool all_values, Variants& variants) {
  const opencc::LexiconPtr lexicon = table.GetLexicon();
  for (size_t i = 0; i < lexicon->Length(); ++i) {
    const opencc::DictEntry& entry = *lexicon->At(i);
    std::vector<std::string> members = entry.Values();
    if (!all_values && members.size() > 1) members.resize(1);
    const std::optional<char32_t> first = members.empty() ? std::nullopt : SingleCharacter(members.front());
    if (!first) continue;
    const char32_t name = Root(variants, *first);
    members.push_back(entry.Key());
    for (const std::string& text : members) {
      const std::optional<char32_t> member = SingleCharacter(text);
      if (!member) continue;
      const char32_t root = Root(variants, *member);
      if (root != name) variants[root] = name;
    }
  }
}

absl::StatusOr<Variants> ReadVariants() {
  try {
    Variants variants;
    const opencc::ConverterPtr tables = opencc::Config().NewFromString(kTables, "");
    const std::list<opencc::ConversionPtr> conversions = tables->GetConversionChain()->GetConversions();
    for (const opencc::ConversionPtr& table : conversions) {
      AddTable(*table->GetDict(), table == conversions.back(), variants);
    }
    for (auto& [character, variant] : variants) variant = Root(variants, variant);
    return variants;
  } catch (const opencc::Exception& error) {
    return absl::InternalError(absl::StrCat("OpenCC's tables cannot be read: ", error.what()));
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("OpenCC's tables cannot be read: ", error.what()));
  }
}

// OpenCC is asked while this is made, by one thread, and never again.
const absl::StatusOr<Variants>& AllVariants() {
  static const absl::StatusOr<Variants> variants = ReadVariants();
  return variants;
}

}  // namespace

absl::Status LoadHanVariants() { return AllVariants().status(); }

char32_t FoldHan(char32_t character) {
  const absl::StatusOr<Variants>& variants = AllVariants();
  if (!variants.ok()) return character;
  const auto variant = variants->find(character);
  return variant == variants->end() ? character : variant->second;
}

}  // namespace almanac::db
