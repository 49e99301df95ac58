"""Plans, fences and corridors: what is uploaded must hold what is flown."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import geodesy
from geo.flight.corridor import Corridor
from geo.flight.energy import estimate_return
from geo.flight.errors import InvalidPositionError, InvalidShapeError
from geo.flight.fence import MAX_VERTICES, Fence, fence_around
from geo.flight.plan import FlightPlan, Waypoint, estimate_plan, estimate_return_from, straight_plan
from geo.flight.position import LatLon, LocalPlane, bearing_deg, distance_m, offset
from geo.flight.wind import Wind
from tests.unit.geo.aircraft import HOME, PATROL, bearings, positions, turned

SCENE = offset(*HOME, bearing_deg=60, distance_m=3000)
plans = st.builds(
    lambda home, bearing, way_m, radius_m, transit_m, scene_m, standoff_m: straight_plan(
        home=home,
        scene=geodesy.destination(*home, bearing_deg=bearing, distance_m=way_m),
        scene_radius_m=radius_m,
        transit_alt_m=transit_m,
        scene_alt_m=scene_m,
        standoff_m=standoff_m,
    ),
    positions,
    bearings,
    st.floats(0, 12_000),
    st.floats(0, 500),
    st.floats(20, 200),
    st.floats(20, 200),
    st.floats(0, 100),
)


@settings(deadline=None)
@given(plan=plans)
def test_the_fence_always_holds_home_both_routes_and_the_scene(plan: FlightPlan) -> None:
    fence = plan.fence
    assert 3 <= len(fence.vertices) <= MAX_VERTICES
    assert fence.contains_path(plan.corridor_out().path)
    assert fence.contains_path(plan.corridor_home().path)
    for point in (plan.home, plan.watch_position.position, plan.scene):
        # The margin of 50 m, less what seven decimals and the plane's flatness take.
        assert fence.clearance_m(*point) > 49.5


@settings(deadline=None)
@given(plan=plans)
def test_a_straight_plan_goes_out_watches_and_comes_home_below_the_ceiling(plan: FlightPlan) -> None:
    assert plan.route_home[-1].position == plan.home
    everywhere = (*plan.route_out, *plan.route_home)
    assert all(0 < point.alt_above_home_m <= plan.ceiling_above_home_m for point in everywhere)
    assert plan.climb_m == plan.landing_m
    assert sum(leg.rise_m for leg in plan.legs_out()) + sum(leg.rise_m for leg in plan.legs_home()) == 0
    out_m = sum(leg.distance_m for leg in plan.legs_out())
    assert out_m == pytest.approx(sum(leg.distance_m for leg in plan.legs_home()), abs=0.1)


def test_the_watch_position_is_short_of_the_scene_on_the_way_in() -> None:
    plan = straight_plan(home=HOME, scene=SCENE, standoff_m=30)
    assert distance_m(*plan.watch_position.position, *SCENE) == pytest.approx(30, abs=0.1)
    assert turned(bearing_deg(*plan.watch_position.position, *SCENE), bearing_deg(*HOME, *SCENE)) < 0.2
    assert plan.corridor_out().distance_m(*SCENE) == pytest.approx(30, abs=0.1)


def test_a_scene_within_the_stand_off_is_watched_from_over_home() -> None:
    near = offset(*HOME, bearing_deg=10, distance_m=12)
    plan = straight_plan(home=HOME, scene=near, standoff_m=30)
    assert distance_m(*plan.watch_position.position, *HOME) < 0.02
    assert plan.legs_out() == ()
    estimate = estimate_plan(plan=plan, performance=PATROL, watch_s=60)
    assert estimate.time_to_scene_s == estimate.climb.seconds


def test_a_low_watch_goes_down_at_the_scene_and_up_again_before_it_goes_home() -> None:
    plan = straight_plan(home=HOME, scene=SCENE, transit_alt_m=80, scene_alt_m=40)
    assert [point.alt_above_home_m for point in plan.route_out] == [80, 40]
    assert [point.alt_above_home_m for point in plan.route_home] == [80, 80]
    assert plan.route_home[0].position == plan.watch_position.position
    assert plan.entry_home(*plan.watch_position.position) == 0
    half_way = offset(*HOME, bearing_deg=60, distance_m=1500)
    assert plan.entry_home(*half_way) == 1


def test_a_return_from_half_way_does_not_go_on_to_the_scene() -> None:
    plan = straight_plan(home=HOME, scene=SCENE)
    half_way = offset(*HOME, bearing_deg=60, distance_m=1500)
    here = Waypoint(lat_deg=half_way[0], lon_deg=half_way[1], alt_above_home_m=60)
    wind = Wind(speed_m_s=6, from_deg=240)
    half = estimate_return_from(plan=plan, performance=PATROL, at=here, wind=wind)
    whole = estimate_return_from(plan=plan, performance=PATROL, at=plan.watch_position, wind=wind)
    assert half.energy_wh < whole.energy_wh
    assert whole == estimate_return(performance=PATROL, home=plan.legs_home(), landing_m=60, wind=wind)


def test_a_bent_way_home_is_entered_at_the_end_of_its_nearest_stretch() -> None:
    corner = offset(*HOME, bearing_deg=0, distance_m=2000)
    watch = offset(*corner, bearing_deg=90, distance_m=2000)
    route_home = tuple(Waypoint(lat_deg=lat, lon_deg=lon, alt_above_home_m=60) for lat, lon in (corner, HOME))
    route_out = tuple(Waypoint(lat_deg=lat, lon_deg=lon, alt_above_home_m=60) for lat, lon in (corner, watch))
    plan = FlightPlan(
        home=HOME,
        scene=watch,
        route_out=route_out,
        route_home=route_home,
        fence=fence_around(path=(HOME, corner, watch), margin_m=50),
        ceiling_above_home_m=120,
    )
    assert plan.entry_home(*offset(*HOME, bearing_deg=2, distance_m=900)) == 1
    assert plan.entry_home(*offset(*corner, bearing_deg=92, distance_m=900)) == 0
    assert sum(leg.distance_m for leg in plan.legs_home()) == pytest.approx(4000, rel=1e-4)


def test_heights_are_cut_off_at_the_ceiling() -> None:
    plan = straight_plan(home=HOME, scene=SCENE, transit_alt_m=150, scene_alt_m=200, ceiling_m=120)
    assert {point.alt_above_home_m for point in (*plan.route_out, *plan.route_home)} == {120}


def test_impossible_plans_are_refused() -> None:
    with pytest.raises(InvalidShapeError):
        straight_plan(home=HOME, scene=SCENE, transit_alt_m=0)
    with pytest.raises(InvalidShapeError):
        straight_plan(home=HOME, scene=SCENE, standoff_m=-1)
    with pytest.raises(InvalidPositionError):
        straight_plan(home=HOME, scene=(137.0, 0.0))
    good = straight_plan(home=HOME, scene=SCENE)
    with pytest.raises(InvalidShapeError):
        FlightPlan(
            home=HOME,
            scene=SCENE,
            route_out=good.route_out,
            route_home=good.route_out,
            fence=good.fence,
            ceiling_above_home_m=120,
        )


def square(side_m: float, origin: LatLon = HOME) -> Fence:
    plane = LocalPlane(*origin)
    half = side_m / 2
    corners = [(half, half), (-half, half), (-half, -half), (half, -half)]
    return Fence(vertices=tuple(plane.to_position(east, north) for east, north in corners))


def test_a_fence_knows_how_far_its_edge_is_on_either_side() -> None:
    fence = square(1000)
    assert fence.clearance_m(*HOME) == pytest.approx(500, abs=0.5)
    assert fence.clearance_m(*offset(*HOME, bearing_deg=90, distance_m=400)) == pytest.approx(100, abs=0.5)
    outside = offset(*HOME, bearing_deg=90, distance_m=650)
    assert fence.clearance_m(*outside) == pytest.approx(-150, abs=0.5)
    assert not fence.contains(*outside)


def test_a_fence_over_the_antimeridian_is_a_fence_like_any_other() -> None:
    fence = square(2000, origin=(-17.0, 179.999))
    assert fence.contains(-17.0, -179.995)
    assert not fence.contains(-17.0, 179.98)


def test_a_path_that_leaves_a_hollow_fence_between_its_points_is_not_contained() -> None:
    plane = LocalPlane(*HOME)
    horseshoe = [(-500, 0), (500, 0), (500, 1000), (300, 1000), (300, 300), (-300, 300), (-300, 1000), (-500, 1000)]
    fence = Fence(vertices=tuple(plane.to_position(east, north) for east, north in horseshoe))
    left, right = plane.to_position(-400, 900), plane.to_position(400, 900)
    assert fence.contains(*left)
    assert fence.contains(*right)
    assert not fence.contains_path([left, right])
    assert fence.contains_path([left, plane.to_position(-400, 100), plane.to_position(400, 100), right])


@settings(deadline=None)
@given(
    turns=st.lists(st.tuples(bearings, st.floats(0, 3000)), min_size=1, max_size=40),
    margin_m=st.floats(5, 200),
)
def test_a_fence_of_any_path_keeps_the_margin_with_few_vertices(
    turns: list[tuple[float, float]], margin_m: float
) -> None:
    path = [offset(*HOME, bearing_deg=bearing, distance_m=way_m) for bearing, way_m in turns]
    fence = fence_around(path=path, margin_m=margin_m)
    assert len(fence.vertices) <= MAX_VERTICES
    assert fence.contains_path(path)
    assert min(fence.clearance_m(*point) for point in path) > margin_m - 0.1


def test_shapes_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidShapeError):
        Fence(vertices=(HOME, SCENE))
    with pytest.raises(InvalidShapeError):
        Fence(vertices=(HOME,) * (MAX_VERTICES + 1))
    with pytest.raises(InvalidShapeError):
        fence_around(path=[], margin_m=50)
    for margin_m in (0.0, -1.0, math.nan):
        with pytest.raises(InvalidShapeError):
            fence_around(path=[HOME], margin_m=margin_m)
    with pytest.raises(InvalidShapeError):
        Corridor(path=())


@settings(deadline=None)
@given(along_m=st.floats(0, 3000), aside_m=st.floats(-800, 800))
def test_a_corridor_tells_how_far_aside_and_how_far_along(along_m: float, aside_m: float) -> None:
    corridor = Corridor(path=(HOME, SCENE))
    on_path = offset(*HOME, bearing_deg=60, distance_m=along_m)
    point = offset(*on_path, bearing_deg=150, distance_m=aside_m)
    fix = corridor.locate(*point)
    assert fix.distance_m == pytest.approx(abs(aside_m), abs=1)
    assert fix.along_m == pytest.approx(along_m, abs=1)
    assert corridor.length_m == pytest.approx(3000, rel=1e-4)


def test_a_corridor_of_one_point_is_a_place() -> None:
    fix = Corridor(path=(HOME,)).locate(*SCENE)
    assert fix.distance_m == pytest.approx(3000, rel=1e-4)
    assert (fix.along_m, fix.leg) == (0, 0)
