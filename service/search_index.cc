#include "service/search_index.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>
#include <vector>

#include "almanac/v1/change_service.pb.h"
#include "almanac/v1/dataset.pb.h"
#include "db/dataset_search.h"
#include "db/datasets.h"

namespace almanac::service {
namespace {

using almanac::v1::ResourceCounts;

// As many as other writers do not notice that they wait for.
constexpr int kSlice = 500;

}  // namespace

SearchIndex::SearchIndex(db::Database& database, absl::Duration interval)
    : database_(database), upkeep_({.name = "search index", .interval = interval}, [this] { return Tick(); }) {}

absl::Status SearchIndex::Tick() {
  int64_t done = 0;
  while (true) {
    const auto names = upkeep_.Ask<std::vector<std::string>>([&](auto answer) {
      database_.Read<std::vector<std::string>>(
          [](db::Transaction& transaction) -> absl::StatusOr<std::vector<std::string>> {
            return db::ListUnsearchable(transaction, kSlice);
          },
          std::move(answer), db::Lane::kUpkeep);
    });
    if (!names.ok()) return names.status();
    if (names->empty()) break;
    const auto written = upkeep_.Ask<ResourceCounts>([&](auto answer) {
      database_.Write<ResourceCounts>(
          {.actor = "almanacd"},
          [names = *names](db::WriteTransaction& transaction) -> absl::StatusOr<ResourceCounts> {
            const auto datasets = db::ReadDatasets(transaction, names);
            if (!datasets.ok()) return datasets.status();
            for (const almanac::v1::Dataset& dataset : *datasets) db::StoreSearch(transaction, nullptr, dataset);
            return ResourceCounts();
          },
          std::move(answer));
    });
    if (!written.ok()) return written.status();
    done += static_cast<int64_t>(names->size());
  }
  if (done > 0) spdlog::info("search index: {} datasets can be searched now", done);
  return absl::OkStatus();
}

}  // namespace almanac::service
