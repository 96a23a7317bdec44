#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>

#include "absl/status/status.h"

namespace almanac::service {

// At most 20, each a field of some kind of resource that `changed_fields` of a change may name. The INVALID_ARGUMENT
// about another names it and the one that is likely meant.
absl::Status CheckChangedFields(const google::protobuf::RepeatedPtrField<std::string>& fields);

}  // namespace almanac::service
