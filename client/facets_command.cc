#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "almanac/v1/dataset_service.grpc.pb.h"
#include "client/checks.h"
#include "client/commands.h"
#include "client/facet_tables.h"
#include "client/list_flags.h"
#include "client/names.h"

namespace almanac::client {
namespace {

struct FacetFlags {
  v1::CountFacetsRequest request;
  std::vector<std::string> words;
  ParentFlag publisher;
};

absl::Status CountFacets(FacetFlags& flags, Session& session) {
  const absl::StatusOr<std::string> parent = flags.publisher.Resolve(PublisherNames());
  if (!parent.ok()) return parent.status();
  flags.request.set_parent(*parent);
  flags.request.set_query(absl::StrJoin(flags.words, " "));
  flags.request.set_language(session.printer.style().language.FirstChoice());
  const auto counts = session.connection.Call(&v1::DatasetService::Stub::CountFacets, flags.request);
  if (!counts.ok()) return counts.status();
  PrintFacets(*counts, session);
  return absl::OkStatus();
}

}  // namespace

void AddFacetsCommand(Program& program, CLI::App& dataset) {
  auto flags = std::make_shared<FacetFlags>();
  const Verb verb = {"facets",
                     "Count datasets by publisher, category, format, frequency and freshness",
                     "almanac dataset facets --publisher swd --language en\n"
                     "almanac dataset facets 长者 --filter 'frequency = MONTHLY'",
                     {Format::kTable, Format::kJson, Format::kYaml, Format::kCsv}};
  CLI::App& command =
      program.AddVerb(dataset, verb, [flags](Session& session) { return CountFacets(*flags, session); });
  command.add_option("QUERY", flags->words, "Only those that almanac search finds by these words")
      ->type_name("")
      ->check(NotEmpty());
  flags->publisher.AddTo(command, PublisherNames());
  AddFilter(command, *flags->request.mutable_filter());
  const auto set_max_values = [flags](int32_t number) { flags->request.set_max_values(number); };
  command
      .add_option_function<int32_t>("--max-values", set_max_values,
                                    "At most so many values of each, those of most datasets (20 if not given)")
      ->type_name("NUMBER")
      ->check(AtLeast(1));
}

}  // namespace almanac::client
