"""A ground station on the virtual clock: it speaks MAVLink bytes with a simulated aircraft, without sockets."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator.frames import Packer, Parser
from simulator.plan import Cmd
from simulator.scenario import AircraftType, Scenario
from simulator.station import RATES_HZ, Station
from simulator.vehicle import Vehicle
from simulator.world import STEP_S, World

NAN = math.nan
HOME = (52.40, -1.51)
HOME_ALT_AMSL_M = 90.0
METRES_NORTH_DEG = 1 / 111_267.0
METRES_EAST_DEG = 1 / 68_040.0
"""Degrees to a metre at HOME, by WGS84's radii there, good to a metre in ten kilometres."""

QUAD = AircraftType(mass_kg=2.5, battery_wh=180, hover_power_w=270, max_speed_m_s=20, climb_m_s=5, descent_m_s=3)


def scenario(**changes: Any) -> Scenario:
    """A scenario of one dock at HOME; ``changes`` replace top-level fields."""
    dock = {
        "id": "d1",
        "lat_deg": HOME[0],
        "lon_deg": HOME[1],
        "alt_amsl_m": HOME_ALT_AMSL_M,
        "modbus": "127.0.0.1:15021",
        "lid_s": 6,
        "charge_percent_per_min": 2,
        "aircraft": {
            "id": "K1",
            "type": "quad",
            "system_id": 7,
            "uid": "0102030405060708",
            "mavlink": {"bind": "127.0.0.1:14580", "send_to": "127.0.0.1:14540"},
        },
    }
    whole = {
        "schema": "kestrel.scenario/1",
        "name": "one dock",
        "seed": 3,
        "aircraft_types": {"quad": QUAD.model_dump()},
        "docks": [dock],
    }
    return Scenario.model_validate(whole | changes)


def place(north_m: float, east_m: float) -> tuple[float, float]:
    """Degrees of a point so far from HOME."""
    return HOME[0] + north_m * METRES_NORTH_DEG, HOME[1] + east_m * METRES_EAST_DEG


@dataclass(frozen=True, slots=True)
class Item:
    """A mission item to upload; the place is metres north and east of HOME."""

    command: int
    north_m: float = 0.0
    east_m: float = 0.0
    up_m: float = 0.0
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, NAN)
    frame: int = 6


def speed(metres_per_second: float) -> Item:
    """DO_CHANGE_SPEED."""
    return Item(Cmd.CHANGE_SPEED, params=(1.0, metres_per_second, -1.0, 0.0), frame=2)


LAND_START = Item(Cmd.LAND_START, frame=2)


def way_home_mission(*, watch_s: float = 30.0) -> list[Item]:
    """Out to a scene 200 m north, 200 m east; home around the north and west of where the outbound leg went."""
    return [
        Item(Cmd.TAKEOFF, up_m=40),
        speed(12),
        Item(Cmd.WAYPOINT, 200, 0, 40),
        Item(Cmd.WAYPOINT, 200, 200, 40),
        Item(Cmd.LOITER_TIME, 200, 200, 40, params=(watch_s, 0, 0, NAN)),
        LAND_START,
        Item(Cmd.WAYPOINT, 400, 200, 40),
        Item(Cmd.WAYPOINT, 400, -150, 40),
        Item(Cmd.WAYPOINT, 100, -150, 40),
        Item(Cmd.LAND, 0, 0, 0),
    ]


def square_fence(half_m: float) -> list[Item]:
    """An inclusion fence around HOME."""
    corners = [(half_m, -half_m), (half_m, half_m), (-half_m, half_m), (-half_m, -half_m)]
    return [Item(Cmd.FENCE_INCLUSION, n, e, params=(4.0, 0, 0, 0), frame=0) for n, e in corners]


class Ground:
    """One client (245/190) with one aircraft. ``heard`` holds every message, oldest first.

    Streams of more than 1 Hz are slowed to it (they are most of the work) unless ``full_rates``.
    """

    def __init__(self, *, world: World | None = None, lid_open: bool = True, full_rates: bool = False) -> None:
        self.world = world or World(scenario())
        self.dock_id = next(iter(self.world.places))
        self.vehicle: Vehicle = self.world.vehicle(self.dock_id)
        self.station = Station(vehicle=self.vehicle, epoch_us=1_700_000_000_000_000)
        self.heard: list[Any] = []
        self.track: list[tuple[float, float, float]] = []
        """North, east, height once a second."""
        self.heartbeats = True
        self._packer = Packer(system_id=245, component_id=190)
        self._parser = Parser()
        self._heartbeat_s = 0.0
        self._target = (self.vehicle.identity.system_id, 1)
        if not full_rates:
            for message_id in [number for number, hz in RATES_HZ.items() if hz > 1]:
                self.station.set_interval_us(message_id, 1e6)
        if lid_open:
            dock = self.world.places[self.dock_id].dock
            dock.lid_open_wanted = True
            self.run(7.0)

    def _take(self, frames: Sequence[bytes]) -> list[Any]:
        messages = [m for frame in frames for m in self._parser.messages(frame)]
        self.heard += messages
        return messages

    def send(self, message: Any) -> list[Any]:
        """Send a message; what came back at once."""
        return self._take(self.station.receive(self._packer.pack(message)))

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """Let simulation time pass; True as soon as ``until`` holds, False if it did not in this time."""
        for _ in range(round(seconds / STEP_S)):
            if self.heartbeats and self.world.sim_s / self.world.speed >= self._heartbeat_s:
                self._heartbeat_s = self.world.sim_s / self.world.speed + 1.0
                self.send(mav.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))
            self.world.step()
            self._take(self.station.collect())
            if self.world.steps % 50 == 0:
                body = self.vehicle.body
                self.track.append((body.north_m, body.east_m, body.height_m))
            if until is not None and until():
                return True
        return until is None

    def command(self, number: int, *params: float) -> int:
        """COMMAND_LONG; the result of its first ACK."""
        values = [*params, *[NAN] * (7 - len(params))]
        answers = self.send(mav.MAVLink_command_long_message(*self._target, number, 0, *values))
        acks = [m for m in answers if m.get_type() == "COMMAND_ACK" and m.command == number]
        return int(acks[0].result)

    def mode(self, sub: int) -> int:
        """DO_SET_MODE to one of PX4's AUTO modes."""
        return self.command(176, 129, 4, sub)

    def goto(self, north_m: float, east_m: float, alt_amsl_m: float) -> int:
        """Reposition as MAVSDK sends it."""
        lat, lon = place(north_m, east_m)
        message = mav.MAVLink_command_int_message(
            *self._target, 0, 192, 0, 0, NAN, 1, NAN, 0.5, round(lat * 1e7), round(lon * 1e7), alt_amsl_m
        )
        return int(next(m for m in self.send(message) if m.get_type() == "COMMAND_ACK").result)

    def upload(self, items: Sequence[Item], plan_type: int = 0) -> int:
        """Upload a plan; the type of the MISSION_ACK that ends it."""
        answers = self.send(mav.MAVLink_mission_count_message(*self._target, len(items), plan_type))
        while True:
            last = answers[-1]
            if last.get_type() == "MISSION_ACK":
                return int(last.type)
            item = items[last.seq]
            lat, lon = place(item.north_m, item.east_m) if item.frame != 2 else (0.0, 0.0)
            answers = self.send(
                mav.MAVLink_mission_item_int_message(
                    *self._target,
                    last.seq,
                    item.frame,
                    item.command,
                    int(last.seq == 0),
                    1,
                    *item.params,
                    round(lat * 1e7),
                    round(lon * 1e7),
                    item.up_m,
                    plan_type,
                )
            )

    def download(self, plan_type: int = 0) -> list[Any]:
        """Read a plan back."""
        (count,) = self.send(mav.MAVLink_mission_request_list_message(*self._target, plan_type))
        return [
            self.send(mav.MAVLink_mission_request_int_message(*self._target, seq, plan_type))[0]
            for seq in range(count.count)
        ]

    def select(self, index: int) -> None:
        """MISSION_SET_CURRENT."""
        self.send(mav.MAVLink_mission_set_current_message(*self._target, index))

    def set_parameter(self, name: str, value: float, kind: int) -> list[Any]:
        """PARAM_SET with the value as it travels."""
        return self.send(mav.MAVLink_param_set_message(*self._target, name.encode(), value, kind))

    def last(self, kind: str) -> Any:
        """The newest message of this type."""
        return next(m for m in reversed(self.heard) if m.get_type() == kind)

    @property
    def texts(self) -> list[str]:
        """Every STATUSTEXT, its chunks joined."""
        joined: list[str] = []
        for message in self.heard:
            if message.get_type() == "STATUSTEXT":
                if message.chunk_seq:
                    joined[-1] += message.text
                else:
                    joined.append(message.text)
        return joined

    def take_off_on_mission(self, items: Sequence[Item]) -> None:
        """Upload, arm, start, and wait until it is in the air."""
        assert self.upload(items) == 0
        assert self.command(400, 1) == 0
        assert self.mode(4) == 0
        assert self.run(20, until=lambda: not self.vehicle.landed)
