#include <cstdlib>

#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "client/columns.h"
#include "client/commands.h"
#include "client/standard_verbs.h"

namespace almanac::client {
namespace {

using v1::Commitment;
using Stub = v1::ReleasePlanService::Stub;

// `on time`, `late by 3 months`, `early by 12 days`; empty without an outcome.
std::string SlipText(const v1::Slip& slip) {
  const std::string verdict = EnumText(slip.verdict());
  if (slip.days() == 0) return verdict;
  const int count = std::abs(slip.months() != 0 ? slip.months() : slip.days());
  return absl::StrCat(verdict, " by ", count, slip.months() != 0 ? " month" : " day", count == 1 ? "" : "s");
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
      {{"FIRST TARGET"}, [](const Commitment& c, const Style&) { return c.first_target_date(); }, Show::kCsvOnly},
      {{"TARGET"},
       [](const Commitment& c, const Style& style) {
         const bool moved = style.for_people && c.reschedules_size() > 0 && c.first_target_date() != c.target_date();
         return moved ? absl::StrCat(c.first_target_date(), " -> ", c.target_date()) : c.target_date();
       }},
      {{"STATE"}, [](const Commitment& c, const Style&) { return EnumText(c.state()); }},
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
  AddList<Commitment>(noun, {"list", "List commitments", "almanac commitment list --plan swd/2022-2024"},
                      &Stub::ListCommitments, &v1::ListCommitmentsResponse::commitments);
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
              });
  AddMutation(noun,
              {"confirm", "Give a planned commitment its exact day, within its target",
               "almanac commitment confirm swd/2022-2024/a-1 --date 2022-06-15"},
              "confirmed", &Stub::ConfirmCommitment, [](CLI::App& command, v1::ConfirmCommitmentRequest& request) {
                command.add_option("--date", *request.mutable_target_date(), "The day, such as 2022-06-15")
                    ->required()
                    ->type_name("DAY");
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
              "cancelled", &Stub::CancelCommitment,
              [](CLI::App& command, v1::CancelCommitmentRequest& request) { AddReason(command, request); });
}

}  // namespace

void AddCommitmentCommands(Program& program) {
  CLI::App& app = program.AddNoun("commitment", "The lines of plans: what is promised, by when, and what became of it",
                                  "almanac commitment list --plan swd/2022-2024");
  const Noun<Commitment> noun{program, app, CommitmentNames(), CommitmentColumns()};
  AddStandardVerbs(noun);
  AddLifeVerbs(noun);
}

}  // namespace almanac::client
