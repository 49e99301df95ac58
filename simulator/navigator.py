"""Which way to fly in each mode: PX4's navigator, from mode and position to a demand on the body."""

from __future__ import annotations

import math
from collections.abc import Callable

from simulator import guidance
from simulator.body import BodyState, Demand
from simulator.guidance import Orbit
from simulator.homeward import Homeward, Leg
from simulator.localframe import LocalFrame
from simulator.missionrun import MissionRun, Stage
from simulator.modes import LandedState, Mode
from simulator.parameters import Limits, Parameters
from simulator.plan import Cmd, PlanItem

_IDLE = Demand(down_m_s=0.3)
"""Motors on, standing."""


class Navigator:
    """Holds the mode and what belongs to it. ``home`` is north and east in the frame; its height is the ground's."""

    def __init__(
        self,
        *,
        frame: LocalFrame,
        parameters: Parameters,
        say: Callable[[int, str], None],
        execute: Callable[[PlanItem], None],
        mission_left: Callable[[], None],
        camera_level: Callable[[], None],
    ) -> None:
        self._parameters = parameters
        self._say = say
        self._execute = execute
        self._mission_left = mission_left
        self._camera_level = camera_level
        self._level_at: int | None = None
        """The mission's landing item for which the camera was levelled."""
        self.mode = Mode.HOLD
        self.mission = MissionRun(frame=frame, command=self._mission_command)
        self.home = (0.0, 0.0)
        self.orbit: Orbit | None = None
        self.roi: tuple[float, float, float] | None = None
        self.wanted_mode: Mode | None = None
        """A mode that a mission item or the end of something asks for; the vehicle changes to it in the same tick."""
        self._place: tuple[float, float, float] | None = None
        self._goto_speed_m_s: float | None = None
        self._yaw_rad = math.nan
        self._takeoff_down_m: float | None = None
        self._wished_down_m = math.nan
        self._homeward: Homeward | None = None

    def enter(self, mode: Mode, state: BodyState) -> None:
        """Change the mode, from where the aircraft is."""
        flew_mission = self.on_mission and self.mission.started and not state.on_ground
        previous, self.mode = self.mode, mode
        self._level_at = None
        if flew_mission and mode not in (Mode.MISSION, Mode.RETURN):
            self._mission_left()
        self._place = None
        self._goto_speed_m_s = None
        self._yaw_rad = math.nan
        self._homeward = None
        self._takeoff_down_m = None
        self._wished_down_m = math.nan
        if mode is not Mode.ORBIT:
            self.orbit = None
        if mode is Mode.MISSION:
            self._say(6, "Executing Mission\t")
            speed = None if self.mission.finished else self.mission.plan.speed_before(self.mission.current)
            if speed is not None:
                self._execute(speed)
            self.mission.activate(state)
            if self.mission.has_to_climb(state, self._parameters["NAV_MC_ALT_RAD"]) and self.mission.item is not None:
                above_home_m = -self.mission.target_of(self.mission.item)[2]
                self._say(6, f"Climb to {above_home_m:.1f} meters above home\t")
        elif mode is Mode.RETURN and not state.on_ground:
            self._camera_level()
            self._turn_home(state, from_mission=previous is Mode.MISSION)

    def _turn_home(self, state: BodyState, *, from_mission: bool) -> None:
        """RTL_TYPE 2 with a landing in the mission flies on along it, from the nearest item if it was not on it."""
        amsl_m = self.mission.home_alt_amsl_m - state.down_m
        self._say(6, f"RTL: start return at {amsl_m:.0f} m ({-state.down_m:.0f} m above destination)\t")
        plan = self.mission.plan
        if int(self._parameters["RTL_TYPE"]) == 2 and plan.land_start is not None:
            nearest = plan.closest_place(self.mission.frame, state.north_m, state.east_m)
            index = plan.next_place(self.mission.current) if from_mission else nearest
            if index is not None:
                self.mission.current = index
                self.mission.finished = False
                self.mission.activate(state, skip_waits=True)
                return
        self._homeward = Homeward(state=state, home=self.home, parameters=self._parameters, say=self._say)

    def goto(
        self, place: tuple[float, float, float], yaw_rad: float, speed_m_s: float | None, state: BodyState
    ) -> None:
        """Hold somewhere else (PX4's reposition)."""
        self.enter(Mode.HOLD, state)
        self._place = place
        self._goto_speed_m_s = speed_m_s
        self._yaw_rad = yaw_rad

    def take_off_to(self, down_m: float) -> None:
        """How high the take-off that has begun goes; NaN, or lower than MIS_TAKEOFF_ALT: to that."""
        self._wished_down_m = down_m

    def circle(self, orbit: Orbit, state: BodyState) -> None:
        """Orbit a point."""
        self.enter(Mode.ORBIT, state)
        self.orbit = orbit

    def set_speed(self, speed_m_s: float) -> None:
        """DO_CHANGE_SPEED from the ground, for what is being flown now."""
        if self.mode is Mode.MISSION:
            self.mission.speed_m_s = speed_m_s
        else:
            self._goto_speed_m_s = speed_m_s

    def _mission_command(self, item: PlanItem) -> None:
        if item.command == Cmd.RETURN:
            self.wanted_mode = Mode.RETURN
        else:
            self._execute(item)

    @property
    def going_straight_home(self) -> bool:
        """Whether a return is flown that is not the mission's own way home."""
        return self.mode is Mode.RETURN and self._homeward is not None

    @property
    def on_mission(self) -> bool:
        """Whether the mission's items are being flown, as the mission or as the way home."""
        return self.mode is Mode.MISSION or (self.mode is Mode.RETURN and self._homeward is None)

    def _roi_yaw(self, state: BodyState) -> float:
        if self.roi is None:
            return math.nan
        return math.atan2(self.roi[1] - state.east_m, self.roi[0] - state.north_m)

    def step(self, state: BodyState, limits: Limits, sim_s: float, *, thrust: bool) -> Demand:
        """What to ask of the body; ``thrust`` False: motors idle (still spinning up)."""
        if not thrust:
            return _IDLE
        if self.mode is Mode.MISSION:
            demand = self.mission.step(state, limits, sim_s, self._roi_yaw(state))
            self._level_for_landing()
            if self.mission.finished and self.wanted_mode is None and self.mission.stage is Stage.DONE:
                if not state.on_ground:
                    self._say(6, "Mission finished, loitering\t")
                self.wanted_mode = Mode.HOLD
            return demand
        if self.mode is Mode.RETURN:
            return self._return(state, limits, sim_s)
        if self.mode is Mode.TAKEOFF:
            return self._take_off(state, limits)
        if self.mode is Mode.LAND:
            if self._place is None:
                self._place = guidance.stopping_point(state, limits.accel)
            return _IDLE if state.on_ground else guidance.sink(state, self._place[:2], limits)
        if state.on_ground:
            return _IDLE
        if self.mode is Mode.ORBIT and self.orbit is not None:
            return guidance.circle(state, self.orbit, limits)
        if self._place is None:
            self._place = guidance.stopping_point(state, limits.accel)
        yaw = self._roi_yaw(state) if math.isnan(self._yaw_rad) else self._yaw_rad
        speed = min(self._goto_speed_m_s or limits.cruise, limits.xy_max)
        return guidance.fly_to(state, guidance.Target(*self._place), limits, speed, yaw)

    def _level_for_landing(self) -> None:
        """Once, when the mission comes to its landing."""
        item = self.mission.item
        if item is not None and item.command == Cmd.LAND and self._level_at != self.mission.current:
            self._level_at = self.mission.current
            self._camera_level()

    def _return(self, state: BodyState, limits: Limits, sim_s: float) -> Demand:
        if state.on_ground:
            return _IDLE
        if self._homeward is not None:
            return self._homeward.step(state, limits)
        demand = self.mission.step(state, limits, sim_s)
        self._level_for_landing()
        if self.mission.finished:  # a mission without a landing after its DO_LAND_START
            self._homeward = Homeward(state=state, home=self.home, parameters=self._parameters, say=self._say)
        return demand

    def _take_off(self, state: BodyState, limits: Limits) -> Demand:
        if self._takeoff_down_m is None or self._place is None:
            height = self._parameters["MIS_TAKEOFF_ALT"]
            lowest = state.down_m - height
            self._takeoff_down_m = self._wished_down_m
            if not self._wished_down_m <= lowest + 0.1:  # too low, or none was wished for
                self._say(6, f"Using default takeoff altitude: {height:.1f} m\t")
                self._takeoff_down_m = lowest
            self._place = (state.north_m, state.east_m, state.down_m)
        if state.down_m - self._takeoff_down_m <= limits.accept_alt_m:
            self.wanted_mode = Mode.HOLD
        return guidance.climb(state, self._place[:2], self._takeoff_down_m, limits)

    def heading_for(self, state: BodyState) -> tuple[float, float, float]:
        """The place (north, east, down) being flown to; where the aircraft is when there is none."""
        item = self.mission.item
        if self.on_mission and item is not None and item.is_place:
            return self.mission.target_of(item)
        if self._homeward is not None:
            return (*self.home, self._homeward.down_m)
        if self._takeoff_down_m is not None:
            return state.north_m, state.east_m, self._takeoff_down_m
        return self._place or (state.north_m, state.east_m, state.down_m)

    def airborne_state(self) -> LandedState:
        """What EXTENDED_SYS_STATE says of an aircraft in the air in this mode."""
        if self.mode is Mode.TAKEOFF:
            return LandedState.TAKEOFF
        if self.mode is Mode.LAND or (self._homeward is not None and self._homeward.leg is Leg.LAND):
            return LandedState.LANDING
        item = self.mission.item
        if self.on_mission and item is not None and not self.mission.finished:
            if item.command == Cmd.TAKEOFF or (self.mission.stage is Stage.CLIMB and self.mission.from_ground):
                return LandedState.TAKEOFF
            if item.command == Cmd.LAND and self.mission.stage is Stage.LAND:
                return LandedState.LANDING
        return LandedState.IN_AIR
