"""JSON from strangers: read strictly, with every fault located. Python's reader alone takes too much.

Not taken: anything but UTF-8, NaN and infinities (also as an overflowing number), whole numbers past 64 bits, text that
is not Unicode (lone surrogates), a name twice in one object, and nesting past `MAX_DEPTH`.
"""

from __future__ import annotations

import json
import math
from collections import deque
from typing import Any

from dispatcher.errors import DispatcherError, Invalid
from dispatcher.pointer import MAX_FAULTS, pointer_of

MAX_DEPTH = 64
_MAX_INT = 2**63 - 1


class NotJson(DispatcherError):
    """The bytes are not a JSON text."""

    status = 400
    slug = "not-json"
    title = "The body is not JSON"


class _Repeating(dict[str, Any]):
    """An object that had a name more than once."""

    repeated: str


def read_document(body: bytes) -> Any:
    """The value of a JSON text; raises `NotJson`, or `Invalid` with a pointer to each fault."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is not UTF-8") from None
    try:
        value = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise NotJson(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise NotJson("a number has too many digits") from None
    faults = _faults(value)
    if faults:
        first = faults[0]
        where = first["pointer"].lstrip("/") or "document"
        raise Invalid(f"{where}: {first['detail']}", errors=faults)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    repeating = _Repeating(plain)
    seen: set[str] = set()
    repeating.repeated = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return repeating


def _faults(value: Any) -> list[dict[str, str]]:
    faults: list[dict[str, str]] = []
    waiting: deque[tuple[tuple[str | int, ...], Any]] = deque([((), value)])
    while waiting and len(faults) < MAX_FAULTS:
        path, item = waiting.popleft()
        if len(path) > MAX_DEPTH:
            raise _too_deep()
        if isinstance(item, dict):
            if isinstance(item, _Repeating):
                faults.append(_fault((*path, item.repeated), "stands more than once: give it once"))
            faults.extend(_fault(path, "has a name that is not Unicode text") for name in item if not _is_text(name))
            waiting.extend(((*path, name), inner) for name, inner in item.items() if _is_text(name))
        elif isinstance(item, list):
            waiting.extend(((*path, index), inner) for index, inner in enumerate(item))
        elif isinstance(item, float) and not math.isfinite(item):
            faults.append(_fault(path, "must be a finite number"))
        elif isinstance(item, int) and abs(item) > _MAX_INT:
            faults.append(_fault(path, "is too large a number"))
        elif isinstance(item, str) and not _is_text(item):
            faults.append(_fault(path, "is not Unicode text: it holds half a character"))
    return faults


def _fault(path: tuple[str | int, ...], detail: str) -> dict[str, str]:
    # A name may itself be broken; what is repeated to the sender must be text.
    pointer = pointer_of(path).encode("utf-8", "replace").decode()
    return {"pointer": pointer, "detail": detail}


def _too_deep() -> Invalid:
    return Invalid.field("", f"is nested deeper than {MAX_DEPTH} levels")


def _is_text(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
