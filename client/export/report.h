// The report on promises: one page that needs nothing but itself.
#ifndef ALMANAC_CLIENT_EXPORT_REPORT_H_
#define ALMANAC_CLIENT_EXPORT_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/dataset_service.pb.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "client/promises.h"
#include "client/values.h"

namespace almanac::client {

// What a report is made of: what the server answered.
struct Report {
  // The publisher reported on, or every one.
  std::vector<PublisherPlans> publishers;
  // Whether every publisher is reported on, though there may be just one.
  bool all = false;
  // The day that promises are judged by.
  absl::CivilDay as_of;
  // The progress on that day, of what is reported on.
  v1::Progress progress;
  // The same on earlier days and on that day, oldest first.
  std::vector<v1::Progress> history;
  // Of one publisher: the progress of its latest edition, with its sections; absent if it has none.
  std::optional<v1::Progress> edition;
  // How fresh the datasets were at `time`.
  v1::CountFreshnessResponse freshness;
  // The datasets whose updates are late or very late.
  std::vector<v1::Dataset> late_datasets;
  // When the report was made, and the revisions of the catalogue before and after it was read.
  absl::Time time;
  std::string catalogue_id;
  int64_t first_revision = 0;
  int64_t last_revision = 0;
};

// The days on which a report looks back: the ends of months from the first publication on, or of every third, sixth or
// twelfth month if they would be too many, and last `as_of`.
std::vector<absl::CivilDay> LookBackDays(const std::vector<PublisherPlans>& publishers, absl::CivilDay as_of);

// The latest edition of `plans` that was published by `day`; null if there is none.
const v1::ReleasePlan* LatestEdition(const PublisherPlans& plans, absl::CivilDay day);

// The page. It is valid HTML, well-formed XML, and has no script; texts are in `language` where there are several.
std::string ReportPage(const Report& report, const Language& language);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_EXPORT_REPORT_H_
