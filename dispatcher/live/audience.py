"""Who is watching: one seat per connection, and the delivery of one frame per tick to each that can take it.

Nothing is awaited on anybody's account: an outlet takes a frame now or not at all, and who did not gets the latest
values at a later tick. So a slow viewer costs the others nothing, and a quick one costs one write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dispatcher.live.outlet import Frame, Outlet
from dispatcher.live.protocol import CloseCode
from dispatcher.live.sight import Sight

HEARTBEAT_S = 2.0
"""Wall seconds after which a viewer that was sent nothing hears that we are here."""
PATIENCE_S = 10.0
"""Wall seconds for which a viewer may take nothing."""
SEATS_AT_ONCE = 256
"""Seats that are served before the loop may do something else."""


class Programme(Protocol):
    """What there is to see."""

    @property
    def seq(self) -> int:
        """Of the last change."""

    def since(self, sight: Sight, seq: int) -> Frame | None:
        """What changed after ``seq``; None: nothing that is seen."""

    def tick_frame(self) -> Frame:
        """That we are here."""


@dataclass(slots=True, eq=False, kw_only=True)
class Seat:
    """One viewer: what it has seen, when it last took something, and whether it was given up."""

    sight: Sight
    outlet: Outlet
    seq: int
    patience_s: float
    took_at_s: float
    refused_since_s: float | None = None
    given_up: asyncio.Event = field(default_factory=asyncio.Event)
    ending: tuple[CloseCode, str] | None = None
    """With what it is given up; None: it does not take its frames."""

    def end(self, code: CloseCode, reason: str) -> None:
        """Its connection is to be closed, now."""
        self.ending = (code, reason)
        self.given_up.set()


@dataclass(slots=True)
class Counts:
    """For the metrics."""

    frames: int = 0
    characters: int = 0
    too_slow: int = 0


class Audience:
    """All seats."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._seats: dict[Seat, None] = {}

    def __len__(self) -> int:
        return len(self._seats)

    def sit(self, seat: Seat) -> None:
        """From now on it is served."""
        self._seats[seat] = None

    def leave(self, seat: Seat) -> None:
        """It is not served any more."""
        self._seats.pop(seat, None)

    def end(self, leaves: Callable[[Sight], tuple[CloseCode, str] | None]) -> None:
        """Whoever has to leave is shown nothing more, and told why."""
        for seat in list(self._seats):
            ending = leaves(seat.sight)
            if ending is not None:
                self.leave(seat)
                seat.end(*ending)

    async def serve(self, programme: Programme, now_s: Callable[[], float]) -> None:
        """Offer each seat what it has not seen yet: at most one frame."""
        seats = list(self._seats)
        for start in range(0, len(seats), SEATS_AT_ONCE):
            if start:
                await asyncio.sleep(0)
            # Who has left meanwhile is not served.
            self._serve(
                [seat for seat in seats[start : start + SEATS_AT_ONCE] if seat in self._seats], programme, now_s()
            )

    def _serve(self, seats: Sequence[Seat], programme: Programme, now_s: float) -> None:
        # This runs for every viewer at every tick: most stand at the same place, whose frame is looked up once.
        sight, seq, frame = None, -1, None
        for seat in seats:
            if seat.seq != seq or seat.sight is not sight:
                sight, seq = seat.sight, seat.seq
                frame = programme.since(sight, seq)
            if frame is None:
                self._tell_that_we_are_here(seat, programme, now_s)
            elif seat.outlet.offer(frame):
                seat.seq = frame.seq
                self._took(seat, frame, now_s)
            else:
                self._refused(seat, now_s)

    def _tell_that_we_are_here(self, seat: Seat, programme: Programme, now_s: float) -> None:
        # Changes that are not seen from here count as seen.
        seat.seq = programme.seq
        if now_s - seat.took_at_s < HEARTBEAT_S:
            return
        frame = programme.tick_frame()
        if seat.outlet.offer(frame):
            self._took(seat, frame, now_s)
        else:
            self._refused(seat, now_s)

    def _took(self, seat: Seat, frame: Frame, now_s: float) -> None:
        seat.took_at_s = now_s
        seat.refused_since_s = None
        self.counts.frames += 1
        self.counts.characters += len(frame.text)

    def _refused(self, seat: Seat, now_s: float) -> None:
        if seat.refused_since_s is None:
            seat.refused_since_s = now_s
        elif now_s - seat.refused_since_s > seat.patience_s:
            self.counts.too_slow += 1
            seat.given_up.set()
            self.leave(seat)
