"""Who an aircraft is on the wire."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """``name`` is the scenario's; ``uid`` is the airframe's own number, 8 to 18 bytes."""

    name: str
    system_id: int
    uid: bytes
