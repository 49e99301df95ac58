"""Applicability as ED-269 and ED-318 write it; what is unclear never makes a zone apply for a shorter time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, time
from typing import Any

from geo.airspace.fields import items, mapping, short, text, word
from geo.airspace.finding import Notes
from geo.airspace.period import WEEK, DailyPeriod, Day, Period, SunEvent, moved_days, read_clock, read_instant

MIDNIGHT = time(tzinfo=UTC)


def read_period(value: object, notes: Notes, *, daily_keys: tuple[str, ...]) -> Period:
    """One span with its hours, which stand under one of these keys."""
    fields = mapping(value)
    start = end = None
    if (written := text(fields.get("startDateTime"))) and (start := read_instant(written)) is None:
        notes.assumed(f"its start {short(written)!r} is no instant: taken as begun")
    if (written := text(fields.get("endDateTime"))) and (end := read_instant(written)) is None:
        notes.assumed(f"its end {short(written)!r} is no instant: taken without end")
    if start is not None and end is not None and end <= start:
        notes.assumed("its end is not after its start: both are left out of account")
        start = end = None
    key = next((key for key in daily_keys if fields.get(key)), daily_keys[0])
    read = [read_daily(mapping(daily), notes) for daily in items(fields.get(key))]
    # Hours that exclude nothing make the others idle.
    daily = tuple(one for one in read if one is not None)
    return Period(start=start, end=end, daily=() if len(daily) < len(read) else daily)


def read_daily(fields: Mapping[str, Any], notes: Notes) -> DailyPeriod | None:
    """Hours of days in UTC; None where they exclude nothing."""
    days = _days(fields.get("day"), notes)
    start_event, end_event = _event(fields.get("startEvent"), notes), _event(fields.get("endEvent"), notes)
    start, moved = _clock(fields.get("startTime"), "start", notes)
    end, end_moved = _clock(fields.get("endTime"), "end", notes)
    if start_event or end_event:
        notes.assumed("its hours hang on the sun: taken as the whole of those days")
        return DailyPeriod(days=days, start=start, end=end, start_event=start_event, end_event=end_event)
    if start is not None:
        days = moved_days(days, moved)
    elif end is not None and end_moved:
        # From midnight of the local day to an end on another day in UTC: the whole of both days holds it.
        notes.assumed("its hours say no start, and their end is on another day in UTC: taken as whole days")
        days = tuple(day for day in WEEK if day in {*days, *moved_days(days, end_moved)})
        end = None
    if end == MIDNIGHT:
        end = None
    if start == MIDNIGHT:
        start = None
    if start is None and end is None and days == WEEK:
        return None
    return DailyPeriod(days=days, start=start, end=end)


def _days(value: object, notes: Notes) -> tuple[Day, ...]:
    names = [word(day) for day in items(value) if day is not None]
    unknown = [name for name in names if name not in Day.__members__ and name != "ANY"]
    if unknown:
        notes.assumed(f"its day {short(unknown[0])!r} is unknown: taken as every day")
    if not names or unknown or "ANY" in names:
        return WEEK
    return tuple(day for day in WEEK if day.value in names)


def _clock(value: object, which: str, notes: Notes) -> tuple[time | None, int]:
    written = text(value)
    if written is None:
        return None, 0
    read = read_clock(written)
    if read is None:
        notes.assumed(f"its daily {which} {short(written)!r} is no time of day: left open")
        return None, 0
    clock, moved = read
    if which == "end" and (clock.hour, clock.minute) == (23, 59):
        # What people write for the end of the day.
        clock = MIDNIGHT
    return clock, moved


def _event(value: object, notes: Notes) -> SunEvent | None:
    named = word(value)
    if named and named not in SunEvent.__members__:
        notes.assumed(f"the event {short(named)!r} of its hours is unknown: taken as sunrise or sunset")
        return SunEvent.SR
    return SunEvent(named) if named else None
