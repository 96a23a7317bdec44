#include "client/facet_tables.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/output.h"
#include "client/values.h"

namespace almanac::client {
namespace {

constexpr char kMore[] = "there are more values: --max-values NUMBER prints them";

// `12 datasets`, or what is known of it.
std::string HeadingText(const v1::CountFacetsResponse& counts) {
  const std::string total = absl::StrCat(TotalText(counts.total_size(), counts.is_estimated()),
                                         counts.total_size() == 1 ? " dataset" : " datasets");
  return counts.is_estimated() ? absl::StrCat(total, "; all counts are estimates, made from a sample of them") : total;
}

void PrintTable(const v1::Facet& facet, const v1::CountFacetsResponse& counts, const Printer& printer) {
  const std::unique_ptr<RowWriter> writer = printer.MakeWriter(
      {{absl::AsciiStrToUpper(facet.field()), true}, {"DATASETS", false, true}, {"OF ALL", false, true}});
  std::vector<Row> rows;
  for (const v1::FacetValue& value : facet.values()) {
    // Of estimates, a part may be more than the whole.
    const int64_t part = std::min(value.count(), counts.total_size());
    rows.push_back({&value,
                    {value.value().empty() ? "(none)" : value.value(), GroupedNumber(value.count()),
                     Bar(part, counts.total_size())}});
  }
  writer->Write(rows);
  writer->Finish();
  if (facet.has_more()) printer.out() << kMore << '\n';
}

void PrintTables(const v1::CountFacetsResponse& counts, const Printer& printer) {
  printer.out() << HeadingText(counts) << '\n';
  for (const v1::Facet& facet : counts.facets()) {
    if (facet.values().empty()) continue;
    printer.out() << '\n';
    PrintTable(facet, counts, printer);
  }
}

void PrintCsv(const v1::CountFacetsResponse& counts, Session& session) {
  const std::unique_ptr<RowWriter> writer =
      session.printer.MakeWriter({{"FIELD"}, {"VALUE"}, {"DATASETS"}, {"ESTIMATED"}});
  std::vector<Row> rows;
  for (const v1::Facet& facet : counts.facets()) {
    for (const v1::FacetValue& value : facet.values()) {
      rows.push_back(
          {&value,
           {facet.field(), value.value(), absl::StrCat(value.count()), counts.is_estimated() ? "true" : "false"}});
    }
    if (facet.has_more()) session.notes << facet.field() << ": " << kMore << "\n";
  }
  writer->Write(rows);
  writer->Finish();
}

}  // namespace

void PrintFacets(const v1::CountFacetsResponse& counts, Session& session) {
  switch (session.printer.format()) {
    case Format::kTable:
      return PrintTables(counts, session.printer);
    case Format::kCsv:
      return PrintCsv(counts, session);
    default:
      return session.printer.PrintMessage(counts, /*show_defaults=*/true);
  }
}

}  // namespace almanac::client
