#include "client/kind_filter.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "almanac/v1/change.pb.h"
#include "client/checks.h"
#include "client/values.h"

namespace almanac::client {

namespace {

// Adds a flag that collects values of `type`. `alias` may turn a word into another.
void AddWords(CLI::App& command, const std::string& flag, const std::string& help,
              const google::protobuf::EnumDescriptor& type, google::protobuf::RepeatedField<int>& values,
              std::string (*alias)(const std::string&)) {
  const auto set = [flag, &type, &values, alias](const std::vector<std::string>& words) {
    values.Clear();
    for (const std::string& word : words) {
      const absl::StatusOr<int> value = ParseEnum(type, alias(word));
      if (!value.ok()) throw CLI::ValidationError(flag, std::string(value.status().message()));
      values.Add(*value);
    }
  };
  command
      .add_option_function<std::vector<std::string>>(flag, set,
                                                     absl::StrCat(help, ": ", EnumChoices(type), "; repeatable"))
      ->type_name("WORD")
      ->allow_extra_args(false);
}

// The command line calls a release plan a plan.
std::string KindWord(const std::string& word) { return word == "plan" ? "release-plan" : word; }

std::string TypeWord(const std::string& word) { return word; }

}  // namespace

void AddResourceFilter(CLI::App& command, std::string& resource, google::protobuf::RepeatedField<int>& kinds) {
  command
      .add_option("--resource", resource,
                  "Only this resource and those below it, such as publishers/swd; a publisher's id alone will do")
      ->type_name("NAME")
      ->check(NotEmpty());
  AddWords(command, "--kind", "Only this kind of resource", *v1::ResourceKind_descriptor(), kinds, KindWord);
}

void AddChangeFilter(CLI::App& command, google::protobuf::RepeatedField<int>& types,
                     google::protobuf::RepeatedPtrField<std::string>& fields) {
  AddWords(command, "--type", "Only changes of this type", *v1::Change::Type_descriptor(), types, TypeWord);
  const auto set_fields = [&fields](const std::vector<std::string>& names) {
    fields.Clear();
    for (const std::string& name : names) *fields.Add() = absl::StrReplaceAll(name, {{"-", "_"}});
  };
  command
      .add_option_function<std::vector<std::string>>(
          "--field", set_fields, "Only changes of this field, such as target_date; repeatable, one of them is enough")
      ->type_name("FIELD")
      ->allow_extra_args(false)
      ->check(NotEmpty());
}

void AddActorFilter(CLI::App& command, std::string& actor) {
  command.add_option("--by", actor, "Only changes by this actor")->type_name("NAME")->check(NotEmpty());
}

}  // namespace almanac::client
