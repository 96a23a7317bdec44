#pragma once

#include "almanac/v1/publisher_service.grpc.pb.h"
#include "db/database.h"
#include "service/rpc.h"

namespace almanac::service {

// A publisher of this name with the defaults of what a client may leave out, still without a title.
almanac::v1::Publisher NewPublisher(const std::string& name);

// See proto/almanac/v1/publisher_service.proto. Thread-safe.
class PublisherService final : public almanac::v1::PublisherService::CallbackService {
 public:
  explicit PublisherService(db::Database& database) : database_(database) {}

  Reactor* CreatePublisher(Context* context, const almanac::v1::CreatePublisherRequest* request,
                           almanac::v1::Publisher* response) override;
  Reactor* GetPublisher(Context* context, const almanac::v1::GetPublisherRequest* request,
                        almanac::v1::Publisher* response) override;
  Reactor* ListPublishers(Context* context, const almanac::v1::ListPublishersRequest* request,
                          almanac::v1::ListPublishersResponse* response) override;
  Reactor* UpdatePublisher(Context* context, const almanac::v1::UpdatePublisherRequest* request,
                           almanac::v1::Publisher* response) override;
  Reactor* DeletePublisher(Context* context, const almanac::v1::DeletePublisherRequest* request,
                           almanac::v1::Publisher* response) override;
  Reactor* UndeletePublisher(Context* context, const almanac::v1::UndeletePublisherRequest* request,
                             almanac::v1::Publisher* response) override;

 private:
  db::Database& database_;
};

}  // namespace almanac::service
