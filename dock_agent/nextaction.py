"""What a flight does next by itself, and when, in words: automation that is watched must not surprise. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from contracts.fleet import AircraftType
from contracts.position import Waypoint
from contracts.vocabulary import Phase
from dock_agent.flight import LINK_LOST_S, Flight
from dock_agent.flight_link import Command
from dock_agent.lidwatch import WAIT_S
from dock_agent.readings import AircraftReading, Mode
from geo.flight.position import LatLon, LocalPlane


@dataclass(frozen=True, slots=True)
class NextAction:
    """``at`` is mission time; None where nobody can say."""

    words: str
    at: datetime | None = None


def next_action(
    flight: Flight | None,
    *,
    aircraft: AircraftReading,
    aircraft_type: AircraftType,
    now: datetime,
    must_leave_at: datetime | None,
    factor: float = 1.0,
) -> NextAction | None:
    """What comes next if nobody says anything; None without a flight."""
    if flight is None:
        return None
    if flight.phase in (Phase.PREPARING, Phase.LAUNCHING):
        return NextAction("takes off as soon as the lid is open and the flight is on board")
    if flight.landed_at is not None:
        return NextAction("the lid closes over it" if flight.home_dock_id is None else "the other dock takes it in")
    if aircraft.link_age_s > LINK_LOST_S:
        left_s = max(0.0, flight.order.link_loss_return_s - aircraft.link_age_s) * factor
        return NextAction("the autopilot returns by itself: its link is lost", now + timedelta(seconds=left_s))
    way = _Way(flight=flight, aircraft=aircraft, aircraft_type=aircraft_type, now=now)
    return way.pressing() or way.of_phase(must_leave_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    flight: Flight
    aircraft: AircraftReading
    aircraft_type: AircraftType
    now: datetime

    def pressing(self) -> NextAction | None:
        """What stands before the phase's own end."""
        flight = self.flight
        lands = flight.stop is not None and flight.stop.command is Command.LAND
        if lands or flight.told_to_land:
            return NextAction("lands here", self._down_at(0.0))
        if flight.home is not None:
            return NextAction(f"returns home: {flight.home.because}"[:120], self.now)
        if flight.replanning is not None:
            return NextAction("holds until the new plan has been read back from on board, then flies it")
        if flight.waiting_at is not None:
            at = None if flight.beside else flight.waiting_at + timedelta(seconds=WAIT_S)
            return NextAction("lands beside its box: its lid does not open", at)
        if flight.nudged_wall is not None:
            return NextAction("holds when the nudges end")
        return None

    def of_phase(self, must_leave_at: datetime | None) -> NextAction:
        """What the phase ends with."""
        flight, mode = self.flight, self.aircraft.mode
        match flight.phase:
            case Phase.EN_ROUTE if mode is Mode.MISSION:
                return NextAction("watches the scene", self._there_at(flight.order.route_out))
            case Phase.ON_SCENE if flight.watch_ends_at is not None:
                ends = flight.watch_ends_at
                if must_leave_at is not None and must_leave_at < ends:
                    return NextAction("returns home: the charge forces it", must_leave_at)
                return NextAction("returns home: the watch is over", ends)
            case Phase.RETURNING | Phase.LANDING if mode in (Mode.MISSION, Mode.RETURN, Mode.LAND):
                where = "in its box" if flight.home_dock_id is None else f"in dock {flight.home_dock_id}"
                return NextAction(f"lands {where}", self._home_at())
            case _:
                return NextAction("holds until told otherwise, or until the charge forces it home", must_leave_at)

    def _there_at(self, route: Sequence[Waypoint]) -> datetime | None:
        """At the end of a route, along what is left of it, after the climb that is left."""
        position = self.aircraft.position
        if position is None:
            return None
        here = (position.lat_deg, position.lon_deg)
        left_m = left_on_route_m(here, [(point.lat_deg, point.lon_deg) for point in route])
        climb_m = max(0.0, route[0].alt_above_home_m - position.alt_above_home_m)
        seconds = left_m / self.flight.order.cruise_speed_m_s + climb_m / self.aircraft_type.climb_m_s
        return self.now + timedelta(seconds=seconds)

    def _home_at(self) -> datetime | None:
        over = self._there_at(self.flight.order.route_home)
        down = self._down_at(self.flight.landing_m)
        return None if over is None or down is None else over + (down - self.now)

    def _down_at(self, ground_m: float) -> datetime | None:
        position = self.aircraft.position
        if position is None:
            return None
        height_m = max(0.0, position.alt_above_home_m - ground_m)
        return self.now + timedelta(seconds=height_m / self.aircraft_type.descent_m_s)


def left_on_route_m(here: LatLon, route: Sequence[LatLon]) -> float:
    """Metres from a place along a route to its end: onto the leg that is nearest, and then as it goes."""
    plane = LocalPlane(*here)
    points = [plane.to_local(*point) for point in route]
    legs = [math.dist(one, other) for one, other in pairwise(points)]
    # To the route's first point, for who has not come to it yet; else to the end of the nearest leg.
    best = (math.hypot(*points[0]), 0)
    for number, (one, other) in enumerate(pairwise(points), start=1):
        best = min(best, (_off_leg_m(one, other), number))
    _, reached = best
    return math.hypot(*points[reached]) + sum(legs[reached:])


def _off_leg_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """From the origin to a leg."""
    along = (other[0] - one[0], other[1] - one[1])
    length = along[0] ** 2 + along[1] ** 2
    share = 0.0 if length == 0 else max(0.0, min(1.0, -(one[0] * along[0] + one[1] * along[1]) / length))
    return math.hypot(one[0] + share * along[0], one[1] + share * along[1])
