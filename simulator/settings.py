"""What the simulator is started with."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``speed`` None: as the scenario says. ``ready_file`` is written when every socket is bound."""

    scenario: Path
    speed: float | None = None
    ready_file: Path | None = None
    log_level: str = "INFO"


def _speed(text: str) -> float:
    value = float(text)
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError("must be above 0 and at most 100")
    return value


def from_arguments(arguments: Sequence[str] | None = None) -> Settings:
    """Read the command line (of this process when None); exits with a usage text on a wrong one."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--scenario", type=Path, required=True, help="scenario file (YAML, kestrel.scenario/1)")
    parser.add_argument("--speed", type=_speed, help="simulation seconds for each second; default: the scenario's")
    parser.add_argument("--ready-file", type=Path, help="written as JSON when every socket is bound")
    parser.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    given = parser.parse_args(arguments)
    return Settings(scenario=given.scenario, speed=given.speed, ready_file=given.ready_file, log_level=given.log_level)
