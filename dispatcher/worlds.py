"""Worlds for the decision, made ready off the event loop: a press never waits for zones to be prepared.

What is in force now and what will be in a minute are kept ready. When zones, docks or the time have just changed, the
desk gets a world that is not ready: it knows all zones, and lets fly only where none of them can be in the way.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime

from dispatcher.decision.facts import Policy
from dispatcher.decision.world import NO_AIRSPACE, SPAN, Airspace, Ground, Sites, World, WorldKey, world_key
from dispatcher.entities import State
from dispatcher.events import AirspaceLoaded, AirspaceWithdrawn, DockRegistered, DockWithdrawn, ZoneDrawn
from dispatcher.record import Recorded

KEPT = 4
"""Worlds: of this span, of the next one, and what was asked for in between."""
_CHANGES = (DockRegistered, DockWithdrawn, AirspaceLoaded, ZoneDrawn, AirspaceWithdrawn)
LOOK_AGAIN_S = 20.0
"""Mission seconds, at most: well within a span."""


def airspace_of(state: State, ground: Ground | None) -> Airspace:
    """All that is loaded."""
    known = state.airspace
    if known.revision == 0:
        return NO_AIRSPACE if ground is None else Airspace(ground=ground)
    return Airspace(zones=known.zones, revision=known.revision, digest=known.digest, ground=ground)


class Worlds:
    """See the module."""

    def __init__(self, *, policy: Policy, ground: Ground | None = None) -> None:
        self._policy = policy
        self._ground = ground
        self._ready: OrderedDict[WorldKey, World] = OrderedDict()
        self._missed = asyncio.Event()
        self._sites: Sites | None = None

    def world(self, state: State, mission_time: datetime) -> World:
        """The world for a decision on the fleet at this time, ready or not."""
        airspace = airspace_of(state, self._ground)
        sites = self._sites = self._sites or sites_of(state)
        key = world_key(airspace, sites=sites, policy=self._policy, mission_time=mission_time)
        known = self._ready.get(key)
        if known is not None and known.airspace.revision == airspace.revision:
            return known
        if known is not None:
            return self._keep(known.of_revision(airspace))
        world = World(airspace, key, ready=False)
        if world.plain:
            return self._keep(World(airspace, key))
        self._missed.set()
        return world

    def appended(self, recorded: Sequence[Recorded]) -> None:
        """A listener of the desk: what has changed is made ready at once, before anybody asks."""
        if any(isinstance(entry.event, _CHANGES) for entry in recorded):
            self._sites = None
            self._missed.set()

    async def prepare(self, state: State, mission_time: datetime) -> None:
        """Make ready what is in force now, and what will be in a minute."""
        # A loaded document's zones are made when they are first asked for: here, and not on the loop.
        airspace = await asyncio.to_thread(airspace_of, state, self._ground)
        sites = sites_of(state)
        for moment in (mission_time, mission_time + SPAN):
            key = world_key(airspace, sites=sites, policy=self._policy, mission_time=moment)
            if key not in self._ready:
                self._keep(await asyncio.to_thread(World, airspace, key))

    async def wait_missed(self, *, at_most_wall_s: float) -> None:
        """Wait until somebody has asked for a world that was not ready, but no longer than so many wall seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most_wall_s):
                await self._missed.wait()
        self._missed.clear()

    def _keep(self, world: World) -> World:
        self._ready[world.key] = world
        self._ready.move_to_end(world.key)
        while len(self._ready) > KEPT:
            self._ready.popitem(last=False)
        return world


def sites_of(state: State) -> Sites:
    """Where docks stand, in the order of their ids."""
    views = sorted(state.docks.values(), key=lambda view: view.dock.id)
    return tuple((view.dock.lat_deg, view.dock.lon_deg) for view in views)
