#include "tests/bench/places.h"

#include <cstdint>
#include <iterator>

#include "absl/strings/ascii.h"

namespace almanac::bench {
namespace {

constexpr Phrase kDistricts[] = {
    {"Sha Tin", "沙田", "沙田"},
    {"Kwun Tong", "观塘", "觀塘"},
    {"Yuen Long", "元朗", "元朗"},
    {"Kwai Tsing", "葵青", "葵青"},
    {"Tuen Mun", "屯门", "屯門"},
    {"Sai Kung", "西贡", "西貢"},
    {"Sham Shui Po", "深水埗", "深水埗"},
    {"Wong Tai Sin", "黄大仙", "黃大仙"},
    {"Kowloon City", "九龙城", "九龍城"},
    {"Yau Tsim Mong", "油尖旺", "油尖旺"},
    {"Tsuen Wan", "荃湾", "荃灣"},
    {"North District", "北区", "北區"},
    {"Tai Po", "大埔", "大埔"},
    {"Southern District", "南区", "南區"},
    {"Central and Western District", "中西区", "中西區"},
    {"Wan Chai", "湾仔", "灣仔"},
    {"Islands District", "离岛区", "離島區"},
    {"Eastern District", "东区", "東區"},
};

constexpr Phrase kSyllables[] = {
    {"tin", "田", "田"},    {"wan", "湾", "灣"},   {"shan", "山", "山"},   {"lam", "林", "林"},   {"fung", "凤", "鳳"},
    {"lung", "龙", "龍"},   {"wing", "永", "永"},  {"fuk", "福", "福"},    {"lok", "乐", "樂"},   {"hoi", "海", "海"},
    {"ping", "平", "平"},   {"on", "安", "安"},    {"shui", "水", "水"},   {"chuen", "泉", "泉"}, {"tung", "东", "東"},
    {"sai", "西", "西"},    {"nam", "南", "南"},   {"pak", "北", "北"},    {"tai", "大", "大"},   {"siu", "小", "小"},
    {"ma", "马", "馬"},     {"ngau", "牛", "牛"},  {"yue", "鱼", "魚"},    {"kok", "角", "角"},   {"tau", "头", "頭"},
    {"mei", "尾", "尾"},    {"chung", "涌", "涌"}, {"tsuen", "村", "村"},  {"wai", "围", "圍"},   {"uk", "屋", "屋"},
    {"hang", "坑", "坑"},   {"kiu", "桥", "橋"},   {"mun", "门", "門"},    {"tsui", "咀", "咀"},  {"chau", "洲", "洲"},
    {"to", "岛", "島"},     {"shek", "石", "石"},  {"kam", "金", "金"},    {"ngan", "银", "銀"},  {"yuk", "玉", "玉"},
    {"cheung", "长", "長"}, {"yau", "油", "油"},   {"sheung", "上", "上"}, {"ha", "下", "下"},    {"yuen", "园", "園"},
    {"wong", "黄", "黃"},   {"hung", "红", "紅"},  {"lai", "荔", "荔"},    {"kwai", "葵", "葵"},  {"fa", "花", "花"},
    {"tso", "草", "草"},    {"chuk", "竹", "竹"},  {"mui", "梅", "梅"},    {"kwok", "国", "國"},  {"ka", "家", "家"},
    {"man", "文", "文"},    {"wah", "华", "華"},   {"hing", "兴", "興"},   {"yan", "仁", "仁"},   {"yee", "义", "義"},
    {"sun", "新", "新"},    {"kau", "旧", "舊"},   {"luk", "六", "六"},    {"pat", "八", "八"},
};
constexpr int kSyllableBits = 6;
static_assert(std::size(kSyllables) == 1 << kSyllableBits);
static_assert(kPlaces <= (1 << 3 * kSyllableBits));

}  // namespace

MadeText PlaceAt(size_t rank) {
  if (rank < std::size(kDistricts)) return ToText(kDistricts[rank]);
  const size_t count = rank < (1 << 2 * kSyllableBits) ? 2 : 3;
  // Multiplied by an odd number, different ranks stay different in the bits that are taken.
  uint64_t syllables = rank * 0x9E3779B1;
  MadeText name;
  for (size_t i = 0; i < count; ++i, syllables >>= kSyllableBits) {
    const Phrase& syllable = kSyllables[syllables % std::size(kSyllables)];
    name.Append(syllable.en, syllable.hans, syllable.hant);
  }
  name.en[0] = absl::ascii_toupper(name.en[0]);
  return name;
}

}  // namespace almanac::bench
