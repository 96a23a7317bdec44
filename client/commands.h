// The commands, one file for each noun. Each function adds its commands to `program`, which must outlive the run.
#ifndef ALMANAC_CLIENT_COMMANDS_H_
#define ALMANAC_CLIENT_COMMANDS_H_

#include "client/program.h"

namespace almanac::client {

void AddPublisherCommands(Program& program);
void AddDatasetCommands(Program& program);
// `dataset freshness` and `dataset report-updates`, added to the noun `dataset`.
void AddFreshnessCommands(Program& program, CLI::App& dataset);
// `dataset facets`, added to the noun `dataset`.
void AddFacetsCommand(Program& program, CLI::App& dataset);
void AddSearchCommand(Program& program);
// The standard verbs of plans, their publication, comparison and progress.
void AddPlanCommands(Program& program);
// `plan parse` and `plan import`, added to the noun `plan`.
void AddPlanFileCommands(Program& program, CLI::App& plan);
// `plan timeline` and `plan calendar`, added to the noun `plan`.
void AddTimelineCommand(Program& program, CLI::App& plan);
void AddCalendarCommand(Program& program, CLI::App& plan);
void AddCommitmentCommands(Program& program);
// `plan link`, added to the noun `plan`.
void AddLinkCommand(Program& program, CLI::App& plan);
void AddChangeCommands(Program& program);
void AddWatchCommand(Program& program);
void AddReportCommand(Program& program);
void AddStatusCommand(Program& program);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_COMMANDS_H_
