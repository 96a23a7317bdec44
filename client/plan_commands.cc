#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "client/columns.h"
#include "client/commands.h"
#include "client/plan_diff.h"
#include "client/progress_table.h"
#include "client/standard_verbs.h"

namespace almanac::client {
namespace {

using v1::ReleasePlan;
using Stub = v1::ReleasePlanService::Stub;

std::string PeriodText(const v1::Period& period) {
  if (period.start_year() == period.end_year()) return absl::StrCat(period.start_year());
  return absl::StrCat(period.start_year(), "-", period.end_year());
}

Columns<ReleasePlan> PlanColumns() {
  Columns<ReleasePlan> columns = {
      NameColumn<ReleasePlan>(PlanNames()),
      {{"TITLE", true}, [](const ReleasePlan& p, const Style& style) { return style.language.Pick(p.titles()); }},
      {{"PERIOD"}, [](const ReleasePlan& p, const Style&) { return PeriodText(p.period()); }},
      {{"PUBLISHED ON"}, [](const ReleasePlan& p, const Style&) { return p.published_on(); }},
      {{"STATE"}, [](const ReleasePlan& p, const Style&) { return EnumText(p.state()); }},
      {{"PUBLISHED HERE"},
       [](const ReleasePlan& p, const Style& style) { return TimeText(p.publish_time(), style); },
       Show::kCsvOnly},
  };
  AddBookkeepingColumns(columns);
  return columns;
}

void AddStandardVerbs(const Noun<ReleasePlan>& noun) {
  const std::vector<FieldFlag> fields = {
      {"--title", "titles", "The heading in one language; repeatable"},
      {"--period", "period", "The years that it covers, such as 2022-2024"},
      {"--published-on", "published_on", "When the document says it was published: 2021-12"},
      {"--section", "sections", "A section, with its heading in one language: A/en=To be released in 2025; repeatable"},
  };
  AddCreate(noun,
            {"create", "Create a draft plan",
             "almanac plan create --publisher swd --period 2025-2027 --title en='Open data plan' --section A"},
            &Stub::CreateReleasePlan, &v1::CreateReleasePlanRequest::mutable_release_plan,
            &v1::CreateReleasePlanRequest::mutable_release_plan_id, fields);
  AddGet(noun, {"get", "Show a plan, without its lines", "almanac plan get swd/2022-2024"}, &Stub::GetReleasePlan);
  AddList<ReleasePlan>(noun,
                       {"list", "List plans",
                        "almanac plan list --publisher swd\n"
                        "almanac plan list --filter 'state = PUBLISHED AND start_year >= 2022'"},
                       &Stub::ListReleasePlans, &v1::ListReleasePlansResponse::release_plans);
  AddHistory(noun, "almanac plan history swd/2022-2024", v1::RELEASE_PLAN, &Stub::GetReleasePlan);
  AddUpdate(
      noun, {"update", "Change fields of a draft plan", "almanac plan update swd/2022-2024 --published-on 2021-12-30"},
      &Stub::GetReleasePlan, &Stub::UpdateReleasePlan, &v1::UpdateReleasePlanRequest::mutable_release_plan, fields);
  AddMutation(
      noun,
      {"delete", "Delete a draft plan, so that it can be brought back", "almanac plan delete swd/2022-2024 --force"},
      "deleted", &Stub::DeleteReleasePlan, [](CLI::App& command, v1::DeleteReleasePlanRequest& request) {
        command.add_flag_callback(
            "--force", [&request] { request.set_force(true); }, "Delete its lines with it");
      });
  AddMutation(
      noun,
      {"undelete", "Bring a deleted plan back, with the lines deleted with it", "almanac plan undelete swd/2022-2024"},
      "undeleted", &Stub::UndeleteReleasePlan);
  AddMutation(noun,
              {"publish", "Publish a draft plan: from then on its lines stay as they are",
               "almanac plan publish swd/2022-2024"},
              "published", &Stub::PublishPlan);
}

// Which of the three things that `progress` can be about was asked for.
struct ProgressFlags {
  std::string name;
  std::string publisher;
  bool all = false;
  std::string as_of;
};

// The name to ask for. Returns a usage error unless exactly one was given.
absl::StatusOr<std::string> ScopeOf(const ProgressFlags& flags) {
  if (int{!flags.name.empty()} + int{!flags.publisher.empty()} + int{flags.all} != 1) {
    return UsageError("say what to count, one of the three: the NAME of a plan, --publisher NAME, or --all");
  }
  if (flags.all) return PublisherNames().Wildcard();
  return flags.name.empty() ? PublisherNames().Complete(flags.publisher) : PlanNames().Complete(flags.name);
}

void AddProgress(const Noun<ReleasePlan>& noun) {
  auto flags = std::make_shared<ProgressFlags>();
  const Verb verb = {"progress",
                     "Count what became of promises: of a plan, of a publisher over all its editions, or of all",
                     "almanac plan progress swd/2022-2024 --as-of 2022-10-01\n"
                     "almanac plan progress --publisher swd\n"
                     "almanac plan progress --all -o csv",
                     {Format::kTable, Format::kJson, Format::kYaml, Format::kCsv}};
  CLI::App& command = noun.program.AddVerb(noun.app, verb, [flags](Session& session) -> absl::Status {
    const absl::StatusOr<std::string> scope = ScopeOf(*flags);
    if (!scope.ok()) return scope.status();
    v1::GetProgressRequest request;
    request.set_name(*scope);
    request.set_as_of(flags->as_of);
    const absl::StatusOr<v1::Progress> progress = session.connection.Call(&Stub::GetProgress, request);
    if (!progress.ok()) return progress.status();
    PrintProgress(*progress, session.printer);
    return absl::OkStatus();
  });
  command.add_option("NAME", flags->name, absl::StrCat("A plan, by section: ", noun.names.Forms()))
      ->type_name("")
      ->check(NotEmpty());
  command.add_option("--publisher", flags->publisher, "A publisher, each promise once and by edition")
      ->type_name("NAME")
      ->check(NotEmpty());
  command.add_flag("--all", flags->all, "All publishers, the worst first");
  command
      .add_option("--as-of", flags->as_of,
                  "The day to judge by; what is dated later does not count yet (today, where the publisher is, if not "
                  "given)")
      ->type_name("DAY")
      ->check(NotEmpty());
  command.footer(absl::StrCat(kProgressLegend, "\n\n", command.get_footer()));
}

void AddDiff(const Noun<ReleasePlan>& noun) {
  struct Flags {
    std::string from;
    std::string to;
  };
  auto flags = std::make_shared<Flags>();
  const Verb verb = {"diff",
                     "Compare two editions of a publisher's plan: what was added, dropped, moved, released",
                     "almanac plan diff swd/2022-2024 swd/2023-2025",
                     {Format::kTable, Format::kJson, Format::kYaml, Format::kCsv}};
  CLI::App& command = noun.program.AddVerb(noun.app, verb, [noun, flags](Session& session) -> absl::Status {
    const absl::StatusOr<std::string> from = noun.names.Complete(flags->from);
    if (!from.ok()) return from.status();
    const absl::StatusOr<std::string> to = noun.names.Complete(flags->to);
    if (!to.ok()) return to.status();
    v1::DiffPlansRequest request;
    request.set_name(*from);
    request.set_other_plan(*to);
    const absl::StatusOr<v1::PlanDiff> diff = session.connection.Call(&Stub::DiffPlans, request);
    if (!diff.ok()) return diff.status();
    PrintDiff(*diff, session.printer);
    return absl::OkStatus();
  });
  command.add_option("FROM", flags->from, "The plan to compare from, usually the earlier: " + noun.names.Forms())
      ->required()
      ->type_name("");
  command.add_option("TO", flags->to, "The plan to compare to; it may be a draft")->required()->type_name("");
}

}  // namespace

void AddPlanCommands(Program& program) {
  CLI::App& app = program.AddNoun("plan", "Editions of a publisher's plan",
                                  "almanac plan import plan.txt --publisher swd --dry-run");
  const Noun<ReleasePlan> noun{program, app, PlanNames(), PlanColumns()};
  AddPlanFileCommands(program, app);
  AddStandardVerbs(noun);
  AddDiff(noun);
  AddLinkCommand(program, app);
  AddProgress(noun);
  AddTimelineCommand(program, app);
  AddCalendarCommand(program, app);
}

}  // namespace almanac::client
