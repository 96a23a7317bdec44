#include <cstdint>
#include <limits>
#include <memory>

#include "almanac/v1/change_service.grpc.pb.h"
#include "client/change_text.h"
#include "client/commands.h"
#include "client/kind_filter.h"
#include "client/list_flags.h"
#include "client/moment.h"
#include "client/paged_list.h"
#include "client/standard_verbs.h"

namespace almanac::client {
namespace {

using v1::Change;
using Stub = v1::ChangeService::Stub;

void AddChangeList(const Noun<Change>& noun) {
  struct Flags {
    v1::ListChangesRequest request;
    SpanFlags span;
    int64_t limit = std::numeric_limits<int64_t>::max();
    std::string resource;
  };
  auto flags = std::make_shared<Flags>();
  const Verb verb = {"list", "List changes by revision",
                     "almanac change list --since 100 --resource publishers/swd/plans/2022-2024 --kind commitment\n"
                     "almanac change list --since 2022-07-01 --until 2022-07-31 --by siu --type rescheduled"};
  CLI::App& command = noun.program.AddVerb(noun.app, verb, [noun, flags](Session& session) -> absl::Status {
    const absl::StatusOr<bool> may_hold = flags->span.Fill(flags->request);
    if (!may_hold.ok()) return may_hold.status();
    ListOutput<Change> list(session.printer, noun.columns);
    if (!*may_hold) return PrintNone(session, list);
    flags->request.set_resource_prefix(CompletePrefix(flags->resource));
    return PrintPages(session, &Stub::ListChanges, flags->request, &v1::ListChangesResponse::changes, list,
                      {.limit = flags->limit});
  });
  flags->span.AddTo(command);
  AddResourceFilter(command, flags->resource, *flags->request.mutable_kinds());
  AddChangeFilter(command, *flags->request.mutable_types(), *flags->request.mutable_changed_fields());
  AddActorFilter(command, *flags->request.mutable_actor());
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
