"""The order of options: soonest on scene first, then the least energy, then the dock's name.

Figures are compared in whole steps of the unit in which they are shown, never as raw floats: two options that read the
same on the screen are a tie, and the same tie on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol, TypeVar

from geo.errors import RankingError

TIME_STEP_S = 0.1
ENERGY_STEP_WH = 0.1


class Rankable(Protocol):
    """What an option must say to be ranked."""

    @property
    def dock_id(self) -> str:
        """Unique among the options; the last word in a tie."""

    @property
    def time_to_scene_s(self) -> float:
        """Seconds until it is on scene."""

    @property
    def energy_wh(self) -> float:
        """Energy that the flight uses."""


RankKey = tuple[int, int, str]
"""Steps of time, steps of energy, dock id."""
R = TypeVar("R", bound=Rankable)


def steps(value: float, step: float, field: str) -> int:
    """Whole steps nearest to a value (halves up); raises `RankingError` for what is not finite."""
    if not math.isfinite(value):
        raise RankingError(field, value)
    return math.floor(round(value / step, 6) + 0.5)


def rank_key(option: Rankable) -> RankKey:
    """The exact key by which options are ordered."""
    return (
        steps(option.time_to_scene_s, TIME_STEP_S, "time_to_scene_s"),
        steps(option.energy_wh, ENERGY_STEP_WH, "energy_wh"),
        option.dock_id,
    )


def ranked(options: Iterable[R]) -> list[R]:
    """The options, best first, whatever order they came in."""
    return sorted(options, key=rank_key)
