"""The ground killed while a drone is on scene: it is in its box afterwards, by the way that was cleared for it."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

from contracts.vocabulary import Phase
from geo.flight.corridor import Corridor
from geo.flight.position import LatLon, LocalPlane, distance_m, offset
from tests.flight.rig import HOME, Rig
from tests.flight.wire import Flown

CORNER = offset(*HOME, bearing_deg=0.0, distance_m=150.0)
"""The way out and home goes round here; straight to the scene would cross the zone."""
SCENE = offset(*CORNER, bearing_deg=90.0, distance_m=150.0)
ZONE = (*offset(*HOME, bearing_deg=45.0, distance_m=106.0), 45.0)
"""A round no-fly zone, radius in metres, over the middle of the straight way."""
HOME_S = 240.0


async def test_with_agent_broker_and_dispatcher_gone_it_is_in_its_box_and_has_crossed_no_zone(rig: Rig) -> None:
    assert _metres_into_zone([HOME, SCENE]) > 40.0, "straight home would cross it"
    async with rig.running() as desk, rig.hardware() as box:
        await desk.ready(within_s=90.0)
        away_m = distance_m(*HOME, *SCENE)
        await desk.order(distance_m=away_m, bearing_deg=45.0, watch_s=3000.0, alt_m=30.0, via=(CORNER,))
        await desk.phase(Phase.ON_SCENE, within_s=120.0)
        desk.silent = True
        await rig.kill("agent")
        await rig.kill("broker")
        left = len(rig.wire.flown)
        deadline = time.monotonic() + HOME_S
        while not (box.reading().alive and box.reading().seated and _on_the_ground(rig.wire.flown[left:])):
            assert time.monotonic() < deadline, f"not home: last {rig.wire.flown[-1]}"
            await asyncio.sleep(0.5)

        way = [(point.lat_deg, point.lon_deg) for point in rig.wire.flown if point.alt_above_home_m > 2.0]
        assert _metres_into_zone(way) == 0.0
        corridor = Corridor(path=(HOME, CORNER, SCENE))
        assert max(corridor.distance_m(*place) for place in way) < 25.0
        end = rig.wire.flown[-1]
        assert distance_m(*HOME, end.lat_deg, end.lon_deg) < 2.0


def _on_the_ground(flown: list[Flown]) -> bool:
    """Low and not moving; what an autopilot takes for its height drifts by a metre in a flight."""
    heights_m = [point.alt_above_home_m for point in flown[-20:]]
    return len(heights_m) == 20 and max(heights_m) < 1.5 and max(heights_m) - min(heights_m) < 0.2


def _metres_into_zone(way: list[LatLon]) -> float:
    """How far a way reaches into the zone at its worst; measured along every straight stretch of it."""
    lat, lon, radius_m = ZONE
    plane = LocalPlane(lat, lon)
    points = [plane.to_local(*place) for place in way]
    nearest_m = min(_origin_to_stretch_m(start, end) for start, end in pairwise(points))
    return max(0.0, radius_m - nearest_m)


def _origin_to_stretch_m(start: tuple[float, float], end: tuple[float, float]) -> float:
    (ax, ay), (bx, by) = start, end
    dx, dy = bx - ax, by - ay
    length2 = dx * dx + dy * dy
    share = 0.0 if length2 == 0 else max(0.0, min(1.0, -(ax * dx + ay * dy) / length2))
    return float(((ax + share * dx) ** 2 + (ay + share * dy) ** 2) ** 0.5)
