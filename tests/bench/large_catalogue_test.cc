#include "tests/bench/large_catalogue.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "db/names.h"
#include "service/validation.h"
#include "tests/bench/places.h"

namespace almanac::bench {
namespace {

using almanac::v1::Dataset;
using google::protobuf::util::MessageDifferencer;
using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

constexpr int kPublishers = 2000;

auto Between(double low, double high) { return AllOf(Ge(low), Le(high)); }

// The words of `titles`, the most frequent first, each with how often it is there.
std::vector<std::pair<int, std::string>> RankWords(const std::vector<std::string>& titles) {
  std::map<std::string, int> counts;
  for (const std::string& title : titles) {
    for (const auto word : absl::StrSplit(absl::AsciiStrToLower(title), absl::ByAnyChar(" ,/()"), absl::SkipEmpty())) {
      ++counts[std::string(word)];
    }
  }
  std::vector<std::pair<int, std::string>> ranked;
  for (const auto& [word, count] : counts) ranked.emplace_back(count, word);
  std::sort(ranked.rbegin(), ranked.rend());
  return ranked;
}

std::vector<Dataset> MakeDatasets(int count) {
  const LargeCatalogue catalogue(1, kPublishers);
  std::vector<Dataset> datasets;
  for (int i = 0; i < count; ++i) datasets.push_back(catalogue.MakeDataset(i));
  return datasets;
}

template <typename Condition>
double Percent(const std::vector<Dataset>& datasets, const Condition& condition) {
  return 100.0 * std::count_if(datasets.begin(), datasets.end(), condition) / datasets.size();
}

TEST(LargeCatalogueTest, IsTheSameInWhateverOrderItIsMade) {
  const LargeCatalogue one(7, kPublishers), other(7, kPublishers);
  std::vector<Dataset> forwards;
  for (int i = 0; i < 1000; ++i) forwards.push_back(one.MakeDataset(i));
  for (int i = 999; i >= 0; --i) EXPECT_TRUE(MessageDifferencer::Equals(forwards[i], other.MakeDataset(i)));
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(MessageDifferencer::Equals(one.MakePublisher(i), other.MakePublisher(i)));
  }
}

// FNV-1a over what texts there are.
TEST(LargeCatalogueTest, IsTheSameOnEveryMachine) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const Dataset& dataset : MakeDatasets(1000)) {
    const std::string text =
        absl::StrCat(dataset.name(), dataset.titles().at("en"), dataset.titles().at("zh-Hans-HK"),
                     dataset.titles().at("zh-Hant-HK"), dataset.release_date(), dataset.last_update_time().seconds());
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  }
  EXPECT_EQ(hash, 12388923722171605656U);
}

TEST(LargeCatalogueTest, AnotherSeedMakesAnother) {
  const LargeCatalogue one(1, kPublishers), other(2, kPublishers);
  int same = 0;
  for (int i = 0; i < 1000; ++i) same += one.MakeDataset(i).titles().at("en") == other.MakeDataset(i).titles().at("en");
  EXPECT_LT(same, 20);
}

TEST(LargeCatalogueTest, IsWhatClientsMaySend) {
  const LargeCatalogue catalogue(1, kPublishers);
  for (int i = 0; i < 2000; ++i) {
    const Dataset dataset = catalogue.MakeDataset(i * int64_t{499});
    EXPECT_TRUE(service::CheckDataset(dataset).ok()) << service::CheckDataset(dataset) << dataset.DebugString();
    EXPECT_TRUE(db::CheckName("name", db::kDatasetPattern, dataset.name()).ok()) << dataset.name();
    EXPECT_EQ(dataset.titles_size(), 3);
  }
  for (int i = 0; i < kPublishers; ++i) {
    const auto publisher = catalogue.MakePublisher(i);
    EXPECT_TRUE(service::CheckPublisher(publisher).ok()) << publisher.DebugString();
    EXPECT_TRUE(db::CheckName("name", db::kPublisherPattern, publisher.name()).ok()) << publisher.name();
  }
}

TEST(LargeCatalogueTest, NamesAreThereOnce) {
  const LargeCatalogue catalogue(1, kMaxPublishers);
  std::set<std::string> publishers, english_places, chinese_places, datasets;
  for (int i = 0; i < kMaxPublishers; ++i) publishers.insert(catalogue.MakePublisher(i).name());
  EXPECT_EQ(publishers.size(), kMaxPublishers);
  for (size_t i = 0; i < kPlaces; ++i) {
    english_places.insert(PlaceAt(i).en);
    chinese_places.insert(PlaceAt(i).hans);
  }
  EXPECT_EQ(english_places.size(), kPlaces);
  EXPECT_EQ(chinese_places.size(), kPlaces);
  for (const Dataset& dataset : MakeDatasets(20'000)) datasets.insert(dataset.name());
  EXPECT_EQ(datasets.size(), 20'000);
}

TEST(LargeCatalogueTest, DatasetsBelongToPublishersOfIt) {
  const LargeCatalogue catalogue(1, 100);
  std::set<std::string> publishers;
  for (int i = 0; i < 100; ++i) publishers.insert(catalogue.MakePublisher(i).name());
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(publishers.contains(db::PublisherName(db::IdsOf(catalogue.MakeDataset(i).name())[0])));
  }
}

TEST(LargeCatalogueTest, PublishersHaveFewOrVeryManyDatasets) {
  std::map<std::string, int> counts;
  for (const Dataset& dataset : MakeDatasets(100'000)) ++counts[db::IdsOf(dataset.name())[0]];
  EXPECT_EQ(counts.size(), kPublishers);
  std::vector<int> sizes;
  for (const auto& [publisher, count] : counts) sizes.push_back(count);
  std::sort(sizes.rbegin(), sizes.rend());
  EXPECT_THAT(sizes.front(), Between(3'000, 7'000));
  EXPECT_THAT(sizes[kPublishers / 2], Between(1, 20));
}

// The bounds lie on both sides of what the plan's 88 titles have: in English a tenth have up to 5 words, the half up to
// 9, nine tenths up to 19; in Chinese up to 8, 15 and 35 characters.
TEST(LargeCatalogueTest, TitlesAreAsLongAsThoseOfThePlan) {
  std::vector<int> english, chinese;
  for (const Dataset& dataset : MakeDatasets(10'000)) {
    english.push_back(std::vector<std::string>(absl::StrSplit(dataset.titles().at("en"), ' ')).size());
    const std::string& hans = dataset.titles().at("zh-Hans-HK");
    chinese.push_back(std::count_if(hans.begin(), hans.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  }
  std::sort(english.begin(), english.end());
  std::sort(chinese.begin(), chinese.end());
  EXPECT_THAT(english[1'000], Between(4, 6));
  EXPECT_THAT(english[5'000], Between(8, 11));
  EXPECT_THAT(english[9'000], Between(15, 21));
  EXPECT_THAT(chinese[1'000], Between(6, 11));
  EXPECT_THAT(chinese[5'000], Between(12, 18));
  EXPECT_THAT(chinese[9'000], Between(25, 38));
}

TEST(LargeCatalogueTest, FewWordsAreEverywhereAndManyAreRare) {
  std::vector<std::string> titles;
  for (const Dataset& dataset : MakeDatasets(50'000)) titles.push_back(dataset.titles().at("en"));
  const auto ranked = RankWords(titles);
  EXPECT_THAT(ranked.size(), Between(5'000, 30'000));
  EXPECT_THAT(ranked[0].first / 50'000.0, Between(0.5, 1.5));
  EXPECT_THAT(1.0 * ranked[0].first / ranked[9].first, Between(2, 10));
  EXPECT_THAT(1.0 * ranked[0].first / ranked[99].first, Between(20, 200));
  EXPECT_THAT(ranked[ranked.size() / 2].first, Between(1, 5));
}

TEST(LargeCatalogueTest, TheWordsOfThePlanAreTheFrequentOnes) {
  std::vector<std::string> plan, made;
  std::ifstream file(ALMANAC_TEST_DATA "/swd-2022-2024.en.txt");
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> columns = absl::StrSplit(line, '\t');
    const size_t category_end = columns.size() < 4 ? std::string::npos : columns[1].find(" / ");
    if (category_end != std::string::npos && columns[0] != "#") plan.push_back(columns[1].substr(category_end + 3));
  }
  ASSERT_EQ(plan.size(), 88);
  for (const Dataset& dataset : MakeDatasets(10'000)) made.push_back(dataset.titles().at("en"));
  std::vector<std::string> frequent;
  for (const auto& [count, word] : RankWords(made)) {
    if (frequent.size() < 40) frequent.push_back(word);
  }
  const auto ranked = RankWords(plan);
  EXPECT_EQ(frequent[0], ranked[0].second);
  for (int i = 0; i < 12; ++i) EXPECT_THAT(frequent, testing::Contains(ranked[i].second));
}

TEST(LargeCatalogueTest, PromisesAndFatesAreInProportion) {
  const std::vector<Dataset> datasets = MakeDatasets(20'000);
  const auto percent = [&](const auto& condition) { return Percent(datasets, condition); };
  EXPECT_THAT(percent([](const Dataset& d) { return d.frequency() == almanac::v1::AS_NEEDED; }), Between(53, 58));
  EXPECT_THAT(percent([](const Dataset& d) { return d.frequency() == almanac::v1::YEARLY; }), Between(15, 19));
  EXPECT_THAT(percent([](const Dataset& d) { return d.formats(0) == "CSV"; }), Between(86, 93));
  EXPECT_THAT(percent([](const Dataset& d) { return d.formats(0) == "XML"; }), Between(5, 9));
  EXPECT_THAT(percent([](const Dataset& d) { return d.discontinued(); }), Between(4, 6));
  EXPECT_THAT(percent([](const Dataset& d) { return d.has_delete_time(); }), Between(1.5, 2.5));
  EXPECT_THAT(percent([](const Dataset& d) { return d.has_last_update_time(); }), Between(58, 62));
  EXPECT_THAT(percent([](const Dataset& d) { return d.remarks_size() > 0; }), Between(55, 65));
  EXPECT_THAT(percent([](const Dataset& d) { return d.former_titles_size() > 0; }), Between(1.5, 4));
  const auto has_size = [](size_t size) {
    return [size](const Dataset& d) { return d.release_date().size() == size; };
  };
  EXPECT_THAT(percent(has_size(0)), Between(8, 11));
  EXPECT_THAT(percent(has_size(sizeof("2022") - 1)), Between(5, 8));
  // A month or a quarter.
  EXPECT_THAT(percent(has_size(sizeof("2022-06") - 1)), Between(66, 75));
  EXPECT_THAT(percent(has_size(sizeof("2022-06-30") - 1)), Between(12, 16));
  std::set<std::string> years;
  for (const Dataset& dataset : datasets) years.insert(dataset.release_date().substr(0, 4));
  EXPECT_EQ(*years.rbegin(), "2026");
  EXPECT_EQ(*std::next(years.begin()), "2012");
}

}  // namespace
}  // namespace almanac::bench
