#include "client/kind_filter.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "almanac/v1/change.pb.h"
#include "client/checks.h"
#include "client/values.h"

namespace almanac::client {

void AddResourceFilter(CLI::App& command, std::string& resource, google::protobuf::RepeatedField<int>& kinds) {
  const auto set_kinds = [&kinds](const std::vector<std::string>& words) {
    kinds.Clear();
    for (const std::string& word : words) {
      // The command line calls a release plan a plan.
      const absl::StatusOr<int> kind =
          ParseEnum(*v1::ResourceKind_descriptor(), word == "plan" ? "release-plan" : word);
      if (!kind.ok()) throw CLI::ValidationError("--kind", std::string(kind.status().message()));
      kinds.Add(*kind);
    }
  };
  command
      .add_option("--resource", resource,
                  "Only this resource and those below it, such as publishers/swd; a publisher's id alone will do")
      ->type_name("NAME")
      ->check(NotEmpty());
  command
      .add_option_function<std::vector<std::string>>(
          "--kind", set_kinds,
          absl::StrCat("Only this kind of resource: ", EnumChoices(*v1::ResourceKind_descriptor()), "; repeatable"))
      ->type_name("WORD")
      ->allow_extra_args(false);
}

}  // namespace almanac::client
