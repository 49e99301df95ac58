"""The client's side of a session said again to the simulator, on the virtual clock."""

from __future__ import annotations

import math

from simulator.world import World
from tests.unit.simulator.ground import QUAD, Ground, scenario
from tests.unit.simulator.recording import Line, Session, line_of, message_of, milestones

_ACCELERATION_M_S2 = 1.7
"""As the recorded aircraft speeds up and slows down."""
_AT_ONCE_S = 0.25
"""A client that goes on so soon does not wait for anything but the answers."""
_PATIENCE_S = 90.0
_LOOK_S = 0.5
_SLICE_S = 0.1
_KEPT_UP_BY_THE_GROUND = ("HEARTBEAT", "PING")
_STEPS = ("STATUSTEXT", "MISSION_ITEM_REACHED", "EXTENDED_SYS_STATE", "HEARTBEAT")


def bare(session: Session) -> World:
    """A world with the recorded aircraft in it: nothing on board but the autopilot, at the recorded home.

    It flies as fast as the recorded one was ever seen to fly (SIH's drag holds it below what it is told).
    """
    lat, lon, alt = session.home
    fastest = max(math.hypot(line["vx"], line["vy"]) for line in session.answered if line["m"] == "GLOBAL_POSITION_INT")
    kind = QUAD.model_dump() | {"payload": {"gimbal": False, "camera": False}, "max_speed_m_s": fastest / 100}
    docks = scenario().model_dump(by_alias=True)["docks"]
    docks[0] |= {"lat_deg": lat, "lon_deg": lon, "alt_amsl_m": alt}
    docks[0]["aircraft"]["system_id"] = session.system_id
    world = World(scenario(docks=docks, aircraft_types={"quad": kind}))
    world.vehicle("d1").parameters.set("MPC_ACC_HOR", _ACCELERATION_M_S2)
    return world


class Replay:
    """``heard`` is all that the simulator's autopilot said since the client's first line, in the recording's shape.

    A client acts on what it sees. So each of its lines is said as long after the last step of the flight (or its own
    last line) as it was recorded, once as many steps were seen as had been recorded before it: a simulated flight that
    is a little faster or slower gets the same requests in the same situations.
    """

    def __init__(self, session: Session, *, full_rates: bool = False) -> None:
        self.session = session
        self.ground = Ground(world=bare(session), lid_open=False, full_rates=full_rates)
        self.ground.heartbeats = False
        self.heard: list[Line] = []
        self._steps: list[Line] = []
        self._kept = len(self.ground.heard)

    def run(self) -> list[Line]:
        """All of it."""
        session, ground = self.session, self.ground
        asked = [
            line
            for index, line in enumerate(session.asked)
            if line["m"] not in _KEPT_UP_BY_THE_GROUND or self._first(index)
        ]
        began = asked[0]["t"]
        steps = milestones([line for line in session.answered if line["t"] >= began])
        dock = ground.world.places[ground.dock_id].dock
        dock.lid_open_wanted = True
        ground.run(began)
        self._kept = len(ground.heard)
        before = began
        for line in asked:
            if line["t"] - before < _AT_ONCE_S:
                self._wait(line["t"] - before)
            else:
                seen = [step for step in steps if step[0] < line["t"]]
                self._until(len(seen))
                self._wait(line["t"] - max([before, *(at for at, _ in seen[-1:])]))
            before = line["t"]
            ground.send(message_of(line))
            self._take()
            if line["m"] == "HEARTBEAT":
                ground.heartbeats = True
        self._until(len(steps))
        self._wait(session.lines[-1]["t"] - max(before, steps[-1][0]))
        return self.heard

    def _first(self, index: int) -> bool:
        asked = self.session.asked
        return asked[index]["m"] == "HEARTBEAT" and all(line["m"] != "HEARTBEAT" for line in asked[:index])

    def _wait(self, seconds: float) -> None:
        for _ in range(int(seconds / _SLICE_S)):
            self.ground.run(_SLICE_S)
            self._take()
        self.ground.run(seconds % _SLICE_S)
        self._take()

    def _until(self, count: int) -> None:
        """Until so many steps of the flight were seen; not for ever, for then the comparison tells what is missing."""
        for _ in range(round(_PATIENCE_S / _LOOK_S)):
            if len(milestones(self._steps)) >= count:
                return
            self._wait(_LOOK_S)

    def _take(self) -> None:
        at_s = self.ground.world.sim_s
        new = self.ground.heard[self._kept :]
        self._kept = len(self.ground.heard)
        for message in new:
            if message.get_srcComponent() == 1:
                line = line_of(message, at_s)
                self.heard.append(line)
                if line["m"] in _STEPS:
                    self._steps.append(line)
