#pragma once

#include <string>

#include "tests/integration/catalogue_fixture.h"

namespace almanac::testing {

// Reads at moments of the past.
class HistoryTest : public CatalogueTest {
 protected:
  template <typename Request>
  static Request At(Request request, int64_t revision) {
    request.mutable_at()->set_revision(revision);
    return request;
  }
  template <typename Request>
  static Request AtTime(Request request, const google::protobuf::Timestamp& time) {
    *request.mutable_at()->mutable_time() = time;
    return request;
  }

  // Changes the English title of a dataset.
  void Retitle(const std::string& dataset, const std::string& title) {
    almanac::v1::UpdateDatasetRequest request;
    request.mutable_dataset()->set_name(dataset);
    (*request.mutable_dataset()->mutable_titles())["en"] = title;
    Do(request);
  }

  // Calls the method of the request, which must be refused with this reason or, if an argument is wrong, this field.
  template <typename Request>
  void Refuses(const Request& request, grpc::StatusCode code, const std::string& reason_or_field) {
    const grpc::Status status = Try(request);
    EXPECT_EQ(status.error_code(), code) << status.error_message();
    const bool is_argument = code == grpc::StatusCode::INVALID_ARGUMENT;
    EXPECT_EQ(is_argument ? FieldOf(status) : ReasonOf(status), reason_or_field) << status.error_message();
  }
};

}  // namespace almanac::testing
