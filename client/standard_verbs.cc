#include "client/standard_verbs.h"

#include <algorithm>

namespace almanac::client {

absl::StatusOr<std::pair<std::string, std::string>> ResolveNewName(const NamePattern& names, const std::string& name,
                                                                   const std::string& parent) {
  std::string whole_parent;
  if (!parent.empty()) {
    const absl::StatusOr<std::string> whole = names.Parent().Complete(parent);
    if (!whole.ok()) return whole.status();
    whole_parent = *whole;
  }
  const bool id_only = names.HasParent() && name.find('/') == std::string::npos;
  if (!id_only) {
    const absl::StatusOr<std::string> whole = names.Complete(name);
    if (!whole.ok()) return whole.status();
    std::pair<std::string, std::string> split = SplitName(*whole);
    if (!whole_parent.empty() && whole_parent != split.first) {
      return UsageError(absl::StrCat(*whole, " does not lie in ", whole_parent, ": leave out --", names.Parent().Noun(),
                                     " or correct it"));
    }
    return split;
  }
  if (whole_parent.empty()) {
    return UsageError(
        absl::StrCat("say where to create the ", names.Noun(), ": give its whole name or --", names.Parent().Noun()));
  }
  return std::make_pair(whole_parent, name);
}

void AddNewNameArguments(CLI::App& command, const NamePattern& names, std::string& name, std::string& parent) {
  if (!names.HasParent()) return AddNameArgument(command, names, name);
  const NamePattern parents = names.Parent();
  command
      .add_option("NAME", name,
                  absl::StrCat(names.Forms(), ", or the id alone with --", parents.Noun(),
                               "; without it the server makes an id"))
      ->type_name("");
  command.add_option(absl::StrCat("--", parents.Noun()), parent, absl::StrCat("Where to create it, ", parents.Forms()))
      ->type_name("NAME")
      ->check(NotEmpty());
}

void CopyFields(const google::protobuf::FieldMask& mask, const google::protobuf::Message& from,
                google::protobuf::Message& to) {
  to.CopyFrom(from);
  for (int i = 0; i < to.GetDescriptor()->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = to.GetDescriptor()->field(i);
    const bool masked = std::find(mask.paths().begin(), mask.paths().end(), field->name()) != mask.paths().end();
    if (!masked) to.GetReflection()->ClearField(&to, field);
  }
}

}  // namespace almanac::client
