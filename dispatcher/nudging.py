"""Bursts of nudges: while keys are held one comes after the other; only the first and the last are recorded.

Kept in memory alone: a nudge is worth nothing a second later.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from contracts.message import Message
from contracts.tasks import NUDGE_HOLDS_S, Nudge
from kestrel.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleeting:
    """An order that is sent once, and lost when the link is."""

    dock_id: str
    message: Message
    order_id: UUID
    sequence: int


@dataclass(slots=True, kw_only=True)
class Burst:
    """From the first nudge on; the times are on the monotonic wall clock."""

    flight_id: UUID
    order_id: UUID
    """Of the first: the command that is recorded."""
    actor: str
    began_s: float
    last_s: float
    last: Nudge
    sequence: int
    count: int = 1


class Bursts:
    """One per flight."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._bursts: dict[UUID, Burst] = {}

    def begin(self, flight_id: UUID, order_id: UUID, actor: str, nudge: Nudge, sequence: int) -> Burst:
        """The first one."""
        now_s = self._clock.wall_s()
        burst = Burst(
            flight_id=flight_id,
            order_id=order_id,
            actor=actor,
            began_s=now_s,
            last_s=now_s,
            last=nudge,
            sequence=sequence,
        )
        self._bursts[flight_id] = burst
        return burst

    def lasting(self, flight_id: UUID, actor: str) -> Burst | None:
        """The burst that another nudge of the same person belongs to."""
        burst = self._bursts.get(flight_id)
        return burst if burst is not None and burst.actor == actor and not self._over(burst) else None

    def go_on(self, burst: Burst, nudge: Nudge, sequence: int) -> None:
        """One more."""
        burst.last_s, burst.last, burst.sequence = self._clock.wall_s(), nudge, sequence
        burst.count += 1

    def take(self, flight_id: UUID) -> Burst | None:
        """The flight's burst, which is over with that."""
        return self._bursts.pop(flight_id, None)

    def over(self) -> list[UUID]:
        """Flights whose keys have been let go."""
        return [flight_id for flight_id, burst in self._bursts.items() if self._over(burst)]

    def _over(self, burst: Burst) -> bool:
        return self._clock.wall_s() - burst.last_s > NUDGE_HOLDS_S
