"""Times and energy of flights: what must hold for every type and wind, and what was measured on PX4."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.flight.energy import (
    FlightEstimate,
    Infeasible,
    Leg,
    climb_stretch,
    estimate_flight,
    estimate_return,
    landing_stretch,
    leg_stretch,
    longest_s,
    travel_s,
)
from geo.flight.errors import InvalidPerformanceError, InvalidWindError
from geo.flight.performance import Performance
from geo.flight.wind import CALM, Wind, airspeed_m_s, ground_speed_m_s
from tests.unit.geo.aircraft import PATROL, bearings, performances, winds


def there_and_back(
    performance: Performance,
    *,
    way_m: float,
    bearing: float = 0.0,
    wind: Wind = CALM,
    watch_s: float = 600.0,
    charge_percent: float = 100.0,
    reserve_percent: float | None = None,
) -> FlightEstimate:
    return estimate_flight(
        performance=performance,
        climb_m=60,
        out=[Leg(distance_m=way_m, bearing_deg=bearing)],
        home=[Leg(distance_m=way_m, bearing_deg=bearing + 180)],
        landing_m=60,
        watch_s=watch_s,
        charge_percent=charge_percent,
        reserve_percent=reserve_percent,
        wind=wind,
    )


def test_landing_from_31_m_takes_about_33_s_as_on_px4() -> None:
    assert landing_stretch(performance=PATROL, drop_m=31).seconds == pytest.approx(33, abs=2)


def test_climbing_to_40_m_takes_23_s_from_the_ground_as_on_px4() -> None:
    assert climb_stretch(performance=PATROL, rise_m=40).seconds == pytest.approx(22.9, abs=0.5)


def test_only_speeding_up_and_slowing_down_is_paid_as_dearly_as_hanging() -> None:
    leg = Leg(distance_m=3_000, bearing_deg=0)
    stretch = leg_stretch(performance=PATROL, leg=leg)
    assert stretch is not None
    ramp_s, stop_s = 2 * PATROL.cruise_m_s / PATROL.acceleration_m_s2, PATROL.leg_settle_s
    level_s = stretch.seconds - ramp_s - stop_s
    assert PATROL.cruise_power_w < PATROL.hover_power_w
    wanted_ws = PATROL.cruise_power_w * level_s + PATROL.hover_power_w * (ramp_s + stop_s)
    assert stretch.energy_wh == pytest.approx(wanted_ws / 3600)


def test_a_long_leg_is_flown_at_cruise_and_a_short_one_never_reaches_it() -> None:
    assert travel_s(distance_m=1500, speed_m_s=15, acceleration_m_s2=5) == pytest.approx(103)
    assert travel_s(distance_m=20, speed_m_s=15, acceleration_m_s2=5) == pytest.approx(4)
    assert travel_s(distance_m=0, speed_m_s=15, acceleration_m_s2=5) == 0


def test_a_flight_in_calm_air_adds_up_by_hand() -> None:
    flight = there_and_back(PATROL, way_m=3000, watch_s=120)
    leg_s = 3000 / 15 + 3 + PATROL.leg_settle_s
    climb_s = 10 / 1.5 + 50 / 3 + PATROL.climb_settle_s
    landing_s = 10 / 0.7 + 50 / 1.5 + PATROL.touchdown_s
    assert flight.time_to_scene_s == pytest.approx(climb_s + leg_s)
    assert flight.total_s == pytest.approx(climb_s + 2 * leg_s + 120 + landing_s)
    # All at hover but the stretches at speed, 10 W less, and the lift of 60 m at 3 m/s with 60 W more.
    lift_ws, at_speed_s = (260 - 200) * 60 / 3, 2 * (3000 / 15 - 3)
    hover_ws = 200 * (climb_s + 2 * leg_s + 120 + landing_s)
    assert flight.energy_wh == pytest.approx((lift_ws + hover_ws - 10 * at_speed_s) / 3600)
    assert flight.battery_on_return_percent == pytest.approx(100 - flight.energy_wh / 150 * 100)


def test_the_wind_triangle_slows_against_the_wind_and_never_commands_more_than_cruise() -> None:
    strong = Wind(speed_m_s=10, from_deg=0)
    assert ground_speed_m_s(performance=PATROL, wind=strong, track_deg=0) == pytest.approx(21 - 10)
    assert ground_speed_m_s(performance=PATROL, wind=strong, track_deg=180) == 15
    assert ground_speed_m_s(performance=PATROL, wind=strong, track_deg=90) == 15
    assert airspeed_m_s(wind=strong, track_deg=90, speed_m_s=15) == pytest.approx(math.hypot(15, 10))
    gale = Wind(speed_m_s=20.8, from_deg=0)
    assert ground_speed_m_s(performance=PATROL, wind=gale, track_deg=0) is None
    assert ground_speed_m_s(performance=PATROL, wind=Wind(speed_m_s=25, from_deg=90), track_deg=0) is None


def test_a_tail_wind_that_drives_it_faster_than_it_may_fly_is_no_way_to_go() -> None:
    top = PATROL.top_airspeed_m_s
    nearly_all = top * math.sin(math.radians(80))  # across: the rest that is left along the track is small
    along = PATROL.cruise_m_s + 2 * top * math.cos(math.radians(80))
    wind = Wind(speed_m_s=math.hypot(along, nearly_all), from_deg=180 + math.degrees(math.atan2(nearly_all, along)))
    assert ground_speed_m_s(performance=PATROL, wind=wind, track_deg=0) is None


@settings(deadline=None)
@given(performance=performances, wind=winds, track=bearings)
def test_the_airspeed_that_a_ground_speed_needs_can_be_held(performance: Performance, wind: Wind, track: float) -> None:
    speed = ground_speed_m_s(performance=performance, wind=wind, track_deg=track)
    assume(speed is not None)
    assert speed is not None
    assert speed <= performance.cruise_m_s
    assert airspeed_m_s(wind=wind, track_deg=track, speed_m_s=speed) <= performance.top_airspeed_m_s * (1 + 1e-9)


@settings(deadline=None)
@given(
    performance=performances,
    wind=winds,
    bearing=bearings,
    way_m=st.floats(min_value=0, max_value=20_000),
    watch_s=st.floats(min_value=0, max_value=3600),
    charge=st.floats(min_value=0, max_value=100),
    reserve=st.floats(min_value=0, max_value=60),
)
def test_energy_is_never_promised_that_the_battery_does_not_have(
    performance: Performance,
    wind: Wind,
    bearing: float,
    way_m: float,
    watch_s: float,
    charge: float,
    reserve: float,
) -> None:
    flight = there_and_back(
        performance,
        way_m=way_m,
        bearing=bearing,
        wind=wind,
        watch_s=watch_s,
        charge_percent=charge,
        reserve_percent=reserve,
    )
    assert all(math.isfinite(value) for value in numbers(flight))
    assert flight.watch.seconds <= watch_s
    if not flight.feasible:
        assert flight.watch.seconds == 0
        return
    held_back = max(reserve, performance.reserve_percent)
    assert flight.battery_on_return_percent >= held_back - 1e-6
    parts = [flight.climb, *flight.out, flight.watch, *flight.home, flight.landing]
    assert sum(part.energy_wh for part in parts) == pytest.approx(flight.energy_wh)
    assert sum(part.seconds for part in parts) == pytest.approx(flight.total_s)
    # Nothing is flown for less than the cheapest power that the type has.
    least_w = min(performance.hover_power_w, performance.cruise_power_w)
    assert flight.energy_wh >= least_w * flight.total_s / 3600 * (1 - 1e-9)
    longest = there_and_back(
        performance,
        way_m=way_m,
        bearing=bearing,
        wind=wind,
        watch_s=flight.watch_possible_s,
        charge_percent=charge,
        reserve_percent=reserve,
    )
    assert longest.battery_on_return_percent == pytest.approx(held_back, abs=1e-6)


@settings(deadline=None)
@given(performance=performances, wind=winds, bearing=bearings, way_m=st.floats(0, 10_000), more_m=st.floats(1, 5_000))
def test_further_is_never_sooner_nor_cheaper(
    performance: Performance, wind: Wind, bearing: float, way_m: float, more_m: float
) -> None:
    near = there_and_back(performance, way_m=way_m, bearing=bearing, wind=wind)
    far = there_and_back(performance, way_m=way_m + more_m, bearing=bearing, wind=wind)
    if far.infeasible is Infeasible.WIND_BEATS_AIRCRAFT:
        return
    assert far.time_to_scene_s > near.time_to_scene_s
    assert far.spare_wh < near.spare_wh
    assert far.watch_possible_s <= near.watch_possible_s


@settings(deadline=None)
@given(performance=performances, wind=winds, bearing=bearings, way_m=st.floats(100, 10_000))
def test_wind_never_shortens_the_way_there_and_back(
    performance: Performance, wind: Wind, bearing: float, way_m: float
) -> None:
    windy = there_and_back(performance, way_m=way_m, bearing=bearing, wind=wind, watch_s=0)
    calm = there_and_back(performance, way_m=way_m, bearing=bearing, watch_s=0)
    if windy.infeasible is not Infeasible.WIND_BEATS_AIRCRAFT:
        assert windy.total_s >= calm.total_s - 1e-9


def test_a_wind_that_beats_the_aircraft_is_a_result_and_not_an_error() -> None:
    flight = there_and_back(PATROL, way_m=1000, wind=Wind(speed_m_s=21.5, from_deg=0))
    assert flight.infeasible is Infeasible.WIND_BEATS_AIRCRAFT
    assert not flight.feasible
    assert flight.time_to_scene_s == 0
    hanging = estimate_flight(
        performance=PATROL, climb_m=60, out=[], home=[], landing_m=60, watch_s=60, wind=Wind(speed_m_s=22, from_deg=9)
    )
    assert hanging.infeasible is Infeasible.WIND_BEATS_AIRCRAFT


def test_a_flight_beyond_the_battery_says_what_is_missing() -> None:
    flight = there_and_back(PATROL, way_m=15_000, charge_percent=90)
    assert flight.infeasible is Infeasible.ENERGY
    assert flight.spare_wh < 0
    assert flight.watch_possible_s == 0


def test_the_way_home_from_the_scene_is_what_the_whole_flight_paid_for_it() -> None:
    wind = Wind(speed_m_s=8, from_deg=30)
    flight = there_and_back(PATROL, way_m=4000, bearing=45, wind=wind)
    home = estimate_return(performance=PATROL, home=[Leg(distance_m=4000, bearing_deg=225)], landing_m=60, wind=wind)
    assert home.seconds == pytest.approx(sum(leg.seconds for leg in flight.home) + flight.landing.seconds)
    assert home.percent == pytest.approx((flight.home[0].energy_wh + flight.landing.energy_wh) / 150 * 100)
    blown = estimate_return(performance=PATROL, home=[], landing_m=60, wind=Wind(speed_m_s=30, from_deg=0))
    assert blown.infeasible is Infeasible.WIND_BEATS_AIRCRAFT


def test_height_is_changed_on_the_way_and_takes_longer_only_where_it_must() -> None:
    level = leg_stretch(performance=PATROL, leg=Leg(distance_m=1000, bearing_deg=0))
    rising = leg_stretch(performance=PATROL, leg=Leg(distance_m=1000, bearing_deg=0, rise_m=30))
    straight_up = leg_stretch(performance=PATROL, leg=Leg(distance_m=0, bearing_deg=0, rise_m=30))
    assert level is not None
    assert rising is not None
    assert straight_up is not None
    assert rising.seconds == level.seconds
    assert rising.energy_wh == pytest.approx(level.energy_wh + (260 - 200) * 10 / 3600)
    assert straight_up.seconds == pytest.approx(10 + PATROL.leg_settle_s)
    assert straight_up.energy_wh == pytest.approx((260 * 10 + 200 * PATROL.leg_settle_s) / 3600)


def test_a_leg_of_no_length_and_no_height_takes_nothing() -> None:
    nothing = leg_stretch(performance=PATROL, leg=Leg(distance_m=0, bearing_deg=0))
    assert nothing is not None
    assert (nothing.seconds, nothing.energy_wh) == (0, 0)


@settings(deadline=None)
@given(performance=performances, slow=st.floats(0, 40), faster=st.floats(0.1, 20))
def test_power_above_cruise_only_rises(performance: Performance, slow: float, faster: float) -> None:
    base = performance.cruise_m_s + slow
    assert performance.level_power_w(base + faster) > performance.level_power_w(base)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cruise_m_s", 0.0),
        ("battery_wh", -1.0),
        ("hover_power_w", math.nan),
        ("climb_power_w", math.inf),
        ("reserve_percent", 100.0),
        ("leg_settle_s", -0.1),
        ("drag_share", 1.1),
        ("airspeed_max_m_s", 14.0),
        ("temperature_min_c", 50.0),
    ],
)
def test_an_impossible_figure_of_a_type_is_named(field: str, value: float) -> None:
    with pytest.raises(InvalidPerformanceError) as caught:
        replace(PATROL, **{field: value})
    assert caught.value.field == field


@pytest.mark.parametrize(("speed", "bearing"), [(-1.0, 0.0), (math.nan, 0.0), (1.0, math.inf)])
def test_an_impossible_wind_is_refused(speed: float, bearing: float) -> None:
    with pytest.raises(InvalidWindError):
        Wind(speed_m_s=speed, from_deg=bearing)


def numbers(flight: FlightEstimate) -> list[float]:
    return [value for field in fields(flight) if isinstance(value := getattr(flight, field.name), float)]


@given(performance=performances, wind=winds, way_m=st.floats(min_value=0, max_value=5_000))
def test_no_flight_that_can_be_promised_lasts_longer_than_a_battery_can(
    performance: Performance, wind: Wind, way_m: float
) -> None:
    flown = there_and_back(performance, way_m=way_m, wind=wind, watch_s=1e6, reserve_percent=0.0)
    assume(flown.feasible)
    assert flown.total_s <= longest_s(performance=performance)


def test_the_longest_that_it_can_be_in_the_air_is_half_more_than_it_can_hang_or_cruise() -> None:
    for power_w in (PATROL.hover_power_w, PATROL.cruise_power_w):
        assert longest_s(performance=PATROL) >= 1.5 * 3600 * PATROL.battery_wh / power_w
