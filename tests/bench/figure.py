"""A figure: a name, a unit, and how it is measured on the real thing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

Say = Callable[[str], None]
"""Takes a line of progress for whoever waits."""

NO_TERMS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came out, in the figure's unit: one number a round, ours and the rival's (empty where there is none)."""

    ours: tuple[float, ...]
    rival: tuple[float, ...] = ()
    terms: Mapping[str, float] = field(default_factory=lambda: NO_TERMS)
    """Durations that a bar may refer to by its ``plus``, in the figure's unit."""


Measure = Callable[[Path, Say], Awaitable[Measured]]
"""Takes an empty folder for what it needs on the disk. Raises `MeasurementFailed`, or anything else that went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row to be. ``about`` says in a phrase what is measured."""

    name: str
    unit: str
    about: str
    measure: Measure
