"""Where this force's next call may come, from its own record, and what each dock is worth for it.

Every incident on record is a call that came somewhere; what is expected of the next ones is their density
(`dispatcher.decision.reserve`). Too few of them say nothing, and nothing is held back for them.

Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from contracts.reports import DockStatus
from contracts.vocabulary import DockState, Phase
from dispatcher.decision.assignment import Weighing
from dispatcher.decision.reserve import AWAY_S, WORST_S, CallDensity, Floats, density_of, lateness_s, losses_while_away
from dispatcher.entities import DockView, Flight, Incident, IncidentStatus
from geo.flight.position import LatLon, LocalPlane, distance_m

START_S = 30.0
"""From an order until it is on its way, of any dock: what differs between docks is the way."""
CHARGING_S = AWAY_S / 2
"""From a flight's end until the next order: half of what a drone is away for, as the reserve has it."""
LATEST = 5_000
"""Calls that are looked at, the newest."""
LEAST_SPAN_S = 86_400.0
"""A first day's calls do not yet say how often calls come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Calls that came: where, and over how long."""

    places: tuple[LatLon, ...]
    span_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NextCalls:
    """Where calls come, around an origin."""

    plane: LocalPlane
    density: CallDensity


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A dock, and when its drone can be ordered."""

    dock_id: str
    lat_deg: float
    lon_deg: float
    cruise_m_s: float
    ready_in_s: float = 0.0
    """Mission seconds; infinite where nobody knows."""


def past_of(incidents: Iterable[Incident]) -> Past:
    """The calls on record; what turned out to be part of another call came once."""
    known = sorted(
        (each for each in incidents if each.status is not IncidentStatus.MERGED),
        key=lambda each: (each.received_at, each.id.int),
    )[-LATEST:]
    span_s = (known[-1].received_at - known[0].received_at).total_seconds() if known else 0.0
    return Past(places=tuple((each.place.lat_deg, each.place.lon_deg) for each in known), span_s=span_s)


def next_calls(past: Past, *, least: int) -> NextCalls | None:
    """Their density; None for fewer than ``least`` calls."""
    if len(past.places) < max(1, least):
        return None
    plane = LocalPlane(*past.places[-1])
    local = np.array([plane.to_local(*place) for place in past.places])
    rate = len(past.places) / max(past.span_s, LEAST_SPAN_S)
    return NextCalls(plane=plane, density=density_of(east_m=local[:, 0], north_m=local[:, 1], calls_per_s=rate))


def late_s(ahead: NextCalls, docks: Sequence[Standing]) -> float:
    """Where lateness begins for these docks, at the load that the record shows."""
    return lateness_s(times_s=_times_s(ahead, docks), density=ahead.density) if docks else WORST_S


def reserve_of(ahead: NextCalls, docks: Sequence[Standing], *, weighing: Weighing) -> dict[str, float]:
    """By dock that can be ordered now, what the next calls lose while its drone is away, in seconds of weight 1.

    On average over the time that it is away: the drone of another that is on its way home, or at its charger, is back
    for most of it, and the one that goes is missed so much the less.
    """
    if not docks:
        return {}
    lost = losses_while_away(
        times_s=_times_s(ahead, docks),
        ready_in_s=np.array([dock.ready_in_s for dock in docks]),
        share=ahead.density.share,
        cost=weighing.waiting_cost,
    )
    kept = weighing.reserve_cost(lost, calls=ahead.density.calls_per_s * AWAY_S)
    return {dock.dock_id: float(cost) for dock, cost in zip(docks, kept, strict=True) if dock.ready_in_s <= 0}


def ready_in_s(
    view: DockView,
    status: DockStatus | None,
    flight: Flight | None,
    *,
    at: LatLon | None = None,
    cruise_m_s: float = math.inf,
) -> float:
    """Mission seconds until a dock's drone can be ordered, as far as anybody knows; infinite where nobody does.

    ``flight`` is the one that it is out for. Who is on the way to a scene, or watches, may do so for any time. One on
    its way home has left what lies between its box and where it is, ``at``, at ``cruise_m_s``; the whole way where that
    is not known, or it comes down elsewhere. How fast a dock charges is nobody's promise: `CHARGING_S` from the reserve
    to full, in proportion.
    """
    if status is None or view.silent or view.holds:
        return math.inf
    if flight is not None:
        if flight.phase not in (Phase.RETURNING, Phase.LANDING):
            return math.inf
        left_s = flight.promise.time_to_scene_s
        if at is not None and flight.diverted_to is None:
            left_s = min(left_s, distance_m(*at, view.dock.lat_deg, view.dock.lon_deg) / cruise_m_s)
        return left_s + CHARGING_S
    if status.state is DockState.READY:
        return 0.0
    if status.state not in (DockState.CHARGING, DockState.RECOVERING) or status.battery_percent is None:
        return math.inf
    least, reserve = view.dock.limits.min_launch_battery_percent, view.dock.limits.reserve_percent
    wanted = max(0.0, least - status.battery_percent) / max(1.0, 100.0 - reserve)
    # Not before its dock says so, however full it is.
    return max(1.0, wanted * CHARGING_S)


def _times_s(ahead: NextCalls, docks: Sequence[Standing]) -> Floats:
    """Seconds from order to scene, of each dock to each place of the density (places, docks)."""
    local = np.array([ahead.plane.to_local(dock.lat_deg, dock.lon_deg) for dock in docks])
    speed = np.array([dock.cruise_m_s for dock in docks])
    away_m = np.hypot(
        ahead.density.east_m[:, None] - local[None, :, 0], ahead.density.north_m[:, None] - local[None, :, 1]
    )
    return np.asarray(np.minimum(START_S + away_m / speed[None, :], WORST_S))
