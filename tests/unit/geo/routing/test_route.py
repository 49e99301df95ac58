"""Routes: straight where that is legal, else the fastest way around, over or under; or the zone that is in the way."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.flight.energy import climb_stretch
from geo.flight.fence import fence_around
from geo.flight.plan import FlightPlan, estimate_plan
from geo.flight.position import LatLon, LocalPlane, distance_m
from geo.flight.wind import CALM, Wind
from geo.geodesy import Array
from geo.routing.errors import InvalidObstacleError, InvalidRequestError
from geo.routing.obstacle import Obstacle
from geo.routing.prepared import Prepared
from geo.routing.route import Hindrance, NoWay, Route, find_route, seek_route
from geo.routing.terrain import Heights, Terrain
from tests.unit.geo.aircraft import HOME, PATROL, positions, winds
from tests.unit.geo.routing.cases import compared
from tests.unit.geo.routing.worlds import box_zone, entered, random_zones, samples, zone

PLANE = LocalPlane(*HOME)
MARGIN_M = 20.0
FLAT = Heights(levels_m=(60.0,), watch_m=60.0)
THREE = Heights(levels_m=(40.0, 60.0, 90.0), watch_m=60.0)


def at(east: float, north: float) -> LatLon:
    return PLANE.to_position(east, north)


def routed(
    zones: Sequence[Obstacle],
    target: LatLon,
    *,
    home: LatLon = HOME,
    heights: Heights = FLAT,
    wind: Wind = CALM,
    around: LatLon = HOME,
    terrain: Terrain | None = None,
) -> Route | NoWay:
    prepared = Prepared(zones, around=around, margin_m=MARGIN_M, terrain=terrain)
    return find_route(prepared=prepared, home=home, target=target, heights=heights, performance=PATROL, wind=wind)


def way(*args: object, **kwargs: object) -> Route:
    route = routed(*args, **kwargs)  # type: ignore[arg-type]
    assert isinstance(route, Route), str(route)
    return route


def none(*args: object, **kwargs: object) -> NoWay:
    route = routed(*args, **kwargs)  # type: ignore[arg-type]
    assert isinstance(route, NoWay), str(route)
    return route


def test_straight_when_straight_is_legal() -> None:
    route = way([box_zone(PLANE, 500, 100, 700, 300)], at(2000, 0))
    assert len(route.out) == 1
    assert route.shaped_by == ()
    assert route.length_m == pytest.approx(2000, abs=0.1)


def test_around_a_zone_on_its_shorter_side_with_the_margin() -> None:
    block = box_zone(PLANE, 800, -1000, 1000, 100, name="prison")
    route = way([block], at(2000, 0))
    assert route.shaped_by == ("prison",)
    assert len(route.out) == 3
    norths = [PLANE.to_local(*point.position)[1] for point in route.out[:-1]]
    assert all(119.9 < north < 126 for north in norths)
    assert entered(PLANE, [block], HOME, route.out, margin_m=MARGIN_M, vertical_margin_m=5) == []


def test_a_tail_wind_makes_the_longer_side_the_faster() -> None:
    # The wall stands near the start: around it a short steep leg comes first, then a long shallow one. Whoever has the
    # wind ahead on the steep leg loses more than the wall's other side is longer.
    wall = box_zone(PLANE, 290, -600, 310, 640)
    assert first_north(way([wall], at(2000, 0))) < 0
    assert first_north(way([wall], at(2000, 0), wind=Wind(speed_m_s=14, from_deg=0.0))) < 0
    assert first_north(way([wall], at(2000, 0), wind=Wind(speed_m_s=14, from_deg=180.0))) > 0


def first_north(route: Route) -> float:
    return PLANE.to_local(*route.out[0].position)[1]


def test_under_a_zone_with_a_high_floor_and_over_one_with_a_low_top() -> None:
    high = box_zone(PLANE, 800, -3000, 1000, 3000, name="approach", lower_m=50.0)
    low = box_zone(PLANE, 800, -3000, 1000, 3000, name="stadium", upper_m=70.0)
    under, over = way([high], at(2000, 0), heights=THREE), way([low], at(2000, 0), heights=THREE)
    assert under.out[0].alt_above_home_m == 40
    assert under.length_m == pytest.approx(2000, abs=0.1)
    assert max(point.alt_above_home_m for point in over.out) == 90
    assert over.shaped_by == ("stadium",)
    for route, obstacle in ((under, high), (over, low)):
        assert entered(PLANE, [obstacle], HOME, route.out, margin_m=MARGIN_M, vertical_margin_m=5) == []


def test_over_one_and_under_the_next_changes_height_in_between() -> None:
    low = box_zone(PLANE, 500, -9000, 700, 9000, name="low", upper_m=70.0)
    high = box_zone(PLANE, 2500, -9000, 2700, 9000, name="high", lower_m=80.0)
    helper = box_zone(PLANE, 1500, 20, 1600, 120, name="helper", upper_m=70.0)
    heights = Heights(levels_m=(40.0, 90.0), watch_m=40.0)
    route = way([low, high, helper], at(3500, 0), heights=heights)
    assert {40.0, 90.0} == {point.alt_above_home_m for point in route.out}
    assert {"low", "high"} <= set(route.shaped_by)
    assert entered(PLANE, [low, high, helper], HOME, route.out, margin_m=MARGIN_M, vertical_margin_m=5) == []


def test_a_low_zone_is_flown_around_where_climbing_over_it_costs_more() -> None:
    low = box_zone(PLANE, 1000, -15, 1030, 15, upper_m=70.0)
    route = way([low], at(2000, 0), heights=THREE)
    assert {point.alt_above_home_m for point in route.out} == {60.0}, "the zone's top is above that"
    assert len(route.out) > 2


def test_a_target_inside_a_zone_is_refused_by_its_name() -> None:
    nothing = none([box_zone(PLANE, 900, -100, 1100, 100, name="palace")], at(1000, 0))
    assert nothing.hindrance is Hindrance.ZONE
    assert nothing.zones == ("palace",)
    assert "palace" in str(nothing)


def test_a_ring_of_zones_around_the_target_is_refused_by_their_names_alone() -> None:
    ring = [
        box_zone(PLANE, 900, -300, 1100, -200, name="south"),
        box_zone(PLANE, 900, 200, 1100, 300, name="north"),
        box_zone(PLANE, 850, -300, 910, 300, name="west"),
        box_zone(PLANE, 1090, -300, 1150, 300, name="east"),
    ]
    bystander = box_zone(PLANE, 400, -20, 500, 20, name="bystander")
    assert none([*ring, bystander], at(1000, 0)).zones == ("east", "north", "south", "west")


def test_a_home_inside_the_hole_of_a_zone_is_shut_in() -> None:
    rings = tuple(
        tuple(at(east, north) for east, north in ((-r, -r), (r, -r), (r, r), (-r, r))) for r in (500.0, 200.0)
    )
    assert none([Obstacle(name="moat", rings=rings)], at(2000, 0)).zones == ("moat",)


def test_a_wind_that_leaves_no_speed_is_said_to() -> None:
    nothing = none([], at(2000, 0), wind=Wind(speed_m_s=20.9, from_deg=90.0))
    assert nothing.hindrance is Hindrance.WIND
    assert nothing.zones == ()


def test_the_margin_gives_way_where_home_is_nearer_to_a_zone() -> None:
    fence = box_zone(PLANE, 8, -500, 300, 500, name="next-door")
    route = way([fence], at(1000, 0))
    assert route.narrowed == ("next-door",)
    assert entered(PLANE, [fence], HOME, route.out, margin_m=0.0, vertical_margin_m=5) == []


def test_over_a_hill_it_climbs_and_comes_down_between_ground_and_ceiling() -> None:
    def hill(lat_deg: Array, lon_deg: Array) -> Array:
        xy = np.array([PLANE.to_local(*p) for p in zip(lat_deg, lon_deg, strict=True)]).reshape(-1, 2)
        return np.asarray(150 * np.exp(-(((xy[:, 0] - 1500) / 400) ** 2)))

    block = box_zone(PLANE, 1400, -200, 1600, 50, name="mast")
    route = way([block], at(3000, 0), terrain=hill)
    assert len(route.out) < 25
    for point in samples(HOME, route.out, PLANE)[60:]:
        ground_m = float(hill(np.array([point.lat_deg]), np.array([point.lon_deg]))[0])
        if distance_m(*point.position, *HOME) > 1:
            assert ground_m + 20 - 0.3 <= point.alt_above_home_m <= ground_m + 120 + 0.3


def test_a_zone_over_a_hill_is_not_flown_under_where_the_ground_leaves_no_room() -> None:
    def ridge(lat_deg: Array, lon_deg: Array) -> Array:
        return np.full(len(lat_deg), 40.0)

    high = box_zone(PLANE, 800, -200, 1000, 200, name="approach", lower_m=50.0)
    heights = Heights(levels_m=(40.0,), watch_m=40.0)
    assert len(way([high], at(2000, 0), heights=heights).out) == 1
    round_it = way([high], at(2000, 0), heights=heights, terrain=ridge)
    assert round_it.shaped_by == ("approach",)
    assert entered(PLANE, [high], HOME, round_it.out, margin_m=MARGIN_M, vertical_margin_m=5) == []


def test_the_waypoints_make_a_plan_whose_time_is_the_routes() -> None:
    block = box_zone(PLANE, 800, -1000, 1000, 100)
    route, wind = way([block], at(2000, 0), wind=Wind(speed_m_s=6, from_deg=200)), Wind(speed_m_s=6, from_deg=200)
    path = [HOME, *(point.position for point in route.out)]
    plan = FlightPlan(
        home=HOME,
        scene=at(2030, 0),
        route_out=route.out,
        route_home=route.back,
        fence=fence_around(path=path, margin_m=50.0),
        ceiling_above_home_m=120.0,
    )
    estimate = estimate_plan(plan=plan, performance=PATROL, watch_s=60, wind=wind)
    assert estimate.feasible
    assert estimate.time_to_scene_s == pytest.approx(route.seconds, abs=0.01)
    assert route.moving_s < route.seconds


def test_a_target_over_home_is_a_climb() -> None:
    route = way([], HOME)
    assert [point.position for point in route.out] == [HOME]
    assert route.seconds == pytest.approx(climb_stretch(performance=PATROL, rise_m=60).seconds)


def test_what_cannot_be_asked_is_refused_by_its_field() -> None:
    with pytest.raises(InvalidRequestError, match="home: lies"):
        routed([], at(0, 0), home=(10.0, 10.0))
    with pytest.raises(InvalidRequestError, match="levels_m"):
        Heights(levels_m=(), watch_m=60)
    with pytest.raises(InvalidRequestError, match="margin_m"):
        Prepared([], around=HOME, margin_m=0.0)
    with pytest.raises(InvalidObstacleError, match="zone thin: encloses no area"):
        Prepared([zone(PLANE, ((0, 0), (10, 0), (20, 0)), name="thin")], around=HOME, margin_m=5.0)
    with pytest.raises(InvalidObstacleError, match="3 different points"):
        Obstacle(name="dot", rings=((HOME, HOME, HOME),))
    with pytest.raises(InvalidObstacleError, match="above its top"):
        box_zone(PLANE, 0, 0, 1, 1, lower_m=50, upper_m=40)


def test_a_zone_that_crosses_itself_is_kept_out_of_on_both_sides() -> None:
    bow_tie = zone(PLANE, ((800, -300), (1200, 300), (1200, -300), (800, 300)))
    for north in (-150, 150):
        route = way([bow_tie], at(2000, north), home=at(0, north))
        assert route.shaped_by == ("zone",)


def test_a_zone_of_a_hundred_thousand_corners_is_routed_around() -> None:
    turns = np.linspace(0, 2 * math.pi, 100_000, endpoint=False)
    radii = 300 + 3 * np.sin(turns * 5000)
    ring = tuple((1000 + float(r * math.cos(a)), float(r * math.sin(a))) for r, a in zip(radii, turns, strict=True))
    route = way([zone(PLANE, ring)], at(2000, 0))
    assert len(route.out) < 12
    assert route.length_m < 2300


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 100_000), wind=winds, tall=st.booleans())
def test_no_route_enters_a_zone_or_leaves_its_heights(seed: int, wind: Wind, tall: bool) -> None:
    rng = np.random.default_rng(seed)
    zones = random_zones(rng, PLANE, count=15, size_m=3000, largest_m=350, with_heights=tall)
    heights = THREE if tall else FLAT
    home, target = at(*rng.uniform(-1500, 1500, 2)), at(*rng.uniform(-1500, 1500, 2))
    route = routed(zones, target, home=home, heights=heights, wind=wind)
    if isinstance(route, NoWay):
        assert route.zones
        return
    near = set(route.narrowed)
    kept = [each for each in zones if each.name not in near]
    assert entered(PLANE, kept, home, route.out, margin_m=MARGIN_M - 0.05, vertical_margin_m=5) == []
    gave_way = [each for each in zones if each.name in near]
    assert entered(PLANE, gave_way, home, route.out, margin_m=0.0, vertical_margin_m=5) == []
    assert {point.alt_above_home_m for point in route.out} <= {*heights.levels_m, heights.watch_m}
    assert route.out[-1].position == target
    assert route.back[-1].position == home


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 100_000), wind=winds)
def test_adding_a_zone_never_makes_the_way_faster(seed: int, wind: Wind) -> None:
    rng = np.random.default_rng(seed)
    zones = random_zones(rng, PLANE, count=12, size_m=3000, largest_m=350, with_heights=True)
    home, target = at(-1700, 0), at(1700, 0)
    fewer = routed(zones[:-2], target, home=home, heights=THREE, wind=wind)
    more = routed(zones, target, home=home, heights=THREE, wind=wind)
    assume(not isinstance(more, NoWay) and not more.narrowed)
    assert isinstance(fewer, Route)
    assert isinstance(more, Route)
    assert more.moving_s >= fewer.moving_s * (1 - 0.002)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 100_000), place=positions, wind=winds)
def test_translating_the_world_translates_the_answer(seed: int, place: LatLon, wind: Wind) -> None:
    """High latitudes and the antimeridian are places like others; over a pole, bearings are not, so the air is calm."""
    assume(abs(place[0]) < 89.5)
    seconds: list[float | None] = []
    for origin in (HOME, place, (place[0], 180.0)):
        rng, plane = np.random.default_rng(seed), LocalPlane(*origin)
        zones = random_zones(rng, plane, count=10, size_m=3000, largest_m=350, with_heights=False)
        home, target = plane.to_position(-1700, 0), plane.to_position(1700, 0)
        blows = CALM if abs(place[0]) > 70 else wind
        route = routed(zones, target, home=home, around=origin, wind=blows)
        seconds.append(route.moving_s if isinstance(route, Route) else None)
        if isinstance(route, Route):
            kept = [each for each in zones if each.name not in route.narrowed]
            assert entered(plane, kept, home, route.out, margin_m=MARGIN_M - 0.05, vertical_margin_m=5) == []
    assert seconds[1:] == [None if seconds[0] is None else pytest.approx(seconds[0], rel=2e-3)] * 2


@pytest.mark.parametrize("origin", [(0.0, 180.0), (-17.0, -179.999), (78.2, 15.6), (-89.0, 0.0)])
def test_a_way_bends_at_the_same_places_wherever_its_world_is(origin: LatLon) -> None:
    bends = []
    for place in (HOME, origin):
        plane = LocalPlane(*place)
        zones = [box_zone(plane, -50, -900, 150, 100, name="a"), box_zone(plane, 500, -60, 700, 900, name="b")]
        route = way(zones, plane.to_position(1500, 0), home=plane.to_position(-1500, 0), around=place)
        assert route.shaped_by == ("a", "b")
        bends.append([plane.to_local(*point.position) for point in route.out])
    for one, other in zip(*bends, strict=True):
        assert math.dist(one, other) < 0.2


def test_no_way_is_more_than_a_hundredth_slower_than_the_exact_optimum() -> None:
    ratios = [ratio for ratio in map(compared, range(50)) if ratio is not None]
    assert len(ratios) > 25
    assert max(ratios) <= 1.01
    assert min(ratios) > 0.999, "the optimum is one"


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000), place=positions, wind=winds, high=st.booleans())
def test_a_search_never_says_more_than_its_way_takes(seed: int, place: LatLon, wind: Wind, high: bool) -> None:
    assume(abs(place[0]) < 70)
    rng, plane = np.random.default_rng(seed), LocalPlane(*place)
    zones = random_zones(rng, plane, count=25, size_m=5000, largest_m=350, with_heights=high)
    target = plane.to_position(*rng.uniform(-2000, 2000, 2))
    prepared = Prepared(zones, around=plane.to_position(-9_000, 4_000), margin_m=MARGIN_M)
    heights = THREE if high else FLAT
    said: list[float] = []
    seeking = seek_route(prepared=prepared, home=place, target=target, heights=heights, performance=PATROL, wind=wind)
    while True:
        try:
            said.append(next(seeking))
        except StopIteration as end:
            found = end.value
            break
    assert all(math.isfinite(each) for each in said)
    if isinstance(found, Route):
        assert said
        assert max(said) <= found.seconds


def test_a_search_knows_of_a_detour_before_it_has_found_it() -> None:
    """A long wall: once it is in the way, every way is known to be longer than the straight one by far."""
    prepared = Prepared([box_zone(PLANE, 500, -1500, 600, 1500)], around=HOME, margin_m=MARGIN_M)
    target = at(1000, 0)
    straight = way([], target)
    found = way([box_zone(PLANE, 500, -1500, 600, 1500)], target)
    seeking = seek_route(prepared=prepared, home=HOME, target=target, heights=FLAT, performance=PATROL)
    said = list(seeking)
    assert said[0] <= straight.seconds
    assert any(straight.seconds + 60 < each < found.seconds for each in said)
