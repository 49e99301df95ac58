"""Faults put in while an aircraft flies, and what becomes of the flight: from the timeline to the wire."""

from __future__ import annotations

import math
from typing import Any

import pytest

from simulator.failsafe import BatteryLevel
from simulator.faults import FAULT
from simulator.modes import Mode
from simulator.world import World
from tests.unit.simulator.ground import Ground, Item, scenario, square_fence, way_home_mission

HOLD_AT_FENCE = 2
INT32 = 6


def put(ground: Ground, kind: str, **fields: Any) -> int:
    """A fault of K1 from now on (of everything, for the weather); its number."""
    target = {} if kind == "weather" else {"aircraft": "K1"}
    return ground.world.inject(FAULT.validate_python({"kind": kind, **target, **fields})).number


def on_scene(weather: dict[str, float] | None = None, *, fence_half_m: float = 450, parachute: bool = False) -> Ground:
    """Over the scene, 283 m from home, inside a square fence."""
    whole = scenario(weather=weather or {}).model_dump(by_alias=True)
    whole["aircraft_types"]["quad"]["payload"]["parachute"] = parachute
    ground = Ground(world=World(type(scenario()).model_validate(whole)))
    assert ground.upload(square_fence(fence_half_m), 1) == 0
    ground.take_off_on_mission(way_home_mission(watch_s=900))
    assert ground.run(120, until=lambda: ground.vehicle.navigator.mission.current == 4)
    ground.run(20)
    return ground


def test_a_storm_blows_it_over_its_fence_and_when_it_is_past_it_holds_where_it_was_blown() -> None:
    ground = on_scene()
    put(ground, "weather", for_s=45, over_s=5, wind_speed_m_s=24, wind_from_deg=225)
    assert ground.run(90, until=lambda: ground.vehicle.failsafe.breached)
    assert any("Geofence" in text for text in ground.texts)
    body = ground.vehicle.body
    assert max(body.north_m, body.east_m) > 449
    ground.run(120)
    assert ground.vehicle.armed
    assert ground.vehicle.body.ground_speed_m_s < 1


def test_one_that_is_wrong_about_where_it_is_flies_away_from_there_and_comes_home_when_it_is_right_again() -> None:
    ground = on_scene()
    number = put(ground, "position_wrong", east_m=-150)
    ground.run(60)
    assert ground.vehicle.body.east_m == pytest.approx(350, abs=10)
    told = ground.last("LOCAL_POSITION_NED")
    assert told.y == pytest.approx(200, abs=5)
    ground.world.mend(number)
    ground.run(60)
    assert ground.vehicle.body.east_m == pytest.approx(200, abs=5)


def test_one_that_believes_to_be_beyond_its_fence_acts_on_it() -> None:
    ground = on_scene()
    put(ground, "position_wrong", east_m=300)
    ground.run(3)
    assert ground.vehicle.failsafe.breached
    assert ground.vehicle.mode is Mode.HOLD


def test_a_failing_cell_brings_it_home_before_its_charge_does() -> None:
    ground = on_scene()
    put(ground, "cell_sag", volts=1.8)
    assert ground.run(200, until=lambda: ground.vehicle.failsafe.level is not BatteryLevel.OK)
    assert ground.run(60, until=lambda: ground.vehicle.mode in (Mode.RETURN, Mode.LAND))
    assert ground.vehicle.battery.charge_left > 0.7
    status = ground.last("SYS_STATUS")
    assert status.battery_remaining <= 8
    assert status.voltage_battery < 14_500
    assert ground.run(300, until=lambda: not ground.vehicle.armed)
    assert ground.vehicle.fault == ""


@pytest.mark.parametrize(("parachute", "gently"), [(True, True), (False, False)])
def test_a_failed_motor_brings_it_down_under_its_parachute_or_without(parachute: bool, gently: bool) -> None:
    ground = on_scene(parachute=parachute)
    put(ground, "motor_failed")
    fastest = 0.0
    for _ in range(60):
        ground.run(0.5)
        fastest = max(fastest, ground.vehicle.body.v_down_m_s)
    assert ground.vehicle.body.on_ground
    assert (fastest < 8) is gently
    assert math.hypot(ground.vehicle.body.north_m - 200, ground.vehicle.body.east_m - 200) < 60


def test_a_parachute_that_sticks_is_none() -> None:
    ground = on_scene(parachute=True)
    put(ground, "parachute_stuck")
    put(ground, "motor_failed")
    fastest = 0.0
    for _ in range(40):
        ground.run(0.5)
        fastest = max(fastest, ground.vehicle.body.v_down_m_s)
    assert fastest > 15


def test_without_satellites_for_good_it_comes_down_where_the_wind_takes_it() -> None:
    ground = on_scene({"wind_speed_m_s": 4, "wind_from_deg": 270})
    put(ground, "gps_lost")
    assert ground.run(200, until=lambda: ground.vehicle.landed)
    assert ground.vehicle.body.east_m > 205


def test_a_clock_that_jumps_by_an_hour_shows_in_the_time_it_tells_and_in_nothing_else() -> None:
    ground = on_scene()
    before = ground.last("SYSTEM_TIME")
    put(ground, "clock_jump", by_s=-3600)
    ground.run(3)
    after = ground.last("SYSTEM_TIME")
    boot_s = (after.time_boot_ms - before.time_boot_ms) / 1000
    assert (after.time_unix_usec - before.time_unix_usec) / 1e6 == pytest.approx(boot_s - 3600, abs=0.01)
    assert 1 < boot_s < 5
    assert ground.vehicle.mode is Mode.MISSION


def test_an_aircraft_that_was_swapped_tells_another_identity_from_then_on() -> None:
    ground = Ground()
    put(ground, "swapped", system_id=42, uid="ffeeddccbbaa9988")
    ground.run(2)
    assert ground.last("HEARTBEAT").get_srcSystem() == 42
    ground._target = (42, 1)
    assert ground.command(512, 148) == 0
    assert bytes(ground.last("AUTOPILOT_VERSION").uid2[:8]).hex() == "ffeeddccbbaa9988"


def test_the_link_is_lost_for_long_and_it_comes_home_by_itself() -> None:
    ground = on_scene()
    ground.set_parameter("NAV_DLL_ACT", 2.8e-45, INT32)
    put(ground, "link_lost", for_s=60)
    heard = len(ground.heard)
    ground.run(30)
    assert len(ground.heard) == heard
    assert ground.vehicle.mode is Mode.RETURN
    ground.run(40)
    assert len(ground.heard) > heard
    assert ground.run(300, until=lambda: not ground.vehicle.armed)
    assert math.hypot(ground.vehicle.body.north_m, ground.vehicle.body.east_m) < 2


def test_an_upload_that_stops_half_way_leaves_the_plan_that_was_there() -> None:
    ground = on_scene()
    before = [item.command for item in ground.download()]
    put(ground, "upload_fails", at_item=2, end="error")
    ground.run(0.1)
    assert ground.upload([Item(16, 10, 0, 30)] * 5) != 0
    assert [item.command for item in ground.download()] == before
