#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "almanac/v1/dataset_service.grpc.pb.h"
#include "client/checks.h"
#include "client/commands.h"
#include "client/hit_output.h"
#include "client/list_flags.h"
#include "client/names.h"
#include "client/paged_list.h"

namespace almanac::client {
namespace {

using Stub = v1::DatasetService::Stub;

// What is printed unless something else was asked for: the best.
constexpr int64_t kBest = 20;

struct SearchFlags {
  v1::SearchDatasetsRequest request;
  std::vector<std::string> words;
  ParentFlag publisher;
  ExtentFlags extent;
};

absl::Status Search(SearchFlags& flags, Session& session) {
  const absl::StatusOr<std::string> parent = flags.publisher.Resolve(PublisherNames());
  if (!parent.ok()) return parent.status();
  flags.request.set_parent(*parent);
  flags.request.set_query(absl::StrJoin(flags.words, " "));
  HitOutput output(session, MayHighlight(session.printer.out()));
  const ListExtent best = {
      .limit = kBest, .with_total = true, .how_to_get_more = "--limit NUMBER prints more, --all prints them all"};
  return PrintPages(session, &Stub::SearchDatasets, flags.request, &v1::SearchDatasetsResponse::hits, output,
                    flags.extent.Extent(best));
}

}  // namespace

void AddSearchCommand(Program& program) {
  auto flags = std::make_shared<SearchFlags>();
  const Verb verb = {"search", "Find datasets by words or parts of words in their texts, in any language",
                     "almanac search 长者 名单\n"
                     "almanac search volunteer serv --publisher swd --filter 'formats:CSV'\n"
                     "almanac search statistics --all -o name"};
  CLI::App& command =
      program.AddVerb(program.root(), verb, [flags](Session& session) { return Search(*flags, session); });
  command
      .add_option("QUERY", flags->words,
                  "Words, of which each must be found; the last may be the beginning of one. Chinese characters are "
                  "found wherever they stand, Simplified and Traditional alike")
      ->required()
      ->type_name("")
      ->check(NotEmpty());
  flags->publisher.AddTo(command, PublisherNames());
  AddFilter(command, *flags->request.mutable_filter());
  flags->extent.AddTo(command, absl::StrCat("the best ", kBest, " if not given"));
}

}  // namespace almanac::client
