"""What flights use of the air, and may yet use: the volumes that every other way is kept apart from.

Pure: from the state and from where aircraft were last heard. A flight takes what its plan on board takes, from its
present phase until it has ended; the plan that it has been sent and has not confirmed; and, where somebody flies it by
hand or it has left its plan, the circle that it may reach from there and the way that it would be called home by. A
missing one takes what it took before, for as long as it may still fly (`dispatcher.missing`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

from contracts.orders import FlightOrder, SafetyAction
from contracts.position import Waypoint as WireWaypoint
from contracts.reports import PlanChanged, Telemetry
from contracts.tasks import NUDGE_M, Altitude, Avoid, Divert, Goto, Nudge, Orbit, Resume, Retask, Task
from contracts.vocabulary import Outcome, Phase
from dispatcher.entities import Command, Flight, State
from dispatcher.missing import last_known, may_still_fly
from dispatcher.rerouting import on_board
from geo.flight.corridor import Corridor
from geo.flight.plan import Waypoint
from geo.flight.position import LatLon, LocalPlane, distance_m
from geo.flight.separation import ALTIMETERS_M, BESIDE_M, PIECE_M, Volume, down_from, joined, reached, volume

STOPS_S = 3.0
"""From a command's leaving until the aircraft has stopped where it was: the way there, the agent's look, braking."""
LATE_S = 5.0
"""What is older says no more of how far it has drifted: whoever moves by hand moves to where it was told."""
LOST_S = 60.0
"""An older position says nothing of where an aircraft is; of a missing one the last is all that anybody knows."""
ON_PLAN_M = 2 * BESIDE_M
"""No further from its ways than this it is on its plan."""
ORBIT_WIDER = 1.25
ORBIT_WIDER_M = 10.0
"""What `dock_agent.moving` still takes for being on the circle."""
_AWAY = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Where an aircraft was last heard to be."""

    at: Waypoint
    drift_m: float
    """How far from there it may have come before anything that it is told now stops it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """The newest telemetry by dock, and the mission time it is looked at."""

    now: datetime | None = None
    telemetry: Mapping[str, Telemetry] = field(default_factory=dict)

    def of(self, flight: Flight) -> Seen | None:
        """None where it is not known, or the aircraft is not in the air."""
        last = self.telemetry.get(flight.dock_id)
        if self.now is None or last is None or last.flight_id != flight.id or not last.in_air:
            return None
        age_s = max(0.0, (self.now - last.mission_time).total_seconds()) + last.position_age_s
        if age_s > LOST_S and flight.phase is not Phase.MISSING:
            return None
        at = Waypoint(
            lat_deg=last.lat_deg, lon_deg=last.lon_deg, alt_above_home_m=min(500.0, max(0.0, last.alt_above_home_m))
        )
        return Seen(at=at, drift_m=last.ground_speed_m_s * (min(age_s, LATE_S) + STOPS_S))


UNSEEN = Sky()


def flying(
    state: State,
    *,
    descending: bool,
    sky: Sky = UNSEEN,
    but: Flight | None = None,
) -> list[Volume]:
    """What flights use that have not ended, or that are missing and may still fly, in the order of their callsigns;
    all ``but`` one.

    ``descending``: down to where each would fly if a crewed aircraft came.
    """
    found = [
        volume
        for flight in (*state.active_flights(), *may_still_fly(state, sky.now))
        if but is None or flight.id != but.id
        if (volume := volume_of(state, flight, descending=descending, sky=sky)) is not None
    ]
    return sorted(found, key=lambda volume: volume.name)


def volume_of(
    state: State, flight: Flight, *, descending: bool, sky: Sky = UNSEEN, now_alone: bool = False
) -> Volume | None:
    """All that one flight uses and may yet use, a missing one as it was last known; None where its dock is not known.

    ``now_alone``: as it flies now, without what it may drift, and the ways home from where it is flown by hand, which
    it may be called home by.
    """
    view = state.docks.get(flight.dock_id)
    if view is None:
        return None
    seen, flight = sky.of(flight), last_known(flight)
    air = Air(flight=flight, plate_amsl_m=view.dock.alt_amsl_m, descending=descending, now_alone=now_alone)
    parts = [air.plan(on_board(flight))]
    parts += [air.replan(task) for task in _unconfirmed(flight)]
    last = last_of(flight)
    if now_alone and seen is not None:
        seen = replace(seen, drift_m=0.0)
    if flight.phase in _AWAY:
        parts += air.away(seen, last)
    return joined(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """One flight's ways as volumes."""

    flight: Flight
    plate_amsl_m: float
    descending: bool
    now_alone: bool = False

    @property
    def down_to_m(self) -> float | None:
        """Above the plate, where a crewed aircraft would bring it down to; None: not asked for."""
        return self.flight.order.avoidance_alt_above_home_m if self.descending else None

    def plan(self, board: FlightOrder | PlanChanged) -> Volume:
        """The plan on board; of who is on the way home for good, that way alone."""
        out, back = _points(board.route_out), _points(board.route_home)
        home: LatLon | None = (board.home.lat_deg, board.home.lon_deg) if isinstance(board, FlightOrder) else None
        watches = board.watch_s > 0
        if self.flight.homeward:
            out, home, watches = out[-1:], None, False
        ways = self._lasting(home, out, back, watches=watches)
        if isinstance(board, PlanChanged) and not self.now_alone and len(out) > 1:
            return joined([ways, *self._turning_home(board)])
        return ways

    def replan(self, task: Retask | Divert, *, seen: Seen | None = None) -> Volume:
        """A plan that is laid in the air; with ``seen``, also how it gets to where that begins."""
        out, back = _points(task.route_out), _points(task.route_home)
        ways = self._lasting(None, out, back, watches=isinstance(task, Retask))
        if not self.now_alone:
            ways = joined([ways, *self._turning_home(task)])
        if seen is None:
            return ways
        return joined([ways, self._to_the_beginning(task, seen)])

    def _turning_home(self, plan: Retask | Divert | PlanChanged) -> list[Volume]:
        """From anywhere on its way out to its way home, where that is another one: it may be called home there.

        What is laid from a dock comes back as it went.
        """
        pieces = [piece for start, end in pairwise(_points(plan.route_out)) for piece in _pieces(start, end)]
        return [self._reached(*piece, around_m=0.0, joins=_joins(plan, *piece, BESIDE_M)) for piece in pieces]

    def _to_the_beginning(self, plan: Retask | Divert | PlanChanged, seen: Seen) -> Volume:
        """To where a plan begins that was laid in the air: mostly the seconds in which it changes its height.

        Called home in these it is seen by `dispatcher.nearness`; a way at another height could not be given else.
        """
        return self._reached(seen.at, _points(plan.route_out)[0], around_m=seen.drift_m, joins=())

    def task(self, task: Task, seen: Seen) -> Volume:
        """What a task that moves it takes, until it is called home from there."""
        if isinstance(task, Retask | Divert):
            return self.replan(task, seen=seen)
        if isinstance(task, Resume) and self.is_on_plan(seen.at):
            return self.plan(on_board(self.flight))
        end, around_m = target_of(task, seen.at)
        parts = [self.by_hand(seen.at, end, around_m=around_m + seen.drift_m)]
        if isinstance(task, Resume):
            out = _points(on_board(self.flight).route_out)
            there = self.flight.phase is Phase.ON_SCENE and self.flight.plan is None
            joins = out[-1:] if there else out
            parts.append(self._reached(seen.at, seen.at, around_m=seen.drift_m, joins=joins))
        return joined(parts)

    def there(self, task: Task, seen: Seen) -> Volume:
        """What it takes once it is where the task leads."""
        if isinstance(task, Retask | Divert):
            return self.replan(task)
        end, around_m = target_of(task, seen.at)
        return self.by_hand(end, end, around_m=around_m)

    def by_hand(self, start: Waypoint, end: Waypoint, *, around_m: float) -> Volume:
        """The circle from here to there, and the ways home from it."""
        homeward = self.flight.homeward or called_home(self.flight)
        joins = [] if self.now_alone and not homeward else _joins(on_board(self.flight), start, end, around_m)
        return self._reached(start, end, around_m=around_m, joins=joins)

    def away(self, seen: Seen | None, last: Command | None) -> list[Volume]:
        """What it takes beside its plan: flown by hand, off its plan, or coming down where it is."""
        task = None if last is None else last.task
        if seen is None:
            place = _known_target(task, on_board(self.flight))
            return [] if place is None else [self.by_hand(place[0], place[0], around_m=place[1])]
        if last is not None and last.action == SafetyAction.LAND.value:
            return [self.landing(seen)]
        if isinstance(task, Retask | Divert) and last is not None and last.outcome is not Outcome.CONFIRMED:
            on_plan = self.is_on_plan(seen.at)
            here = [] if on_plan else [self.by_hand(seen.at, seen.at, around_m=seen.drift_m)]
            return [self.replan(task, seen=seen), *here]
        if task is not None and last is not None and self.flight.in_hand:
            # Each further nudge is asked about by itself.
            over = isinstance(task, Nudge) and (self.now_alone or last.outcome is not Outcome.PENDING)
            return [self.by_hand(seen.at, seen.at, around_m=seen.drift_m) if over else self.task(task, seen)]
        if self.is_on_plan(seen.at) and not (self.now_alone and called_home(self.flight)):
            return []
        if isinstance(task, Resume | Avoid):
            return [self.task(task, seen)]
        if self.flight.plan is not None and last is not None and last.order_id == self.flight.plan.order_id:
            return [self._to_the_beginning(self.flight.plan, seen)]
        return [self.by_hand(seen.at, seen.at, around_m=seen.drift_m)]

    def landing(self, seen: Seen) -> Volume:
        """Down where it is."""
        return down_from(
            name=self.flight.callsign, plate_amsl_m=self.plate_amsl_m, at=seen.at, around_m=min(seen.drift_m, 40.0)
        )

    def ahead(self, seen: Seen) -> Volume:
        """The rest of what it is doing now: where somebody flies it by hand, that; else the way out, the way home, or
        nothing but where it hangs."""
        last = self._moving(seen)
        if last is not None:
            return self.task(last, replace(seen, drift_m=0.0))
        board = on_board(self.flight)
        out, back = _points(board.route_out), _points(board.route_home)
        begins = replace(out[0], lat_deg=board.home.lat_deg, lon_deg=board.home.lon_deg)
        ways = [begins if isinstance(board, FlightOrder) else out[0], *out]
        if self.flight.phase is Phase.RETURNING:
            ways = [out[-1], *back]
        if self.flight.phase not in (Phase.EN_ROUTE, Phase.RETURNING):
            return self.standing(seen)
        leg = Corridor(path=tuple(point.position for point in ways)).locate(*seen.at.position).leg
        rest = [seen.at, *ways[leg + 1 :]]
        return joined(
            [self._reached(a, a, around_m=0.0, joins=[b]) for a, b in pairwise(rest)] or [self.standing(seen)]
        )

    def at_the_end(self, seen: Seen) -> Volume:
        """Where it is flown to by hand; of who flies its plan, or hangs, where it is."""
        last = self._moving(seen)
        return self.standing(seen) if last is None else self.there(last, replace(seen, drift_m=0.0))

    def _moving(self, seen: Seen) -> Task | None:
        """What it was told by hand, or the plan that it was sent and has not confirmed; None: its plan, or it hangs."""
        last = last_of(self.flight)
        if last is None or last.task is None:
            return None
        if isinstance(last.task, Retask | Divert):
            return None if last.outcome is Outcome.CONFIRMED else last.task
        if not self.flight.in_hand:
            return None
        return Nudge() if isinstance(last.task, Nudge) and last.outcome is not Outcome.PENDING else last.task

    def standing(self, seen: Seen) -> Volume:
        """The place where it is and nothing else."""
        return self._reached(seen.at, seen.at, around_m=0.0, joins=())

    def is_on_plan(self, at: Waypoint) -> bool:
        """Near one of the ways of its plan, at a height of that way."""
        board = on_board(self.flight)
        out, back = _points(board.route_out), _points(board.route_home)
        over = Waypoint(lat_deg=board.home.lat_deg, lon_deg=board.home.lon_deg, alt_above_home_m=0.0)
        climbs = [replace(over, alt_above_home_m=out[0].alt_above_home_m)] if isinstance(board, FlightOrder) else []
        for ways in ([over, *climbs, *out] if climbs else out, [out[-1], *back, over]):
            for start, end in pairwise(ways):
                low_m, high_m = sorted((start.alt_above_home_m, end.alt_above_home_m))
                level = low_m - ALTIMETERS_M <= at.alt_above_home_m <= high_m + ALTIMETERS_M
                if level and _beside_m(start, end, at) <= ON_PLAN_M:
                    return True
        return False

    def _lasting(
        self, home: LatLon | None, out: Sequence[Waypoint], back: Sequence[Waypoint], *, watches: bool
    ) -> Volume:
        return volume(
            name=self.flight.callsign,
            home=home,
            plate_amsl_m=self.plate_amsl_m,
            out=out,
            back=back,
            down_to_m=self.down_to_m,
            watches=watches,
        )

    def _reached(self, start: Waypoint, end: Waypoint, *, around_m: float, joins: Sequence[Waypoint]) -> Volume:
        return reached(
            name=self.flight.callsign,
            plate_amsl_m=self.plate_amsl_m,
            start=start,
            end=end,
            around_m=around_m,
            joins=joins,
            down_to_m=self.down_to_m,
        )


def target_of(task: Task, at: Waypoint) -> tuple[Waypoint, float]:
    """Where a task leads from here, and how far around that it may be."""
    match task:
        case Goto():
            alt_m = at.alt_above_home_m if task.alt_above_home_m is None else task.alt_above_home_m
            return Waypoint(lat_deg=task.place.lat_deg, lon_deg=task.place.lon_deg, alt_above_home_m=alt_m), 0.0
        case Orbit():
            alt_m = at.alt_above_home_m if task.alt_above_home_m is None else task.alt_above_home_m
            centre = Waypoint(lat_deg=task.centre.lat_deg, lon_deg=task.centre.lon_deg, alt_above_home_m=alt_m)
            return centre, max(task.radius_m + ORBIT_WIDER_M, task.radius_m * ORBIT_WIDER)
        case Altitude():
            return replace(at, alt_above_home_m=task.alt_above_home_m), 0.0
        case Nudge():
            along_m = NUDGE_M if task.forward or task.right else 0.0
            return replace(at, alt_above_home_m=max(0.0, at.alt_above_home_m + NUDGE_M * task.up)), along_m
        case _:
            return at, 0.0


def _joins(
    plan: FlightOrder | Retask | Divert | PlanChanged, start: Waypoint, end: Waypoint, around_m: float
) -> list[Waypoint]:
    """Where it would join the way home: the ends of the stretches that may be the nearest from anywhere there."""
    home = [*_points(plan.route_out)[-1:], *_points(plan.route_home)]
    near_m = [min(_beside_m(a, b, start), _beside_m(a, b, end)) for a, b in pairwise(home)]
    within_m = min(near_m) + 2 * around_m + distance_m(*start.position, *end.position)
    # From the watch position that is the first (`FlightPlan.entry_home`), whose stretch begins there.
    return [home[leg + 1] for leg, each_m in enumerate(near_m) if each_m <= within_m]


def _pieces(start: Waypoint, end: Waypoint) -> list[tuple[Waypoint, Waypoint]]:
    """A stretch in pieces of at most `PIECE_M`."""
    plane = LocalPlane(*start.position)
    east_m, north_m = plane.to_local(*end.position)
    count = max(1, math.ceil(math.hypot(east_m, north_m) / PIECE_M))
    rise_m = end.alt_above_home_m - start.alt_above_home_m
    points = []
    for number in range(count + 1):
        share = number / count
        lat_deg, lon_deg = plane.to_position(east_m * share, north_m * share)
        alt_m = start.alt_above_home_m + rise_m * share
        points.append(Waypoint(lat_deg=lat_deg, lon_deg=lon_deg, alt_above_home_m=alt_m))
    return list(pairwise(points))


def _known_target(task: Task | None, board: FlightOrder | PlanChanged) -> tuple[Waypoint, float] | None:
    """Where a task led that said so itself, for when it is not known where the aircraft is."""
    watch = _points(board.route_out)[-1]
    return target_of(task, watch) if isinstance(task, Goto | Orbit) else None


def _unconfirmed(flight: Flight) -> list[Retask | Divert]:
    """Plans that it has been sent and may be flying before it has said so."""
    known = None if flight.plan is None else flight.plan.order_id
    found: list[Retask | Divert] = []
    for command in flight.commands:
        if command.order_id == known:
            found.clear()
        elif isinstance(command.task, Retask | Divert) and command.outcome is not Outcome.REFUSED:
            found.append(command.task)
    return found


def called_home(flight: Flight) -> bool:
    """True where that is the last that it was told."""
    last = last_of(flight)
    return last is not None and last.action in (SafetyAction.RETURN.value, SafetyAction.CANCEL.value)


def last_of(flight: Flight) -> Command | None:
    """What last moved it, or will."""
    moved = (each for each in reversed(flight.commands) if each.is_manoeuvre and each.outcome is not Outcome.REFUSED)
    return next((each for each in moved if each.action != "extend"), None)


def _points(points: Iterable[WireWaypoint]) -> list[Waypoint]:
    return [
        Waypoint(lat_deg=point.lat_deg, lon_deg=point.lon_deg, alt_above_home_m=point.alt_above_home_m)
        for point in points
    ]


def _beside_m(start: Waypoint, end: Waypoint, at: Waypoint) -> float:
    return Corridor(path=(start.position, end.position)).distance_m(*at.position)
