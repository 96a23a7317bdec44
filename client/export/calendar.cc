#include "client/export/calendar.h"

#include <libical/ical.h>

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/connection.h"
#include "client/date_span.h"
#include "client/names.h"
#include "client/text_width.h"

namespace almanac::client {
namespace {

using v1::Commitment;

struct Free {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
  void operator()(char* text) const { free(text); }  // NOLINT(cppcoreguidelines-no-malloc): libical's own memory
};

icaltimetype DateOf(absl::CivilDay day) {
  icaltimetype date = icaltime_null_date();
  date.year = static_cast<int>(day.year());
  date.month = day.month();
  date.day = day.day();
  return date;
}

icaltimetype TimeOf(const google::protobuf::Timestamp& time) {
  return icaltime_from_timet_with_zone(time.seconds(), 0, icaltimezone_get_utc_timezone());
}

// The days of the event: of the release, or else of the target. None after the year 2999: libical writes no day that
// is later than 3000.
std::optional<DateSpan> DaysOf(const Promise& promise) {
  const std::optional<DateSpan> days =
      ParseDateSpan(promise.state == Commitment::RELEASED ? promise.release_date : promise.target);
  return days.has_value() && days->last.year() < 3000 ? days : std::nullopt;
}

// How much happened to a promise; never less later.
int SequenceOf(const Promise& promise) {
  int count = static_cast<int>(promise.lines.size()) - 1;
  for (const Commitment* line : promise.lines) {
    count += line->reschedules_size();
    if (!line->confirm_date().empty()) ++count;
    if (line->state() == Commitment::RELEASED || line->state() == Commitment::CANCELLED) ++count;
  }
  return count;
}

icalproperty_status StatusOf(const Promise& promise) {
  switch (promise.state) {
    case Commitment::CONFIRMED:
    case Commitment::RELEASED:
      return ICAL_STATUS_CONFIRMED;
    case Commitment::CANCELLED:
      return ICAL_STATUS_CANCELLED;
    default:
      return ICAL_STATUS_TENTATIVE;
  }
}

std::string Because(Commitment::Reason reason, const std::string& note) {
  const std::string word = absl::StrReplaceAll(EnumText(reason), {{"-", " "}});
  return absl::StrCat(word.empty() ? "" : absl::StrCat(" (", word, ")"), note.empty() ? "" : ": ", OneLine(note));
}

// What became of the promise, a line for each thing.
std::string StoryOf(const Promise& promise) {
  std::vector<std::string> lines;
  if (!promise.first_target.empty())
    lines.push_back(absl::StrCat("First promised for ", DateWords(promise.first_target)));
  for (const Move& move : promise.moves) {
    lines.push_back(absl::StrCat("Moved", move.day.empty() ? "" : absl::StrCat(" on ", DateWords(move.day)), " from ",
                                 DateWords(move.from), " to ", DateWords(move.to),
                                 move.by_edition ? " by a later edition, without a reason" : "",
                                 Because(move.reason, move.note)));
  }
  if (!promise.confirm_date.empty()) lines.push_back(absl::StrCat("Confirmed on ", DateWords(promise.confirm_date)));
  if (promise.state == Commitment::RELEASED) {
    const std::string slip = SlipText(promise.line().outcome().against_first_target());
    lines.push_back(absl::StrCat("Released in ", DateWords(promise.release_date)));
    if (promise.release_date.size() == 10) lines.back() = absl::StrCat("Released on ", DateWords(promise.release_date));
    if (!slip.empty()) absl::StrAppend(&lines.back(), ", ", slip, " by the first target");
  }
  for (const Move& why : promise.cancellations) {
    const bool stands = promise.state == Commitment::CANCELLED && &why == &promise.cancellations.back();
    lines.push_back(absl::StrCat("Cancelled on ", DateWords(why.day),
                                 stands ? "" : " and taken up again by a later edition",
                                 Because(why.reason, why.note)));
  }
  if (promise.dropped) lines.push_back("Left out by a later edition without a word");
  lines.push_back(promise.line().name());
  return absl::StrJoin(lines, "\n");
}

void AddInLanguage(icalcomponent* event, icalproperty* property, const std::string& tag) {
  if (!tag.empty()) icalproperty_add_parameter(property, icalparameter_new_language(tag.c_str()));
  icalcomponent_add_property(event, property);
}

icalcomponent* EventOf(const CalendarFrame& frame, const Promise& promise, const DateSpan& days,
                       const Language& language) {
  const Commitment& line = promise.line();
  icalcomponent* event = icalcomponent_new_vevent();
  const auto add = [event](icalproperty* property) { icalcomponent_add_property(event, property); };
  add(icalproperty_new_uid(absl::StrCat(promise.lines.front()->name(), "@", frame.catalogue_id).c_str()));
  add(icalproperty_new_dtstamp(TimeOf(line.update_time())));
  add(icalproperty_new_created(TimeOf(promise.lines.front()->create_time())));
  add(icalproperty_new_lastmodified(TimeOf(line.update_time())));
  add(icalproperty_new_sequence(SequenceOf(promise)));
  add(icalproperty_new_status(StatusOf(promise)));
  // It takes nobody's time.
  add(icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT));
  add(icalproperty_new_dtstart(DateOf(days.first)));
  add(icalproperty_new_dtend(DateOf(days.last + 1)));
  AddInLanguage(event, icalproperty_new_summary(OneLine(language.Pick(line.titles())).c_str()),
                language.PickTag(line.titles()));
  AddInLanguage(event, icalproperty_new_description(StoryOf(promise).c_str()), "en");
  if (const std::string category = OneLine(language.Pick(line.categories())); !category.empty()) {
    // In this property the library escapes nothing, so that the plain characters would end the category.
    const std::string one = absl::StrReplaceAll(category, {{",", "，"}, {";", "；"}});
    AddInLanguage(event, icalproperty_new_categories(one.c_str()), language.PickTag(line.categories()));
  }
  if (const auto page = frame.landing_pages.find(line.dataset()); page != frame.landing_pages.end()) {
    add(icalproperty_new_url(OneLine(page->second).c_str()));
  }
  return event;
}

}  // namespace

std::string CalendarText(const CalendarFrame& frame, const std::vector<Promise>& promises, const Language& language) {
  const std::unique_ptr<icalcomponent, Free> calendar(icalcomponent_new_vcalendar());
  const auto add = [&](icalproperty* property) { icalcomponent_add_property(calendar.get(), property); };
  add(icalproperty_new_prodid(absl::StrCat("-//Almanac//almanac ", Version(), "//EN").c_str()));
  add(icalproperty_new_version("2.0"));
  add(icalproperty_new_calscale("GREGORIAN"));
  add(icalproperty_new_method(ICAL_METHOD_PUBLISH));
  icalproperty* name = icalproperty_new_x(OneLine(frame.title).c_str());
  icalproperty_set_x_name(name, "X-WR-CALNAME");
  add(name);
  for (const Promise& promise : promises) {
    const std::optional<DateSpan> days = DaysOf(promise);
    if (!days.has_value()) continue;
    icalcomponent_add_component(calendar.get(), EventOf(frame, promise, *days, language));
  }
  const std::unique_ptr<char, Free> text(icalcomponent_as_ical_string_r(calendar.get()));
  return text.get();
}

}  // namespace almanac::client
