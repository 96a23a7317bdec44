#include "service/clock.h"

#include <spdlog/spdlog.h>

#include <algorithm>
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

// And of how many bytes of resources: a write that takes too long, or too much memory, would never be made, and would
// be tried again for ever.
constexpr int64_t kMaxBytes = 4 << 20;

// How many resources are read at once: a dataset has 256 KiB at most, a commitment with all its moves 2 MiB.
constexpr size_t kSlice = 25;

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

// kSlice of `names` from `first` on.
std::vector<std::string> SliceOf(const std::vector<std::string>& names, size_t first) {
  return {names.begin() + first, names.begin() + std::min(first + kSlice, names.size())};
}

// Writes down that commitments became overdue, and takes what they have off `bytes`, until that is used up. Returns of
// how many.
absl::StatusOr<int64_t> AnnounceOverdue(db::WriteTransaction& transaction, const std::vector<std::string>& names,
                                        int64_t& bytes) {
  int64_t done = 0;
  for (size_t first = 0; first < names.size(); first += kSlice) {
    const absl::StatusOr<std::vector<Commitment>> slice = db::ReadCommitments(transaction, SliceOf(names, first));
    if (!slice.ok()) return slice.status();
    for (const Commitment& commitment : *slice) {
      if (bytes <= 0) return done;
      bytes -= static_cast<int64_t>(commitment.ByteSizeLong());
      db::UpdateCommitment(transaction, Change::BECAME_OVERDUE, commitment, rules::BecomeOverdue(commitment));
      ++done;
    }
  }
  return done;
}

// The same of datasets that changed their freshness, a slice after the other.
absl::StatusOr<int64_t> AnnounceFreshness(db::WriteTransaction& transaction, const std::vector<std::string>& names,
                                          int64_t& bytes) {
  int64_t done = 0;
  for (size_t first = 0; first < names.size() && bytes > 0; first += kSlice) {
    absl::StatusOr<std::vector<Dataset>> slice = db::ReadDatasets(transaction, SliceOf(names, first));
    if (!slice.ok()) return slice.status();
    for (const Dataset& dataset : *slice) bytes -= static_cast<int64_t>(dataset.ByteSizeLong());
    done += static_cast<int64_t>(slice->size());
    ReassessDatasets(transaction, *std::move(slice));
  }
  return done;
}

// Writes down what is due, at most kMaxChanges and some kMaxBytes of it, and says how much that was: none once nothing
// is left.
absl::StatusOr<ResourceCounts> WriteDown(db::WriteTransaction& transaction) {
  const Due due = FindDue(transaction, transaction.now(), kMaxChanges);
  int64_t bytes = kMaxBytes;
  const absl::StatusOr<int64_t> commitments = AnnounceOverdue(transaction, due.commitments, bytes);
  if (!commitments.ok()) return commitments.status();
  const absl::StatusOr<int64_t> datasets = AnnounceFreshness(transaction, due.datasets, bytes);
  if (!datasets.ok()) return datasets.status();
  ResourceCounts done;
  done.set_commitments(*commitments);
  done.set_datasets(*datasets);
  return done;
}

}  // namespace

Clock::Clock(db::Database& database, absl::Duration interval)
    : database_(database), upkeep_({.name = "clock", .interval = interval}, [this] { return Tick(); }) {}

absl::Status Clock::Tick() {
  const absl::StatusOr<Counts> done = Announce();
  if (done.ok() && Total(*done) > 0) {
    spdlog::info("clock: {} commitments became overdue, the freshness of {} datasets changed", done->commitments(),
                 done->datasets());
  }
  return done.status();
}

absl::StatusOr<Clock::Counts> Clock::Announce() {
  const absl::StatusOr<Counts> due = upkeep_.Ask<Counts>([&](auto done) {
    database_.Read<Counts>(
        [](db::Transaction& transaction) -> absl::StatusOr<Counts> {
          return FindDue(transaction, db::ReadClock(transaction), 1).counts();
        },
        std::move(done), db::Lane::kUpkeep);
  });
  if (!due.ok() || Total(*due) == 0) return due;
  Counts sum;
  while (true) {
    const absl::StatusOr<Counts> written =
        upkeep_.Ask<Counts>([&](auto done) { database_.Write<Counts>({.actor = kActor}, WriteDown, std::move(done)); });
    if (!written.ok()) return written;
    if (Total(*written) == 0) return sum;
    sum.set_commitments(sum.commitments() + written->commitments());
    sum.set_datasets(sum.datasets() + written->datasets());
  }
}

}  // namespace almanac::service
