#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <string>

#include "tests/fuzz/random.h"

namespace almanac::fuzz {

// Gives the resource this name and some of its fields, sensible or not, and the mask paths, right or wrong.
void FillUpdate(const std::string& name, Random& random, google::protobuf::Message* resource,
                google::protobuf::FieldMask* mask);

}  // namespace almanac::fuzz
