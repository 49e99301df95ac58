"""The decision itself: every dock becomes an option with its figures or its reasons, and the best is first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from dispatcher.decision.errors import InvalidFactError, NotFlyableError
from dispatcher.decision.facts import (
    ApartFacts,
    DecisionInputs,
    DockFacts,
    IncidentFacts,
    PilotFacts,
    Policy,
    ReliefFacts,
    TrafficFacts,
)
from dispatcher.decision.figures import down
from dispatcher.decision.gates import choose_pilot, no_pilot
from dispatcher.decision.option import Decision
from dispatcher.decision.reason import Blocker, BlockerCode
from dispatcher.decision.ways import Way, find_way, plan_way, start_of
from dispatcher.decision.weighing import Weighing
from dispatcher.decision.world import NO_AIRSPACE, Airspace, World, world_of
from geo.flight.energy import FlightEstimate
from geo.flight.plan import FlightPlan, estimate_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFlight:
    """The flight of one option: its geometry, and what it is expected to take."""

    plan: FlightPlan
    estimate: FlightEstimate
    cruise_m_s: float
    watch_s: float
    reserve_percent: float


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
    traffic: TrafficFacts | None = None,
    apart: Sequence[ApartFacts] = (),
) -> Decision:
    """Options for every dock, best first. Raises `InvalidFactError` for two docks or pilots of one id.

    ``world``: zones and ground, made for these docks, this policy and this time; None: there are none.

    ``apart``: docks that flights in the air give another height than the policy's.

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
            traffic=traffic,
            exact_for=tuple(sorted(set(exact_for))),
            apart=tuple(sorted(apart, key=lambda facts: facts.dock_id)),
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
    return Decision(
        incident_id=incident.incident_id,
        incident_revision=incident.revision,
        deployment=inputs.deployment,
        blockers=tuple(_blockers(incident, inputs.relief)),
        pilot_id=None if pilot is None else pilot.pilot_id,
        pilot_accepts_beforehand=pilot is not None and pilot.accepts_beforehand,
        options=Weighing(inputs, world=world, everywhere=everywhere).options(),
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
    and on scene, takes the place of the policy's heights: that of a relief, or one beside other flights.
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
        watch_s=down(estimate.watch.seconds),
        reserve_percent=reserve_percent,
    )


def _blockers(incident: IncidentFacts, relief: ReliefFacts | None) -> list[Blocker]:
    blockers = []
    if incident.closed:
        blockers.append(Blocker(code=BlockerCode.INCIDENT_CLOSED, text="the incident is closed"))
    if incident.active_flight_id is not None and relief is None:
        text = "a flight is on this incident already"
        blockers.append(Blocker(code=BlockerCode.FLIGHT_ACTIVE, text=text))
    return blockers


def _check_unique(field: str, ids: list[str]) -> None:
    for first, second in pairwise(ids):
        if first == second:
            raise InvalidFactError(field, first)
