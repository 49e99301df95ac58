"""Which alarms stand, and what of that is news.

Guards say at each look which alarms there are; the board compares with what was told before, so that an alarm is raised
once, told anew when what it says has changed enough, and is over once. What was told is kept on disk by the agent: a
restart neither repeats an alarm nor leaves one standing for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter

from contracts.reports import AlarmChanged
from contracts.vocabulary import AlarmKind

TELL_AGAIN_S = 5.0
"""Mission seconds at least between two tellings of one alarm whose figures change."""
_BEARING_DEG = 20.0
_SHARE = 0.25
_METRES = 50.0
_TOLD: TypeAdapter[list[AlarmChanged]] = TypeAdapter(list[AlarmChanged])


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One thing that somebody must do something about, in words that name the action."""

    kind: AlarmKind
    text: str
    bearing_deg: float | None = None
    """To a crewed aircraft, true north."""
    above_m: float | None = None
    """It above ours; negative below."""
    distance_m: float | None = None
    in_s: float | None = None
    """Mission seconds to the closest approach."""
    of_dock: bool = False
    """It is the box's, whatever flies."""


class AlarmBoard:
    """What has been told; ``changes`` gives the facts that are news."""

    def __init__(self, told: Iterable[AlarmChanged] = ()) -> None:
        self._told: dict[AlarmKind, AlarmChanged] = {fact.alarm: fact for fact in told if fact.active}
        self._told_at: dict[AlarmKind, datetime] = {}

    @classmethod
    def load(cls, text: str | None) -> AlarmBoard:
        """The board as an earlier process saved it."""
        return cls(_TOLD.validate_json(text) if text else ())

    def save(self) -> str:
        """The board as JSON."""
        return _TOLD.dump_json(list(self._told.values())).decode()

    @property
    def standing(self) -> Mapping[AlarmKind, AlarmChanged]:
        """The alarms that stand, as they were told."""
        return self._told

    def changes(self, alarms: Iterable[Alarm], *, flight_id: UUID | None, now: datetime) -> list[AlarmChanged]:
        """The facts to say, and the board is as if they had been said; of two alarms of a kind the first counts."""
        wanted: dict[AlarmKind, Alarm] = {}
        for alarm in alarms:
            wanted.setdefault(alarm.kind, alarm)
        facts = []
        for kind in [kind for kind in self._told if kind not in wanted]:
            before = self._told.pop(kind)
            facts.append(AlarmChanged(flight_id=before.flight_id, alarm=kind, active=False))
        for kind, alarm in wanted.items():
            of_flight = None if alarm.of_dock else flight_id
            if self._is_news(alarm, flight_id=of_flight, now=now):
                fact = _fact(alarm, flight_id=of_flight)
                self._told[kind], self._told_at[kind] = fact, now
                facts.append(fact)
        return facts

    def _is_news(self, alarm: Alarm, *, flight_id: UUID | None, now: datetime) -> bool:
        told, at = self._told.get(alarm.kind), self._told_at.get(alarm.kind)
        if told is None:
            return True
        if at is not None and now - at < timedelta(seconds=TELL_AGAIN_S):
            return False
        if told.flight_id != flight_id or at is None:
            return told.text != alarm.text[:400]
        if alarm.distance_m is None:
            return _words(told.text) != _words(alarm.text)
        return _moved(told, alarm)


def _fact(alarm: Alarm, *, flight_id: UUID | None) -> AlarmChanged:
    return AlarmChanged(
        flight_id=flight_id,
        alarm=alarm.kind,
        active=True,
        text=alarm.text[:400],
        bearing_deg=None if alarm.bearing_deg is None else round(alarm.bearing_deg % 360.0, 0),
        above_m=None if alarm.above_m is None else round(alarm.above_m, 0),
        distance_m=None if alarm.distance_m is None else round(alarm.distance_m, 0),
        in_s=None if alarm.in_s is None else round(max(0.0, alarm.in_s), 0),
    )


def _words(text: str) -> str:
    """Without figures: these change all the time and are in the telemetry."""
    return "".join(letter for letter in text if not letter.isdigit())


def _moved(told: AlarmChanged, alarm: Alarm) -> bool:
    if told.bearing_deg is None or alarm.bearing_deg is None or told.distance_m is None or alarm.distance_m is None:
        return True
    turn_deg = abs((alarm.bearing_deg - told.bearing_deg + 180.0) % 360.0 - 180.0)
    return turn_deg > _BEARING_DEG or abs(alarm.distance_m - told.distance_m) > max(_METRES, _SHARE * told.distance_m)
