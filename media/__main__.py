"""``python -m media``: settings from environment and command line, then `media.app.run`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from kestrel.errors import KestrelError, WrongUsage
from kestrel.logs import configure
from media.settings import MediaSettings

CANNOT_START = 2


def main() -> int:
    """The exit status: 0 asked to stop, 2 could not be done as asked (said in one line)."""
    try:
        settings = MediaSettings.read(**vars(_parser().parse_args()))
    except WrongUsage as error:
        return _refuse(f"settings: {error}")
    configure(level=settings.log_level)
    from media.app import run

    try:
        asyncio.run(run(settings))
    except* KestrelError as group:
        status = _refuse("; ".join(str(error) for error in group.exceptions))
    else:
        status = 0
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kestrel media",
        description="Live video: takes each flight's stream, serves WHEP and WebCodecs viewers, records. Every option "
        "can stand in the environment instead, as KESTREL_ and its name in capitals; more settings only there: see "
        "docs/reference/settings.md.",
    )
    parser.add_argument("--fleet-file", type=Path, help="the fleet: where each aircraft's video arrives")
    parser.add_argument("--api-url", help="the dispatcher's API")
    parser.add_argument("--media-host", help="address to serve on")
    parser.add_argument("--media-port", type=int, help="port to serve on; 0 for any free one")
    parser.add_argument("--media-dir", type=Path, help="where recordings are kept")
    parser.add_argument("--ready-file", type=Path, help="written when it is ready")
    return parser


def _refuse(message: str) -> int:
    sys.stderr.write(f"kestrel media: {message}\n")
    return CANNOT_START


if __name__ == "__main__":
    sys.exit(main())
