"""The errors of what all processes share.

KestrelError
├── FileError          a file of ours cannot be read or is wrong: names file, line, field and remedy
├── MqttDisconnected   there is no connection to the broker at this moment
└── NotReady           a process did not become ready in time
"""

from __future__ import annotations

from pathlib import Path


class KestrelError(Exception):
    """Base of all errors of this package; its text is fit for the person at the terminal."""


class FileError(KestrelError):
    """A file that cannot be used: ``path``, ``line`` (from 1, or None), ``field`` (dotted, or empty), ``problem``."""

    def __init__(self, path: Path, problem: str, *, line: int | None = None, field: str = "") -> None:
        where = f"{path}:{line}" if line is not None else str(path)
        super().__init__(f"{where}: {field + ': ' if field else ''}{problem}")
        self.path = path
        self.line = line
        self.field = field
        self.problem = problem


class MqttDisconnected(KestrelError):
    """There is no connection to the broker; what must not be lost stays in its outbox."""


class NotReady(KestrelError):
    """A process did not become ready in time."""

    def __init__(self, name: str, waited_s: float) -> None:
        super().__init__(f"{name} was not ready after {waited_s:.0f} s")
        self.name = name
        self.waited_s = waited_s
