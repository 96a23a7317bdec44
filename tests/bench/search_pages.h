#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "almanac/v1/dataset_service.grpc.pb.h"

namespace almanac::bench {

struct PagesOptions {
  // The last page of each walk.
  int last_page = 10'000;
  int page_size = 50;
  // What is measured of either page.
  int calls = 200;
};

// A table of how long the first page of a walk through the whole catalogue takes, and how long the last, by name and by
// two other orders. Each walk is checked to meet no dataset twice.
absl::StatusOr<std::string> MeasurePages(almanac::v1::DatasetService::Stub& datasets, const PagesOptions& options);

}  // namespace almanac::bench
