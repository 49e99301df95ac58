"""Values of loosely written documents: what is there as the wanted type, or None, never an exception."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def text(value: object) -> str | None:
    """Text without what a terminal would act on, stripped; numbers as text; of translations the English or the first.

    ``null`` and empty text are None. ED-318 writes texts as a list of ``{"text": ..., "lang": ...}``.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return f"{value:.15g}" if isinstance(value, float) or abs(value) < 10**15 else "a large number"
    if isinstance(value, str):
        clean = value.strip()
        if not clean.isprintable():
            clean = "".join(char if char.isprintable() or char == "\n" else " " for char in clean).strip()
        return clean or None
    if isinstance(value, list):
        return _translated(value)
    if isinstance(value, dict):
        return text(value.get("text")) if isinstance(value.get("text"), str) else None
    return None


def _translated(values: Sequence[object]) -> str | None:
    texts = [value for value in values if isinstance(value, dict) and isinstance(value.get("text"), str)]
    english = [value for value in texts if str(value.get("lang", "")).lower().startswith("en")]
    for value in [*english, *texts]:
        if found := text(value["text"]):
            return found
    plain = [found for value in values if isinstance(value, str) and (found := text(value))]
    return "; ".join(plain) or None


def number(value: object) -> float | None:
    """A finite number, also where it is written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def mapping(value: object) -> Mapping[str, Any]:
    """An object of the document, empty where there is none."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Sequence[Any]:
    """A list of the document; a single value is a list of one, null is an empty one."""
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def word(value: object) -> str:
    """A keyword in capitals; empty where there is none."""
    return (text(value) or "").upper()


def called(*values: object) -> str:
    """The first of several values that is a text, fit for a list of names; empty where none is."""
    return next((short(value) for value in values if text(value)), "")


def short(value: object, most: int = 60) -> str:
    """A value of the document, fit to be quoted in a reason."""
    shown = text(value) if not isinstance(value, dict | list) else type(value).__name__
    shown = (shown or "nothing").replace("\n", " ")
    return shown if len(shown) <= most else shown[: most - 1] + "…"
