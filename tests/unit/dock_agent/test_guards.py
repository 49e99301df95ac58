"""The dock's own limits: each of them, all at once, and in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.fleet import Limits
from contracts.orders import FlightOrder
from contracts.position import Place, Waypoint
from contracts.vocabulary import Deployment, Lid
from dock_agent import guards
from dock_agent.guards import Standing
from tests.unit.dock_agent.fakes import CALM, DOCK, QUAD, Bench


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
    assert reasons(bench, order) == ["the order has expired"]


def test_an_order_that_comes_out_of_sequence_is_refused(bench: Bench) -> None:
    assert reasons(bench, bench.order(), sequence=4, last_sequence=4) == ["the order is older than one already handled"]


def test_another_docks_home_is_refused(bench: Bench) -> None:
    moved = DOCK.model_copy(update={"lat_deg": DOCK.lat_deg + 0.001})
    found = reasons(bench, bench.order(), dock=moved)
    assert any("home is 111 m from this dock" in reason for reason in found)


def test_a_fence_that_does_not_hold_home_and_route_is_refused(bench: Bench) -> None:
    corners = [(52.411, -1.508), (52.411, -1.507), (52.412, -1.507)]
    fence = [Place(lat_deg=lat, lon_deg=lon) for lat, lon in corners]
    found = reasons(bench, bench.order(fence=fence))
    assert found == ["the fence does not hold home", "the fence does not hold the whole route"]


def test_a_detour_outside_the_fence_is_refused(bench: Bench) -> None:
    order = bench.order()
    far = Waypoint(lat_deg=order.home.lat_deg - 0.01, lon_deg=order.home.lon_deg, alt_above_home_m=40)
    assert reasons(bench, order.model_copy(update={"route_out": [far, *order.route_out]})) == [
        "the fence does not hold the whole route"
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wind_speed_m_s": 13.0, "gust_m_s": 13.0}, "wind 13.0 m/s, limit 12.0 m/s"),
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


def test_the_guard_in_the_air_needs_more_battery_against_the_wind(bench: Bench) -> None:
    order = bench.order(distance_m=4000.0)
    reading = bench.aircraft.reading()
    assert reading.position is not None
    watch = order.route_out[-1]
    position = replace(reading.position, lat_deg=watch.lat_deg, lon_deg=watch.lon_deg, alt_above_home_m=40.0)

    def least(wind_from_deg: float, speed_m_s: float) -> int:
        weather = CALM.model_copy(update={"wind_from_deg": wind_from_deg, "wind_speed_m_s": speed_m_s})
        for percent in range(100):
            aircraft = replace(reading, position=position, battery_percent=float(percent))
            if guards.must_return(order, aircraft=aircraft, weather=weather, dock=DOCK, aircraft_type=QUAD) is None:
                return percent
        raise AssertionError("no charge is enough")

    calm, head, tail = least(225.0, 0.0), least(225.0, 11.0), least(45.0, 11.0)
    assert 20 < calm < head
    assert tail <= head


def test_without_weather_the_guard_in_the_air_assumes_the_worst(bench: Bench) -> None:
    order = bench.order(distance_m=4000.0)
    reading = bench.aircraft.reading()
    assert reading.position is not None
    watch = order.route_out[-1]
    position = replace(reading.position, lat_deg=watch.lat_deg, lon_deg=watch.lon_deg, alt_above_home_m=40.0)
    aircraft = replace(reading, position=position, battery_percent=38.0)
    asked = {"aircraft": aircraft, "dock": DOCK, "aircraft_type": QUAD}
    assert guards.must_return(order, weather=CALM, **asked) is None  # type: ignore[arg-type]
    assert guards.must_return(order, weather=None, **asked) is not None  # type: ignore[arg-type]


def test_the_docks_reserve_counts_when_the_orders_is_smaller(bench: Bench) -> None:
    bench.aircraft.battery = 93.0
    strict = DOCK.model_copy(update={"limits": Limits(reserve_percent=92.0)})
    found = reasons(bench, bench.order(), dock=strict)
    assert any("with the reserve takes" in reason for reason in found)
