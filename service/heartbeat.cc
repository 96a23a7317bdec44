#include "service/heartbeat.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "db/change_log.h"
#include "db/replicas.h"

namespace almanac::service {
namespace {

using almanac::v1::Replica;

// How long the end waits for the database. Who was not taken off the list is forgotten a minute later.
constexpr absl::Duration kLeaveTime = absl::Seconds(2);

// How long a look at what requests read from is waited for.
constexpr std::chrono::seconds kLookTime(2);

constexpr auto kReadHead = [](db::Transaction& transaction) -> absl::StatusOr<db::Head> {
  return db::ReadHead(transaction);
};

Replica Begun(Replica self) {
  *self.mutable_start_time() = db::ToTimestamp(absl::Now());
  return self;
}

}  // namespace

Heartbeat::Heartbeat(db::Database& database, const ChangeFeed& feed, Replica self, absl::Duration interval)
    : database_(database),
      feed_(feed),
      self_(Begun(std::move(self))),
      is_listed_(interval < absl::InfiniteDuration()),
      upkeep_({.name = "the list of replicas", .interval = interval}, [this] { return Tick(); }) {}

absl::Status Heartbeat::LookAtReads() {
  // Where the copy is away, or does not answer, its revision stays, and falls behind.
  if (is_looking_->exchange(true)) return absl::OkStatus();
  const absl::StatusOr<db::Head> read = upkeep_.Ask<db::Head>(
      [this](auto done) {
        database_.Read<db::Head>(
            kReadHead, [is_looking = is_looking_, done = std::move(done)](absl::StatusOr<db::Head> head) mutable {
              *is_looking = false;
              done(std::move(head));
            });
      },
      kLookTime);
  if (read.ok()) read_revision_ = read->revision;
  return absl::IsCancelled(read.status()) ? read.status() : absl::OkStatus();
}

absl::Status Heartbeat::Tick() {
  if (absl::Status looked = LookAtReads(); !looked.ok()) return looked;
  // First the head, then the feed's: else it would seem to lag by what was written in between.
  const absl::StatusOr<db::Head> head = upkeep_.Ask<db::Head>(
      [this](auto done) { database_.Read<db::Head>(kReadHead, std::move(done), db::Lane::kHead); });
  if (!head.ok()) return head.status();
  Replica replica = self_;
  replica.set_feed_revision(feed_.revision());
  replica.set_feed_lag(std::max<int64_t>(head->revision - replica.feed_revision(), 0));
  replica.set_watcher_count(feed_.watcher_count());
  replica.set_read_revision(read_revision_);
  replica.set_read_lag(std::max<int64_t>(head->revision - read_revision_, 0));
  const auto saved = upkeep_.Ask<Replica>([this, &replica](auto done) {
    database_.Read<Replica>(
        [replica](db::Transaction& transaction) -> absl::StatusOr<Replica> {
          db::SaveReplica(transaction, replica);
          return replica;
        },
        std::move(done), db::Lane::kUpkeep);
  });
  return saved.status();
}

void Heartbeat::Stop() {
  upkeep_.Stop();
  if (!std::exchange(is_listed_, false)) return;
  // What was asked last does not come after this: the lane is one connection, whose work is done in its order.
  const auto left = std::make_shared<absl::Notification>();
  database_.Read<Replica>(
      [id = self_.id()](db::Transaction& transaction) -> absl::StatusOr<Replica> {
        db::DeleteReplica(transaction, id);
        return Replica();
      },
      [left](const absl::StatusOr<Replica>&) { left->Notify(); }, db::Lane::kUpkeep);
  left->WaitForNotificationWithTimeout(kLeaveTime);
}

}  // namespace almanac::service
