#include "almanac/v1/publisher_service.grpc.pb.h"
#include "client/columns.h"
#include "client/commands.h"
#include "client/standard_verbs.h"

namespace almanac::client {
namespace {

using v1::Publisher;
using Stub = v1::PublisherService::Stub;

Columns<Publisher> PublisherColumns() {
  Columns<Publisher> columns = {
      NameColumn<Publisher>(PublisherNames()),
      {{"TITLE", true}, [](const Publisher& p, const Style& style) { return style.language.Pick(p.titles()); }},
      {{"TIME ZONE"}, [](const Publisher& p, const Style&) { return p.time_zone(); }},
      {{"HOMEPAGE", true}, [](const Publisher& p, const Style&) { return p.homepage(); }},
  };
  AddBookkeepingColumns(columns);
  return columns;
}

}  // namespace

void AddPublisherCommands(Program& program) {
  CLI::App& app =
      program.AddNoun("publisher", "Bureaus and departments that promise and release data", "almanac publisher list");
  const Noun<Publisher> noun{program, app, PublisherNames(), PublisherColumns()};
  const std::vector<FieldFlag> fields = {
      {"--title", "titles", "The official title in one language; repeatable"},
      {"--time-zone", "time_zone", "The IANA time zone of its days (Asia/Hong_Kong if not given on creation)"},
      {"--homepage", "homepage", "Its web page"},
  };
  AddCreate(noun,
            {"create", "Create a publisher",
             "almanac publisher create swd --title en='Social Welfare Department' --title zh-Hans-HK=社会福利署"},
            &Stub::CreatePublisher, &v1::CreatePublisherRequest::mutable_publisher,
            &v1::CreatePublisherRequest::mutable_publisher_id, fields);
  AddGet(noun, {"get", "Show a publisher", "almanac publisher get swd"}, &Stub::GetPublisher);
  AddList<Publisher>(noun,
                     {"list", "List publishers",
                      "almanac publisher list -o yaml\n"
                      "almanac publisher list --filter 'time_zone = \"Asia/Hong_Kong\"'"},
                     &Stub::ListPublishers, &v1::ListPublishersResponse::publishers);
  AddHistory(noun, "almanac publisher history swd", v1::PUBLISHER, &Stub::GetPublisher);
  AddUpdate(
      noun,
      {"update", "Change fields of a publisher", "almanac publisher update swd --homepage https://www.swd.gov.hk/"},
      &Stub::GetPublisher, &Stub::UpdatePublisher, &v1::UpdatePublisherRequest::mutable_publisher, fields);
  AddMutation(noun, {"delete", "Delete a publisher, so that it can be brought back", "almanac publisher delete swd"},
              "deleted", &Stub::DeletePublisher);
  AddMutation(noun, {"undelete", "Bring a deleted publisher back", "almanac publisher undelete swd"}, "undeleted",
              &Stub::UndeletePublisher);
}

}  // namespace almanac::client
