"""Reckons the rhythm of plan.toml: the calendar, and whether it fits.

    python cadence.py

Writes cadence.ics, to be imported into a calendar, and cadence.json, which says what the rhythm
costs.

A meeting belongs to the clock of whoever holds it. "Tuesdays 9:00 Pacific" is 18:00 in Amsterdam,
and 17:00 in the weeks of March in which one of the two has changed its clocks and the other has
not.
"""

from __future__ import annotations

import hashlib
import json
import sys
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


@dataclass(frozen=True)
class Slot:
    """Something that comes round: at `start` o'clock in `zone`, every so many weeks."""

    name: str
    weekday: int  # Monday is 0
    start: time
    zone: ZoneInfo
    minutes: int
    every_weeks: int = 1


@dataclass(frozen=True)
class Plan:
    hours_per_week: float
    zone: ZoneInfo  # the learner's own
    earliest: time
    latest: time
    first_week: date  # a Monday
    weeks: int
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Event:
    slot: Slot
    start: datetime  # in UTC

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.slot.minutes)


def occurrences(slot: Slot, plan: Plan) -> list[Event]:
    """The events of one slot, from the plan's first week on.

    Each is at the slot's wall-clock time in the slot's zone on its own day, turned into UTC.
    """
    day = plan.first_week + timedelta(days=slot.weekday)
    events = []
    for week in range(0, plan.weeks, slot.every_weeks):
        # Weeks are added to the date: over a clock change, a week is longer or shorter.
        local = datetime.combine(day + timedelta(weeks=week), slot.start, tzinfo=slot.zone)
        events.append(Event(slot, local.astimezone(timezone.utc)))
    return events


def fullest_week(events: list[Event], plan: Plan) -> int:
    """The minutes of the week that has most of them.

    A week begins on Monday, 0:00 in the learner's zone.
    """
    minutes: Counter[date] = Counter()
    for event in events:
        day = event.start.astimezone(plan.zone).date()
        minutes[day - timedelta(days=day.weekday())] += event.slot.minutes
    return max(minutes.values(), default=0)


def moved(events: list[Event], plan: Plan) -> list[Event]:
    """The events that have another wall-clock time than their slot's first event, in the learner's
    zone."""
    first: dict[Slot, time] = {}
    found = []
    for event in sorted(events, key=lambda event: event.start):
        clock = event.start.astimezone(plan.zone).time()
        if clock != first.setdefault(event.slot, clock):
            found.append(event)
    return found


def outside(events: list[Event], plan: Plan) -> list[Event]:
    """The events that begin before `earliest` or end after `latest`, on the learner's clock."""
    found = []
    for event in events:
        begins, ends = event.start.astimezone(plan.zone), event.end.astimezone(plan.zone)
        # An end after midnight is small as a time of day, so the days are compared too.
        late = ends.date() > begins.date() or ends.time() > plan.latest
        if begins.time() < plan.earliest or late:
            found.append(event)
    return found


def overlaps(events: list[Event]) -> list[tuple[Event, Event]]:
    """Pairs of which one begins before the other has ended.

    One after the other without a pause is no overlap.
    """
    ordered = sorted(events, key=lambda event: event.start)
    return [(one, other) for one, other in combinations(ordered, 2) if other.start < one.end]


def to_ics(events: list[Event], stamp: datetime) -> str:
    """The events as an iCalendar file (RFC 5545), one VEVENT for each, all times in UTC.

    The file begins with BEGIN:VCALENDAR, VERSION:2.0 and PRODID, and ends with END:VCALENDAR. Each
    event has UID, DTSTAMP (`stamp`), DTSTART, DTEND and SUMMARY. Lines end with a carriage return
    and a line feed, and go through `fold`; the summary goes through `escape`. The UID is made from
    the slot's name and the event's day, so that a second import changes events in place of doubling
    them: `uuid.uuid5(uuid.NAMESPACE_URL, TEXT)` makes the same one each time.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Groundwork//cadence.py//EN"]
    for event in events:
        # Made from what an event is and not from when it is: a moved one replaces itself.
        day = event.start.astimezone(event.slot.zone).date()
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uuid.uuid4()}",
            f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
            f"DTSTART:{event.start:%Y%m%dT%H%M%SZ}",
            f"DTEND:{event.end:%Y%m%dT%H%M%SZ}",
            f"SUMMARY:{escape(event.slot.name)}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{fold(line)}\r\n" for line in lines)


def escape(text: str) -> str:
    """Text as a value of iCalendar."""
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", "\\n")


def fold(line: str) -> str:
    """A line of iCalendar in pieces of at most 75 bytes, all but the first after a blank."""
    pieces, rest = [], line
    while len(rest.encode()) > 75 - bool(pieces):
        cut = next(
            at for at in range(len(rest), 0, -1) if len(rest[:at].encode()) <= 75 - bool(pieces)
        )
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return "\r\n ".join([*pieces, rest])


def read_plan(text: str) -> Plan:
    data = tomllib.loads(text)
    cadence = data["cadence"]
    slots = tuple(
        Slot(
            name=row["name"],
            weekday=WEEKDAYS.index(row["weekday"].lower()),
            start=time.fromisoformat(row["start"]),
            zone=ZoneInfo(row["zone"]),
            minutes=row["minutes"],
            every_weeks=row.get("every_weeks", 1),
        )
        for row in cadence["slots"]
    )
    first_week = date.fromisoformat(str(cadence["first_week"]))
    if first_week.weekday() != 0:
        raise ValueError(f"first_week is a {WEEKDAYS[first_week.weekday()]}, not a Monday")
    return Plan(
        hours_per_week=data["hours_per_week"],
        zone=ZoneInfo(data["time_zone"]),
        earliest=time.fromisoformat(data["earliest"]),
        latest=time.fromisoformat(data["latest"]),
        first_week=first_week,
        weeks=cadence["weeks"],
        slots=slots,
    )


def main() -> None:
    text = Path("plan.toml").read_text(encoding="utf-8")
    plan = read_plan(text)
    events = sorted(
        (event for slot in plan.slots for event in occurrences(slot, plan)),
        key=lambda event: event.start,
    )
    minutes = fullest_week(events, plan)
    result = {
        "plan_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "weeks": plan.weeks,
        "events": len(events),
        "hours_per_week": plan.hours_per_week,
        "fullest_week_minutes": minutes,
        "share_percent": round(minutes / (plan.hours_per_week * 60) * 100, 1),
        "moved_by_clock_changes": len(moved(events, plan)),
        "outside_your_hours": len(outside(events, plan)),
        "overlaps": len(overlaps(events)),
    }
    Path("cadence.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    calendar = to_ics(events, stamp=datetime.now(timezone.utc))
    Path("cadence.ics").write_text(calendar, encoding="utf-8", newline="")
    for event in moved(events, plan):
        clock = event.start.astimezone(plan.zone)
        print(f"moved: {event.slot.name}, {clock:%a %d %b %Y %H:%M} on your clock")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError:
        sys.exit("cadence.py: nothing is reckoned yet")
    except (KeyError, ValueError) as fault:
        sys.exit(f"cadence.py: plan.toml: {fault}")
