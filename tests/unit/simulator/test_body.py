"""The body: limits that hold whatever is asked, wind that pushes, a ground that carries."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.body import MOTORS_OFF, BodyState, Demand, Hull, step, tilt
from simulator.weather import STILL_AIR, Air

HULL = Hull(airspeed_m_s=20, climb_m_s=5, descent_m_s=3)
DT_S = 0.02
ALOFT = BodyState(down_m=-50.0, on_ground=False)


def fly(state: BodyState, demand: Demand, seconds: float, air: Air = STILL_AIR) -> BodyState:
    for _ in range(round(seconds / DT_S)):
        state = step(state, demand, air, HULL, DT_S)
    return state


speeds = st.floats(-60, 60)


@settings(max_examples=60)
@given(st.lists(st.tuples(speeds, speeds, speeds, st.floats(0, 20)), min_size=1, max_size=6))
def test_acceleration_and_its_change_never_exceed_the_hull(asked: list[tuple[float, float, float, float]]) -> None:
    state = BodyState(down_m=-5000.0, on_ground=False)
    for north, east, down, accel in asked:
        demand = Demand(north, east, down, accel_m_s2=accel)
        for _ in range(40):
            after = step(state, demand, STILL_AIR, HULL, DT_S)
            assert math.hypot(after.a_north_m_s2, after.a_east_m_s2) <= HULL.accel_m_s2 + 1e-9
            jerk = math.hypot(after.a_north_m_s2 - state.a_north_m_s2, after.a_east_m_s2 - state.a_east_m_s2) / DT_S
            assert jerk <= HULL.jerk_m_s3 + 1e-6
            assert abs(after.a_down_m_s2 - state.a_down_m_s2) / DT_S <= HULL.jerk_m_s3 + 1e-6
            state = after


def test_it_reaches_the_speed_asked_for_without_overshooting_by_more_than_a_tenth() -> None:
    state, fastest = ALOFT, 0.0
    for _ in range(500):
        state = step(state, Demand(north_m_s=12, accel_m_s2=5), STILL_AIR, HULL, DT_S)
        fastest = max(fastest, state.v_north_m_s)
    assert abs(state.v_north_m_s - 12) < 0.05
    assert fastest < 13.2


def test_a_head_wind_slows_it_and_a_storm_carries_it_away() -> None:
    against = fly(ALOFT, Demand(north_m_s=20), 20, Air(north_m_s=-8))
    assert abs(against.v_north_m_s - 12) < 0.1
    blown = fly(ALOFT, Demand(), 20, Air(north_m_s=-25))
    assert abs(blown.v_north_m_s - -5) < 0.1


def test_it_stands_on_the_ground_until_it_is_asked_to_climb() -> None:
    assert fly(BodyState(), Demand(north_m_s=5, down_m_s=0.3), 5) == BodyState()
    assert fly(BodyState(), Demand(down_m_s=-2), 5).height_m > 5


def test_without_motors_it_falls_and_stays_where_it_hits() -> None:
    fallen = fly(BodyState(north_m=3, down_m=-20, v_north_m_s=4, on_ground=False), MOTORS_OFF, 10)
    assert fallen.on_ground
    assert fallen.down_m == 0.0
    assert fallen.ground_speed_m_s == 0.0
    assert 8 < fallen.north_m < 13


def test_it_turns_the_short_way_and_not_faster_than_the_hull() -> None:
    state = ALOFT._replace(yaw_rad=3.0)
    after = step(state, Demand(yaw_rad=-3.0), STILL_AIR, HULL, DT_S)
    assert after.yaw_rad > 3.0
    assert fly(state, Demand(yaw_rad=0.0), 0.5).yaw_rad > 3.0 - 0.5 * HULL.yaw_rate_rad_s - 1e-6


def test_it_leans_into_where_it_accelerates() -> None:
    roll, pitch = tilt(step(ALOFT, Demand(north_m_s=10), STILL_AIR, HULL, DT_S), STILL_AIR)
    assert pitch < 0
    assert abs(roll) < 1e-9
