#include "service/retention.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "db/retention.h"

namespace almanac::service {
namespace {

bool KeepsAll(const almanac::v1::RetentionPolicy& policy) { return !policy.has_max_age() && policy.max_changes() == 0; }

}  // namespace

Retention::Retention(db::Database& database, almanac::v1::RetentionPolicy policy, absl::Duration interval)
    : database_(database),
      policy_(std::move(policy)),
      upkeep_(
          {.name = "retention", .interval = KeepsAll(policy_) ? absl::InfiniteDuration() : interval, .jitter = 0.25},
          [this] { return Tick(); }) {}

absl::Status Retention::Tick() {
  while (true) {
    const auto step = upkeep_.Ask<db::CompactionStep>([&](auto done) {
      database_.Read<db::CompactionStep>(
          [policy = policy_](db::Transaction& transaction) { return CompactLog(transaction, policy); }, std::move(done),
          db::Lane::kUpkeep);
    });
    if (!step.ok()) return step.status();
    if (step->compacted > 0) {
      spdlog::info("retention: changes up to revision {} were taken out of the log", step->compacted);
    }
    if (!step->has_more) return absl::OkStatus();
  }
}

}  // namespace almanac::service
