"""When a zone applies: spans of time, and hours of the days of the week, all in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum


class Day(StrEnum):
    """A day of the week, in its order."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"


WEEK = tuple(Day)


class SunEvent(StrEnum):
    """What the sun does: begin of morning civil twilight, sunrise, sunset, end of evening civil twilight."""

    BMCT = "BMCT"
    SR = "SR"
    SS = "SS"
    EECT = "EECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyPeriod:
    """Hours of days. ``days`` says on which it starts; an end not after the start is on the day after."""

    days: tuple[Day, ...] = WEEK
    start: time | None = None
    """UTC; None: 00:00, or the event."""
    end: time | None = None
    """UTC; None: 24:00, or the event."""
    start_event: SunEvent | None = None
    end_event: SunEvent | None = None

    def holds(self, instant: datetime) -> bool:
        """Whether an aware instant is in it. The sun is not computed: an event opens that end to the whole day."""
        utc = instant.astimezone(UTC)
        clock = utc.time()
        today, yesterday = WEEK[utc.weekday()] in self.days, WEEK[utc.weekday() - 1] in self.days
        if self.start_event is not None or self.end_event is not None:
            # Where either end hangs on the sun the hours may also pass midnight UTC, so the night after belongs to it.
            return today or yesterday
        start = (self.start or time()).replace(tzinfo=None)
        if self.end is None:
            return today and clock >= start
        end = self.end.replace(tzinfo=None)
        if end > start:
            return today and start <= clock < end
        return (today and clock >= start) or (yesterday and clock < end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A span of time, and the hours in it; no hours: all of it."""

    start: datetime | None = None
    end: datetime | None = None
    daily: tuple[DailyPeriod, ...] = ()

    def holds(self, instant: datetime) -> bool:
        """Whether an aware instant is in it; the end is not."""
        if self.start is not None and instant < self.start:
            return False
        if self.end is not None and instant >= self.end:
            return False
        return not self.daily or any(daily.holds(instant) for daily in self.daily)

    def touches(self, since: datetime, until: datetime) -> bool:
        """Whether any instant from one to the other, both in it, is in this span; for a flight that takes a while."""
        first = since if self.start is None else max(since, self.start)
        if first > until or (self.end is not None and first >= self.end):
            return False
        last = until if self.end is None else min(until, self.end)
        if not self.daily or last - first >= timedelta(days=8):
            # Hours return every week at the latest.
            return True
        # Within the span hours can only begin to hold at its first instant, at their start, or at midnight.
        midnight = datetime.combine(first.astimezone(UTC).date(), time(), UTC)
        clocks = {time()} | {daily.start.replace(tzinfo=None) for daily in self.daily if daily.start is not None}
        candidates = [
            datetime.combine(midnight.date() + timedelta(days=day), clock, UTC) for day in range(10) for clock in clocks
        ]
        return any(self.holds(instant) for instant in [first, *candidates] if first <= instant <= last)

    @property
    def always(self) -> bool:
        """True when it excludes no instant by what it says."""
        return self.start is None and self.end is None and not self.daily


def read_instant(text: str) -> datetime | None:
    """An ISO 8601 instant as UTC; without an offset it is taken as UTC. None: it is none."""
    try:
        instant = datetime.fromisoformat(text.strip())
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def written_instant(instant: datetime) -> str:
    """ISO 8601 in UTC with a Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_clock(text: str) -> tuple[time, int] | None:
    """A time of day as UTC in whole seconds, and by how many days its offset moved it; 24:00 is (00:00, 1)."""
    stripped = text.strip()
    moved = 0
    if stripped[:5] == "24:00":
        stripped, moved = "00:00" + stripped[5:], 1
    try:
        clock = time.fromisoformat(stripped)
    except ValueError:
        return None
    if clock.tzinfo is not None and (offset := clock.utcoffset()):
        # Any day far from both ends of the calendar will do.
        at = datetime.combine(date(2000, 1, 2), clock.replace(tzinfo=None)) - offset
        moved += (at.date() - date(2000, 1, 2)).days
        clock = at.time()
    return clock.replace(microsecond=0, tzinfo=UTC), moved


def moved_days(days: tuple[Day, ...], by: int) -> tuple[Day, ...]:
    """The days so many later, in the order of the week."""
    chosen = {WEEK[(WEEK.index(day) + by) % 7] for day in days}
    return tuple(day for day in WEEK if day in chosen)
