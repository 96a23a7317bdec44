#include "service/change_service.h"

#include <chrono>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "db/change_log.h"
#include "db/errors.h"
#include "db/names.h"
#include "db/replicas.h"
#include "db/retention.h"
#include "service/change_list.h"
#include "service/changed_fields.h"
#include "service/watch_errors.h"
#include "service/watcher.h"

namespace almanac::service {
namespace {

using almanac::v1::Change;
using almanac::v1::ListChangesRequest;
using almanac::v1::ListChangesResponse;
using almanac::v1::ResourceKind;

// A request of Watch is kept for the life of its stream. Well-formed ones are far smaller.
constexpr size_t kMaxWatchRequestBytes = 64 << 10;

// How long what GetStatus counts and measures, which reads much, serves all who ask.
constexpr std::chrono::seconds kCountsAge(10);

// A stream that is refused before it begins.
class RefusedStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit RefusedStream(const absl::Status& status) { Finish(ToGrpcStatus(WithNextStep(status, "", false))); }
  void OnDone() override { delete this; }
};

// A prefix is empty or the name of a resource of any kind.
absl::Status CheckPrefix(std::string_view prefix) {
  if (prefix.empty()) return absl::OkStatus();
  for (const std::string_view pattern :
       {db::kPublisherPattern, db::kDatasetPattern, db::kPlanPattern, db::kCommitmentPattern}) {
    if (db::CheckName("resource_prefix", pattern, prefix).ok()) return absl::OkStatus();
  }
  return db::InvalidField("resource_prefix", absl::StrCat("\"", db::Excerpt(prefix, 200),
                                                          "\" is not the name of a resource, such as publishers/swd"));
}

template <typename Request>
absl::Status CheckFilter(const Request& request) {
  if (absl::Status status = CheckTexts(request); !status.ok()) return status;
  constexpr int kKinds = almanac::v1::ResourceKind_ARRAYSIZE - 1;
  if (request.kinds_size() > kKinds) {
    return db::InvalidField("kinds", absl::StrCat("holds ", request.kinds_size(), " values; there are ", kKinds,
                                                  " kinds, give each once, or none for all"));
  }
  for (const int kind : request.kinds()) {
    if (!almanac::v1::ResourceKind_IsValid(kind) || kind == almanac::v1::RESOURCE_KIND_UNSPECIFIED) {
      return db::InvalidField("kinds", "holds a value that is no kind; leave it empty for all");
    }
  }
  constexpr int kTypes = Change::Type_ARRAYSIZE - 1;
  if (request.types_size() > kTypes) {
    return db::InvalidField("types", absl::StrCat("holds ", request.types_size(), " values; there are ", kTypes,
                                                  " types, give each once, or none for all"));
  }
  for (const int type : request.types()) {
    if (!Change::Type_IsValid(type) || type == Change::TYPE_UNSPECIFIED) {
      return db::InvalidField("types", "holds a value that is no type of change; leave it empty for all");
    }
  }
  if (absl::Status status = CheckChangedFields(request.changed_fields()); !status.ok()) return status;
  return CheckPrefix(request.resource_prefix());
}

// The filter of a checked request.
template <typename Request>
db::ChangeFilter ToFilter(const Request& request) {
  db::ChangeFilter filter;
  filter.resource_prefix = request.resource_prefix();
  for (const int kind : request.kinds()) filter.AddKind(static_cast<ResourceKind>(kind));
  for (const int type : request.types()) filter.AddType(static_cast<Change::Type>(type));
  filter.changed_fields = {request.changed_fields().begin(), request.changed_fields().end()};
  return filter;
}

// Who watches, as the limit of watchers counts: the host of the connection, without its port, and the actor.
absl::StatusOr<std::string> ClientOf(const grpc::CallbackServerContext& context) {
  const absl::StatusOr<std::string> actor = ActorOf(context);
  if (!actor.ok()) return actor.status();
  const std::string peer = context.peer();
  return absl::StrCat(peer.substr(0, peer.rfind(':')), " ", *actor);
}

// The revision in `changes/{revision}`; INVALID_ARGUMENT if there is none.
absl::StatusOr<int64_t> RevisionIn(const std::string& name) {
  int64_t revision = 0;
  const bool has_number = absl::SimpleAtoi(name.substr(name.find('/') + 1), &revision);
  if (!has_number || revision < 1 || name != absl::StrCat("changes/", revision)) {
    return db::InvalidField("name", "is not a name like changes/{revision}, with a revision from 1");
  }
  return revision;
}

}  // namespace

ChangeService::ChangeService(db::Database& database, ChangeFeed& feed, std::string version, std::string replica_id,
                             almanac::v1::RetentionPolicy retention)
    : database_(database),
      feed_(feed),
      version_(std::move(version)),
      replica_id_(std::move(replica_id)),
      retention_(std::move(retention)),
      start_time_(absl::Now()) {}

Reactor* ChangeService::GetChange(Context* context, const almanac::v1::GetChangeRequest* request, Change* response) {
  const absl::StatusOr<int64_t> revision = RevisionIn(request->name());
  return Read(database_, context, *request, response, revision.status(),
              [revision](db::Transaction& transaction) { return db::ReadChange(transaction, *revision); });
}

Reactor* ChangeService::ListChanges(Context* context, const ListChangesRequest* request,
                                    ListChangesResponse* response) {
  const absl::StatusOr<ChangeRange> range = ToChangeRange(*request);
  absl::Status valid = CheckFilter(*request);
  if (valid.ok()) valid = range.status();
  return Read(database_, context, *request, response, valid, [request, range](db::Transaction& transaction) {
    db::ChangeFilter filter = ToFilter(*request);
    filter.actor = request->actor();
    return ReadChangePage(transaction, filter, *range);
  });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* ChangeService::Watch(Context* context, const grpc::ByteBuffer* bytes) {
  if (bytes->Length() > kMaxWatchRequestBytes) {
    return new RefusedStream(
        db::InvalidField("request", absl::StrCat("is larger than ", kMaxWatchRequestBytes, " bytes")));
  }
  almanac::v1::WatchRequest request;
  grpc::ByteBuffer copy(*bytes);
  if (!grpc::SerializationTraits<almanac::v1::WatchRequest>::Deserialize(&copy, &request).ok()) {
    return new RefusedStream(db::InvalidField("request", "is not a WatchRequest in UTF-8"));
  }
  absl::Status valid = CheckFilter(request);
  if (valid.ok() && request.after_revision() < 0) {
    valid = db::InvalidField("after_revision", "is negative; 0 means every change there ever was");
  }
  const absl::StatusOr<std::string> client = ClientOf(*context);
  if (valid.ok()) valid = client.status();
  if (!valid.ok()) return new RefusedStream(valid);
  db::ChangeFilter filter = ToFilter(request);
  return Watcher::Start(database_, feed_, *context, *client, std::move(filter), std::move(request));
}

Reactor* ChangeService::GetStatus(Context* context, const almanac::v1::GetStatusRequest* /*request*/,
                                  almanac::v1::GetStatusResponse* response) {
  Reactor* reactor = context->DefaultReactor();
  const auto finish = [reactor, response](absl::StatusOr<almanac::v1::GetStatusResponse> result) {
    if (result.ok()) *response = std::move(*result);
    reactor->Finish(ToGrpcStatus(result.status()));
  };
  // First of what requests read from, which may be a copy, and even away; then of the primary, which is not behind it.
  database_.Read<db::Head>(
      [](db::Transaction& transaction) -> absl::StatusOr<db::Head> { return db::ReadHead(transaction); },
      [this, finish](const absl::StatusOr<db::Head>& read) {
        const int64_t read_revision = read.ok() ? read->revision : 0;
        database_.Read<almanac::v1::GetStatusResponse>(
            [this, read_revision](db::Transaction& transaction) -> absl::StatusOr<almanac::v1::GetStatusResponse> {
              almanac::v1::GetStatusResponse status = ReadStatus(transaction);
              status.set_read_revision(read_revision);
              return status;
            },
            finish, db::Lane::kStatus);
      });
  return reactor;
}

almanac::v1::GetStatusResponse ChangeService::ReadStatus(db::Transaction& transaction) {
  const db::Head head = db::ReadHead(transaction);
  almanac::v1::GetStatusResponse status;
  status.set_catalogue_id(head.catalogue_id);
  status.set_epoch(head.epoch);
  status.set_head_revision(head.revision);
  status.set_oldest_revision(head.compacted_revision + 1);
  if (const auto oldest = db::ReadOldestChangeTime(transaction)) *status.mutable_oldest_change_time() = *oldest;
  status.set_feed_revision(feed_.revision());
  status.set_watcher_count(feed_.watcher_count());
  status.set_server_version(version_);
  *status.mutable_start_time() = db::ToTimestamp(start_time_);
  *status.mutable_retention() = retention_;
  status.set_replica_id(replica_id_);
  for (almanac::v1::Replica& replica : db::ListReplicas(transaction)) *status.add_replicas() = std::move(replica);
  status.MergeFrom(Counted(transaction));
  return status;
}

almanac::v1::GetStatusResponse ChangeService::Counted(db::Transaction& transaction) {
  const auto now = std::chrono::steady_clock::now();
  {
    absl::MutexLock lock(&mutex_);
    if (counted_ && now < counted_time_ + kCountsAge) return *counted_;
  }
  almanac::v1::GetStatusResponse counted;
  *counted.mutable_counts() = db::CountResources(transaction);
  counted.set_log_bytes(db::ReadLogBytes(transaction));
  absl::MutexLock lock(&mutex_);
  counted_ = counted;
  counted_time_ = now;
  return counted;
}

}  // namespace almanac::service
