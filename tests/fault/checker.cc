#include "tests/fault/checker.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "tests/fault/checker_evidence.h"
#include "tests/fault/checker_streams.h"

namespace almanac::fault {
namespace {

void CheckEvent(Evidence& evidence, StreamChecks& streams, int64_t place, const Event& event) {
  switch (event.event_case()) {
    case Event::kWrite:
      return CheckWrite(evidence, place, event.write());
    case Event::kRead:
      return CheckRead(evidence, place, event.read());
    case Event::kStreamStart:
      return streams.Start(place, event.stream_start());
    case Event::kStreamMessage:
      return streams.Message(place, event.stream_message());
    case Event::kStreamEnd:
      return streams.End(place, event.stream_end());
    default:
      return;
  }
}

void CountFault(Report& report, const Fault& fault) {
  ++report.faults[fault.name()];
  if (!fault.error().empty()) report.failed_faults.push_back(absl::StrCat(fault.name(), ": ", fault.error()));
}

// Puts the events that show the violations into words.
absl::Status AddEvents(const History& history, std::vector<Violation>& violations) {
  std::map<int64_t, std::string> events;
  for (const Violation& violation : violations) {
    for (const int64_t place : violation.places) events[place];
  }
  absl::Status read = history([&](int64_t place, const Event& event) {
    const auto found = events.find(place);
    if (found != events.end()) found->second = Describe(event);
  });
  for (Violation& violation : violations) {
    for (const int64_t place : violation.places) {
      if (place >= 0) violation.events.push_back(absl::StrCat("event ", place, ": ", events[place]));
    }
  }
  return read;
}

template <typename Counts>
void AppendCounts(std::string* text, absl::string_view title, const Counts& counts) {
  absl::StrAppend(text, title);
  if (counts.empty()) absl::StrAppend(text, " none");
  for (const auto& [name, count] : counts) absl::StrAppend(text, " ", name, "=", count);
  absl::StrAppend(text, "\n");
}

}  // namespace

absl::string_view NameOf(Promise promise) {
  switch (promise) {
    case Promise::kDense:
      return "dense revisions";
    case Promise::kDurable:
      return "acknowledged writes durable";
    case Promise::kNoTrace:
      return "refused writes leave no trace";
    case Promise::kReplay:
      return "replay equals the tables";
    case Promise::kLinearizable:
      return "linearizable by revision";
    case Promise::kWatch:
      return "watch ordered, unique, atomic";
    case Promise::kResume:
      return "resume complete";
    case Promise::kSnapshot:
      return "snapshot then follow";
    case Promise::kBookmark:
      return "bookmarks";
    case Promise::kFresh:
      return "as fresh as asked for";
    case Promise::kOneResult:
      return "one request id, one result";
    case Promise::kErrors:
      return "typed errors";
  }
  return "";
}

absl::StatusOr<Report> CheckHistory(const History& history) {
  Evidence evidence;
  absl::Status read = history([&](int64_t place, const Event& event) {
    evidence.Take(place, event);
    if (event.has_fault()) CountFault(evidence.report, event.fault());
  });
  if (!read.ok()) return read;
  evidence.Finish();
  evidence.report.complete = evidence.has_final;
  // What was told cannot be judged by a log with holes.
  if (evidence.is_dense()) {
    StreamChecks streams(evidence);
    read = history([&](int64_t place, const Event& event) { CheckEvent(evidence, streams, place, event); });
    if (!read.ok()) return read;
    streams.Finish();
  }
  if (!evidence.report.first_violations.empty()) {
    if (read = AddEvents(history, evidence.report.first_violations); !read.ok()) return read;
  }
  return std::move(evidence.report);
}

std::string ToText(const Report& report) {
  std::string text =
      absl::StrCat("writes tried ", report.writes, ": acknowledged ", report.acknowledged, ", only validated ",
                   report.validated, ", refused ", report.refused, ", in doubt ", report.in_doubt, " (made ",
                   report.made, ", not made ", report.not_made, ")\nreads ", report.reads, ", of them failed ",
                   report.failed_reads, "\nchanges ", report.changes, ", of them compacted before they were read ",
                   report.summaries, "\nwatch streams ", report.streams, ": messages ", report.stream_messages,
                   ", resumes ", report.resumes, ", snapshots ", report.snapshots, "\n");
  AppendCounts(&text, "errors:", report.errors);
  AppendCounts(&text, "faults injected:", report.faults);
  if (!report.complete) absl::StrAppend(&text, "the history breaks off: what was never read again is not checked\n");
  for (const std::string& fault : report.failed_faults) absl::StrAppend(&text, "fault failed: ", fault, "\n");
  absl::StrAppend(&text, "violations ", report.violations, "\n");
  for (int i = 0; i < kPromises; ++i) {
    const int64_t count = report.violations_by_promise[static_cast<size_t>(i)];
    if (count > 0) absl::StrAppend(&text, "  ", NameOf(static_cast<Promise>(i)), ": ", count, "\n");
  }
  for (const Violation& violation : report.first_violations) {
    absl::StrAppend(&text, "\nviolation (", NameOf(violation.promise), "): ", violation.what, "\n");
    for (const std::string& event : violation.events) absl::StrAppend(&text, "    ", event, "\n");
  }
  return text;
}

}  // namespace almanac::fault
