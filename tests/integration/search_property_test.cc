#include <gmock/gmock.h>
#include <opencc/opencc.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/documents/plan_text.h"
#include "db/text_fold.h"
#include "tests/integration/catalogue_fixture.h"

// Every part of a title finds its dataset, in whichever Chinese characters it is written.
namespace almanac::testing {
namespace {

using almanac::v1::Dataset;
using almanac::v1::DatasetService;
using ::testing::IsSupersetOf;

constexpr int kLines = 88;

almanac::v1::PlanDocument Sample(const std::string& language) {
  std::ifstream file(ALMANAC_TEST_DATA "/swd-2022-2024." + language + ".txt");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto document = client::ParsePlan(text);
  EXPECT_TRUE(document.ok()) << document.status();
  return *document;
}

enum class Kind { kIdeograph, kLetter, kOther };

Kind KindOf(UChar32 character) {
  if (u_hasBinaryProperty(character, UCHAR_IDEOGRAPHIC)) return Kind::kIdeograph;
  return u_isalnum(character) ? Kind::kLetter : Kind::kOther;
}

// Two characters of a text that follow one another.
struct Pair {
  std::string text;
  bool is_ideographs = false;

  bool operator<(const Pair& other) const { return text < other.text; }
};

// Those pairs of ideographs, letters and digits of which search promises that they are found: all but those that begin
// inside a word.
std::set<Pair> PairsOf(const std::string& utf8) {
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(utf8);
  std::vector<UChar32> characters(text.countChar32());
  UErrorCode error = U_ZERO_ERROR;
  text.toUTF32(characters.data(), static_cast<int32_t>(characters.size()), error);
  std::set<Pair> pairs;
  for (size_t i = 0; i + 1 < characters.size(); ++i) {
    const Kind first = KindOf(characters[i]);
    const Kind second = KindOf(characters[i + 1]);
    if (first == Kind::kOther || second == Kind::kOther) continue;
    if (first == Kind::kLetter && i > 0 && KindOf(characters[i - 1]) == Kind::kLetter) continue;
    Pair pair{"", first == Kind::kIdeograph && second == Kind::kIdeograph};
    icu::UnicodeString(characters[i]).append(characters[i + 1]).toUTF8String(pair.text);
    pairs.insert(pair);
  }
  return pairs;
}

// A title as it is, in Simplified and in Traditional characters.
std::vector<std::string> ScriptsOf(const std::string& title) {
  static const opencc::SimpleConverter& to_simplified = *new opencc::SimpleConverter("t2s.json");
  static const opencc::SimpleConverter& to_traditional = *new opencc::SimpleConverter("s2hk.json");
  return {title, to_simplified.Convert(title), to_traditional.Convert(title)};
}

// Folded, and without the white space that parts no ideographs.
std::string Squeezed(const std::string& text) {
  std::string squeezed = db::Fold(text);
  std::erase_if(squeezed, [](unsigned char c) { return std::isspace(c) != 0; });
  return squeezed;
}

// All that a dataset is searched in but its ids, which have no ideographs.
std::vector<std::string> TextsOf(const Dataset& dataset) {
  std::vector<std::string> texts;
  for (const auto* field : {&dataset.titles(), &dataset.categories(), &dataset.remarks()}) {
    for (const auto& [language, text] : *field) texts.push_back(Squeezed(text));
  }
  for (const auto& title : dataset.former_titles()) texts.push_back(Squeezed(title.text()));
  return texts;
}

class SearchPropertyTest : public CatalogueTest, public ::testing::WithParamInterface<std::string> {
 protected:
  std::vector<Dataset> Import() {
    auto import = Named<almanac::v1::ImportPlanRequest>("publishers/swd");
    *import.mutable_document() = Sample(GetParam());
    Do(import);
    auto list = Named<almanac::v1::ListDatasetsRequest>("publishers/swd");
    list.set_page_size(1000);
    const auto datasets = Do(list).datasets();
    return {datasets.begin(), datasets.end()};
  }

  // The names of all datasets that a query finds, each of which it finds once.
  std::set<std::string> Find(const std::string& query) {
    auto search = Named<almanac::v1::SearchDatasetsRequest>("publishers/-");
    search.set_query(query);
    search.set_page_size(100);
    std::set<std::string> names;
    do {
      const auto page = Call(client_->datasets.get(), &DatasetService::Stub::SearchDatasets, search);
      for (const auto& hit : page.hits()) EXPECT_TRUE(names.insert(hit.dataset().name()).second) << query;
      search.set_page_token(page.next_page_token());
    } while (!search.page_token().empty() && names.size() < kLines);
    return names;
  }
};

TEST_P(SearchPropertyTest, EveryPartOfATitleFindsIt) {
  const std::vector<Dataset> datasets = Import();
  ASSERT_EQ(datasets.size(), kLines);
  std::map<Pair, std::set<std::string>> titled;
  std::map<std::string, std::vector<std::string>> texts;
  for (const Dataset& dataset : datasets) {
    texts[dataset.name()] = TextsOf(dataset);
    for (const auto& [language, title] : dataset.titles()) {
      for (const std::string& script : ScriptsOf(title)) {
        for (const Pair& pair : PairsOf(script)) titled[pair].insert(dataset.name());
      }
    }
  }
  ASSERT_GT(titled.size(), 100);
  for (const auto& [pair, names] : titled) {
    const std::set<std::string> found = Find(pair.text);
    ASSERT_THAT(found, IsSupersetOf(names)) << pair.text;
    if (!pair.is_ideographs) continue;
    const std::string folded = db::Fold(pair.text);
    std::set<std::string> expected;
    for (const auto& [name, fields] : texts) {
      const auto has = [&](const std::string& text) { return text.find(folded) != std::string::npos; };
      if (std::any_of(fields.begin(), fields.end(), has)) expected.insert(name);
    }
    ASSERT_EQ(found, expected) << pair.text;
  }
}

// One language at a time: a plan in both scripts would be found in both without any folding.
INSTANTIATE_TEST_SUITE_P(Languages, SearchPropertyTest, ::testing::Values("zh-Hans", "zh-Hant", "en"),
                         [](const auto& language) {
                           std::string name = language.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace almanac::testing
