#include "client/export/report.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/connection.h"
#include "client/date_span.h"
#include "client/export/html.h"
#include "client/export/report_figures.h"
#include "client/export/report_style.h"
#include "client/export/report_summaries.h"
#include "client/export/report_tables.h"

namespace almanac::client {
namespace {

constexpr char kHead[] = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
)";

std::string SectionHtml(const std::string& id, const std::string& title, const std::string& content) {
  return absl::StrCat("<section aria-labelledby=\"", id, "\">\n<h2 id=\"", id, "\">", title, "</h2>\n", content,
                      "</section>\n");
}

std::string HeaderHtml(const Report& report, const Language& language) {
  const bool one = !report.all && !report.publishers.empty();
  const std::string title = one ? PickHtml(report.publishers.front().publisher.titles(), language) : "All publishers";
  return absl::StrCat("<header>\n<p class=\"kicker\">Open data: promises kept</p>\n<h1>", title, "</h1>\n",
                      LedeHtml(report.progress), "</header>\n");
}

std::string FooterHtml(const Report& report) {
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", report.time, absl::UTCTimeZone());
  const std::string words = absl::FormatTime("%-d %B %Y, %H:%M UTC", report.time, absl::UTCTimeZone());
  const std::string revision = report.first_revision == report.last_revision
                                   ? absl::StrCat("revision ", report.last_revision)
                                   : absl::StrCat("revisions ", report.first_revision, " to ", report.last_revision,
                                                  ", written while it was read");
  return absl::StrCat(
      "<footer>\n<p>Judged by ", DateHtml(DayText(report.as_of)), ". Made on <time datetime=\"", time, "\">", words,
      "</time> by almanac ", Escape(Version()), " from catalogue ", Escape(report.catalogue_id), ", ", revision,
      ".</p>\n",
      "<p>A promise is met up to the last day of what its target names, and overdue from the day after. "
      "The first target is what the first edition said; the last one is that after all moves.</p>\n"
      "</footer>\n");
}

}  // namespace

std::vector<absl::CivilDay> LookBackDays(const std::vector<PublisherPlans>& publishers, absl::CivilDay as_of) {
  constexpr absl::civil_diff_t kMost = 48;
  absl::CivilDay first = as_of;
  for (const PublisherPlans& plans : publishers) {
    for (const auto& [plan, day] : PublicationDays(plans)) first = std::min(first, day);
  }
  const absl::CivilMonth begin(first);
  const absl::civil_diff_t months = absl::CivilMonth(as_of) - begin;
  absl::civil_diff_t step = 1;
  for (const absl::civil_diff_t wider : {3, 6, 12, 60, 120, 1200, 12000}) {
    if (months / step <= kMost) break;
    step = wider;
  }
  std::vector<absl::CivilDay> days;
  for (absl::civil_diff_t month = 0; month <= months; month += step) {
    const absl::CivilDay end = absl::CivilDay(begin + month + 1) - 1;
    if (end < as_of) days.push_back(end);
  }
  days.push_back(as_of);
  return days;
}

const v1::ReleasePlan* LatestEdition(const PublisherPlans& plans, absl::CivilDay day) {
  const std::map<std::string, absl::CivilDay> days = PublicationDays(plans);
  const auto period = [](const v1::ReleasePlan& plan) {
    return std::make_pair(plan.period().start_year(), plan.period().end_year());
  };
  const v1::ReleasePlan* latest = nullptr;
  for (const v1::ReleasePlan& plan : plans.plans) {
    const auto published = days.find(plan.name());
    if (published == days.end() || published->second > day) continue;
    if (latest == nullptr || period(*latest) < period(plan)) latest = &plan;
  }
  return latest;
}

std::string ReportPage(const Report& report, const Language& language) {
  PromisesByPublisher promises;
  for (const PublisherPlans& plans : report.publishers) {
    promises[plans.publisher.name()] = PromisesOn(plans, report.as_of);
  }
  const std::string title = report.all || report.publishers.empty()
                                ? "All publishers"
                                : Escape(language.Pick(report.publishers.front().publisher.titles()));
  const std::string standing =
      absl::StrCat(BarFigure("Promises with a target, by what became of them", ProgressParts(report.progress.total())),
                   KeyFiguresHtml(report.progress.total()));
  return absl::StrCat(
      kHead, "<title>", title, ": promises kept, ", DateWords(DayText(report.as_of)), "</title>\n<style>\n",
      kReportStyle, "</style>\n</head>\n<body>\n<main>\n", HeaderHtml(report, language),
      SectionHtml("standing", "Where it stands", standing),
      report.all ? SectionHtml("publishers", "Publishers", PublishersHtml(report, language)) : "",
      SectionHtml("history", "Over time", HistoryFigure(report.history)),
      SectionHtml("overdue", "Overdue", OverdueHtml(report, promises, language)),
      SectionHtml("slips", "Moved and cancelled", SlipsHtml(report, promises, language)),
      SectionHtml("freshness", "Freshness", FreshnessHtml(report, language)),
      report.all ? "" : SectionHtml("editions", "Sections and editions", EditionsHtml(report, language)),
      FooterHtml(report), "</main>\n</body>\n</html>\n");
}

}  // namespace almanac::client
