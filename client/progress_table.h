// A plan's progress for people.
#ifndef ALMANAC_CLIENT_PROGRESS_TABLE_H_
#define ALMANAC_CLIENT_PROGRESS_TABLE_H_

#include <string>

#include "almanac/v1/release_plan_service.pb.h"
#include "client/output.h"

namespace almanac::client {

// Prints `progress`: in a table or CSV one row for each section and one for the total.
void PrintProgress(const v1::Progress& progress, const Printer& printer);

// The percentage that `part` is of `whole` and a bar of ten blocks, both rounded down, so that only all of it is 100 %;
// empty if there is nothing to count.
std::string Bar(int part, int whole);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_PROGRESS_TABLE_H_
