"""The charge in the air: the model, corrected within bounds by what was measured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts.position import Weather
from contracts.warnings import WarningCode, WarningOverride
from dispatcher.decision.facts import Policy, WeatherFacts
from dock_agent.energywatch import (
    CORRECTION_LEAST,
    CORRECTION_MOST,
    WEATHER_OLD_S,
    Consumption,
    forecast,
    performance_for,
    wind_for,
)
from dock_agent.readings import AircraftReading
from geo.flight.energy import drawn_power_w
from geo.flight.plan import Waypoint, estimate_return_from, straight_plan
from geo.flight.position import offset
from geo.flight.wind import CALM as STILL
from geo.flight.wind import Wind, wind_at
from tests.unit.dock_agent.fakeaircraft import HOME
from tests.unit.dock_agent.fakes import CALM, DOCK, QUAD

PERFORMANCE = performance_for(QUAD, DOCK, reserve_percent=20.0)
PLAN = straight_plan(home=HOME, scene=offset(*HOME, bearing_deg=0.0, distance_m=2000.0))
HIGHEST_M = max(point.alt_above_home_m for point in (*PLAN.route_out, *PLAN.route_home))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOVER_PERCENT_S = QUAD.hover_power_w / 36.0 / QUAD.battery_wh


def hovering(*, seconds: int, times: float, whole_percents: bool = False) -> Consumption:
    """A hover that draws ``times`` what the model says."""
    watched, charge = Consumption(), 95.0
    for second in range(seconds):
        told = float(round(charge)) if whole_percents else charge
        watched = watched.after(
            now=NOW + timedelta(seconds=second),
            charge_percent=told,
            aircraft=AircraftReading(),
            performance=PERFORMANCE,
            wind=STILL,
        )
        charge -= HOVER_PERCENT_S * times
    return watched


def test_what_draws_as_the_model_says_is_not_corrected() -> None:
    assert hovering(seconds=300, times=1.0).correction == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("whole_percents", [False, True])
def test_what_draws_more_is_corrected_upwards_as_it_shows(whole_percents: bool) -> None:
    soon, later = (hovering(seconds=s, times=1.4, whole_percents=whole_percents).correction for s in (30, 400))
    assert 1.0 <= soon < 1.25, "little has been drawn: a percent of rounding moves little"
    assert later == pytest.approx(1.3, abs=0.08)


def test_the_correction_is_bounded() -> None:
    assert hovering(seconds=300, times=8.0).correction == CORRECTION_MOST
    assert hovering(seconds=300, times=0.1).correction == CORRECTION_LEAST


def test_a_gap_is_not_measured_over() -> None:
    watched = hovering(seconds=60, times=1.0)
    after = watched.after(
        now=NOW + timedelta(seconds=600),
        charge_percent=20.0,
        aircraft=AircraftReading(),
        performance=PERFORMANCE,
        wind=STILL,
    )
    assert after.correction == watched.correction


def test_flying_into_the_wind_is_flying_faster_through_the_air() -> None:
    wind = Wind(speed_m_s=10.0, from_deg=0.0)
    north = drawn_power_w(performance=PERFORMANCE, wind=wind, north_m_s=12.0, east_m_s=0.0)
    south = drawn_power_w(performance=PERFORMANCE, wind=wind, north_m_s=-12.0, east_m_s=0.0)
    climbing = drawn_power_w(performance=PERFORMANCE, wind=STILL, north_m_s=0.0, east_m_s=0.0, climb_m_s=4.0)
    assert north == pytest.approx(PERFORMANCE.level_power_w(22.0))
    assert south == pytest.approx(PERFORMANCE.level_power_w(2.0))
    assert climbing == pytest.approx(QUAD.climb_power_w)


def test_the_forecast_is_the_model_times_the_correction() -> None:
    at = PLAN.watch_position
    plain = forecast(plan=PLAN, performance=PERFORMANCE, at=at, charge_percent=60.0, wind=STILL, now=NOW)
    worse = forecast(
        plan=PLAN, performance=PERFORMANCE, at=at, charge_percent=60.0, wind=STILL, now=NOW, correction=1.5
    )
    home = estimate_return_from(plan=PLAN, performance=PERFORMANCE, at=at, wind=STILL).percent
    assert plain.home_percent == pytest.approx(home)
    assert plain.at_home_percent == pytest.approx(60.0 - home)
    assert worse.home_percent == pytest.approx(1.5 * home)
    assert plain.must_leave_at is not None
    assert worse.must_leave_at is not None
    spare_s = (60.0 - 20.0 - home) / HOVER_PERCENT_S
    assert (plain.must_leave_at - NOW).total_seconds() == pytest.approx(spare_s, rel=1e-3)
    assert worse.must_leave_at < plain.must_leave_at


def test_at_the_moment_it_must_leave_the_reserve_is_what_is_left() -> None:
    at = PLAN.watch_position
    first = forecast(plan=PLAN, performance=PERFORMANCE, at=at, charge_percent=60.0, wind=STILL, now=NOW)
    assert first.must_leave_at is not None
    waited_s = (first.must_leave_at - NOW).total_seconds()
    then = 60.0 - waited_s * HOVER_PERCENT_S
    last = forecast(
        plan=PLAN, performance=PERFORMANCE, at=at, charge_percent=then - 0.01, wind=STILL, now=first.must_leave_at
    )
    assert last.at_home_percent == pytest.approx(20.0, abs=0.1)
    assert last.must_return is not None
    assert first.must_return is None


def test_on_the_way_out_the_time_to_leave_counts_the_rest_of_the_way() -> None:
    start = Waypoint(lat_deg=HOME[0], lon_deg=HOME[1], alt_above_home_m=60.0)
    found = forecast(
        plan=PLAN, performance=PERFORMANCE, at=start, charge_percent=60.0, wind=STILL, now=NOW, outbound=True
    )
    there = forecast(
        plan=PLAN, performance=PERFORMANCE, at=PLAN.watch_position, charge_percent=60.0, wind=STILL, now=NOW
    )
    assert found.watch_possible_s is not None
    assert there.watch_possible_s is not None
    assert 0 < found.watch_possible_s < there.watch_possible_s
    assert found.must_leave_at is not None
    out_s = (found.must_leave_at - NOW).total_seconds() - found.watch_possible_s
    assert 1970.0 / 15.0 < out_s < 1970.0 / 15.0 + 15.0


def test_a_wind_that_carries_it_away_has_no_forecast_but_a_reason() -> None:
    storm = Wind(speed_m_s=30.0, from_deg=180.0)
    found = forecast(
        plan=PLAN, performance=PERFORMANCE, at=PLAN.watch_position, charge_percent=90.0, wind=storm, now=NOW
    )
    assert found.must_return == "the wind is too strong for the way home: the longer it waits, the worse"
    assert found.must_leave_at is None


@pytest.mark.parametrize("weather", [None, CALM.model_copy(update={"age_s": WEATHER_OLD_S + 1})])
def test_without_fresh_weather_the_worst_is_assumed_aloft_and_from_ahead(weather: Weather | None) -> None:
    wind = wind_for(weather, plan=PLAN, at=PLAN.watch_position, aircraft_type=QUAD)
    assert wind.speed_m_s == wind_at(Wind(speed_m_s=QUAD.wind_limit_m_s, from_deg=0.0), HIGHEST_M).speed_m_s
    assert wind.from_deg == pytest.approx(180.0, abs=0.1)


@pytest.mark.parametrize("from_deg", [0.0, 90.0, 180.0, 225.0])
@pytest.mark.parametrize("over_m_s", [0.0, 1.0])
def test_a_sensor_that_dies_never_makes_the_way_home_take_less(from_deg: float, over_m_s: float) -> None:
    """Neither at the limit nor beyond it, as far as an override let it launch."""
    at_mast = QUAD.wind_limit_m_s + over_m_s
    override = WarningOverride(
        warning=WarningCode.WIND_OVER_LIMIT,
        text="wind over the limit",
        value=at_mast,
        limit=QUAD.wind_limit_m_s,
        note="a child is in the river",
        by="pilot-1",
        at=NOW,
    )
    overrides = [override] if over_m_s else []
    fresh = CALM.model_copy(update={"wind_speed_m_s": at_mast, "wind_from_deg": from_deg})

    def percent(weather: Weather | None, last: Weather | None = None) -> float:
        at = PLAN.watch_position
        wind = wind_for(weather, plan=PLAN, at=at, aircraft_type=QUAD, overrides=overrides, last=last)
        return forecast(plan=PLAN, performance=PERFORMANCE, at=at, charge_percent=90.0, wind=wind, now=NOW).home_percent

    alive = percent(fresh)
    assert percent(None) >= alive
    assert percent(fresh.model_copy(update={"age_s": WEATHER_OLD_S + 1})) >= alive
    stronger = fresh.model_copy(update={"wind_speed_m_s": at_mast + 1.0})
    assert percent(None, last=stronger) >= percent(stronger), "what was last measured may be more than either"


def test_the_wind_that_is_watched_is_the_one_that_was_promised_with_at_the_height_of_the_flight() -> None:
    weather = CALM.model_copy(update={"wind_speed_m_s": 8.0, "wind_from_deg": 240.0, "gust_m_s": 9.0})
    found = wind_for(weather, plan=PLAN, at=PLAN.watch_position, aircraft_type=QUAD)
    facts = WeatherFacts(
        wind_speed_m_s=8.0, wind_from_deg=240.0, gust_m_s=9.0, rain_mm_h=0.0, temperature_c=10.0, age_s=1.0
    )
    assert found == wind_at(facts.wind, HIGHEST_M, exponent=Policy().wind_shear)
    assert found.speed_m_s == pytest.approx(8.0 * (HIGHEST_M / 10.0) ** (1 / 7))
    higher = Waypoint(lat_deg=HOME[0], lon_deg=HOME[1], alt_above_home_m=2 * HIGHEST_M)
    assert wind_for(weather, plan=PLAN, at=higher, aircraft_type=QUAD).speed_m_s > found.speed_m_s


def test_a_head_wind_home_takes_more_than_a_tail_wind() -> None:
    def percent(from_deg: float) -> float:
        wind = Wind(speed_m_s=11.0, from_deg=from_deg)
        at = PLAN.watch_position
        return forecast(plan=PLAN, performance=PERFORMANCE, at=at, charge_percent=60.0, wind=wind, now=NOW).home_percent

    assert percent(180.0) > percent(0.0)


def test_the_docks_reserve_counts_when_the_orders_is_smaller() -> None:
    assert performance_for(QUAD, DOCK, reserve_percent=5.0).reserve_percent == DOCK.limits.reserve_percent
