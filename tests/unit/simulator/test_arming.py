"""Arming, disarming, and how commands are acknowledged."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mav

from simulator.modes import Mode
from simulator.parameters import INT32, integer_as_float
from simulator.world import World
from tests.unit.simulator.ground import Ground, scenario, square_fence, way_home_mission

ACCEPTED, REJECTED, DENIED, UNSUPPORTED = 0, 1, 2, 3


def test_it_cannot_arm_before_it_has_booted() -> None:
    ground = Ground(lid_open=False)
    ground.run(1)
    assert ground.command(400, 1) == REJECTED
    assert ground.last("STATUSTEXT").text
    ground.run(5)
    assert ground.command(400, 1) == ACCEPTED


def test_with_nav_dll_act_it_waits_for_a_ground_station_s_heartbeat() -> None:
    ground = Ground(lid_open=False)
    ground.heartbeats = False
    ground.run(6)
    ground.set_parameter("NAV_DLL_ACT", integer_as_float(2), INT32)
    assert ground.command(400, 1) == REJECTED
    assert ground.texts == [
        "Preflight Fail: No connection to the GCS",
        "Arming denied: Resolve system health failures first\t",
    ]
    ground.heartbeats = True
    ground.run(1)
    assert ground.command(400, 1) == ACCEPTED


def test_the_acknowledgement_comes_before_the_text() -> None:
    ground = Ground()
    answers = ground.send(mav.MAVLink_command_long_message(7, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0))
    assert [m.get_type() for m in answers] == ["COMMAND_ACK", "STATUSTEXT"]
    assert (answers[0].target_system, answers[0].target_component) == (245, 190)


def test_disarming_in_the_air_is_refused_with_a_text() -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission())
    ground.run(20)
    assert ground.command(400, 0) == REJECTED
    assert "Disarming denied: not landed\t" in ground.texts
    assert ground.vehicle.armed


def test_a_forced_disarm_in_the_air_lets_it_fall() -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission())
    ground.run(20)
    assert ground.command(400, 0, 21196) == ACCEPTED
    ground.run(10)
    assert ground.vehicle.body.on_ground


def test_armed_and_left_standing_it_disarms_by_itself() -> None:
    ground = Ground()
    ground.command(400, 1)
    assert not ground.run(9, until=lambda: not ground.vehicle.armed)
    assert ground.run(3, until=lambda: not ground.vehicle.armed)
    assert ground.texts[-1] == "Disarmed by auto preflight disarming\t"


def test_outside_its_fence_it_does_not_arm() -> None:
    ground = Ground()
    corner = [
        item.__class__(item.command, item.north_m + 500, item.east_m, params=item.params, frame=0)
        for item in square_fence(100)
    ]
    ground.upload(corner, 1)
    assert ground.command(400, 1) == REJECTED
    assert "Preflight Fail: Vehicle outside geofence" in ground.texts


def test_a_mode_is_acknowledged_twice_and_other_commands_once() -> None:
    ground = Ground()
    ground.upload(way_home_mission())
    for number, params, count in ((176, (129, 4, 4), 2), (400, (1,), 1), (20, (), 1)):
        ground.heard.clear()
        ground.command(number, *params)
        acks = [m for m in ground.heard if m.get_type() == "COMMAND_ACK"]
        assert len(acks) == count, number


def test_unknown_commands_are_unsupported_and_unknown_modes_denied() -> None:
    ground = Ground()
    assert ground.command(31_000) == UNSUPPORTED
    assert ground.command(176, 129, 9, 9) == DENIED


def test_starting_a_missing_mission_is_acknowledged_and_comes_to_nothing() -> None:
    ground = Ground()
    ground.command(400, 1)
    assert ground.mode(4) == ACCEPTED
    ground.run(5)
    assert ground.vehicle.mode is Mode.HOLD
    assert ground.vehicle.landed


def test_a_command_for_another_system_is_ignored() -> None:
    ground = Ground()
    assert ground.send(mav.MAVLink_command_long_message(8, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0)) == []
    assert not ground.vehicle.armed


def test_taking_off_against_a_closed_lid_ends_the_flight() -> None:
    ground = Ground(lid_open=False)
    ground.run(6)
    ground.upload(way_home_mission())
    assert ground.command(400, 1) == ACCEPTED
    ground.mode(4)
    ground.run(10)
    assert not ground.vehicle.armed
    assert "Struck the closed dock lid: motors stopped\t" in ground.texts
    assert ground.command(400, 1) == REJECTED
    ground.run(1)
    assert not ground.last("SYS_STATUS").onboard_control_sensors_health & 0x10000000


def test_a_lid_that_has_not_finished_opening_is_in_the_way_too() -> None:
    slow = scenario().model_dump(by_alias=True)
    slow["docks"][0]["lid_s"] = 60
    ground = Ground(world=World(scenario(docks=slow["docks"])))  # waits 7 s of the 60
    ground.upload(way_home_mission())
    ground.command(400, 1)
    ground.mode(4)
    ground.run(10)
    assert ground.vehicle.fault == "Struck the closed dock lid"


@pytest.mark.parametrize("mode", [3, 5])
def test_modes_asked_for_on_the_ground_move_nothing(mode: int) -> None:
    ground = Ground()
    assert ground.mode(mode) == ACCEPTED
    ground.run(5)
    assert ground.vehicle.landed
    assert not ground.vehicle.armed
