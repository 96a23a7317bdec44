#include "client/export/report_summaries.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/date_span.h"
#include "client/export/html.h"
#include "client/export/report_figures.h"
#include "client/export/report_tables.h"
#include "client/names.h"

namespace almanac::client {
namespace {

// The columns of a table that sums sets of promises up, after the one that names them.
std::vector<HtmlColumn> SumColumns(const std::string& first) {
  return {{first},
          {"What became of them"},
          {"Promises", true},
          {"Overdue", true},
          {"On time, first target", true},
          {"On time, last target", true},
          {"Median slip", true},
          {"Dropped", true}};
}

std::vector<std::string> SumRow(const std::string& name, const v1::SectionProgress& p) {
  const std::vector<ChartPart> parts = ProgressParts(p);
  const std::string overdue = p.overdue_count() == 0
                                  ? "0"
                                  : absl::StrCat("<b class=\"overdue\">", p.overdue_count(), "</b> <small>up to ",
                                                 CountText(p.max_overdue_days(), "day"), "</small>");
  return {name,
          BarSvg(PartsText(parts), parts),
          absl::StrCat(p.commitment_count()),
          overdue,
          RateText(p.has_first_on_time_rate(), p.first_on_time_rate()),
          RateText(p.has_last_on_time_rate(), p.last_on_time_rate()),
          SlipMonthsText(p),
          absl::StrCat(p.dropped_count())};
}

std::string SectionName(const v1::ReleasePlan& plan, const std::string& code, const Language& language) {
  for (const v1::PlanSection& section : plan.sections()) {
    if (section.code() != code || section.titles().empty()) continue;
    return absl::StrCat(Escape(code), " <small>", PickHtml(section.titles(), language), "</small>");
  }
  return Escape(code);
}

const v1::ReleasePlan* FindPlan(const Report& report, const std::string& name) {
  for (const PublisherPlans& plans : report.publishers) {
    for (const v1::ReleasePlan& plan : plans.plans) {
      if (plan.name() == name) return &plan;
    }
  }
  return nullptr;
}

absl::TimeZone ZoneOf(const Report& report, const std::string& publisher) {
  absl::TimeZone zone = absl::UTCTimeZone();
  for (const PublisherPlans& plans : report.publishers) {
    if (plans.publisher.name() != publisher) continue;
    if (!absl::LoadTimeZone(plans.publisher.time_zone(), &zone)) zone = absl::UTCTimeZone();
  }
  return zone;
}

const v1::Publisher* FindPublisher(const Report& report, const std::string& name) {
  for (const PublisherPlans& plans : report.publishers) {
    if (plans.publisher.name() == name) return &plans.publisher;
  }
  return nullptr;
}

std::string DayHtml(const google::protobuf::Timestamp& time, const absl::TimeZone& zone) {
  return DateHtml(DayText(absl::ToCivilDay(absl::FromUnixSeconds(time.seconds()), zone)));
}

std::string FrequencyText(v1::Frequency frequency) {
  const std::string text = EnumText(frequency);
  return text.empty() ? "–" : text;
}

std::string LateDatasetsTable(const Report& report, const Language& language) {
  std::vector<const v1::Dataset*> datasets;
  for (const v1::Dataset& dataset : report.late_datasets) datasets.push_back(&dataset);
  std::stable_sort(datasets.begin(), datasets.end(), [](const v1::Dataset* a, const v1::Dataset* b) {
    return a->freshness().due_time().seconds() < b->freshness().due_time().seconds();
  });
  std::vector<std::vector<std::string>> rows;
  for (const v1::Dataset* dataset : datasets) {
    const std::string publisher = SplitName(dataset->name()).first;
    const absl::TimeZone zone = ZoneOf(report, publisher);
    const v1::Publisher* owner = report.all ? FindPublisher(report, publisher) : nullptr;
    const bool delinquent = dataset->freshness().state() == v1::Freshness::DELINQUENT;
    rows.push_back({absl::StrCat(PickHtml(dataset->titles(), language), " <small>",
                                 owner == nullptr ? Escape(SplitName(dataset->name()).second)
                                                  : PickHtml(owner->titles(), language),
                                 "</small>"),
                    FrequencyText(dataset->frequency()), FrequencyText(dataset->freshness().observed_frequency()),
                    DayHtml(dataset->last_update_time(), zone), DayHtml(dataset->freshness().due_time(), zone),
                    delinquent ? "<b class=\"overdue\">delinquent</b>" : "overdue"});
  }
  return TableHtml("Datasets whose next update is late, longest first",
                   {{"Dataset"}, {"Promised"}, {"Observed"}, {"Last update"}, {"Next was due"}, {"State"}}, rows);
}

std::string FreshnessByPublisher(const Report& report, const Language& language) {
  std::vector<std::vector<std::string>> rows;
  for (const v1::FreshnessCounts& counts : report.freshness.publishers()) {
    const v1::Publisher* publisher = FindPublisher(report, counts.publisher());
    const std::vector<ChartPart> parts = FreshnessParts(counts);
    rows.push_back({publisher == nullptr ? Escape(counts.publisher()) : PickHtml(publisher->titles(), language),
                    BarSvg(PartsText(parts), parts), absl::StrCat(counts.dataset_count()),
                    absl::StrCat(counts.overdue_count() + counts.delinquent_count())});
  }
  return TableHtml("Datasets of each publisher", {{"Publisher"}, {"How fresh"}, {"Datasets", true}, {"Late", true}},
                   rows);
}

}  // namespace

std::string EditionsHtml(const Report& report, const Language& language) {
  std::string html;
  if (report.edition.has_value()) {
    const v1::ReleasePlan* plan = FindPlan(report, report.edition->release_plan());
    std::vector<std::vector<std::string>> rows;
    for (const v1::SectionProgress& section : report.edition->sections()) {
      rows.push_back(SumRow(
          plan == nullptr ? Escape(section.section()) : SectionName(*plan, section.section(), language), section));
    }
    const std::string name = PlanNames().Short(report.edition->release_plan());
    html = TableHtml(absl::StrCat("Sections of the edition ", Escape(name)), SumColumns("Section"), rows);
  }
  std::vector<std::vector<std::string>> rows;
  for (const v1::PlanProgress& edition : report.progress.plans()) {
    rows.push_back(SumRow(Escape(PlanNames().Short(edition.release_plan())), edition.total()));
  }
  if (rows.size() > 1) absl::StrAppend(&html, TableHtml("Editions, latest first", SumColumns("Edition"), rows));
  return html.empty() ? "<p class=\"note\">No edition had been published.</p>\n" : html;
}

std::string PublishersHtml(const Report& report, const Language& language) {
  std::vector<std::vector<std::string>> rows;
  for (const v1::PublisherProgress& one : report.progress.publishers()) {
    const std::string title = PickHtml(one.titles(), language);
    const std::string name = one.total().overdue_count() == 0
                                 ? title
                                 : absl::StrCat("<a href=\"#", Escape(AnchorOf(one.publisher())), "\">", title, "</a>");
    rows.push_back(SumRow(name, one.total()));
  }
  if (rows.empty()) return "<p class=\"note\">No publisher had published a plan.</p>\n";
  return TableHtml("Publishers, the worst first: by the share of what was due that is overdue or was late",
                   SumColumns("Publisher"), rows);
}

std::string FreshnessHtml(const Report& report, const Language& language) {
  if (report.freshness.total().dataset_count() == 0) return "<p class=\"note\">There are no datasets.</p>\n";
  std::string html = BarFigure(
      absl::StrCat(CountText(report.freshness.total().dataset_count(), "dataset"),
                   ", by how their reported updates compare with the promised frequency when this report was made"),
      FreshnessParts(report.freshness.total()));
  if (!report.late_datasets.empty()) absl::StrAppend(&html, LateDatasetsTable(report, language));
  if (report.all) absl::StrAppend(&html, FreshnessByPublisher(report, language));
  return html;
}

}  // namespace almanac::client
