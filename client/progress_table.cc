#include "client/progress_table.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/fields.h"
#include "client/names.h"
#include "client/text_width.h"

namespace almanac::client {
namespace {

using v1::PlanProgress;
using v1::PublisherProgress;
using v1::SectionProgress;

constexpr int kGap = 2;
// To how much names and titles are cut before figures are left out.
constexpr int kLeastName = 12;
constexpr char kTotal[] = "total";

// One column of figures.
struct Figure {
  const char* header;
  std::function<std::string(const SectionProgress&)> text;
  // Where the terminal is too narrow, those with the greatest are left out first, those with 0 never.
  int dispensable = 0;
};

// Every field of SectionProgress but `section`, under the header that its column has in CSV.
constexpr std::pair<const char*, const char*> kCsvFields[] = {
    {"lines", "commitment_count"},
    {"planned", "planned_count"},
    {"confirmed", "confirmed_count"},
    {"released", "released_count"},
    {"early", "early_count"},
    {"on_time", "on_time_count"},
    {"late", "late_count"},
    {"cancelled", "cancelled_count"},
    {"overdue", "overdue_count"},
    {"moved", "moved_count"},
    {"max_overdue_days", "max_overdue_days"},
    {"median_overdue_days", "median_overdue_days"},
    {"carried", "carried_count"},
    {"dropped", "dropped_count"},
    {"first_early", "first_early_count"},
    {"first_on_time", "first_on_time_count"},
    {"first_late", "first_late_count"},
    {"first_overdue", "first_overdue_count"},
    {"first_on_time_rate", "first_on_time_rate"},
    {"last_on_time_rate", "last_on_time_rate"},
    {"median_slip_months", "median_slip_months"},
    {"moves", "move_count"},
    {"reasoned_moves", "reasoned_move_count"},
    {"reasoned_move_rate", "reasoned_move_rate"},
    {"dropped_rate", "dropped_rate"},
};

std::vector<Figure> CsvFigures() {
  std::vector<Figure> figures;
  for (const auto& [header, name] : kCsvFields) {
    const google::protobuf::FieldDescriptor* field = SectionProgress::descriptor()->FindFieldByName(name);
    figures.push_back({header, [field](const SectionProgress& p) {
                         const bool absent = field->has_presence() && !p.GetReflection()->HasField(p, field);
                         return absent ? "" : PlainFieldText(p, *field);
                       }});
  }
  return figures;
}

// `33%`, rounded down like bars. A rate is a ratio of counts: what rounding left a hair below a percent is that
// percent.
std::string RateText(bool present, double rate) {
  return present ? absl::StrCat(static_cast<int>(rate * 100 + 1e-9), "%") : "";
}

// `5, 93 days`: how many are overdue, and the longest of them for how long.
std::string OverdueText(const SectionProgress& p) {
  if (p.overdue_count() == 0) return "0";
  return absl::StrCat(p.overdue_count(), ", ", p.max_overdue_days(), p.max_overdue_days() == 1 ? " day" : " days");
}

std::string SlipText(const SectionProgress& p) {
  if (!p.has_median_slip_months()) return "";
  return absl::StrFormat("%s%g mo", p.median_slip_months() > 0 ? "+" : "", p.median_slip_months());
}

// What fits 120 columns beside short names; beside long ones, without `with_bar`.
std::vector<Figure> TableFigures(bool with_bar) {
  using S = SectionProgress;
  std::vector<Figure> figures = {
      {"LINES", [](const S& p) { return absl::StrCat(p.commitment_count()); }},
      {"OVERDUE", OverdueText},
      {"DROPPED", [](const S& p) { return absl::StrCat(p.dropped_count()); }, 2},
      {"CANCELLED", [](const S& p) { return absl::StrCat(p.cancelled_count()); }, 3},
      {"RELEASED", [](const S& p) { return absl::StrCat(p.released_count()); }},
      {"ON TIME", [](const S& p) { return RateText(p.has_last_on_time_rate(), p.last_on_time_rate()); }},
      {"BY FIRST", [](const S& p) { return RateText(p.has_first_on_time_rate(), p.first_on_time_rate()); }, 1},
      {"SLIP", SlipText, 4},
      {"MOVES", [](const S& p) { return absl::StrCat(p.move_count()); }, 5},
      {"REASON", [](const S& p) { return RateText(p.has_reasoned_move_rate(), p.reasoned_move_rate()); }, 6},
  };
  if (with_bar) {
    figures.push_back({"RELEASED OF ALL", [](const S& p) { return Bar(p.released_count(), p.commitment_count()); }, 7});
  }
  return figures;
}

// Leaves out of `figures` what does not fit into `room` columns of the terminal.
void LeaveOut(std::vector<Figure>& figures, const std::vector<const SectionProgress*>& rows, int room) {
  std::vector<int> widths;
  int needed = 0;
  for (const Figure& figure : figures) {
    int width = DisplayWidth(figure.header);
    for (const SectionProgress* row : rows) width = std::max(width, DisplayWidth(figure.text(*row)));
    widths.push_back(kGap + width);
    needed += widths.back();
  }
  while (needed > room) {
    const auto least = std::max_element(figures.begin(), figures.end(),
                                        [](const Figure& a, const Figure& b) { return a.dispensable < b.dispensable; });
    if (least == figures.end() || least->dispensable == 0) return;
    const auto width = widths.begin() + (least - figures.begin());
    needed -= *width;
    widths.erase(width);
    figures.erase(least);
  }
}

// The columns that a column of names needs at least.
template <typename T>
int LeastWidth(const Column<T>& column, const std::vector<T>& rows, const Style& style) {
  int width = DisplayWidth(column.look.header);
  for (const T& row : rows) width = std::max(width, DisplayWidth(column.cell(row, style)));
  return std::min(width, kLeastName);
}

// Prints `rows` and `total`. `columns` say whose figures a row has, and `figures_of` is where they are.
template <typename T, typename FiguresOf>
void PrintRows(const Printer& printer, Columns<T> columns, FiguresOf figures_of, bool with_bar,
               const google::protobuf::RepeatedPtrField<T>& rows, const T& total) {
  // At once, so that the figures of the total, which are the widest, stand below those that they sum up.
  std::vector<T> all(rows.begin(), rows.end());
  all.push_back(total);
  std::vector<Figure> figures = printer.format() == Format::kTable ? TableFigures(with_bar) : CsvFigures();
  if (printer.format() == Format::kTable && printer.width() > 0) {
    int room = printer.width() + kGap;
    for (const Column<T>& column : columns) {
      if (column.show == Show::kAlways) room -= kGap + LeastWidth(column, all, printer.style());
    }
    std::vector<const SectionProgress*> of_all;
    for (const T& row : all) of_all.push_back(&figures_of(row));
    LeaveOut(figures, of_all, room);
  }
  for (const Figure& figure : figures) {
    columns.push_back({{figure.header, false, true},
                       [figure, figures_of](const T& row, const Style&) { return figure.text(figures_of(row)); }});
  }
  ListOutput<T> list(printer, columns);
  list.Add(all);
  list.Finish();
}

void PrintSections(const v1::Progress& progress, const Printer& printer) {
  const Columns<SectionProgress> names = {
      {{"SECTION"}, [](const SectionProgress& p, const Style&) { return p.section().empty() ? kTotal : p.section(); }},
  };
  const auto figures_of = [](const SectionProgress& p) -> const SectionProgress& { return p; };
  PrintRows(printer, names, figures_of, /*with_bar=*/true, progress.sections(), progress.total());
}

// The name as Style wants it; `total` if it is empty.
std::string NameText(const std::string& name, const NamePattern& names, const Style& style) {
  if (name.empty()) return kTotal;
  return style.for_people ? names.Short(name) : name;
}

void PrintEditions(const v1::Progress& progress, const Printer& printer) {
  const Columns<PlanProgress> names = {{{"EDITION", true}, [](const PlanProgress& p, const Style& style) {
                                          return NameText(p.release_plan(), PlanNames(), style);
                                        }}};
  PlanProgress total;
  *total.mutable_total() = progress.total();
  PrintRows(printer, names, std::mem_fn(&PlanProgress::total), /*with_bar=*/false, progress.plans(), total);
}

void PrintPublishers(const v1::Progress& progress, const Printer& printer) {
  const Columns<PublisherProgress> names = {
      {{"PUBLISHER", true},
       [](const PublisherProgress& p, const Style& style) { return NameText(p.publisher(), PublisherNames(), style); }},
      {{"TITLE", true}, [](const PublisherProgress& p, const Style& style) { return style.language.Pick(p.titles()); }},
      {{"AS OF"}, [](const PublisherProgress& p, const Style&) { return p.as_of(); }, Show::kCsvOnly},
  };
  PublisherProgress total;
  total.set_as_of(progress.as_of());
  *total.mutable_total() = progress.total();
  PrintRows(printer, names, std::mem_fn(&PublisherProgress::total), /*with_bar=*/false, progress.publishers(), total);
}

}  // namespace

void PrintProgress(const v1::Progress& progress, const Printer& printer) {
  if (printer.format() == Format::kJson || printer.format() == Format::kYaml) return printer.PrintMessage(progress);
  const bool is_all = progress.name() == PublisherNames().Wildcard();
  if (printer.format() == Format::kTable) {
    printer.out() << (is_all ? "All publishers" : progress.name()) << " as of " << progress.as_of() << "\n\n";
  }
  if (!progress.release_plan().empty()) return PrintSections(progress, printer);
  is_all ? PrintPublishers(progress, printer) : PrintEditions(progress, printer);
}

}  // namespace almanac::client
