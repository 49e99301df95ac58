"""What the ground has put on board: mission, fence and rally points, as stored and as sent back."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from enum import IntEnum

from simulator.localframe import LocalFrame


class PlanType(IntEnum):
    """MAV_MISSION_TYPE."""

    MISSION = 0
    FENCE = 1
    RALLY = 2


class Cmd(IntEnum):
    """The MAV_CMDs that a plan may hold."""

    WAYPOINT = 16
    LOITER_UNLIMITED = 17
    LOITER_TIME = 19
    RETURN = 20
    LAND = 21
    TAKEOFF = 22
    DELAY = 93
    JUMP = 177
    CHANGE_SPEED = 178
    LAND_START = 189
    ROI_LOCATION = 195
    ROI_NONE = 197
    ROI = 201
    MOUNT_CONFIGURE = 204
    MOUNT_CONTROL = 205
    CAMERA_TRIGGER_DISTANCE = 206
    GIMBAL_PITCHYAW = 1000
    GIMBAL_CONFIGURE = 1001
    IMAGE_START = 2000
    IMAGE_STOP = 2001
    VIDEO_START = 2500
    VIDEO_STOP = 2501
    CAMERA_MODE = 530
    CAMERA_ZOOM = 531
    CAMERA_FOCUS = 532
    FENCE_RETURN_POINT = 5000
    FENCE_INCLUSION = 5001
    FENCE_EXCLUSION = 5002
    FENCE_CIRCLE_INCLUSION = 5003
    FENCE_CIRCLE_EXCLUSION = 5004
    RALLY_POINT = 5100


PLACES = frozenset({Cmd.WAYPOINT, Cmd.LOITER_UNLIMITED, Cmd.LOITER_TIME, Cmd.LAND, Cmd.TAKEOFF})
"""Items that the aircraft flies to."""
_FENCE = frozenset(c for c in Cmd if 5000 <= c < 5100)
_ALLOWED = {
    PlanType.MISSION: frozenset(Cmd) - _FENCE - {Cmd.RALLY_POINT},
    PlanType.FENCE: _FENCE,
    PlanType.RALLY: frozenset({Cmd.RALLY_POINT}),
}
CAPACITY = 2000
"""Items of one plan, far above what PX4's SITL stores."""

FRAME_GLOBAL, FRAME_MISSION, FRAME_RELATIVE, FRAME_GLOBAL_INT, FRAME_RELATIVE_INT = 0, 2, 3, 5, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    """One item as PX4 keeps it; ``x`` and ``y`` are degrees times 1e7 where the item has a place."""

    command: int
    frame: int
    params: tuple[float, float, float, float]
    x: int
    y: int
    z: float
    autocontinue: int = 1

    @property
    def lat_deg(self) -> float:
        """Latitude of an item with a place."""
        return self.x * 1e-7

    @property
    def lon_deg(self) -> float:
        """Longitude of an item with a place."""
        return self.y * 1e-7

    @property
    def is_place(self) -> bool:
        """Whether the aircraft flies to it."""
        return self.command in PLACES

    def alt_amsl_m(self, home_alt_amsl_m: float) -> float:
        """Altitude of the item; frames 3 and 6 count from home."""
        return self.z + home_alt_amsl_m if self.frame in (FRAME_RELATIVE, FRAME_RELATIVE_INT) else self.z


class Refusal(IntEnum):
    """MAV_MISSION_RESULT values for items that PX4 does not take."""

    UNSUPPORTED_FRAME = 2
    UNSUPPORTED = 3
    NO_SPACE = 4
    INVALID = 5
    INVALID_SEQUENCE = 13
    CANCELLED = 15


def stored(item: PlanItem, plan_type: PlanType) -> PlanItem | Refusal:
    """The item as PX4 keeps it and sends it back, or why it does not take it.

    Relative positions come back in frame 6, a fence's in frame 5; a loiter's missing heading comes back as 0.
    """
    if item.command not in _ALLOWED[plan_type]:
        return Refusal.UNSUPPORTED
    frame = item.frame
    if plan_type is PlanType.FENCE and frame in (FRAME_GLOBAL, FRAME_GLOBAL_INT):
        frame = FRAME_GLOBAL_INT
    elif frame in (FRAME_RELATIVE, FRAME_RELATIVE_INT):
        frame = FRAME_RELATIVE_INT
    elif frame in (FRAME_GLOBAL, FRAME_GLOBAL_INT):
        frame = FRAME_GLOBAL_INT
    elif frame != FRAME_MISSION or item.is_place:
        return Refusal.UNSUPPORTED_FRAME
    params = item.params
    if item.command == Cmd.LOITER_TIME and math.isnan(params[3]):
        params = (*params[:3], 0.0)
    return PlanItem(
        command=item.command, frame=frame, params=params, x=item.x, y=item.y, z=item.z, autocontinue=item.autocontinue
    )


class Plan:
    """One stored plan, replaced as a whole."""

    __slots__ = ("checksum", "items")

    def __init__(self, items: tuple[PlanItem, ...] = ()) -> None:
        self.items = items
        self.checksum = zlib.crc32(repr(items).encode()) if items else 0

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> PlanItem:
        return self.items[index]

    def next_place(self, start: int) -> int | None:
        """Index of the first item with a place at or after ``start``."""
        return next((i for i in range(max(start, 0), len(self.items)) if self.items[i].is_place), None)

    @property
    def land_start(self) -> int | None:
        """Index of DO_LAND_START."""
        return next((i for i, item in enumerate(self.items) if item.command == Cmd.LAND_START), None)

    def closest_place(self, frame: LocalFrame, north_m: float, east_m: float) -> int | None:
        """Index of the item with a place nearest to this point."""
        best, best_m = None, math.inf
        for index, item in enumerate(self.items):
            if item.is_place:
                north, east = frame.to_local(item.lat_deg, item.lon_deg)
                distance = math.hypot(north - north_m, east - east_m)
                if distance < best_m:
                    best, best_m = index, distance
        return best

    def speed_before(self, index: int) -> PlanItem | None:
        """The last item before ``index`` that sets a speed; PX4 replays it when a mission starts in its middle."""
        speeds = (i for i in reversed(self.items[:index]) if i.command == Cmd.CHANGE_SPEED and i.params[1] > 0)
        return next(speeds, None)
