#pragma once

#include <google/protobuf/map.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "tests/bench/vocabulary.h"

namespace almanac::bench {

// A text that means the same in its three languages.
struct MadeText {
  std::string en, hans, hant;

  void Append(std::string_view in_en, std::string_view in_hans, std::string_view in_hant) {
    en.append(in_en);
    hans.append(in_hans);
    hant.append(in_hant);
  }

  std::array<std::pair<const char*, const std::string&>, 3> ByLanguage() const {
    return {{{"en", en}, {"zh-Hans-HK", hans}, {"zh-Hant-HK", hant}}};
  }

  // An empty text has no languages.
  void AddTo(google::protobuf::Map<std::string, std::string>* texts) const {
    if (en.empty()) return;
    for (const auto& [language, text] : ByLanguage()) (*texts)[language] = text;
  }
};

inline MadeText ToText(const Phrase& phrase) {
  return {std::string(phrase.en), std::string(phrase.hans), std::string(phrase.hant)};
}

}  // namespace almanac::bench
