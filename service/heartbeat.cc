#include "service/heartbeat.h"

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

absl::Status Heartbeat::Tick() {
  const absl::StatusOr<db::Head> head = upkeep_.Ask<db::Head>([this](auto done) {
    database_.Read<db::Head>(
        [](db::Transaction& transaction) -> absl::StatusOr<db::Head> { return db::ReadHead(transaction); },
        std::move(done));
  });
  if (absl::IsCancelled(head.status())) return head.status();
  // Where the copy is away its revision stays, and falls behind.
  if (head.ok()) read_revision_ = head->revision;
  Replica replica = self_;
  replica.set_feed_revision(feed_.revision());
  replica.set_watcher_count(feed_.watcher_count());
  replica.set_read_revision(read_revision_);
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
