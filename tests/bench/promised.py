"""Promised against flown: a flight as the dispatcher promises it, and as the simulator's aircraft then flies it.

The promise is an option's own plan and estimate, made from what a dock measures: the mean wind at its mast. The flight
is the mission that the agent would upload, flown by the simulated autopilot in gusts, with a power curve and a battery
that are the simulator's opinion and not `geo`'s. Times count from lift-off: the order, the lid and the arming are in
neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from pymavlink.dialects.v20 import development as mav

from contracts.fleet import AircraftType as FleetType
from contracts.fleet import Limits
from contracts.orders import FlightOrder
from contracts.position import Place, Waypoint
from contracts.vocabulary import Deployment, DockState, Lid
from dispatcher.decision.choice import PlannedFlight, plan_flight
from dispatcher.decision.facts import DockFacts, IncidentFacts, Policy, WeatherFacts, performance_from_fleet
from dock_agent.mission import MissionPlan, RawItem, mission_of
from dock_agent.tuning import wanted_parameters
from geo.flight.plan import Waypoint as PlanWaypoint
from geo.flight.position import offset
from kestrel.placement import FLEET_TYPE, SCENARIO_TYPE
from simulator.world import World
from tests.unit.simulator.ground import HOME, HOME_ALT_AMSL_M, Ground, scenario

FLIGHTS = 50
_TYPE = FleetType.model_validate(FLEET_TYPE)
_AT_SCENE_M = 5.0
_SLOW_M_S = 0.5
_LONGEST_S = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One flight's circumstances."""

    number: int
    away_m: float
    bearing_deg: float
    wind_m_s: float
    wind_from_deg: float
    gust_m_s: float
    charge_percent: float
    watch_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flown:
    """What was promised and what came of it: seconds from lift-off, percent of the battery when the motors stopped."""

    asked: Asked
    promised_scene_s: float
    scene_s: float
    promised_percent: float
    percent: float

    @property
    def late(self) -> float:
        """As a share of what was promised; early is below 0."""
        return (self.scene_s - self.promised_scene_s) / self.promised_scene_s

    @property
    def short_percent(self) -> float:
        """Points of charge that it came home below what was promised; above: below 0."""
        return self.promised_percent - self.percent


def asked_for(count: int = FLIGHTS, *, seed: int = 5) -> Iterator[Asked]:
    """Scenes near and far, in all directions and all winds that the type may fly in."""
    rng = Random(seed)
    for number in range(count):
        wind_m_s = rng.uniform(0.0, 10.0)
        yield Asked(
            number=number,
            away_m=rng.uniform(400.0, 4_500.0),
            bearing_deg=rng.uniform(0.0, 360.0),
            wind_m_s=wind_m_s,
            wind_from_deg=rng.uniform(0.0, 360.0),
            gust_m_s=wind_m_s + rng.uniform(2.0, 5.0),
            charge_percent=rng.uniform(80.0, 100.0),
            watch_s=rng.uniform(60.0, 420.0),
        )


def promise(asked: Asked) -> PlannedFlight:
    """As the dispatcher plans it; raises `NotFlyableError`."""
    scene = offset(*HOME, bearing_deg=asked.bearing_deg, distance_m=asked.away_m)
    dock = DockFacts(
        dock_id="d1",
        lat_deg=HOME[0],
        lon_deg=HOME[1],
        alt_amsl_m=HOME_ALT_AMSL_M,
        aircraft_id="k1",
        performance=performance_from_fleet(aircraft_type=_TYPE, limits=Limits()),
        state=DockState.READY,
        charge_percent=asked.charge_percent,
        lid=Lid.CLOSED,
        weather=WeatherFacts(
            wind_speed_m_s=asked.wind_m_s,
            wind_from_deg=asked.wind_from_deg,
            gust_m_s=asked.gust_m_s,
            rain_mm_h=0.0,
            temperature_c=12.0,
            age_s=1.0,
        ),
    )
    incident = IncidentFacts(
        incident_id="i1", revision=1, lat_deg=scene[0], lon_deg=scene[1], watch_s=round(asked.watch_s)
    )
    return plan_flight(incident=incident, dock=dock, policy=Policy())


def mission_for(planned: PlannedFlight) -> MissionPlan:
    """What its agent uploads."""
    plan, now = planned.plan, datetime(2026, 3, 1, 21, tzinfo=UTC)
    order = FlightOrder(
        order_id=UUID(int=1),
        flight_id=UUID(int=2),
        incident_id=UUID(int=3),
        deployment=Deployment.SIMULATION,
        aircraft_id="k1",
        pilot="pilot-1",
        purpose="promised against flown",
        issued_at=now,
        expires_at=now + timedelta(minutes=1),
        home=Place(lat_deg=plan.home[0], lon_deg=plan.home[1]),
        scene=Place(lat_deg=plan.scene[0], lon_deg=plan.scene[1]),
        route_out=_waypoints(plan.route_out),
        route_home=_waypoints(plan.route_home),
        fence=[Place(lat_deg=lat, lon_deg=lon) for lat, lon in plan.fence.vertices],
        ceiling_above_home_m=plan.ceiling_above_home_m,
        cruise_speed_m_s=planned.cruise_m_s,
        watch_s=planned.watch_s,
        reserve_percent=planned.reserve_percent,
    )
    return mission_of(order)


def fly(asked: Asked) -> Flown:
    """Promise it, and fly it from lift-off until the motors stop."""
    planned = promise(asked)
    mission = mission_for(planned)
    changed = scenario(
        seed=asked.number,
        weather={"wind_speed_m_s": asked.wind_m_s, "wind_from_deg": asked.wind_from_deg, "gust_m_s": asked.gust_m_s},
        aircraft_types={"quad": SCENARIO_TYPE},
    )
    ground = Ground(world=World(changed))
    vehicle = ground.vehicle
    vehicle.battery.set_percent(asked.charge_percent)
    for wanted in wanted_parameters(_TYPE):
        if not wanted.suits(vehicle.parameters[wanted.name]):
            vehicle.parameters.set(wanted.name, wanted.value)
    _upload(ground, mission.items)
    assert ground.command(400, 1) == 0
    assert ground.mode(4) == 0
    assert ground.run(30, until=lambda: not vehicle.landed)
    lifted_s = ground.world.sim_s
    watch = planned.plan.watch_position
    north_m, east_m = vehicle.frame.to_local(watch.lat_deg, watch.lon_deg)

    def at_scene() -> bool:
        body = vehicle.body
        near = math.hypot(body.north_m - north_m, body.east_m - east_m) <= _AT_SCENE_M
        return near and body.ground_speed_m_s <= _SLOW_M_S

    assert ground.run(_LONGEST_S, until=at_scene)
    scene_s = ground.world.sim_s - lifted_s
    assert ground.run(_LONGEST_S, until=lambda: not vehicle.armed)
    assert not vehicle.fault
    return Flown(
        asked=asked,
        promised_scene_s=planned.estimate.time_to_scene_s,
        scene_s=scene_s,
        promised_percent=planned.estimate.battery_on_return_percent,
        percent=vehicle.battery.percent,
    )


def _waypoints(points: Sequence[PlanWaypoint]) -> list[Waypoint]:
    return [
        Waypoint(lat_deg=point.lat_deg, lon_deg=point.lon_deg, alt_above_home_m=point.alt_above_home_m)
        for point in points
    ]


def _upload(ground: Ground, items: Sequence[RawItem]) -> None:
    """By MAVLink's own handshake: the aircraft asks for each item."""
    target = (ground.vehicle.identity.system_id, 1)
    answers = ground.send(mav.MAVLink_mission_count_message(*target, len(items), 0))
    while answers[-1].get_type() != "MISSION_ACK":
        asked = answers[-1].seq
        item = items[asked]
        message = mav.MAVLink_mission_item_int_message(
            *target, asked, item.frame, item.command, int(asked == 0), 1, *item.params, item.x, item.y, item.z, 0
        )
        answers = ground.send(message)
    if answers[-1].type != 0:
        raise RuntimeError(f"the mission was refused: {answers[-1].type}")
