#include "client/list_flags.h"

#include "absl/strings/str_cat.h"
#include "client/checks.h"

namespace almanac::client {

void ParentFlag::AddTo(CLI::App& command, const NamePattern& parents) {
  command
      .add_option(absl::StrCat("--", parents.Noun()), name,
                  absl::StrCat("Only those of this ", parents.Noun(), ", ", parents.Forms()))
      ->type_name("NAME")
      ->check(NotEmpty());
}

absl::StatusOr<std::string> ParentFlag::Resolve(const NamePattern& parents) const {
  if (name.empty()) return parents.Wildcard();
  return parents.Complete(name);
}

void AddFilter(CLI::App& command, std::string& filter) {
  command.add_option("--filter", filter, "Only those that meet this condition; docs/filters.md says how it is written")
      ->type_name("CONDITION")
      ->check(NotEmpty());
}

void AddLimit(CLI::App& command, int64_t& limit, const std::string& help) {
  command.add_option("--limit", limit, help)->type_name("NUMBER")->check(AtLeast(1));
}

void ExtentFlags::AddTo(CLI::App& command, const std::string& without) {
  AddLimit(command, limit, absl::StrCat("At most so many (", without, ")"));
  command.add_flag("--all", all, "All of them, page by page, with how far it has come")
      ->excludes(command.get_option("--limit"));
}

ListExtent ExtentFlags::Extent(const ListExtent& fallback) const {
  if (all) return {.with_total = true};
  if (limit > 0) return {.limit = limit};
  return fallback;
}

ListExtent ExtentFlags::Readable(bool on_terminal) {
  if (!on_terminal) return {};
  return {.limit = kOnTerminal, .with_total = true, .how_to_get_more = "--all prints them all, --filter finds some"};
}

}  // namespace almanac::client
