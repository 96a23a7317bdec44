#include "service/heartbeat.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "db/change_log.h"
#include "db/replicas.h"

namespace almanac::service {
namespace {

using almanac::v1::Replica;

// How long the end waits for the database. Who was not taken off the list is forgotten a minute later.
constexpr std::chrono::seconds kLeaveTime(2);

}  // namespace

Heartbeat::Heartbeat(db::Database& database, const ChangeFeed& feed, Replica self, absl::Duration interval)
    : database_(database),
      feed_(feed),
      self_([&] {
        *self.mutable_start_time() = db::ToTimestamp(absl::Now());
        return std::move(self);
      }()),
      interval_(interval) {
  if (interval < absl::InfiniteDuration()) thread_ = std::thread([this] { Run(); });
}

Heartbeat::~Heartbeat() { Stop(); }

void Heartbeat::Stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  thread_.join();
  Leave();
}

void Heartbeat::Run() {
  std::unique_lock lock(state_->mutex);
  while (!state_->stopping) {
    if (!state_->is_asking) {
      state_->is_asking = true;
      lock.unlock();
      Beat();
      lock.lock();
    }
    state_->changed.wait_for(lock, absl::ToChronoNanoseconds(interval_), [this] { return state_->stopping; });
  }
}

void Heartbeat::Beat() {
  Replica replica = self_;
  replica.set_feed_revision(feed_.revision());
  replica.set_watcher_count(feed_.watcher_count());
  const auto told = [state = state_](const absl::StatusOr<Replica>& result) {
    const std::lock_guard lock(state->mutex);
    // Once for a database that is away, not every time.
    if (!result.ok() && !state->failing) {
      spdlog::warn("the list of replicas is not up to date: {}", std::string(result.status().message()));
    }
    state->failing = !result.ok();
    state->is_asking = false;
    state->changed.notify_all();
  };
  database_.Read<db::Head>(
      [](db::Transaction& transaction) -> absl::StatusOr<db::Head> { return db::ReadHead(transaction); },
      [&database = database_, state = state_, replica, told](const absl::StatusOr<db::Head>& head) mutable {
        {
          // Where the copy is away its revision stays, and falls behind.
          const std::lock_guard lock(state->mutex);
          if (head.ok()) state->read_revision = head->revision;
          replica.set_read_revision(state->read_revision);
        }
        database.Read<Replica>(
            [replica](db::Transaction& transaction) -> absl::StatusOr<Replica> {
              db::SaveReplica(transaction, replica);
              return replica;
            },
            told, db::Lane::kUpkeep);
      });
}

void Heartbeat::Leave() {
  std::unique_lock lock(state_->mutex);
  const auto is_answered = [this] { return !state_->is_asking; };
  // What was asked last must not come after this.
  if (!state_->changed.wait_for(lock, kLeaveTime, is_answered)) return;
  state_->is_asking = true;
  lock.unlock();
  database_.Read<Replica>(
      [id = self_.id()](db::Transaction& transaction) -> absl::StatusOr<Replica> {
        db::DeleteReplica(transaction, id);
        return Replica();
      },
      [state = state_](const absl::StatusOr<Replica>&) {
        const std::lock_guard lock(state->mutex);
        state->is_asking = false;
        state->changed.notify_all();
      },
      db::Lane::kUpkeep);
  lock.lock();
  state_->changed.wait_for(lock, kLeaveTime, is_answered);
}

}  // namespace almanac::service
