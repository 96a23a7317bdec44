// Tables of plans on their way in, and what became of them.
#ifndef ALMANAC_CLIENT_PLAN_TABLES_H_
#define ALMANAC_CLIENT_PLAN_TABLES_H_

#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "client/documents/table_plan.h"
#include "client/output.h"

namespace almanac::client {

// What the table in `file` says by the mapping in `mapping`. Errors name the file and the line; warnings are printed to
// `notes` as `FILE:LINE:COLUMN: message`, and so are the columns that are not read, and the publishers of the mapping
// whom the table does not name. Returns a usage error, with a mapping to begin with, if `mapping` is empty.
absl::StatusOr<TablePlans> ReadPlanTable(const std::string& file, const std::string& mapping, std::ostream& notes);

// Prints plans: their lines in a table or CSV, all of them in JSON or YAML, as a list.
void PrintPlans(const TablePlans& plans, const Printer& printer);

// Prints what an import did, or in a dry run would do, plan by plan, and the counts of all together.
void PrintBatchImport(const v1::BatchImportPlansResponse& response, bool dry_run, const Printer& printer);

// The error of an import of `request` with its fields named by the lines of the file.
absl::Status NameBatchLines(const absl::Status& status, const std::string& file,
                            const v1::BatchImportPlansRequest& request);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_PLAN_TABLES_H_
