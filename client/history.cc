#include "client/history.h"

#include <ostream>
#include <vector>

#include "almanac/v1/change_service.grpc.pb.h"
#include "client/change_text.h"
#include "client/kind_filter.h"
#include "client/list_flags.h"
#include "client/paged_list.h"

namespace almanac::client {
namespace {

// For people, each change with what it changed below it; else as any list of changes.
class HistoryOutput {
 public:
  explicit HistoryOutput(Session& session) : session_(session), list_(session.printer, ChangeColumns()) {}

  template <typename Range>
  void Add(const Range& changes) {
    if (session_.printer.format() != Format::kTable) return list_.Add(changes);
    for (const v1::Change& change : changes) {
      session_.printer.out() << ChangeBlock(change, session_.printer.style());
    }
  }

  void Finish() {
    if (session_.printer.format() != Format::kTable) list_.Finish();
  }

 private:
  Session& session_;
  ListOutput<v1::Change> list_;
};

absl::Status PrintNone(Session& session, HistoryOutput& output) {
  output.Finish();
  if (session.printer.format() == Format::kTable) session.notes << "there are none\n";
  return absl::OkStatus();
}

}  // namespace

void HistoryFlags::AddTo(CLI::App& command) {
  span.AddTo(command);
  AddChangeFilter(command, *request.mutable_types(), *request.mutable_changed_fields());
  AddActorFilter(command, *request.mutable_actor());
  AddLimit(command, limit, "At most so many changes, the oldest (all if not given)");
}

absl::Status PrintHistory(Session& session, const std::string& name, v1::ResourceKind kind, const HistoryFlags& flags) {
  HistoryOutput output(session);
  v1::ListChangesRequest request = flags.request;
  const absl::StatusOr<bool> may_hold = flags.span.Fill(request);
  if (!may_hold.ok()) return may_hold.status();
  if (!*may_hold) return PrintNone(session, output);
  request.set_resource_prefix(name);
  request.add_kinds(kind);
  request.set_show_compacted(true);
  return PrintPages(session, &v1::ChangeService::Stub::ListChanges, request, &v1::ListChangesResponse::changes, output,
                    {.limit = flags.limit});
}

}  // namespace almanac::client
