"""Conflicts of a route with crewed aircraft, against a simulation that looks every tenth of a second."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.flight.position import LocalPlane
from geo.traffic import AHEAD_S, HALF_HEIGHT_M, RADIUS_M, TURNS, Crewed, TimedPoint, conflicts

HOME = LocalPlane(lat_deg=52.40, lon_deg=-1.52)


def point(east_m: float, north_m: float, alt_amsl_m: float, at_s: float) -> TimedPoint:
    lat, lon = HOME.to_position(east_m, north_m)
    return TimedPoint(lat_deg=lat, lon_deg=lon, alt_amsl_m=alt_amsl_m, at_s=at_s)


def crewed(east_m: float, north_m: float, **changes: float | str | None) -> Crewed:
    lat, lon = HOME.to_position(east_m, north_m)
    known = Crewed(
        name="HELI1",
        lat_deg=lat,
        lon_deg=lon,
        alt_amsl_m=150.0,
        alt_error_m=0.0,
        ground_speed_m_s=60.0,
        track_deg=90.0,
        climb_m_s=0.0,
        age_s=0.0,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


HOVER = [point(0, 0, 150, 0)]
OUT = [point(0, 0, 90, 10), point(0, 0, 150, 30), point(0, 1500, 150, 130)]


def test_one_that_comes_straight_at_a_hovering_drone_is_told_with_its_time_and_bearing() -> None:
    (found,) = conflicts(HOVER, [crewed(-6000, 0)])
    # 6,000 m less the volume and what its turns may gain on the way: (6000 - 610) / (60 + 6) s.
    assert found.in_s == pytest.approx((6000 - RADIUS_M) / 66, abs=0.01)
    assert found.bearing_deg == pytest.approx(270, abs=0.1)
    assert found.distance_m == pytest.approx(6000 - 60 * found.in_s, abs=1)
    assert found.above_m == pytest.approx(0)


@pytest.mark.parametrize(
    "other",
    [
        crewed(-6000, 0, track_deg=270.0),
        crewed(-6000, 0, alt_amsl_m=150 + HALF_HEIGHT_M + 1),
        crewed(-6000, 3000),
        crewed(-60 * AHEAD_S - 3000, 0),
    ],
)
def test_one_that_flies_away_above_past_or_far_off_is_none(other: Crewed) -> None:
    assert conflicts(HOVER, [other]) == ()


def test_one_whose_height_or_course_is_not_known_may_be_anywhere() -> None:
    (found,) = conflicts(HOVER, [crewed(-6000, 0, alt_amsl_m=None)])
    assert found.above_m is None
    (found,) = conflicts(HOVER, [crewed(-6000, 0, track_deg=None)])
    assert found.in_s == pytest.approx((6000 - RADIUS_M) / 60, abs=0.01)


def test_one_that_descends_is_in_conflict_when_it_is_low_enough() -> None:
    (found,) = conflicts(HOVER, [crewed(0, 0, ground_speed_m_s=0.0, alt_amsl_m=600.0, climb_m_s=-5.0)])
    assert found.in_s == pytest.approx((600 - 150 - HALF_HEIGHT_M) / 5)
    assert found.above_m == pytest.approx(HALF_HEIGHT_M)


def test_a_report_that_is_old_is_carried_on_and_less_is_known_of_it() -> None:
    (fresh,) = conflicts(HOVER, [crewed(-6000, 0)])
    (old,) = conflicts(HOVER, [crewed(-6000 - 600, 0, age_s=10.0)])
    assert old.in_s == pytest.approx(fresh.in_s - 10 * 60 * TURNS / 66, abs=0.05)


def test_before_it_is_in_the_air_there_is_no_conflict() -> None:
    passing = crewed(0, -2000, track_deg=0.0)
    assert conflicts([replace(HOVER[0], at_s=0.0)], [passing])
    late = conflicts([replace(HOVER[0], at_s=100.0)], [passing])
    assert late == ()


def test_the_soonest_is_told_first() -> None:
    others = [crewed(-6000, 0, name="LATER"), crewed(-3000, 0, name="SOONER")]
    assert [each.name for each in conflicts(HOVER, others)] == ["SOONER", "LATER"]
    assert conflicts([], others) == ()


def _looked(route: list[TimedPoint], other: Crewed) -> float | None:
    """The first conflict by looking again and again."""
    track = None if other.track_deg is None else math.radians(other.track_deg)
    start = HOME.to_local(other.lat_deg, other.lon_deg)
    points = [(*HOME.to_local(each.lat_deg, each.lon_deg), each.alt_amsl_m, each.at_s) for each in route]
    for step in range(int(AHEAD_S * 20) + 1):
        t = step / 20
        if t < points[0][3]:
            continue
        here = points[-1][:3]
        for one, two in pairwise(points):
            if one[3] <= t <= two[3] and two[3] > one[3]:
                share = (t - one[3]) / (two[3] - one[3])
                here = tuple(a + (b - a) * share for a, b in zip(one[:3], two[:3], strict=True))  # type: ignore[assignment]
                break
        flown = other.ground_speed_m_s * (t + other.age_s)
        x = start[0] + (0.0 if track is None else flown * math.sin(track)) - here[0]
        y = start[1] + (0.0 if track is None else flown * math.cos(track)) - here[1]
        near = math.hypot(x, y) <= RADIUS_M + flown * (TURNS if track is not None else 1.0)
        height = other.alt_amsl_m
        level = height is None or (
            abs(height + other.climb_m_s * (t + other.age_s) - here[2]) <= HALF_HEIGHT_M + other.alt_error_m
        )
        if near and level:
            return t
    return None


@settings(max_examples=150, deadline=None)
@given(
    st.builds(
        crewed,
        st.floats(-9000, 9000),
        st.floats(-9000, 9000),
        alt_amsl_m=st.none() | st.floats(0, 900),
        alt_error_m=st.sampled_from([0.0, 50.0, 300.0]),
        ground_speed_m_s=st.floats(0, 120),
        track_deg=st.none() | st.floats(0, 359),
        climb_m_s=st.floats(-8, 8),
        age_s=st.floats(0, 20),
    )
)
def test_the_first_conflict_is_the_one_that_looking_again_and_again_finds(other: Crewed) -> None:
    found, looked = conflicts(OUT, [other]), _looked(OUT, other)
    if looked is None:
        # Looking may miss one that lasts less than a step, or that begins with the last.
        assert not found or found[0].in_s > AHEAD_S - 0.1 or _grazes(other, found[0].in_s)
    else:
        assert found
        assert looked - 0.051 <= found[0].in_s <= looked + 0.02 or _grazes(other, found[0].in_s)


def _grazes(other: Crewed, at_s: float) -> bool:
    """Whether a volume a metre smaller is not met at all, or only later."""
    smaller = conflicts(OUT, [other], radius_m=RADIUS_M - 10.0, half_height_m=HALF_HEIGHT_M - 2.0)
    return not smaller or smaller[0].in_s > at_s
