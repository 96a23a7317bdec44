#pragma once

#include "almanac/v1/dataset_service.grpc.pb.h"
#include "db/database.h"
#include "service/frequent_words.h"
#include "service/list_request.h"
#include "service/rpc.h"

namespace almanac::service {

// Of more hits than these, none is best: they are listed by name. As many as are counted, so that one count tells both.
inline constexpr int64_t kMaxRanked = kMaxCounted;
// Up to here, what the words of a list's filter find is read before all else. Of more, the list in its order has a page
// soon enough.
inline constexpr int64_t kMaxFoundFirst = 5000;

// See proto/almanac/v1/dataset_service.proto. Thread-safe.
class DatasetService final : public almanac::v1::DatasetService::CallbackService {
 public:
  explicit DatasetService(db::Database& database) : database_(database) {}

  Reactor* CreateDataset(Context* context, const almanac::v1::CreateDatasetRequest* request,
                         almanac::v1::Dataset* response) override;
  Reactor* GetDataset(Context* context, const almanac::v1::GetDatasetRequest* request,
                      almanac::v1::Dataset* response) override;
  Reactor* BatchGetDatasets(Context* context, const almanac::v1::BatchGetDatasetsRequest* request,
                            almanac::v1::BatchGetDatasetsResponse* response) override;
  Reactor* ListDatasets(Context* context, const almanac::v1::ListDatasetsRequest* request,
                        almanac::v1::ListDatasetsResponse* response) override;
  Reactor* UpdateDataset(Context* context, const almanac::v1::UpdateDatasetRequest* request,
                         almanac::v1::Dataset* response) override;
  Reactor* DeleteDataset(Context* context, const almanac::v1::DeleteDatasetRequest* request,
                         almanac::v1::Dataset* response) override;
  Reactor* UndeleteDataset(Context* context, const almanac::v1::UndeleteDatasetRequest* request,
                           almanac::v1::Dataset* response) override;
  Reactor* ReportUpdate(Context* context, const almanac::v1::ReportUpdateRequest* request,
                        almanac::v1::Dataset* response) override;
  Reactor* BatchReportUpdates(Context* context, const almanac::v1::BatchReportUpdatesRequest* request,
                              almanac::v1::BatchReportUpdatesResponse* response) override;
  Reactor* CountFreshness(Context* context, const almanac::v1::CountFreshnessRequest* request,
                          almanac::v1::CountFreshnessResponse* response) override;
  Reactor* SearchDatasets(Context* context, const almanac::v1::SearchDatasetsRequest* request,
                          almanac::v1::SearchDatasetsResponse* response) override;
  Reactor* CountFacets(Context* context, const almanac::v1::CountFacetsRequest* request,
                       almanac::v1::CountFacetsResponse* response) override;

 private:
  // db::ListDatasetsByQuery; but what the words of the filter find, if it is little, is read first.
  absl::StatusOr<db::ListPart<db::StoredDataset>> ListByQuery(db::Transaction& transaction, db::ListQuery query,
                                                              const std::optional<db::ListPosition>& after, int limit,
                                                              const db::AsOfRevision<almanac::v1::Dataset>* as_of);

  db::Database& database_;
  FrequentWords frequent_words_{kMaxFoundFirst};
};

}  // namespace almanac::service
