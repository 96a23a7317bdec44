// The flags that filter changes.
#ifndef ALMANAC_CLIENT_KIND_FILTER_H_
#define ALMANAC_CLIENT_KIND_FILTER_H_

#include <google/protobuf/repeated_field.h>

#include <CLI/CLI.hpp>
#include <string>

namespace almanac::client {

// Adds `--resource` and `--kind`. `kinds` collects values of v1::ResourceKind. Both must outlive `command`.
void AddResourceFilter(CLI::App& command, std::string& resource, google::protobuf::RepeatedField<int>& kinds);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_KIND_FILTER_H_
