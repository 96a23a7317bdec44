#pragma once

#include <string>

#include "almanac/v1/plan_document.pb.h"

namespace almanac::client {

// The document in protobuf's JSON mapping, indented, ending with a line end. Fields without a value are there too, so
// that every line has the same keys.
std::string PlanDocumentToJson(const v1::PlanDocument& document);

}  // namespace almanac::client
