"""``python -m simulator --scenario FILE``: run a simulated world until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import sys

from kestrel.errors import FileError
from simulator.app import run
from simulator.errors import SimulatorError
from simulator.settings import from_arguments


def main() -> int:
    """Exit status 0 after SIGTERM or SIGINT, 2 when the scenario or a port is wrong (said on standard error)."""
    settings = from_arguments()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Peers that leave before their answer are no fault, and it dumps each; `simulator.dockserver` says what is one.
    logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
    try:
        asyncio.run(run(settings))
    except (FileError, SimulatorError) as problem:
        sys.stderr.write(f"simulator: {problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
