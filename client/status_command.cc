#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "almanac/v1/change_service.grpc.pb.h"
#include "client/columns.h"
#include "client/commands.h"

namespace almanac::client {
namespace {

using v1::GetStatusResponse;
using v1::Replica;

// How long ago `time` was, by this computer's clock, in whole seconds.
std::string Age(const google::protobuf::Timestamp& time) {
  const absl::Time then = absl::FromUnixMicros(google::protobuf::util::TimeUtil::TimestampToMicroseconds(time));
  return absl::FormatDuration(absl::Floor(std::max(absl::Now() - then, absl::ZeroDuration()), absl::Seconds(1)));
}

Columns<Replica> ReplicaColumns(const std::string& asked) {
  const auto number = [](const char* header, auto get) -> Column<Replica> {
    return {{header, false, true},
            [get](const Replica& replica, const Style&) { return absl::StrCat((replica.*get)()); }};
  };
  return {{{"REPLICA"},
           [asked](const Replica& replica, const Style&) {
             return absl::StrCat(replica.address(), replica.id() == asked ? " (this one)" : "");
           }},
          {{"VERSION"}, [](const Replica& replica, const Style&) { return replica.server_version(); }},
          {{"UP", false, true}, [](const Replica& replica, const Style&) { return Age(replica.start_time()); }},
          {{"HEARD OF", false, true},
           [](const Replica& replica, const Style&) { return absl::StrCat(Age(replica.heartbeat_time()), " ago"); }},
          number("FEED LAG", &Replica::feed_lag),
          number("READ LAG", &Replica::read_lag),
          number("WATCHERS", &Replica::watcher_count)};
}

// The status as fields and values, and below them a line for each replica.
void PrintTables(const Printer& printer, GetStatusResponse status) {
  GetStatusResponse fields = status;
  fields.clear_replicas();
  printer.PrintMessage(fields, true);
  if (status.replicas().empty()) return;
  printer.out() << '\n';
  std::sort(status.mutable_replicas()->begin(), status.mutable_replicas()->end(),
            [](const Replica& a, const Replica& b) { return a.address() < b.address(); });
  ListOutput<Replica> list(printer, ReplicaColumns(status.replica_id()));
  list.Add(status.replicas());
  list.Finish();
}

}  // namespace

void AddStatusCommand(Program& program) {
  const Verb verb = {"status",
                     "Show where the catalogue and its servers stand",
                     "almanac status\nalmanac status -o json",
                     {Format::kTable, Format::kJson, Format::kYaml, Format::kCsv}};
  CLI::App& command = program.AddVerb(program.root(), verb, [](Session& session) -> absl::Status {
    const auto status = session.connection.Call(&v1::ChangeService::Stub::GetStatus, v1::GetStatusRequest());
    if (!status.ok()) return status.status();
    if (session.printer.format() == Format::kTable) {
      PrintTables(session.printer, *status);
    } else {
      session.printer.PrintMessage(*status, true);
    }
    return absl::OkStatus();
  });
  command.footer(absl::StrCat(
      "The replicas are the servers that were heard of within the last minute. FEED LAG is how many changes what a\n"
      "server has told its watchers is behind the head, READ LAG how many the database is that it reads from, which "
      "may\n"
      "be a copy.\n\n",
      command.get_footer()));
}

}  // namespace almanac::client
