"""The dock's own limits: each of them, all at once, and in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.fleet import Limits
from contracts.orders import FlightOrder
from contracts.position import Place, Waypoint
from contracts.vocabulary import Deployment, Lid
from contracts.warnings import WarningCode, WarningOverride
from dock_agent import guards
from dock_agent.guards import Standing
from dock_agent.lookout import Watch
from dock_agent.weatherwatch import BEYOND_LASTS_S, WeatherWatch
from geo.flight.wind import Wind, wind_at
from tests.unit.dock_agent.fakes import CALM, DOCK, QUAD, Bench

CALM_AT = datetime(2026, 1, 1, tzinfo=UTC)


def standing(bench: Bench, **changes: Any) -> Standing:
    fields: dict[str, Any] = {
        "dock": DOCK,
        "aircraft_type": QUAD,
        "deployment": Deployment.SIMULATION,
        "aircraft": bench.aircraft.reading(),
        "hardware": bench.hardware.reading(),
        "flight_id": None,
        "last_sequence": 0,
    }
    return Standing(**{**fields, **changes})


def reasons(bench: Bench, order: FlightOrder, sequence: int = 1, **changes: Any) -> list[str]:
    now = bench.clock.mission_now()
    return guards.order_reasons(order, sequence=sequence, now=now, standing=standing(bench, **changes))


def test_a_good_order_on_a_good_dock_has_no_reason_against_it(bench: Bench) -> None:
    assert reasons(bench, bench.order()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"aircraft_id": "k2"}, "for aircraft k2"),
        ({"deployment": Deployment.LIVE}, "the order is for live; this dock is simulation"),
        ({"distance_m": 9000.0}, "8000 m is the most"),
        ({"ceiling_above_home_m": 30.0}, "the ceiling is 30 m"),
        ({"ceiling_above_home_m": 150.0}, "the order's ceiling is 150 m; this dock's is 120 m"),
        ({"cruise_speed_m_s": 22.0}, "the order's speed is 22.0 m/s"),
        ({"home": Place(lat_deg=52.41, lon_deg=-1.5106)}, "the way home must end over home"),
        ({"reserve_percent": 94.0}, "of the battery; it has 95 %"),
    ],
)
def test_an_order_against_a_limit_says_which(bench: Bench, change: dict[str, Any], words: str) -> None:
    found = reasons(bench, bench.order(**change))
    assert any(words in reason for reason in found), found


def test_an_expired_order_is_refused(bench: Bench) -> None:
    order = bench.order(expires_at=bench.clock.mission_now() - timedelta(seconds=1))
    assert reasons(bench, order) == ["the order expired 1 s ago"]


def test_an_order_that_comes_out_of_sequence_is_refused(bench: Bench) -> None:
    assert reasons(bench, bench.order(), sequence=4, last_sequence=4) == [
        "the order is older than one already handled: number 4 after 4"
    ]


def test_another_docks_home_is_refused(bench: Bench) -> None:
    moved = DOCK.model_copy(update={"lat_deg": DOCK.lat_deg + 0.001})
    found = reasons(bench, bench.order(), dock=moved)
    assert any("home is 111 m from this dock" in reason for reason in found)


def test_a_fence_that_does_not_hold_home_and_route_is_refused(bench: Bench) -> None:
    corners = [(52.411, -1.508), (52.411, -1.507), (52.412, -1.507)]
    fence = [Place(lat_deg=lat, lon_deg=lon) for lat, lon in corners]
    found = reasons(bench, bench.order(fence=fence))
    assert len(found) == 2
    assert found[0].startswith("the fence does not hold home, which is 368 m outside")
    assert "the fence does not hold the whole route: a point of it is" in found[1]


def test_a_detour_outside_the_fence_is_refused(bench: Bench) -> None:
    order = bench.order()
    far = Waypoint(lat_deg=order.home.lat_deg - 0.01, lon_deg=order.home.lon_deg, alt_above_home_m=40)
    (found,) = reasons(bench, order.model_copy(update={"route_out": [far, *order.route_out]}))
    assert found.startswith("the fence does not hold the whole route: a point of it is 1")
    assert found.endswith("m outside")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wind_speed_m_s": 13.0, "gust_m_s": 13.0}, "wind 13.0 m/s, limit 12.0 m/s"),
        ({"wind_speed_m_s": 12.04, "gust_m_s": 13.0}, "wind just over 12.0 m/s, limit 12.0 m/s"),
        ({"temperature_c": -10.01}, "temperature just under -10.0 °C, least -10.0 °C"),
        ({"gust_m_s": 17.0}, "gusts 17.0 m/s, limit 16.0 m/s"),
        ({"rain_mm_h": 9.0}, "rain 9.0 mm/h"),
        ({"temperature_c": 41.0}, "temperature 41.0 °C, limit 40.0 °C"),
        ({"temperature_c": -11.0}, "temperature -11.0 °C, least -10.0 °C"),
        ({"age_s": 121}, "the weather is unknown: the last sample is 121 s old"),
    ],
)
def test_weather_beyond_the_aircrafts_limits_blocks(bench: Bench, change: dict[str, float], words: str) -> None:
    bench.hardware.weather = CALM.model_copy(update=change)
    found = guards.blockers(standing(bench))
    assert any(words in reason for reason in found), found


def test_unknown_weather_blocks(bench: Bench) -> None:
    bench.hardware.weather = None
    assert guards.blockers(standing(bench)) == ["the weather is unknown: the dock has no sensor value"]


def test_a_dead_dock_blocks_and_says_why(bench: Bench) -> None:
    bench.hardware.alive = False
    assert guards.blockers(standing(bench)) == ["the dock's hardware is unreachable: no answer"]


def test_a_lid_fault_and_an_empty_box_block_both_at_once(bench: Bench) -> None:
    bench.hardware.stuck = Lid.FAULT
    bench.aircraft.lat_deg += 0.0002
    assert guards.blockers(standing(bench)) == ["the lid reports a fault", "no aircraft is seated in the box"]


def test_a_battery_that_is_low_or_unknown_blocks(bench: Bench) -> None:
    bench.aircraft.battery = 59.0
    assert guards.blockers(standing(bench)) == ["the battery is at 59 %; 60 % is the least to launch with"]
    aircraft = replace(bench.aircraft.reading(), battery_percent=None)
    hardware = replace(bench.hardware.reading(), battery_percent=None)
    assert guards.blockers(standing(bench, aircraft=aircraft, hardware=hardware)) == ["the battery's charge is unknown"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trouble": "system 7 answers"}, "system 7 answers"),
        ({"connected": False}, "the aircraft is not connected"),
        ({"link_age_s": 4.0}, "the aircraft is not connected"),
        ({"identified": False}, "the aircraft's identity has not been confirmed yet"),
        ({"position": None}, "the aircraft's position is unknown"),
        ({"tuned": False, "untuned_because": "parameter RTL_TYPE: TIMEOUT"}, "parameter RTL_TYPE: TIMEOUT"),
        ({"armable": False, "last_text": "No GPS"}, "the autopilot is not ready to arm: No GPS"),
        ({"in_air": True}, "the aircraft is armed or in the air without a flight of ours"),
    ],
)
def test_an_aircraft_that_is_not_as_it_must_be_blocks(bench: Bench, change: dict[str, Any], words: str) -> None:
    aircraft = replace(bench.aircraft.reading(), **change)
    assert guards.blockers(standing(bench, aircraft=aircraft)) == [words]


def test_an_aircraft_away_from_its_site_blocks(bench: Bench) -> None:
    reading = bench.aircraft.reading()
    assert reading.position is not None
    away = replace(reading, position=replace(reading.position, lat_deg=reading.position.lat_deg + 0.001))
    assert guards.blockers(standing(bench, aircraft=away)) == ["the aircraft is 111 m from its site; 50 m is the most"]


def test_a_busy_dock_refuses_a_second_flight(bench: Bench) -> None:
    order = bench.order()
    assert reasons(bench, order, flight_id=order.flight_id) == ["a flight is under way"]


def test_all_reasons_come_at_once(bench: Bench) -> None:
    bench.hardware.weather = CALM.model_copy(update={"wind_speed_m_s": 20.0, "gust_m_s": 30.0})
    bench.aircraft.battery = 10.0
    found = reasons(bench, bench.order(aircraft_id="k9", deployment=Deployment.TRAINING))
    assert len(found) >= 6


def test_the_docks_reserve_counts_when_the_orders_is_smaller(bench: Bench) -> None:
    bench.aircraft.battery = 93.0
    strict = DOCK.model_copy(update={"limits": Limits(reserve_percent=92.0)})
    found = reasons(bench, bench.order(), dock=strict)
    assert any("with the reserve takes" in reason for reason in found)


def test_a_dock_whose_last_flight_has_not_been_checked_launches_nothing(bench: Bench) -> None:
    assert guards.blockers(standing(bench, checked=False)) == [
        "the check after the last flight has not passed: the charger is off: the aircraft is not being charged"
    ]
    bench.hardware.charging = True
    (found,) = guards.blockers(standing(bench, checked=False))
    assert found.endswith("it is being looked at")


def test_a_person_over_the_dock_blocks(bench: Bench) -> None:
    raised = "a person on the lid (pilot-1)"
    assert guards.blockers(standing(bench, raised=raised)) == [f"something is over the dock: {raised}"]


def test_a_crewed_aircraft_near_the_dock_blocks_and_is_named(bench: Bench) -> None:
    watch = Watch(converging="G-POLA converges from 090°, 900 m away, 60 m above ours")
    assert guards.blockers(standing(bench, watch=watch)) == [f"a crewed aircraft is near: {watch.converging}"]


def test_a_wind_that_no_airspeed_beats_is_refused_with_both_figures(bench: Bench) -> None:
    bench.hardware.weather = CALM.model_copy(update={"wind_speed_m_s": 18.0, "gust_m_s": 18.0})
    order = bench.order()
    highest_m = max(point.alt_above_home_m for point in (*order.route_out, *order.route_home))
    aloft_m_s = wind_at(Wind(speed_m_s=18.0, from_deg=0.0), highest_m).speed_m_s
    assert aloft_m_s > 21.0 > 18.0, "at the mast it would have been beaten"
    assert (
        f"the wind on the route is too strong for this aircraft: {aloft_m_s:.1f} m/s up there against "
        "21.0 m/s through the air"
    ) in reasons(bench, order)


def aside(code: WarningCode, value: float, limit: float) -> WarningOverride:
    return WarningOverride(
        warning=code, text="as shown", value=value, limit=limit, note="needed", by="pilot-1", at=CALM_AT
    )


GUST_ASIDE = aside(WarningCode.GUST_OVER_LIMIT, 17.0, 16.0)


def test_a_guard_yields_to_the_warning_that_its_order_sets_aside_and_to_no_other(bench: Bench) -> None:
    bench.hardware.weather = CALM.model_copy(update={"gust_m_s": 17.5, "rain_mm_h": 9.0})
    assert len(reasons(bench, bench.order())) == 2
    assert reasons(bench, bench.order(overrides=[GUST_ASIDE])) == ["rain 9.0 mm/h, limit 8.0 mm/h"]


def test_a_guard_yields_no_further_than_was_set_aside(bench: Bench) -> None:
    bench.hardware.weather = CALM.model_copy(update={"gust_m_s": 19.5})
    assert reasons(bench, bench.order(overrides=[GUST_ASIDE])) == ["gusts 19.5 m/s, limit 16.0 m/s"]


def test_a_low_charge_set_aside_still_has_to_bring_it_home(bench: Bench) -> None:
    bench.aircraft.battery = 50.0
    low = aside(WarningCode.CHARGE_TOO_LOW, 50.0, 60.0)
    assert any("is the least to launch with" in reason for reason in reasons(bench, bench.order()))
    assert reasons(bench, bench.order(overrides=[low])) == []
    (far,) = reasons(bench, bench.order(overrides=[low], distance_m=5500.0))
    assert "of the battery; it has 50 %" in far


def test_no_override_lets_a_blocker_pass(bench: Bench) -> None:
    empty = replace(bench.hardware.reading(), seated=False)
    every = [aside(code, 99.0, 1.0) for code in WarningCode]
    order = bench.order(overrides=every)
    assert reasons(bench, order, hardware=empty) == ["no aircraft is seated in the box"]


def test_the_status_tells_which_blockers_are_warnings(bench: Bench) -> None:
    bench.hardware.weather = CALM.model_copy(update={"gust_m_s": 17.0})
    there = standing(bench, hardware=replace(bench.hardware.reading(), seated=False))
    assert [each.warning for each in guards.warnings(there)] == [WarningCode.GUST_OVER_LIMIT]
    assert len(guards.blockers(there)) == 2


def test_on_the_way_a_limit_that_was_set_aside_brings_nobody_home_until_it_is_worse(bench: Bench) -> None:
    now = bench.clock.mission_now()

    def after(gust_m_s: float, *overrides: WarningOverride) -> str | None:
        weather = CALM.model_copy(update={"gust_m_s": gust_m_s})
        watch = WeatherWatch().after(weather=weather, aircraft_type=QUAD, now=now, overrides=overrides)
        return watch.must_return(now + timedelta(seconds=BEYOND_LASTS_S))

    assert after(17.5) is not None
    assert after(17.5, GUST_ASIDE) is None
    assert after(19.5, GUST_ASIDE) is not None
