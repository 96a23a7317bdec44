#include <google/protobuf/struct.pb.h>

#include <memory>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/commands.h"
#include "client/date_span.h"
#include "client/errors.h"
#include "client/plan_reader.h"
#include "client/plan_scope.h"
#include "client/standard_verbs.h"
#include "client/timeline.h"

namespace almanac::client {
namespace {

struct Flags {
  PlanScope scope;
  std::string as_of;
  std::string section;
  bool released = false;
};

std::vector<TimelineRow> RowsOf(std::vector<Promise> promises, const Flags& flags, const Language& language,
                                int& left_out) {
  std::vector<TimelineRow> rows;
  const NamePattern names = CommitmentNames();
  for (Promise& promise : promises) {
    const v1::Commitment& line = promise.line();
    if (!flags.section.empty() && line.section() != absl::AsciiStrToUpper(flags.section)) continue;
    if (promise.first_target.empty() && !flags.released) {
      ++left_out;
      continue;
    }
    // Of `swd/2022-2024/a-1` what the reader does not know: `a-1` within a plan, `2022-2024/a-1` within a publisher.
    std::string name = names.Short(line.name());
    name.erase(0, flags.scope.plan.empty() ? name.find('/') + 1 : name.rfind('/') + 1);
    rows.push_back({name, language.Pick(line.titles()), std::move(promise)});
  }
  return rows;
}

// What the other formats print of an event. JSON and YAML leave empty fields out.
void PrintEvents(const std::vector<TimelineRow>& rows, const Printer& printer) {
  const std::vector<TableColumn> columns = {{"COMMITMENT"}, {"TITLE"},  {"EVENT"}, {"DATE"}, {"FROM TARGET"},
                                            {"TARGET"},     {"REASON"}, {"NOTE"},  {"ACTOR"}};
  const char* const keys[] = {"commitment", "title",  "event", "date", "fromTarget",
                              "target",     "reason", "note",  "actor"};
  const std::unique_ptr<RowWriter> writer = printer.MakeWriter(columns);
  for (const TimelineRow& row : rows) {
    for (const TimelineEvent& event : EventsOf(row.promise)) {
      const std::vector<std::string> cells = {row.promise.line().name(),
                                              row.title,
                                              event.event,
                                              event.date,
                                              event.from_target,
                                              event.target,
                                              event.reason,
                                              event.note,
                                              event.actor};
      google::protobuf::Struct fields;
      for (size_t i = 0; i < cells.size(); ++i) {
        if (!cells[i].empty()) (*fields.mutable_fields())[keys[i]].set_string_value(cells[i]);
      }
      writer->Write({{&fields, cells}});
    }
  }
  writer->Finish();
}

absl::Status Draw(const Flags& flags, Session& session) {
  const absl::StatusOr<PlanScope> scope = flags.scope.Complete();
  if (!scope.ok()) return scope.status();
  const absl::StatusOr<absl::CivilDay> day = ResolveDay(session.connection, scope->name(), flags.as_of);
  if (!day.ok()) return day.status();
  const absl::StatusOr<PublisherPlans> all = ReadPlans(session.connection, scope->publisher);
  if (!all.ok()) return all.status();
  int left_out = 0;
  const std::vector<TimelineRow> rows =
      RowsOf(scope->Read(*all, *day), flags, session.printer.style().language, left_out);
  if (session.printer.format() != Format::kTable) {
    PrintEvents(rows, session.printer);
  } else if (!rows.empty()) {
    session.printer.out() << scope->name() << " as of " << DayText(*day) << "\n\n"
                          << DrawTimeline(rows, *day, session.printer.width());
  } else {
    session.notes << "there are none\n";
  }
  if (left_out > 0) TellLeftOut(session, left_out);
  return absl::OkStatus();
}

}  // namespace

void AddTimelineCommand(Program& program, CLI::App& plan) {
  auto flags = std::make_shared<Flags>();
  const Verb verb = {"timeline",
                     "Draw when each thing was promised, moved, confirmed, released or cancelled",
                     "almanac plan timeline swd/2022-2024 --section A\n"
                     "almanac plan timeline --publisher swd --as-of 2022-12-31\n"
                     "almanac plan timeline swd/2022-2024 -o csv",
                     {Format::kTable, Format::kJson, Format::kYaml, Format::kCsv}};
  CLI::App& command = program.AddVerb(plan, verb, [flags](Session& session) { return Draw(*flags, session); });
  flags->scope.AddTo(command);
  AddAsOf(command, flags->as_of);
  command.add_option("--section", flags->section, "Only the lines of this section, such as A")
      ->type_name("LETTER")
      ->check(NotEmpty());
  command.add_flag("--released", flags->released, "Show lines that a plan lists as released without a target too");
}

}  // namespace almanac::client
