// Messages as JSON, by protobuf's own mapping, and as YAML.
#ifndef ALMANAC_CLIENT_JSON_H_
#define ALMANAC_CLIENT_JSON_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

namespace almanac::client {

// `message` in proto3's JSON mapping with lowerCamelCase names; fields at their default are left out. The same message
// always gives the same text. `indent` is the spaces per level; -1 puts all on one line. Ends without a line break.
std::string ToJson(const google::protobuf::Message& message, int indent);

// The JSON text `json` with this indentation; `json` must be valid.
std::string Reindent(std::string_view json, int indent);

// The YAML block form of the JSON text `json`, keys in the same order, with quotes wherever YAML would otherwise read a
// string as something else. Ends without a line break. `json` must be valid.
std::string JsonToYaml(std::string_view json);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_JSON_H_
