"""Recorded emergency calls from a CSV file, every line checked as if a stranger had written it.

Six columns without a header: latitude, longitude, ``KIND: type``, time ``YYYY-MM-DD HH:MM``, township, cross streets.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from kestrel.errors import FileError

COLUMNS = ("lat_deg", "lon_deg", "type", "time", "township", "streets")
TIME_FORMAT = "%Y-%m-%d %H:%M"
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_LINE_CHARACTERS = 2000
MAX_TEXT_CHARACTERS = 200
MAX_FAULTS_SAID = 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One recorded call; ``recorded_at`` is the file's local time, which is all it says."""

    line: int
    lat_deg: float
    lon_deg: float
    kind: str
    what: str
    recorded_at: datetime
    township: str
    streets: str


def read_calls(path: Path) -> list[Call]:
    """All calls in the file's order; raises `FileError` naming the first lines and columns that are wrong."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise FileError(path, f"larger than {MAX_FILE_BYTES} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileError(path, "no such file") from None
    except UnicodeDecodeError as error:
        raise FileError(path, f"not UTF-8 text: byte {error.start}") from None
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}") from None
    calls: list[Call] = []
    faults: list[FileError] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            calls.append(_read_line(path, number, line.removesuffix("\r")))
        except FileError as fault:
            faults.append(fault)
            if len(faults) == MAX_FAULTS_SAID:
                break
    if faults:
        first, *others = faults
        problem = "\n".join([first.problem, *(str(fault) for fault in others)])
        raise FileError(path, problem, line=first.line, field=first.field)
    if not calls:
        raise FileError(path, "holds no call")
    return calls


def gaps_s(calls: list[Call], *, cap_s: float) -> Iterator[float]:
    """Seconds to wait before each call: as recorded, at most ``cap_s``; none before the first or after a step back."""
    previous: datetime | None = None
    for call in calls:
        waited = 0.0 if previous is None else (call.recorded_at - previous).total_seconds()
        yield min(max(waited, 0.0), cap_s)
        previous = call.recorded_at


def _read_line(path: Path, number: int, line: str) -> Call:
    def wrong(problem: str, field: str = "") -> FileError:
        return FileError(path, problem, line=number, field=field)

    if len(line) > MAX_LINE_CHARACTERS:
        raise wrong(f"longer than {MAX_LINE_CHARACTERS} characters")
    try:
        (cells,) = csv.reader([line], strict=True)
    except (csv.Error, ValueError) as error:
        raise wrong(f"not a line of CSV: {error}") from None
    if len(cells) != len(COLUMNS):
        raise wrong(f"{len(cells)} columns where {len(COLUMNS)} are needed: {', '.join(COLUMNS)}")
    cells_by_name = dict(zip(COLUMNS, cells, strict=True))

    def cell(field: str, read: Callable[[str], T]) -> T:
        try:
            return read(cells_by_name[field].strip())
        except ValueError as error:
            raise wrong(str(error), field) from None

    kind, what = cell("type", _kind_and_what)
    return Call(
        line=number,
        lat_deg=cell("lat_deg", lambda text: _degrees(text, 90.0)),
        lon_deg=cell("lon_deg", lambda text: _degrees(text, 180.0)),
        kind=kind,
        what=what,
        recorded_at=cell("time", _time),
        township=cell("township", _text),
        streets=cell("streets", _text),
    )


def _degrees(text: str, limit: float) -> float:
    try:
        value = float(text) if len(text) <= 40 and text.isascii() else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError("not a number of degrees")
    if abs(value) > limit:
        raise ValueError(f"{value:g} is outside -{limit:g} to {limit:g}")
    return value


def _time(text: str) -> datetime:
    try:
        return datetime.strptime(text, TIME_FORMAT)  # noqa: DTZ007 - the file gives local time without a zone
    except ValueError:
        raise ValueError("not a time like 2016-01-15 12:01") from None


def _text(text: str) -> str:
    if len(text) > MAX_TEXT_CHARACTERS:
        raise ValueError(f"longer than {MAX_TEXT_CHARACTERS} characters")
    if not text.isprintable():
        raise ValueError("holds characters that cannot be printed")
    return text


def _kind_and_what(text: str) -> tuple[str, str]:
    kind, colon, what = _text(text).partition(":")
    what = what.strip().removesuffix("-").strip()
    if not colon or not kind.strip() or not what:
        raise ValueError("not of the form KIND: type")
    return kind.strip(), what
