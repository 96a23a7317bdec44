#pragma once

#include <vector>

#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/dataset_service.pb.h"
#include "db/search_text.h"

namespace almanac::service {

// At most how many texts of a hit are shown, and how long a piece of a long text is.
inline constexpr int kMaxMatches = 10;
inline constexpr int kMaxMatchCharacters = 200;

// The texts of `dataset` in which something that `terms` ask for is, titles first, with what it is marked.
std::vector<almanac::v1::TextMatch> FindMatches(const almanac::v1::Dataset& dataset,
                                                const std::vector<db::QueryTerm>& terms);

}  // namespace almanac::service
