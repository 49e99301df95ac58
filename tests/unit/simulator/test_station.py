"""The link's rates and answers."""

from __future__ import annotations

import math
import struct
from collections import Counter

import pytest
from pymavlink.dialects.v20 import development as mav

from simulator.gimbal import COMPONENT
from simulator.station import RATES_HZ, datagrams
from simulator.world import World
from tests.unit.simulator.ground import Ground, scenario, way_home_mission


def counted(ground: Ground, seconds: float) -> Counter[int]:
    ground.heard.clear()
    ground.run(seconds)
    return Counter(m.get_msgId() for m in ground.heard if m.get_srcComponent() == 1)


def test_every_stream_has_px4_s_rate() -> None:
    ground = Ground(full_rates=True)
    ground.take_off_on_mission(way_home_mission())
    heard = counted(ground, 20)
    for message_id, hz in RATES_HZ.items():
        if message_id != 360:  # only while orbiting
            assert heard[message_id] == pytest.approx(hz * 20, abs=1), message_id
    assert heard[42] >= 20


def test_an_interval_is_set_switched_off_and_given_back() -> None:
    ground = Ground(full_rates=True)
    assert ground.command(511, 33, 1_000_000) == 0
    assert counted(ground, 10)[33] == pytest.approx(10, abs=1)
    assert ground.command(511, 33, -1) == 0
    assert counted(ground, 10)[33] == 0
    assert ground.command(511, 33, 0) == 0
    assert counted(ground, 10)[33] == pytest.approx(500, abs=1)
    assert ground.command(511, 9_999, 1_000_000) == 4


def test_what_is_requested_comes_before_its_acknowledgement() -> None:
    ground = Ground()
    answers = ground.send(mav.MAVLink_command_long_message(7, 1, 512, 0, 148, 0, 0, 0, 0, 0, 0))
    assert [m.get_type() for m in answers] == ["AUTOPILOT_VERSION", "COMMAND_ACK"]
    assert answers[0].uid == 0x0102030405060708
    assert bytes(answers[0].uid2) == bytes.fromhex("0102030405060708") + bytes(10)
    assert ground.command(512, 9_999) == 2


def test_ping_and_timesync_are_answered_to_whoever_asks() -> None:
    ground = Ground()
    (ping,) = ground.send(mav.MAVLink_ping_message(123, 4, 0, 0))
    assert (ping.time_usec, ping.seq, ping.target_system, ping.target_component) == (123, 4, 245, 190)
    (sync,) = ground.send(mav.MAVLink_timesync_message(0, 777))
    assert sync.ts1 == 777
    assert sync.tc1 == int(ground.vehicle.sim_s * 1e9)


def test_a_position_says_the_same_in_every_message() -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission())
    ground.run(80, until=lambda: ground.vehicle.navigator.mission.current == 4)
    ground.run(10)
    body = ground.vehicle.body
    position, local = ground.last("GLOBAL_POSITION_INT"), ground.last("LOCAL_POSITION_NED")
    assert ground.vehicle.frame.to_local(position.lat * 1e-7, position.lon * 1e-7) == pytest.approx(
        (body.north_m, body.east_m), abs=0.3
    )
    assert position.alt / 1000 == pytest.approx(90 + body.height_m, abs=0.05)
    assert position.relative_alt / 1000 == pytest.approx(-local.z, abs=0.05)
    attitude, quaternion = ground.last("ATTITUDE"), ground.last("ATTITUDE_QUATERNION")
    yaw = 2 * math.atan2(quaternion.q4, quaternion.q1)
    assert math.cos(yaw - attitude.yaw) > 0.99


def test_only_the_satellite_receiver_tells_a_height_above_the_ellipsoid() -> None:
    ground = Ground(world=World(scenario(geoid_m=48.0)))
    gps, position = ground.last("GPS_RAW_INT"), ground.last("GLOBAL_POSITION_INT")
    assert gps.alt_ellipsoid - gps.alt == 48_000
    assert position.alt == 90_000


def test_the_gimbal_is_found_and_points_where_it_is_told() -> None:
    ground = Ground()
    assert ground.command(512, 280) == 0
    assert ground.last("GIMBAL_MANAGER_INFORMATION").gimbal_device_id == COMPONENT
    (device, ack) = ground.send(mav.MAVLink_command_long_message(7, COMPONENT, 512, 0, 283, 0, 0, 0, 0, 0, 0))
    assert (device.get_srcComponent(), ack.result) == (COMPONENT, 0)
    assert ground.command(1001, -2, -2) == 0
    assert ground.vehicle.gimbal.primary == (245, 190)
    assert ground.command(1000, -45, 20, math.nan, math.nan, 12, 0, 0) == 0
    ground.run(3)
    q = ground.last("GIMBAL_DEVICE_ATTITUDE_STATUS").q
    assert math.degrees(math.asin(2 * (q[0] * q[2] - q[3] * q[1]))) == pytest.approx(-45, abs=0.5)


def test_looking_at_a_place_turns_gimbal_and_nose_to_it() -> None:
    ground = Ground()
    ground.take_off_on_mission(way_home_mission(watch_s=600))
    ground.run(120)
    lat, lon = 52.4 + 200 / 111_267.0, -1.51 + 300 / 68_040.0
    assert ground.command(195, 0, 0, 0, 0, lat, lon, 90.0) == 0
    ground.run(10)
    assert ground.vehicle.body.yaw_rad == pytest.approx(math.pi / 2, abs=0.1)
    assert math.degrees(ground.vehicle.gimbal.pitch_rad) == pytest.approx(-math.degrees(math.atan2(40, 100)), abs=2)
    assert ground.command(197) == 0
    assert ground.vehicle.navigator.roi is None


def test_frames_share_datagrams_up_to_their_limit_and_none_is_lost() -> None:
    frames = [bytes([n]) * 50 for n in range(100)]
    joined = datagrams(frames)
    assert b"".join(joined) == b"".join(frames)
    assert max(map(len, joined)) <= 1200
    assert len(joined) == 5


@pytest.mark.parametrize(("operation", "answered", "error"), [(2, 128, None), (3, 129, 6), (4, 129, 10)])
def test_file_transfers_are_answered_though_there_are_no_files(
    operation: int, answered: int, error: int | None
) -> None:
    ground = Ground()
    payload = struct.pack("<HBBBBBxI", 65535, 3, operation, 4, 0, 0, 0) + b"file"
    message = mav.MAVLink_file_transfer_protocol_message(0, 7, 1, list(payload.ljust(251, b"\0")))
    (answer,) = ground.send(message)
    sequence, session, kind, size, asked, _, _ = struct.unpack_from("<HBBBBBxI", bytes(answer.payload))
    assert (sequence, session, kind, asked) == (0, 3, answered, operation)
    assert (answer.target_system, answer.target_component) == (245, 190)
    assert (bytes(answer.payload)[12] if size else None) == error
