// The flags that filter changes.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <CLI/CLI.hpp>
#include <string>

namespace almanac::client {

// Adds `--resource` and `--kind`. `kinds` collects values of v1::ResourceKind. Both must outlive `command`.
void AddResourceFilter(CLI::App& command, std::string& resource, google::protobuf::RepeatedField<int>& kinds);

// Adds `--type` and `--field`. `types` collects values of v1::Change::Type, `fields` names of fields, with `_` however
// they were written. Both must outlive `command`.
void AddChangeFilter(CLI::App& command, google::protobuf::RepeatedField<int>& types,
                     google::protobuf::RepeatedPtrField<std::string>& fields);

// Adds `--by`. `actor` must outlive `command`; `--actor` is who the user is.
void AddActorFilter(CLI::App& command, std::string& actor);

}  // namespace almanac::client
