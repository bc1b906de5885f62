"""What cadence.py has to get right.

The dates are those of 2027: clocks change on 14 March in the United States, on 28 March in Europe,
and never in Singapore.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

import cadence
from cadence import Event, Plan, Slot

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
PACIFIC = ZoneInfo("America/Los_Angeles")
SINGAPORE = ZoneInfo("Asia/Singapore")
STAMP = datetime(2027, 3, 1, 12, 0, tzinfo=timezone.utc)

CALL = Slot("SIG call", weekday=1, start=time(9), zone=PACIFIC, minutes=60)
BOX = Slot("Answer one", weekday=3, start=time(19, 30), zone=AMSTERDAM, minutes=45)


def a_plan(*slots: Slot, weeks: int = 6) -> Plan:
    return Plan(6, AMSTERDAM, time(7), time(22), date(2027, 3, 1), weeks, slots)


def utc(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=timezone.utc)


class TestTimes:
    def test_one_event_a_week(self) -> None:
        starts = [event.start for event in cadence.occurrences(BOX, a_plan(BOX, weeks=3))]
        assert starts == [utc(4, 18, 30), utc(11, 18, 30), utc(18, 18, 30)]

    def test_events_are_in_utc(self) -> None:
        assert all(
            event.start.utcoffset() == timedelta(0)
            for event in cadence.occurrences(CALL, a_plan(CALL))
        )

    def test_every_other_week(self) -> None:
        slot = replace(BOX, every_weeks=2)
        starts = [event.start for event in cadence.occurrences(slot, a_plan(slot, weeks=5))]
        assert [start.date().day for start in starts] == [4, 18, 1]

    def test_the_hosts_clock_changes_before_yours(self) -> None:
        events = cadence.occurrences(CALL, a_plan(CALL, weeks=5))
        assert [event.start for event in events] == [
            utc(2, 17), utc(9, 17), utc(16, 16), utc(23, 16), utc(30, 16),
        ]  # fmt: skip
        assert [event.start.astimezone(AMSTERDAM).hour for event in events] == [18, 18, 17, 17, 18]


def at(slot: Slot, *starts: datetime) -> list[Event]:
    return [Event(slot, start) for start in starts]


class TestLoad:
    def test_the_fullest_week_and_not_the_average(self) -> None:
        events = at(CALL, utc(2, 17), utc(16, 16)) + at(
            BOX, utc(4, 18, 30), utc(11, 18, 30), utc(18, 18, 30)
        )
        assert cadence.fullest_week(events, a_plan(CALL, BOX, weeks=3)) == 105

    def test_weeks_begin_on_your_monday(self) -> None:
        # Sunday 16:30 in Los Angeles is Monday in Amsterdam.
        late = replace(CALL, weekday=6, start=time(16, 30))
        events = at(late, utc(8, 0, 30)) + at(BOX, utc(11, 18, 30))
        assert cadence.fullest_week(events, a_plan(late, BOX)) == 105
        # In winter, 23:30 UTC on a Sunday is Monday 0:30 in Amsterdam.
        events = at(late, utc(7, 23, 30)) + at(BOX, utc(11, 18, 30))
        assert cadence.fullest_week(events, a_plan(late, BOX)) == 105

    def test_moved_is_told_on_your_clock(self) -> None:
        plan = a_plan(CALL, BOX, weeks=5)
        calls = at(CALL, utc(2, 17), utc(9, 17), utc(16, 16), utc(23, 16), utc(30, 16))
        boxes = at(
            BOX,
            utc(4, 18, 30),
            utc(11, 18, 30),
            utc(18, 18, 30),
            utc(25, 18, 30),
            utc(1, 17, 30, month=4),
        )
        assert [event.start for event in cadence.moved(calls + boxes, plan)] == [
            utc(16, 16),
            utc(23, 16),
        ]

    def test_a_zone_that_never_changes_moves_for_you(self) -> None:
        slot = Slot("Other week's call", weekday=1, start=time(15), zone=SINGAPORE, minutes=60)
        events = at(slot, utc(23, 7), utc(30, 7))
        assert [event.start for event in cadence.moved(events, a_plan(slot))] == [utc(30, 7)]

    @pytest.mark.parametrize(
        ("start", "is_outside"),
        [
            (utc(2, 5, 59), True),
            (utc(2, 6), False),
            (utc(2, 20), False),
            (utc(2, 20, 30), True),
            (utc(2, 22, 30), True),
        ],
    )
    def test_outside_is_told_on_your_clock_to_the_end(
        self, start: datetime, is_outside: bool
    ) -> None:
        assert bool(cadence.outside(at(CALL, start), a_plan(CALL))) is is_outside

    def test_an_event_over_midnight_is_outside(self) -> None:
        # 21:30 to 0:30 in Amsterdam: the end is early in the morning, and still too late.
        slot = replace(CALL, minutes=180)
        assert cadence.outside(at(slot, utc(2, 20, 30)), a_plan(slot))

    def test_overlaps(self) -> None:
        (first,) = at(CALL, utc(2, 17))
        (inside,) = at(BOX, utc(2, 17, 30))
        (behind,) = at(BOX, utc(2, 18))
        assert cadence.overlaps([first, behind]) == []
        assert [set(pair) for pair in cadence.overlaps([inside, first])] == [{first, inside}]


class TestCalendar:
    events = at(CALL, utc(2, 17), utc(9, 17)) + at(
        replace(BOX, name="Read, and answer; one thread"), utc(4, 18, 30)
    )

    def lines(self) -> list[str]:
        return cadence.to_ics(self.events, STAMP).split("\r\n")

    def test_the_frame(self) -> None:
        text = cadence.to_ics(self.events, STAMP)
        assert text.endswith("END:VCALENDAR\r\n") and "\n" not in text.replace("\r\n", "")
        assert self.lines()[0] == "BEGIN:VCALENDAR" and "VERSION:2.0" in self.lines()
        assert sum(line.startswith("PRODID:") for line in self.lines()) == 1

    def test_the_events(self) -> None:
        lines = self.lines()
        assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 3
        assert "DTSTART:20270302T170000Z" in lines and "DTEND:20270302T180000Z" in lines
        assert lines.count("DTSTAMP:20270301T120000Z") == 3
        assert "SUMMARY:Read\\, and answer\\; one thread" in lines

    def test_long_lines_are_folded(self) -> None:
        text = cadence.to_ics(at(replace(BOX, name="Ω" * 90), utc(4, 18, 30)), STAMP)
        assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))

    def test_a_second_import_doubles_nothing(self) -> None:
        def uids(stamp: datetime) -> list[str]:
            text = cadence.to_ics(self.events, stamp)
            return [line for line in text.split("\r\n") if line.startswith("UID:")]

        first = uids(STAMP)
        assert len(set(first)) == 3
        assert uids(STAMP + timedelta(days=1)) == first
