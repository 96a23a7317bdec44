#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "almanac/v1/change_service.grpc.pb.h"
#include "almanac/v1/dataset_service.grpc.pb.h"
#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "client/commands.h"
#include "client/date_span.h"
#include "client/export/report.h"
#include "client/file_output.h"
#include "client/pages.h"
#include "client/plan_reader.h"
#include "client/plan_scope.h"
#include "client/standard_verbs.h"

namespace almanac::client {
namespace {

struct Flags {
  std::string html;
  std::string publisher;
  bool all = false;
  std::string as_of;
};

// What is reported on: a publisher's whole name or `publishers/-`.
absl::StatusOr<std::string> ScopeOf(const Flags& flags) {
  if (flags.all == !flags.publisher.empty()) {
    return UsageError(absl::StrCat("say what to report on: --publisher ", PublisherNames().Forms(), ", or --all"));
  }
  return flags.all ? PublisherNames().Wildcard() : PublisherNames().Complete(flags.publisher);
}

absl::StatusOr<v1::Progress> ProgressOn(Connection& connection, const std::string& name, absl::CivilDay day) {
  v1::GetProgressRequest request;
  request.set_name(name);
  request.set_as_of(DayText(day));
  return connection.Call(&v1::ReleasePlanService::Stub::GetProgress, request);
}

absl::Status ReadPublishers(Connection& connection, const std::string& name, Report& report) {
  if (report.all) {
    absl::StatusOr<std::vector<PublisherPlans>> publishers = ReadAllPlans(connection);
    if (!publishers.ok()) return publishers.status();
    report.publishers = *std::move(publishers);
    return absl::OkStatus();
  }
  absl::StatusOr<PublisherPlans> plans = ReadPlans(connection, name);
  if (!plans.ok()) return plans.status();
  report.publishers.push_back(*std::move(plans));
  return absl::OkStatus();
}

absl::Status ReadProgress(Connection& connection, const std::string& name, Report& report) {
  for (const absl::CivilDay day : LookBackDays(report.publishers, report.as_of)) {
    absl::StatusOr<v1::Progress> progress = ProgressOn(connection, name, day);
    if (!progress.ok()) return progress.status();
    report.history.push_back(*std::move(progress));
  }
  report.progress = report.history.back();
  const v1::ReleasePlan* latest = report.all ? nullptr : LatestEdition(report.publishers.front(), report.as_of);
  if (latest == nullptr) return absl::OkStatus();
  absl::StatusOr<v1::Progress> edition = ProgressOn(connection, latest->name(), report.as_of);
  if (!edition.ok()) return edition.status();
  report.edition = *std::move(edition);
  return absl::OkStatus();
}

absl::Status ReadFreshness(Connection& connection, const std::string& name, Report& report) {
  v1::CountFreshnessRequest count;
  count.set_parent(name);
  absl::StatusOr<v1::CountFreshnessResponse> counts = connection.Call(&v1::DatasetService::Stub::CountFreshness, count);
  if (!counts.ok()) return counts.status();
  report.freshness = *std::move(counts);
  v1::ListDatasetsRequest list;
  list.set_parent(name);
  list.add_freshness_states(v1::Freshness::OVERDUE);
  list.add_freshness_states(v1::Freshness::DELINQUENT);
  absl::StatusOr<std::vector<v1::Dataset>> datasets =
      ReadAll(connection, &v1::DatasetService::Stub::ListDatasets, list, &v1::ListDatasetsResponse::mutable_datasets);
  if (!datasets.ok()) return datasets.status();
  report.late_datasets = *std::move(datasets);
  return absl::OkStatus();
}

absl::StatusOr<Report> ReadReport(Connection& connection, const std::string& name, const Flags& flags) {
  Report report;
  report.all = flags.all;
  const auto status = connection.Call(&v1::ChangeService::Stub::GetStatus, v1::GetStatusRequest());
  if (!status.ok()) return status.status();
  report.catalogue_id = status->catalogue_id();
  report.first_revision = status->head_revision();
  const absl::StatusOr<absl::CivilDay> day = ResolveDay(connection, name, flags.as_of);
  if (!day.ok()) return day.status();
  report.as_of = *day;
  for (const auto read : {&ReadPublishers, &ReadProgress, &ReadFreshness}) {
    const absl::Status done = read(connection, name, report);
    if (!done.ok()) return done;
  }
  const auto after = connection.Call(&v1::ChangeService::Stub::GetStatus, v1::GetStatusRequest());
  if (!after.ok()) return after.status();
  report.last_revision = after->head_revision();
  report.time = absl::Now();
  return report;
}

absl::Status Write(const Flags& flags, Session& session) {
  const absl::StatusOr<std::string> name = ScopeOf(flags);
  if (!name.ok()) return name.status();
  const absl::StatusOr<Report> report = ReadReport(session.connection, *name, flags);
  if (!report.ok()) return report.status();
  const std::string page = ReportPage(*report, session.printer.style().language);
  const absl::Status written = WriteOutput(flags.html, page, session.printer.out(), session.interrupt);
  if (!written.ok()) return written;
  if (flags.html != "-") {
    session.notes << flags.html << " written: " << *name << " as of " << DayText(report->as_of) << ", revision "
                  << report->last_revision << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddReportCommand(Program& program) {
  auto flags = std::make_shared<Flags>();
  const Verb verb = {
      "report",
      "Write a page on promises kept, late, overdue, moved and dropped, and on the freshness of datasets",
      "almanac report --publisher swd --html swd.html\n"
      "almanac report --all --as-of 2022-12-31 --html -",
      {}};
  CLI::App& command =
      program.AddVerb(program.root(), verb, [flags](Session& session) { return Write(*flags, session); });
  command
      .add_option("--html", flags->html,
                  "The file to write, whole or not at all; - for standard output. It needs nothing but itself")
      ->required()
      ->type_name("FILE")
      ->check(NotEmpty());
  command.add_option("--publisher", flags->publisher, absl::StrCat("Whom to report on, ", PublisherNames().Forms()))
      ->type_name("NAME")
      ->check(NotEmpty());
  command.add_flag("--all", flags->all, "Report on every publisher, the worst first");
  AddAsOf(command, flags->as_of);
}

}  // namespace almanac::client
