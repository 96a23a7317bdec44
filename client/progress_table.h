// Progress for people.
#ifndef ALMANAC_CLIENT_PROGRESS_TABLE_H_
#define ALMANAC_CLIENT_PROGRESS_TABLE_H_

#include "almanac/v1/release_plan_service.pb.h"
#include "client/output.h"

namespace almanac::client {

// Prints `progress`: in a table or CSV one row for each section, edition or publisher and one for the total. Tables
// show what fits 120 columns, on a narrower terminal fewer columns rather than parts of figures; CSV has all.
void PrintProgress(const v1::Progress& progress, const Printer& printer);

// What the columns of the table say, for help.
inline constexpr char kProgressLegend[] =
    R"(Columns: DROPPED by the next edition without a word; ON TIME and BY FIRST are the shares of what was due that was
released in time, by the last target and by the first; SLIP is the median of the months from the first target to the
release; REASON is the share of MOVES with a reason on record. The total of several editions counts a promise that they
share once. A narrow terminal shows fewer columns, CSV has more.)";

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_PROGRESS_TABLE_H_
