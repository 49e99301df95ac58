"""Commands that the autopilot's navigator gives to the other components: broadcast, and again until one answers.

As recorded from PX4 1.17: the first copy at once, three more after 1.0, 1.5 and 2.0 s, counted in ``confirmation``.
What PX4's own gimbal manager answers (a pitch and yaw, a release) goes out once.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import development as mav

_AGAIN_S = (1.0, 1.5, 2.0)
_GIMBAL_AFTER_S = 0.26
_LEAVE = -1.0
_RELEASE = -3.0
_NEUTRAL = 2.0
_NAN = math.nan
TRIGGER_CONTROL, GIMBAL_PITCHYAW, GIMBAL_CONFIGURE = 2003, 1000, 1001

Params = tuple[float, float, float, float, float, float, float]


class Passing:
    """``send`` takes messages; ``system_id`` says whose; times are simulation time."""

    def __init__(self, *, send: Callable[[Any], None], system_id: Callable[[], int]) -> None:
        self._send = send
        self._system_id = system_id
        self._due: list[tuple[float, int, int, Params, int]] = []
        self._count = 0

    def command(self, number: int, params: Params, sim_s: float, *, after_s: float = 0.0, once: bool = False) -> None:
        """Broadcast one command."""
        for confirmation, later_s in enumerate((0.0,) if once else (0.0, *_AGAIN_S)):
            self._count += 1
            heapq.heappush(self._due, (sim_s + after_s + later_s, self._count, number, params, confirmation))
        self.step(sim_s)

    def stop_camera(self, sim_s: float) -> None:
        """What PX4 says when a mission is left: no more pictures."""
        self.command(TRIGGER_CONTROL, (-1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0), sim_s)

    def neutral_gimbal(self, sim_s: float) -> None:
        """Take the gimbal, put it to its neutral attitude, let it go."""
        own = float(self._system_id())
        for number, params, once in (
            (GIMBAL_CONFIGURE, (own, 1.0, _LEAVE, _LEAVE, 0.0, 0.0, 0.0), False),
            (GIMBAL_PITCHYAW, (_NAN, _NAN, _NAN, _NAN, _NEUTRAL, 0.0, 0.0), True),
            (GIMBAL_CONFIGURE, (_RELEASE, _RELEASE, _LEAVE, _LEAVE, 0.0, 0.0, 0.0), True),
        ):
            self.command(number, params, sim_s, after_s=_GIMBAL_AFTER_S, once=once)

    def answered(self, number: int) -> None:
        """A component has taken this command: it is not sent again."""
        self._due = [entry for entry in self._due if entry[2] != number or entry[4] == 0]
        heapq.heapify(self._due)

    def step(self, sim_s: float) -> None:
        """Send what is due."""
        while self._due and self._due[0][0] <= sim_s:
            _, _, number, params, confirmation = heapq.heappop(self._due)
            self._send(mav.MAVLink_command_long_message(self._system_id(), 0, number, confirmation, *params))
