#include "client/export/report_figures.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/date_span.h"
#include "client/export/html.h"

namespace almanac::client {
namespace {

using v1::SectionProgress;

constexpr char kNone[] = "–";

int KeptCount(const SectionProgress& p) { return p.early_count() + p.on_time_count(); }

// What plans list as released and nobody had promised.
int ListedCount(const SectionProgress& p) { return p.released_count() - KeptCount(p) - p.late_count(); }

std::string LegendHtml(const std::vector<ChartPart>& parts) {
  std::string html = "<ul class=\"legend\">";
  for (const ChartPart& part : parts) {
    absl::StrAppend(&html, "<li><span class=\"key ", part.key, "\"></span>", part.label, " <b>", part.count,
                    "</b></li>");
  }
  return absl::StrCat(html, "</ul>\n");
}

std::string CardHtml(const std::string& figure, const std::string& label, const std::string& note) {
  return absl::StrCat("<div class=\"card\"><dt>", label, "</dt><dd><b>", figure, "</b> <small>", note,
                      "</small></dd></div>\n");
}

std::string NumberText(double value) {
  const double shown = std::abs(value);
  return shown == std::floor(shown) ? absl::StrFormat("%.0f", shown) : absl::StrFormat("%.1f", shown);
}

absl::CivilDay DayOf(const v1::Progress& progress) {
  const std::optional<DateSpan> day = ParseDateSpan(progress.as_of());
  return day.has_value() ? day->first : absl::CivilDay();
}

// The first of some months, as many as a narrow screen has room for.
std::vector<ChartTick> TimeTicks(absl::CivilDay first, absl::CivilDay last) {
  constexpr int kMost = 6;
  std::vector<ChartTick> ticks;
  for (const int step : {1, 2, 3, 6, 12, 24, 60, 120, 600, 12000}) {
    ticks.clear();
    const absl::CivilMonth zero(0, 1);
    absl::CivilMonth month = zero + (absl::CivilMonth(first) - zero + step - 1) / step * step;
    for (; absl::CivilDay(month) <= last; month += step) {
      const absl::CivilDay day(month);
      if (day < first) continue;
      const double at =
          static_cast<double>(day - first) / static_cast<double>(std::max<absl::civil_diff_t>(1, last - first));
      const absl::Time time = absl::FromCivil(day, absl::UTCTimeZone());
      ticks.push_back({at, absl::FormatTime(step < 12 ? "%b %Y" : "%Y", time, absl::UTCTimeZone())});
    }
    if (ticks.size() <= kMost) break;
  }
  return ticks;
}

std::string AxisHtml(const char* axis, const char* side, const char* other_side, const std::vector<ChartTick>& ticks) {
  // A label near the end begins before its tick, not behind it, where there is no room.
  constexpr double kNearEnd = 0.88;
  std::string html = absl::StrCat("<div class=\"axis ", axis, "\" aria-hidden=\"true\">");
  for (const ChartTick& tick : ticks) {
    const bool turned = other_side != nullptr && tick.at > kNearEnd;
    absl::StrAppend(&html, "<span style=\"", turned ? other_side : side, ":",
                    absl::StrFormat("%.2f", (turned ? 1 - tick.at : tick.at) * 100), "%\">", tick.label, "</span>");
  }
  return absl::StrCat(html, "</div>\n");
}

std::string HistoryTable(const std::vector<v1::Progress>& history) {
  std::vector<HtmlColumn> columns = {{"Day"}};
  for (const ChartPart& part : ProgressParts(SectionProgress())) columns.push_back({part.label, true});
  columns.push_back({"Dropped", true});
  columns.push_back({"On time, first target", true});
  std::vector<std::vector<std::string>> rows;
  for (auto progress = history.rbegin(); progress != history.rend(); ++progress) {
    const SectionProgress& total = progress->total();
    rows.push_back({DateHtml(progress->as_of())});
    for (const ChartPart& part : ProgressParts(total)) rows.back().push_back(absl::StrCat(part.count));
    rows.back().push_back(absl::StrCat(total.dropped_count()));
    rows.back().push_back(RateText(total.has_first_on_time_rate(), total.first_on_time_rate()));
  }
  return TableHtml("Promises by what had become of them at the end of each day, latest first", columns, rows);
}

}  // namespace

std::vector<ChartPart> ProgressParts(const SectionProgress& p) {
  const int open = p.planned_count() + p.confirmed_count() - p.overdue_count() - p.carried_count();
  return {{"kept", "Kept", KeptCount(p)},
          {"late", "Late", p.late_count()},
          {"overdue", "Overdue", p.overdue_count()},
          {"open", "Not yet due", std::max(0, open)},
          {"cancelled", "Cancelled", p.cancelled_count()}};
}

std::vector<ChartPart> FreshnessParts(const v1::FreshnessCounts& counts) {
  return {
      {"kept", "Fresh", counts.fresh_count()},
      {"due", "Due", counts.due_count()},
      {"late", "Overdue", counts.overdue_count()},
      {"overdue", "Delinquent", counts.delinquent_count()},
      {"unknown", "Never reported", counts.unknown_count()},
      {"open", "Without a due date", counts.continuous_count() + counts.as_needed_count() + counts.unpromised_count()},
      {"cancelled", "Discontinued", counts.discontinued_count()}};
}

std::string PartsText(const std::vector<ChartPart>& parts) {
  std::vector<std::string> texts;
  for (const ChartPart& part : parts) {
    if (part.count > 0) texts.push_back(absl::StrCat(part.label, " ", part.count));
  }
  return absl::StrJoin(texts, ", ");
}

std::string BarFigure(const std::string& caption, const std::vector<ChartPart>& parts) {
  return absl::StrCat("<figure>\n", BarSvg(PartsText(parts), parts), LegendHtml(parts), "<figcaption>", caption,
                      "</figcaption>\n</figure>\n");
}

std::string LedeHtml(const v1::Progress& progress) {
  const SectionProgress& p = progress.total();
  const int due = KeptCount(p) + p.late_count() + p.overdue_count();
  const std::string day = DateHtml(progress.as_of());
  if (due == 0) return absl::StrCat("<p class=\"lede\">By ", day, " no promise had come due.</p>\n");
  std::string html =
      absl::StrCat("<p class=\"lede\">Of <b>", CountText(due, "promise"), "</b> settled or due by ", day,
                   ", <b class=\"kept\">", KeptCount(p), "</b> ", KeptCount(p) == 1 ? "was" : "were",
                   " kept, <b class=\"late\">", p.late_count(), "</b> came late and <b class=\"overdue\">",
                   p.overdue_count(), "</b> ", p.overdue_count() == 1 ? "is" : "are", " overdue");
  if (p.overdue_count() > 0) absl::StrAppend(&html, ", the longest for ", CountText(p.max_overdue_days(), "day"));
  return absl::StrCat(html, ".</p>\n");
}

std::string RateText(bool has_rate, double rate) {
  // Only all of it is 100 %. The small addend makes up for binary fractions: 0.29 is 29 %.
  return has_rate ? absl::StrFormat("%.0f %%", std::floor(rate * 100 + 1e-9)) : kNone;
}

std::string SlipMonthsText(const SectionProgress& p) {
  if (!p.has_median_slip_months()) return kNone;
  const double months = p.median_slip_months();
  if (months == 0) return "none";
  return absl::StrCat(months > 0 ? "+" : "−", NumberText(months), std::abs(months) == 1 ? " month" : " months");
}

std::string KeyFiguresHtml(const SectionProgress& p) {
  const int late = p.first_late_count() + p.first_overdue_count();
  const int first = p.first_early_count() + p.first_on_time_count();
  const int kept = KeptCount(p);
  std::string html = "<dl class=\"cards\">\n";
  absl::StrAppend(&html,
                  CardHtml(RateText(p.has_first_on_time_rate(), p.first_on_time_rate()), "On time, by the first target",
                           absl::StrCat(first, " of ", first + late, ", as first promised")));
  absl::StrAppend(&html,
                  CardHtml(RateText(p.has_last_on_time_rate(), p.last_on_time_rate()), "On time, by the last target",
                           absl::StrCat(kept, " of ", kept + p.late_count() + p.overdue_count(), ", after all moves")));
  absl::StrAppend(&html, CardHtml(SlipMonthsText(p), "Median slip", "from the first target to the release"));
  absl::StrAppend(&html, CardHtml(p.overdue_count() > 0 ? CountText(p.median_overdue_days(), "day") : kNone,
                                  "Median time overdue", absl::StrCat("of ", p.overdue_count(), " overdue")));
  absl::StrAppend(&html, CardHtml(RateText(p.has_reasoned_move_rate(), p.reasoned_move_rate()), "Moves with a reason",
                                  absl::StrCat(p.reasoned_move_count(), " of ", CountText(p.move_count(), "move"))));
  absl::StrAppend(&html, CardHtml(absl::StrCat(p.dropped_count()), "Dropped without a word",
                                  p.has_dropped_rate() ? absl::StrCat(RateText(true, p.dropped_rate()),
                                                                      " of what was open at the next edition")
                                                       : "by a later edition"));
  absl::StrAppend(&html, "</dl>\n");
  if (const int listed = ListedCount(p); listed > 0) {
    absl::StrAppend(
        &html, "<p class=\"note\">Besides, plans list ", CountText(listed, "dataset"),
        " as released already, without a target that could be kept or missed; they are not counted here.</p>\n");
  }
  return html;
}

std::string HistoryFigure(const std::vector<v1::Progress>& history) {
  if (history.size() < 2) return "<p class=\"note\">There is nothing to look back on yet.</p>\n";
  const absl::CivilDay first = DayOf(history.front());
  const absl::CivilDay last = DayOf(history.back());
  const auto length = static_cast<double>(std::max<absl::civil_diff_t>(1, last - first));
  int top = 1;
  std::vector<ChartPoint> points;
  for (const v1::Progress& progress : history) {
    points.push_back({static_cast<double>(DayOf(progress) - first) / length, ProgressParts(progress.total())});
    int height = 0;
    for (const ChartPart& part : points.back().parts) height += part.count;
    top = std::max(top, height);
  }
  const std::vector<ChartTick> x_ticks = TimeTicks(first, last);
  const std::vector<ChartTick> y_ticks = CountTicks(top);
  const std::string description =
      absl::StrCat("From ", DateWords(history.front().as_of()), " (", PartsText(points.front().parts), ") to ",
                   DateWords(history.back().as_of()), " (", PartsText(points.back().parts), ")");
  return absl::StrCat("<figure class=\"history\">\n<div class=\"plot\">\n", AxisHtml("y", "bottom", nullptr, y_ticks),
                      AreasSvg("Promises over time", description, points, top, x_ticks, y_ticks),
                      AxisHtml("x", "left", "right", x_ticks), "</div>\n", LegendHtml(points.back().parts),
                      "<figcaption>Promises with a target, by what had become of them at the ends of months; the "
                      "counts are those of ",
                      DateHtml(history.back().as_of()),
                      ".</figcaption>\n</figure>\n<details>\n<summary>The figures of this "
                      "chart</summary>\n",
                      HistoryTable(history), "</details>\n");
}

}  // namespace almanac::client
