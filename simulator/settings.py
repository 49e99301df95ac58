"""What the simulator is started with."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``speed`` None: as the scenario says. ``ready_file`` is written when every socket is bound.

    ``control`` is a loopback address for `simulator.control`; port 0 takes a free one, told in the ready file.
    """

    scenario: Path
    speed: float | None = None
    ready_file: Path | None = None
    control: tuple[str, int] | None = None
    log_level: str = "INFO"


def _speed(text: str) -> float:
    value = float(text)
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError("must be above 0 and at most 100")
    return value


def _control(text: str) -> tuple[str, int]:
    host, separator, port = text.rpartition(":")
    if not separator or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError("must be HOST:PORT, like 127.0.0.1:0")
    if host not in ("127.0.0.1", "localhost", "::1"):
        raise argparse.ArgumentTypeError("must be on the loopback interface: whoever reaches it can crash an aircraft")
    return host, int(port)


def from_arguments(arguments: Sequence[str] | None = None) -> Settings:
    """Read the command line (of this process when None); exits with a usage text on a wrong one."""
    parser = argparse.ArgumentParser(
        prog="kestrel simulator",
        description="Simulated drones (MAVLink over UDP, as PX4 v1.17 speaks it) and docks (Modbus TCP) from a "
        "scenario file, until SIGTERM or Ctrl-C.",
        epilog="Exit status: 0 ended as asked; 2 the scenario is wrong or a port is taken, told with file and line. "
        "The scenario file: docs/reference/scenario.md. Ground stations, scripts, a real PX4, faults, speeds: "
        "docs/simulator.md.",
    )
    parser.add_argument(
        "--scenario", type=Path, required=True, metavar="FILE", help="scenario file (YAML, kestrel.scenario/1)"
    )
    parser.add_argument(
        "--speed",
        type=_speed,
        metavar="FACTOR",
        help="simulation seconds for each second, above 0 and at most 100; default: the scenario's. With MAVSDK in the "
        "loop 10 is safe and 20 works",
    )
    parser.add_argument(
        "--ready-file",
        type=Path,
        metavar="FILE",
        help="written as JSON when every socket is bound: docks, aircraft, and control_port where there is one",
    )
    parser.add_argument(
        "--control",
        type=_control,
        metavar="HOST:PORT",
        help="take faults while running: one JSON object a line over TCP, loopback only; port 0 takes a free one",
    )
    parser.add_argument(
        "--log-level",
        default="INFO",
        choices=["DEBUG", "INFO", "WARNING", "ERROR"],
        help="what is written to standard error (default: %(default)s)",
    )
    given = parser.parse_args(arguments)
    return Settings(
        scenario=given.scenario,
        speed=given.speed,
        ready_file=given.ready_file,
        control=given.control,
        log_level=given.log_level,
    )
