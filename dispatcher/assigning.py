"""Which drone should go to which of the open incidents, as it stands now: a plan to propose from, never an act.

Drones in docks and drones in the air compete. A drone that is on its way to a call, or watches one, is planned for
another only when that call is graver by the force's policy and the whole gains more than the policy's threshold; what
the lesser call loses is part of the price, and stands beside it in the plan with who would have to be told.

Pure: from facts to the plan; `dispatcher.desks.assignment` gathers the facts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dispatcher.decision.assignment import Weighing, assign
from dispatcher.decision.reserve import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An open incident under the plan's eyes."""

    incident_id: str
    grade: str
    """The policy's name for it."""
    rank: int
    """0 is served first."""
    weight: float
    waited_s: float
    """Mission seconds since it came in."""
    docks: Mapping[str, float]
    """Eligible docks, and their time to scene in seconds."""
    refusal: str = ""
    """Why no dock can go, in words; empty where one can."""
    flight_id: str | None = None
    """The flight that serves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A flight in the air as an option for an incident that it does not serve."""

    flight_id: str
    callsign: str
    dock_id: str
    """Where it comes home to."""
    pilot: str
    """Who is in command, and must accept."""
    serves: str
    """The incident that it is on."""
    phase: str
    eligible: bool
    reasons: tuple[str, ...]
    """Why not, each in words; empty where it can."""
    time_to_scene_s: float | None = None
    """From where it is now, the pilot's acceptance not counted."""
    watch_s: float | None = None
    battery_on_return_percent: float | None = None
    energy_wh: float | None = None
    """Of the rest of its flight."""
    remaining_s: float = 0.0
    """Until it would be on the scene that it is sent to now; 0: it is there."""
    others_s: float | None = None
    """When the incident that it serves would have another drone on scene; None: nobody else can go."""
    watched_by: tuple[str, ...] = ()
    """Who watches it now: they would be told first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What the plan says of one incident that has no drone."""

    incident_id: str
    grade: str
    waited_s: float
    kind: Literal["dock", "diversion", "none"]
    dock_id: str | None = None
    time_to_scene_s: float | None = None
    turn: Turn | None = None
    because: str = ""


TURN_S = 10.0
"""From a proposal until a pilot has accepted it and the aircraft turns, in the plan's reckoning."""


def plan_of(
    incidents: Sequence[Waiting],
    turns: Mapping[str, Sequence[Turn]],
    *,
    weighing: Weighing,
    countdown_s: float = 0.0,
    reserve: Mapping[str, float] | None = None,
) -> tuple[Planned, ...]:
    """The plan for all incidents that no flight serves, the gravest and oldest first.

    ``turns``: by incident, the flights that could turn to it. ``countdown_s``: for which those who watch are told
    before a flight turns away. ``reserve``: by dock, what its absence costs the next calls (`Weighing.reserve_cost`).
    """
    reserve = reserve or {}
    rows = sorted(incidents, key=lambda each: (each.rank, -each.waited_s, each.incident_id))
    docks = sorted({dock_id for each in rows for dock_id in each.docks})
    flights = sorted({each.flight_id for each in rows if each.flight_id is not None})
    costs = np.full((len(rows), len(docks) + len(flights)), np.inf)
    by_id = {each.incident_id: each for each in rows}
    for line, each in enumerate(rows):
        for column, dock_id in enumerate(docks):
            if dock_id in each.docks:
                costs[line, column] = _price(each, each.docks[dock_id], weighing) + reserve.get(dock_id, 0.0)
        options = {turn.flight_id: turn for turn in turns.get(each.incident_id, ()) if turn.eligible}
        for column, flight_id in enumerate(flights, start=len(docks)):
            if flight_id == each.flight_id:
                costs[line, column] = _price(each, _remaining_s(flight_id, turns), weighing)
            elif flight_id in options and each.flight_id is None:
                costs[line, column] = _turned(each, options[flight_id], by_id, weighing, countdown_s)
    unserved = np.array([each.weight * (weighing.unserved_cost + each.waited_s) for each in rows])
    taken = assign(costs, unserved=unserved) if rows else np.empty(0, dtype=np.intp)
    chosen = {each.incident_id: int(column) for each, column in zip(rows, taken, strict=True)}
    planned = []
    for each in rows:
        if each.flight_id is not None:
            continue
        column = chosen[each.incident_id]
        if column < 0:
            planned.append(_nobody(each, rows, docks, chosen))
        elif column < len(docks):
            planned.append(_from_dock(each, docks[column]))
        else:
            option = next(t for t in turns[each.incident_id] if t.flight_id == flights[column - len(docks)])
            planned.append(_diverted(each, option, by_id, countdown_s))
    return tuple(planned)


def _price(each: Waiting, seconds: float, weighing: Weighing) -> float:
    waited: Floats = np.array([each.waited_s + seconds])
    return each.weight * float(weighing.waiting_cost(waited)[0])


def _remaining_s(flight_id: str, turns: Mapping[str, Sequence[Turn]]) -> float:
    return next((t.remaining_s for each in turns.values() for t in each if t.flight_id == flight_id), 0.0)


def _turned(each: Waiting, turn: Turn, by_id: Mapping[str, Waiting], weighing: Weighing, countdown_s: float) -> float:
    """Infinite where the other call is not a lesser one; with the threshold that the whole must gain."""
    served = by_id.get(turn.serves)
    if served is not None and served.rank <= each.rank:
        return math.inf
    return _price(each, _turn_s(turn, countdown_s), weighing) + each.weight * weighing.gain_s


def _turn_s(turn: Turn, countdown_s: float) -> float:
    """Until it is on the other scene: asked, told, flown; infinite where that is not known."""
    if turn.time_to_scene_s is None:
        return math.inf
    return TURN_S + turn.time_to_scene_s + (countdown_s if turn.watched_by else 0.0)


def _from_dock(each: Waiting, dock_id: str) -> Planned:
    seconds = each.docks[dock_id]
    soonest = min(each.docks, key=lambda known: (each.docks[known], known))
    because = f"{dock_id} is on scene soonest, in {seconds:.0f} s"
    if soonest != dock_id:
        because = (
            f"{dock_id} in {seconds:.0f} s: {soonest} would be there in {each.docks[soonest]:.0f} s and is worth more "
            "elsewhere, to a graver call or to the next one"
        )
    return _planned(each, kind="dock", dock_id=dock_id, time_to_scene_s=seconds, because=because)


def _diverted(each: Waiting, turn: Turn, by_id: Mapping[str, Waiting], countdown_s: float) -> Planned:
    seconds = _turn_s(turn, countdown_s)
    best = min(each.docks.values(), default=None)
    than = "no dock can go" if best is None else f"the best dock needs {best:.0f} s"
    served = by_id.get(turn.serves)
    of = "another call" if served is None else f"a call of grade {served.grade}"
    loses = (
        "which nobody else can take"
        if turn.others_s is None
        else f"which another drone reaches in {turn.others_s:.0f} s"
    )
    told = f"; {', '.join(turn.watched_by)} would be told {countdown_s:.0f} s before" if turn.watched_by else ""
    because = f"{turn.callsign} in {seconds:.0f} s, {than}; it leaves {of}, {loses}{told}; {turn.pilot} must accept"
    return _planned(each, kind="diversion", turn=turn, time_to_scene_s=seconds, because=because)


def _nobody(each: Waiting, rows: Sequence[Waiting], docks: Sequence[str], chosen: Mapping[str, int]) -> Planned:
    if not each.docks:
        because = each.refusal or "no dock can go"
    else:
        holders = {docks[column]: row for row in rows if 0 <= (column := chosen[row.incident_id]) < len(docks)}
        lost = [
            f"{dock_id} to a call of grade {holders[dock_id].grade}" for dock_id in each.docks if dock_id in holders
        ]
        because = "every drone that could go is planned elsewhere: " + ", ".join(sorted(lost))
    return _planned(each, kind="none", because=because)


def _planned(
    each: Waiting,
    *,
    kind: Literal["dock", "diversion", "none"],
    because: str,
    dock_id: str | None = None,
    time_to_scene_s: float | None = None,
    turn: Turn | None = None,
) -> Planned:
    return Planned(
        incident_id=each.incident_id,
        grade=each.grade,
        waited_s=round(each.waited_s, 1),
        kind=kind,
        dock_id=dock_id,
        time_to_scene_s=None if time_to_scene_s is None else round(time_to_scene_s, 1),
        turn=turn,
        because=because,
    )
