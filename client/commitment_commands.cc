#include <algorithm>

#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "client/columns.h"
#include "client/commands.h"
#include "client/promises.h"
#include "client/standard_verbs.h"

namespace almanac::client {
namespace {

using v1::Commitment;
using Stub = v1::ReleasePlanService::Stub;

// The target, for people with those before it: what was promised first of all, and first in this edition.
std::string TargetText(const Commitment& commitment, const Style& style) {
  std::vector<std::string> targets;
  if (style.for_people) targets = {commitment.original_target_date(), commitment.first_target_date()};
  targets.push_back(commitment.target_date());
  std::erase(targets, "");
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  return absl::StrJoin(targets, " -> ");
}

// The state; for people also whether the promise goes on elsewhere or has candidates yet.
std::string StateText(const Commitment& commitment, const Style& style) {
  const std::string state = EnumText(commitment.state());
  const bool is_open = commitment.state() == Commitment::PLANNED || commitment.state() == Commitment::CONFIRMED;
  if (style.for_people && commitment.candidate_datasets_size() > 0) return state + ", unsettled";
  if (style.for_people && is_open && !commitment.continued_by().empty()) return state + ", carried on";
  return state;
}

Columns<Commitment> CommitmentColumns() {
  Columns<Commitment> columns = {
      NameColumn<Commitment>(CommitmentNames()),
      {{"SECTION"}, [](const Commitment& c, const Style&) { return c.section(); }, Show::kCsvOnly},
      {{"NUMBER"}, [](const Commitment& c, const Style&) { return absl::StrCat(c.number()); }, Show::kCsvOnly},
      {{"TITLE", true}, [](const Commitment& c, const Style& style) { return style.language.Pick(c.titles()); }},
      {{"CATEGORY"},
       [](const Commitment& c, const Style& style) { return style.language.Pick(c.categories()); },
       Show::kCsvOnly},
      {{"DATASET"}, [](const Commitment& c, const Style&) { return c.dataset(); }, Show::kCsvOnly},
      {{"ORIGINAL TARGET"}, [](const Commitment& c, const Style&) { return c.original_target_date(); }, Show::kCsvOnly},
      {{"FIRST TARGET"}, [](const Commitment& c, const Style&) { return c.first_target_date(); }, Show::kCsvOnly},
      {{"TARGET"}, TargetText},
      {{"STATE"}, StateText},
      {{"RELEASED"}, [](const Commitment& c, const Style&) { return c.release_date(); }},
      {{"OUTCOME"}, [](const Commitment& c, const Style&) { return SlipText(c.outcome().against_last_target()); }},
      {{"AGAINST FIRST"},
       [](const Commitment& c, const Style&) { return SlipText(c.outcome().against_first_target()); },
       Show::kCsvOnly},
      {{"FREQUENCY"}, [](const Commitment& c, const Style&) { return EnumText(c.frequency()); }, Show::kCsvOnly},
      {{"FORMATS"}, [](const Commitment& c, const Style&) { return absl::StrJoin(c.formats(), " "); }, Show::kCsvOnly},
      {{"REMARK"},
       [](const Commitment& c, const Style& style) { return style.language.Pick(c.remarks()); },
       Show::kCsvOnly},
      {{"CONTINUES"}, [](const Commitment& c, const Style&) { return c.continues(); }, Show::kCsvOnly},
      {{"CONTINUED BY"}, [](const Commitment& c, const Style&) { return c.continued_by(); }, Show::kCsvOnly},
      {{"CANDIDATES"},
       [](const Commitment& c, const Style&) { return absl::StrJoin(c.candidate_datasets(), " "); },
       Show::kCsvOnly},
  };
  AddBookkeepingColumns(columns);
  return columns;
}

std::vector<FieldFlag> CommitmentFields() {
  return {
      {"--dataset", "dataset", "The dataset that fulfils it, publishers/PUBLISHER/datasets/DATASET"},
      {"--section", "section", "The letter of the section"},
      {"--number", "number", "The number of the line in its section"},
      {"--title", "titles", "The title in one language (the dataset's if not given on creation); repeatable"},
      {"--category", "categories", "The category in one language; repeatable"},
      {"--remark", "remarks", "The remark in one language; repeatable"},
      {"--former-title", "former_titles", "A former title that the line names; repeatable, replaces the list"},
      {"--frequency", "frequency", "The promised update frequency"},
      {"--frequency-text", "frequency_texts", "The words of that promise in one language; repeatable"},
      {"--format", "formats", "A promised format, such as CSV; repeatable, replaces the list"},
      {"--target", "target_date", "The target: 2022-06-30, 2022-06, 2022-Q2 or 2022"},
      {"--release-date", "release_date", "For a line that is listed as released: when"},
      {"--discontinued", "discontinued", "Whether the line says that there will be no further updates"},
      {"--last-update-date", "last_update_date", "The last update that the line speaks of: 2021-06"},
  };
}

void AddStandardVerbs(const Noun<Commitment>& noun) {
  AddCreate(noun,
            {"create", "Create a line of a draft plan",
             "almanac commitment create --plan swd/2025-2027 --dataset publishers/swd/datasets/shelters \\\n"
             "    --section A --number 1 --target 2025-06 --frequency yearly"},
            &Stub::CreateCommitment, &v1::CreateCommitmentRequest::mutable_commitment,
            &v1::CreateCommitmentRequest::mutable_commitment_id, CommitmentFields());
  AddGet(noun, {"get", "Show a commitment and its history", "almanac commitment get swd/2022-2024/a-1"},
         &Stub::GetCommitment);
  AddList<Commitment>(noun,
                      {"list", "List commitments",
                       "almanac commitment list --plan swd/2022-2024\n"
                       "almanac commitment list --filter 'state = PLANNED AND target_date < \"2023-01\"' "
                       "--order-by target_date"},
                      &Stub::ListCommitments, &v1::ListCommitmentsResponse::commitments);
  AddHistory(noun, "almanac commitment history swd/2022-2024/a-1 --type rescheduled", v1::COMMITMENT,
             &Stub::GetCommitment);
  AddUpdate(noun,
            {"update", "Change fields of a line of a draft plan",
             "almanac commitment update swd/2022-2024/a-1 --remark en='Name, address and telephone number'"},
            &Stub::GetCommitment, &Stub::UpdateCommitment, &v1::UpdateCommitmentRequest::mutable_commitment,
            CommitmentFields());
  AddMutation(noun,
              {"delete", "Delete a line of a draft plan, so that it can be brought back",
               "almanac commitment delete swd/2022-2024/a-1"},
              "deleted", &Stub::DeleteCommitment);
  AddMutation(
      noun, {"undelete", "Bring a deleted line of a draft plan back", "almanac commitment undelete swd/2022-2024/a-1"},
      "undeleted", &Stub::UndeleteCommitment);
}

// Adds `--reason` and `--note`, both needed wherever a promise is moved or given up.
template <typename Request>
void AddReason(CLI::App& command, Request& request) {
  const auto set_reason = [&request](const std::string& text) {
    const absl::StatusOr<int> reason = ParseEnum(*Commitment::Reason_descriptor(), text);
    if (!reason.ok()) throw CLI::ValidationError("--reason", std::string(reason.status().message()));
    request.set_reason(static_cast<Commitment::Reason>(*reason));
  };
  command
      .add_option_function<std::string>("--reason", set_reason,
                                        absl::StrCat("Why: ", EnumChoices(*Commitment::Reason_descriptor())))
      ->required()
      ->type_name("WORD");
  command.add_option("--note", *request.mutable_note(), "The reason in words")->required()->type_name("TEXT");
}

// Adds `--on`, the day of a decision that is recorded later.
void AddDecisionDay(CLI::App& command, std::string& day) {
  command
      .add_option("--on", day,
                  "The day on which it was decided, if it is recorded later (today, where the publisher is, "
                  "if not given)")
      ->type_name("DAY")
      ->check(NotEmpty());
}

void AddLifeVerbs(const Noun<Commitment>& noun) {
  AddMutation(noun,
              {"reschedule", "Move the target of a commitment, on record",
               "almanac commitment reschedule swd/2022-2024/a-4 --target 2022-12 --reason resources \\\n"
               "    --note 'the supplier needs three months more'"},
              "rescheduled", &Stub::RescheduleCommitment,
              [](CLI::App& command, v1::RescheduleCommitmentRequest& request) {
                command
                    .add_option("--target", *request.mutable_target_date(),
                                "The new target: 2022-09-30, 2022-09, 2022-Q3 or 2022; of a confirmed commitment a day")
                    ->required()
                    ->type_name("DATE");
                AddReason(command, request);
                AddDecisionDay(command, *request.mutable_reschedule_date());
              });
  AddMutation(noun,
              {"confirm", "Give a planned commitment its exact day, within its target",
               "almanac commitment confirm swd/2022-2024/a-1 --date 2022-06-15"},
              "confirmed", &Stub::ConfirmCommitment, [](CLI::App& command, v1::ConfirmCommitmentRequest& request) {
                command.add_option("--date", *request.mutable_target_date(), "The day, such as 2022-06-15")
                    ->required()
                    ->type_name("DAY");
                AddDecisionDay(command, *request.mutable_confirm_date());
              });
  AddMutation(noun,
              {"release", "Fulfil a commitment: the outcome is stamped for good",
               "almanac commitment release swd/2022-2024/a-1 --date 2022-06-15"},
              "released", &Stub::ReleaseCommitment, [](CLI::App& command, v1::ReleaseCommitmentRequest& request) {
                command
                    .add_option("--date", *request.mutable_release_date(),
                                "The day of the release (today, where the publisher is, if not given)")
                    ->type_name("DAY")
                    ->check(NotEmpty());
              });
  AddMutation(noun,
              {"cancel", "Withdraw a commitment",
               "almanac commitment cancel swd/2022-2024/a-2 --reason privacy --note 'individuals could be told apart'"},
              "cancelled", &Stub::CancelCommitment, [](CLI::App& command, v1::CancelCommitmentRequest& request) {
                AddReason(command, request);
                AddDecisionDay(command, *request.mutable_cancel_date());
              });
}

}  // namespace

void AddCommitmentCommands(Program& program) {
  CLI::App& app = program.AddNoun("commitment", "The lines of plans: what is promised, by when, and what became of it",
                                  "almanac commitment list --plan swd/2022-2024");
  const Noun<Commitment> noun{program, app, CommitmentNames(), CommitmentColumns()};
  AddStandardVerbs(noun);
  AddLifeVerbs(noun);
}

void AddLinkCommand(Program& program, CLI::App& plan) {
  struct State {
    std::string name;
    std::string dataset;
    bool none = false;
    MutationFlags flags;
  };
  auto state = std::make_shared<State>();
  const Verb verb = {"link", "Say which dataset a line is about, also in a published plan",
                     "almanac plan link swd/2022-2024/a-1 --dataset swd/outreach-teams\n"
                     "almanac plan link swd/2022-2024/a-1 --none"};
  CLI::App& command = program.AddVerb(plan, verb, [state](Session& session) -> absl::Status {
    const absl::StatusOr<std::string> name = CommitmentNames().Complete(state->name);
    if (!name.ok()) return name.status();
    v1::LinkCommitmentRequest request;
    request.set_name(*name);
    if (state->none) {
      v1::GetCommitmentRequest get;
      get.set_name(*name);
      const absl::StatusOr<Commitment> line = session.connection.Call(&Stub::GetCommitment, get);
      if (!line.ok()) return line.status();
      request.set_dataset(line->dataset());
    } else {
      const absl::StatusOr<std::string> dataset = DatasetNames().Complete(state->dataset);
      if (!dataset.ok()) return dataset.status();
      request.set_dataset(*dataset);
    }
    state->flags.Fill(request);
    const absl::StatusOr<Commitment> linked =
        Mutate(session, &Stub::LinkCommitment, request, state->flags.QuotedEtag());
    if (!linked.ok()) return linked.status();
    TellDone(session, linked->name(), "linked to " + linked->dataset(), linked->revision(), state->flags.dry_run);
    session.printer.PrintOne(*linked, CommitmentColumns());
    return absl::OkStatus();
  });
  AddNameArgument(command, CommitmentNames(), state->name);
  CLI::Option_group& what = *command.add_option_group("dataset");
  what.add_option("--dataset", state->dataset, "The dataset, " + DatasetNames().Forms())
      ->type_name("NAME")
      ->check(NotEmpty());
  what.add_flag("--none", state->none, "None of its candidates: it keeps the dataset of its own");
  what.require_option(1);
  state->flags.AddTo(command, true);
}

}  // namespace almanac::client
