#include "client/timeline.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/date_span.h"
#include "client/text_width.h"
#include "client/values.h"

namespace almanac::client {
namespace {

using v1::Commitment;

constexpr int kGap = 2;
constexpr int kUnlimitedRoom = 72;
constexpr int kLeastRoom = 8;
constexpr int kLeastTitle = 16;
// How wide a month or a quarter, and a year, may become.
constexpr int kMostColumnsPerPart = 3;
constexpr int kMostColumnsPerYear = 6;
constexpr int kMonthsPerYear = 12;
// A month, a quarter, and years.
constexpr int kScales[] = {1, 3, 12, 24, 60, 120, 240, 600, 1200, 6000, 12000, 120000};

constexpr char kFirst = 'o';
constexpr char kMoved = '>';
constexpr char kConfirmed = 'C';
constexpr char kReleased = 'R';
constexpr char kCancelled = 'X';
constexpr char kSlip = '-';
constexpr char kPast = '!';
constexpr char kAsOf = '|';
constexpr char kYear = '.';

// The month with which a chart begins that must show `month`, in units of `months` months: a month, or a January, so
// that years are named whole.
absl::CivilMonth Aligned(absl::CivilMonth month, int months) {
  const absl::civil_diff_t step = months == 1 ? 1 : std::max(months, kMonthsPerYear);
  const absl::civil_diff_t index = month - absl::CivilMonth(0, 1);
  return absl::CivilMonth(0, 1) + index / step * step;
}

// How many units of `months` months lie between `first` and `last`, both included.
int UnitsBetween(absl::CivilDay first, absl::CivilDay last, int months) {
  return MonthsBetween(absl::CivilDay(Aligned(absl::CivilMonth(first), months)), last) / months + 1;
}

// The days between which a chart must reach.
struct Reach {
  absl::CivilDay first;
  absl::CivilDay last;

  void Include(const std::string& date) {
    const std::optional<DateSpan> span = ParseDateSpan(date);
    if (!span.has_value()) return;
    first = std::min(first, span->last);
    last = std::max(last, span->last);
  }
};

Reach ReachOf(const std::vector<TimelineRow>& rows, absl::CivilDay as_of) {
  Reach reach{as_of, as_of};
  for (const TimelineRow& row : rows) {
    const Promise& promise = row.promise;
    for (const std::string& date : {promise.first_target, promise.target, promise.release_date}) {
      reach.Include(date);
    }
    for (const Move& move : promise.moves) reach.Include(move.to);
    for (const Move& cancellation : promise.cancellations) reach.Include(cancellation.day);
  }
  return reach;
}

// Draws one promise; what is painted later lies above what is there.
class Painter {
 public:
  Painter(const TimeAxis& axis, absl::CivilDay as_of) : axis_(axis), as_of_(as_of) {}

  std::string Paint(const Promise& promise) {
    cells_.assign(static_cast<size_t>(axis_.columns()), ' ');
    for (const int column : axis_.YearColumns()) Put(column, kYear);
    PaintSlip(promise);
    Put(axis_.ColumnOf(as_of_), kAsOf);
    PaintPast(promise);
    PutAt(promise.first_target, kFirst);
    for (const Move& move : promise.moves) PutAt(move.to, kMoved);
    if (!promise.confirm_date.empty()) PutAt(promise.target, kConfirmed);
    for (const Move& cancellation : promise.cancellations) PutAt(cancellation.day, kCancelled);
    PutAt(promise.release_date, kReleased);
    return cells_;
  }

 private:
  void Put(int column, char mark) { cells_[static_cast<size_t>(column)] = mark; }

  // Marks the last day of what `date` names.
  void PutAt(const std::string& date, char mark) {
    if (const std::optional<DateSpan> span = ParseDateSpan(date)) Put(axis_.ColumnOf(span->last), mark);
  }

  // Fills the columns after that of `from` up to that of `to`.
  void Fill(absl::CivilDay from, absl::CivilDay to, char mark) {
    for (int column = axis_.ColumnOf(from) + 1; column <= axis_.ColumnOf(to); ++column) Put(column, mark);
  }

  void PaintSlip(const Promise& promise) {
    const std::optional<DateSpan> first = ParseDateSpan(promise.first_target);
    const std::optional<DateSpan> target = ParseDateSpan(promise.target);
    if (first.has_value() && target.has_value()) Fill(first->last, target->last, kSlip);
  }

  void PaintPast(const Promise& promise) {
    const std::optional<DateSpan> target = ParseDateSpan(promise.target);
    if (!target.has_value()) return;
    const std::string& end = promise.release_date.empty() ? promise.cancel_date : promise.release_date;
    const std::optional<DateSpan> settled = ParseDateSpan(end);
    if (settled.has_value()) Fill(target->last, settled->last, kPast);
    if (promise.overdue_days > 0) Fill(target->last, as_of_, kPast);
  }

  const TimeAxis& axis_;
  const absl::CivilDay as_of_;
  std::string cells_;
};

// The widths of the title and of the chart, which has `room` columns for both, or no limit for 0.
std::pair<int, int> ShareRoom(int title, const Reach& reach, int room) {
  if (room <= 0) return {title, kUnlimitedRoom};
  title = std::min(title, std::max(kLeastTitle, room * 2 / 5));
  // A shorter title is a small price for a finer scale.
  for (const int months : {1, 3}) {
    const int needed = UnitsBetween(reach.first, reach.last, months);
    if (needed > room - std::min(title, kLeastTitle)) continue;
    title = std::min(title, room - needed);
    break;
  }
  return {title, std::max(kLeastRoom, room - title)};
}

std::string WithoutTrailingSpaces(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

TimeAxis::TimeAxis(absl::CivilDay first, absl::CivilDay last, int room) {
  for (const int months : kScales) {
    months_per_unit_ = months;
    start_ = Aligned(absl::CivilMonth(first), months);
    units_ = UnitsBetween(first, last, months);
    if (units_ <= room) break;
  }
  const int most = months_per_unit_ < kMonthsPerYear ? kMostColumnsPerPart : kMostColumnsPerYear;
  columns_per_unit_ = std::clamp(room / units_, 1, most);
}

int TimeAxis::ColumnOf(absl::CivilDay day) const {
  const absl::CivilMonth month(day);
  if (month < start_) return 0;
  const int unit = static_cast<int>((month - start_) / months_per_unit_);
  if (unit >= units_) return columns() - 1;
  const absl::CivilDay begin(StartOf(unit));
  const absl::civil_diff_t days = absl::CivilDay(StartOf(unit + 1)) - begin;
  return unit * columns_per_unit_ + static_cast<int>((day - begin) * columns_per_unit_ / days);
}

std::vector<int> TimeAxis::YearColumns() const {
  std::vector<int> columns;
  for (int unit = 0; unit < units_ && months_per_unit_ < kMonthsPerYear; ++unit) {
    if (StartOf(unit).month() == 1) columns.push_back(unit * columns_per_unit_);
  }
  return columns;
}

std::string TimeAxis::Years() const {
  constexpr int kLabelWidth = 5;  // a year and a space
  std::string line;
  for (int unit = 0; unit < units_; ++unit) {
    const absl::CivilMonth month = StartOf(unit);
    const int column = unit * columns_per_unit_;
    // The year in which the chart begins is named if it does not take the place of the next.
    const int next_year = column + (kMonthsPerYear + 1 - month.month()) / months_per_unit_ * columns_per_unit_;
    const bool begins = month.month() == 1 || (unit == 0 && next_year >= kLabelWidth);
    if (!begins || column < static_cast<int>(line.size())) continue;
    line.resize(static_cast<size_t>(column), ' ');
    absl::StrAppend(&line, month.year(), " ");
  }
  return WithoutTrailingSpaces(line);
}

std::vector<std::string> TimeAxis::Header() const {
  std::vector<std::string> lines = {Years()};
  if (months_per_unit_ >= kMonthsPerYear) return lines;
  std::string parts(static_cast<size_t>(columns()), ' ');
  for (int unit = 0; unit < units_; ++unit) {
    const auto month = static_cast<size_t>(StartOf(unit).month() - 1);
    const int column = unit * columns_per_unit_;
    parts[static_cast<size_t>(column)] = months_per_unit_ == 1 ? "JFMAMJJASOND"[month] : "1234"[month / 3];
  }
  lines.push_back(WithoutTrailingSpaces(parts));
  return lines;
}

std::string DrawTimeline(const std::vector<TimelineRow>& rows, absl::CivilDay as_of, int width) {
  int names = 0;
  int titles = 0;
  int standings = 0;
  for (const TimelineRow& row : rows) {
    names = std::max(names, DisplayWidth(row.name));
    titles = std::max(titles, DisplayWidth(OneLine(row.title)));
    standings = std::max(standings, DisplayWidth(StandingText(row.promise)));
  }
  const Reach reach = ReachOf(rows, as_of);
  const int room = width <= 0 ? 0 : std::max(kLeastRoom + kLeastTitle, width - names - standings - 3 * kGap);
  const auto [title_width, chart_room] = ShareRoom(titles, reach, room);
  const TimeAxis axis(reach.first, reach.last, chart_room);
  const std::string gap(kGap, ' ');
  const std::string margin(static_cast<size_t>(names + kGap + title_width + kGap), ' ');
  std::string text;
  for (const std::string& line : axis.Header()) absl::StrAppend(&text, margin, line, "\n");
  Painter painter(axis, as_of);
  for (const TimelineRow& row : rows) {
    const std::string title = CutToWidth(OneLine(row.title), std::max(1, title_width));
    absl::StrAppend(
        &text,
        WithoutTrailingSpaces(absl::StrCat(PadToWidth(row.name, names), gap, PadToWidth(title, title_width), gap,
                                           painter.Paint(row.promise), gap, StandingText(row.promise))),
        "\n");
  }
  absl::StrAppend(&text, "\no first target   > moved to   - put off   C confirmed day   R released   X cancelled\n",
                  "! past its target   | ", DayText(as_of), "\n");
  return text;
}

std::vector<TimelineEvent> EventsOf(const Promise& promise) {
  std::vector<TimelineEvent> events;
  if (!promise.first_target.empty()) {
    events.push_back({"promised", promise.promise_date, "", promise.first_target, "", "", ""});
  }
  for (const Move& move : promise.moves) {
    events.push_back({"moved", move.day, move.from, move.to, EnumText(move.reason), move.note, move.actor});
  }
  if (!promise.confirm_date.empty())
    events.push_back({"confirmed", promise.confirm_date, "", promise.target, "", "", ""});
  if (promise.overdue_days > 0) events.push_back({"overdue", promise.OverdueSince(), "", promise.target, "", "", ""});
  if (promise.state == Commitment::RELEASED) {
    events.push_back({"released", promise.release_date, "", promise.target, "", "", ""});
  }
  for (const Move& why : promise.cancellations) {
    events.push_back({"cancelled", why.day, "", why.from, EnumText(why.reason), why.note, why.actor});
  }
  const auto last_day = [](const TimelineEvent& event) {
    const std::optional<DateSpan> span = ParseDateSpan(event.date);
    return span.has_value() ? span->last : absl::CivilDay::min();
  };
  std::stable_sort(events.begin(), events.end(),
                   [&](const TimelineEvent& a, const TimelineEvent& b) { return last_day(a) < last_day(b); });
  return events;
}

}  // namespace almanac::client
