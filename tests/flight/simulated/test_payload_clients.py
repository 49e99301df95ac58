"""MAVSDK as client of what the simulated aircraft carries: camera, gimbal, light, parachute, crewed traffic."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from mavsdk.asyncio.plugins.action import ActionAsync
from mavsdk.asyncio.plugins.camera import CameraAsync, CameraError, Mode
from mavsdk.asyncio.plugins.gimbal import ControlMode, GimbalAsync, GimbalError, GimbalMode, SendMode
from mavsdk.asyncio.plugins.mavlink_direct import MavlinkDirectAsync, MavlinkMessage
from mavsdk.asyncio.plugins.telemetry import TelemetryAsync
from mavsdk.asyncio.plugins.transponder import TransponderAsync

from tests.flight.simulated.city import client, retried, simulated_city, until
from tests.flight.simulated.test_simulated_aircraft import open_lid
from tests.unit.simulator.ground import HOME, HOME_ALT_AMSL_M

_VIDEO = "rtsp://127.0.0.1:8554/k1"
_ACCEPTED, _REJECTED = 0, 1


async def commanded(direct: Any, component: int, number: int, *params: float) -> int:
    """The result of a command sent through MAVSDK's direct access."""
    fields: dict[str, Any] = {"target_system": 7, "target_component": component, "command": number, "confirmation": 0}
    fields |= {f"param{index + 1}": value for index, value in enumerate([*params, *[0.0] * (7 - len(params))])}
    message = MavlinkMessage(
        message_name="COMMAND_LONG",
        target_system_id=7,
        target_component_id=component,
        fields_json=json.dumps(fields),
    )
    ack = await direct.send_command(message)
    return int(json.loads(ack.fields_json)["result"])


async def told(direct: Any, name: str, component: int) -> dict[str, Any]:
    """The next message of this name from a component."""
    stream = direct.subscribe_message(name)
    message = await until(stream, lambda m: m.component_id == component)
    return dict(json.loads(message.fields_json))


@pytest.mark.nightly
async def test_mavsdk_works_the_camera_and_its_gimbal(tmp_path: Path) -> None:
    carried = {"thermal": True, "zoom_max": 10.0}
    async with simulated_city(tmp_path, payload=carried, video=_VIDEO) as city, client(city) as system:
        camera, gimbal, direct = CameraAsync(system), GimbalAsync(system), MavlinkDirectAsync(system)
        listed = await until(camera.subscribe_camera_list(), lambda found: found.cameras)
        number = listed.cameras[0].component_id
        assert number == 100
        assert listed.cameras[0].vendor_name == "Kestrel"

        await camera.set_mode(number, Mode.PHOTO)
        await until(camera.subscribe_mode(), lambda update: update.mode == Mode.PHOTO)
        captured = asyncio.create_task(until(camera.subscribe_capture_info(), lambda info: info.is_success))
        await asyncio.sleep(0.2)
        await camera.take_photo(number)
        picture = await captured
        assert picture.index == 0
        assert picture.position.absolute_altitude_m == pytest.approx(HOME_ALT_AMSL_M, abs=0.5)

        await camera.start_video(number)
        await until(camera.subscribe_storage(), lambda update: update.storage.video_on)
        await camera.stop_video(number)
        await until(camera.subscribe_storage(), lambda update: not update.storage.video_on)

        await camera.zoom_range(number, 60.0)
        with pytest.raises(CameraError):  # faster than it can
            await camera.start_photo_interval(number, 0.01)
        streams = await until(
            camera.subscribe_video_stream_info(), lambda update: update.video_stream_info.settings.uri == _VIDEO
        )
        assert streams.video_stream_info.settings.horizontal_resolution_pix == 1920
        assert await commanded(direct, 100, 534, 0, 2) == _ACCEPTED  # the thermal picture
        infrared, running = 2, 1
        await until(
            camera.subscribe_video_stream_info(),
            lambda u: u.video_stream_info.spectrum == infrared and u.video_stream_info.status == running,
        )

        gimbals = await until(gimbal.subscribe_gimbal_list(), lambda found: found.gimbals)
        device = gimbals.gimbals[0].gimbal_id
        with pytest.raises(GimbalError):  # not in control yet
            await gimbal.set_angles(device, 0.0, -40.0, 0.0, GimbalMode.YAW_FOLLOW, SendMode.ONCE)
        await gimbal.take_control(device, ControlMode.PRIMARY)
        await gimbal.set_angles(device, 0.0, -40.0, 0.0, GimbalMode.YAW_FOLLOW, SendMode.ONCE)
        await until(gimbal.subscribe_attitude(), lambda a: abs(a.euler_angle_forward.pitch_deg + 40) < 2)
        await gimbal.release_control(device)


@pytest.mark.nightly
async def test_mavsdk_hears_crewed_aircraft_and_their_receiver_fail(tmp_path: Path) -> None:
    lat, lon = HOME
    helicopter = {
        "kind": "crewed_aircraft",
        "icao": 0x406A12,
        "callsign": "HELIMED9",
        "start": {"lat_deg": lat + 0.05, "lon_deg": lon, "alt_amsl_m": 300.0},
        "end": {"lat_deg": lat - 0.5, "lon_deg": lon, "alt_amsl_m": 300.0},
        "speed_m_s": 60.0,
    }
    silent = {"kind": "adsb_silent", "dock": "d1", "at_s": 150.0}
    carried = {"adsb_receiver": True}
    async with simulated_city(tmp_path, payload=carried, faults=[helicopter, silent]) as city, client(city) as system:
        heard = await until(TransponderAsync(system).subscribe_transponder(), lambda one: True)
        assert (heard.icao_address, heard.callsign.rstrip("\0")) == (0x406A12, "HELIMED9")
        assert heard.absolute_altitude_m == pytest.approx(300.0, abs=1.0)
        assert heard.heading_deg == pytest.approx(180.0, abs=1.0)
        assert heard.horizontal_velocity_m_s == pytest.approx(60.0, abs=0.5)
        texts = TelemetryAsync(system).subscribe_status_text()
        await until(texts, lambda said: "Traffic receiver lost" in said.text)


async def test_mavsdk_works_light_speaker_and_parachute_and_hears_the_receiver(tmp_path: Path) -> None:
    carried = {"light": True, "speaker": True, "parachute": True, "adsb_receiver": True}
    async with simulated_city(tmp_path, payload=carried) as city, client(city) as system:
        modbus = await open_lid(city.modbus_port)
        telemetry, action, direct = TelemetryAsync(system), ActionAsync(system), MavlinkDirectAsync(system)
        try:
            await until(telemetry.subscribe_health(), lambda h: h.is_armable)
            assert await commanded(direct, 1, 405, 1) == _ACCEPTED
            assert (await told(direct, "ILLUMINATOR_STATUS", 243))["enable"] == 1
            assert await commanded(direct, 1, 31_010, 3) == _ACCEPTED
            assert (await told(direct, "NAMED_VALUE_INT", 25))["value"] == 3
            assert (await told(direct, "HEARTBEAT", 156))["type"] == 27

            assert await commanded(direct, 161, 208, 2) == _REJECTED  # on the ground
            await retried(action.arm)
            await action.takeoff()
            await until(telemetry.subscribe_position(), lambda p: p.relative_altitude_m > 8)
            assert await commanded(direct, 161, 208, 2) == _ACCEPTED
            emergency = 6
            assert (await told(direct, "HEARTBEAT", 161))["system_status"] == emergency
            await until(telemetry.subscribe_armed(), lambda armed: not armed)
        finally:
            modbus.close()
