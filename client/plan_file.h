// Plan files on their way in, and what became of them.
#ifndef ALMANAC_CLIENT_PLAN_FILE_H_
#define ALMANAC_CLIENT_PLAN_FILE_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/plan_document.pb.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "client/output.h"

namespace almanac::client {

// What messages call a file: its name, or `standard input` for `-`.
std::string NameOfFile(const std::string& file);

// The text of a file, or of standard input for `-`. Returns a usage error if it cannot be read, INVALID_ARGUMENT if it
// is larger than any plan can be.
absl::StatusOr<std::string> ReadPlanFile(const std::string& file);

// The text of `file`, whose bytes these are: of a PDF as PdfToText gives it. Errors name the file.
absl::StatusOr<std::string> PlanText(const std::string& file, const std::string& bytes);

// What the file says, a text or a PDF. Errors name the file; warnings are printed to `notes` as `FILE:LINE: message`.
absl::StatusOr<v1::PlanDocument> ReadPlan(const std::string& file, std::ostream& notes);

// Prints warnings about a file: `FILE:LINE: message`, without the line where one is about none.
void PrintWarnings(const std::string& file, const google::protobuf::RepeatedPtrField<v1::DocumentWarning>& warnings,
                   std::ostream& notes);

// The columns of a document's lines.
Columns<v1::DocumentCommitment> DocumentColumns();

// Prints a document: its lines in a table or CSV, all of it in JSON or YAML.
void PrintDocument(const v1::PlanDocument& document, const Printer& printer);

// Prints what an import did, or in a dry run would do: each line that differs, each that fits several
// datasets with the commands that settle it, then the counts.
void PrintImport(const v1::ImportPlanResponse& response, bool dry_run, const Printer& printer);

// Says to `notes` that lines fit several datasets, if some do.
void NoteAmbiguous(const v1::ImportPlanResponse& response, std::ostream& notes);

// What CSV has of an import: a record for each line that differs, and for each field of a changed one.
std::vector<TableColumn> ImportColumns();
std::vector<Row> ImportRows(const v1::ImportPlanResponse& response);

// `1 added, 2 changed, 0 removed, 86 unchanged; revision 130`.
std::string ImportCounts(const v1::ImportPlanResponse& response, bool dry_run);

// `field`, such as `document.commitments[1].number`, named by the line of the file: `FILE:LINE: number`, with the
// column if the line has one; any other field as it is.
std::string NameLine(const std::string& field, const std::string& file, const v1::PlanDocument& document);

// The error of an import with the fields of the document named by the lines of the file.
absl::Status NameLines(const absl::Status& status, const std::string& file, const v1::PlanDocument& document);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_PLAN_FILE_H_
