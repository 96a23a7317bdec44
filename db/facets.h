#pragma once

#include <cstdint>
#include <string>

#include "almanac/v1/dataset_service.pb.h"
#include "db/listing.h"
#include "db/transaction.h"

namespace almanac::db {

// How many datasets facets count one by one; of more, a sample is taken.
inline constexpr int64_t kMaxFaceted = 50000;

// Counts the datasets of `query` by publisher, category, format, frequency and freshness state; at most `max_values` of
// each. `language` is that of the categories.
almanac::v1::CountFacetsResponse CountFacets(Transaction& transaction, const ListQuery& query,
                                             const std::string& language, int max_values);

}  // namespace almanac::db
