"""Whole flights on the virtual clock: missions, the ways home, and what PX4 does by itself."""

from __future__ import annotations

import math

import pytest

from simulator.failsafe import BatteryLevel
from simulator.modes import Health, LandedState, Mode
from simulator.parameters import INT32, REAL32, integer_as_float
from simulator.plan import Cmd
from simulator.world import World
from tests.unit.simulator.ground import (
    HOME_ALT_AMSL_M,
    Ground,
    Item,
    scenario,
    square_fence,
    way_home_mission,
)

ALONG_THE_RETURN = [(400, 200), (400, -150), (100, -150)]
DISARMED_S = 900


def on_scene(ground: Ground) -> None:
    """Fly the mission until it loiters at the scene."""
    ground.take_off_on_mission(way_home_mission(watch_s=600))
    assert ground.run(200, until=lambda: ground.vehicle.navigator.mission.current == 4)
    ground.run(10)


def set_integer(ground: Ground, name: str, value: int) -> None:
    ground.set_parameter(name, integer_as_float(value), INT32)
    assert ground.vehicle.parameters[name] == value


def mode_of(ground: Ground) -> Mode:
    """The mode at this moment."""
    return ground.vehicle.mode


def nearest_m(ground: Ground, point: tuple[float, float]) -> float:
    """The nearest that the track came to a point."""
    return min(math.hypot(north - point[0], east - point[1]) for north, east, _ in ground.track)


def assert_home_along_the_return(ground: Ground) -> None:
    assert ground.run(DISARMED_S, until=lambda: not ground.vehicle.armed)
    for point in ALONG_THE_RETURN:
        assert nearest_m(ground, point) < 10
    body = ground.vehicle.body
    assert math.hypot(body.north_m, body.east_m) < 0.3
    assert ground.vehicle.fault == ""


def test_a_mission_is_flown_out_to_the_scene_and_home_along_its_return_leg() -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission(watch_s=20))
    assert_home_along_the_return(ground)
    reached = [m.seq for m in ground.heard if m.get_type() == "MISSION_ITEM_REACHED"]
    assert list(dict.fromkeys(reached)) == [1, 2, 3, 5, 6, 7, 8, 9]
    assert reached.count(2) == 11  # at once, and ten times more
    states = [m.landed_state for m in ground.heard if m.get_type() == "EXTENDED_SYS_STATE"]
    assert [s for s, before in zip(states, [0, *states], strict=False) if s != before] == [1, 3, 2, 4, 1]
    assert ground.texts[-2:] == ["Landing detected\t", "Disarmed by landing\t"]


def test_the_speed_of_the_mission_holds_on_its_legs() -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission())
    ground.run(600, until=lambda: not ground.vehicle.armed)
    speeds = [m.vel / 100 for m in ground.heard if m.get_type() == "GPS_RAW_INT" and m.fix_type == 3]
    assert max(speeds) == pytest.approx(12, abs=0.7)


def test_it_stays_at_the_scene_for_as_long_as_the_mission_says() -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission(watch_s=25))
    mission = ground.vehicle.navigator.mission
    ground.run(200, until=lambda: mission.current == 4)
    began = ground.world.sim_s
    ground.run(100, until=lambda: mission.current != 4)
    assert ground.world.sim_s - began == pytest.approx(25, abs=1.0)


def test_an_early_return_jumps_to_the_first_return_waypoint() -> None:
    ground = Ground()
    on_scene(ground)
    ground.select(6)
    assert_home_along_the_return(ground)


def test_selecting_the_landing_marker_goes_on_to_the_item_after_it() -> None:
    ground = Ground()
    on_scene(ground)
    ground.select(5)
    ground.run(1.2)
    assert ground.last("MISSION_CURRENT").seq == 6


def test_the_return_of_type_2_flies_the_mission_s_way_home() -> None:
    ground = Ground()
    set_integer(ground, "RTL_TYPE", 2)
    on_scene(ground)
    assert ground.mode(5) == 0
    assert mode_of(ground) is Mode.RETURN
    assert_home_along_the_return(ground)


def test_the_return_of_type_2_from_a_hold_begins_at_the_nearest_item() -> None:
    ground = Ground()
    set_integer(ground, "RTL_TYPE", 2)
    on_scene(ground)
    ground.mode(3)
    ground.goto(380, 150, HOME_ALT_AMSL_M + 40)
    ground.run(60)
    ground.mode(5)
    assert ground.vehicle.navigator.mission.current == 6
    assert_home_along_the_return(ground)


def test_the_plain_return_climbs_and_comes_straight_home() -> None:
    ground = Ground()
    set_integer(ground, "RTL_TYPE", 0)
    ground.set_parameter("RTL_RETURN_ALT", 60.0, REAL32)
    on_scene(ground)
    ground.track.clear()
    ground.mode(5)
    assert ground.run(DISARMED_S, until=lambda: not ground.vehicle.armed)
    assert max(height for *_, height in ground.track) == pytest.approx(60, abs=1)
    assert max(north for north, *_ in ground.track) < 205
    assert math.hypot(ground.vehicle.body.north_m, ground.vehicle.body.east_m) < 0.3
    assert any(text.startswith("RTL: start return at 130 m (40 m above") for text in ground.texts)


def test_a_lost_link_holds_and_then_returns_along_the_mission() -> None:
    ground = Ground()
    set_integer(ground, "RTL_TYPE", 2)
    set_integer(ground, "NAV_DLL_ACT", 2)
    on_scene(ground)
    ground.heartbeats = False
    silent = ground.world.sim_s
    assert ground.run(20, until=lambda: mode_of(ground) is Mode.HOLD)
    assert 9.0 < ground.world.sim_s - silent < 11.5
    assert ground.vehicle.health is Health.FAILSAFE
    assert ground.run(5, until=lambda: mode_of(ground) is Mode.RETURN)
    assert ground.vehicle.health is Health.FAILSAFE
    assert_home_along_the_return(ground)


def test_a_lost_link_is_measured_on_the_client_s_clock_at_any_speed() -> None:
    ground = Ground(world=World(scenario(), speed=10))
    set_integer(ground, "NAV_DLL_ACT", 2)
    ground.take_off_on_mission(way_home_mission(watch_s=6000))
    ground.run(300)
    ground.heartbeats = False
    silent = ground.vehicle.client_s
    assert ground.run(300, until=lambda: mode_of(ground) is not Mode.MISSION)
    assert 9.0 < ground.vehicle.client_s - silent < 11.5


def test_a_link_that_comes_back_during_the_hold_goes_on_with_the_mission() -> None:
    ground = Ground()
    set_integer(ground, "NAV_DLL_ACT", 2)
    on_scene(ground)
    ground.heartbeats = False
    ground.run(20, until=lambda: mode_of(ground) is Mode.HOLD)
    ground.heartbeats = True
    ground.run(3)
    assert mode_of(ground) is Mode.MISSION
    assert ground.vehicle.health is Health.ACTIVE


def test_without_nav_dll_act_a_lost_link_changes_nothing() -> None:
    ground = Ground()
    on_scene(ground)
    ground.heartbeats = False
    ground.run(60)
    assert mode_of(ground) is Mode.MISSION


def test_crossing_the_fence_holds_until_another_mode_is_asked_for() -> None:
    ground = Ground()
    ground.upload(square_fence(300), 1)
    ground.take_off_on_mission([Item(Cmd.TAKEOFF, up_m=30), Item(Cmd.WAYPOINT, 250, 0, 30)])
    assert ground.run(150, until=lambda: mode_of(ground) is Mode.HOLD)  # the mission's end
    ground.upload(square_fence(100), 1)
    assert ground.run(2, until=lambda: ground.vehicle.failsafe.breached)
    assert "Geofence violation\t" in ground.texts
    assert ground.mode(5) == 0
    assert ground.run(DISARMED_S, until=lambda: not ground.vehicle.armed)


def test_a_mission_that_leaves_a_fence_put_up_later_is_held_at_the_fence() -> None:
    ground = Ground()
    ground.take_off_on_mission([Item(Cmd.TAKEOFF, up_m=30), Item(Cmd.WAYPOINT, 500, 0, 30), Item(Cmd.LAND)])
    ground.run(30, until=lambda: ground.vehicle.body.north_m > 20)
    ground.upload(square_fence(100), 1)
    assert ground.run(60, until=lambda: mode_of(ground) is Mode.HOLD)
    ground.run(20)
    assert 95 < ground.vehicle.body.north_m < 125
    assert ground.vehicle.health is Health.FAILSAFE


def test_a_hold_at_the_fence_gives_way_to_the_return_of_a_lost_link() -> None:
    ground = Ground()
    set_integer(ground, "RTL_TYPE", 2)
    set_integer(ground, "NAV_DLL_ACT", 2)
    on_scene(ground)
    ground.upload(square_fence(100), 1)
    assert ground.run(10, until=lambda: mode_of(ground) is Mode.HOLD)
    ground.heartbeats = False
    assert ground.run(20, until=lambda: mode_of(ground) is Mode.RETURN)
    assert_home_along_the_return(ground)


def test_a_mission_outside_the_fence_is_acknowledged_but_only_held() -> None:
    ground = Ground()
    ground.upload(square_fence(100), 1)
    ground.upload(way_home_mission())
    ground.command(400, 1)
    assert ground.mode(4) == 0
    ground.run(3)
    assert mode_of(ground) is Mode.HOLD
    assert any("Geofence violation for waypoint" in text for text in ground.texts)


def test_goto_outside_the_fence_is_acknowledged_told_by_text_and_not_flown() -> None:
    ground = Ground()
    ground.upload(square_fence(300), 1)
    ground.upload([Item(Cmd.TAKEOFF, up_m=30), Item(Cmd.WAYPOINT, 100, 0, 30)])
    ground.command(400, 1)
    ground.mode(4)
    ground.run(120, until=lambda: mode_of(ground) is Mode.HOLD)
    assert ground.goto(400, 0, HOME_ALT_AMSL_M + 30) == 0
    ground.run(20)
    assert "Reposition is outside geofence\t" in ground.texts
    assert abs(ground.vehicle.body.north_m - 100) < 5


def test_goto_goes_there_at_the_altitude_above_sea_level_and_faces_as_asked() -> None:
    ground = Ground()
    on_scene(ground)
    assert ground.goto(120, 60, HOME_ALT_AMSL_M + 55) == 0
    ground.run(90)
    body = ground.vehicle.body
    assert (body.north_m, body.east_m, body.height_m) == pytest.approx((120, 60, 55), abs=1.5)
    assert body.yaw_rad == pytest.approx(0.5, abs=0.05)
    assert mode_of(ground) is Mode.HOLD


def test_a_mission_sent_again_in_mission_mode_is_flown_from_its_first_item_at_once() -> None:
    ground = Ground()
    on_scene(ground)
    ground.upload([Item(Cmd.WAYPOINT, 300, 300, 45), Item(Cmd.LOITER_UNLIMITED, 300, 300, 45)])
    ground.run(60)
    assert mode_of(ground) is Mode.MISSION
    assert nearest_m(ground, (300, 300)) < 5


def test_take_off_climbs_to_the_parameter_s_height_and_holds() -> None:
    ground = Ground()
    ground.set_parameter("MIS_TAKEOFF_ALT", 18.0, REAL32)
    ground.command(400, 1)
    assert ground.command(22) == 0
    assert mode_of(ground) is Mode.TAKEOFF
    assert ground.run(30, until=lambda: ground.vehicle.landed_state is LandedState.TAKEOFF)
    assert ground.run(60, until=lambda: mode_of(ground) is Mode.HOLD)
    ground.run(10)
    assert ground.vehicle.body.height_m == pytest.approx(18, abs=1.2)


def test_an_orbit_keeps_its_radius_and_shows_itself() -> None:
    ground = Ground()
    on_scene(ground)
    lat, lon = 52.4 + 200 / 111_267.0, -1.51 + 200 / 68_040.0
    ground.command(34, 40, 6, 0, math.nan, lat, lon, HOME_ALT_AMSL_M + 45)
    ground.run(40)
    ground.track.clear()
    ground.run(60)
    radii = [math.hypot(north - 200, east - 200) for north, east, _ in ground.track]
    assert max(radii) - min(radii) < 6
    assert sum(radii) / len(radii) == pytest.approx(40, abs=4)
    heartbeat = next(m for m in reversed(ground.heard) if m.get_type() == "HEARTBEAT" and m.type == 2)
    assert (heartbeat.custom_mode, heartbeat.base_mode) == (3 << 16 | 1 << 24, 145)
    assert ground.last("ORBIT_EXECUTION_STATUS").radius == 40


def test_a_landing_by_command_ends_on_the_ground_here() -> None:
    ground = Ground()
    on_scene(ground)
    ground.mode(6)
    assert ground.run(120, until=lambda: not ground.vehicle.armed)
    assert math.hypot(ground.vehicle.body.north_m - 200, ground.vehicle.body.east_m - 200) < 2


def test_a_critical_battery_holds_and_returns_and_an_emergency_lands() -> None:
    ground = Ground()
    on_scene(ground)
    battery = ground.vehicle.battery
    battery.set_percent(6.8)
    ground.run(1)
    assert (ground.vehicle.mode, ground.vehicle.failsafe.level) == (Mode.HOLD, BatteryLevel.CRITICAL)
    ground.run(6)
    assert mode_of(ground) is Mode.RETURN
    battery.set_percent(4.9)
    ground.run(1)
    assert mode_of(ground) is Mode.LAND
    assert ground.run(200, until=lambda: not ground.vehicle.armed)
    assert ground.vehicle.fault == ""


def test_an_empty_battery_ends_the_flight() -> None:
    ground = Ground()
    on_scene(ground)
    ground.vehicle.battery.set_percent(0.001)
    ground.run(5)
    assert not ground.vehicle.armed
    assert ground.vehicle.fault == "Battery empty"
    assert ground.vehicle.body.on_ground


def test_the_same_scenario_flies_the_same_to_the_bit_and_another_seed_does_not() -> None:
    def flown(seed: int) -> object:
        weather = {"wind_speed_m_s": 6, "wind_from_deg": 240, "gust_m_s": 11}
        ground = Ground(world=World(scenario(seed=seed, weather=weather)))
        ground.take_off_on_mission(way_home_mission())
        ground.run(100)
        return ground.vehicle.body, ground.vehicle.battery.charge_left

    assert flown(1) == flown(1)
    assert flown(1) != flown(2)


def test_in_wind_and_gusts_it_still_lands_in_its_box() -> None:
    weather = {"wind_speed_m_s": 9, "wind_from_deg": 200, "gust_m_s": 14}
    ground = Ground(world=World(scenario(weather=weather)))
    ground.take_off_on_mission(way_home_mission())
    assert ground.run(DISARMED_S, until=lambda: not ground.vehicle.armed)
    assert math.hypot(ground.vehicle.body.north_m, ground.vehicle.body.east_m) < 0.6
