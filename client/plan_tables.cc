#include "client/plan_tables.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/documents/mapping.h"
#include "client/documents/plan_json.h"
#include "client/documents/table_columns.h"
#include "client/documents/table_file.h"
#include "client/errors.h"
#include "client/json.h"
#include "client/plan_file.h"
#include "client/text_width.h"

namespace almanac::client {
namespace {

absl::Status NeedsMapping(const std::string& name, const std::string& bytes) {
  const absl::StatusOr<SourceTable> table = ReadTable(bytes, name, "", 0);
  if (!table.ok()) return table.status();
  return UsageError(absl::StrCat(name, " is a table: say in a file what its columns mean, and name it with --mapping. ",
                                 "For example (docs/tables.md has more):\n", SkeletonMapping(*table)));
}

void TellWarnings(const std::string& name, const TablePlans& plans, std::ostream& notes) {
  for (const v1::DocumentWarning& warning : plans.warnings) {
    notes << TablePlace(name, warning.line(), warning.column()) << ": " << OneLine(warning.message()) << "\n";
  }
  if (!plans.unnamed.empty()) {
    notes << name << ": the mapping has ids for these publishers, whom the table does not name: "
          << OneLine(absl::StrJoin(plans.unnamed, ", ")) << "\n";
  }
  if (plans.unread.empty()) return;
  notes << name << ": the mapping does not name these columns, and they are not read: "
        << OneLine(absl::StrJoin(plans.unread, ", ")) << "\n";
}

std::string DocumentsJson(const TablePlans& plans) {
  const auto add = [](std::string* out, const TablePlan& plan) { out->append(PlanDocumentToJson(plan.document)); };
  return absl::StrCat("[", absl::StrJoin(plans.plans, ",", add), "]");
}

void PrintPlansCsv(const TablePlans& plans, const Printer& printer) {
  const Columns<v1::DocumentCommitment> columns = DocumentColumns();
  std::vector<TableColumn> looks = {{"PUBLISHER"}};
  for (const auto& column : columns) looks.push_back(column.look);
  const auto writer = printer.MakeWriter(std::move(looks));
  for (const TablePlan& plan : plans.plans) {
    std::vector<Row> rows;
    for (const v1::DocumentCommitment& line : plan.document.commitments()) {
      rows.push_back({&line, {plan.document.publisher_title()}});
      for (const auto& column : columns) rows.back().cells.push_back(column.cell(line, printer.style()));
    }
    writer->Write(rows);
  }
  writer->Finish();
}

}  // namespace

absl::StatusOr<TablePlans> ReadPlanTable(const std::string& file, const std::string& mapping, std::ostream& notes) {
  if (file == "-" && mapping == "-") return UsageError("only one of the table and its mapping can be standard input");
  const std::string name = NameOfFile(file);
  const absl::StatusOr<std::string> bytes = ReadPlanFile(file);
  if (!bytes.ok()) return bytes.status();
  if (mapping.empty()) return NeedsMapping(name, *bytes);
  const absl::StatusOr<std::string> text = ReadPlanFile(mapping);
  if (!text.ok()) return text.status();
  const absl::StatusOr<Mapping> columns = ParseMapping(*text, NameOfFile(mapping));
  if (!columns.ok()) return columns.status();
  const absl::StatusOr<SourceTable> table = ReadTable(*bytes, name, columns->sheet, columns->header_row);
  if (!table.ok()) return table.status();
  absl::StatusOr<TablePlans> plans = ReadTablePlans(*table, *columns);
  if (plans.ok()) TellWarnings(name, *plans, notes);
  return plans;
}

void PrintPlans(const TablePlans& plans, const Printer& printer) {
  switch (printer.format()) {
    case Format::kJson:
      printer.out() << Reindent(DocumentsJson(plans), 2) << "\n";
      return;
    case Format::kYaml:
      printer.out() << JsonToYaml(DocumentsJson(plans)) << "\n";
      return;
    case Format::kCsv:
      return PrintPlansCsv(plans, printer);
    default:
      break;
  }
  int lines = 0;
  for (const TablePlan& plan : plans.plans) {
    PrintDocument(plan.document, printer);
    printer.out() << "\n";
    lines += plan.document.commitments_size();
  }
  if (plans.plans.size() < 2) return;
  printer.out() << "total: " << plans.plans.size() << " plans, " << lines << " lines, " << plans.warnings.size()
                << " warnings\n";
}

void PrintBatchImport(const v1::BatchImportPlansResponse& response, bool dry_run, const Printer& printer) {
  if (printer.format() == Format::kJson || printer.format() == Format::kYaml) return printer.PrintMessage(response);
  if (printer.format() == Format::kCsv) {
    const auto writer = printer.MakeWriter(ImportColumns());
    for (const v1::ImportPlanResponse& one : response.responses()) writer->Write(ImportRows(one));
    writer->Finish();
    return;
  }
  v1::ImportPlanResponse total;
  for (const v1::ImportPlanResponse& one : response.responses()) {
    PrintImport(one, dry_run, printer);
    total.set_added_count(total.added_count() + one.added_count());
    total.set_changed_count(total.changed_count() + one.changed_count());
    total.set_removed_count(total.removed_count() + one.removed_count());
    total.set_unchanged_count(total.unchanged_count() + one.unchanged_count());
    total.set_revision(std::max(total.revision(), one.revision()));
  }
  if (printer.format() != Format::kTable || response.responses_size() < 2) return;
  printer.out() << (dry_run ? "dry run, nothing was changed: " : "") << "total of " << response.responses_size()
                << " plans: " << ImportCounts(total, dry_run) << "\n";
}

absl::Status NameBatchLines(const absl::Status& status, const std::string& file,
                            const v1::BatchImportPlansRequest& request) {
  constexpr std::string_view kRequests = "requests[";
  return RenameFields(status, [&](const std::string& field) {
    const size_t end = field.find("].");
    int index = -1;
    const bool is_document = field.rfind(kRequests, 0) == 0 && end != std::string::npos &&
                             absl::SimpleAtoi(field.substr(kRequests.size(), end - kRequests.size()), &index) &&
                             index >= 0 && index < request.requests_size();
    if (!is_document) return field;
    const v1::PlanDocument& document = request.requests(index).document();
    const std::string inner = field.substr(end + 2);
    const std::string named = NameLine(inner, file, document);
    if (named != inner) return named;
    return absl::StrCat(NameOfFile(file), ": the plan of ", document.publisher_title(), ": ", inner);
  });
}

}  // namespace almanac::client
