"""A file of METARs and TAFs that something else on this machine keeps fresh: looked at again and again.

A file that has not changed is not read; a report in it that cannot be read is told once, and the others are taken.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from dispatcher.events import WeatherReport
from dispatcher.feeds.aviation import NotAReport, read_report, split_reports
from kestrel.clock import Clock

log = logging.getLogger(__name__)

ACTOR = "file:weather"
MOST_BYTES = 256 * 1024
LOOK_EACH_S = 15.0
"""Wall seconds."""


class Taker(Protocol):
    """Who journals reports."""

    async def take_reports(self, actor: str, reports: Sequence[WeatherReport]) -> int: ...


class WeatherFile:
    """Remembers what it has read and what it has told."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._seen: tuple[int, int] | None = None
        self._told: set[str] = set()

    async def look(self, desk: Taker) -> int:
        """Take what is new; how many reports that was."""
        found = await asyncio.to_thread(self._read)
        if found is None:
            return 0
        stamp, text = found
        reports, wrong = await asyncio.to_thread(_understood, text, self._clock.mission_now())
        for report, why in wrong.items():
            if report not in self._told:
                log.warning("a weather report cannot be used", extra={"report": report[:80], "because": why})
        self._told = set(wrong)
        taken = await desk.take_reports(ACTOR, reports)
        self._seen = stamp
        return taken

    def _read(self) -> tuple[tuple[int, int], str] | None:
        try:
            now = self._path.stat()
            stamp = (now.st_mtime_ns, now.st_size)
            if stamp == self._seen:
                return None
            with self._path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as wrong:
            self._tell(f"cannot be read: {wrong.strerror}")
            return None
        if len(data) > MOST_BYTES:
            self._tell(f"is larger than {MOST_BYTES // 1024} KB")
            return None
        return stamp, data.decode("ascii", errors="replace")

    def _tell(self, problem: str) -> None:
        if problem not in self._told:
            log.warning("the weather file %s", problem, extra={"path": str(self._path)})
            self._told.add(problem)


def _understood(text: str, now: datetime) -> tuple[list[WeatherReport], dict[str, str]]:
    reports: list[WeatherReport] = []
    wrong: dict[str, str] = {}
    for report in split_reports(text):
        try:
            reports.append(read_report(report, now=now))
        except NotAReport as why:
            wrong[report] = str(why)
    return reports, wrong
