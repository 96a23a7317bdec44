#include "almanac/v1/change_service.grpc.pb.h"
#include "client/change_text.h"
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
    int64_t until = 0;
    int64_t limit = std::numeric_limits<int64_t>::max();
    std::string resource;
  };
  auto flags = std::make_shared<Flags>();
  const Verb verb = {"list", "List changes by revision",
                     "almanac change list --since 100 --resource publishers/swd/plans/2022-2024 --kind commitment"};
  CLI::App& command = noun.program.AddVerb(noun.app, verb, [noun, flags](Session& session) -> absl::Status {
    flags->request.set_resource_prefix(CompletePrefix(flags->resource));
    flags->request.set_start_revision(flags->since == 0 ? 0 : flags->since + 1);
    flags->request.set_end_revision(flags->until);
    return PrintPages(session, &Stub::ListChanges, flags->request, &v1::ListChangesResponse::changes,
                      ListOutput<Change>(session.printer, noun.columns), flags->limit)
        .status();
  });
  const CLI::Range revisions(int64_t{0}, std::numeric_limits<int64_t>::max() - 1);
  command.add_option("--since", flags->since, "Only changes after this revision")->type_name("REV")->check(revisions);
  command.add_option("--until", flags->until, "Only changes up to and with this revision")
      ->type_name("REV")
      ->check(revisions);
  AddResourceFilter(command, flags->resource, *flags->request.mutable_kinds());
  AddLimit(command, flags->limit);
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
