// One resource as a list of its fields.
#ifndef ALMANAC_CLIENT_FIELDS_H_
#define ALMANAC_CLIENT_FIELDS_H_

#include <google/protobuf/message.h>

#include <string>
#include <utility>
#include <vector>

#include "client/values.h"

namespace almanac::client {

// The fields of `message` that are set, in their order, each as path and text: `target_date`, `titles.en`,
// `reschedules[1].note`. If a language was chosen, maps of languages show only that one. With `show_defaults`, plain
// fields at their default are listed too.
std::vector<std::pair<std::string, std::string>> FieldsOf(const google::protobuf::Message& message,
                                                          const Language& language, bool show_defaults);

// A field that holds one plain value (a text, number, boolean or enum) as text; empty for any other field.
std::string PlainFieldText(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_FIELDS_H_
