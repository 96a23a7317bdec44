#pragma once

#include "almanac/v1/dataset_service.pb.h"
#include "client/program.h"

namespace almanac::client {

// Prints how many datasets have which values: a table for each field, with the values as filters take them; in CSV one
// list of all. What tables say besides is told on standard error for CSV.
void PrintFacets(const v1::CountFacetsResponse& counts, Session& session);

}  // namespace almanac::client
