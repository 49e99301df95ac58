"""The geofence on board: which points are inside."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulator.localframe import LocalFrame
from simulator.plan import Cmd, Plan


@dataclass(frozen=True, slots=True)
class _Polygon:
    corners: tuple[tuple[float, float], ...]
    inclusion: bool

    def contains(self, north_m: float, east_m: float) -> bool:
        """Even-odd rule (Shimrat, Algorithm 112, CACM 1962)."""
        inside = False
        previous_n, previous_e = self.corners[-1]
        for n, e in self.corners:
            if (e > east_m) != (previous_e > east_m) and north_m < (previous_n - n) * (east_m - e) / (
                previous_e - e
            ) + n:
                inside = not inside
            previous_n, previous_e = n, e
        return inside


@dataclass(frozen=True, slots=True)
class _Circle:
    north_m: float
    east_m: float
    radius_m: float
    inclusion: bool

    def contains(self, north_m: float, east_m: float) -> bool:
        return math.hypot(north_m - self.north_m, east_m - self.east_m) <= self.radius_m


class Fence:
    """Inclusion and exclusion areas in the local frame, and PX4's cylinder around home."""

    def __init__(self, plan: Plan, frame: LocalFrame) -> None:
        self._areas: list[_Polygon | _Circle] = []
        index = 0
        while index < len(plan):
            item = plan[index]
            place = frame.to_local(item.lat_deg, item.lon_deg)
            if item.command in (Cmd.FENCE_CIRCLE_INCLUSION, Cmd.FENCE_CIRCLE_EXCLUSION):
                inclusion = item.command == Cmd.FENCE_CIRCLE_INCLUSION
                self._areas.append(_Circle(*place, radius_m=item.params[0], inclusion=inclusion))
            elif item.command in (Cmd.FENCE_INCLUSION, Cmd.FENCE_EXCLUSION):
                count = max(1, int(item.params[0]))
                corners = tuple(frame.to_local(c.lat_deg, c.lon_deg) for c in plan.items[index : index + count])
                if len(corners) >= 3:
                    self._areas.append(_Polygon(corners, item.command == Cmd.FENCE_INCLUSION))
                index += count
                continue
            index += 1

    def allows(self, north_m: float, east_m: float) -> bool:
        """Inside any inclusion area (if there are some) and outside every exclusion area."""
        included: bool | None = None
        for area in self._areas:
            if area.inclusion:
                included = bool(included) or area.contains(north_m, east_m)
            elif area.contains(north_m, east_m):
                return False
        return included is not False


def beyond_cylinder(*, home_distance_m: float, height_m: float, max_distance_m: float, max_height_m: float) -> bool:
    """Whether PX4's GF_MAX_HOR_DIST and GF_MAX_VER_DIST (0: off) are exceeded."""
    return 0 < max_distance_m < home_distance_m or 0 < max_height_m < height_m
