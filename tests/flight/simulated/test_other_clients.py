"""Clients that are not ours and not MAVSDK command the simulated aircraft: pymavlink's mavutil, and MAVProxy.

Each arms, takes off, is guided somewhere, uploads and flies a mission, and returns.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pymavlink import mavutil

from simulator.plan import Cmd
from tests.flight.simulated.city import City, simulated_city
from tests.flight.simulated.mavproxy import mavproxy
from tests.flight.simulated.test_simulated_aircraft import open_lid
from tests.unit.simulator.ground import HOME_ALT_AMSL_M, METRES_EAST_DEG, METRES_NORTH_DEG, place

_PATIENCE_S = 60.0
_MISSION = ((0.0, 0.0, 30.0), (60.0, 0.0, 30.0), (60.0, 60.0, 30.0))
"""North, east, up of what is flown; the first is the take-off."""


def _is_beyond(index: int, request: Any) -> bool:
    return bool(request.seq > index)


class Mavutil:
    """mavutil's blocking client, in a thread; each wait is bounded."""

    def __init__(self, city: City) -> None:
        self.link: Any = mavutil.mavlink_connection(
            f"udpin:127.0.0.1:{city.mavlink_port}", dialect="development", source_system=255
        )

    def until(self, kind: str, holds: Callable[[Any], bool]) -> Any:
        """The next message of a type that holds. A heartbeat goes out once a second meanwhile."""
        began, beat = time.monotonic(), 0.0
        while time.monotonic() - began < _PATIENCE_S:
            if time.monotonic() - beat > 1.0:
                beat = time.monotonic()
                self.link.mav.heartbeat_send(6, 8, 0, 0, 3)
            message = self.link.recv_match(type=kind, blocking=True, timeout=0.5)
            if message is not None and message.get_srcComponent() == 1 and holds(message):
                return message
        raise AssertionError(f"no such {kind}")

    def accepted(self, number: int) -> None:
        """A command was acknowledged."""
        ack = self.until("COMMAND_ACK", lambda m: m.command == number)
        assert ack.result == 0

    def command(self, number: int, *params: float) -> None:
        """COMMAND_LONG, acknowledged."""
        self.link.mav.command_long_send(7, 1, number, 0, *params, *[0.0] * (7 - len(params)))
        self.accepted(number)

    def near(self, north_m: float, east_m: float, alt_above_home_m: float) -> None:
        """Wait until it is there."""
        lat, lon = place(north_m, east_m)

        def holds(m: Any) -> bool:
            north = (m.lat * 1e-7 - lat) / METRES_NORTH_DEG
            east = (m.lon * 1e-7 - lon) / METRES_EAST_DEG
            return math.hypot(north, east) < 5 and abs(m.relative_alt / 1000 - alt_above_home_m) < 3

        self.until("GLOBAL_POSITION_INT", holds)

    def upload(self) -> None:
        """The mission, item by item as it is asked for."""
        self.link.mav.mission_count_send(7, 1, len(_MISSION), 0)
        sent = -1
        while sent < len(_MISSION) - 1:
            sent = self.until("MISSION_REQUEST_INT", partial(_is_beyond, sent)).seq
            north, east, up = _MISSION[sent]
            lat, lon = place(north, east)
            number = Cmd.TAKEOFF if sent == 0 else Cmd.WAYPOINT
            self.link.mav.mission_item_int_send(
                7, 1, sent, 6, number, int(sent == 0), 1, 0, 0, 0, math.nan, round(lat * 1e7), round(lon * 1e7), up, 0
            )
        assert self.until("MISSION_ACK", lambda m: m.mission_type == 0).type == 0


def _fly(city: City) -> None:
    client = Mavutil(city)
    link = client.link
    try:
        assert link.wait_heartbeat(timeout=_PATIENCE_S) is not None
        armable = 0x10000000
        client.until("SYS_STATUS", lambda m: m.onboard_control_sensors_health & armable)
        assert link.mavlink20()
        link.target_system, link.target_component = 7, 1
        link.arducopter_arm()
        client.accepted(400)
        client.until("HEARTBEAT", lambda m: m.base_mode & 128)
        client.command(22, math.nan, 0, 0, math.nan, math.nan, math.nan, HOME_ALT_AMSL_M + 25)
        client.near(0, 0, 25)

        lat, lon = place(40, -30)
        link.mav.command_int_send(
            7, 1, 0, 192, 0, 0, -1, 1, 0, math.nan, round(lat * 1e7), round(lon * 1e7), HOME_ALT_AMSL_M + 35
        )
        client.accepted(192)
        client.near(40, -30, 35)

        client.upload()
        link.set_mode_auto()
        client.until("HEARTBEAT", lambda m: m.custom_mode == 4 << 16 | 4 << 24)
        for north, east, up in _MISSION[1:]:
            client.near(north, east, up)
        link.set_mode_rtl()
        client.until("HEARTBEAT", lambda m: m.custom_mode == 4 << 16 | 5 << 24)
        client.until("HEARTBEAT", lambda m: not m.base_mode & 128)
        client.near(0, 0, 0)
    finally:
        link.close()


async def test_mavutil_arms_takes_off_is_guided_flies_a_mission_and_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAVLINK20", "1")  # how mavutil is told
    async with simulated_city(tmp_path) as city:
        modbus = await open_lid(city.modbus_port)
        try:
            await asyncio.to_thread(_fly, city)
        finally:
            modbus.close()


@pytest.mark.nightly
async def test_mavproxy_arms_takes_off_is_guided_flies_a_mission_and_returns(tmp_path: Path) -> None:
    waypoints = tmp_path / "mission.txt"
    lines = ["QGC WPL 110"]
    for index, (north, east, up) in enumerate(((0.0, 0.0, 30.0), *_MISSION)):
        number = Cmd.TAKEOFF if index == 1 else Cmd.WAYPOINT
        lat, lon = place(north, east)
        lines.append(f"{index}\t{int(index == 0)}\t3\t{int(number)}\t0\t0\t0\t0\t{lat:.7f}\t{lon:.7f}\t{up}\t1")
    waypoints.write_text("\n".join(lines) + "\n")
    async with simulated_city(tmp_path) as city:
        modbus = await open_lid(city.modbus_port)
        with contextlib.closing(modbus):
            async with mavproxy(tmp_path, port=city.mavlink_port, system_id=7) as client:
                await client.asked("arm throttle", "COMPONENT_ARM_DISARM: ACCEPTED")
                await client.asked(f"takeoff {HOME_ALT_AMSL_M + 25}", "NAV_TAKEOFF: ACCEPTED")
                await client.answer("height 2[0-9]")

                lat, lon = place(40, -30)
                await client.asked(f"guided {lat} {lon} 40", "DO_REPOSITION: ACCEPTED")
                await client.answer("height (3[5-9]|4[0-9])")

                await client.asked(f"wp load {waypoints}", "MISSION_ACK: TYPE_MISSION: ACCEPTED", pause_s=8.0)
                await client.asked("long MISSION_START 0 0 0 0 0 0 0", "MISSION_START: ACCEPTED")
                for index in (2, 3):
                    await client.answer(f"waypoint {index}")
                told = await client.asked("status GLOBAL_POSITION_INT", r"GLOBAL_POSITION_INT \{.*lat")
                assert 52.40 < int(_field(told, "lat")) * 1e-7 < 52.401

                await client.asked("long DO_SET_MODE 129 4 5 0 0 0 0", "DO_SET_MODE: ACCEPTED")
                await client.answer("DISARMED|Disarmed by landing", patience_s=60.0)
                told = await client.asked("status GLOBAL_POSITION_INT", r"GLOBAL_POSITION_INT \{.*lat")
                assert abs(int(_field(told, "relative_alt"))) < 500


def _field(line: str, name: str) -> str:
    found = re.search(rf"\b{name} : (-?\d+)", line)
    assert found is not None
    return found.group(1)
