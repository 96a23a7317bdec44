#include "client/export/report_tables.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "client/date_span.h"
#include "client/export/html.h"
#include "client/export/report_figures.h"
#include "client/names.h"

namespace almanac::client {
namespace {

using v1::Commitment;

// The title of a promise, and where it stands: `2022-2024/a-1`.
std::string PromiseHtml(const Promise& promise, const Language& language, const std::string& publisher = "") {
  const std::string name = CommitmentNames().Short(promise.line().name());
  const std::string mark = promise.dropped ? " <span class=\"tag\">dropped</span>" : "";
  return absl::StrCat(PickHtml(promise.line().titles(), language), mark, " <small>",
                      publisher.empty() ? "" : absl::StrCat(publisher, " · "), Escape(name.substr(name.find('/') + 1)),
                      "</small>");
}

// A bar as long as the share that `value` has of the greatest.
std::string MeterHtml(int value, int greatest) {
  return absl::StrFormat("<span class=\"meter\"><span style=\"width:%.1f%%\"></span></span>",
                         100.0 * value / std::max(1, greatest));
}

std::string ReasonWords(Commitment::Reason reason) {
  const std::string word = absl::StrReplaceAll(EnumText(reason), {{"-", " "}});
  return word.empty() ? "none given" : word;
}

// `+3 months`, from the last day of one target to that of another, on a line of its own.
std::string DistanceHtml(const std::string& from, const std::string& to) {
  const std::optional<DateSpan> before = ParseDateSpan(from);
  const std::optional<DateSpan> after = ParseDateSpan(to);
  if (!before.has_value() || !after.has_value() || before->last == after->last) return "";
  const int months = MonthsBetween(before->last, after->last);
  const int count = months != 0 ? months : static_cast<int>(after->last - before->last);
  return absl::StrCat(" <small>", count > 0 ? "+" : "−", CountText(std::abs(count), months != 0 ? "month" : "day"),
                      "</small>");
}

std::string OverdueTable(std::vector<const Promise*> overdue, const std::string& caption, const Language& language) {
  std::stable_sort(overdue.begin(), overdue.end(),
                   [](const Promise* a, const Promise* b) { return a->overdue_days > b->overdue_days; });
  const int longest = overdue.front()->overdue_days;
  std::vector<std::vector<std::string>> rows;
  for (const Promise* promise : overdue) {
    const size_t moves = promise->moves.size();
    const std::string moved = moves == 0 ? "never" : moves == 1 ? "once" : absl::StrCat(moves, " times");
    rows.push_back({PromiseHtml(*promise, language), DateHtml(promise->first_target), moved, DateHtml(promise->target),
                    DateHtml(promise->OverdueSince()),
                    absl::StrCat(CountText(promise->overdue_days, "day"), MeterHtml(promise->overdue_days, longest))});
  }
  return TableHtml(caption, {{"Promise"}, {"First target"}, {"Moved"}, {"Target"}, {"Overdue since"}, {"Overdue for"}},
                   rows);
}

std::vector<const Promise*> OverdueOf(const std::vector<Promise>& promises) {
  std::vector<const Promise*> overdue;
  for (const Promise& promise : promises) {
    if (promise.overdue_days > 0) overdue.push_back(&promise);
  }
  return overdue;
}

// A move, or a cancellation, which has no `to`.
struct Slip {
  const Promise* promise;
  const v1::Publisher* publisher;
  Move move;
};

std::vector<Slip> SlipsOf(const Report& report, const PromisesByPublisher& promises) {
  std::vector<Slip> slips;
  for (const PublisherPlans& plans : report.publishers) {
    const auto of_one = promises.find(plans.publisher.name());
    if (of_one == promises.end()) continue;
    for (const Promise& promise : of_one->second) {
      for (const Move& move : promise.moves) slips.push_back({&promise, &plans.publisher, move});
      for (const Move& cancellation : promise.cancellations)
        slips.push_back({&promise, &plans.publisher, cancellation});
    }
  }
  std::stable_sort(slips.begin(), slips.end(), [](const Slip& a, const Slip& b) { return a.move.day > b.move.day; });
  return slips;
}

std::string ReasonsTable(const std::vector<Slip>& slips) {
  std::map<Commitment::Reason, std::pair<int, int>> counts;  // moves and cancellations
  for (const Slip& slip : slips)
    ++(slip.move.to.empty() ? counts[slip.move.reason].second : counts[slip.move.reason].first);
  std::vector<std::pair<Commitment::Reason, std::pair<int, int>>> sorted(counts.begin(), counts.end());
  const auto sum = [](const auto& entry) { return entry.second.first + entry.second.second; };
  std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) { return sum(a) > sum(b); });
  std::vector<std::vector<std::string>> rows;
  for (const auto& entry : sorted) {
    rows.push_back({ReasonWords(entry.first), absl::StrCat(entry.second.first), absl::StrCat(entry.second.second),
                    MeterHtml(sum(entry), sum(sorted.front()))});
  }
  return TableHtml("Reasons, the most frequent first",
                   {{"Reason"}, {"Moves", true}, {"Cancellations", true}, {"Together"}}, rows, "reasons");
}

std::string NoteHtml(const Slip& slip) {
  if (!slip.move.by_edition)
    return absl::StrCat("<span class=\"words\" dir=\"auto\">", Escape(slip.move.note), "</span>");
  return "<i>a later edition just said so</i>";
}

}  // namespace

std::string AnchorOf(const std::string& publisher) { return absl::StrCat("late-", SplitName(publisher).second); }

std::string OverdueHtml(const Report& report, const PromisesByPublisher& promises, const Language& language) {
  std::string html;
  // In the order of the progress, which is that of the table of publishers.
  std::vector<std::string> order;
  for (const v1::PublisherProgress& one : report.progress.publishers()) order.push_back(one.publisher());
  for (const PublisherPlans& plans : report.publishers) {
    const std::string& name = plans.publisher.name();
    if (std::find(order.begin(), order.end(), name) == order.end()) order.push_back(name);
  }
  for (const std::string& name : order) {
    const auto plans = std::find_if(report.publishers.begin(), report.publishers.end(),
                                    [&](const PublisherPlans& p) { return p.publisher.name() == name; });
    const auto of_one = promises.find(name);
    if (plans == report.publishers.end() || of_one == promises.end()) continue;
    const std::vector<const Promise*> overdue = OverdueOf(of_one->second);
    if (overdue.empty()) continue;
    if (report.all) {
      absl::StrAppend(&html, "<h3 id=\"", AnchorOf(name), "\">", PickHtml(plans->publisher.titles(), language),
                      "</h3>\n");
    }
    absl::StrAppend(&html, OverdueTable(overdue, "Longest overdue first", language));
  }
  return html.empty() ? "<p class=\"note\">Nothing is overdue.</p>\n" : html;
}

std::string SlipsHtml(const Report& report, const PromisesByPublisher& promises, const Language& language) {
  const std::vector<Slip> slips = SlipsOf(report, promises);
  if (slips.empty()) return "<p class=\"note\">Nothing was moved or cancelled.</p>\n";
  std::vector<std::vector<std::string>> rows;
  for (const Slip& slip : slips) {
    const Move& move = slip.move;
    const std::string what =
        move.to.empty() ? absl::StrCat("<b>Cancelled</b>, was due ", DateHtml(move.from))
                        : absl::StrCat(DateHtml(move.from), " → ", DateHtml(move.to), DistanceHtml(move.from, move.to));
    const std::string publisher = report.all ? PickHtml(slip.publisher->titles(), language) : "";
    rows.push_back({DateHtml(move.day), PromiseHtml(*slip.promise, language, publisher), what, ReasonWords(move.reason),
                    NoteHtml(slip), Escape(move.actor)});
  }
  return absl::StrCat(
      ReasonsTable(slips),
      TableHtml("Every move and cancellation, latest first",
                {{"Decided on"}, {"Promise"}, {"What changed"}, {"Reason"}, {"In words"}, {"By whom"}}, rows));
}

}  // namespace almanac::client
