// What a report says of single promises. All of it is HTML; what would be an empty table is a sentence.
#ifndef ALMANAC_CLIENT_EXPORT_REPORT_TABLES_H_
#define ALMANAC_CLIENT_EXPORT_REPORT_TABLES_H_

#include <map>
#include <string>
#include <vector>

#include "client/export/report.h"

namespace almanac::client {

// The promises of each publisher on the day of the report, by the publisher's name.
using PromisesByPublisher = std::map<std::string, std::vector<Promise>>;

// The part of the page on one publisher, for links: `late-swd`.
std::string AnchorOf(const std::string& publisher);

// What is overdue, longest first; of every publisher, under a heading for each.
std::string OverdueHtml(const Report& report, const PromisesByPublisher& promises, const Language& language);

// Every move and every cancellation with its reason, latest first, after a count of the reasons.
std::string SlipsHtml(const Report& report, const PromisesByPublisher& promises, const Language& language);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_EXPORT_REPORT_TABLES_H_
