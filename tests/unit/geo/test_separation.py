"""Flights that are given heights are never too near one another, as a checker has it that shares nothing with them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.flight import separation
from geo.flight.energy import leg_stretch
from geo.flight.plan import FlightPlan, Waypoint, legs_between, straight_plan
from geo.flight.position import LatLon, LocalPlane
from geo.flight.separation import (
    Box,
    Free,
    NoneFree,
    Volume,
    find_height,
    floor_above,
    in_the_way,
    is_apart,
    nearest,
    reached,
    volume,
)
from tests.closeness import Moment, too_near_at
from tests.unit.geo.aircraft import HOME, PATROL

PLANE = LocalPlane(*HOME)
CEILING_M = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dock:
    """Where flights come from."""

    place: LatLon
    plate_m: float


def dock(east_m: float, north_m: float, plate_m: float = 90.0) -> Dock:
    return Dock(place=PLANE.to_position(east_m, north_m), plate_m=plate_m)


def plan_of(dock: Dock, scene: LatLon, height_m: float) -> FlightPlan:
    above_m = height_m - dock.plate_m
    return straight_plan(home=dock.place, scene=scene, transit_alt_m=above_m, scene_alt_m=above_m)


def volume_of(
    dock: Dock, scene: LatLon, height_m: float, *, name: str = "one", down_to_m: float | None = None
) -> Volume:
    plan = plan_of(dock, scene, height_m)
    return volume(
        name=name,
        home=dock.place,
        plate_amsl_m=dock.plate_m,
        out=plan.route_out,
        back=plan.route_home,
        down_to_m=down_to_m,
    )


def height_for(dock: Dock, scene: LatLon, others: list[Volume]) -> Free | NoneFree:
    return find_height(
        lambda height_m: volume_of(dock, scene, height_m),
        wanted_m=dock.plate_m + 60.0,
        lowest_m=dock.plate_m + 30.0,
        highest_m=dock.plate_m + CEILING_M,
        others=others,
    )


def flown(
    dock: Dock,
    plan: FlightPlan,
    *,
    leaves_s: float,
    pace: float,
    beside_m: tuple[float, float, float],
    home_after: float,
    watch_s: float,
) -> list[Moment]:
    """A flight as it might be: at its own pace, beside its way, called home at some share of its way out or later."""
    ways = [Waypoint(lat_deg=dock.place[0], lon_deg=dock.place[1], alt_above_home_m=0.0)]
    ways += [Waypoint(lat_deg=dock.place[0], lon_deg=dock.place[1], alt_above_home_m=plan.climb_m), *plan.route_out]
    track: list[Moment] = []
    at_s = leaves_s
    for index, point in enumerate(ways):
        if index:
            for leg in legs_between((ways[index - 1], point)):
                stretch = leg_stretch(performance=PATROL, leg=leg)
                assert stretch is not None
                at_s += pace * stretch.seconds
        east, north = PLANE.to_local(*point.position)
        track.append(
            (at_s, east + beside_m[0], north + beside_m[1], dock.plate_m + point.alt_above_home_m + beside_m[2])
        )
    lasts_s = track[-1][0] - leaves_s
    if home_after < 1.0:
        turns_s = leaves_s + home_after * lasts_s
        went = [moment for moment in track if moment[0] < turns_s]
        start, end = next((a, b) for a, b in pairwise(track) if a[0] <= turns_s <= b[0])
        share = (turns_s - start[0]) / max(1e-9, end[0] - start[0])
        here = tuple(a + (b - a) * share for a, b in zip(start[1:], end[1:], strict=True))
        out = [*went, (turns_s, here[0], here[1], here[2])]
    else:
        out = [*track, (track[-1][0] + watch_s, *track[-1][1:])]
    back = [(2 * out[-1][0] - moment[0], *moment[1:]) for moment in reversed(out[:-1])]
    return [*out, *back]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_no_two_flights_of_a_busy_city_are_ever_too_near(seed: int) -> None:
    rng = np.random.default_rng(seed)
    docks = [
        dock(float(east), float(north), float(plate_m))
        for east, north, plate_m in rng.uniform([-1500, -1500, 60], [1500, 1500, 120], (8, 3))
    ]
    scenes = [PLANE.to_position(*(float(each) for each in rng.uniform(-1200, 1200, 2))) for _ in range(3)]
    given_heights: list[Volume] = []
    tracks: list[list[Moment]] = []
    for place in docks:
        scene = scenes[int(rng.integers(len(scenes)))]
        found = height_for(place, scene, given_heights)
        if isinstance(found, NoneFree):
            continue
        given_heights.append(volume_of(place, scene, found.height_m, name=f"k{len(tracks)}"))
        angle, off_m = rng.uniform(0, 2 * math.pi), rng.uniform(0, 5.0)
        tracks.append(
            flown(
                place,
                plan_of(place, scene, found.height_m),
                # A lid that sticks, a pilot who does not answer, a queue: nobody knows when it leaves.
                leaves_s=float(rng.uniform(0, 400)),
                pace=float(rng.uniform(0.5, 2.0)),
                beside_m=(
                    float(off_m * math.cos(angle)),
                    float(off_m * math.sin(angle)),
                    float(rng.uniform(-2.5, 2.5)),
                ),
                home_after=float(rng.uniform(0.05, 2.0)),
                watch_s=float(rng.uniform(0, 600)),
            )
        )
    assert len(tracks) >= 2
    for one, other in combinations(tracks, 2):
        assert too_near_at(one, other) is None


def test_flights_without_heights_of_their_own_do_come_too_near() -> None:
    """The property above can fail: the same flights at one height."""
    west, south = dock(-1000, 0), dock(0, -1000)
    tracks = [
        flown(
            place,
            plan_of(place, scene, 150.0),
            leaves_s=0.0,
            pace=1.0,
            beside_m=(0, 0, 0),
            home_after=2.0,
            watch_s=60.0,
        )
        for place, scene in ((west, PLANE.to_position(0, 0)), (south, PLANE.to_position(-30, 20)))
    ]
    found = too_near_at(*tracks)
    assert found is not None
    assert 60 < found < 120


def test_the_checker_finds_the_instant_in_which_two_pass() -> None:
    east = [(0.0, -100.0, 0.0, 50.0), (20.0, 100.0, 0.0, 50.0)]
    north = [(0.0, 0.0, -100.0, 50.0), (20.0, 0.0, 100.0, 50.0)]
    assert too_near_at(east, north) == pytest.approx(10 - 30 / math.sqrt(2) / 10)
    assert too_near_at(east, [(t, x, y, z + 15.0) for t, x, y, z in north]) is None
    assert too_near_at(east, [(t + 4.3, x, y, z) for t, x, y, z in north]) is None
    assert too_near_at(east, [(t + 30, x, y, z) for t, x, y, z in north]) is None
    assert too_near_at(east, [(0.0, 0.0, 0.0, 20.0), (20.0, 0.0, 0.0, 80.0)]) is not None


def test_who_is_alone_flies_as_high_as_was_wanted_and_at_once() -> None:
    assert height_for(dock(0, 0), PLANE.to_position(800, 0), []) == Free(height_m=150.0)


def test_a_second_over_the_same_scene_flies_above_the_first() -> None:
    scene = PLANE.to_position(0, 900)
    first = volume_of(dock(0, 0), scene, 150.0)
    second = height_for(dock(500, 0), scene, [first])
    assert isinstance(second, Free)
    assert abs(second.height_m - 150.0) >= 20


def test_who_takes_off_under_anothers_watch_stays_below_it() -> None:
    first = volume_of(dock(0, 0), PLANE.to_position(0, 930), 150.0)
    second = height_for(dock(0, 900), PLANE.to_position(0, 2000), [first])
    assert isinstance(second, Free)
    assert second.height_m <= 130


def test_where_no_height_is_free_the_flights_in_the_way_are_named() -> None:
    scene = PLANE.to_position(0, 900)
    stack = [volume_of(dock(300.0 * number, 0), scene, 120.0 + 20.0 * number, name=f"k{number}") for number in range(5)]
    found = height_for(dock(-300, 0), scene, stack)
    assert isinstance(found, NoneFree)
    assert found.in_the_way == ("k0", "k1", "k2", "k3", "k4")
    assert str(found) == "no height is free beside k0, k1, k2, k3, k4"


def test_what_comes_down_for_a_crewed_aircraft_takes_the_heights_below_too() -> None:
    first, scene = dock(0, 0), PLANE.to_position(0, 900)
    deep = volume_of(first, scene, 190.0, name="k1", down_to_m=30.0)
    below = volume_of(dock(500, 870), PLANE.to_position(-200, 870), 130.0)
    assert in_the_way(below, [volume_of(first, scene, 190.0)]) == ()
    assert in_the_way(below, [deep]) == ("k1",)


def test_two_over_one_scene_differ_in_height_wherever_each_hangs_before_it() -> None:
    scene = PLANE.to_position(0, 900)
    first = volume_of(dock(0, 0), scene, 150.0)
    # The watch positions, 30 m before the scene, are 60 m apart.
    second = height_for(dock(0, 1800), scene, [first])
    assert isinstance(second, Free)
    assert abs(second.height_m - 150.0) >= 20


def test_the_refusal_has_the_metres_by_which_two_are_too_near() -> None:
    first = volume_of(dock(0, 0), PLANE.to_position(0, 2030), 150.0, name="k1")
    beside = volume_of(dock(20, -500), PLANE.to_position(20, 3000), 138.0, name="k2")
    (near,) = nearest(beside, [first])
    assert (near.name, near.above_m) == ("k1", 0.0), "it passes through the column over k1's dock"
    high = volume_of(dock(700, -500), PLANE.to_position(20, 1400), 138.0)
    (near,) = nearest(high, [first])
    assert near.above_m == pytest.approx(12.0)
    assert near.beside_m < 40.0
    assert str(near).startswith("k1 (")


def test_who_flies_above_comes_down_to_twenty_metres_over_those_below_and_no_further() -> None:
    scene = PLANE.to_position(0, 900)
    low = volume_of(dock(0, 0), scene, 150.0)
    high = volume_of(dock(500, 0), scene, 190.0)
    assert floor_above(high, [low]) == 170.0
    assert floor_above(low, [high]) == -math.inf
    assert floor_above(volume_of(dock(5000, 0), PLANE.to_position(5000, 900), 190.0), [low]) == -math.inf


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_whoever_is_flown_by_hand_is_in_its_volume_and_on_its_way_home_from_anywhere_in_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    start, end, join = (
        Waypoint(lat_deg=lat, lon_deg=lon, alt_above_home_m=float(rng.uniform(20, 120)))
        for lat, lon in (PLANE.to_position(*(float(each) for each in rng.uniform(-600, 600, 2))) for _ in range(3))
    )
    around_m = float(rng.uniform(0, 80))
    air = reached(name="k1", plate_amsl_m=90.0, start=start, end=end, around_m=around_m, joins=[join])
    ends = [np.array([*PLANE.to_local(*point.position), 90.0 + point.alt_above_home_m]) for point in (start, end, join)]
    for _ in range(20):
        aside = rng.uniform(-1, 1, 2)
        aside *= around_m / max(1.0, float(np.hypot(*aside)))
        here = ends[0] + (ends[1] - ends[0]) * rng.uniform() + np.array([*aside, 0.0])
        at = here + (ends[2] - here) * rng.uniform()
        lat_deg, lon_deg = PLANE.to_position(float(at[0]), float(at[1]))
        spot = Waypoint(lat_deg=lat_deg, lon_deg=lon_deg, alt_above_home_m=float(at[2]) - 90.0)
        inside = [
            tube
            for tube in air.tubes
            if tube.low_m - 1e-6 <= at[2] <= tube.high_m + 1e-6 and _from_m(spot, tube.start, tube.end) <= tube.wide_m
        ]
        assert inside


def _from_m(spot: Waypoint, start: LatLon, end: LatLon) -> float:
    a, b = (np.array(PLANE.to_local(*each)) for each in (start, end))
    p, way = np.array(PLANE.to_local(*spot.position)), b - a
    share = 0.0 if not way.any() else float(np.clip((p - a) @ way / (way @ way), 0.0, 1.0))
    return float(np.hypot(*(p - a - share * way)))


ORIGINS = ((52.4, -1.5), (-33.9, 151.2), (69.6, 18.9), (0.0, 6.7), (-17.0, 179.999))


def scattered(rng: np.random.Generator, name: str) -> Volume:
    """A way somewhere around one of a few places of the earth, now and then a wide circle flown by hand."""
    plane = LocalPlane(*ORIGINS[int(rng.integers(len(ORIGINS)))] if rng.random() < 0.1 else ORIGINS[0])
    by_hand = rng.random() < 0.3
    far_m = 100.0 if by_hand else float(rng.choice([300.0, 3000.0, 12000.0]))
    points = [
        Waypoint(lat_deg=lat, lon_deg=lon, alt_above_home_m=float(rng.uniform(20, 120)))
        for lat, lon in (plane.to_position(*(float(each) for each in rng.uniform(-far_m, far_m, 2))) for _ in range(4))
    ]
    if by_hand:
        around_m = float(rng.uniform(0, 120))
        return reached(
            name=name, plate_amsl_m=90.0, start=points[0], end=points[1], around_m=around_m, joins=points[2:3]
        )
    home = points[3].position if rng.random() < 0.5 else None
    return volume(name=name, home=home, plate_amsl_m=90.0, out=points[:2], back=points[2:3])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_with_boxes_the_answers_are_those_without(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ways = [scattered(rng, f"k{number:02d}") for number in range(14)]

    def answers() -> list[object]:
        found: list[object] = []
        for number, way in enumerate(ways):
            others = ways[:number] + ways[number + 1 :]
            found += [in_the_way(way, others), nearest(way, others), floor_above(way, others)]
            assert is_apart(way, others) is not bool(in_the_way(way, others))
        return found

    with_boxes = answers()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Box, "may_be_near", lambda *_: True)
        patch.setattr(Box, "may_meet", lambda *_: True)
        everywhere = (-math.inf, math.inf, -math.inf, math.inf)
        patch.setattr(separation, "_drawn", lambda plane, tube: (tube, *separation._ends(plane, tube), *everywhere))
        assert answers() == with_boxes
    assert any(with_boxes), "some do meet"


def test_of_a_wide_city_hardly_a_distance_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = 0
    between_m = separation._between_m

    def counted(*ends: tuple[float, float]) -> float:
        nonlocal measured
        measured += 1
        return between_m(*ends)

    monkeypatch.setattr(separation, "_between_m", counted)
    places = [(1500.0 * (number % 10), 1500.0 * (number // 10)) for number in range(100)]
    ways = [
        volume_of(dock(east, north), PLANE.to_position(east + 500, north + 600), 150.0, name=f"k{number:02d}")
        for number, (east, north) in enumerate(places)
    ]
    assert not any(in_the_way(one, [other]) for one, other in combinations(ways, 2))
    assert measured <= 100, "of 250,000 pairs of stretches"
    crossing = volume_of(dock(0, 0), PLANE.to_position(1000, 0), 150.0)
    assert in_the_way(crossing, ways) == ("k00",)
    assert 0 < measured <= 150
