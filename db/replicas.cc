#include "db/replicas.h"

namespace almanac::db {
namespace {

using almanac::v1::Replica;

constexpr Statement kSave{
    "insert into replicas"
    " values ($1, $2, $3, $4, catalogue_now(), $5, $6, $7, $8, $9)"
    " on conflict (replica_id) do update set"
    "   heartbeat_time = excluded.heartbeat_time, feed_revision = excluded.feed_revision, feed_lag = excluded.feed_lag,"
    "   read_revision = excluded.read_revision, read_lag = excluded.read_lag, watcher_count = excluded.watcher_count"};

constexpr Statement kForget{"delete from replicas where heartbeat_time < catalogue_now() - interval '1 day'"};

constexpr Statement kDelete{"delete from replicas where replica_id = $1"};

constexpr Statement kList{
    "select replica_id, address, server_version, micros(start_time), micros(heartbeat_time), feed_revision, feed_lag,"
    "       read_revision, read_lag, watcher_count"
    " from replicas where heartbeat_time >= catalogue_now() - interval '1 minute' order by replica_id"};

Replica FromRow(Rows::Reader row) {
  Replica replica;
  replica.set_id(row.Text());
  replica.set_address(row.Text());
  replica.set_server_version(row.Text());
  row.Time(&replica, &Replica::mutable_start_time);
  row.Time(&replica, &Replica::mutable_heartbeat_time);
  replica.set_feed_revision(row.Int());
  replica.set_feed_lag(row.Int());
  replica.set_read_revision(row.Int());
  replica.set_read_lag(row.Int());
  replica.set_watcher_count(static_cast<int32_t>(row.Int()));
  return replica;
}

}  // namespace

void SaveReplica(Transaction& transaction, const Replica& replica) {
  transaction.Exec(
      kSave, {replica.id(), replica.address(), replica.server_version(), replica.start_time(), replica.feed_revision(),
              replica.feed_lag(), replica.read_revision(), replica.read_lag(), replica.watcher_count()});
  transaction.Exec(kForget);
}

void DeleteReplica(Transaction& transaction, const std::string& id) { transaction.Exec(kDelete, {id}); }

std::vector<Replica> ListReplicas(Transaction& transaction) { return ReadAll(transaction.Exec(kList), FromRow); }

}  // namespace almanac::db
