// How two editions of a plan differ, for people.
#ifndef ALMANAC_CLIENT_PLAN_DIFF_H_
#define ALMANAC_CLIENT_PLAN_DIFF_H_

#include "almanac/v1/release_plan_service.pb.h"
#include "client/output.h"

namespace almanac::client {

// Prints `diff`: in a table under a heading for each kind, each promise once, then the counts; in CSV a row for each
// field that differs.
void PrintDiff(const v1::PlanDiff& diff, const Printer& printer);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_PLAN_DIFF_H_
