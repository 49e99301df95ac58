"""The zones and the ground that a decision is made in, ready for ways from any dock of a fleet.

A world is a value: made once for a fleet, the zones in force and a span of time, off the event loop, and shared by all
decisions of that span. The same zones, docks, policy and mission time make the same world, so a decision that is
derived again from the record meets what it met the first time.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
import shapely

from dispatcher.decision.facts import AirspaceFacts, DockFacts, Policy
from geo.airspace.keepouts import FURTHEST_M, KeepOuts, called, forbidding
from geo.airspace.zone import Zone
from geo.flight.position import LatLon, distance_m
from geo.routing.prepared import Prepared
from geo.routing.terrain import Terrain

AREA_M = 25_000.0
"""Docks so near to one another's first share a prepared area; the rest of it is how far a flight may go from them."""
SPAN = timedelta(seconds=60)
"""Worlds are made for spans of this length: zones that change with the time are looked at once for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """An elevation model: heights AMSL, and the SHA-256 of the file that they come from."""

    terrain_amsl: Terrain
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Airspace:
    """All zones that are loaded, whether they apply or not."""

    zones: tuple[Zone, ...] = ()
    revision: int = 0
    digest: str = ""
    ground: Ground | None = None

    def facts(self, *, ready: bool) -> AirspaceFacts | None:
        """What the record says of it; None where there is nothing to say."""
        if not self.zones and self.revision == 0 and self.ground is None:
            return None
        terrain = None if self.ground is None else self.ground.digest
        return AirspaceFacts(revision=self.revision, digest=self.digest, ready=ready, terrain=terrain)


NO_AIRSPACE = Airspace()
"""Nothing is loaded, and the ground is flat."""

Sites = tuple[tuple[float, float], ...]
"""Latitudes and longitudes of docks, in the order of their ids."""


@dataclass(frozen=True, slots=True)
class WorldKey:
    """What a world is made of; worlds of equal keys are equal."""

    digest: str
    terrain: str | None
    in_force: tuple[int, ...]
    """Indices of the zones that keep flights out at some time of the span."""
    sites: Sites
    margin_m: float
    ground_within_m: float


def span_of(mission_time: datetime, policy: Policy) -> tuple[datetime, datetime]:
    """Beginning and end of the time whose zones count for a decision now: its `SPAN`, and the policy's time ahead."""
    since = datetime.fromtimestamp(mission_time.timestamp() // SPAN.total_seconds() * SPAN.total_seconds(), UTC)
    return since, since + SPAN + timedelta(seconds=policy.zones_ahead_s)


def world_key(airspace: Airspace, *, sites: Sites, policy: Policy, mission_time: datetime) -> WorldKey:
    """What the world of a decision at this time is made of."""
    since, until = span_of(mission_time, policy)
    return WorldKey(
        digest=airspace.digest,
        terrain=None if airspace.ground is None else airspace.ground.digest,
        in_force=forbidding(airspace.zones, restrictions=frozenset(policy.keep_out), since=since, until=until),
        sites=sites,
        margin_m=policy.zone_margin_m,
        ground_within_m=policy.ground_within_m,
    )


def sites_of(docks: Iterable[DockFacts]) -> Sites:
    """Where docks stand, in the order of their ids."""
    return tuple((dock.lat_deg, dock.lon_deg) for dock in sorted(docks, key=lambda dock: dock.dock_id))


NOWHERE = WorldKey(digest="", terrain=None, in_force=(), sites=(), margin_m=30.0, ground_within_m=0.0)


class World:
    """Zones and ground. One that is not ready yet knows which zones are in force, and no way around them."""

    def __init__(self, airspace: Airspace, key: WorldKey | None = None, *, ready: bool = True) -> None:
        self.airspace = airspace
        self.key = key = key or NOWHERE
        self.ready = ready
        self._zones = tuple(airspace.zones[index] for index in key.in_force)
        self._areas: tuple[KeepOuts, ...] = ()
        if ready and (self._zones or airspace.ground is not None):
            self._areas = tuple(self._made(around) for around in centres(key.sites))

    def of_revision(self, airspace: Airspace) -> World:
        """The same world after zones came and went again: equal keys, another revision."""
        same = copy.copy(self)
        same.airspace = airspace
        return same

    @property
    def plain(self) -> bool:
        """True where no zone is in force and the ground is flat: every way is straight."""
        return not self._zones and self.airspace.ground is None

    @property
    def facts(self) -> AirspaceFacts | None:
        """What the record says of it."""
        return self.airspace.facts(ready=self.ready)

    def seen_from(self, place: LatLon, plate_amsl_m: float) -> Prepared | None:
        """The area around a place, heights above a landing plate; None: nothing is kept out of there."""
        if not self._areas:
            return None
        area = self._areas[0]
        if len(self._areas) > 1:
            area = min(self._areas, key=lambda each: distance_m(*place, each.around[0], each.around[1]))
        return area.seen_from(plate_amsl_m)

    @property
    def areas(self) -> tuple[KeepOuts, ...]:
        """The prepared areas; none where nothing is kept out of, or while they are being made."""
        return self._areas

    def perhaps_touched(self, start: LatLon, end: LatLon) -> tuple[str, ...]:
        """Zones whose rectangle in degrees comes near that of a straight way: never fewer than it touches."""
        if not self._zones:
            return ()
        grown_deg = 2.0 * (self.key.margin_m + 50.0) / 110_500.0
        south, north = min(start[0], end[0]) - grown_deg, max(start[0], end[0]) + grown_deg
        wide_deg = grown_deg / max(0.001, float(np.cos(np.radians(min(89.9, max(abs(south), abs(north)))))))
        west, east = min(start[1], end[1]) - wide_deg, max(start[1], end[1]) + wide_deg
        bounds, names = self._boxes
        near = (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
        if east - west < 180.0:  # else it goes over the antimeridian: any longitude counts
            near &= (bounds[:, 0] <= east) & (bounds[:, 2] >= west)
        return tuple(sorted({names[index] for index in np.flatnonzero(near).tolist()}))

    @cached_property
    def _boxes(self) -> tuple[np.ndarray, list[str]]:
        volumes = [(called(zone), volume.area) for zone in self._zones for volume in zone.volumes]
        return shapely.bounds(np.array([area for _, area in volumes], dtype=object)), [name for name, _ in volumes]

    def _made(self, around: LatLon) -> KeepOuts:
        ground = self.airspace.ground
        return KeepOuts(
            self._zones,
            around=around,
            reach_m=FURTHEST_M,
            margin_m=self.key.margin_m,
            terrain_amsl=None if ground is None else ground.terrain_amsl,
            ground_within_m=self.key.ground_within_m,
        )


def centres(sites: Sequence[LatLon]) -> list[LatLon]:
    """The middles of the areas that hold these sites: every site lies within `AREA_M` of one."""
    found: list[LatLon] = []
    for site in sites:
        if all(distance_m(*site, *other) > AREA_M for other in found):
            found.append(site)
    return found


def world_of(
    airspace: Airspace, *, docks: Iterable[DockFacts], policy: Policy, mission_time: datetime, ready: bool = True
) -> World:
    """The world that a decision is made in, made here and now."""
    key = world_key(airspace, sites=sites_of(docks), policy=policy, mission_time=mission_time)
    return World(airspace, key, ready=ready)
