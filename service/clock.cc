#include "service/clock.h"

#include <spdlog/spdlog.h>

#include <map>
#include <string>
#include <vector>

#include "db/clock.h"
#include "db/commitments.h"
#include "db/datasets.h"
#include "service/dataset_writes.h"
#include "service/rules/dates.h"
#include "service/rules/lifecycle.h"

namespace almanac::service {
namespace {

using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::ResourceCounts;

constexpr char kActor[] = "almanacd";

// How many changes a write makes, so that those of others do not wait long for it.
constexpr int kMaxChanges = 500;

// The names of what is due.
struct Due {
  std::vector<std::string> commitments;
  std::vector<std::string> datasets;

  ResourceCounts counts() const {
    ResourceCounts counts;
    counts.set_commitments(static_cast<int64_t>(commitments.size()));
    counts.set_datasets(static_cast<int64_t>(datasets.size()));
    return counts;
  }
};

int64_t Total(const ResourceCounts& counts) { return counts.commitments() + counts.datasets(); }

// At most `limit` of what is due at `now`.
Due FindDue(db::Transaction& transaction, absl::Time now, int limit) {
  std::map<std::string, std::string> today;
  for (const std::string& zone : db::ListTimeZones(transaction)) {
    today[zone] = rules::FormatDay(rules::DayIn(zone, now));
  }
  Due due;
  due.commitments = db::ListBrokenCommitments(transaction, today, limit);
  limit -= static_cast<int>(due.commitments.size());
  if (limit > 0) due.datasets = db::ListChangedFreshness(transaction, now, limit);
  return due;
}

// Writes down what is due, at most kMaxChanges of it, and says how much that was.
absl::StatusOr<ResourceCounts> Announce(db::WriteTransaction& transaction) {
  const Due due = FindDue(transaction, transaction.now(), kMaxChanges);
  const absl::StatusOr<std::vector<Commitment>> commitments = db::ReadCommitments(transaction, due.commitments);
  if (!commitments.ok()) return commitments.status();
  for (const Commitment& commitment : *commitments) {
    db::UpdateCommitment(transaction, Change::BECAME_OVERDUE, commitment, rules::BecomeOverdue(commitment));
  }
  absl::StatusOr<std::vector<Dataset>> datasets = db::ReadDatasets(transaction, due.datasets);
  if (!datasets.ok()) return datasets.status();
  ReassessDatasets(transaction, *std::move(datasets));
  return due.counts();
}

}  // namespace

Clock::Clock(db::Database& database, absl::Duration interval) : database_(database), interval_(interval) {
  if (interval < absl::InfiniteDuration()) thread_ = std::thread([this] { Run(); });
}

Clock::~Clock() { Stop(); }

void Clock::Stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Clock::Run() {
  bool failing = false;
  while (true) {
    const absl::StatusOr<Counts> done = Tick();
    if (absl::IsCancelled(done.status())) return;
    // Once for a database that is away, not every tick.
    if (!done.ok() && !failing) {
      spdlog::warn("clock: {}; it is tried again every {}", std::string(done.status().message()),
                   absl::FormatDuration(interval_));
    }
    failing = !done.ok();
    if (done.ok() && Total(*done) > 0) {
      spdlog::info("clock: {} commitments became overdue, the freshness of {} datasets changed", done->commitments(),
                   done->datasets());
    }
    std::unique_lock lock(state_->mutex);
    if (state_->changed.wait_for(lock, absl::ToChronoNanoseconds(interval_), [&] { return state_->stopping; })) return;
  }
}

absl::StatusOr<Clock::Counts> Clock::Tick() {
  const absl::StatusOr<Counts> due = Ask([&](auto done) {
    database_.Read<Counts>(
        [](db::Transaction& transaction) -> absl::StatusOr<Counts> {
          return FindDue(transaction, db::ReadClock(transaction), 1).counts();
        },
        std::move(done));
  });
  if (!due.ok() || Total(*due) == 0) return due;
  Counts sum;
  while (true) {
    const absl::StatusOr<Counts> written =
        Ask([&](auto done) { database_.Write<Counts>({.actor = kActor}, Announce, std::move(done)); });
    if (!written.ok()) return written;
    sum.set_commitments(sum.commitments() + written->commitments());
    sum.set_datasets(sum.datasets() + written->datasets());
    if (Total(*written) < kMaxChanges) return sum;
  }
}

template <typename Start>
absl::StatusOr<Clock::Counts> Clock::Ask(Start start) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->answer.reset();
  }
  start([state = state_](absl::StatusOr<Counts> answer) {
    {
      const std::lock_guard lock(state->mutex);
      state->answer = std::move(answer);
    }
    state->changed.notify_all();
  });
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return state_->stopping || state_->answer; });
  if (state_->stopping) return absl::CancelledError();
  return *std::move(state_->answer);
}

}  // namespace almanac::service
