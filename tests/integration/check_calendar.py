"""Reads a calendar by a library that is not ours and prints a line for each event; fails if it finds anything wrong."""

import sys

import icalendar

with open(sys.argv[1], "rb") as file:
    calendar = icalendar.Calendar.from_ical(file.read())
for component in calendar.walk():
    missing = [name for name in component.required if name not in component]
    if component.errors or missing:
        sys.exit(f"{component.get('UID')}: errors {component.errors}, missing {missing}")
for event in calendar.walk("VEVENT"):
    print(event["UID"].split("/")[-1].split("@")[0], event["STATUS"], event["DTSTART"].dt, event["DTEND"].dt,
          event["SEQUENCE"], event["SUMMARY"])
