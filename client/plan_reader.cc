#include "client/plan_reader.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "almanac/v1/publisher_service.grpc.pb.h"
#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "client/date_span.h"
#include "client/names.h"
#include "client/pages.h"

namespace almanac::client {
namespace {

using Publishers = v1::PublisherService::Stub;
using Plans = v1::ReleasePlanService::Stub;

absl::StatusOr<std::vector<v1::ReleasePlan>> ListPlans(Connection& connection, const std::string& publisher) {
  v1::ListReleasePlansRequest request;
  request.set_parent(publisher);
  return ReadAll(connection, &Plans::ListReleasePlans, request, &v1::ListReleasePlansResponse::mutable_release_plans);
}

absl::StatusOr<std::vector<v1::Commitment>> ListLines(Connection& connection, const std::string& publisher) {
  v1::ListCommitmentsRequest request;
  request.set_parent(absl::StrCat(publisher, "/plans/-"));
  return ReadAll(connection, &Plans::ListCommitments, request, &v1::ListCommitmentsResponse::mutable_commitments);
}

}  // namespace

absl::StatusOr<PublisherPlans> ReadPlans(Connection& connection, const std::string& publisher) {
  v1::GetPublisherRequest request;
  request.set_name(publisher);
  absl::StatusOr<v1::Publisher> found = connection.Call(&Publishers::GetPublisher, request);
  if (!found.ok()) return found.status();
  absl::StatusOr<std::vector<v1::ReleasePlan>> plans = ListPlans(connection, publisher);
  if (!plans.ok()) return plans.status();
  absl::StatusOr<std::vector<v1::Commitment>> lines = ListLines(connection, publisher);
  if (!lines.ok()) return lines.status();
  return PublisherPlans{*std::move(found), *std::move(plans), *std::move(lines)};
}

absl::StatusOr<std::vector<PublisherPlans>> ReadAllPlans(Connection& connection) {
  absl::StatusOr<std::vector<v1::Publisher>> publishers =
      ReadAll(connection, &Publishers::ListPublishers, v1::ListPublishersRequest(),
              &v1::ListPublishersResponse::mutable_publishers);
  if (!publishers.ok()) return publishers.status();
  absl::StatusOr<std::vector<v1::ReleasePlan>> plans = ListPlans(connection, PublisherNames().Wildcard());
  if (!plans.ok()) return plans.status();
  absl::StatusOr<std::vector<v1::Commitment>> lines = ListLines(connection, PublisherNames().Wildcard());
  if (!lines.ok()) return lines.status();
  std::map<std::string, PublisherPlans> all;
  for (v1::Publisher& publisher : *publishers) {
    const std::string name = publisher.name();
    all[name].publisher = std::move(publisher);
  }
  // What came after the publishers were read is left for the next time.
  for (v1::ReleasePlan& plan : *plans) {
    const auto owner = all.find(SplitName(plan.name()).first);
    if (owner != all.end()) owner->second.plans.push_back(std::move(plan));
  }
  for (v1::Commitment& line : *lines) {
    const auto owner = all.find(SplitName(SplitName(line.name()).first).first);
    if (owner != all.end()) owner->second.commitments.push_back(std::move(line));
  }
  std::vector<PublisherPlans> result;
  for (auto& [name, of_one] : all) result.push_back(std::move(of_one));
  return result;
}

absl::StatusOr<absl::CivilDay> ResolveDay(Connection& connection, const std::string& name, const std::string& as_of) {
  v1::GetProgressRequest request;
  request.set_name(name);
  request.set_as_of(as_of);
  const absl::StatusOr<v1::Progress> progress = connection.Call(&Plans::GetProgress, request);
  if (!progress.ok()) return progress.status();
  const std::optional<DateSpan> day = ParseDateSpan(progress->as_of());
  if (!day.has_value()) return absl::InternalError(absl::StrCat("the server gave no day but ", progress->as_of()));
  return day->first;
}

}  // namespace almanac::client
