"""Commands in both of their messages, and what they do to a flight."""

from __future__ import annotations

import itertools
import math

import pytest
from pymavlink.dialects.v20 import development as mav

from simulator.modes import Health, Mode
from simulator.plan import Cmd
from simulator.world import World
from tests.unit.simulator.ground import (
    HOME_ALT_AMSL_M,
    Ground,
    Item,
    place,
    scenario,
    speed,
    square_fence,
    way_home_mission,
)

ACCEPTED, REJECTED, DENIED = 0, 1, 2
NAN = math.nan


def hovering(*, wind: float = 0.0) -> Ground:
    """Holding 40 m over HOME."""
    weather = {"wind_speed_m_s": wind, "wind_from_deg": 270}
    ground = Ground(world=World(scenario(weather=weather)))
    ground.command(400, 1)
    assert ground.command(22, NAN, 0, 0, NAN, NAN, NAN, HOME_ALT_AMSL_M + 40) == ACCEPTED
    assert ground.run(60, until=lambda: mode_of(ground) is Mode.HOLD)
    ground.run(5)
    return ground


def mode_of(ground: Ground) -> Mode:
    return ground.vehicle.mode


def integer(ground: Ground, number: int, *params: float, x: int, y: int, z: float, frame: int = 0) -> int:
    """COMMAND_INT; the result of its ACK."""
    values = [*params, *[NAN] * (4 - len(params))]
    message = mav.MAVLink_command_int_message(7, 1, frame, number, 0, 0, *values, x, y, z)
    return int(next(m for m in ground.send(message) if m.get_type() == "COMMAND_ACK").result)


def where(ground: Ground) -> tuple[float, float, float]:
    body = ground.vehicle.body
    return body.north_m, body.east_m, body.height_m


@pytest.mark.parametrize("form", ["long", "int", "int above home"])
def test_goto_is_the_same_in_every_form(form: str) -> None:
    ground = hovering()
    lat, lon = place(50, -40)
    if form == "long":
        assert ground.command(192, -1, 1, 0, NAN, lat, lon, HOME_ALT_AMSL_M + 55) == ACCEPTED
    else:
        relative = form == "int above home"
        z, frame = (55.0, 6) if relative else (HOME_ALT_AMSL_M + 55, 0)
        assert (
            integer(ground, 192, NAN, 1, NAN, NAN, x=round(lat * 1e7), y=round(lon * 1e7), z=z, frame=frame) == ACCEPTED
        )
    ground.run(40)
    assert where(ground) == pytest.approx((50, -40, 55), abs=1.5)
    assert mode_of(ground) is Mode.HOLD


def test_goto_without_a_place_changes_only_the_altitude() -> None:
    ground = hovering()
    nowhere = 2**31 - 1
    assert integer(ground, 192, NAN, 1, x=nowhere, y=nowhere, z=HOME_ALT_AMSL_M + 60) == ACCEPTED
    ground.run(40)
    assert where(ground) == pytest.approx((0, 0, 60), abs=1.5)


@pytest.mark.parametrize(("frame", "altitude"), [(0, HOME_ALT_AMSL_M + 70), (3, 70.0)])
def test_a_change_of_altitude_is_flown_on_the_spot(frame: int, altitude: float) -> None:
    ground = hovering()
    assert ground.command(186, altitude, frame) == ACCEPTED
    ground.run(40)
    assert where(ground) == pytest.approx((0, 0, 70), abs=1.5)
    assert ground.command(186, NAN, 0) == DENIED


def test_an_altitude_cannot_be_changed_on_the_ground() -> None:
    assert Ground().command(186, HOME_ALT_AMSL_M + 70, 0) == REJECTED


@pytest.mark.parametrize("form", ["long", "int"])
def test_an_orbit_is_the_same_in_both_forms_and_its_sign_is_its_sense(form: str) -> None:
    ground = hovering()
    lat, lon = place(30, 0)
    if form == "long":
        assert ground.command(34, -30, 5, 0, NAN, lat, lon, HOME_ALT_AMSL_M + 40) == ACCEPTED
    else:
        x, y = round(lat * 1e7), round(lon * 1e7)
        assert integer(ground, 34, -30, 5, 0, NAN, x=x, y=y, z=HOME_ALT_AMSL_M + 40, frame=3) == ACCEPTED
    assert mode_of(ground) is Mode.ORBIT
    ground.run(20)
    bearings = []
    for _ in range(10):
        ground.run(1)
        north, east, _ = where(ground)
        bearings.append(math.atan2(east, north - 30))
    turns = [math.remainder(after - before, math.tau) for before, after in itertools.pairwise(bearings)]
    assert all(turn < 0 for turn in turns)  # anticlockwise seen from above
    assert ground.mode(3) == ACCEPTED
    assert mode_of(ground) is Mode.HOLD


def test_a_changed_speed_holds_for_what_is_being_flown() -> None:
    ground = Ground()
    ground.take_off_on_mission([Item(Cmd.TAKEOFF, up_m=30), Item(Cmd.WAYPOINT, 900, 0, 30)])
    assert ground.run(120, until=lambda: ground.vehicle.body.north_m > 50)
    assert ground.command(178, 1, 9, -1) == ACCEPTED
    ground.run(15)
    assert ground.vehicle.body.ground_speed_m_s == pytest.approx(9, abs=0.3)


def test_a_mission_jumps_as_often_as_it_says() -> None:
    ground = Ground()
    jump = Item(Cmd.JUMP, params=(1.0, 2.0, 0.0, 0.0), frame=2)
    there, back = Item(Cmd.WAYPOINT, 40, 0, 30), Item(Cmd.WAYPOINT, 0, 0, 30)
    ground.take_off_on_mission([Item(Cmd.TAKEOFF, up_m=30), there, back, jump, Item(Cmd.LAND)])
    assert ground.run(400, until=lambda: not ground.vehicle.armed)
    reached = [m.seq for m in ground.heard if m.get_type() == "MISSION_ITEM_REACHED"]
    legs = [seq for seq, _ in itertools.groupby(reached)]
    assert legs == [0, 1, 2, 1, 2, 1, 3, 4]  # the last time the jump itself is what was passed last


def test_an_item_is_selected_by_command_too() -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission(watch_s=600))
    ground.run(60)
    assert ground.command(224, 6) == ACCEPTED
    ground.run(1.2)
    assert ground.last("MISSION_CURRENT").seq == 6
    assert ground.command(224, 99) == DENIED


def test_a_mission_may_be_started_at_an_item() -> None:
    ground = hovering()
    assert ground.upload(way_home_mission()) == 0
    assert ground.command(300, 3, 0) == ACCEPTED
    ground.run(1.2)
    assert ground.last("MISSION_CURRENT").seq == 3
    assert mode_of(ground) is Mode.MISSION
    assert ground.command(300, 30, 0) == DENIED


def test_pausing_and_going_on_are_commands_of_their_own() -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission())
    ground.run(60)
    assert ground.command(193, 0) == ACCEPTED
    assert mode_of(ground) is Mode.HOLD
    assert ground.command(193, 1) == ACCEPTED
    assert mode_of(ground) is Mode.MISSION


def test_a_new_mission_sent_while_one_is_held_waits_until_it_is_started() -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission(watch_s=600))
    ground.run(60)
    ground.mode(3)
    new = [speed(8), Item(Cmd.WAYPOINT, 100, 100, 50), Item(Cmd.LOITER_UNLIMITED, 100, 100, 50)]
    assert ground.upload(new) == 0
    ground.run(10)
    assert mode_of(ground) is Mode.HOLD
    ground.select(1)
    ground.run(1.2)
    assert ground.last("MISSION_CURRENT").seq == 1
    assert ground.mode(4) == ACCEPTED
    assert ground.run(120, until=lambda: ground.vehicle.navigator.mission.current == 2)
    ground.run(20)
    assert where(ground) == pytest.approx((100, 100, 50), abs=2)


def test_leaving_a_mission_takes_the_gimbal_from_whoever_had_it() -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission(watch_s=600))
    ground.run(60)
    assert ground.command(1000, -30, 0, NAN, NAN, 0, 0, 0) == DENIED
    assert ground.command(1001, -2, -2) == ACCEPTED
    assert ground.command(1000, -30, 0, NAN, NAN, 0, 0, 0) == ACCEPTED
    ground.run(2)
    assert math.degrees(ground.vehicle.gimbal.pitch_rad) == pytest.approx(-30, abs=1)
    ground.mode(3)
    ground.run(3)
    assert ground.vehicle.gimbal.primary == (0, 0)
    assert math.degrees(ground.vehicle.gimbal.pitch_rad) == pytest.approx(0, abs=1)
    assert ground.command(1000, -30, 0, NAN, NAN, 0, 0, 0) == DENIED


def test_take_off_goes_no_lower_than_the_parameter_and_to_the_altitude_it_was_given() -> None:
    assert where(hovering())[2] == pytest.approx(40, abs=1.2)
    ground = Ground()
    ground.command(400, 1)
    assert ground.command(22, NAN, 0, 0, NAN, NAN, NAN, HOME_ALT_AMSL_M + 2) == ACCEPTED
    assert ground.run(60, until=lambda: mode_of(ground) is Mode.HOLD)
    ground.run(5)
    assert where(ground)[2] == pytest.approx(10, abs=1.2)
    assert "Using default takeoff altitude: 10.0 m\t" in ground.texts


def test_goto_to_a_place_outside_the_fence_by_either_message_is_not_flown() -> None:
    ground = hovering()
    ground.upload(square_fence(100), 1)
    lat, lon = place(300, 0)
    assert ground.command(192, -1, 1, 0, NAN, lat, lon, HOME_ALT_AMSL_M + 40) == ACCEPTED
    ground.run(20)
    assert where(ground) == pytest.approx((0, 0, 40), abs=1.5)


def test_a_mission_can_go_up_and_come_back_in_the_older_messages() -> None:
    ground = Ground()
    lat, lon = place(100, 0)
    ground.send(mav.MAVLink_mission_count_message(7, 1, 1, 0))
    item = mav.MAVLink_mission_item_message(7, 1, 0, 3, 16, 0, 1, 0, 0, 0, 0, lat, lon, 30, 0)
    (ack,) = ground.send(item)
    assert (ack.get_type(), ack.type) == ("MISSION_ACK", 0)
    (old,) = ground.send(mav.MAVLink_mission_request_message(7, 1, 0, 0))
    assert old.get_type() == "MISSION_ITEM"
    assert (old.x, old.y, old.z) == pytest.approx((lat, lon, 30), abs=1e-5)


def test_the_older_message_for_a_mode_is_acknowledged_as_the_command() -> None:
    ground = hovering()
    answers = ground.send(mav.MAVLink_set_mode_message(7, 157, 4 << 16 | 6 << 24))
    assert [(m.command, m.result) for m in answers if m.get_type() == "COMMAND_ACK"] == [(176, ACCEPTED)] * 2
    assert mode_of(ground) is Mode.LAND
    (denied,) = ground.send(mav.MAVLink_set_mode_message(7, 157, 9 << 16))
    assert denied.result == DENIED


def test_a_flight_is_terminated_by_command_only_while_armed() -> None:
    assert Ground().command(185, 1) == REJECTED
    ground = hovering()
    assert ground.command(185, 0) == ACCEPTED
    assert ground.vehicle.health is Health.ACTIVE
    assert ground.command(185, 1) == ACCEPTED
    assert ground.run(10, until=lambda: ground.vehicle.body.on_ground)
    assert "Termination by command: flight terminated\t" in ground.texts
