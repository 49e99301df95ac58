"""What the receiver and the parachute leave behind: bounded, with ages, and never more than was heard."""

from __future__ import annotations

from typing import Any

import pytest
from mavsdk.plugins.transponder import AdsbEmitterType, AdsbVehicle

from dock_agent.companions import FORGET_S, MAX_HEARD, PARACHUTE, PARACHUTE_OLD_S, RECEIVER, Companions
from dock_agent.readings import NO_AIRCRAFT, Parachute
from kestrel.clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(factor=10.0)


@pytest.fixture
def companions(clock: VirtualClock) -> Companions:
    return Companions(clock=clock, on_change=lambda: None)


def vehicle(**changes: Any) -> AdsbVehicle:
    fields: dict[str, Any] = {
        "icao_address": 0x4CA123,
        "latitude_deg": 52.4,
        "longitude_deg": -1.5,
        "absolute_altitude_m": 200.0,
        "heading_deg": 361.0,
        "horizontal_velocity_m_s": 60.0,
        "vertical_velocity_m_s": -2.0,
        "callsign": "GPOLA   ",
        "emitter_type": AdsbEmitterType.ROTOCRAFT,
        "tslc_s": 5,
    }
    return AdsbVehicle(**{**fields, **changes})


async def test_a_report_is_kept_with_its_age_in_wall_time(companions: Companions, clock: VirtualClock) -> None:
    companions.hear(vehicle())
    await clock.advance(2.0)
    reading = companions.reading(NO_AIRCRAFT)
    (heard,) = reading.crewed
    assert (heard.icao, heard.callsign, heard.course_deg, heard.climb_m_s) == (0x4CA123, "GPOLA", 1.0, -2.0)
    assert heard.age_s == pytest.approx(2.0 + 5 / 10.0)
    assert reading.receiver_age_s == pytest.approx(2.0)


def test_the_latest_report_of_an_aircraft_replaces_the_one_before(companions: Companions) -> None:
    companions.hear(vehicle())
    companions.hear(vehicle(absolute_altitude_m=210.0))
    assert [one.alt_amsl_m for one in companions.reading(NO_AIRCRAFT).crewed] == [210.0]


@pytest.mark.parametrize(
    "change",
    [
        {"emitter_type": AdsbEmitterType.UAV},
        {"emitter_type": AdsbEmitterType.SERVICE_SURFACE},
        {"latitude_deg": float("nan")},
        {"latitude_deg": 137.0},
        {"latitude_deg": 0.0, "longitude_deg": 0.0},
        {"absolute_altitude_m": float("inf")},
    ],
)
def test_what_is_no_crewed_aircraft_in_the_air_is_left_out_but_shows_a_receiver(
    companions: Companions, change: dict[str, Any]
) -> None:
    companions.hear(vehicle(**change))
    reading = companions.reading(NO_AIRCRAFT)
    assert reading.crewed == ()
    assert reading.receiver_age_s == 0.0


async def test_the_table_is_bounded_and_the_longest_unheard_gives_way(
    companions: Companions, clock: VirtualClock
) -> None:
    for number in range(MAX_HEARD + 5):
        companions.hear(vehicle(icao_address=number))
        await clock.advance(0.01)
    kept = {one.icao for one in companions.reading(NO_AIRCRAFT).crewed}
    assert kept == set(range(5, MAX_HEARD + 5))


async def test_one_that_is_heard_no_more_is_forgotten(companions: Companions, clock: VirtualClock) -> None:
    companions.hear(vehicle())
    await clock.advance(FORGET_S + 0.1)
    assert companions.reading(NO_AIRCRAFT).crewed == ()


async def test_a_receivers_heartbeat_alone_is_a_sign_of_life(companions: Companions, clock: VirtualClock) -> None:
    assert companions.reading(NO_AIRCRAFT).receiver_age_s == float("inf")
    companions.beat(RECEIVER, "{}")
    await clock.advance(1.5)
    assert companions.reading(NO_AIRCRAFT).receiver_age_s == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (3, Parachute.READY),
        (4, Parachute.READY),
        (5, Parachute.FAULT),
        (6, Parachute.DEPLOYED),
        (8, Parachute.DEPLOYED),
        (1, None),
    ],
)
def test_the_parachutes_heartbeat_tells_its_state(companions: Companions, state: int, wanted: Parachute | None) -> None:
    companions.beat(PARACHUTE, f'{{"system_status": {state}, "type": 44}}')
    assert companions.reading(NO_AIRCRAFT).parachute is wanted


async def test_a_parachute_that_falls_silent_is_at_fault_and_one_that_is_out_stays_out(
    companions: Companions, clock: VirtualClock
) -> None:
    companions.beat(PARACHUTE, '{"system_status": 3}')
    await clock.advance(PARACHUTE_OLD_S + 0.1)
    assert companions.reading(NO_AIRCRAFT).parachute is Parachute.FAULT
    companions.beat(PARACHUTE, '{"system_status": 6}')
    await clock.advance(PARACHUTE_OLD_S + 0.1)
    assert companions.reading(NO_AIRCRAFT).parachute is Parachute.DEPLOYED


@pytest.mark.parametrize("fields", ["", "[]", "{", '{"system_status": "high"}', "null", '{"system_status": []}'])
def test_a_heartbeat_that_cannot_be_read_changes_nothing(companions: Companions, fields: str) -> None:
    companions.beat(PARACHUTE, '{"system_status": 3}')
    companions.beat(PARACHUTE, fields)
    assert companions.reading(NO_AIRCRAFT).parachute is Parachute.READY
    companions.beat(1, '{"system_status": 6}')
    assert companions.reading(NO_AIRCRAFT).parachute is Parachute.READY
