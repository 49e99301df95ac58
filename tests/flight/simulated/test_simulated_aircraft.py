"""MAVSDK as client of the simulator, ten times as fast as real time: it must find in it the PX4 that it knows."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mavsdk.asyncio.plugins.action import ActionAsync, ActionError, OrbitYawBehavior
from mavsdk.asyncio.plugins.gimbal import ControlMode, GimbalAsync, GimbalMode, SendMode
from mavsdk.asyncio.plugins.info import InfoAsync
from mavsdk.asyncio.plugins.mission_raw import MissionRawAsync
from mavsdk.asyncio.plugins.param import ParamAsync, ParamError
from mavsdk.asyncio.plugins.telemetry import FlightMode, LandedState, TelemetryAsync
from pymodbus.client import AsyncModbusTcpClient

from contracts.dock_registers import DEVICE_ID, INPUT_REGISTER_COUNT, Coil, InputRegister, LidState, Presence
from tests.flight.simulated.city import apart_m, client, raw, retried, simulated_city, until
from tests.unit.simulator.ground import HOME_ALT_AMSL_M, place, square_fence, way_home_mission


def is_near(point: tuple[float, float], position: Any) -> bool:
    return apart_m(position, *point) < 12


async def registers(modbus: AsyncModbusTcpClient) -> list[int]:
    read = await modbus.read_input_registers(0, count=INPUT_REGISTER_COUNT, device_id=DEVICE_ID)
    return list(read.registers)


async def open_lid(port: int) -> AsyncModbusTcpClient:
    modbus = AsyncModbusTcpClient("127.0.0.1", port=port)
    assert await modbus.connect()
    await modbus.write_coil(Coil.LID_OPEN, True, device_id=DEVICE_ID)
    async with asyncio.timeout(20):
        while True:
            if (await registers(modbus))[InputRegister.LID_STATE] == LidState.OPEN:
                return modbus
            await asyncio.sleep(0.05)


@pytest.mark.nightly
@pytest.mark.parametrize("speed", [10.0, 20.0])
async def test_mavsdk_flies_a_mission_with_its_way_home_out_of_the_dock_and_back_into_it(
    tmp_path: Path, speed: float
) -> None:
    async with simulated_city(tmp_path, speed=speed) as city, client(city) as system:
        modbus = await open_lid(city.modbus_port)
        telemetry, action, mission = TelemetryAsync(system), ActionAsync(system), MissionRawAsync(system)
        parameters = ParamAsync(system)
        try:
            identity = await InfoAsync(system).get_identification()
            assert identity.hardware_uid.startswith("0102030405060708")
            assert identity.legacy_uid == 0x0102030405060708
            assert await until(telemetry.subscribe_health(), lambda h: h.is_armable and h.is_global_position_ok)

            await parameters.set_param_int("NAV_DLL_ACT", 2)
            assert await parameters.get_param_int("NAV_DLL_ACT") == 2
            await mission.upload_geofence(raw(square_fence(900), 1))
            assert [item.frame for item in await mission.download_geofence()] == [5, 5, 5, 5]
            items = raw(way_home_mission(watch_s=30))
            await mission.upload_mission(items)
            assert [i.command for i in await mission.download_mission()] == [i.command for i in items]

            await retried(action.arm)
            await mission.start_mission()
            await until(telemetry.subscribe_flight_mode(), lambda mode: mode == FlightMode.MISSION)
            assert await until(telemetry.subscribe_landed_state(), lambda s: s == LandedState.IN_AIR)
            assert (await registers(modbus))[InputRegister.PRESENCE] == Presence.EMPTY
            for point in ((200, 200), (400, 200), (400, -150), (100, -150)):
                await until(telemetry.subscribe_position(), partial(is_near, point))
            await until(telemetry.subscribe_landed_state(), lambda s: s == LandedState.ON_GROUND)
            await until(telemetry.subscribe_armed(), lambda armed: not armed)

            assert apart_m(await telemetry.position(), 0, 0) < 0.5
            assert 80 < (await telemetry.battery()).remaining_percent < 100
            assert (await registers(modbus))[InputRegister.PRESENCE] == Presence.SEATED
        finally:
            modbus.close()


@pytest.mark.nightly
async def test_mavsdk_commands_in_the_air_are_obeyed_or_refused_as_px4_does(tmp_path: Path) -> None:
    async with simulated_city(tmp_path) as city, client(city) as system:
        modbus = await open_lid(city.modbus_port)
        telemetry, action, gimbal = TelemetryAsync(system), ActionAsync(system), GimbalAsync(system)
        try:
            await until(telemetry.subscribe_health(), lambda h: h.is_armable and h.is_home_position_ok)
            with pytest.raises(ParamError):
                await ParamAsync(system).get_param_int("NO_SUCH_PARAM")
            await action.set_takeoff_altitude(20.0)
            await retried(action.arm)
            await action.takeoff()
            await until(telemetry.subscribe_flight_mode(), lambda mode: mode == FlightMode.TAKEOFF)
            await until(telemetry.subscribe_flight_mode(), lambda mode: mode == FlightMode.HOLD)
            with pytest.raises(ActionError):
                await action.disarm()

            lat, lon = place(60, 30)
            await action.goto_location(lat, lon, HOME_ALT_AMSL_M + 35, 90.0)
            await until(telemetry.subscribe_position(), lambda p: apart_m(p, 60, 30) < 3)
            await until(telemetry.subscribe_position(), lambda p: abs(p.relative_altitude_m - 35) < 2)
            await action.do_orbit(
                25.0, 5.0, OrbitYawBehavior.HOLD_FRONT_TO_CIRCLE_CENTER, lat, lon, HOME_ALT_AMSL_M + 35
            )
            await until(telemetry.subscribe_flight_mode(), lambda mode: mode == FlightMode.POSCTL)
            await until(telemetry.subscribe_position(), lambda p: apart_m(p, 60, 30) > 20)

            listed = await until(gimbal.subscribe_gimbal_list(), lambda found: found.gimbals)
            number = listed.gimbals[0].gimbal_id
            await gimbal.take_control(number, ControlMode.PRIMARY)
            await gimbal.set_angles(number, 0.0, -50.0, 10.0, GimbalMode.YAW_FOLLOW, SendMode.ONCE)
            await until(gimbal.subscribe_attitude(), lambda a: abs(a.euler_angle_forward.pitch_deg + 50) < 2)
            await gimbal.set_roi_location(number, lat, lon, HOME_ALT_AMSL_M)

            await action.hold()
            await until(telemetry.subscribe_flight_mode(), lambda mode: mode == FlightMode.HOLD)
            await action.return_to_launch()
            await until(telemetry.subscribe_flight_mode(), lambda mode: mode == FlightMode.RETURN_TO_LAUNCH)
            await until(telemetry.subscribe_armed(), lambda armed: not armed)
            assert apart_m(await telemetry.position(), 0, 0) < 0.5
        finally:
            modbus.close()


async def test_the_process_ends_cleanly_when_told_to(tmp_path: Path) -> None:
    async with simulated_city(tmp_path) as city:
        city.process.terminate()
        async with asyncio.timeout(10):
            assert await city.process.wait() == 0
