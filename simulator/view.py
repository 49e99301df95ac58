"""Where the aircraft looks: gimbal and nose, turned by commands, by the mission, and by PX4 when a mission ends."""

from __future__ import annotations

from collections.abc import Callable

from simulator.gimbal import Gimbal
from simulator.navigator import Navigator
from simulator.passing import Passing
from simulator.plan import Cmd, PlanItem


class View:
    """``clock`` is simulation time. The navigator is given with `steer`, for it calls back here."""

    def __init__(self, *, gimbal: Gimbal, passing: Passing, clock: Callable[[], float]) -> None:
        self._gimbal = gimbal
        self._passing = passing
        self._clock = clock
        self._navigator: Navigator | None = None

    def steer(self, navigator: Navigator) -> None:
        """Whose nose turns."""
        self._navigator = navigator

    def look_at(self, north_m: float, east_m: float, down_m: float) -> None:
        """Turn gimbal and heading to a point."""
        self._turn((north_m, east_m, down_m))

    def look_ahead(self) -> None:
        """No point to look at any more."""
        self._turn(None)

    def _turn(self, point: tuple[float, float, float] | None) -> None:
        if self._navigator is not None:
            self._navigator.roi = point
        self._gimbal.region = point

    def execute_item(self, item: PlanItem) -> None:
        """A mission item that is no place: it is passed on to the other components, and turns what it turns here."""
        self._passing.command(item.command, (*item.params, item.lat_deg, item.lon_deg, item.z), self._clock())
        if item.command in (Cmd.ROI_LOCATION, Cmd.ROI) and self._navigator is not None:
            self.look_at(*self._navigator.mission.target_of(item))
        elif item.command == Cmd.ROI_NONE:
            self.look_ahead()
        elif item.command == Cmd.GIMBAL_PITCHYAW:
            self._gimbal.point(pitch_deg=item.params[0], yaw_deg=item.params[1], lock=False)

    def mission_left(self) -> None:
        """PX4 ends a mission that it leaves in the air: no more pictures, the camera forwards, its gimbal let go."""
        self._passing.stop_camera(self._clock())
        self.level()

    def level(self) -> None:
        """The gimbal to its neutral attitude, and out of everybody's control."""
        self._passing.neutral_gimbal(self._clock())
        self._gimbal.point(pitch_deg=0.0, yaw_deg=0.0, lock=False)
        self._gimbal.take_control(0, 0)
