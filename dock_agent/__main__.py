"""``python -m dock_agent --dock cov-1``: one agent. All else comes from KESTREL_... (docs/reference/settings.md)."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from pydantic import ValidationError

from contracts.envelope import first_fault
from dock_agent.app import run
from dock_agent.errors import AgentError
from dock_agent.settings import AgentSettings
from kestrel.errors import KestrelError


def main() -> int:
    """Exit status 0 after a stop that was asked for, 1 for what must be put right first."""
    parser = argparse.ArgumentParser(prog="dock_agent", description="One dock's agent.")
    parser.add_argument("--dock", help="the dock's id in the fleet file")
    parser.add_argument("--fleet-file", type=Path)
    parser.add_argument("--state-dir", type=Path)
    arguments = parser.parse_args()
    try:
        settings = AgentSettings.read(**vars(arguments))
        closed = asyncio.run(run(settings))
    except ValidationError as error:
        sys.stderr.write(f"dock_agent: {first_fault(error)}\n")
        return 1
    except (AgentError, KestrelError) as error:
        sys.stderr.write(f"dock_agent: {error}\n")
        return 1
    if not closed:
        sys.stderr.flush()
        os._exit(0)  # destroying MAVSDK hangs, and so would waiting for it at exit
    return 0


if __name__ == "__main__":
    sys.exit(main())
