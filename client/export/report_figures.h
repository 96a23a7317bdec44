// The figures of a report and its charts. All of it is HTML.
#ifndef ALMANAC_CLIENT_EXPORT_REPORT_FIGURES_H_
#define ALMANAC_CLIENT_EXPORT_REPORT_FIGURES_H_

#include <string>
#include <vector>

#include "almanac/v1/dataset_service.pb.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "client/export/svg.h"

namespace almanac::client {

// What became of all promises with a target: kept, late, overdue, not yet due, cancelled. Each is in one part.
std::vector<ChartPart> ProgressParts(const v1::SectionProgress& progress);

// The datasets by the state of their freshness.
std::vector<ChartPart> FreshnessParts(const v1::FreshnessCounts& counts);

// The parts in words: `7 kept, 2 late`; parts of nothing are left out.
std::string PartsText(const std::vector<ChartPart>& parts);

// A bar of the parts and its legend with the counts.
std::string BarFigure(const std::string& caption, const std::vector<ChartPart>& parts);

// The sentence that sums all up.
std::string LedeHtml(const v1::Progress& progress);

// The rates and the other figures that matter most, as cards.
std::string KeyFiguresHtml(const v1::SectionProgress& progress);

// A rate as `58 %`, rounded down; a dash if there is none.
std::string RateText(bool has_rate, double rate);

// A median slip as `+2 months` or `−1 month`, `none`, or a dash if there is none to tell of.
std::string SlipMonthsText(const v1::SectionProgress& progress);

// The chart of progress over time, with its figures in a table that opens.
std::string HistoryFigure(const std::vector<v1::Progress>& history);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_EXPORT_REPORT_FIGURES_H_
