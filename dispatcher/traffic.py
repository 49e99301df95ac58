"""Crewed traffic as it was last heard: one picture, replaced whole, never in the journal at its full rate.

What is not heard may be there all the same. So there are two states, current and unknown, and never a clear sky: a feed
that stands still, or that was never heard, makes the traffic unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dispatcher.decision.facts import CrewedFacts, TrafficFacts
from dispatcher.feeds.readsb import Sighting, Sightings
from geo.flight.position import LatLon, distance_m
from kestrel.clock import Clock

STALE_S = 10.0
"""Wall seconds without a new picture; readsb makes one each second."""
SKEW_S = 10.0
"""Between the receiver's clock and ours: a first picture that is further off may be of last year, and must move on
before it is believed."""
KEPT_WITHIN_M = 50_000.0
"""Of a dock: what flies further away is not kept."""
NEAR_M = 20_000.0
"""Of a dock or a scene: what a decision is told of."""
MOST_IN_A_DECISION = 30


class TrafficState(StrEnum):
    """Never that it is clear."""

    CURRENT = "current"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Heard:
    """A sighting, and when the picture that it is in came, on the monotonic wall clock."""

    sighting: Sighting
    at_wall_s: float

    def age_s(self, wall_s: float) -> float:
        """Of its position."""
        return self.sighting.position_age_s + max(0.0, wall_s - self.at_wall_s)


class TrafficSource(Protocol):
    """The picture, as the live hub, the API and the desk see it."""

    @property
    def changes(self) -> int: ...
    @property
    def configured(self) -> bool: ...
    def state(self) -> TrafficState: ...
    def age_s(self) -> float | None: ...
    def aircraft(self) -> Sequence[Heard]: ...
    def facts(self, places: Iterable[LatLon]) -> TrafficFacts | None: ...


class NoTraffic:
    """Where there is no receiver: unknown."""

    changes = 0
    configured = False

    def state(self) -> TrafficState:
        return TrafficState.UNKNOWN

    def age_s(self) -> float | None:
        return None

    def aircraft(self) -> Sequence[Heard]:
        return ()

    def facts(self, places: Iterable[LatLon]) -> TrafficFacts | None:
        return None


class TrafficPicture:
    """The last picture of a receiver; ``around`` are the places near which aircraft are kept."""

    configured = True

    def __init__(self, *, clock: Clock, around: Sequence[LatLon]) -> None:
        self._clock = clock
        self._around = tuple(around)
        self._heard: tuple[Heard, ...] = ()
        self._at_wall_s: float | None = None
        self._receiver_s: float | None = None
        self.changes = 0

    def put(self, sightings: Sightings) -> bool:
        """A picture has come; False when it is not newer than the last, or cannot be told to be of now."""
        before, self._receiver_s = self._receiver_s, sightings.now_unix_s
        off_s = abs(self._clock.wall_now().timestamp() - sightings.now_unix_s)
        moved = before is not None and sightings.now_unix_s > before
        if not moved and (before is not None or off_s > SKEW_S):
            return False
        now_s = self._clock.wall_s()
        self._at_wall_s = now_s
        self._heard = tuple(Heard(each, now_s) for each in sightings.aircraft if self._kept(each))
        self.changes += 1
        return True

    def state(self) -> TrafficState:
        """Whether what is here is of now."""
        age_s = self.age_s()
        return TrafficState.CURRENT if age_s is not None and age_s <= STALE_S else TrafficState.UNKNOWN

    def age_s(self) -> float | None:
        """Wall seconds since the last new picture; None: there was none."""
        return None if self._at_wall_s is None else max(0.0, self._clock.wall_s() - self._at_wall_s)

    def aircraft(self) -> Sequence[Heard]:
        """Those of the last picture."""
        return self._heard

    def facts(self, places: Iterable[LatLon]) -> TrafficFacts | None:
        """What a decision is told: those in the air near any of these places, the nearest first."""
        wall_s, spots = self._clock.wall_s(), list(places)
        near: list[tuple[float, CrewedFacts]] = []
        if self.state() is TrafficState.CURRENT:
            for heard in self._heard:
                sighting = heard.sighting
                if sighting.on_ground:
                    continue
                away_m = min((distance_m(*spot, sighting.lat_deg, sighting.lon_deg) for spot in spots), default=0.0)
                if away_m <= NEAR_M:
                    near.append((away_m, _facts(sighting, heard.age_s(wall_s))))
        near.sort(key=lambda each: (each[0], each[1].aircraft))
        return TrafficFacts(age_s=self.age_s(), aircraft=tuple(facts for _, facts in near[:MOST_IN_A_DECISION]))

    def _kept(self, sighting: Sighting) -> bool:
        place = (sighting.lat_deg, sighting.lon_deg)
        # A degree of latitude is 111 km: most of the world is told apart without measuring.
        return any(
            abs(place[0] - spot[0]) * 110_000 <= KEPT_WITHIN_M and distance_m(*spot, *place) <= KEPT_WITHIN_M
            for spot in self._around
        )


def _facts(sighting: Sighting, age_s: float) -> CrewedFacts:
    # One whose speed is not told may be as fast as a helicopter is, on any course.
    unknown = sighting.ground_speed_m_s is None
    return CrewedFacts(
        aircraft=sighting.callsign or sighting.address,
        lat_deg=sighting.lat_deg,
        lon_deg=sighting.lon_deg,
        alt_amsl_m=None if sighting.alt_amsl_m is None else round(sighting.alt_amsl_m, 1),
        alt_error_m=sighting.alt_error_m,
        ground_speed_m_s=70.0 if unknown else round(sighting.ground_speed_m_s or 0.0, 1),
        track_deg=None if unknown else sighting.track_deg,
        climb_m_s=round(sighting.climb_m_s, 2),
        age_s=round(age_s, 1),
    )
