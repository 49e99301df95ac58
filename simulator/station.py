"""The aircraft's end of the MAVLink link, without the socket: datagrams in, datagrams out, at PX4's rates."""

from __future__ import annotations

import heapq
import math
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator import filetransfer
from simulator.camera import Camera
from simulator.command import Command, Result, mode_command, read
from simulator.commands import Commands
from simulator.frames import Packer, Parser
from simulator.hotmessages import HOT_MESSAGES
from simulator.parameterlink import ParameterLink
from simulator.payload import peripherals
from simulator.peripheral import Attached
from simulator.telemetry import Telemetry
from simulator.traffic import Receiving
from simulator.vehicle import Vehicle

RATES_HZ: dict[int, float] = {
    30: 100,
    31: 50,
    33: 50,
    105: 50,
    32: 30,
    331: 30,
    141: 10,
    74: 10,
    83: 10,
    85: 10,
    87: 10,
    36: 10,
    111: 10,
    24: 8,
    1: 5,
    360: 5,
    0: 1,
    2: 1,
    4: 1,
    245: 1,
    147: 0.5,
    242: 0.5,
    436: 0.5,
    281: 1,
    132: 10,
    29: 1,
    230: 1,
    241: 0.5,
    441: 1,
    12901: 1,
    12904: 1,
}
"""PX4's rates on its onboard link, in simulation time. MISSION_CURRENT (1 Hz and at each change) is apart."""
_FIRST_HEARTBEAT_S = 1.0
_DATAGRAM = 1200
_REACHED_AGAIN = 10
GROUND_STATION = 6


class Station:
    """One vehicle on one link."""

    def __init__(self, *, vehicle: Vehicle, epoch_us: int) -> None:
        self.vehicle = vehicle
        self._telemetry = Telemetry(vehicle=vehicle, epoch_us=epoch_us)
        self._packer = Packer(system_id=vehicle.identity.system_id, component_id=1)
        self._attached = [
            Attached(peripheral=one, system_id=vehicle.identity.system_id, first_heartbeat_s=_FIRST_HEARTBEAT_S)
            for one in peripherals(vehicle, epoch_us=epoch_us)
        ]
        self._receiving = Receiving(say=vehicle.say) if vehicle.adsb_fitted else None
        self._origin_told = False
        self._system_id = vehicle.identity.system_id
        self._parser = Parser()
        self._commands = Commands(vehicle=vehicle, rates=self, elsewhere=self._elsewhere)
        self._parameters = ParameterLink(parameters=vehicle.parameters, send=vehicle.outbox.append, say=vehicle.say)
        self._intervals: dict[int, float] = {message_id: 1.0 / hz for message_id, hz in RATES_HZ.items()}
        self._due: list[tuple[float, int, int]] = []
        self._generation: dict[int, int] = dict.fromkeys(self._intervals, 0)
        for message_id in self._intervals:
            start = _FIRST_HEARTBEAT_S if message_id == 0 else 0.4
            heapq.heappush(self._due, (start + message_id * 1e-5, message_id, 0))
        self._mission_seen: tuple[int, int, int, int] | None = None
        self._mission_due_s = 1.0
        self._reached = -1
        self._reached_left = 0

    @property
    def camera(self) -> Camera | None:
        """What films on board, if anything does."""
        found = (each.peripheral for each in self._attached)
        return next((each for each in found if isinstance(each, Camera)), None)

    # Rates (commands.MessageRates) ------------------------------------------------------------------------------------

    def set_interval_us(self, message_id: int, interval_us: float) -> bool:
        """SET_MESSAGE_INTERVAL in simulation time: -1 off, 0 PX4's own rate."""
        if not self.has(message_id) or math.isnan(interval_us):
            return False
        if interval_us < 0:
            interval = math.inf
        elif interval_us == 0:
            interval = 1.0 / RATES_HZ.get(message_id, 1.0)
        else:
            interval = max(interval_us * 1e-6, 0.002)
        if message_id == 42:
            return True
        self._intervals[message_id] = interval
        generation = self._generation.get(message_id, 0) + 1
        self._generation[message_id] = generation
        if interval < math.inf:
            heapq.heappush(self._due, (self.vehicle.sim_s + interval, message_id, generation))
        return True

    def interval_us(self, message_id: int) -> int:
        """GET_MESSAGE_INTERVAL."""
        interval = self._intervals.get(message_id)
        return 0 if interval is None else -1 if interval == math.inf else round(interval * 1e6)

    def has(self, message_id: int) -> bool:
        """Whether the autopilot sends such messages at all."""
        return message_id in self._telemetry.builders or message_id in HOT_MESSAGES

    def send_now(self, message_id: int) -> bool:
        """REQUEST_MESSAGE, to be sent before its acknowledgement."""
        builder = self._telemetry.builders.get(message_id)
        if builder is not None:
            message = builder(self.vehicle, int(self.vehicle.sim_s * 1000))
            if message is None:
                return False
            self.vehicle.outbox.append(message)
            return True
        if message_id in HOT_MESSAGES:
            self._generation[message_id] = generation = self._generation[message_id] + 1
            heapq.heappush(self._due, (self.vehicle.sim_s, message_id, generation))
            return True
        return False

    # In ---------------------------------------------------------------------------------------------------------------

    def receive(self, datagram: bytes) -> list[bytes]:
        """Take a datagram from the ground; what it is answered at once."""
        if self.vehicle.troubles.link_lost:
            return []
        answers: list[bytes] = []
        for message in self._parser.messages(datagram):
            target = getattr(message, "target_system", 0)
            if target not in (0, self.vehicle.identity.system_id):
                continue
            if message.get_type() in ("COMMAND_LONG", "COMMAND_INT"):
                answers += self._command(message)
                continue
            component = getattr(message, "target_component", 0)
            if component in (0, 1):
                self._to_autopilot(message)
            for attached in self._attached:
                if component in (0, 1, attached.peripheral.component_id):
                    attached.peripheral.receive(message)
        return [*answers, *self._answers()]

    def _command(self, message: Any) -> list[bytes]:
        """A command goes to the component that it names; one to everybody to whoever knows it, the autopilot first."""
        command = read(message, (message.get_srcSystem(), message.get_srcComponent()))
        target = message.target_component
        if target in (0, 1) and (target == 1 or self._commands.knows(command)):
            self._commands.receive(command)
            return []
        packed: list[bytes] = []
        heard = False
        for attached in self._attached:
            named = attached.peripheral.component_id == target
            if named or target == 0:
                frames = attached.command(command, addressed=named)
                heard = heard or frames is not None
                packed += frames or []
        if target == 0 and not heard:
            self._commands.receive(command)
        return packed

    def _elsewhere(self, command: Command) -> Result | None:
        """A command to the autopilot that is another component's business: it passes it on and answers for it."""
        for attached in self._attached:
            if command.number != 512 and attached.peripheral.takes(command):
                reply = attached.peripheral.command(command)
                return None if reply is None else reply.result
        return None

    def _to_autopilot(self, message: Any) -> None:
        vehicle = self.vehicle
        sender = (message.get_srcSystem(), message.get_srcComponent())
        kind = message.get_type()
        if kind == "HEARTBEAT":
            if message.type == GROUND_STATION:
                vehicle.heard_ground_station()
        elif kind == "PING":
            if message.target_system == 0 and message.target_component == 0:
                vehicle.outbox.append(mav.MAVLink_ping_message(message.time_usec, message.seq, *sender))
        elif kind == "TIMESYNC":
            if message.tc1 == 0:
                vehicle.outbox.append(mav.MAVLink_timesync_message(int(vehicle.sim_s * 1e9), message.ts1))
        elif kind == "MISSION_SET_CURRENT":
            self._set_current(message.seq)
        elif kind == "SET_MODE":
            self._commands.receive(mode_command(message.base_mode, message.custom_mode, sender))
        elif kind in ("GIMBAL_MANAGER_SET_ATTITUDE", "GIMBAL_MANAGER_SET_PITCHYAW"):
            self._point_gimbal(message, sender)
        elif kind == "FILE_TRANSFER_PROTOCOL":
            vehicle.outbox.append(filetransfer.answer(message, sender))
        elif kind == "OPEN_DRONE_ID_OPERATOR_ID":
            self._telemetry.remote_id.receive(message)
        elif not vehicle.transfer.receive(message, sender, vehicle.client_s):
            self._parameters.receive(message)

    def _set_current(self, index: int) -> None:
        if not self.vehicle.select_item(index):
            self.vehicle.say(2, f"Mission: no item {index}\t")

    def _point_gimbal(self, message: Any, sender: tuple[int, int]) -> None:
        if self.vehicle.gimbal.primary != sender:
            return
        lock = bool(message.flags & 16)
        if message.get_type() == "GIMBAL_MANAGER_SET_PITCHYAW":
            pitch, yaw = message.pitch, message.yaw
        else:
            w, x, y, z = message.q
            if math.isnan(w):
                return
            pitch = math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))
            yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
        self.vehicle.navigator.roi = None
        self.vehicle.gimbal.point(pitch_deg=math.degrees(pitch), yaw_deg=math.degrees(yaw), lock=lock)

    # Out --------------------------------------------------------------------------------------------------------------

    def _answers(self) -> list[bytes]:
        outbox = self.vehicle.outbox
        packed = []
        while outbox:
            message = outbox.popleft()
            packed.append(self._packer.pack(message))
            if message.get_type() == "COMMAND_LONG" and message.confirmation == 0:
                self._pass_on(message)
        return packed

    def _pass_on(self, message: Any) -> None:
        """The autopilot's own broadcast commands reach what is on its link."""
        command = read(message, (self._system_id, 1))
        for attached in self._attached:
            if attached.peripheral.takes(command) and attached.peripheral.command(command) is not None:
                self.vehicle.passing.answered(command.number)

    def collect(self) -> list[bytes]:
        """Every frame due up to the vehicle's present time, in order; none while the link is lost."""
        if self.vehicle.identity.system_id != self._system_id:
            self._become(self.vehicle.identity.system_id)
        self._commands.step()
        packed = self._due_now()
        return [] if self.vehicle.troubles.link_lost else packed

    def _become(self, system_id: int) -> None:
        """Somebody else's aircraft is at this end from now on."""
        self._system_id = system_id
        self._packer = Packer(system_id=system_id, component_id=1)
        for attached in self._attached:
            attached.become(system_id)

    def _due_now(self) -> list[bytes]:
        now = self.vehicle.sim_s
        due = self._due
        packed: list[bytes] = []
        telemetry, packer, vehicle = self._telemetry, self._packer, self.vehicle
        while due and due[0][0] <= now:
            at_s, message_id, generation = due[0]
            if self._generation[message_id] != generation:
                heapq.heappop(due)
                continue
            interval = self._intervals[message_id]
            following = at_s + interval
            heapq.heapreplace(due, (following if following > now - 1.0 else now + interval, message_id, generation))
            hot = HOT_MESSAGES.get(message_id)
            if hot is not None:
                payload = hot.payload(vehicle, at_s)
                if payload:
                    packed.append(packer.hot(message_id, hot.crc_extra, payload))
                continue
            message = telemetry.builders[message_id](vehicle, int(at_s * 1000))
            if message is not None:
                packed.append(packer.pack(message))
        self._parameters.step()
        self._report_mission(packed)
        if self._receiving is not None:
            healthy = vehicle.adsb_healthy and not vehicle.troubles.adsb_silent
            heard = self._receiving.step(now, healthy=healthy, traffic=vehicle.traffic)
            packed += [packer.pack(message) for message in heard]
        if not self._origin_told and vehicle.home_set_s is not None:
            self._origin_told = self.send_now(49)
        packed += self._answers()
        for attached in self._attached:
            packed += attached.collect(now)
        return packed

    def _report_mission(self, packed: list[bytes]) -> None:
        """MISSION_CURRENT at each change and once a second; MISSION_ITEM_REACHED at once and ten times more."""
        vehicle = self.vehicle
        run = vehicle.navigator.mission
        seen = (run.current, len(run.plan), vehicle.mode.custom_mode, run.finished)
        slow = vehicle.sim_s >= self._mission_due_s
        if not slow and seen == self._mission_seen:
            return
        if run.reached != self._reached:
            self._reached = run.reached
            self._reached_left = _REACHED_AGAIN if run.reached >= 0 else 0
            if run.reached >= 0:
                packed.append(self._packer.pack(mav.MAVLink_mission_item_reached_message(run.reached)))
        elif slow and self._reached_left > 0:
            self._reached_left -= 1
            packed.append(self._packer.pack(mav.MAVLink_mission_item_reached_message(self._reached)))
        if slow:
            self._mission_due_s = vehicle.sim_s + 1.0
        if self._mission_seen is not None or slow:
            message = self._telemetry.mission_current(vehicle, int(vehicle.sim_s * 1000))
            packed.append(self._packer.pack(message))
        self._mission_seen = seen


def datagrams(packed: list[bytes]) -> list[bytes]:
    """Frames joined into datagrams of at most 1,200 bytes: what is due together shares one."""
    if len(packed) < 2:
        return packed
    joined: list[bytes] = []
    start, size = 0, 0
    for index, frame in enumerate(packed):
        if size + len(frame) > _DATAGRAM and size:
            joined.append(b"".join(packed[start:index]))
            start, size = index, 0
        size += len(frame)
    joined.append(b"".join(packed[start:]))
    return joined
