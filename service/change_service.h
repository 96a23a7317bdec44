#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "absl/synchronization/mutex.h"
#include "almanac/v1/change_service.grpc.pb.h"
#include "db/database.h"
#include "service/change_feed.h"
#include "service/rpc.h"

namespace almanac::service {

// The generated service with Watch in its raw form: the server hands out bytes that were serialised once.
using ChangeServiceBase = almanac::v1::ChangeService::WithRawCallbackMethod_Watch<
    almanac::v1::ChangeService::WithCallbackMethod_GetChange<almanac::v1::ChangeService::WithCallbackMethod_ListChanges<
        almanac::v1::ChangeService::WithCallbackMethod_GetStatus<almanac::v1::ChangeService::Service>>>>;

// See proto/almanac/v1/change_service.proto. Thread-safe.
class ChangeService final : public ChangeServiceBase {
 public:
  ChangeService(db::Database& database, ChangeFeed& feed, std::string version, std::string replica_id,
                almanac::v1::RetentionPolicy retention);

  Reactor* GetChange(Context* context, const almanac::v1::GetChangeRequest* request,
                     almanac::v1::Change* response) override;
  Reactor* ListChanges(Context* context, const almanac::v1::ListChangesRequest* request,
                       almanac::v1::ListChangesResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(Context* context, const grpc::ByteBuffer* request) override;
  Reactor* GetStatus(Context* context, const almanac::v1::GetStatusRequest* request,
                     almanac::v1::GetStatusResponse* response) override;

 private:
  // Where the primary and this server stand.
  almanac::v1::GetStatusResponse ReadStatus(db::Transaction& transaction);
  // The counts and the size of the log, some seconds old at most: monitors ask often, and each count reads every
  // resource.
  almanac::v1::GetStatusResponse Counted(db::Transaction& transaction);

  db::Database& database_;
  ChangeFeed& feed_;
  const std::string version_;
  const std::string replica_id_;
  const almanac::v1::RetentionPolicy retention_;
  const absl::Time start_time_;
  absl::Mutex mutex_;
  std::optional<almanac::v1::GetStatusResponse> counted_ ABSL_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point counted_time_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace almanac::service
