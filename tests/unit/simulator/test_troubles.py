"""What can be made to go wrong with one aircraft, and what PX4 makes of it."""

from __future__ import annotations

import math

import pytest
from pymavlink.dialects.v20 import development as mav

from simulator.identity import Identity
from simulator.modes import Health, Mode
from simulator.troubles import ANY_COMMAND, LateAck, LateCommand, UploadEnd, UploadTrouble
from simulator.world import World
from tests.unit.simulator.ground import QUAD, Ground, scenario, way_home_mission

_GPS = 0x20
_ARMABLE = 0x10000000


def on_scene(ground: Ground) -> None:
    ground.take_off_on_mission(way_home_mission(watch_s=600))
    assert ground.run(200, until=lambda: ground.vehicle.navigator.mission.current == 4)
    ground.run(10)


def mode_of(ground: Ground) -> Mode:
    return ground.vehicle.mode


def with_payload(**payload: object) -> World:
    kind = QUAD.model_dump() | {"payload": payload}
    return World(scenario(aircraft_types={"quad": kind}))


# Satellites -----------------------------------------------------------------------------------------------------------


def test_without_satellites_on_the_ground_it_is_not_armable_and_says_why() -> None:
    ground = Ground()
    ground.vehicle.troubles.gps_lost = True
    ground.run(7)
    status = ground.last("SYS_STATUS")
    assert not status.onboard_control_sensors_health & (_GPS | _ARMABLE)
    assert not status.onboard_control_sensors_present & _GPS
    assert ground.last("GPS_RAW_INT").fix_type == 0
    assert ground.command(400, 1) == 1
    assert "Preflight Fail: Global position required" in ground.texts
    ground.vehicle.troubles.gps_lost = False
    ground.run(3)
    assert ground.last("SYS_STATUS").onboard_control_sensors_health & _ARMABLE
    assert ground.command(400, 1) == 0


def test_losing_satellites_in_flight_it_reckons_on_for_a_while_and_then_sinks_with_the_wind() -> None:
    weather = {"wind_speed_m_s": 5, "wind_from_deg": 180}
    ground = Ground(world=World(scenario(weather=weather)))
    on_scene(ground)
    ground.vehicle.troubles.gps_lost = True
    ground.run(4)
    assert mode_of(ground) is Mode.MISSION
    ground.run(2)
    assert mode_of(ground) is Mode.LAND
    assert ground.vehicle.health is Health.FAILSAFE
    assert "Failsafe activated\t" in ground.texts
    ground.heard.clear()
    ground.run(5)
    assert not [m for m in ground.heard if m.get_type() == "GLOBAL_POSITION_INT"]
    north_m = ground.vehicle.body.north_m
    assert ground.run(200, until=lambda: ground.vehicle.landed)
    assert ground.vehicle.body.north_m > north_m + 100  # 40 m at 0.7 m/s in 5 m/s of wind from the south


def test_modes_that_need_a_position_are_refused_without_one_and_landing_is_not() -> None:
    ground = Ground()
    on_scene(ground)
    ground.vehicle.troubles.gps_lost = True
    ground.run(6)
    for sub in (3, 4, 5):
        assert ground.mode(sub) == 1
    assert ground.goto(0, 0, 130) == 1
    assert any("currently not available" in text for text in ground.texts)
    assert ground.mode(6) == 0
    assert mode_of(ground) is Mode.LAND


def test_satellites_that_come_back_let_the_mission_go_on() -> None:
    ground = Ground()
    on_scene(ground)
    ground.vehicle.troubles.gps_lost = True
    ground.run(8)
    ground.vehicle.troubles.gps_lost = False
    ground.run(2)
    assert mode_of(ground) is Mode.MISSION
    assert ground.vehicle.health is Health.ACTIVE


def test_an_aircraft_that_believes_to_be_elsewhere_says_so_and_flies_by_it() -> None:
    ground = Ground()
    on_scene(ground)
    ground.mode(3)
    ground.run(10)
    before = ground.vehicle.body
    ground.vehicle.troubles.position_offset_m = (30.0, 0.0)
    ground.run(1)
    position = ground.last("GLOBAL_POSITION_INT")
    believed, _ = ground.vehicle.frame.to_local(position.lat * 1e-7, position.lon * 1e-7)
    assert believed == pytest.approx(before.north_m + 30, abs=3)  # it is on its way back already
    ground.goto(before.north_m, before.east_m, 130)
    ground.run(30)
    assert ground.vehicle.body.north_m == pytest.approx(before.north_m - 30, abs=1)


# The link and who is at its end ---------------------------------------------------------------------------------------


def test_a_lost_link_is_silent_both_ways_and_comes_back() -> None:
    ground = Ground()
    ground.vehicle.troubles.link_lost = True
    ground.heard.clear()
    ground.run(20)
    assert ground.send(mav.MAVLink_command_long_message(7, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0)) == []
    assert ground.heard == []
    assert not ground.vehicle.armed
    ground.vehicle.troubles.link_lost = False
    ground.run(2)
    assert ground.command(400, 1) == 0


def test_a_link_lost_for_good_brings_it_home_by_itself() -> None:
    ground = Ground()
    ground.vehicle.parameters.set("NAV_DLL_ACT", 2)
    ground.vehicle.parameters.set("RTL_TYPE", 2)
    on_scene(ground)
    ground.vehicle.troubles.link_lost = True
    assert ground.run(900, until=lambda: not ground.vehicle.armed)
    assert math.hypot(ground.vehicle.body.north_m, ground.vehicle.body.east_m) < 0.3


def test_another_aircraft_in_the_box_answers_with_its_own_identity() -> None:
    ground = Ground()
    ground.vehicle.troubles.identity = Identity(name="X9", system_id=9, uid=bytes(range(8)))
    ground.run(2)
    ground.heard.clear()
    ground.run(2)
    assert {m.get_srcSystem() for m in ground.heard} == {9}
    (answer, _) = ground.send(mav.MAVLink_command_long_message(9, 1, 512, 0, 148, 0, 0, 0, 0, 0, 0))
    assert answer.uid == int.from_bytes(bytes(range(8)), "big")


# Commands -------------------------------------------------------------------------------------------------------------


def test_arming_refused_says_the_words_it_was_given() -> None:
    ground = Ground()
    ground.vehicle.troubles.arming_refused = "Compass needs calibration"
    assert ground.command(400, 1) == 1
    assert ground.texts == [
        "Preflight Fail: Compass needs calibration",
        "Arming denied: Resolve system health failures first\t",
    ]


@pytest.mark.parametrize(("ack", "acks"), [(LateAck.AT_ONCE, [0.0]), (LateAck.WHEN_DONE, [4.0]), (LateAck.NEVER, [])])
def test_a_late_command_is_done_late_and_acknowledged_as_it_was_told(ack: LateAck, acks: list[float]) -> None:
    ground = Ground()
    ground.vehicle.troubles.late_commands[400] = LateCommand(delay_s=4.0, ack=ack)
    asked = ground.world.sim_s
    ground.heard.clear()
    ground.send(mav.MAVLink_command_long_message(7, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0))
    heard, armed = [], []
    for _ in range(60):
        heard += [ground.world.sim_s - asked for m in ground.heard if m.get_type() == "COMMAND_ACK"]
        armed += [ground.world.sim_s - asked] if ground.vehicle.armed else []
        ground.heard.clear()
        ground.run(0.1)
    assert heard == pytest.approx(acks, abs=0.15)
    assert armed[0] == pytest.approx(4.0, abs=0.15)


def test_a_late_command_waits_on_the_client_s_clock_at_any_speed() -> None:
    ground = Ground(world=World(scenario(), speed=10))
    ground.vehicle.troubles.late_commands[ANY_COMMAND] = LateCommand(delay_s=2.0)
    ground.send(mav.MAVLink_command_long_message(7, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0))
    assert not ground.run(19, until=lambda: ground.vehicle.armed)
    assert ground.run(2, until=lambda: ground.vehicle.armed)


def test_acknowledgements_can_come_twice() -> None:
    ground = Ground()
    ground.vehicle.troubles.acks_doubled = True
    ground.upload(way_home_mission())
    for number, params, count in ((400, (1.0,), 2), (176, (129.0, 4.0, 3.0), 4)):
        ground.heard.clear()
        ground.command(number, *params)
        assert len([m for m in ground.heard if m.get_type() == "COMMAND_ACK"]) == count


# Uploads --------------------------------------------------------------------------------------------------------------


def half_an_upload(end: UploadEnd, *, at_item: int = 3, plan_type: int | None = None) -> tuple[Ground, list[object]]:
    """Upload over a plan that is on board; the answers to every item sent."""
    ground = Ground()
    assert ground.upload(way_home_mission()[:4]) == 0
    ground.vehicle.troubles.upload = UploadTrouble(at_item=at_item, end=end, plan_type=plan_type)
    told: list[object] = []
    answers = ground.send(mav.MAVLink_mission_count_message(7, 1, 10, 0))
    while answers and answers[-1].get_type() == "MISSION_REQUEST_INT":
        seq = answers[-1].seq
        told.append(seq)
        answers = ground.send(mav.MAVLink_mission_item_int_message(7, 1, seq, 6, 16, 0, 1, 0, 0, 0, 0, 1, 1, 30, 0))
    return ground, [*told, *((m.get_type(), m.type) for m in answers)]


def test_an_upload_dies_with_an_error_at_the_item_it_was_told() -> None:
    ground, told = half_an_upload(UploadEnd.ERROR)
    assert told == [0, 1, 2, 3, ("MISSION_ACK", 1)]
    assert len(ground.download()) == 4


def test_an_upload_that_is_not_asked_on_is_given_up_in_time() -> None:
    ground, told = half_an_upload(UploadEnd.REQUESTS_STOP)
    assert told == [0, 1, 2, 3]
    ground.heard.clear()
    ground.run(6)
    mission = [(m.get_type(), m.type) for m in ground.heard if m.get_type().startswith("MISSION_A")]
    assert mission == [("MISSION_ACK", 15)]
    assert not [m for m in ground.heard if m.get_type() == "MISSION_REQUEST_INT"]
    assert len(ground.download()) == 4


def test_an_upload_that_dies_in_silence_is_never_mentioned_again() -> None:
    ground, told = half_an_upload(UploadEnd.SILENCE)
    assert told == [0, 1, 2, 3]
    assert ground.send(mav.MAVLink_mission_item_int_message(7, 1, 4, 6, 16, 0, 1, 0, 0, 0, 0, 1, 1, 30, 0)) == []
    ground.heard.clear()
    ground.run(10)
    assert not [m for m in ground.heard if m.get_type() in ("MISSION_ACK", "MISSION_REQUEST_INT")]
    ground.vehicle.troubles.upload = None
    assert ground.upload(way_home_mission()) == 0


def test_an_upload_shorter_than_where_it_was_to_die_dies_at_its_last_item() -> None:
    ground, told = half_an_upload(UploadEnd.ERROR, at_item=99)
    assert told == [*range(10), ("MISSION_ACK", 1)]
    assert len(ground.download()) == 4


def test_an_upload_that_is_never_acknowledged_is_in_force_all_the_same() -> None:
    ground, told = half_an_upload(UploadEnd.NO_ACK)
    assert told == list(range(10))
    last = mav.MAVLink_mission_item_int_message(7, 1, 9, 6, 16, 0, 1, 0, 0, 0, 0, 1, 1, 30, 0)
    assert ground.send(last) == []  # sent again by a client that waits
    assert len(ground.download()) == 10


def test_uploads_of_another_plan_are_left_alone() -> None:
    ground, told = half_an_upload(UploadEnd.ERROR, plan_type=1)
    assert told == [*range(10), ("MISSION_ACK", 0)]
    assert len(ground.download()) == 10


# Motors and parachute -------------------------------------------------------------------------------------------------


def test_a_motor_that_fails_in_the_air_ends_the_flight_and_it_falls() -> None:
    ground = Ground()
    on_scene(ground)
    ground.vehicle.troubles.motor_failed = True
    ground.run(0.3)
    assert ground.vehicle.health is Health.TERMINATED
    assert "Motor failure: flight terminated\t" in ground.texts
    assert ground.run(5, until=lambda: ground.vehicle.body.on_ground)
    assert ground.run(6, until=lambda: not ground.vehicle.armed)
    assert ground.command(400, 1) == 1
    assert ground.mode(4) == 0
    ground.run(5)
    assert ground.vehicle.body.on_ground


def test_under_a_parachute_it_comes_down_slowly_and_with_the_wind() -> None:
    ground = Ground(world=with_payload(parachute=True))
    on_scene(ground)
    ground.vehicle.troubles.motor_failed = True
    ground.run(0.3)
    assert ground.vehicle.parachute.open
    assert "Parachute released\t" in ground.texts
    began = ground.world.sim_s
    assert ground.run(60, until=lambda: ground.vehicle.body.on_ground)
    assert 7 < ground.world.sim_s - began < 14  # 40 m at 4.5 m/s, after the fall until it fills


def test_a_parachute_that_sticks_does_not_slow_the_fall() -> None:
    ground = Ground(world=with_payload(parachute=True))
    on_scene(ground)
    ground.vehicle.troubles.parachute_stuck = True
    ground.vehicle.troubles.motor_failed = True
    ground.run(0.3)
    assert ground.vehicle.parachute.released
    assert not ground.vehicle.parachute.open
    assert ground.run(5, until=lambda: ground.vehicle.body.on_ground)


def test_a_motor_that_failed_on_the_ground_does_not_arm() -> None:
    ground = Ground()
    ground.vehicle.troubles.motor_failed = True
    assert ground.command(400, 1) == 1
    assert "Preflight Fail: Motor failure" in ground.texts


def test_a_motor_that_fails_while_it_is_about_to_lift_leaves_it_standing_and_disarmed() -> None:
    ground = Ground()
    ground.upload(way_home_mission())
    ground.command(400, 1)
    ground.mode(4)
    assert ground.run(10, until=lambda: not ground.vehicle.landed)
    assert ground.vehicle.body.on_ground  # the thrust still rises
    ground.vehicle.troubles.motor_failed = True
    assert ground.run(10, until=lambda: not ground.vehicle.armed)
    assert ground.vehicle.landed


def test_an_aircraft_whose_battery_dies_in_the_air_comes_down_under_its_parachute() -> None:
    ground = Ground(world=with_payload(parachute=True))
    on_scene(ground)
    ground.vehicle.battery.set_percent(0.001)
    assert ground.run(5, until=lambda: ground.vehicle.parachute.open)
    began = ground.world.sim_s
    assert ground.run(60, until=lambda: ground.vehicle.body.on_ground)
    assert ground.world.sim_s - began > 7
