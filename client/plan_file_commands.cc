#include <unistd.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "client/commands.h"
#include "client/errors.h"
#include "client/mutation.h"
#include "client/names.h"
#include "client/plan_file.h"

namespace almanac::client {
namespace {

constexpr char kFileHelp[] =
    "The plan: its PDF, where line 3012 is row 12 of page 3, or its text; - for standard input";

void AddParse(Program& program, CLI::App& plan) {
  auto file = std::make_shared<std::string>();
  const Verb verb = {"parse",
                     "Show a plan file as it is understood, without a server",
                     "almanac plan parse plan.pdf\n"
                     "almanac plan parse plan.txt -o json",
                     {Format::kTable, Format::kJson, Format::kYaml, Format::kCsv},
                     true};
  CLI::App& command = program.AddVerb(plan, verb, [file](Session& session) -> absl::Status {
    const absl::StatusOr<v1::PlanDocument> document = ReadPlan(*file, session.notes);
    if (!document.ok()) return document.status();
    PrintDocument(*document, session.printer);
    return absl::OkStatus();
  });
  command.add_option("FILE", *file, kFileHelp)->required()->type_name("");
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
  std::string publisher;
  bool allow_warnings = false;
  MutationFlags mutation;
};

absl::Status Import(const ImportFlags& flags, Session& session) {
  const absl::StatusOr<std::string> parent = PublisherNames().Complete(flags.publisher);
  if (!parent.ok()) return parent.status();
  const absl::StatusOr<v1::PlanDocument> document = ReadPlan(flags.file, session.notes);
  if (!document.ok()) return document.status();
  if (document->warnings_size() > 0 && !flags.allow_warnings) {
    return absl::FailedPreconditionError(absl::StrCat(
        document->warnings_size(), document->warnings_size() == 1 ? " line was" : " lines were",
        " not understood, so nothing was imported: correct the file, or import the rest with --allow-warnings"));
  }
  v1::ImportPlanRequest request;
  request.set_parent(*parent);
  *request.mutable_document() = *document;
  flags.mutation.Fill(request);
  if (isatty(STDERR_FILENO) != 0) {
    session.notes << "sending " << document->commitments_size() << " lines to " << session.connection.server()
                  << " ...\n";
  }
  const auto response = Mutate(session, &v1::ReleasePlanService::Stub::ImportPlan, request);
  if (!response.ok()) return NameLines(response.status(), flags.file, *document);
  PrintWarnings(flags.file, response->warnings(), session.notes);
  PrintImport(*response, flags.mutation.dry_run, session.printer);
  NoteAmbiguous(*response, session.notes);
  return absl::OkStatus();
}

void AddImport(Program& program, CLI::App& plan) {
  auto flags = std::make_shared<ImportFlags>();
  const Verb verb = {"import", "Make a draft plan say what a plan file says, at once or not at all",
                     "almanac plan import plan.pdf --publisher swd --dry-run\n"
                     "almanac plan import plan.pdf --publisher swd"};
  CLI::App& command = program.AddVerb(plan, verb, [flags](Session& session) { return Import(*flags, session); });
  command.add_option("FILE", flags->file, kFileHelp)->required()->type_name("");
  command
      .add_option("--publisher", flags->publisher,
                  absl::StrCat("Whose plan it is, ", PublisherNames().Forms(), "; created if it does not exist"))
      ->required()
      ->type_name("NAME");
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
