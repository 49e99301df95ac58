"""Holds a document against `eido_shapes`: every fault with its JSON pointer, so that all can be mended at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dispatcher.feeds.eido_shapes import COMPONENTS, DOCUMENT, INSTANT, Component, Kind, ListOf, Value
from dispatcher.pointer import MAX_FAULTS, pointer_of

Path = tuple[str | int, ...]
Fault = dict[str, str]


def faults_of(document: Any) -> list[Fault]:
    """``{pointer, detail}`` of each fault, in the order of the table; empty for a document of the right shape."""
    faults: list[Fault] = []
    for fault in _check((), DOCUMENT, document):
        faults.append(fault)
        if len(faults) == MAX_FAULTS:
            break
    return faults


def instant_of(text: str) -> datetime | None:
    """The moment of an RFC 3339 text with its offset; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and "T" in text.upper() else None


def _check(path: Path, wanted: Value, value: Any) -> Iterator[Fault]:
    if isinstance(wanted, Component):
        yield from _check_component(path, wanted, value)
    elif isinstance(wanted, ListOf):
        if not isinstance(value, list):
            yield _fault(path, "must be a list")
            return
        if len(value) < wanted.least:
            yield _fault(path, f"must have at least {wanted.least} entry")
        for index, item in enumerate(value):
            yield from _check((*path, index), wanted.item, item)
    else:
        yield from _check_kind(path, wanted, value)


def _check_component(path: Path, wanted: Component, value: Any) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield _fault(path, "must be an object")
        return
    shape = COMPONENTS[wanted.name]
    for name in sorted(shape.required - value.keys()):
        yield _fault((*path, name), f"is missing: {_KNOWN_AS.get(name, 'the standard asks for it')}")
    for name, kind in shape.fields.items():
        if name in value:
            yield from _check((*path, name), kind, value[name])


def _check_kind(path: Path, wanted: Kind, value: Any) -> Iterator[Fault]:
    if wanted.name == "anything":
        return
    if wanted.name == "yes or no":
        if not isinstance(value, bool):
            yield _fault(path, "must be true or false")
    elif wanted.name == "whole number":
        if not isinstance(value, int) or isinstance(value, bool) or not -(2**31) <= value < 2**31:
            yield _fault(path, "must be a whole number of 32 bits")
    elif not isinstance(value, str):
        yield _fault(path, "must be text, in quotes")
    elif wanted.choices and value not in wanted.choices:
        yield _fault(path, f"must be one of: {', '.join(wanted.choices)}")
    elif wanted is INSTANT and instant_of(value) is None:
        yield _fault(path, "must be a time with its offset, such as 2026-01-31T09:30:00-05:00")


_KNOWN_AS = {
    "$id": "every component has an id of its own",
    "$ref": "a reference names the $id of a component",
    "lastUpdateTimeStamp": "say when it was last changed",
    "updatedByAgencyReference": "say which agency changed it last",
}


def _fault(path: Path, detail: str) -> Fault:
    return {"pointer": pointer_of(path), "detail": detail}
