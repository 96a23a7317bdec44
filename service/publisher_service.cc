#include "service/publisher_service.h"

#include "db/names.h"
#include "db/publishers.h"
#include "service/history.h"
#include "service/list_request.h"
#include "service/rpc.h"
#include "service/standard_methods.h"

namespace almanac::service {
namespace {

using almanac::v1::Change;
using almanac::v1::ListPublishersResponse;
using almanac::v1::Publisher;

constexpr std::string_view kSettable = "titles time_zone homepage";
constexpr char kDefaultTimeZone[] = "Asia/Hong_Kong";

}  // namespace

Publisher NewPublisher(const std::string& name) {
  Publisher publisher;
  publisher.set_name(name);
  publisher.set_time_zone(kDefaultTimeZone);
  return publisher;
}

Reactor* PublisherService::CreatePublisher(Context* context, const almanac::v1::CreatePublisherRequest* request,
                                           Publisher* response) {
  Publisher publisher = NewPublisher(db::PublisherName(request->publisher_id()));
  absl::Status valid = ApplyMask({}, request->publisher(), kSettable, &publisher);
  if (valid.ok()) valid = CheckPublisher(publisher);
  if (valid.ok() && !db::IsResourceId(request->publisher_id())) {
    valid = db::InvalidField("publisher_id", "is not 1 to 63 lower-case letters, digits and hyphens, such as swd");
  }
  return Write(database_, context, *request, response, valid,
               [publisher](db::WriteTransaction& transaction) { return db::InsertPublisher(transaction, publisher); });
}

Reactor* PublisherService::GetPublisher(Context* context, const almanac::v1::GetPublisherRequest* request,
                                        Publisher* response) {
  return Read(database_, context, *request, response, db::CheckName("name", db::kPublisherPattern, request->name()),
              [request](db::Transaction& transaction) {
                return GetAt(transaction, *request, [&] { return db::ReadPublisher(transaction, request->name()); });
              });
}

Reactor* PublisherService::ListPublishers(Context* context, const almanac::v1::ListPublishersRequest* request,
                                          ListPublishersResponse* response) {
  const auto by_name = [request](db::Transaction& transaction, const PageRequest& page) {
    return ToPageByName(page, db::ListPublishers(transaction, ToDbPage(*request, page)));
  };
  return List(database_, context, request, response, absl::OkStatus(),
              ListedNoun<Publisher, ListPublishersResponse>{.kind = almanac::v1::PUBLISHER,
                                                            .fields = db::PublisherFields(),
                                                            .pattern = db::kPublisherPattern,
                                                            .source = db::PublisherSource(),
                                                            .resources = &ListPublishersResponse::mutable_publishers,
                                                            .position_size = 1,
                                                            .by_query = db::ListPublishersByQuery,
                                                            .keep = db::KeepPublishers},
              by_name, db::ListPublishers);
}

Reactor* PublisherService::UpdatePublisher(Context* context, const almanac::v1::UpdatePublisherRequest* request,
                                           Publisher* response) {
  return Write(database_, context, *request, response,
               db::CheckName("publisher.name", db::kPublisherPattern, request->publisher().name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Publisher> {
                 const Publisher& patch = request->publisher();
                 const auto before = Live(db::ReadPublisher(transaction, patch.name()), patch.etag());
                 if (!before.ok()) return before;
                 Publisher after = *before;
                 absl::Status valid = ApplyMask(request->update_mask(), patch, kSettable, &after);
                 if (valid.ok()) valid = CheckPublisher(after);
                 if (!valid.ok()) return valid;
                 return db::UpdatePublisher(transaction, Change::UPDATED, *before, after);
               });
}

Reactor* PublisherService::DeletePublisher(Context* context, const almanac::v1::DeletePublisherRequest* request,
                                           Publisher* response) {
  return Write(database_, context, *request, response, db::CheckName("name", db::kPublisherPattern, request->name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Publisher> {
                 const auto before = Live(db::ReadPublisher(transaction, request->name()), request->etag());
                 if (!before.ok()) return before;
                 if (db::HasLiveChildren(transaction, request->name())) {
                   return db::FailedPrecondition("HAS_CHILDREN", request->name(),
                                                 request->name() + " has datasets or plans; delete them first");
                 }
                 return db::UpdatePublisher(transaction, Change::DELETED, *before,
                                            WithDeleteTime(*before, transaction));
               });
}

Reactor* PublisherService::UndeletePublisher(Context* context, const almanac::v1::UndeletePublisherRequest* request,
                                             Publisher* response) {
  return Write(database_, context, *request, response, db::CheckName("name", db::kPublisherPattern, request->name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Publisher> {
                 const auto before = Deleted(db::ReadPublisher(transaction, request->name()), request->etag());
                 if (!before.ok()) return before;
                 return db::UpdatePublisher(transaction, Change::UNDELETED, *before, WithoutDeleteTime(*before));
               });
}

}  // namespace almanac::service
