#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "almanac/v1/change_service.grpc.pb.h"
#include "almanac/v1/dataset_service.grpc.pb.h"
#include "client/commands.h"
#include "client/date_span.h"
#include "client/export/calendar.h"
#include "client/file_output.h"
#include "client/pages.h"
#include "client/plan_reader.h"
#include "client/plan_scope.h"
#include "client/standard_verbs.h"

namespace almanac::client {
namespace {

struct Flags {
  PlanScope scope;
  std::string format = "ics";
  std::string file = "-";
  bool released = false;
};

absl::StatusOr<CalendarFrame> ReadFrame(const PlanScope& scope, const PublisherPlans& all, Session& session) {
  const auto status = session.connection.Call(&v1::ChangeService::Stub::GetStatus, v1::GetStatusRequest());
  if (!status.ok()) return status.status();
  v1::ListDatasetsRequest request;
  request.set_parent(scope.publisher);
  const auto datasets = ReadAll(session.connection, &v1::DatasetService::Stub::ListDatasets, request,
                                &v1::ListDatasetsResponse::mutable_datasets);
  if (!datasets.ok()) return datasets.status();
  CalendarFrame frame;
  frame.title = session.printer.style().language.Pick(all.publisher.titles());
  if (!scope.plan.empty()) absl::StrAppend(&frame.title, " ", SplitName(scope.plan).second);
  frame.catalogue_id = status->catalogue_id();
  for (const v1::Dataset& dataset : *datasets) {
    if (!dataset.landing_page().empty()) frame.landing_pages[dataset.name()] = dataset.landing_page();
  }
  return frame;
}

absl::Status Export(const Flags& flags, Session& session) {
  const absl::StatusOr<PlanScope> scope = flags.scope.Complete();
  if (!scope.ok()) return scope.status();
  const absl::StatusOr<absl::CivilDay> today = ResolveDay(session.connection, scope->name(), "");
  if (!today.ok()) return today.status();
  const absl::StatusOr<PublisherPlans> all = ReadPlans(session.connection, scope->publisher);
  if (!all.ok()) return all.status();
  const absl::StatusOr<CalendarFrame> frame = ReadFrame(*scope, *all, session);
  if (!frame.ok()) return frame.status();
  std::vector<Promise> promises = scope->Read(*all, *today);
  const auto is_left_out = [&](const Promise& promise) { return promise.target.empty() && !flags.released; };
  const auto left_out = std::erase_if(promises, is_left_out);
  const absl::Status written = WriteOutput(flags.file, CalendarText(*frame, promises, session.printer.style().language),
                                           session.printer.out(), session.interrupt);
  if (!written.ok()) return written;
  if (flags.file != "-") {
    session.notes << flags.file << " written, " << CountText(static_cast<int>(promises.size()), "event") << "\n";
  }
  if (left_out > 0) TellLeftOut(session, static_cast<int>(left_out));
  return absl::OkStatus();
}

}  // namespace

void AddCalendarCommand(Program& program, CLI::App& plan) {
  auto flags = std::make_shared<Flags>();
  const Verb verb = {"calendar",
                     "Write promises as a calendar to subscribe to (iCalendar, RFC 5545)",
                     "almanac plan calendar --publisher swd --ics /var/www/swd.ics\n"
                     "almanac plan calendar swd/2022-2024 --format ics --language en > swd.ics",
                     {}};
  CLI::App& command = program.AddVerb(plan, verb, [flags](Session& session) { return Export(*flags, session); });
  flags->scope.AddTo(command);
  command.add_option("--format", flags->format, "The kind of calendar: ics (if not given)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"ics"}));
  command.add_option("--ics", flags->file, "The file to write, whole or not at all (standard output if not given)")
      ->type_name("FILE")
      ->check(NotEmpty());
  command.add_flag("--released", flags->released, "Keep lines that a plan lists as released without a target too");
}

}  // namespace almanac::client
