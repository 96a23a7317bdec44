#include <optional>

#include "almanac/v1/change_service.grpc.pb.h"
#include "client/change_text.h"
#include "client/checks.h"
#include "client/commands.h"
#include "client/kind_filter.h"
#include "client/standard_verbs.h"

namespace almanac::client {
namespace {

using v1::Change;
using Stub = v1::ChangeService::Stub;

void AddChangeList(const Noun<Change>& noun) {
  struct Flags {
    v1::ListChangesRequest request;
    int64_t since = 0;
    std::optional<int64_t> until;
    int64_t limit = std::numeric_limits<int64_t>::max();
    std::string resource;
  };
  auto flags = std::make_shared<Flags>();
  const Verb verb = {"list", "List changes by revision",
                     "almanac change list --since 100 --resource publishers/swd/plans/2022-2024 --kind commitment"};
  CLI::App& command = noun.program.AddVerb(noun.app, verb, [noun, flags](Session& session) -> absl::Status {
    if (flags->until.has_value() && *flags->until < flags->since) {
      return UsageError(absl::StrCat("--until ", *flags->until, " is before --since ", flags->since));
    }
    ListOutput<Change> list(session.printer, noun.columns);
    // The server takes an end at 0 for the head, and has no other way to say that the range is empty.
    if (flags->until == flags->since) return PrintNone(session, list);
    flags->request.set_resource_prefix(CompletePrefix(flags->resource));
    // The greatest number there is has none after it.
    flags->request.set_start_revision(flags->since + (flags->since < std::numeric_limits<int64_t>::max() ? 1 : 0));
    flags->request.set_end_revision(flags->until.value_or(0));
    return PrintPages(session, &Stub::ListChanges, flags->request, &v1::ListChangesResponse::changes, list,
                      flags->limit);
  });
  command.add_option("--since", flags->since, "Only changes after this revision (all if not given)")
      ->type_name("REV")
      ->check(AtLeast(0));
  command.add_option("--until", flags->until, "Only changes up to and with this revision (all if not given)")
      ->type_name("REV")
      ->check(AtLeast(0));
  AddResourceFilter(command, flags->resource, *flags->request.mutable_kinds());
  AddLimit(command, flags->limit, "At most so many changes (all if not given)");
}

}  // namespace

void AddChangeCommands(Program& program) {
  CLI::App& app = program.AddNoun("change", "The log: who changed what, and when", "almanac change list --since 100");
  const Noun<Change> noun{program, app, ChangeNames(), ChangeColumns()};
  AddGet(noun, {"get", "Show a change, with the resource before and after", "almanac change get 12 -o json"},
         &Stub::GetChange);
  AddChangeList(noun);
}

}  // namespace almanac::client
