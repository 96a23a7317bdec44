// Promises as a calendar that other programs subscribe to (RFC 5545).
#ifndef ALMANAC_CLIENT_EXPORT_CALENDAR_H_
#define ALMANAC_CLIENT_EXPORT_CALENDAR_H_

#include <map>
#include <string>
#include <vector>

#include "client/promises.h"
#include "client/values.h"

namespace almanac::client {

// What is said of a calendar as a whole, and of where its promises come from.
struct CalendarFrame {
  std::string title;
  // The identity of the catalogue, which makes event ids unique in the world.
  std::string catalogue_id;
  // The web pages of datasets by dataset name, where they have one.
  std::map<std::string, std::string> landing_pages;
};

// The calendar: an all-day event for each promise, over the days of its release or else of its target, in the order
// given; promises without either, or with one after the year 2999, are left out. The same promises always give the same
// text. An event keeps its UID through all editions that make the promise, and its SEQUENCE grows with all that happens
// to it.
std::string CalendarText(const CalendarFrame& frame, const std::vector<Promise>& promises, const Language& language);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_EXPORT_CALENDAR_H_
