// What a report says of editions, publishers and datasets. All of it is HTML.
#ifndef ALMANAC_CLIENT_EXPORT_REPORT_SUMMARIES_H_
#define ALMANAC_CLIENT_EXPORT_REPORT_SUMMARIES_H_

#include <string>

#include "client/export/report.h"

namespace almanac::client {

// Of one publisher: the sections of the latest edition, and the editions.
std::string EditionsHtml(const Report& report, const Language& language);

// Of all publishers: a row for each, the worst first.
std::string PublishersHtml(const Report& report, const Language& language);

// How fresh datasets are, and those that are late, which longest first.
std::string FreshnessHtml(const Report& report, const Language& language);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_EXPORT_REPORT_SUMMARIES_H_
