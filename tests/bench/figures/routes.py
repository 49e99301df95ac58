"""Routes through five hundred zones: how long one takes to find, and how far the answers are from the exact optimum.

The first is of one area with everything that costs: zones around and above one another, wind, three heights, scenes up
to 8 km away. Its rival is what one would write first: for every route the corners of all zones near it, and which of
them see each other by one bulk question to shapely, then Dijkstra. The second is of a thousand small worlds, each
solved by brute force as well.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.flight.position import LatLon, LocalPlane
from geo.flight.wind import Wind
from geo.routing.prepared import Prepared
from geo.routing.route import NoWay, Route, find_route
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.rounds import percentile
from tests.unit.geo.aircraft import HOME, PATROL
from tests.unit.geo.routing.cases import THREE, compared
from tests.unit.geo.routing.optimum import optimum_s
from tests.unit.geo.routing.worlds import random_zones

ZONES = 500
AREA_M = 20_000.0
LARGEST_ZONE_M = 300.0
FURTHEST_M = 8_000.0
MARGIN_M = 20.0
ROUTES = 1_000
RIVAL_ROUTES = 10
RIVAL_SIDEWAYS_M = 600.0
CASES = 1_000


@dataclass(frozen=True, slots=True)
class _Asked:
    home: LatLon
    target: LatLon
    wind: Wind


async def _measure_time(_folder: Path, say: Say) -> Measured:
    rng, plane = np.random.default_rng(500), LocalPlane(*HOME)
    zones = random_zones(rng, plane, count=ZONES, size_m=AREA_M, largest_m=LARGEST_ZONE_M, with_heights=True)
    began_s = time.process_time()
    prepared = Prepared(zones, around=HOME, margin_m=MARGIN_M)
    say(f"{ZONES} zones prepared in {time.process_time() - began_s:.2f} s of processor time")
    asked = [_any(rng, plane) for _ in range(ROUTES)]
    ours, found = [], 0
    for each in asked:
        began_s = time.process_time()
        found += isinstance(_route(prepared, each), Route)
        ours.append((time.process_time() - began_s) * 1e3)
        await asyncio.sleep(0)
    if found < 0.8 * ROUTES:
        raise MeasurementFailed(f"only {found} of {ROUTES} have a way")
    say(f"{found} of {ROUTES} have a way; median {percentile(ours, 50):.2f} ms, worst {max(ours):.1f} ms")
    rival = []
    for each in asked[:RIVAL_ROUTES]:
        began_s = time.process_time()
        _plainly(prepared, each)
        rival.append((time.process_time() - began_s) * 1e3)
        await asyncio.sleep(0)
    return Measured(ours=(percentile(ours, 99),), rival=(percentile(rival, 99),))


def _any(rng: np.random.Generator, plane: LocalPlane) -> _Asked:
    east, north = rng.uniform(-0.35 * AREA_M, 0.35 * AREA_M, 2)
    way_m, angle = rng.uniform(300.0, FURTHEST_M), rng.uniform(0, 2 * math.pi)
    return _Asked(
        plane.to_position(east, north),
        plane.to_position(east + way_m * math.sin(angle), north + way_m * math.cos(angle)),
        Wind(speed_m_s=float(rng.uniform(0, 12)), from_deg=float(rng.uniform(0, 360))),
    )


def _route(prepared: Prepared, asked: _Asked) -> Route | NoWay:
    return find_route(
        prepared=prepared, home=asked.home, target=asked.target, heights=THREE, performance=PATROL, wind=asked.wind
    )


def _plainly(prepared: Prepared, asked: _Asked) -> float | None:
    start, target = ((float(e), float(n)) for e, n in (prepared.frame.to_local(*p) for p in (asked.home, asked.target)))
    near = _near(prepared, start, target)
    return optimum_s(
        areas=[prepared.keep_outs[i].area for i in near],
        obstacles=[prepared.obstacles[i] for i in near],
        start=start,
        target=target,
        levels_m=THREE.levels_m,
        watch_m=THREE.watch_m,
        vertical_margin_m=THREE.vertical_margin_m,
        performance=PATROL,
        wind=asked.wind,
    )


def _near(prepared: Prepared, start: tuple[float, float], target: tuple[float, float]) -> Sequence[int]:
    """Zones in a strip around the straight line: the rival is spared the rest, and may miss a wider way round."""
    (ax, ay), (bx, by) = start, target
    long_m = math.dist(start, target)
    east, north = (by - ay) / long_m * RIVAL_SIDEWAYS_M, (ax - bx) / long_m * RIVAL_SIDEWAYS_M
    sides = ([(ax + s * east, ay + s * north), (bx + s * east, by + s * north)] for s in (-1, -0.5, 0, 0.5, 1))
    return sorted({zone for side in sides for zone in prepared.touching(side)})


async def _measure_optimum(_folder: Path, say: Say) -> Measured:
    ratios = []
    for case in range(CASES):
        ratio = compared(case)
        if ratio is not None:
            ratios.append(ratio)
        if case % 100 == 99:
            say(f"{case + 1} of {CASES}: {len(ratios)} have a way, worst {max(ratios):.5f}")
        await asyncio.sleep(0)
    if len(ratios) < 0.5 * CASES:
        raise MeasurementFailed(f"only {len(ratios)} of {CASES} have a way")
    return Measured(ours=(max(ratios),), rival=(1.0,))


TIME = Figure(
    name="route_500_zones_p99",
    unit="ms",
    about=f"processor time of a route through {ZONES} zones at three heights in wind, p99 of {ROUTES}; "
    f"rival: a plain visibility graph of the zones near the straight line, worst of {RIVAL_ROUTES}",
    measure=_measure_time,
)
OPTIMUM = Figure(
    name="route_over_optimum",
    unit="times",
    about=f"time of a route over the exact optimum's, the worst of {CASES} random worlds; rival: the optimum",
    measure=_measure_optimum,
)
