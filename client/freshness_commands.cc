#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <ostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "almanac/v1/dataset_service.grpc.pb.h"
#include "client/columns.h"
#include "client/commands.h"
#include "client/list_flags.h"
#include "client/paged_list.h"
#include "client/standard_verbs.h"
#include "client/update_file.h"

namespace almanac::client {
namespace {

using v1::Dataset;
using v1::Freshness;
using v1::FreshnessCounts;
using Stub = v1::DatasetService::Stub;

constexpr size_t kBatch = 1000;

std::string OptionalTime(bool is_set, const google::protobuf::Timestamp& time, const Style& style) {
  return is_set ? TimeText(time, style) : "";
}

Columns<Dataset> FreshnessColumns() {
  return {
      NameColumn<Dataset>(DatasetNames()),
      {{"TITLE", true}, [](const Dataset& d, const Style& style) { return style.language.Pick(d.titles()); }},
      {{"PROMISED"}, [](const Dataset& d, const Style&) { return EnumText(d.frequency()); }},
      {{"OBSERVED"}, [](const Dataset& d, const Style&) { return EnumText(d.freshness().observed_frequency()); }},
      {{"OBSERVED DAYS", false, true},
       [](const Dataset& d, const Style&) {
         const Freshness& freshness = d.freshness();
         if (!freshness.has_observed_interval()) return std::string();
         constexpr double kSecondsOfADay = 86400;
         return absl::StrFormat("%.1f", static_cast<double>(freshness.observed_interval().seconds()) / kSecondsOfADay);
       },
       Show::kCsvOnly},
      {{"LAST UPDATE"},
       [](const Dataset& d, const Style& style) {
         return OptionalTime(d.has_last_update_time(), d.last_update_time(), style);
       }},
      {{"NEXT DUE"},
       [](const Dataset& d, const Style& style) {
         return OptionalTime(d.freshness().has_due_time(), d.freshness().due_time(), style);
       }},
      {{"STATE"}, [](const Dataset& d, const Style&) { return EnumText(d.freshness().state()); }},
      {{"UPDATES", false, true},
       [](const Dataset& d, const Style&) { return absl::StrCat(d.update_count()); },
       Show::kCsvOnly},
      {{"NEXT STATE"},
       [](const Dataset& d, const Style& style) {
         return OptionalTime(d.freshness().has_next_state_time(), d.freshness().next_state_time(), style);
       },
       Show::kCsvOnly},
  };
}

Columns<FreshnessCounts> CountColumns() {
  Columns<FreshnessCounts> columns = {{{"PUBLISHER"}, [](const FreshnessCounts& c, const Style& style) {
                                         if (c.publisher().empty()) return std::string("total");
                                         return style.for_people ? PublisherNames().Short(c.publisher())
                                                                 : c.publisher();
                                       }}};
  const auto count = [&columns](const char* header, int32_t (FreshnessCounts::*get)() const) {
    columns.push_back(
        {{header, false, true}, [get](const FreshnessCounts& c, const Style&) { return absl::StrCat((c.*get)()); }});
  };
  count("DATASETS", &FreshnessCounts::dataset_count);
  count("FRESH", &FreshnessCounts::fresh_count);
  count("DUE", &FreshnessCounts::due_count);
  count("OVERDUE", &FreshnessCounts::overdue_count);
  count("DELINQUENT", &FreshnessCounts::delinquent_count);
  count("UNKNOWN", &FreshnessCounts::unknown_count);
  count("CONTINUOUS", &FreshnessCounts::continuous_count);
  count("AS NEEDED", &FreshnessCounts::as_needed_count);
  count("UNPROMISED", &FreshnessCounts::unpromised_count);
  count("DISCONTINUED", &FreshnessCounts::discontinued_count);
  return columns;
}

struct FreshnessFlags {
  ParentFlag publisher;
  google::protobuf::RepeatedField<int> states;
  bool count = false;
  int64_t limit = std::numeric_limits<int64_t>::max();
};

absl::Status PrintCounts(const std::string& parent, Session& session) {
  const Printer& printer = session.printer;
  if (printer.format() == Format::kName) return UsageError("--count has no names to print: choose another --output");
  v1::CountFreshnessRequest request;
  request.set_parent(parent);
  const auto counts = session.connection.Call(&Stub::CountFreshness, request);
  if (!counts.ok()) return counts.status();
  if (printer.format() == Format::kJson || printer.format() == Format::kYaml) {
    printer.PrintMessage(*counts);
    return absl::OkStatus();
  }
  ListOutput<FreshnessCounts> list(printer, CountColumns());
  list.Add(counts->publishers());
  list.AddOne(counts->total());
  list.Finish();
  return absl::OkStatus();
}

absl::Status PrintFreshness(const FreshnessFlags& flags, Session& session) {
  const absl::StatusOr<std::string> parent = flags.publisher.Resolve(PublisherNames());
  if (!parent.ok()) return parent.status();
  if (flags.count) return PrintCounts(*parent, session);
  v1::ListDatasetsRequest request;
  request.set_parent(*parent);
  *request.mutable_freshness_states() = flags.states;
  const Columns<Dataset> columns = FreshnessColumns();
  ListOutput<Dataset> list(session.printer, columns);
  return PrintPages(session, &Stub::ListDatasets, request, &v1::ListDatasetsResponse::datasets, list,
                    {.limit = flags.limit});
}

void AddFreshness(Program& program, CLI::App& dataset) {
  auto flags = std::make_shared<FreshnessFlags>();
  const Verb verb = {"freshness", "Compare how often datasets are updated with what was promised",
                     "almanac dataset freshness --publisher swd --state overdue --state delinquent\n"
                     "almanac dataset freshness --count"};
  CLI::App& command =
      program.AddVerb(dataset, verb, [flags](Session& session) { return PrintFreshness(*flags, session); });
  flags->publisher.AddTo(command, PublisherNames());
  const auto set_states = [flags](const std::vector<std::string>& words) {
    flags->states.Clear();
    for (const std::string& word : words) {
      const absl::StatusOr<int> state = ParseEnum(*Freshness::State_descriptor(), word);
      if (!state.ok()) throw CLI::ValidationError("--state", std::string(state.status().message()));
      // A word may be repeated; the server counts.
      if (std::find(flags->states.begin(), flags->states.end(), *state) == flags->states.end()) {
        flags->states.Add(*state);
      }
    }
  };
  CLI::Option* state =
      command
          .add_option_function<std::vector<std::string>>(
              "--state", set_states,
              absl::StrCat("Only in this state: ", EnumChoices(*Freshness::State_descriptor()), "; repeatable"))
          ->type_name("WORD")
          ->allow_extra_args(false);
  AddLimit(command, flags->limit, "At most so many (all if not given)");
  command.add_flag("--count", flags->count, "Only count them, for each publisher")
      ->excludes(state)
      ->excludes(command.get_option("--limit"));
}

struct ReportFlags {
  std::string file;
  bool dry_run = false;
};

// What is behind how many rows of a file when its sending ends early.
std::string HowFar(size_t sent, size_t all) {
  return absl::StrCat(sent, " of ", all,
                      " rows were reported before; repeat the command to report the rest: what is known already is not "
                      "counted twice");
}

// The request that reports the rows from `first` on, at most a batch of them.
v1::BatchReportUpdatesRequest BatchOf(const std::vector<UpdateRow>& rows, size_t first, bool dry_run) {
  v1::BatchReportUpdatesRequest request;
  request.set_parent(PublisherNames().Wildcard());
  for (size_t i = first; i < std::min(first + kBatch, rows.size()); ++i) *request.add_requests() = rows[i].update;
  request.set_request_id(MutationFlags::NewRequestId());
  request.set_validate_only(dry_run);
  return request;
}

// The error of a batch with its requests, which begin at row `first`, named by the lines of the file.
absl::Status NameRows(const absl::Status& status, const std::string& file, const std::vector<UpdateRow>& rows,
                      size_t first) {
  return RenameFields(status, [&](const std::string& field) {
    constexpr std::string_view kPrefix = "requests[";
    const size_t end = field.find("].");
    size_t index = 0;
    const bool is_row = field.rfind(kPrefix, 0) == 0 && end != std::string::npos &&
                        absl::SimpleAtoi(field.substr(kPrefix.size(), end - kPrefix.size()), &index) &&
                        first + index < rows.size();
    if (!is_row) return field;
    const std::string column = field.substr(end + 2) == "data_time" ? "time" : field.substr(end + 2);
    return absl::StrCat(file, ":", rows[first + index].line, ": ", column);
  });
}

void PrintReported(const v1::BatchReportUpdatesResponse& total, size_t rows, bool dry_run, const Printer& printer) {
  if (printer.format() != Format::kTable) return printer.PrintMessage(total, /*show_defaults=*/true);
  printer.out() << (dry_run ? "dry run, nothing was changed: " : "") << rows << " rows: " << total.reported_count()
                << " new, " << total.known_count() << " known before";
  if (!dry_run && total.revision() > 0) printer.out() << "; revision " << total.revision();
  printer.out() << "\n";
}

absl::Status ReportFile(const ReportFlags& flags, Session& session) {
  const absl::StatusOr<std::vector<UpdateRow>> rows = ReadUpdateFile(flags.file);
  if (!rows.ok()) return rows.status();
  v1::BatchReportUpdatesResponse total;
  std::atomic<size_t> sent = 0;
  const Interrupt::Scope interrupted(session.interrupt, [&] {
    session.notes << "\nalmanac: interrupted";
    if (!flags.dry_run) session.notes << "; " << HowFar(sent, rows->size());
    session.notes << std::endl;
    _exit(kInterruptedExitCode);
  });
  while (sent < rows->size()) {
    const size_t first = sent;
    const auto reported = session.connection.Call(&Stub::BatchReportUpdates, BatchOf(*rows, first, flags.dry_run));
    if (!reported.ok()) {
      const absl::Status named = NameRows(reported.status(), NameOfUpdateFile(flags.file), *rows, first);
      return flags.dry_run ? named : AddLine(named, HowFar(first, rows->size()));
    }
    total.set_reported_count(total.reported_count() + reported->reported_count());
    total.set_known_count(total.known_count() + reported->known_count());
    if (reported->revision() > 0) total.set_revision(reported->revision());
    sent = std::min(first + kBatch, rows->size());
    if (rows->size() > kBatch) session.notes << sent << " of " << rows->size() << " rows sent\n";
  }
  PrintReported(total, rows->size(), flags.dry_run, session.printer);
  return absl::OkStatus();
}

void AddReportUpdates(Program& program, CLI::App& dataset) {
  auto flags = std::make_shared<ReportFlags>();
  const Verb verb = {
      "report-updates",
      "Record from a CSV file when many datasets' data were refreshed",
      "printf 'name,time\\nswd/shelters,2022-07-01T09:00:00+08:00\\n' | almanac dataset report-updates -",
      {Format::kTable, Format::kJson, Format::kYaml, Format::kCsv}};
  CLI::App& command = program.AddVerb(dataset, verb, [flags](Session& session) { return ReportFile(*flags, session); });
  command
      .add_option(
          "FILE", flags->file,
          "CSV with the heading name,time: a dataset, and when its data were refreshed, with a time zone; - for "
          "standard input. Reporting a file again does no harm")
      ->required()
      ->type_name("");
  command.add_flag("--dry-run", flags->dry_run, "Check it all, but change nothing");
}

}  // namespace

void AddFreshnessCommands(Program& program, CLI::App& dataset) {
  AddFreshness(program, dataset);
  AddReportUpdates(program, dataset);
}

}  // namespace almanac::client
