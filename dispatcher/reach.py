"""Which docks can reach a place at all: the spatial index in front of the decision.

Built from coverage in still air with a full battery, off the event loop, whenever a dock joins, leaves or changes. That
is the most that a dock can ever do but for a few metres (a wind costs more on one way than it gives on the other), and
the slack covers these: whoever stands outside is out of range, and is told so without an estimate of its own. Until the
index is built, and while it is being built anew, every dock is estimated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dispatcher.decision.facts import Policy, performance_from_fleet
from dispatcher.entities import State
from dispatcher.events import DockRegistered, DockWithdrawn
from dispatcher.record import Recorded
from geo.site import CoverageSite, CoverageTerms

if TYPE_CHECKING:
    from geo.coverage import CoverageIndex

SLACK_M = 300.0
"""More than what wind, and the straight edges between a polygon's bearings, can add to a reach."""


class Reach:
    """The index of the present fleet."""

    def __init__(self, *, policy: Policy) -> None:
        self._policy = policy
        self._index: CoverageIndex | None = None
        self._fleet_changed = asyncio.Event()
        self._fleet_changed.set()

    def candidates(self, lat_deg: float, lon_deg: float) -> tuple[str, ...] | None:
        """Docks that may reach the place, by id; None while there is no index of the present fleet."""
        if self._index is None:
            return None
        return self._index.candidates(lat_deg, lon_deg, slack_m=SLACK_M)

    def appended(self, recorded: Sequence[Recorded]) -> None:
        """A listener of the desk: a change of the fleet makes the index void at once."""
        if any(isinstance(entry.event, DockRegistered | DockWithdrawn) for entry in recorded):
            self._index = None
            self._fleet_changed.set()

    async def keep(self, state: State) -> None:
        """Build the index of this state's fleet, unless the fleet has changed again meanwhile."""
        self._fleet_changed.clear()
        index = await asyncio.to_thread(_built, state, self._policy)
        if not self._fleet_changed.is_set():
            self._index = index

    async def wait_changed(self) -> None:
        """Wait until the index is void."""
        await self._fleet_changed.wait()


def _built(state: State, policy: Policy) -> CoverageIndex | None:
    # Imported here, on the worker's thread: geopandas takes longer to load than everything else that a start needs.
    from geo.coverage import CoverageIndex, coverage_frame

    sites = [
        CoverageSite(
            dock_id=view.dock.id,
            lat_deg=view.dock.lat_deg,
            lon_deg=view.dock.lon_deg,
            performance=performance_from_fleet(aircraft_type=view.aircraft_type, limits=view.dock.limits),
            max_range_m=view.dock.limits.max_range_m,
        )
        for view in state.docks.values()
    ]
    if not sites:
        return None
    terms = CoverageTerms(
        transit_alt_m=policy.transit_alt_m,
        scene_alt_m=policy.scene_alt_m,
        standoff_m=policy.standoff_m,
        min_watch_s=policy.min_watch_s,
        reserve_percent=policy.reserve_percent,
    )
    return CoverageIndex(coverage_frame(sites, terms=terms, seconds=()))
