"""What is claimed of a relay, checked on the flown tracks alone: who was over the scene when, and who came near whom.

Independent of the product's geometry: distances are taken on a sphere, with nothing imported from `geo`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import combinations, groupby

from tests.virtual.drone import Sample

EARTH_M = 6_371_008.8
IN_VIEW_M = 60.0
"""A camera that hangs nearer than this to the scene, over ground, has it in view."""
UP_M = 25.0
"""But not from beside its box: who takes off or lands at the scene watches nothing yet."""


def ground_m(lat_1: float, lon_1: float, lat_2: float, lon_2: float) -> float:
    """Over ground on the mean sphere; good to half a percent."""
    north_m = math.radians(lat_2 - lat_1) * EARTH_M
    east_m = math.radians(lon_2 - lon_1) * EARTH_M * math.cos(math.radians((lat_1 + lat_2) / 2))
    return math.hypot(north_m, east_m)


def seconds_watched(track: Iterable[Sample], scene: tuple[float, float]) -> list[float]:
    """The seconds at which at least one drone in the air had the scene in view."""
    seen = {
        sample.t_s
        for sample in track
        if sample.height_m >= UP_M and ground_m(sample.lat_deg, sample.lon_deg, *scene) <= IN_VIEW_M
    }
    return sorted(seen)


def blind_s(track: Iterable[Sample], scene: tuple[float, float], *, since_s: float, until_s: float) -> list[float]:
    """The seconds of a period at which nobody had the scene in view."""
    track = list(track)
    watched = set(seconds_watched(track, scene))
    return sorted({sample.t_s for sample in track if since_s <= sample.t_s <= until_s} - watched)


def nearest(track: Sequence[Sample]) -> list[tuple[float, float, float]]:
    """For every moment with two drones in the air: mission seconds, metres over ground, metres of height."""
    found = []
    for t_s, group in groupby(sorted(track, key=lambda sample: sample.t_s), key=lambda sample: sample.t_s):
        flying = [sample for sample in group if sample.in_air]
        for one, other in combinations(flying, 2):
            apart_m = ground_m(one.lat_deg, one.lon_deg, other.lat_deg, other.lon_deg)
            found.append((t_s, apart_m, abs(one.alt_amsl_m - other.alt_amsl_m)))
    return found


def too_near(track: Sequence[Sample]) -> list[tuple[float, float, float]]:
    """Moments at which two were nearer than 30 m over ground and 15 m in height at once."""
    return [moment for moment in nearest(track) if moment[1] < 30.0 and moment[2] < 15.0]
