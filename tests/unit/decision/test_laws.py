"""What holds for every flight that the decision plans, among any zones, anywhere on earth."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from dispatcher.decision.choice import PlannedFlight, plan_flight
from dispatcher.decision.facts import DockFacts, IncidentFacts
from dispatcher.decision.world import World, world_of
from geo.airspace.zone import Datum, Limit, Zone
from geo.flight.plan import estimate_plan
from geo.flight.position import LatLon, LocalPlane, offset
from tests.unit.decision.scene import DOCK, INCIDENT, NOW, POLICY, WEATHER
from tests.unit.decision.zones import airspace, box_zone, decided_in
from tests.unit.geo.aircraft import HOME

quick = settings(
    deadline=None,
    max_examples=8,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
seeds = st.integers(0, 100_000)
places = st.sampled_from([HOME, (0.0, 0.0), (-16.9, 179.99), (-16.9, -179.995), (78.2, 15.6), (-54.8, -68.3)])
"""The antimeridian from both sides and high latitudes among them."""
SHARES = np.linspace(0.0, 1.0, 25)


def town(seed: int, home: LatLon = HOME) -> list[Zone]:
    rng = np.random.default_rng(seed)
    zones = []
    for number in range(12):
        tall = rng.random()
        zones.append(
            box_zone(
                f"zone-{number}",
                home=home,
                bearing_deg=float(rng.uniform(0, 360)),
                distance_m=float(rng.uniform(350, 3200)),
                half_m=float(rng.uniform(30, 220)),
                lower=Limit(value_m=float(rng.uniform(85, 300)), datum=Datum.AMSL)
                if tall < 0.3
                else Limit(value_m=0.0, datum=Datum.AGL),
                upper=None if tall < 0.8 else Limit(value_m=float(rng.uniform(60, 200)), datum=Datum.AMSL),
            )
        )
    return [zone for zone in zones if zone.volumes[0].lower.value_m <= _top(zone)]


def _top(zone: Zone) -> float:
    upper = zone.volumes[0].upper
    return 1e9 if upper is None else upper.value_m


def dock_of(seed: int, home: LatLon = HOME) -> DockFacts:
    rng = np.random.default_rng(seed + 1)
    weather = replace(
        WEATHER, wind_speed_m_s=float(rng.uniform(0, 11)), wind_from_deg=float(rng.uniform(0, 360)), gust_m_s=12.0
    )
    return replace(DOCK, lat_deg=home[0], lon_deg=home[1], charge_percent=float(rng.uniform(60, 100)), weather=weather)


def incident_of(seed: int, home: LatLon = HOME) -> IncidentFacts:
    rng = np.random.default_rng(seed + 2)
    lat, lon = offset(*home, bearing_deg=float(rng.uniform(0, 360)), distance_m=float(rng.uniform(200, 3500)))
    return replace(INCIDENT, lat_deg=lat, lon_deg=lon)


def made(seed: int, home: LatLon = HOME) -> World:
    return world_of(airspace(*town(seed, home)), docks=[dock_of(seed, home)], policy=POLICY, mission_time=NOW)


def planned(seed: int, home: LatLon = HOME) -> PlannedFlight | None:
    dock, incident = dock_of(seed, home), incident_of(seed, home)
    option = decided_in(airspace(*town(seed, home)), dock, incident=incident).options[0]
    if not option.eligible:
        return None
    return plan_flight(incident=incident, dock=dock, policy=POLICY, world=made(seed, home))


@quick
@given(seed=seeds, home=places)
def test_no_plan_enters_a_zone_or_leaves_its_ceiling_or_its_fence(seed: int, home: LatLon) -> None:
    flight = planned(seed, home)
    if flight is None:
        return
    plan, plane = flight.plan, LocalPlane(*home)
    assert len(plan.fence.vertices) <= 60
    assert len(plan.route_out) <= 200
    assert plan.fence.contains_path([plan.home, *(point.position for point in (*plan.route_out, *plan.route_home))])
    flown = [(0.0, 0.0, 0.0)]
    flown.append((0.0, 0.0, plan.climb_m))
    flown += [
        (*plane.to_local(*point.position), point.alt_above_home_m) for point in (*plan.route_out, *plan.route_home)
    ]
    assert max(height_m for _, _, height_m in flown) <= plan.ceiling_above_home_m
    zones = [(_in_metres(volume.area, plane), zone) for zone in town(seed, home) for volume in zone.volumes]
    for (ax, ay, az), (bx, by, bz) in pairwise(flown):
        for share in SHARES:
            x, y, height_m = ax + share * (bx - ax), ay + share * (by - ay), az + share * (bz - az)
            amsl_m = DOCK.alt_amsl_m + height_m
            for shape, zone in zones:
                lower = zone.volumes[0].lower
                floor_m = -1e9 if lower.datum is Datum.AGL else lower.value_m
                assert not (floor_m < amsl_m < _top(zone) and shape.contains(Point(x, y))), zone.id


def _in_metres(area: Polygon, plane: LocalPlane) -> Polygon:
    return Polygon([plane.to_local(lat, lon) for lon, lat in area.exterior.coords])


@quick
@given(seed=seeds)
def test_no_energy_is_promised_that_the_model_does_not_have(seed: int) -> None:
    dock, incident = dock_of(seed), incident_of(seed)
    option = decided_in(airspace(*town(seed)), dock, incident=incident).options[0]
    flight = planned(seed)
    if flight is None:
        return
    assert option.watch_s is not None
    assert option.battery_on_return_percent is not None
    again = estimate_plan(
        plan=flight.plan,
        performance=dock.performance,
        watch_s=option.watch_s,
        charge_percent=dock.charge_percent or 0.0,
        reserve_percent=POLICY.reserve_percent,
        wind=dock.wind_aloft(60.0, POLICY),
    )
    assert again.feasible
    assert again.battery_on_return_percent >= POLICY.reserve_percent - 1e-6
    assert option.battery_on_return_percent <= again.battery_on_return_percent + 0.1


@quick
@given(seed=seeds, home=places)
def test_translating_the_world_translates_the_answer(seed: int, home: LatLon) -> None:
    here = decided_in(airspace(*town(seed)), dock_of(seed), incident=incident_of(seed)).options[0]
    there = decided_in(airspace(*town(seed, home)), dock_of(seed, home), incident=incident_of(seed, home)).options[0]
    assert [reason.code for reason in here.reasons] == [reason.code for reason in there.reasons]
    if here.time_to_scene_s is not None and there.time_to_scene_s is not None:
        assert abs(here.time_to_scene_s - there.time_to_scene_s) < 0.5
        assert len(here.route or ()) == len(there.route or ())


@quick
@given(seed=seeds)
def test_adding_a_dock_never_makes_the_best_option_slower(seed: int) -> None:
    first, rng = dock_of(seed), np.random.default_rng(seed + 3)
    lat, lon = offset(*HOME, bearing_deg=float(rng.uniform(0, 360)), distance_m=float(rng.uniform(500, 3000)))
    second = replace(dock_of(seed + 7), dock_id="dock-2", lat_deg=lat, lon_deg=lon)
    loaded, incident = airspace(*town(seed)), incident_of(seed)
    alone = decided_in(loaded, first, incident=incident).best
    both = decided_in(loaded, first, second, incident=incident).best
    if alone is None:
        return
    assert both is not None
    assert both.time_to_scene_s is not None
    assert alone.time_to_scene_s is not None
    assert both.time_to_scene_s <= alone.time_to_scene_s
