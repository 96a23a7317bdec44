#include <unistd.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "client/checks.h"
#include "client/commands.h"
#include "client/documents/pdf_boxes.h"
#include "client/documents/table_file.h"
#include "client/errors.h"
#include "client/mutation.h"
#include "client/names.h"
#include "client/plan_file.h"
#include "client/plan_tables.h"

namespace almanac::client {
namespace {

constexpr char kFileHelp[] =
    "The plan: its PDF, where line 3012 is row 12 of page 3, its text, or a table (.csv, .tsv or .xlsx); - for standard"
    " input";

void AddMapping(CLI::App& command, std::string& mapping) {
  command.add_option("--mapping", mapping, "What the columns of a table mean, in YAML: see docs/tables.md")
      ->type_name("FILE")
      ->check(NotEmpty());
}

// Whether the file is read as a table. Returns a usage error if it is none, but has a mapping.
absl::StatusOr<bool> IsTable(const std::string& file, const std::string& mapping) {
  if (IsTableFile(file) || (file == "-" && !mapping.empty())) return true;
  if (mapping.empty()) return false;
  return UsageError(absl::StrCat("--mapping is for tables, and ", file, " ends with none of .csv, .tsv and .xlsx"));
}

struct ParseFlags {
  std::string file;
  std::string mapping;
};

absl::Status Parse(const ParseFlags& flags, Session& session) {
  const absl::StatusOr<bool> is_table = IsTable(flags.file, flags.mapping);
  if (!is_table.ok()) return is_table.status();
  if (*is_table) {
    const absl::StatusOr<TablePlans> plans = ReadPlanTable(flags.file, flags.mapping, session.notes);
    if (plans.ok()) PrintPlans(*plans, session.printer);
    return plans.status();
  }
  const absl::StatusOr<v1::PlanDocument> document = ReadPlan(flags.file, session.notes);
  if (!document.ok()) return document.status();
  PrintDocument(*document, session.printer);
  return absl::OkStatus();
}

void AddParse(Program& program, CLI::App& plan) {
  auto flags = std::make_shared<ParseFlags>();
  const Verb verb = {"parse",
                     "Show a plan file as it is understood, without a server",
                     "almanac plan parse plan.pdf\n"
                     "almanac plan parse plan.txt -o json\n"
                     "almanac plan parse plans.csv --mapping plans.yaml",
                     {Format::kTable, Format::kJson, Format::kYaml, Format::kCsv},
                     true};
  CLI::App& command = program.AddVerb(plan, verb, [flags](Session& session) { return Parse(*flags, session); });
  command.add_option("FILE", flags->file, kFileHelp)->required()->type_name("");
  AddMapping(command, flags->mapping);
}

void AddExtract(Program& program, CLI::App& plan) {
  auto file = std::make_shared<std::string>();
  const Verb verb = {"extract",
                     "Print the text of a plan's PDF, which can be corrected and imported instead",
                     "almanac plan extract plan.pdf > plan.txt",
                     {Format::kTable},
                     true};
  CLI::App& command = program.AddVerb(plan, verb, [file](Session& session) -> absl::Status {
    const absl::StatusOr<std::string> bytes = ReadPlanFile(*file);
    if (!bytes.ok()) return bytes.status();
    if (!IsPdf(*bytes))
      return absl::InvalidArgumentError(
          absl::StrCat(NameOfFile(*file), " is no PDF; plan parse and plan import read what is none as it is"));
    const absl::StatusOr<std::string> text = PlanText(*file, *bytes);
    if (!text.ok()) return text.status();
    for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
      session.printer.out() << line << "\n";
    }
    return absl::OkStatus();
  });
  command.add_option("FILE", *file, "The plan's PDF; - for standard input")->required()->type_name("");
}

struct ImportFlags {
  std::string file;
  std::string mapping;
  std::string publisher;
  bool allow_warnings = false;
  MutationFlags mutation;
};

absl::Status RefuseWarnings(int count) {
  return absl::FailedPreconditionError(absl::StrCat(
      count, count == 1 ? " line was" : " lines were",
      " not understood, so nothing was imported: correct the file, or import the rest with --allow-warnings"));
}

void TellSending(int lines, Session& session) {
  if (isatty(STDERR_FILENO) == 0) return;
  session.notes << "sending " << lines << " lines to " << session.connection.server() << " ...\n";
}

// All plans of a table in one request: at once or not at all.
absl::Status ImportTable(const ImportFlags& flags, Session& session) {
  absl::StatusOr<std::string> publisher = std::string();
  if (!flags.publisher.empty()) publisher = PublisherNames().Complete(flags.publisher);
  if (!publisher.ok()) return publisher.status();
  absl::StatusOr<TablePlans> plans = ReadPlanTable(flags.file, flags.mapping, session.notes);
  if (!plans.ok()) return plans.status();
  if (!publisher->empty() && plans->plans.size() > 1) {
    return UsageError(absl::StrCat("the table has plans of ", plans->plans.size(),
                                   " publishers, and --publisher names one: leave it out; `publishers` in the mapping "
                                   "can say who is who"));
  }
  if (!plans->warnings.empty() && !flags.allow_warnings) {
    return RefuseWarnings(static_cast<int>(plans->warnings.size()));
  }
  v1::BatchImportPlansRequest request;
  request.set_parent("publishers/-");
  int lines = 0;
  for (TablePlan& plan : plans->plans) {
    v1::ImportPlanRequest& one = *request.add_requests();
    one.set_parent(publisher->empty() ? plan.parent : *publisher);
    *one.mutable_document() = std::move(plan.document);
    lines += one.document().commitments_size();
  }
  flags.mutation.Fill(request);
  TellSending(lines, session);
  const auto response = Mutate(session, &v1::ReleasePlanService::Stub::BatchImportPlans, request);
  if (!response.ok()) return NameBatchLines(response.status(), flags.file, request);
  for (const auto& one : response->responses()) PrintWarnings(flags.file, one.warnings(), session.notes);
  PrintBatchImport(*response, flags.mutation.dry_run, session.printer);
  for (const auto& one : response->responses()) NoteAmbiguous(one, session.notes);
  return absl::OkStatus();
}

absl::Status ImportText(const ImportFlags& flags, Session& session) {
  if (flags.publisher.empty())
    return UsageError("--publisher is required: whose plan is it?\n  see almanac plan import --help");
  const absl::StatusOr<std::string> parent = PublisherNames().Complete(flags.publisher);
  if (!parent.ok()) return parent.status();
  const absl::StatusOr<v1::PlanDocument> document = ReadPlan(flags.file, session.notes);
  if (!document.ok()) return document.status();
  if (document->warnings_size() > 0 && !flags.allow_warnings) return RefuseWarnings(document->warnings_size());
  v1::ImportPlanRequest request;
  request.set_parent(*parent);
  *request.mutable_document() = *document;
  flags.mutation.Fill(request);
  TellSending(document->commitments_size(), session);
  const auto response = Mutate(session, &v1::ReleasePlanService::Stub::ImportPlan, request);
  if (!response.ok()) return NameLines(response.status(), flags.file, *document);
  PrintWarnings(flags.file, response->warnings(), session.notes);
  PrintImport(*response, flags.mutation.dry_run, session.printer);
  NoteAmbiguous(*response, session.notes);
  return absl::OkStatus();
}

absl::Status Import(const ImportFlags& flags, Session& session) {
  const absl::StatusOr<bool> is_table = IsTable(flags.file, flags.mapping);
  if (!is_table.ok()) return is_table.status();
  return *is_table ? ImportTable(flags, session) : ImportText(flags, session);
}

void AddImport(Program& program, CLI::App& plan) {
  auto flags = std::make_shared<ImportFlags>();
  const Verb verb = {"import", "Make a draft plan say what a plan file says, at once or not at all",
                     "almanac plan import plan.pdf --publisher swd --dry-run\n"
                     "almanac plan import plan.pdf --publisher swd\n"
                     "almanac plan import plans.xlsx --mapping plans.yaml --dry-run"};
  CLI::App& command = program.AddVerb(plan, verb, [flags](Session& session) { return Import(*flags, session); });
  command.add_option("FILE", flags->file, kFileHelp)->required()->type_name("");
  command
      .add_option("--publisher", flags->publisher,
                  absl::StrCat("Whose plan it is, ", PublisherNames().Forms(),
                               "; created if it does not exist. Of a table the mapping may say it"))
      ->type_name("NAME")
      ->check(NotEmpty());
  AddMapping(command, flags->mapping);
  command.add_flag("--allow-warnings", flags->allow_warnings, "Import the rest where lines were not understood");
  flags->mutation.AddTo(command, false);
}

}  // namespace

void AddPlanFileCommands(Program& program, CLI::App& plan) {
  AddParse(program, plan);
  AddExtract(program, plan);
  AddImport(program, plan);
}

}  // namespace almanac::client
