#pragma once

#include <exception>
#include <string_view>

#include "absl/status/status.h"

namespace almanac::db {

// What a client is told of an error of the driver. The driver's own words go to the log only.
absl::Status FromDriver(const std::exception& error);

// RESOURCE_EXHAUSTED with a RetryInfo: too many `what` wait.
absl::Status TooBusy(std::string_view what);

}  // namespace almanac::db
