"""A loudspeaker with stored announcements, of types that have one.

MAVLink has tunes but no announcements: playing one is MAV_CMD_USER_1 (31010) with its number (0 stops), answered like
any command; the number being played is told in NAMED_VALUE_INT ``SPEAKER``. Tunes (PLAY_TUNE) are played too.
"""

from __future__ import annotations

from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator.command import Command, Result, whole
from simulator.peripheral import Reply

COMPONENT = 25
_PLAY = 31_010
_ANNOUNCEMENTS = 99
_LASTS_S = 8.0
_STATUS_S = 1.0


class Speaker:
    """``playing`` is the number of an announcement, 0 none; ``tune`` the last tune asked for."""

    component_id = COMPONENT

    def __init__(self) -> None:
        self.playing = 0
        self.tune = ""
        self._until_s = 0.0
        self._now_s = 0.0
        self._status_s = 1.0

    def heartbeat(self) -> Any:
        """HEARTBEAT of an onboard controller."""
        return mav.MAVLink_heartbeat_message(18, 8, 0, 0, 4, 3)

    def takes(self, command: Command) -> bool:
        """Playing an announcement."""
        return command.number == _PLAY

    def command(self, command: Command) -> Reply:
        """Play, or stop playing."""
        number = whole(command.params[0], -1)
        if not 0 <= number <= _ANNOUNCEMENTS:
            return Reply(Result.DENIED)
        self.playing = number
        self._until_s = self._now_s + _LASTS_S
        self._status_s = self._now_s
        return Reply(Result.ACCEPTED)

    def receive(self, message: Any) -> None:
        """PLAY_TUNE."""
        if message.get_type() == "PLAY_TUNE":
            self.tune = f"{message.tune}{message.tune2}"

    def due(self, sim_s: float) -> list[Any]:
        """What it plays, once a second and at each change."""
        self._now_s = sim_s
        if self.playing and sim_s >= self._until_s:
            self.playing = 0
            self._status_s = sim_s
        if sim_s < self._status_s:
            return []
        self._status_s = sim_s + _STATUS_S
        return [mav.MAVLink_named_value_int_message(int(sim_s * 1000), b"SPEAKER", self.playing)]
