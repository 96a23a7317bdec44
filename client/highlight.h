// Texts in pieces, of which some were searched for.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <vector>

#include "almanac/v1/dataset_service.pb.h"

namespace almanac::client {

// The pieces as one text.
std::string TextOf(const google::protobuf::RepeatedPtrField<v1::TextPiece>& pieces);

// The pieces in lines of at most `width` columns, as WrapToWidth makes them, or in one line for a width of 0. What was
// searched for stands in a terminal's reverse video if `highlight` says so. At least one line.
std::vector<std::string> LinesOf(const google::protobuf::RepeatedPtrField<v1::TextPiece>& pieces, int width,
                                 bool highlight);

}  // namespace almanac::client
