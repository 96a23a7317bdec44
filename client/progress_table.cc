#include "client/progress_table.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace almanac::client {
namespace {

using v1::SectionProgress;

constexpr int kBarWidth = 10;

Columns<SectionProgress> ProgressColumns() {
  Columns<SectionProgress> columns = {
      {{"SECTION"}, [](const SectionProgress& p, const Style&) { return p.section().empty() ? "total" : p.section(); }},
  };
  const auto count = [&columns](const char* header, int32_t (SectionProgress::*get)() const) {
    columns.push_back(
        {{header, false, true}, [get](const SectionProgress& p, const Style&) { return absl::StrCat((p.*get)()); }});
  };
  count("LINES", &SectionProgress::commitment_count);
  count("PLANNED", &SectionProgress::planned_count);
  count("CONFIRMED", &SectionProgress::confirmed_count);
  count("RELEASED", &SectionProgress::released_count);
  count("EARLY", &SectionProgress::early_count);
  count("ON TIME", &SectionProgress::on_time_count);
  count("LATE", &SectionProgress::late_count);
  count("CANCELLED", &SectionProgress::cancelled_count);
  count("OVERDUE", &SectionProgress::overdue_count);
  count("MOVED", &SectionProgress::moved_count);
  return columns;
}

}  // namespace

std::string Bar(int part, int whole) {
  if (whole <= 0) return "";
  const int filled = static_cast<int>(static_cast<int64_t>(part) * kBarWidth / whole);
  std::string bar;
  for (int i = 0; i < kBarWidth; ++i) bar += i < filled ? "█" : "░";
  return absl::StrFormat("%3d%% %s", static_cast<int64_t>(part) * 100 / whole, bar);
}

void PrintProgress(const v1::Progress& progress, const Printer& printer) {
  if (printer.format() == Format::kJson || printer.format() == Format::kYaml) return printer.PrintMessage(progress);
  Columns<SectionProgress> columns = ProgressColumns();
  if (printer.format() == Format::kTable) {
    printer.out() << progress.release_plan() << " as of " << progress.as_of() << "\n\n";
    columns.push_back({{"RELEASED OF ALL"}, [](const SectionProgress& p, const Style&) {
                         return Bar(p.released_count(), p.commitment_count());
                       }});
  }
  ListOutput<SectionProgress> list(printer, columns);
  list.Add(progress.sections());
  list.AddOne(progress.total());
  list.Finish();
}

}  // namespace almanac::client
