// A chart of promises over time for a terminal.
#ifndef ALMANAC_CLIENT_TIMELINE_H_
#define ALMANAC_CLIENT_TIMELINE_H_

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "client/promises.h"

namespace almanac::client {

// The days of a chart laid out in columns: each column, or each few, is a month, or a quarter, or some years.
class TimeAxis {
 public:
  // The finest scale on which `first` to `last` takes at most `room` columns, of which there is at least one.
  TimeAxis(absl::CivilDay first, absl::CivilDay last, int room);

  // How many columns it takes.
  int columns() const { return units_ * columns_per_unit_; }

  // The column of `day`, from 0; days outside count as the first or last one.
  int ColumnOf(absl::CivilDay day) const;

  // The columns in which a year begins; none where a column takes a year or more.
  std::vector<int> YearColumns() const;

  // The lines above the chart: the years and below them the initials of months or the numbers of quarters.
  std::vector<std::string> Header() const;

 private:
  absl::CivilMonth StartOf(int unit) const { return start_ + static_cast<absl::civil_diff_t>(unit) * months_per_unit_; }
  std::string Years() const;

  absl::CivilMonth start_;
  int months_per_unit_ = 1;
  int columns_per_unit_ = 1;
  int units_ = 1;
};

// One line of a chart.
struct TimelineRow {
  std::string name;
  std::string title;
  Promise promise;
};

// The chart, one line for each row, with an axis above and a legend below, for a terminal of `width` columns; 0 means
// unlimited. A very narrow terminal is exceeded rather than cutting the chart to nothing. Only characters that are one
// column wide on every terminal mark anything.
std::string DrawTimeline(const std::vector<TimelineRow>& rows, absl::CivilDay as_of, int width);

// Something that happened to a promise, as the other formats give it.
struct TimelineEvent {
  // `promised`, `moved`, `confirmed`, `released`, `cancelled` or `overdue`.
  std::string event;
  // When, with the precision that is known; may be empty.
  std::string date;
  std::string from_target;
  std::string target;
  std::string reason;
  std::string note;
  std::string actor;
};

// What happened to `promise`, in the order of its days.
std::vector<TimelineEvent> EventsOf(const Promise& promise);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_TIMELINE_H_
