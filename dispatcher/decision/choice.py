"""The decision itself: every dock becomes an option with its figures or its reasons, and the best is first.

Distances of all docks are measured in one call; per dock there is its way, straight where that is legal, and
arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from contracts.vocabulary import Lid
from dispatcher.decision.errors import InvalidFactError, NotFlyableError
from dispatcher.decision.facts import DecisionInputs, DockFacts, IncidentFacts, PilotFacts, Policy, ReliefFacts
from dispatcher.decision.gates import choose_pilot, no_pilot, reasons_against, risks_of
from dispatcher.decision.option import Decision, Option, RoutePoint
from dispatcher.decision.reason import Blocker, BlockerCode, Reason, ReasonCode, Risk, RiskCode
from dispatcher.decision.ways import Start, Way, find_way, plan_way, start_of
from dispatcher.decision.world import NO_AIRSPACE, Airspace, World, world_of
from geo.flight.energy import FlightEstimate, Infeasible, Leg, estimate_flight
from geo.flight.plan import FlightPlan, estimate_plan
from geo.flight.position import bearing_deg as back_bearing_deg
from geo.geodesy import distances_and_bearings
from geo.ranking import ranked

NARROW_MARGIN_PERCENT = 5.0
"""Of charge above the reserve: who comes home with less is told of as a risk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFlight:
    """The flight of one option: its geometry, and what it is expected to take."""

    plan: FlightPlan
    estimate: FlightEstimate
    cruise_m_s: float
    watch_s: float
    reserve_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """An eligible option under the ranking's eyes."""

    dock_id: str
    time_to_scene_s: float
    energy_wh: float
    option: Option


def decide(
    *,
    incident: IncidentFacts,
    docks: Sequence[DockFacts],
    pilots: Sequence[PilotFacts],
    policy: Policy,
    mission_time: datetime,
    deployment: str,
    within_reach: Collection[str] | None = None,
    relief: ReliefFacts | None = None,
    world: World | None = None,
    exact_for: Collection[str] = (),
) -> Decision:
    """Options for every dock, best first. Raises `InvalidFactError` for two docks or pilots of one id.

    ``world``: zones and ground, made for these docks, this policy and this time; None: there are none.

    With ``relief`` the question is who relieves a flight: then the flight that is on the incident blocks nothing.

    ``within_reach`` are the docks whose coverage holds the scene, as the spatial index found them: the others are out
    of range without an estimate of their own. It becomes part of the inputs, so that a replay needs no index.
    """
    return redecide(
        DecisionInputs(
            incident=incident,
            docks=tuple(sorted(docks, key=lambda dock: dock.dock_id)),
            pilots=tuple(sorted(pilots, key=lambda pilot: pilot.pilot_id)),
            policy=policy,
            mission_time=mission_time,
            deployment=str(deployment),
            within_reach=None if within_reach is None else tuple(sorted(set(within_reach))),
            relief=relief,
            airspace=None if world is None else world.facts,
            exact_for=tuple(sorted(set(exact_for))),
        ),
        world=world,
    )


def redecide(inputs: DecisionInputs, *, airspace: Airspace = NO_AIRSPACE, world: World | None = None) -> Decision:
    """The decision that follows from recorded inputs: the same as the first time, to the byte.

    ``airspace``: what was loaded then; it is made ready here unless ``world`` is that. Raises `InvalidFactError` where
    it is not what the inputs say.
    """
    if world is None:
        ready = inputs.airspace is None or inputs.airspace.ready
        world = world_of(
            airspace, docks=inputs.docks, policy=inputs.policy, mission_time=inputs.mission_time, ready=ready
        )
    if world.facts != inputs.airspace:
        raise InvalidFactError("airspace", world.facts)
    _check_unique("dock_id", [dock.dock_id for dock in inputs.docks])
    _check_unique("pilot_id", [pilot.pilot_id for pilot in inputs.pilots])
    incident = inputs.incident
    pilot = choose_pilot(inputs.pilots)
    everywhere = () if pilot is not None else (no_pilot(inputs.pilots),)
    distances, bearings = distances_and_bearings(
        [dock.lat_deg for dock in inputs.docks],
        [dock.lon_deg for dock in inputs.docks],
        incident.lat_deg,
        incident.lon_deg,
    )
    reach = None if inputs.within_reach is None else frozenset(inputs.within_reach)
    options = [
        _option(
            dock,
            inputs,
            world,
            distance_m=distance_m,
            bearing_deg=bearing_deg,
            covered=reach is None or dock.dock_id in reach,
            everywhere=everywhere,
        )
        for dock, distance_m, bearing_deg in zip(inputs.docks, distances.tolist(), bearings.tolist(), strict=True)
    ]
    return Decision(
        incident_id=incident.incident_id,
        incident_revision=incident.revision,
        deployment=inputs.deployment,
        blockers=tuple(_blockers(incident, inputs.relief)),
        pilot_id=None if pilot is None else pilot.pilot_id,
        pilot_accepts_beforehand=pilot is not None and pilot.accepts_beforehand,
        options=tuple(_in_order(options)),
        inputs=inputs,
    )


def plan_flight(
    *,
    incident: IncidentFacts,
    dock: DockFacts,
    policy: Policy,
    height_m: float | None = None,
    world: World | None = None,
) -> PlannedFlight:
    """The geometry and estimate of sending this dock's aircraft; raises `NotFlyableError` where it cannot be flown.

    The gates are not asked again: only an eligible option is worth planning. ``height_m`` above the dock, in transit
    and on scene, takes the place of the policy's heights: that of a relief.
    """
    if dock.charge_percent is None:
        raise NotFlyableError(dock.dock_id, "its charge is unknown")
    world = world or World(NO_AIRSPACE)
    start = start_of(dock, policy, height_m=height_m)
    scene = (incident.lat_deg, incident.lon_deg)
    way = find_way(start, scene=scene, policy=policy, world=world)
    if not isinstance(way, Way):
        raise NotFlyableError(dock.dock_id, "; ".join(reason.text for reason in way))
    plan = plan_way(
        way,
        start=start,
        scene=scene,
        scene_radius_m=min(incident.radius_m, policy.fence_scene_radius_m),
        policy=policy,
        world=world,
    )
    reserve_percent = max(policy.reserve_percent, dock.performance.reserve_percent)
    estimate = estimate_plan(
        plan=plan,
        performance=dock.performance,
        watch_s=policy.wanted_watch_s(incident),
        charge_percent=dock.charge_percent,
        reserve_percent=reserve_percent,
        wind=start.wind,
    )
    if estimate.infeasible is not None:
        raise NotFlyableError(dock.dock_id, estimate.infeasible.value)
    return PlannedFlight(
        plan=plan,
        estimate=estimate,
        cruise_m_s=dock.performance.cruise_m_s,
        watch_s=_down(estimate.watch.seconds),
        reserve_percent=reserve_percent,
    )


def _option(
    dock: DockFacts,
    inputs: DecisionInputs,
    world: World,
    *,
    distance_m: float,
    bearing_deg: float,
    covered: bool,
    everywhere: tuple[Reason, ...],
) -> Option:
    policy, incident = inputs.policy, inputs.incident
    reasons = [*reasons_against(dock, policy, deployment=inputs.deployment)]
    start = start_of(dock, policy, height_m=None if inputs.relief is None else inputs.relief.height_m(dock.dock_id))
    way: Way | None = None
    estimate = None
    if covered:
        found = find_way(start, scene=(incident.lat_deg, incident.lon_deg), policy=policy, world=world)
        if isinstance(found, Way):
            way = found
            estimate = _estimate(dock, start, way, inputs, distance_m=distance_m, bearing_deg=bearing_deg)
        else:
            reasons += found
    reasons += _physics(dock, policy, estimate, distance_m, start=start, covered=covered)
    if inputs.relief is not None and inputs.relief.height_m(dock.dock_id) is None:
        text = "no height is free for it over the scene, beside those of the aircraft that are there"
        reasons.append(Reason(code=ReasonCode.NO_HEIGHT_FREE, text=text))
    reasons += everywhere
    airborne_s = policy.order_s + (0.0 if dock.lid is Lid.OPEN else dock.lid_s) + dock.arming_s
    known = estimate is not None and estimate.infeasible is not Infeasible.WIND_BEATS_AIRCRAFT
    to_scene_s = on_scene_s = watch_s = battery = margin = energy_wh = flight_s = None
    risks: tuple[Risk, ...] = ()
    if estimate is not None and known:
        to_scene_s = _tenths(airborne_s + estimate.time_to_scene_s)
        on_scene_s = _down(min(estimate.watch_possible_s, policy.watch_cap_s))
        watch_s = _down(estimate.watch.seconds)
        battery = _down(estimate.battery_on_return_percent)
        margin = _tenths(battery - _reserve_percent(dock, policy))
        energy_wh = _tenths(estimate.energy_wh)
        flight_s = _tenths(estimate.total_s)
    if way is not None and not reasons:
        risks = (*way.risks, *risks_of(dock, policy), *_battery_risk(margin))
    return Option(
        dock_id=dock.dock_id,
        aircraft_id=dock.aircraft_id,
        eligible=not reasons,
        rank=None,
        reasons=tuple(reasons),
        distance_m=float(round(distance_m)),
        bearing_deg=float(round(bearing_deg) % 360),
        time_to_airborne_s=_tenths(airborne_s),
        time_to_scene_s=to_scene_s,
        on_scene_s=on_scene_s,
        watch_s=watch_s,
        battery_on_return_percent=battery,
        battery_margin_percent=margin,
        energy_wh=energy_wh,
        flight_s=flight_s,
        route=None if way is None else _points(way),
        risks=risks,
    )


def _points(way: Way) -> tuple[RoutePoint, ...]:
    return tuple(
        RoutePoint(
            lat_deg=point.lat_deg, lon_deg=point.lon_deg, alt_above_home_m=round(point.alt_above_home_m, 1) + 0.0
        )
        for point in way.out
    )


def _reserve_percent(dock: DockFacts, policy: Policy) -> float:
    return max(policy.reserve_percent, dock.performance.reserve_percent)


def _battery_risk(margin: float | None) -> list[Risk]:
    if margin is None or margin >= NARROW_MARGIN_PERCENT:
        return []
    text = f"comes home {max(0.0, margin):.1f} % above the reserve"
    return [Risk(code=RiskCode.BATTERY_NEAR_RESERVE, text=text)]


def _estimate(
    dock: DockFacts, start: Start, way: Way, inputs: DecisionInputs, *, distance_m: float, bearing_deg: float
) -> FlightEstimate | None:
    """The flight along a way with what is known; None where the charge is not."""
    if dock.charge_percent is None:
        return None
    policy, incident = inputs.policy, inputs.incident
    if way.straight:
        # Meridians converge: over some kilometres the way home is not quite the opposite of the way out.
        homeward_deg = back_bearing_deg(incident.lat_deg, incident.lon_deg, *start.place)
        way_m = max(0.0, distance_m - policy.standoff_m)
        out, home = _straight_legs(way_m, bearing_deg, homeward_deg, start.watch_m - start.transit_m)
    else:
        out, home = way.legs(start.place)
    return estimate_flight(
        performance=dock.performance,
        climb_m=way.climb_m,
        out=out,
        home=home,
        landing_m=way.landing_m,
        watch_s=policy.wanted_watch_s(inputs.incident),
        charge_percent=dock.charge_percent,
        reserve_percent=policy.reserve_percent,
        wind=start.wind,
    )


def _straight_legs(
    way_m: float, bearing_deg: float, homeward_deg: float, rise_m: float
) -> tuple[Sequence[Leg], Sequence[Leg]]:
    """The same legs that `geo.flight.plan.straight_plan` has, without its points."""
    out = [Leg(distance_m=way_m, bearing_deg=bearing_deg)] if way_m > 0 else []
    home = [Leg(distance_m=way_m, bearing_deg=homeward_deg)] if way_m > 0 else []
    if rise_m != 0:
        out.append(Leg(distance_m=0.0, bearing_deg=0.0, rise_m=rise_m))
        home.insert(0, Leg(distance_m=0.0, bearing_deg=0.0, rise_m=-rise_m))
    return out, home


def _physics(
    dock: DockFacts,
    policy: Policy,
    estimate: FlightEstimate | None,
    distance_m: float,
    *,
    start: Start,
    covered: bool,
) -> list[Reason]:
    reasons: list[Reason] = []
    metres = float(round(distance_m))
    if dock.max_range_m is not None and distance_m > dock.max_range_m:
        reasons.append(
            Reason(
                code=ReasonCode.OUT_OF_RANGE,
                text=f"the scene is {metres:.0f} m away, the site's limit is {dock.max_range_m:.0f} m",
                value=metres,
                limit=dock.max_range_m,
            )
        )
    if estimate is None:
        if not covered and dock.charge_percent is not None and not reasons:
            text = f"the scene is {metres:.0f} m away, outside the dock's coverage"
            reasons.append(Reason(code=ReasonCode.OUT_OF_RANGE, text=text, value=metres))
        return reasons
    if estimate.infeasible is Infeasible.WIND_BEATS_AIRCRAFT:
        wind = start.wind
        reasons.append(
            Reason(
                code=ReasonCode.WIND_BEATS_AIRCRAFT,
                text=f"wind {wind.speed_m_s:.1f} m/s from {wind.from_deg:.0f}° at {start.transit_m:.0f} m "
                "leaves no speed on the way out or home",
                value=_tenths(wind.speed_m_s),
                age_s=None if dock.weather is None else _tenths(dock.weather.age_s),
            )
        )
    elif estimate.infeasible is Infeasible.ENERGY:
        need = estimate.energy_wh / dock.performance.battery_wh * 100
        reserve = max(policy.reserve_percent, dock.performance.reserve_percent)
        have = estimate.battery_at_start_percent
        reasons.append(
            Reason(
                code=ReasonCode.OUT_OF_ENERGY,
                text=f"{metres:.0f} m there and back take {need:.1f} % of the battery; "
                f"charge {have:.1f} %, reserve {reserve:.1f} %",
                value=_tenths(need),
                limit=_tenths(max(0.0, have - reserve)),
            )
        )
    elif estimate.watch_possible_s < policy.min_watch_s:
        possible_s = _down(estimate.watch_possible_s)
        reasons.append(
            Reason(
                code=ReasonCode.WATCH_TOO_SHORT,
                text=f"the energy leaves {possible_s:.0f} s on scene, at least {policy.min_watch_s:.0f} s are wanted",
                value=possible_s,
                limit=policy.min_watch_s,
            )
        )
    return reasons


def _in_order(options: list[Option]) -> list[Option]:
    candidates = [
        _Candidate(
            dock_id=option.dock_id,
            time_to_scene_s=option.time_to_scene_s,
            energy_wh=option.energy_wh,
            option=option,
        )
        for option in options
        if option.eligible and option.time_to_scene_s is not None and option.energy_wh is not None
    ]
    best_first = [replace(candidate.option, rank=rank) for rank, candidate in enumerate(ranked(candidates), start=1)]
    others = sorted(
        (option for option in options if not option.eligible), key=lambda option: (option.distance_m, option.dock_id)
    )
    return best_first + others


def _blockers(incident: IncidentFacts, relief: ReliefFacts | None) -> list[Blocker]:
    blockers = []
    if incident.closed:
        blockers.append(Blocker(code=BlockerCode.INCIDENT_CLOSED, text="the incident is closed"))
    if incident.active_flight_id is not None and relief is None:
        text = f"flight {incident.active_flight_id} is already on this incident"
        blockers.append(Blocker(code=BlockerCode.FLIGHT_ACTIVE, text=text))
    return blockers


def _check_unique(field: str, ids: list[str]) -> None:
    for first, second in pairwise(ids):
        if first == second:
            raise InvalidFactError(field, first)


def _tenths(value: float) -> float:
    return round(value, 1) + 0.0


def _down(value: float) -> float:
    """Whole tenths, never rounded up but by the dust of floats: what is promised must be there."""
    return math.floor(round(value * 10, 6)) / 10
