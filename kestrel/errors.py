"""The errors of what all processes share.

KestrelError
├── FileError          a file of ours cannot be read or is wrong: names file, line, field and remedy
├── MqttDisconnected   there is no connection to the broker at this moment
├── NotReady           a process did not become ready in time
├── ProcessFailed      a process ended again and again before it was ever ready
├── NoFreePort         no port could be taken on the loopback interface
├── WrongUsage         options that cannot go together, or a value that makes no sense
├── ApiRefused         the dispatcher's API answered with a problem
└── ApiUnreachable     the dispatcher's API did not answer
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


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
    """A process did not become ready in time; ``tail`` is the end of its log."""

    def __init__(self, name: str, waited_s: float, *, tail: str = "") -> None:
        super().__init__(f"{name} was not ready after {waited_s:.0f} s" + _with_tail(tail))
        self.name = name
        self.waited_s = waited_s


class ProcessFailed(KestrelError):
    """A process ended with ``exit_status`` (negative: by that signal) each time before it was ready."""

    def __init__(self, name: str, exit_status: int, *, tail: str = "") -> None:
        super().__init__(f"{name} ended {how_ended(exit_status)} before it was ready" + _with_tail(tail))
        self.name = name
        self.exit_status = exit_status


class NoFreePort(KestrelError):
    """No port of the range ``first`` to ``last`` could be taken."""

    def __init__(self, *, host: str, first: int, last: int) -> None:
        super().__init__(f"no free port between {first} and {last} on {host}: end what holds them")
        self.host = host
        self.first = first
        self.last = last


class WrongUsage(KestrelError):
    """What was asked for on the command line makes no sense; the text says what would."""


class ApiRefused(KestrelError):
    """The dispatcher's API answered with a problem (RFC 9457): ``status``, ``kind`` (its slug), all of ``problem``."""

    def __init__(self, *, what: str, status: int, problem: Mapping[str, Any]) -> None:
        title = problem.get("title") or "no reason given"
        detail = f": {problem['detail']}" if problem.get("detail") else ""
        super().__init__(f"{what}: {status} {title}{detail}")
        self.what = what
        self.status = status
        self.problem = problem
        self.kind = str(problem.get("type", "")).rsplit("/", 1)[-1]


class ApiUnreachable(KestrelError):
    """The dispatcher's API did not answer within the patience for it."""


def how_ended(exit_status: int | None) -> str:
    """An exit status in words: negative is the signal that ended the process."""
    if exit_status is None:
        return "somehow"
    return f"by signal {-exit_status}" if exit_status < 0 else f"with status {exit_status}"


def _with_tail(tail: str) -> str:
    return f"; the end of its log:\n{tail}" if tail else ""
