"""``python -m dispatcher``: settings from environment and command line, then `dispatcher.app.run`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from pathlib import Path

from dispatcher.settings import DispatcherSettings
from kestrel.errors import KestrelError, WrongUsage
from kestrel.logs import configure
from kestrel.stopping import until_asked_to_stop

CANNOT_START = 2


def main() -> int:
    """The exit status: 0 asked to stop, 2 could not be done as asked (said in one line)."""
    try:
        settings = DispatcherSettings.read(**vars(_parser().parse_args()))
    except WrongUsage as error:
        return _refuse(f"settings: {error}")
    configure(level=settings.log_level)
    # What is imported and replayed stays: while it grows, the collector would only walk over it again and again.
    gc.disable()
    from dispatcher.app import run
    from dispatcher.journal.errors import JournalError

    try:
        asyncio.run(run(settings, until=_until_asked_to_stop))
    except* (KestrelError, JournalError) as group:
        return_code = _refuse("; ".join(str(error) for error in _leaves(group)))
    else:
        return_code = 0
    return return_code


async def _until_asked_to_stop() -> None:
    """Ready: what is there now is for life, and the collector looks at what comes from here on."""
    gc.freeze()
    gc.enable()
    await until_asked_to_stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kestrel dispatcher",
        description="Decides, records and serves the API. Every option can stand in the environment instead, as "
        "KESTREL_ and its name in capitals; more settings only there: see docs/reference/settings.md.",
    )
    parser.add_argument("--fleet-file", type=Path, help="the fleet: force, docks, aircraft, limits")
    parser.add_argument("--database-url", help="sqlite:///file.db or postgresql://user@host/database")
    parser.add_argument("--http-host", help="address to serve on")
    parser.add_argument("--http-port", type=int, help="port to serve on; 0 for any free one")
    parser.add_argument("--mqtt-host", help="host of the MQTT broker")
    parser.add_argument("--mqtt-port", type=int, help="port of the MQTT broker")
    parser.add_argument("--ready-file", type=Path, help="written when it is ready")
    return parser


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    leaves: list[BaseException] = []
    for error in group.exceptions:
        leaves.extend(_leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    return leaves


def _refuse(message: str) -> int:
    sys.stderr.write(f"kestrel dispatcher: {message}\n")
    return CANNOT_START


if __name__ == "__main__":
    sys.exit(main())
