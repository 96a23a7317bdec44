#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/condition.h"
#include "db/fields.h"

namespace almanac::service {

// The condition that `filter` (see filter_syntax.h and docs/filters.md) is for resources that have `fields`; that which
// holds for all if the filter is empty. `now` is what its functions go by. INVALID_ARGUMENT about `filter` with the
// position, what is wrong there and what would be right.
absl::StatusOr<db::Condition> CheckFilter(std::string_view filter, const db::Fields& fields, absl::Time now);

}  // namespace almanac::service
