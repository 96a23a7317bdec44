#pragma once

#include <vector>

#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/dataset_service.pb.h"
#include "db/search_text.h"

namespace almanac::service {

// At most how many texts of a hit are shown, and how long a piece of a long text is.
inline constexpr int kMaxMatches = 10;
inline constexpr int kMaxMatchCharacters = 200;

// Finds what the terms of a query ask for in the datasets that have it. Thread-safe.
class MatchFinder {
 public:
  explicit MatchFinder(std::vector<db::QueryTerm> terms);

  // The texts of `dataset` in which something that the terms ask for is, titles first, with that marked.
  std::vector<almanac::v1::TextMatch> FindIn(const almanac::v1::Dataset& dataset) const;

 private:
  const std::vector<db::QueryTerm> terms_;
  // The characters with which begins what they ask for.
  const std::vector<char32_t> beginnings_;
};

}  // namespace almanac::service
