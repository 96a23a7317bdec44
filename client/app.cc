#include "client/app.h"

#include "client/commands.h"
#include "client/output.h"
#include "client/program.h"

namespace almanac::client {

int Run(int argc, char** argv, std::ostream& out, std::ostream& err) {
  Program program(out, err, TerminalWidth(out));
  AddPlanCommands(program);
  AddCommitmentCommands(program);
  AddDatasetCommands(program);
  AddPublisherCommands(program);
  AddSearchCommand(program);
  AddChangeCommands(program);
  AddWatchCommand(program);
  AddReportCommand(program);
  AddStatusCommand(program);
  return program.Run(argc, argv);
}

}  // namespace almanac::client
