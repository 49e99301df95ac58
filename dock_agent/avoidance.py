"""What is flown by itself when a crewed aircraft converges, from the first warning until the air has been clear.

The order's policy says what: descend, hold or return. It is flown without waiting for anybody. Once the air is clear
again nothing is resumed by itself: it holds where it is, and what comes next is for the pilot to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.vocabulary import Avoidance, Traffic
from dock_agent.crewed_traffic import CLEAR_FACTOR, Encounter, conflicts, receiver_works
from dock_agent.flight import POSITION_OLD_S, since
from dock_agent.readings import AircraftReading

CLEAR_FOR_S = 10.0
"""Mission seconds without any conflict, in the larger volume, after which the air counts as clear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Airspace:
    """The crewed traffic around ours as of the last look."""

    nearest: Encounter | None = None
    """The conflict that comes first; kept until the air has been clear for a while."""
    conflict_at: datetime | None = None
    """When there was last a conflict, while the avoidance stands."""
    traffic: Traffic = Traffic.UNKNOWN

    def after(self, *, own: AircraftReading, now: datetime, factor: float = 1.0) -> Airspace:
        """The picture after a look; ``now`` is mission time."""
        # Someone already in conflict is out of it only beyond the larger volume.
        grown = CLEAR_FACTOR if self.conflict_at is not None else 1.0
        found: Sequence[Encounter] = conflicts(own=own, others=own.crewed, factor=factor, grown=grown)
        if found:
            return Airspace(nearest=found[0], conflict_at=now, traffic=Traffic.CONVERGING)
        if self.conflict_at is not None and since(self.conflict_at, now) < CLEAR_FOR_S:
            return Airspace(nearest=self.nearest, conflict_at=self.conflict_at, traffic=Traffic.CONVERGING)
        # Without a place of our own nobody is near and nobody is far.
        placed = own.position is not None and own.position_age_s <= POSITION_OLD_S
        return Airspace(traffic=Traffic.CLEAR if placed and receiver_works(own) else Traffic.UNKNOWN)

    def avoid(self, policy: Avoidance) -> Avoidance | None:
        """What is to be flown; None when nothing converges."""
        return None if self.conflict_at is None else policy

    @property
    def words(self) -> str:
        """The warning, for the alarm: who, from where, how high, how soon."""
        near = self.nearest
        if near is None:
            return ""
        name = near.aircraft.callsign or f"{near.aircraft.icao:06X}"
        over = f"{abs(near.above_m):.0f} m {'above' if near.above_m >= 0 else 'below'}"
        when = f"in {near.in_s:.0f} s" if near.in_s >= 1 else "now"
        return (
            f"{name} converges from {near.bearing_deg:03.0f}°, {near.distance_m:.0f} m away, {over} ours: "
            f"within {near.closest_m:.0f} m, near {when}"
        )
