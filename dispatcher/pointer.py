"""JSON pointers (RFC 6901): how every fault in a document is located."""

from __future__ import annotations

from collections.abc import Iterable

MAX_FAULTS = 50
"""More faults at a time than this help nobody."""


def pointer_of(path: Iterable[str | int]) -> str:
    """The pointer to a place in a document; "" is the whole document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
