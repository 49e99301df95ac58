"""A flight's way laid anew in the air: every way is inside the fence, under the ceiling, and ends over a home."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.flight.energy import Infeasible
from geo.flight.errors import InvalidShapeError
from geo.flight.fence import MAX_VERTICES
from geo.flight.plan import Waypoint
from geo.flight.position import LatLon, distance_m, offset
from geo.flight.replan import LEAST_OVER_PLATE_M, Replan, estimate_replan, replan_to_home, replan_to_scene
from tests.unit.geo.aircraft import HOME, PATROL, bearings

WATCH = offset(*HOME, bearing_deg=60, distance_m=2000)
places = st.builds(
    lambda bearing, way_m: offset(*HOME, bearing_deg=bearing, distance_m=way_m), bearings, st.floats(0, 9000)
)
heights = st.floats(20, 120)


def at(place: LatLon, alt_m: float) -> Waypoint:
    return Waypoint(lat_deg=place[0], lon_deg=place[1], alt_above_home_m=alt_m)


def to_scene(present: Waypoint, scene: LatLon, *, transit_m: float = 60.0, scene_m: float = 60.0) -> Replan:
    return replan_to_scene(
        present=present,
        home=HOME,
        scene=scene,
        scene_radius_m=100,
        transit_alt_m=transit_m,
        scene_alt_m=scene_m,
        standoff_m=30,
        ceiling_m=120,
        margin_m=50,
        on_board=(WATCH, HOME),
    )


def to_home(present: Waypoint, home: LatLon, *, higher_m: float = 0.0, transit_m: float = 60.0) -> Replan:
    return replan_to_home(
        present=present,
        home=home,
        landing_above_home_m=higher_m,
        scene=WATCH,
        transit_alt_m=transit_m,
        over_plate_m=60,
        ceiling_m=120,
        ceiling_over_plate_m=120,
        margin_m=50,
        on_board=(WATCH, HOME),
    )


def holds_everything(replan: Replan, present: Waypoint) -> bool:
    out = (present.position, *(point.position for point in replan.route_out))
    home = (out[-1], *(point.position for point in replan.route_home))
    fence = replan.fence
    return (
        3 <= len(fence.vertices) <= MAX_VERTICES
        and all(fence.contains_path(path) for path in (out, home, (WATCH, HOME)))
        and all(fence.clearance_m(*point) > 49.5 for point in (present.position, out[-1], HOME, WATCH, replan.home))
    )


@settings(deadline=None)
@given(here=places, height_m=st.floats(0, 120), scene=places, transit_m=heights, scene_m=heights)
def test_a_new_scene_keeps_every_way_inside_the_fence_and_under_the_ceiling(
    here: LatLon, height_m: float, scene: LatLon, transit_m: float, scene_m: float
) -> None:
    present = at(here, height_m)
    replan = to_scene(present, scene, transit_m=transit_m, scene_m=scene_m)
    assert holds_everything(replan, present)
    assert all(0 < point.alt_above_home_m <= 120 for point in (*replan.route_out, *replan.route_home))
    assert distance_m(*replan.route_out[0].position, *here) < 0.1
    assert distance_m(*replan.route_out[-1].position, *scene) <= 30.1
    assert replan.route_out[-1].alt_above_home_m == scene_m
    assert replan.route_home[-1] == at(HOME, transit_m)


def test_on_the_way_to_a_new_scene_height_is_changed_only_where_it_is_and_where_it_watches() -> None:
    replan = to_scene(at(WATCH, 40), offset(*HOME, bearing_deg=200, distance_m=900), transit_m=75, scene_m=45)
    assert [point.alt_above_home_m for point in replan.route_out] == [75, 75, 45]
    assert [point.alt_above_home_m for point in replan.route_home] == [75, 75]


def test_a_scene_nearer_than_the_stand_off_is_watched_from_here() -> None:
    replan = to_scene(at(WATCH, 60), offset(*WATCH, bearing_deg=10, distance_m=20))
    assert len(replan.route_out) == 1
    assert distance_m(*replan.route_out[0].position, *WATCH) < 0.1


@settings(deadline=None)
@given(here=places, height_m=st.floats(0, 120), home=places, higher_m=st.floats(-95, 95), transit_m=heights)
def test_the_way_to_another_dock_keeps_to_both_ceilings_and_arrives_well_above_the_plate(
    here: LatLon, height_m: float, home: LatLon, higher_m: float, transit_m: float
) -> None:
    present = at(here, height_m)
    replan = to_home(present, home, higher_m=higher_m, transit_m=transit_m)
    assert holds_everything(replan, present)
    assert all(0 < point.alt_above_home_m <= 120 for point in (*replan.route_out, *replan.route_home))
    assert LEAST_OVER_PLATE_M <= replan.landing_m <= 120
    assert replan.route_out[-1].alt_above_home_m >= replan.route_home[-1].alt_above_home_m, "it climbs before it goes"


def test_there_is_no_way_to_a_plate_just_under_the_ceiling() -> None:
    with pytest.raises(InvalidShapeError, match="101 m above"):
        to_home(at(WATCH, 60), offset(*HOME, bearing_deg=0, distance_m=900), higher_m=101)


def test_there_is_no_way_to_a_plate_so_low_that_its_ceiling_is_under_our_home() -> None:
    with pytest.raises(InvalidShapeError):
        to_home(at(WATCH, 60), offset(*HOME, bearing_deg=0, distance_m=900), higher_m=-120)


def test_the_rest_of_a_flight_costs_no_take_off_and_every_metre_of_its_ways() -> None:
    present = at(WATCH, 60)
    near = to_scene(present, offset(*WATCH, bearing_deg=60, distance_m=530))
    far = to_scene(present, offset(*WATCH, bearing_deg=60, distance_m=1530))
    costs = [
        estimate_replan(replan=replan, present=present, performance=PATROL, watch_s=60, charge_percent=80)
        for replan in (near, far)
    ]
    assert costs[0].climb.seconds == 0
    # 500 m at 15 m/s from rest to rest (5 m/s2), and 3 s to settle.
    assert costs[0].time_to_scene_s == pytest.approx(500 / 15 + 3 + 3, abs=0.1)
    assert costs[1].time_to_scene_s - costs[0].time_to_scene_s == pytest.approx(1000 / 15, abs=0.1)
    assert costs[0].feasible
    assert costs[0].watch.seconds == 60


def test_a_charge_that_does_not_reach_there_and_home_is_told() -> None:
    replan = to_scene(at(WATCH, 60), offset(*HOME, bearing_deg=60, distance_m=8000))
    present = at(WATCH, 60)
    estimate = estimate_replan(replan=replan, present=present, performance=PATROL, watch_s=60, charge_percent=45)
    assert estimate.infeasible is Infeasible.ENERGY
    assert estimate.spare_wh < 0
