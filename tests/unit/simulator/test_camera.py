"""The camera on the aircraft, as a client of MAVLink's camera protocol v2 sees it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pymavlink.dialects.v20 import development as mav

from simulator.camera import COMPONENT
from simulator.world import World
from tests.unit.simulator.ground import HOME_ALT_AMSL_M, QUAD, Ground, scenario, way_home_mission

ACCEPTED, REJECTED, DENIED, UNSUPPORTED = 0, 1, 2, 3
NAN = math.nan


def with_camera(*, video: str = "rtsp://127.0.0.1:8554/k1", geoid_m: float = 48.0, **payload: Any) -> Ground:
    docks = scenario().model_dump(by_alias=True)["docks"]
    docks[0]["aircraft"]["video"] = video
    kind = QUAD.model_dump() | {"payload": payload}
    return Ground(world=World(scenario(docks=docks, aircraft_types={"quad": kind}, geoid_m=geoid_m)))


def asked(ground: Ground, number: int, *params: float, component: int = COMPONENT) -> tuple[int | None, list[Any]]:
    """The result of a command to the camera (None: no answer), and the messages that came with it."""
    values = [*params, *[NAN] * (7 - len(params))]
    answers = ground.send(mav.MAVLink_command_long_message(7, component, number, 0, *values))
    acks = [m.result for m in answers if m.get_type() == "COMMAND_ACK"]
    return (acks[0] if acks else None), [m for m in answers if m.get_type() != "COMMAND_ACK"]


def test_it_is_found_by_its_heartbeat_and_says_what_it_can_do() -> None:
    ground = with_camera(thermal=True)
    beats = {(m.get_srcComponent(), m.type) for m in ground.heard if m.get_type() == "HEARTBEAT"}
    assert (COMPONENT, 30) in beats
    result, (information,) = asked(ground, 512, 259)
    assert result == ACCEPTED
    assert information.get_srcComponent() == COMPONENT
    video, image, zoom, streams = 1, 2, 64, 256
    assert information.flags & (video | image | zoom | streams) == video | image | zoom | streams
    assert information.gimbal_device_id == 154


@pytest.mark.parametrize(
    ("deprecated", "message_id", "kind"),
    [
        (521, 259, "CAMERA_INFORMATION"),
        (522, 260, "CAMERA_SETTINGS"),
        (525, 261, "STORAGE_INFORMATION"),
        (527, 262, "CAMERA_CAPTURE_STATUS"),
        (2504, 269, "VIDEO_STREAM_INFORMATION"),
        (2505, 270, "VIDEO_STREAM_STATUS"),
    ],
)
def test_old_and_new_requests_are_answered_alike(deprecated: int, message_id: int, kind: str) -> None:
    ground = with_camera()
    for command, params in ((512, (message_id,)), (deprecated, (0.0,))):
        result, messages = asked(ground, command, *params)
        assert result == ACCEPTED
        assert [m.get_type() for m in messages] == [kind]


def test_a_request_to_everybody_reaches_the_camera_too() -> None:
    result, (information,) = asked(with_camera(), 512, 259, component=0)
    assert (result, information.get_type()) == (ACCEPTED, "CAMERA_INFORMATION")


def test_a_picture_is_told_with_where_it_was_taken_above_the_sea() -> None:
    ground = with_camera(geoid_m=48.0)
    ground.take_off_on_mission(way_home_mission(watch_s=600))
    ground.run(120)
    assert asked(ground, 2000, 0, 0, 1, 1)[0] == ACCEPTED
    ground.run(0.1)
    picture = ground.last("CAMERA_IMAGE_CAPTURED")
    assert (picture.image_index, picture.capture_result) == (0, 1)
    assert picture.alt / 1000 == pytest.approx(HOME_ALT_AMSL_M + 40, abs=1)
    assert picture.relative_alt / 1000 == pytest.approx(40, abs=1)
    assert asked(ground, 512, 263, 0)[1][0].file_url == picture.file_url
    assert asked(ground, 512, 263, 5)[0] == DENIED


def test_pictures_at_an_interval_come_until_their_number_or_until_stopped() -> None:
    ground = with_camera()
    assert asked(ground, 2000, 0, 2, 3, 0)[0] == ACCEPTED
    assert asked(ground, 2000, 0, 2, 3, 0)[0] == REJECTED
    ground.run(20)
    taken = [m.image_index for m in ground.heard if m.get_type() == "CAMERA_IMAGE_CAPTURED"]
    assert taken == [0, 1, 2]
    assert asked(ground, 2000, 0, 1, 0, 0)[0] == ACCEPTED
    ground.run(4.5)
    assert asked(ground, 512, 262)[1][0].image_status == 2
    assert asked(ground, 2001)[0] == ACCEPTED
    ground.run(5)
    assert asked(ground, 512, 262)[1][0].image_count == 8
    assert asked(ground, 2000, 0, 0.01, 0, 0)[0] == DENIED


def test_a_recording_runs_counts_its_time_and_fills_the_card() -> None:
    ground = with_camera()
    free = asked(ground, 512, 261)[1][0].available_capacity
    assert asked(ground, 2500, 0, 1)[0] == ACCEPTED
    ground.run(10)
    told = [m for m in ground.heard if m.get_type() == "CAMERA_CAPTURE_STATUS"]
    assert len(told) >= 9
    assert told[-1].video_status == 1
    assert told[-1].recording_time_ms == pytest.approx(10_000, abs=1100)
    assert asked(ground, 526, 1, 1)[0] == REJECTED
    assert asked(ground, 2501)[0] == ACCEPTED
    assert asked(ground, 512, 262)[1][0].video_status == 0
    assert asked(ground, 512, 261)[1][0].available_capacity < free
    assert asked(ground, 526, 1, 1)[0] == ACCEPTED
    assert asked(ground, 512, 261)[1][0].available_capacity == free


def test_zoom_goes_by_step_by_rate_and_to_a_place_in_its_range() -> None:
    ground = with_camera(zoom_max=10.0)

    def level() -> float:
        return float(asked(ground, 512, 260)[1][0].zoomLevel)

    assert asked(ground, 531, 2, 40)[0] == ACCEPTED
    assert level() == pytest.approx(40)
    assert asked(ground, 531, 0, 1)[0] == ACCEPTED
    assert level() == pytest.approx(50)
    assert asked(ground, 531, 1, -1)[0] == ACCEPTED
    ground.run(1)
    assert level() == pytest.approx(25, abs=1)
    assert asked(ground, 531, 1, 0)[0] == ACCEPTED
    stopped = level()
    ground.run(2)
    assert level() == stopped
    assert asked(ground, 531, 2, 140)[0] == DENIED
    wide, _ = asked(ground, 531, 2, 0), ground.run(0.1)
    assert wide[0] == ACCEPTED
    before = asked(ground, 512, 269)[1][0].hfov
    asked(ground, 531, 2, 100)
    assert asked(ground, 512, 269)[1][0].hfov < before / 5


def test_a_camera_without_zoom_says_so() -> None:
    ground = with_camera(zoom_max=1.0)
    assert asked(ground, 531, 2, 40)[0] == UNSUPPORTED
    assert not asked(ground, 512, 259)[1][0].flags & 64


def test_the_thermal_picture_is_selected_and_shown_in_the_streams() -> None:
    ground = with_camera(thermal=True)
    _, streams = asked(ground, 512, 269, 0)
    assert [(m.stream_id, m.count, m.uri) for m in streams] == [
        (1, 2, "rtsp://127.0.0.1:8554/k1"),
        (2, 2, "rtsp://127.0.0.1:8554/k1"),
    ]
    running, thermal = 1, 2
    assert [m.flags for m in streams] == [running, thermal]
    assert asked(ground, 534, 0, 2)[0] == ACCEPTED
    assert [m.flags for m in asked(ground, 512, 270, 0)[1]] == [0, running | thermal]
    assert asked(ground, 534, 0, 1)[0] == ACCEPTED
    assert [m.flags for m in asked(ground, 512, 270, 0)[1]] == [running, thermal]


def test_without_a_thermal_camera_its_picture_is_unsupported() -> None:
    ground = with_camera()
    assert asked(ground, 534, 0, 2)[0] == UNSUPPORTED
    assert [m.stream_id for m in asked(ground, 512, 269, 0)[1]] == [1]


def test_a_camera_that_serves_no_video_has_no_streams() -> None:
    ground = with_camera(video="")
    assert asked(ground, 512, 269, 0) == (DENIED, [])
    assert not asked(ground, 512, 259)[1][0].flags & 256


def test_tracking_follows_what_it_was_told_and_stops() -> None:
    ground = with_camera()
    assert asked(ground, 2004, 0.5, 0.25, 0.1)[0] == ACCEPTED
    status = asked(ground, 512, 275)[1][0]
    assert (status.tracking_status, status.tracking_mode) == (1, 1)
    assert (status.point_x, status.point_y) == (0.5, 0.25)
    assert asked(ground, 2005, 0.1, 0.1, 0.3, 0.3)[0] == ACCEPTED
    assert asked(ground, 512, 275)[1][0].tracking_mode == 2
    assert asked(ground, 2010)[0] == ACCEPTED
    assert asked(ground, 512, 275)[1][0].tracking_status == 0


def test_mode_focus_and_reset_show_in_its_settings() -> None:
    ground = with_camera()
    assert asked(ground, 530, 0, 0)[0] == ACCEPTED
    assert asked(ground, 530, 0, 7)[0] == DENIED
    assert asked(ground, 532, 2, 80)[0] == ACCEPTED
    settings = asked(ground, 512, 260)[1][0]
    assert (settings.mode_id, settings.focusLevel) == (0, 80)
    assert asked(ground, 529, 1)[0] == ACCEPTED
    assert asked(ground, 512, 260)[1][0].mode_id == 1


def test_a_mission_s_pictures_are_taken() -> None:
    ground = with_camera()
    picture = way_home_mission()[1].__class__(2000, params=(0.0, 0.0, 1.0, 0.0), frame=2)
    mission = way_home_mission()
    ground.take_off_on_mission([*mission[:3], picture, *mission[3:]])
    assert ground.run(120, until=lambda: any(m.get_type() == "CAMERA_IMAGE_CAPTURED" for m in ground.heard))
    passed_on = [m for m in ground.heard if m.get_type() == "COMMAND_LONG" and m.command == 2000]
    ground.run(5)
    assert len(passed_on) == 1  # the camera took it, so it is not sent again


def test_a_dead_camera_answers_nothing_and_has_no_heartbeat() -> None:
    ground = with_camera()
    ground.vehicle.troubles.camera_dead = True
    assert asked(ground, 512, 259) == (None, [])
    assert asked(ground, 31_000) == (None, [])
    ground.heard.clear()
    ground.run(3)
    assert COMPONENT not in {m.get_srcComponent() for m in ground.heard}


def test_what_the_camera_does_not_know_is_unsupported_and_what_is_not_there_says_nothing() -> None:
    assert asked(with_camera(), 31_000)[0] == UNSUPPORTED
    assert asked(with_camera(camera=False), 512, 259) == (None, [])


def test_a_camera_that_sends_rtp_names_the_port_where_the_ground_listens() -> None:
    ground = with_camera(video="rtp://127.0.0.1:5600", thermal=True)
    _, told = asked(ground, 2504, 0)
    assert [(m.type, m.uri.rstrip("\0"), m.encoding) for m in told] == [(1, "5600", 1)] * 2
