"""The bytes of a JSON document as a value, within bounds, whatever byte-order mark or encoding it came with."""

from __future__ import annotations

import json
from typing import Any

from geo.airspace.errors import DocumentRefused
from geo.airspace.finding import Notes

MOST_BYTES = 32 * 1024 * 1024


def check_size(data: bytes) -> None:
    """Raises `DocumentRefused` for what is larger than anything an authority publishes."""
    if len(data) > MOST_BYTES:
        raise DocumentRefused(f"it is larger than the {MOST_BYTES // 1024 // 1024} MiB that are read")
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise DocumentRefused("it is empty")


def parse_json(data: bytes, notes: Notes) -> Any:
    """The value of UTF-8, UTF-16 or UTF-32 JSON, with a byte-order mark or without. Raises `DocumentRefused`."""
    check_size(data)
    try:
        return json.loads(_decoded(data, notes), parse_constant=_no_number)
    except json.JSONDecodeError as wrong:
        if wrong.pos == 0:
            raise DocumentRefused("it is neither JSON nor XML") from None
        raise DocumentRefused(f"it is not JSON: line {wrong.lineno}, column {wrong.colno}: {wrong.msg}") from None
    except DocumentRefused:
        raise
    except ValueError:
        # The interpreter itself refuses whole numbers of thousands of digits.
        raise DocumentRefused("a number in it has too many digits to be read") from None
    except RecursionError:
        raise DocumentRefused("it is nested too deeply") from None


def _decoded(data: bytes, notes: Notes) -> str:
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        if encoding not in {"utf-8", "utf-8-sig"}:
            raise DocumentRefused(f"its text is no {encoding.upper()}") from None
    notes.assumed("its text is no UTF-8: read as Windows-1252")
    return data.decode("cp1252", errors="replace")


def _no_number(_: str) -> None:
    """NaN and Infinity, which JSON has not: nothing, so that what they stand for is told as missing."""
