"""Missions as MAVLink messages, and the few that launch one: for whoever flies simulated aircraft without MAVSDK."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import development as mav

NAN = math.nan
TAKEOFF, WAYPOINT, CHANGE_SPEED, JUMP = 22, 16, 178, 177
ARM, SET_MODE, MISSION_SUB_MODE = 400, 176, 4
Ask = Callable[[Any], Sequence[Any]]
"""Sends a message and gives what came back at once."""


@dataclass(frozen=True, slots=True)
class Step:
    """One mission item; heights above home."""

    command: int
    lat_deg: float = 0.0
    lon_deg: float = 0.0
    up_m: float = 0.0
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, NAN)


def shuttle(*, lat_deg: float, lon_deg: float, up_m: float = 60.0, speed_m_s: float = 12.0) -> list[Step]:
    """Up, and round a triangle north of here for ever."""
    return [
        Step(TAKEOFF, lat_deg, lon_deg, up_m),
        Step(CHANGE_SPEED, params=(1.0, speed_m_s, -1.0, 0.0)),
        Step(WAYPOINT, lat_deg + 0.005, lon_deg, up_m),
        Step(WAYPOINT, lat_deg + 0.005, lon_deg + 0.005, up_m + 20),
        Step(WAYPOINT, lat_deg + 0.001, lon_deg, up_m),
        Step(JUMP, params=(2.0, -1.0, 0.0, 0.0)),
    ]


def item_message(step: Step, *, seq: int, system_id: int) -> Any:
    """MISSION_ITEM_INT."""
    placed = step.command in (TAKEOFF, WAYPOINT)
    return mav.MAVLink_mission_item_int_message(
        system_id,
        1,
        seq,
        6 if placed else 2,
        step.command,
        int(seq == 0),
        1,
        *step.params,
        round(step.lat_deg * 1e7),
        round(step.lon_deg * 1e7),
        step.up_m,
        0,
    )


def launch(ask: Ask, *, system_id: int, mission: Sequence[Step]) -> None:
    """Upload, arm and start; `AssertionError` when one of them is refused."""
    answers = ask(mav.MAVLink_mission_count_message(system_id, 1, len(mission), 0))
    while answers[-1].get_type() != "MISSION_ACK":
        seq = answers[-1].seq
        answers = ask(item_message(mission[seq], seq=seq, system_id=system_id))
    assert answers[-1].type == 0, "the mission is refused"
    for command in arm_and_start(system_id):
        acks = [each for each in ask(command) if each.get_type() == "COMMAND_ACK"]
        assert acks, "a command is not acknowledged"
        assert acks[0].result == 0, f"command {acks[0].command} is refused"


def arm_and_start(system_id: int) -> list[Any]:
    """The two commands that do."""
    rest = [NAN] * 4
    return [
        mav.MAVLink_command_long_message(system_id, 1, ARM, 0, 1.0, 0.0, NAN, *rest),
        mav.MAVLink_command_long_message(system_id, 1, SET_MODE, 0, 129.0, 4.0, float(MISSION_SUB_MODE), *rest),
    ]
