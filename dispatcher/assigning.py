"""Which drone should go to which of the open incidents, as it stands now: a plan to propose from, never an act.

Drones in docks and drones in the air compete. A drone that is on its way to a call, or watches one, is planned for
another only when that call is graver by the force's policy and the whole gains more than the policy's threshold; what
the lesser call loses is part of the price, and stands beside it in the plan with who would have to be told.

Pure: from facts to the plan; `dispatcher.desks.assignment` gathers the facts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dispatcher.decision.assignment import Weighing, assign, cost_of
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
    homeward: bool = False
    """It is on its way home: it is taken from nobody."""


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
    gain_s: float | None = None
    """Of a diversion: how much sooner this incident has a drone than by the best plan without it, and no more than what
    all incidents together gain in seconds of this one.
    """
    otherwise_dock_id: str | None = None
    """Of a diversion: the dock that would be there soonest; None: no dock can go."""
    otherwise_s: float | None = None
    because: str = ""


_ROUNDING_S = 1e-6
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
    table = _Table.of(incidents, turns, weighing=weighing, countdown_s=countdown_s, reserve=reserve or {})
    return table.planned()


def gain_s(
    incidents: Sequence[Waiting],
    turns: Mapping[str, Sequence[Turn]],
    *,
    incident_id: str,
    flight_id: str,
    weighing: Weighing,
    countdown_s: float = 0.0,
    reserve: Mapping[str, float] | None = None,
) -> float:
    """What would be gained (`Planned.gain_s`) if this flight turned to one incident; below 0: it would be lost.

    Minus infinity where the flight cannot go there, or may not.
    """
    table = _Table.of(incidents, turns, weighing=weighing, countdown_s=countdown_s, reserve=reserve or {})
    return table.gain_s(incident_id, flight_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """The assignment problem: incidents by drones, docks first, then flights."""

    rows: tuple[Waiting, ...]
    docks: tuple[str, ...]
    flights: tuple[str, ...]
    turns: Mapping[str, Sequence[Turn]]
    costs: Floats
    """With what a turn must gain counted against it."""
    unserved: Floats
    weighing: Weighing
    countdown_s: float

    @classmethod
    def of(
        cls,
        incidents: Sequence[Waiting],
        turns: Mapping[str, Sequence[Turn]],
        *,
        weighing: Weighing,
        countdown_s: float,
        reserve: Mapping[str, float],
    ) -> _Table:
        rows = tuple(sorted(incidents, key=lambda each: (each.rank, -each.waited_s, each.incident_id)))
        docks = tuple(sorted({dock_id for each in rows for dock_id in each.docks}))
        able = {turn.flight_id for each in rows for turn in turns.get(each.incident_id, ()) if turn.eligible}
        flights = tuple(sorted({each.flight_id for each in rows if each.flight_id is not None} | able))
        by_id = {each.incident_id: each for each in rows}
        costs = np.full((len(rows), len(docks) + len(flights)), np.inf)
        kept = np.array([reserve.get(dock_id, 0.0) for dock_id in docks])
        for line, each in enumerate(rows):
            waited = each.waited_s + np.array([each.docks.get(dock_id, math.inf) for dock_id in docks])
            costs[line, : len(docks)] = each.weight * weighing.waiting_cost(waited) + kept
            options = {turn.flight_id: turn for turn in turns.get(each.incident_id, ()) if turn.eligible}
            for column, flight_id in enumerate(flights, start=len(docks)):
                if flight_id == each.flight_id:
                    costs[line, column] = _price(each, _remaining_s(flight_id, turns), weighing)
                elif flight_id in options and each.flight_id is None:
                    costs[line, column] = _turned(each, options[flight_id], by_id, weighing, countdown_s)
        return cls(
            rows=rows,
            docks=docks,
            flights=flights,
            turns=turns,
            costs=costs,
            unserved=np.array([each.weight * (weighing.unserved_cost + each.waited_s) for each in rows]),
            weighing=weighing,
            countdown_s=countdown_s,
        )

    def planned(self) -> tuple[Planned, ...]:
        """For every incident that no flight serves."""
        if not self.rows:
            return ()
        rows, docks, by_id = self.rows, self.docks, {each.incident_id: each for each in self.rows}
        costs = self.costs.copy()
        while True:
            taken = assign(costs, unserved=self.unserved)
            gained = self._gained(taken, costs)
            short = [pair for pair, seconds in gained.items() if seconds < self.weighing.gain_s - _ROUNDING_S]
            if not short:
                break
            # The whole would gain, and the call itself too little: that is not what its pilot should be asked for.
            costs[short[0]] = math.inf
        chosen = {each.incident_id: int(column) for each, column in zip(rows, taken, strict=True)}
        planned = []
        for line, each in enumerate(rows):
            if each.flight_id is not None:
                continue
            column = chosen[each.incident_id]
            if column < 0:
                planned.append(_nobody(each, rows, docks, chosen))
            elif column < len(docks):
                planned.append(_from_dock(each, docks[column]))
            else:
                option = self._option(line, column)
                planned.append(_diverted(each, option, by_id, self.countdown_s, gained[line, column]))
        return tuple(planned)

    def gain_s(self, incident_id: str, flight_id: str) -> float:
        """See the function of that name."""
        line = next((line for line, each in enumerate(self.rows) if each.incident_id == incident_id), None)
        if line is None or flight_id not in self.flights:
            return -math.inf
        column = len(self.docks) + self.flights.index(flight_id)
        if not math.isfinite(self.costs[line, column]) or self.rows[line].flight_id is not None:
            return -math.inf
        # Forced: nobody else may have that drone, and that incident no other one.
        others = np.delete(np.delete(self.costs, line, axis=0), column, axis=1)
        unserved = np.delete(self.unserved, line)
        rest = cost_of(assign(others, unserved=unserved), others, unserved=unserved)
        return self._gain_s(line, column, self.costs, rest + float(self.costs[line, column]))

    def _gained(self, taken: NDArray[np.intp], costs: Floats) -> dict[tuple[int, int], float]:
        """Of each turn in an assignment, what it gains."""
        whole = cost_of(taken, costs, unserved=self.unserved)
        turned = [
            (line, int(column))
            for line, column in enumerate(taken)
            if column >= len(self.docks) and self.rows[line].flight_id is None
        ]
        return {(line, column): self._gain_s(line, column, costs, whole) for line, column in turned}

    def _gain_s(self, line: int, column: int, costs: Floats, turned: float) -> float:
        """How much sooner the call has a drone than by the best plan without that turn, and no more than all calls
        together gain; ``turned``: what the plan with it costs.
        """
        without = costs.copy()
        without[line, column] = math.inf
        taken = assign(without, unserved=self.unserved)
        saved = cost_of(taken, without, unserved=self.unserved) - turned
        whole_s = saved / self.rows[line].weight + self.weighing.gain_s
        return min(whole_s, self._scene_s(line, int(taken[line])) - self._scene_s(line, column))

    def _scene_s(self, line: int, column: int) -> float:
        """Until the call of this row has the drone of this column on scene."""
        if column < 0:
            return self.weighing.unserved_s
        if column < len(self.docks):
            return self.rows[line].docks[self.docks[column]]
        return _turn_s(self._option(line, column), self.countdown_s)

    def _option(self, line: int, column: int) -> Turn:
        flight_id = self.flights[column - len(self.docks)]
        return next(turn for turn in self.turns[self.rows[line].incident_id] if turn.flight_id == flight_id)


def _price(each: Waiting, seconds: float, weighing: Weighing) -> float:
    waited: Floats = np.array([each.waited_s + seconds])
    return each.weight * float(weighing.waiting_cost(waited)[0])


def _remaining_s(flight_id: str, turns: Mapping[str, Sequence[Turn]]) -> float:
    return next((t.remaining_s for each in turns.values() for t in each if t.flight_id == flight_id), 0.0)


def _turned(each: Waiting, turn: Turn, by_id: Mapping[str, Waiting], weighing: Weighing, countdown_s: float) -> float:
    """Infinite where the other call is not a lesser one; with the threshold that the whole must gain."""
    served = by_id.get(turn.serves)
    if not turn.homeward and (served is None or served.rank <= each.rank):
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


def _diverted(each: Waiting, turn: Turn, by_id: Mapping[str, Waiting], countdown_s: float, gained_s: float) -> Planned:
    seconds = _turn_s(turn, countdown_s)
    soonest = min(each.docks, key=lambda known: (each.docks[known], known), default=None)
    than = "no dock can go" if soonest is None else f"the best dock needs {each.docks[soonest]:.0f} s"
    served = by_id.get(turn.serves)
    of = "another call" if served is None else f"a call of grade {served.grade}"
    loses = (
        "which nobody else can take"
        if turn.others_s is None
        else f"which another drone reaches in {turn.others_s:.0f} s"
    )
    leaves = "it is on its way home" if turn.homeward else f"it leaves {of}, {loses}"
    told = f"; {', '.join(turn.watched_by)} would be told {countdown_s:.0f} s before" if turn.watched_by else ""
    because = f"{turn.callsign} in {seconds:.0f} s, {than}; {leaves}{told}; {turn.pilot} must accept"
    planned = _planned(each, kind="diversion", turn=turn, time_to_scene_s=seconds, because=because)
    return replace(
        planned,
        gain_s=round(gained_s, 1),
        otherwise_dock_id=soonest,
        otherwise_s=None if soonest is None else round(each.docks[soonest], 1),
    )


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
