"""The flight commands as MAVSDK's calls. There is no kill, no termination and no forced arming among them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from mavsdk import System
from mavsdk.plugins.action import Action, OrbitYawBehavior
from mavsdk.plugins.mavlink_direct import MavlinkDirect, MavlinkMessage
from mavsdk.plugins.mission_raw import MissionRaw

from dock_agent.flight_link import COMMAND_S, Answer, Command, Reply, Target
from dock_agent.mavsdk_calls import Calls, Start

AUTOPILOT, PARACHUTE = 1, 161
"""MAVLink component ids."""
FRAME_GLOBAL = 0
_ROI_LOCATION, _ROI_NONE, _DO_PARACHUTE, _RELEASE = 195, 197, 208, 2.0
_DENIED_BY = {1: "TEMPORARILY_REJECTED", 2: "DENIED", 3: "UNSUPPORTED", 4: "FAILED", 5: "IN_PROGRESS", 6: "CANCELLED"}


class RawCommands:
    """MAVLink commands that no plugin has, to any component of one system."""

    def __init__(self, *, system: System, calls: Calls) -> None:
        self._system_id = int(system.get_system_id())
        self._direct = MavlinkDirect(system)
        self._calls = calls

    @property
    def direct(self) -> MavlinkDirect:
        """For subscriptions."""
        return self._direct

    async def long(self, command: int, *params: float, component: int = AUTOPILOT) -> Answer:
        """COMMAND_LONG with up to seven parameters; those left out are 0."""
        filled = (*params, *(0.0,) * (7 - len(params)))
        fields = {f"param{number}": value for number, value in enumerate(filled, start=1)}
        return await self._send("COMMAND_LONG", {**fields, "command": command, "confirmation": 0}, component)

    async def at_place(self, command: int, target: Target, *, component: int = AUTOPILOT) -> Answer:
        """COMMAND_INT with a place in metres AMSL."""
        fields = {
            "param1": 0.0,
            "param2": 0.0,
            "param3": 0.0,
            "param4": 0.0,
            "x": round(target.lat_deg * 1e7),
            "y": round(target.lon_deg * 1e7),
            "z": target.alt_amsl_m,
            "frame": FRAME_GLOBAL,
            "current": 0,
            "autocontinue": 0,
            "command": command,
        }
        return await self._send("COMMAND_INT", fields, component)

    async def _send(self, name: str, fields: dict[str, Any], component: int) -> Answer:
        fields |= {"target_system": self._system_id, "target_component": component}
        message = MavlinkMessage(
            message_name=name,
            target_system_id=self._system_id,
            target_component_id=component,
            fields_json=json.dumps(fields),
        )
        answer, ack = await self._calls.fetch(lambda done: self._direct.send_command_async(message, done), COMMAND_S)
        if answer.reply is not Reply.ACKNOWLEDGED:
            return answer
        try:
            result = int(json.loads(ack.fields_json)["result"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return Answer(Reply.SILENCE, "the acknowledgement could not be read")
        return Answer(Reply.ACKNOWLEDGED) if result == 0 else Answer(Reply.DENIED, _DENIED_BY.get(result, str(result)))


class FlightCommands:
    """Of one system; ``has_parachute`` as the fleet file says of its type."""

    def __init__(
        self, *, system: System, mission: MissionRaw, raw: RawCommands, calls: Calls, has_parachute: bool
    ) -> None:
        self._action, self._mission, self._raw, self._calls = Action(system), mission, raw, calls
        self._has_parachute = has_parachute

    async def give(self, command: Command, *, item: int | None, target: Target | None) -> Answer:
        """Give one command, bounded by `COMMAND_S`."""
        match command:
            case Command.LOOK if target is None:
                return await self._raw.long(_ROI_NONE)
            case Command.LOOK if target is not None:
                return await self._raw.at_place(_ROI_LOCATION, target)
            case Command.PARACHUTE:
                if not self._has_parachute:
                    return Answer(Reply.DENIED, "this type of aircraft has no parachute")
                return await self._raw.long(_DO_PARACHUTE, _RELEASE, component=PARACHUTE)
            case _:
                return await self._calls.ask(self._start(command, item, target), COMMAND_S)

    def _start(self, command: Command, item: int | None, target: Target | None) -> Start:
        action = self._action
        if command is Command.JUMP:
            if item is None:
                raise ValueError("a jump needs an item")
            return lambda done: self._mission.set_current_mission_item_async(item, done)
        if command in (Command.GOTO, Command.ORBIT):
            if target is None:
                raise ValueError(f"{command} needs a target")
            return self._goto(target) if command is Command.GOTO else self._orbit(target)
        plain: dict[Command, Callable[[Any], None]] = {
            Command.ARM: action.arm_async,
            Command.DISARM: action.disarm_async,
            Command.START: self._mission.start_mission_async,
            Command.RETURN: action.return_to_launch_async,
            Command.HOLD: action.hold_async,
            Command.LAND: action.land_async,
        }
        return plain[command]

    def _goto(self, target: Target) -> Start:
        yaw_deg = math.nan if target.yaw_deg is None else float(target.yaw_deg)
        place = (float(target.lat_deg), float(target.lon_deg), float(target.alt_amsl_m), yaw_deg)
        return lambda done: self._action.goto_location_async(*place, done)

    def _orbit(self, target: Target) -> Start:
        circle = (float(target.radius_m), float(target.speed_m_s), OrbitYawBehavior.HOLD_FRONT_TO_CIRCLE_CENTER)
        place = (float(target.lat_deg), float(target.lon_deg), float(target.alt_amsl_m))
        return lambda done: self._action.do_orbit_async(*circle, *place, done)
