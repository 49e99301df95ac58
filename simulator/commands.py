"""The commands (COMMAND_LONG, COMMAND_INT) that PX4 takes, and how it acknowledges each."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from pymavlink.dialects.v20 import development as mav

from simulator.command import Command, Result, whole
from simulator.guidance import Orbit, stopping_point
from simulator.modes import COMMANDABLE, Mode
from simulator.plan import FRAME_RELATIVE, FRAME_RELATIVE_INT
from simulator.troubles import ANY_COMMAND, LateAck
from simulator.vehicle import Vehicle

_FORCE = 21196
_MOST_LATE = 256


class MessageRates(Protocol):
    """What commands need of the telemetry."""

    def set_interval_us(self, message_id: int, interval_us: float) -> bool:
        """SET_MESSAGE_INTERVAL; False for a message that there is not."""

    def interval_us(self, message_id: int) -> int:
        """GET_MESSAGE_INTERVAL; 0 for a message that there is not, -1 for one switched off."""

    def has(self, message_id: int) -> bool:
        """Whether there is such a message."""

    def send_now(self, message_id: int) -> bool:
        """REQUEST_MESSAGE; False for a message that there is not."""


class Commands:
    """Executes commands on one vehicle and acknowledges them to whoever asked.

    ``elsewhere`` is asked for the result of a command that another component does; None: there is none that does.
    """

    def __init__(self, *, vehicle: Vehicle, rates: MessageRates, elsewhere: Callable[[Command], Result | None]) -> None:
        self._vehicle = vehicle
        self._elsewhere = elsewhere
        self._rates = rates
        self._late: list[tuple[float, Command, bool]] = []
        """(seconds of the client's clock, command, whether to acknowledge it then)."""
        self._handlers: dict[int, Callable[[Command], Result]] = {
            17: lambda _: self._change(Mode.HOLD),
            20: lambda _: self._change(Mode.RETURN),
            21: lambda _: self._change(Mode.LAND),
            22: self._take_off,
            34: self._orbit,
            176: self._set_mode,
            178: self._change_speed,
            185: self._terminate,
            186: self._change_altitude,
            192: self._reposition,
            193: lambda c: self._change(Mode.MISSION if c.params[0] >= 1 else Mode.HOLD),
            195: self._look_at,
            197: self._look_ahead,
            224: lambda c: self._select(whole(c.params[0], -1)),
            300: self._start_mission,
            400: self._arm,
            410: lambda _: self._request(242),
            510: self._get_interval,
            511: self._set_interval,
            512: lambda c: self._request(whole(c.params[0])),
            519: lambda _: self._request(148),
            520: lambda _: self._request(148),
            1000: self._point_gimbal,
            1001: self._configure_gimbal,
        }

    def knows(self, command: Command) -> bool:
        """Whether the autopilot itself does this command."""
        if command.number == 512:
            return self._rates.has(whole(command.params[0]))
        return command.number in self._handlers

    def receive(self, command: Command) -> None:
        """A command came in: do it now, or later where its trouble says so."""
        troubles = self._vehicle.troubles
        late = troubles.late_commands.get(command.number) or troubles.late_commands.get(ANY_COMMAND)
        if late is None:
            self.execute(command)
            return
        if len(self._late) < _MOST_LATE:
            self._late.append((self._vehicle.client_s + late.delay_s, command, late.ack is LateAck.WHEN_DONE))
        if late.ack is LateAck.AT_ONCE:
            outbox = self._vehicle.outbox
            self._acknowledge(command, Result.ACCEPTED, len(outbox))

    def step(self) -> None:
        """Do what was put off and is due."""
        if not self._late:
            return
        now = self._vehicle.client_s
        due = [entry for entry in self._late if entry[0] <= now]
        self._late = [entry for entry in self._late if entry[0] > now]
        for _, command, acknowledged in due:
            self.execute(command, acknowledged=acknowledged)

    def execute(self, command: Command, *, acknowledged: bool = True) -> None:
        """Do it and acknowledge; a mode change is acknowledged twice, as PX4 1.17 does."""
        handler = self._handlers.get(command.number)
        before = len(self._vehicle.outbox)
        result = self._passed(command) if handler is None else handler(command)
        if acknowledged:
            # What was asked for comes before PX4's acknowledgement, texts come after it.
            asked_for = command.number in (410, 510, 512, 519, 520)
            self._acknowledge(command, result, len(self._vehicle.outbox) if asked_for else before)

    def _passed(self, command: Command) -> Result:
        result = self._elsewhere(command)
        return Result.UNSUPPORTED if result is None else result

    def _acknowledge(self, command: Command, result: Result, index: int) -> None:
        ack = mav.MAVLink_command_ack_message(command.number, int(result), 0, 0, *command.sender)
        times = 2 if command.number == 176 and result is Result.ACCEPTED else 1
        for _ in range(2 * times if self._vehicle.troubles.acks_doubled else times):
            self._vehicle.outbox.insert(index, ack)

    def _change(self, mode: Mode) -> Result:
        vehicle = self._vehicle
        if mode is Mode.RETURN and vehicle.landed:
            vehicle.failsafe.cleared()
            return Result.ACCEPTED if not vehicle.armed else Result.TEMPORARILY_REJECTED
        if mode is not Mode.LAND and not self._has_position(mode):
            return Result.TEMPORARILY_REJECTED
        vehicle.command_mode(mode)
        return Result.ACCEPTED

    def _take_off(self, command: Command) -> Result:
        """To the altitude above the sea that the command has, if it has one."""
        vehicle = self._vehicle
        result = self._change(Mode.TAKEOFF)
        if result is Result.ACCEPTED:
            relative = command.relative
            vehicle.navigator.take_off_to(-command.z if relative else vehicle.frame.alt_amsl_m - command.z)
        return result

    def _has_position(self, mode: Mode) -> bool:
        """Whether a mode that flies by position can run; in the air without one, PX4 says no and why."""
        vehicle = self._vehicle
        if vehicle.gnss.usable or vehicle.landed:
            return True
        vehicle.say(2, f"Switching to {mode.name.capitalize()} is currently not available\t")
        return False

    def _set_mode(self, command: Command) -> Result:
        if not int(command.params[0]) & 1:
            return Result.DENIED
        mode = COMMANDABLE.get((int(command.params[1]), int(command.params[2])))
        return Result.DENIED if mode is None else self._change(mode)

    def _arm(self, command: Command) -> Result:
        vehicle = self._vehicle
        force = int(command.params[1]) == _FORCE if not math.isnan(command.params[1]) else False
        done = vehicle.arm() if command.params[0] >= 0.5 else vehicle.disarm(force=force)
        return Result.ACCEPTED if done else Result.TEMPORARILY_REJECTED

    def _down_m(self, command: Command) -> float:
        """The altitude of a command as metres down in the frame; where the aircraft is if none was given."""
        vehicle = self._vehicle
        if math.isnan(command.z):
            return vehicle.seen.down_m
        return -command.z if command.relative else vehicle.frame.alt_amsl_m - command.z

    def _point(self, command: Command) -> tuple[float, float, float]:
        vehicle = self._vehicle
        if math.isnan(command.place[0]) or math.isnan(command.place[1]):
            return vehicle.seen.north_m, vehicle.seen.east_m, self._down_m(command)
        return (*vehicle.frame.to_local(*command.place), self._down_m(command))

    def _reposition(self, command: Command) -> Result:
        vehicle = self._vehicle
        if not self._has_position(Mode.HOLD):
            return Result.TEMPORARILY_REJECTED
        point = self._point(command)
        if not vehicle.inside_fence(point[0], point[1]):
            vehicle.say(2, "Reposition is outside geofence\t")
            return Result.ACCEPTED
        if vehicle.landed or (vehicle.mode is not Mode.HOLD and not int(command.params[1]) & 1):
            return Result.ACCEPTED
        speed = command.params[0] if command.params[0] > 0 else None
        vehicle.failsafe.cleared()
        vehicle.navigator.goto(point, command.params[3], speed, vehicle.seen)
        return Result.ACCEPTED

    def _orbit(self, command: Command) -> Result:
        vehicle = self._vehicle
        if vehicle.landed or not self._has_position(Mode.ORBIT):
            return Result.TEMPORARILY_REJECTED
        north, east, down = self._point(command)
        if command.relative:
            # MAVSDK sends metres AMSL with a relative frame; PX4 reads an orbit's altitude as AMSL whatever the frame.
            down = vehicle.frame.alt_amsl_m - command.z if not math.isnan(command.z) else vehicle.seen.down_m
        radius, speed = command.params[0], command.params[1]
        radius = 20.0 if math.isnan(radius) or abs(radius) < 1.0 else max(-1000.0, min(radius, 1000.0))
        speed = speed if speed > 0 else vehicle.parameters["MPC_XY_CRUISE"]
        vehicle.failsafe.cleared()
        vehicle.navigator.circle(Orbit(north, east, down, radius, speed), vehicle.seen)
        return Result.ACCEPTED

    def _change_speed(self, command: Command) -> Result:
        if command.params[1] > 0:
            self._vehicle.navigator.set_speed(command.params[1])
        return Result.ACCEPTED

    def _terminate(self, command: Command) -> Result:
        if not self._vehicle.armed:
            return Result.TEMPORARILY_REJECTED
        if command.params[0] > 0.5:
            self._vehicle.terminate("Termination by command")
        return Result.ACCEPTED

    def _change_altitude(self, command: Command) -> Result:
        """Here, at another altitude; frames 3 and 6 count from home, others from the sea."""
        vehicle = self._vehicle
        if vehicle.landed or not self._has_position(Mode.HOLD):
            return Result.TEMPORARILY_REJECTED
        if math.isnan(command.params[0]):
            return Result.DENIED
        relative = whole(command.params[1]) in (FRAME_RELATIVE, FRAME_RELATIVE_INT)
        down = -command.params[0] if relative else vehicle.frame.alt_amsl_m - command.params[0]
        here = stopping_point(vehicle.seen, vehicle.parameters["MPC_ACC_HOR"])
        vehicle.failsafe.cleared()
        vehicle.navigator.goto((here[0], here[1], down), math.nan, None, vehicle.seen)
        return Result.ACCEPTED

    def _select(self, index: int) -> Result:
        return Result.ACCEPTED if self._vehicle.select_item(index) else Result.DENIED

    def _start_mission(self, command: Command) -> Result:
        first = whole(command.params[0])
        if first > 0 and not self._vehicle.select_item(first):
            return Result.DENIED
        return self._change(Mode.MISSION)

    def _look_at(self, command: Command) -> Result:
        if math.isnan(command.place[0]) or not -90 <= command.place[0] <= 90:
            return Result.DENIED
        self._vehicle.view.look_at(*self._point(command))
        return Result.ACCEPTED

    def _look_ahead(self, _command: Command) -> Result:
        self._vehicle.view.look_ahead()
        return Result.ACCEPTED

    def _point_gimbal(self, command: Command) -> Result:
        gimbal = self._vehicle.gimbal
        if not gimbal.fitted:
            return Result.UNSUPPORTED
        if gimbal.primary != command.sender:
            return Result.DENIED  # only who has taken control of it may point it
        flags = whole(command.place[0])
        self._vehicle.navigator.roi = None
        self._vehicle.gimbal.point(pitch_deg=command.params[0], yaw_deg=command.params[1], lock=bool(flags & 16))
        return Result.ACCEPTED

    def _configure_gimbal(self, command: Command) -> Result:
        system, component = command.params[0], command.params[1]
        gimbal = self._vehicle.gimbal
        if not gimbal.fitted:
            return Result.UNSUPPORTED
        if system == -2:
            gimbal.take_control(*command.sender)
        elif system == -3 and gimbal.primary == command.sender:
            gimbal.take_control(0, 0)
        elif system >= 0:
            gimbal.take_control(int(system), max(0, int(component)))
        return Result.ACCEPTED

    def _set_interval(self, command: Command) -> Result:
        done = self._rates.set_interval_us(int(command.params[0]), command.params[1])
        return Result.ACCEPTED if done else Result.FAILED

    def _get_interval(self, command: Command) -> Result:
        message_id = int(command.params[0])
        interval = self._rates.interval_us(message_id)
        self._vehicle.outbox.append(mav.MAVLink_message_interval_message(message_id, interval))
        return Result.ACCEPTED

    def _request(self, message_id: int) -> Result:
        return Result.ACCEPTED if self._rates.send_now(message_id) else Result.DENIED
