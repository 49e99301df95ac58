"""``python -m dock_agent --dock cov-1``: one agent. All else comes from KESTREL_... (docs/reference/settings.md)."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from dock_agent.app import run
from dock_agent.errors import AgentError
from dock_agent.settings import AgentSettings
from kestrel.errors import KestrelError

CANNOT_START = 2


def main() -> int:
    """The exit status: 0 asked to stop, 2 could not be done as asked (said in one line)."""
    parser = argparse.ArgumentParser(
        prog="kestrel dock-agent",
        description="One dock's agent. Every option can stand in the environment instead, as KESTREL_ and its name in "
        "capitals; more settings only there: see docs/reference/settings.md.",
    )
    parser.add_argument("--dock", help="the dock's id in the fleet file")
    parser.add_argument("--fleet-file", type=Path, help="the fleet: what this dock is, and its limits")
    parser.add_argument("--state-dir", type=Path, help="where it keeps what it must not forget")
    arguments = parser.parse_args()
    try:
        settings = AgentSettings.read(**vars(arguments))
        closed = asyncio.run(run(settings))
    except (AgentError, KestrelError) as error:
        sys.stderr.write(f"kestrel dock-agent: {error}\n")
        return CANNOT_START
    if not closed:
        sys.stderr.flush()
        os._exit(0)  # destroying MAVSDK hangs, and so would waiting for it at exit
    return 0


if __name__ == "__main__":
    sys.exit(main())
