#include "almanac/v1/change_service.grpc.pb.h"
#include "client/commands.h"

namespace almanac::client {

void AddStatusCommand(Program& program) {
  const Verb verb = {"status",
                     "Show where the catalogue and the server stand",
                     "almanac status -o json",
                     {Format::kTable, Format::kJson, Format::kYaml, Format::kCsv}};
  program.AddVerb(program.root(), verb, [](Session& session) -> absl::Status {
    const auto status = session.connection.Call(&v1::ChangeService::Stub::GetStatus, v1::GetStatusRequest());
    if (!status.ok()) return status.status();
    session.printer.PrintMessage(*status, true);
    return absl::OkStatus();
  });
}

}  // namespace almanac::client
