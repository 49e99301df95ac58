"""Random cases of routing by number, each with its answer held against the exact optimum."""

from __future__ import annotations

import numpy as np

from geo.flight.energy import climb_stretch
from geo.flight.position import LocalPlane
from geo.flight.wind import Wind
from geo.routing.prepared import Prepared
from geo.routing.route import NoWay, Route, find_route
from geo.routing.terrain import Heights
from tests.unit.geo.aircraft import HOME, PATROL
from tests.unit.geo.routing.optimum import optimum_s
from tests.unit.geo.routing.worlds import random_zones

MARGIN_M = 20.0
FLAT = Heights(levels_m=(60.0,), watch_m=60.0)
THREE = Heights(levels_m=(40.0, 60.0, 90.0), watch_m=60.0)
_PLANE = LocalPlane(*HOME)


def compared(seed: int) -> float | None:
    """Time of a random case's route over the exact optimum's, beyond the climb that both share; None: no way."""
    rng = np.random.default_rng(seed)
    heights = THREE if seed % 2 else FLAT
    zones = random_zones(rng, _PLANE, count=9, size_m=2600, largest_m=420, with_heights=bool(seed % 2))
    prepared = Prepared(zones, around=HOME, margin_m=MARGIN_M)
    home, target = _PLANE.to_position(*rng.uniform(-1500, 1500, 2)), _PLANE.to_position(*rng.uniform(-1500, 1500, 2))
    wind = Wind(speed_m_s=float(rng.uniform(0, 12)), from_deg=float(rng.uniform(0, 360)))
    route = find_route(prepared=prepared, home=home, target=target, heights=heights, performance=PATROL, wind=wind)
    if isinstance(route, Route) and route.narrowed:
        return None
    start, goal = (
        (float(east), float(north)) for east, north in (prepared.frame.to_local(*place) for place in (home, target))
    )
    best_s = optimum_s(
        areas=[each.area for each in prepared.keep_outs],
        obstacles=zones,
        start=start,
        target=goal,
        levels_m=heights.levels_m,
        watch_m=heights.watch_m,
        vertical_margin_m=heights.vertical_margin_m,
        performance=PATROL,
        wind=wind,
    )
    if isinstance(route, NoWay) or best_s is None:
        near = [*prepared.touching([start]), *prepared.touching([goal])]
        assert near or (isinstance(route, NoWay) and best_s is None), f"case {seed}: {route}, optimum {best_s}"
        return None
    climb_s = climb_stretch(performance=PATROL, rise_m=min(heights.levels_m)).seconds
    return (route.moving_s - climb_s) / (best_s - climb_s)
