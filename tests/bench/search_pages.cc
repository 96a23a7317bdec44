#include "tests/bench/search_pages.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/load.h"
#include "tests/bench/workloads.h"

namespace almanac::bench {
namespace {

using almanac::v1::DatasetService;
using almanac::v1::ListDatasetsRequest;
using almanac::v1::ListDatasetsResponse;

absl::StatusOr<double> CallOnce(DatasetService::Stub& datasets, const ListDatasetsRequest& request,
                                ListDatasetsResponse* page) {
  grpc::ClientContext context;
  context.AddMetadata("x-almanac-actor", "bench");
  const double begin = Now();
  const grpc::Status status = datasets.ListDatasets(&context, request, page);
  if (!status.ok()) return FromGrpc(status);
  return (Now() - begin) * 1000;
}

absl::StatusOr<std::vector<double>> CallOften(DatasetService::Stub& datasets, const ListDatasetsRequest& request,
                                              int calls) {
  std::vector<double> times;
  ListDatasetsResponse page;
  for (int i = 0; i < calls; ++i) {
    const auto time = CallOnce(datasets, request, &page);
    if (!time.ok()) return time.status();
    times.push_back(*time);
  }
  return times;
}

// The request of the last page, by going there.
absl::StatusOr<ListDatasetsRequest> Walk(DatasetService::Stub& datasets, ListDatasetsRequest request, int last_page) {
  absl::flat_hash_set<std::string> names;
  ListDatasetsResponse page;
  for (int number = 1; number < last_page; ++number) {
    if (const auto time = CallOnce(datasets, request, &page); !time.ok()) return time.status();
    for (const auto& dataset : page.datasets()) {
      if (!names.insert(dataset.name()).second) {
        return absl::InternalError(absl::StrCat(dataset.name(), " is met twice, again on page ", number));
      }
    }
    if (page.next_page_token().empty()) return absl::InternalError(absl::StrCat("the walk ends at page ", number));
    request.set_page_token(page.next_page_token());
  }
  return request;
}

}  // namespace

absl::StatusOr<std::string> MeasurePages(DatasetService::Stub& datasets, const PagesOptions& options) {
  std::string table = absl::StrFormat("    %-24s %9s %9s %9s %9s %7s\n    %-24s %9s %9s %9s %9s %7s\n", "", "page 1",
                                      "", absl::StrCat("page ", options.last_page), "", "", "", "p50 ms", "p99 ms",
                                      "p50 ms", "p99 ms", "ratio");
  for (const char* order : {"", "release_date desc", "update_time desc"}) {
    ListDatasetsRequest request;
    request.set_parent("publishers/-");
    request.set_order_by(order);
    request.set_page_size(options.page_size);
    request.mutable_consistency()->set_strong(true);
    const auto last = Walk(datasets, request, options.last_page);
    if (!last.ok()) return last.status();
    const auto first_times = CallOften(datasets, request, options.calls);
    if (!first_times.ok()) return first_times.status();
    const auto last_times = CallOften(datasets, *last, options.calls);
    if (!last_times.ok()) return last_times.status();
    const double first_p50 = Quantile(*first_times, 0.5);
    const double last_p50 = Quantile(*last_times, 0.5);
    absl::StrAppendFormat(&table, "    %-24s %9.2f %9.2f %9.2f %9.2f %7.2f\n", *order == '\0' ? "by name" : order,
                          first_p50, Quantile(*first_times, 0.99), last_p50, Quantile(*last_times, 0.99),
                          last_p50 / first_p50);
  }
  return table;
}

}  // namespace almanac::bench
