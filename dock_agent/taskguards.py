"""The limits of what a flight may be asked to do in the air: every reason at once, each with its figure. Pure.

Whatever is asked, afterwards the aircraft must be inside the fence, between floor and ceiling, and able to come home
with its reserve. Hold, return and land are no tasks and pass by all of this.
"""

from __future__ import annotations

import math
from dataclasses import replace

from contracts.orders import FlightOrder
from contracts.position import Place
from contracts.tasks import (
    NUDGE_M,
    Altitude,
    Avoid,
    Divert,
    Extend,
    Goto,
    Light,
    LookAt,
    Nudge,
    Orbit,
    Parachute,
    Record,
    Replan,
    Resume,
    Retask,
    SelectSensor,
    Snapshot,
    Speaker,
    Task,
    Zoom,
)
from dock_agent.energywatch import FRESH_S, forecast, performance_for, wind_for
from dock_agent.flight import Flight, Seen, since
from dock_agent.mission import flight_plan
from dock_agent.parachute import parachute_reasons
from dock_agent.standing import Standing
from geo.flight.energy import estimate_return
from geo.flight.errors import FlightGeometryError
from geo.flight.performance import Performance
from geo.flight.plan import FlightPlan, Waypoint, estimate_return_from, legs_between
from geo.flight.position import LocalPlane, distance_m
from geo.flight.wind import Wind

FLOOR_M = 20.0
"""Above home, for whatever is not a landing: over people, wires and trees; the policy's floor."""
DIVERT_RESERVE_PERCENT = 10.0
"""A divert may use the rest of the reserve: it is what the reserve is for. Twice what PX4 lands at by itself."""
START_M = 500.0
"""A new way may begin at most so far from where the aircraft is; straight there, inside the new fence."""
ORBIT_PULL_M_S2 = 2.0
"""Towards the centre; PX4 flies a circle that needs more at a lower speed than asked (v1.17, `FlightTaskOrbit`)."""
_HOME_M = 5.0


def task_reasons(task: Task, *, flight: Flight, seen: Seen, standing: Standing) -> list[str]:
    """Every reason not to do this now; empty when it may be done."""
    if not seen.heard:
        return ["nothing is heard of the aircraft"]
    match task:
        case Zoom() | SelectSensor() | Snapshot() | Record() | Light() | Speaker() | LookAt():
            # What the type has is among the agent's own reasons (`dock_agent.tasks`).
            return []
        case Parachute():
            return parachute_reasons(seen.aircraft, standing.aircraft_type)
        case Avoid():
            return [] if seen.flying else ["the aircraft is not in the air"]
        case _:
            return _Mover(flight=flight, seen=seen, standing=standing).reasons(task)


class _Mover:
    """Judges the tasks that move the aircraft, from where it is now."""

    def __init__(self, *, flight: Flight, seen: Seen, standing: Standing) -> None:
        self._flight, self._seen, self._standing = flight, seen, standing
        self._limits = standing.dock.limits

    def reasons(self, task: Task) -> list[str]:
        """All of them; what cannot be measured without a fresh position is not measured."""
        seen, aircraft = self._seen, self._seen.aircraft
        if not seen.flying:
            return ["the aircraft is not in the air"]
        position = aircraft.position
        if position is None or aircraft.position_age_s > FRESH_S or not aircraft.global_position_ok:
            age = "unknown" if position is None else f"{aircraft.position_age_s:.1f} s old"
            return [f"the aircraft's position is {age}: only hold, return and land until it is fresh"]
        at = Waypoint(
            lat_deg=position.lat_deg, lon_deg=position.lon_deg, alt_above_home_m=max(0.0, position.alt_above_home_m)
        )
        try:
            return self._in_the_way(task, at) + self._of(task, at)
        except FlightGeometryError as error:
            return [f"what is asked cannot be flown: {error}"]

    def _in_the_way(self, task: Task, at: Waypoint) -> list[str]:
        reasons = []
        dock_id = self._flight.home_dock_id
        if dock_id is not None and isinstance(task, Retask | Extend):
            reasons.append(f"it is on its way to dock {dock_id}, which keeps its lid open for it")
        down = isinstance(task, Altitude) and task.alt_above_home_m < at.alt_above_home_m
        must = self._seen.must_return
        if must is not None and isinstance(task, Retask):
            reasons.append(f"it must come home: {must}")
        if self._standing.watch.avoid is not None and not down:
            reasons.append(f"a crewed aircraft converges ({self._standing.watch.converging}): only down, hold or land")
        return reasons

    def _of(self, task: Task, at: Waypoint) -> list[str]:
        order = self._flight.order
        plan = flight_plan(order)
        match task:
            case Goto():
                height_m = at.alt_above_home_m if task.alt_above_home_m is None else task.alt_above_home_m
                return self._goto(plan, at, replace(_at(task.place, at), alt_above_home_m=height_m))
            case Altitude():
                return self._goto(plan, at, replace(at, alt_above_home_m=task.alt_above_home_m))
            case Nudge():
                return self._goto(plan, at, self._nudged(task, at))
            case Orbit():
                return self._orbit(plan, at, task)
            case Extend():
                return self._extend(plan, at, task)
            case Resume():
                return self._home_from(plan, at, ())
            case Retask() | Divert():
                return self._replan(order, at, task)
            case _:
                return []

    def _goto(self, plan: FlightPlan, at: Waypoint, target: Waypoint) -> list[str]:
        reasons = self._height(target.alt_above_home_m, now_m=at.alt_above_home_m)
        outside_m = -plan.fence.clearance_m(*target.position)
        if outside_m > 0:
            reasons.append(f"the place is {outside_m:.0f} m outside the fence")
        elif plan.fence.contains(*at.position) and not plan.fence.contains_path([at.position, target.position]):
            reasons.append("the straight way there leaves the fence")
        return reasons + self._range([target]) + self._home_from(plan, at, (target,))

    def _orbit(self, plan: FlightPlan, at: Waypoint, task: Orbit) -> list[str]:
        height_m = at.alt_above_home_m if task.alt_above_home_m is None else task.alt_above_home_m
        centre = replace(_at(task.centre, at), alt_above_home_m=height_m)
        reasons = self._height(height_m, now_m=at.alt_above_home_m)
        room_m = plan.fence.clearance_m(*centre.position)
        if room_m < task.radius_m:
            what = f"has room for {room_m:.0f} m" if room_m > 0 else f"ends {-room_m:.0f} m before its centre"
            reasons.append(f"the circle of {task.radius_m:.0f} m is not inside the fence, which {what}")
        kind = self._standing.aircraft_type
        if task.speed_m_s > kind.cruise_m_s:
            reasons.append(f"{task.speed_m_s:.1f} m/s is asked; the aircraft's speed is {kind.cruise_m_s:.1f} m/s")
        pull_m_s2 = task.speed_m_s**2 / task.radius_m
        limit = min(ORBIT_PULL_M_S2, kind.acceleration_m_s2)
        if pull_m_s2 > limit:
            reasons.append(f"so small a circle so fast takes {pull_m_s2:.1f} m/s²; {limit:.1f} m/s² is the most")
        # The far side of the circle is the worst place to leave it from.
        plane = LocalPlane(*plan.home)
        east, north = plane.to_local(*centre.position)
        away_m = math.hypot(east, north)
        share = 1.0 if away_m < 1.0 else 1.0 + task.radius_m / away_m
        far = plane.to_position(east * share, north * share)
        worst = replace(centre, lat_deg=far[0], lon_deg=far[1])
        return reasons + self._range([worst]) + self._home_from(plan, at, (worst,))

    def _extend(self, plan: FlightPlan, at: Waypoint, task: Extend) -> list[str]:
        flight, now = self._flight, self._seen.now
        charge = self._charge
        if charge is None:
            return ["the battery's charge is unknown"]
        ends_at = flight.watch_ends_at
        watch_s = since(now, ends_at) if ends_at is not None else flight.order.watch_s + flight.extended_s
        found = forecast(
            plan=plan,
            performance=self._performance(flight.order.reserve_percent),
            at=at,
            charge_percent=charge,
            wind=self._wind(plan, at),
            now=now,
            correction=self._correction,
            outbound=ends_at is None,
        )
        possible_s = found.watch_possible_s
        wanted_s = max(0.0, watch_s) + task.by_s
        if possible_s is None:
            return ["the wind is too strong for the way home"]
        if wanted_s > possible_s:
            reserve = found.reserve_percent
            allows = f"the charge allows {possible_s / 60:.1f} min more on scene with {reserve:.0f} % in reserve"
            return [f"{allows}; {wanted_s / 60:.1f} min would be needed"]
        return []

    def _replan(self, order: FlightOrder, at: Waypoint, task: Replan) -> list[str]:
        home = task.home if isinstance(task, Divert) else order.home
        after = order.model_copy(
            update={
                "home": home,
                "scene": task.scene,
                "route_out": task.route_out,
                "route_home": task.route_home,
                "fence": task.fence,
            }
        )
        plan = flight_plan(after)
        landing_m = plan.landing_m - (task.landing_above_home_m if isinstance(task, Divert) else 0.0)
        reasons = []
        if landing_m <= 0:
            reasons.append(f"the way home ends {-landing_m:.0f} m below the landing plate")
        for way in (plan.route_out, plan.route_home):
            for point in way:
                reasons += self._height(point.alt_above_home_m, now_m=at.alt_above_home_m)
        reasons = list(dict.fromkeys(reasons))
        to_start_m = distance_m(*at.position, *plan.route_out[0].position)
        if to_start_m > START_M:
            reasons.append(f"the new way begins {to_start_m:.0f} m from the aircraft; {START_M:.0f} m is the most")
        reasons += _holds(plan, at, order)
        if isinstance(task, Divert):
            away_m = distance_m(*plan.route_home[-1].position, home.lat_deg, home.lon_deg)
            if away_m > _HOME_M:
                reasons.append(f"the way home ends {away_m:.0f} m from the dock")
            reserve = DIVERT_RESERVE_PERCENT
        else:
            reasons += self._range(plan.route_out + plan.route_home)
            reserve = self._performance(order.reserve_percent).reserve_percent
        return reasons + self._there_and_home(plan, at, landing_m=landing_m, reserve=reserve)

    def _there_and_home(self, plan: FlightPlan, at: Waypoint, *, landing_m: float, reserve: float) -> list[str]:
        charge = self._charge
        if charge is None:
            return ["the battery's charge is unknown"]
        found = estimate_return(
            performance=self._performance(0.0),
            home=legs_between((at, *plan.route_out, *plan.route_home)),
            landing_m=max(0.0, landing_m),
            wind=self._wind(plan, at),
        )
        if found.infeasible is not None:
            return ["the wind on the new way is too strong for this aircraft"]
        return _short(charge, found.percent * self._correction, reserve)

    def _home_from(self, plan: FlightPlan, at: Waypoint, via: tuple[Waypoint, ...]) -> list[str]:
        """Energy to fly there and then home by the planned way."""
        charge = self._charge
        if charge is None:
            return ["the battery's charge is unknown"]
        performance = self._performance(self._flight.order.reserve_percent)
        last = via[-1] if via else at
        wind = self._wind(plan, at)
        there = estimate_return(performance=performance, home=legs_between((at, *via)), landing_m=0.0, wind=wind)
        home = estimate_return_from(plan=plan, performance=performance, at=last, wind=wind)
        if there.infeasible is not None or home.infeasible is not None:
            return ["the wind is too strong for it"]
        return _short(charge, (there.percent + home.percent) * self._correction, performance.reserve_percent)

    def _height(self, height_m: float, *, now_m: float) -> list[str]:
        ceiling_m = min(self._flight.order.ceiling_above_home_m, self._limits.ceiling_above_home_m)
        if height_m > ceiling_m:
            return [f"{height_m:.0f} m above home is asked; the ceiling is {ceiling_m:.0f} m"]
        if height_m < FLOOR_M and height_m < now_m:
            return [f"{height_m:.0f} m above home is asked; {FLOOR_M:.0f} m is the least but for landing"]
        return []

    def _range(self, points: list[Waypoint] | tuple[Waypoint, ...]) -> list[str]:
        dock, most_m = self._standing.dock, self._limits.max_range_m
        furthest_m = max(distance_m(dock.lat_deg, dock.lon_deg, *point.position) for point in points)
        return [f"it goes {furthest_m:.0f} m away; {most_m:.0f} m is the most"] if furthest_m > most_m else []

    def _nudged(self, task: Nudge, at: Waypoint) -> Waypoint:
        heading = math.radians(self._seen.aircraft.heading_deg or 0.0)
        north = NUDGE_M * (task.forward * math.cos(heading) - task.right * math.sin(heading))
        east = NUDGE_M * (task.forward * math.sin(heading) + task.right * math.cos(heading))
        lat_deg, lon_deg = LocalPlane(*at.position).to_position(east, north)
        return Waypoint(lat_deg=lat_deg, lon_deg=lon_deg, alt_above_home_m=at.alt_above_home_m + NUDGE_M * task.up)

    def _performance(self, reserve_percent: float) -> Performance:
        return performance_for(self._standing.aircraft_type, self._standing.dock, reserve_percent=reserve_percent)

    def _wind(self, plan: FlightPlan, at: Waypoint) -> Wind:
        last = self._standing.hardware.weather
        return wind_for(
            last if self._standing.hardware.alive else None,
            plan=plan,
            at=at,
            aircraft_type=self._standing.aircraft_type,
            overrides=self._flight.order.overrides,
            last=last,
        )

    @property
    def _charge(self) -> float | None:
        return self._seen.aircraft.battery_percent

    @property
    def _correction(self) -> float:
        found = self._standing.watch.forecast
        return 1.0 if found is None else found.correction


def _holds(plan: FlightPlan, at: Waypoint, before: FlightOrder) -> list[str]:
    """A new fence must hold where it is, both new ways, and the way home on board until the new one is."""
    fence, reasons = plan.fence, []
    outside_m = -fence.clearance_m(*at.position)
    if outside_m > 0:
        reasons.append(f"the new fence does not hold the aircraft: it is {outside_m:.0f} m outside")
    ways = [at.position, *(point.position for point in (*plan.route_out, *plan.route_home))]
    if not fence.contains_path(ways if outside_m <= 0 else ways[1:]):
        reasons.append(f"the new fence does not hold the new ways{_worst(plan, ways)}")
    old = [(point.lat_deg, point.lon_deg) for point in before.route_home]
    if not fence.contains_path(old):
        reasons.append(f"the new fence does not hold the way home that is on board{_worst(plan, old)}")
    return reasons


def _worst(plan: FlightPlan, way: list[tuple[float, float]]) -> str:
    outside_m = -min(plan.fence.clearance_m(*point) for point in way)
    return f": a point of it is {outside_m:.0f} m outside" if outside_m > 0 else ": it is cut on the way"


def _short(charge: float, takes: float, reserve: float) -> list[str]:
    if charge >= takes + reserve:
        return []
    return [f"the battery is at {charge:.0f} %: there and home takes {takes:.0f} %, {reserve:.0f} % is the reserve"]


def _at(place: Place, at: Waypoint) -> Waypoint:
    return Waypoint(lat_deg=place.lat_deg, lon_deg=place.lon_deg, alt_above_home_m=at.alt_above_home_m)
