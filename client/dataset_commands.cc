#include "almanac/v1/dataset_service.grpc.pb.h"
#include "client/columns.h"
#include "client/commands.h"
#include "client/standard_verbs.h"

namespace almanac::client {
namespace {

using v1::Dataset;
using Stub = v1::DatasetService::Stub;

Columns<Dataset> DatasetColumns() {
  Columns<Dataset> columns = {
      NameColumn<Dataset>(DatasetNames()),
      {{"TITLE", true}, [](const Dataset& d, const Style& style) { return style.language.Pick(d.titles()); }},
      {{"CATEGORY"},
       [](const Dataset& d, const Style& style) { return style.language.Pick(d.categories()); },
       Show::kCsvOnly},
      {{"FREQUENCY"}, [](const Dataset& d, const Style&) { return EnumText(d.frequency()); }},
      {{"FORMATS"}, [](const Dataset& d, const Style&) { return absl::StrJoin(d.formats(), " "); }},
      {{"RELEASED"}, [](const Dataset& d, const Style&) { return d.release_date(); }},
      {{"LAST UPDATE"},
       [](const Dataset& d, const Style& style) {
         return d.has_last_update_time() ? TimeText(d.last_update_time(), style) : d.last_update_date();
       }},
      {{"FRESHNESS"}, [](const Dataset& d, const Style&) { return EnumText(d.freshness().state()); }},
      {{"UPDATES", false, true},
       [](const Dataset& d, const Style&) { return absl::StrCat(d.update_count()); },
       Show::kCsvOnly},
      {{"DISCONTINUED"},
       [](const Dataset& d, const Style&) { return d.discontinued() ? "true" : "false"; },
       Show::kCsvOnly},
      {{"LANDING PAGE"}, [](const Dataset& d, const Style&) { return d.landing_page(); }, Show::kCsvOnly},
      {{"REMARK"},
       [](const Dataset& d, const Style& style) { return style.language.Pick(d.remarks()); },
       Show::kCsvOnly},
  };
  AddBookkeepingColumns(columns);
  return columns;
}

std::vector<FieldFlag> DatasetFields() {
  return {
      {"--title", "titles", "The title in one language; repeatable"},
      {"--category", "categories", "The category in one language; repeatable"},
      {"--remark", "remarks", "What is in it, in one language; repeatable"},
      {"--former-title", "former_titles", "A title it had before; repeatable, replaces the list"},
      {"--frequency", "frequency", "How often it is promised to be updated"},
      {"--frequency-text", "frequency_texts", "The words of that promise in one language; repeatable"},
      {"--format", "formats", "A format on offer, such as CSV; repeatable, replaces the list"},
      {"--landing-page", "landing_page", "Its web page"},
      {"--release-date", "release_date", "When it was first released: 2022-06-30, 2022-06, 2022-Q2 or 2022"},
      {"--discontinued", "discontinued", "Whether there will be no further updates"},
      {"--last-update-date", "last_update_date", "The last update that a document speaks of: 2021-06"},
  };
}

void AddReportUpdate(const Noun<Dataset>& noun) {
  AddMutation(
      noun,
      {"report-update", "Record that a dataset's data were refreshed",
       "almanac dataset report-update swd/shelters --time 2022-07-01T09:00:00+08:00"},
      "reported as updated", &Stub::ReportUpdate, [](CLI::App& command, v1::ReportUpdateRequest& request) {
        const auto set_time = [&request](const std::string& text) {
          const absl::StatusOr<google::protobuf::Timestamp> time = ParseTime(text);
          if (!time.ok()) throw CLI::ValidationError("--time", std::string(time.status().message()));
          *request.mutable_data_time() = *time;
        };
        command.add_option_function<std::string>("--time", set_time, "When (now if not given)")->type_name("RFC3339");
      });
}

}  // namespace

void AddDatasetCommands(Program& program) {
  CLI::App& app =
      program.AddNoun("dataset", "What is, was or will be published", "almanac dataset list --publisher swd");
  const Noun<Dataset> noun{program, app, DatasetNames(), DatasetColumns()};
  AddCreate(noun,
            {"create", "Create a dataset",
             "almanac dataset create swd/shelters --title en='Shelters' --frequency yearly --format CSV"},
            &Stub::CreateDataset, &v1::CreateDatasetRequest::mutable_dataset,
            &v1::CreateDatasetRequest::mutable_dataset_id, DatasetFields());
  AddGet(noun, {"get", "Show a dataset", "almanac dataset get swd/shelters -o json"}, &Stub::GetDataset);
  AddList<Dataset>(noun,
                   {"list", "List datasets",
                    "almanac dataset list --publisher swd\n"
                    "almanac dataset list --filter 'frequency = MONTHLY AND formats:CSV' "
                    "--order-by 'release_date desc'\n"
                    "almanac dataset list --all -o csv > datasets.csv"},
                   &Stub::ListDatasets, &v1::ListDatasetsResponse::datasets);
  AddHistory(noun, "almanac dataset history swd/shelters --since 2022-07-01", v1::DATASET, &Stub::GetDataset);
  AddUpdate(noun,
            {"update", "Change fields of a dataset",
             "almanac dataset update swd/shelters --title zh-Hans-HK=庇护中心 --frequency monthly"},
            &Stub::GetDataset, &Stub::UpdateDataset, &v1::UpdateDatasetRequest::mutable_dataset, DatasetFields());
  AddMutation(noun,
              {"delete", "Delete a dataset, so that it can be brought back", "almanac dataset delete swd/shelters"},
              "deleted", &Stub::DeleteDataset);
  AddMutation(noun, {"undelete", "Bring a deleted dataset back", "almanac dataset undelete swd/shelters"}, "undeleted",
              &Stub::UndeleteDataset);
  AddReportUpdate(noun);
  AddFreshnessCommands(program, app);
  AddFacetsCommand(program, app);
}

}  // namespace almanac::client
